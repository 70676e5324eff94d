"""Brainlike: deep networks as models of the brain, hands-on.

The helper package of the course-book. `datasets` makes or fetches stimuli and recordings,
`networks` trains the few architectures, `plots` draws in the house style and `claims` checks
what a chapter asserts.
"""

__version__ = "0.1.0"

"""The classroom: assignments derived from masters, and their grading.

Run from the repository root, ``python -m classroom.assign`` or through `make`; not installed.
"""

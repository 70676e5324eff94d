"""Runs that the pages cite and do not show: the same experiment over seeds.

Each module is one study: ``COLUMNS``, ``SEEDS`` and ``rows()``, which yields one row after the
other. ``make studies NAME=fixed_k`` runs it and writes ``studies/fixed_k.csv``.
"""

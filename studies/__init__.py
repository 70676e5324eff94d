"""Runs that the pages cite and do not show: the same experiment over seeds.

Each module is one study: ``COLUMNS``, ``SEEDS`` and ``rows()``, which yields one row after the
other. ``make studies NAME=diets`` runs it and writes its table, ``studies/diets.csv``.
"""

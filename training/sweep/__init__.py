"""Sweeps: many short trainings of one entry, to choose the numbers of its recipe.

`recipes/sweeps/<entry>.toml` says what is varied (plan.py). Trials are drawn and kept by Optuna in
an SQLite file (study.py), each is an ordinary training that writes no entry (run.py), and only
validation is looked at. The winner's numbers become the recipe (winner.py).
"""

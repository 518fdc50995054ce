"""Regulator-gene pairs: tasks and requests."""

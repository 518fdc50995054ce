"""Predictions that others made: read from a file, checked, and scored. None of their code runs."""

"""Cells of several species, their counts made vectors."""

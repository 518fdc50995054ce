"""Entries that make vectors of cells: human and mouse, from raw counts."""

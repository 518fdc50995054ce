"""Cells of several species: training of what makes vectors of them, and its evaluation."""

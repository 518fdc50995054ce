"""Matrices of cells and genes as people have them, in memory or in files of any size."""

"""Entries for sets of perturbed genes."""

"""Perturbation sets on the way to an entry."""

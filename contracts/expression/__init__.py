"""Perturbations to expression: what changes in a cell whose genes are perturbed."""

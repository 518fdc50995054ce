"""Perturbations to expression: questions about entries, and how those are fitted."""

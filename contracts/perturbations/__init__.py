"""Sets of perturbed genes: kinds, tasks, requests."""

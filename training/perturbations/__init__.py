"""Training, evaluation and cards of the entries that score sets of perturbed genes."""

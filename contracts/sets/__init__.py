"""Sets of perturbed genes: what is done to a gene, and what holds of the members of sets."""

"""Which regulators explain a list of genes."""

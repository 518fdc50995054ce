"""Sets of perturbed genes as people write them, read and located, whatever family answers."""

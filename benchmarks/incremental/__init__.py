"""A mutant encoded by correcting what is stored of the wildtype, layer by layer."""

"""Training of the toy family."""

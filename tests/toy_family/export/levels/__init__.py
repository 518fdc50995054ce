"""Export of the toy family."""

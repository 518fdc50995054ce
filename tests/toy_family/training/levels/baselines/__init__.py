"""The only baseline of the toy family is the mean."""

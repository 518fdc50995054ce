"""Training and evaluation of the entries for regulator-gene pairs."""

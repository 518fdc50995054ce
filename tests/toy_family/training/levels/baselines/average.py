"""Half of the first gene's level, less for the others: a guess that knows only the order."""

TITLE = "Order of the genes"

"""The species whose cells can be compared."""

SPECIES = ("human", "mouse")

"""The species whose cells can be compared."""

SPECIES = ("human", "mouse")

ENSEMBL = {"human": "ENS", "mouse": "ENSMUS"}
"""What Ensembl ids of a species' genes begin with, before the G."""

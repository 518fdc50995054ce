"""Changes of single genes, added up."""

from training.expression.fits.additive import fit

__all__ = ["TITLE", "fit"]

TITLE = "Additive model"

"""Changes of single genes, added up."""

from training.expression.fits.additive import fit
from training.expression.references import ADDITIVE as TITLE

__all__ = ["TITLE", "fit"]

"""Mean of the training changes."""

from training.expression.fits.mean import fit

__all__ = ["TITLE", "fit"]

TITLE = "Mean of the training changes"

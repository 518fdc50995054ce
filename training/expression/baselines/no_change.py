"""No change."""

from training.expression.fits.no_change import fit

__all__ = ["TITLE", "fit"]

TITLE = "No change"

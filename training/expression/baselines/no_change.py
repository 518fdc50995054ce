"""No change."""

from training.expression.fits.no_change import fit
from training.expression.references import NO_CHANGE as TITLE

__all__ = ["TITLE", "fit"]

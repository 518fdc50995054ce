"""Mouse embryonic stem cells, the smaller of GENELink's two splits."""

from training.data import mesc
from training.data.files import DataFiles
from training.data.pairs import PairData


def load(files: DataFiles) -> PairData:
    """Build the data set of the regulators and the 500 most variable genes."""
    return mesc.build(files, "mesc500", "tfs500", 500)

"""What the zoo must know of entries for cells; found by the name of this folder."""

from zoo.entry import OpenEntry, StateRules
from zoo.scorer import Offer, Scorer

OFFER = Offer(
    methods=("embed", "embed_into", "statistics", "coverage", "transfer_labels"),
    instead="It makes vectors of cells: type .embed(adata, species='human')",
    ways="zoo embed, .embed in Python, or POST /embed_cells",
    elsewhere={"vocabulary": "It has the genes of each species: type .vocabularies['human']"},
)


def scorer(opened: OpenEntry) -> Scorer:
    """What answers for an opened entry."""
    from zoo.cells.scorer import CellEmbedder

    return CellEmbedder(opened)


def rules() -> StateRules:
    """What entries keep beside their graphs."""
    from zoo.cells.state import RULES

    return RULES

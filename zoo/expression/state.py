"""What expression entries keep: control cells, how much of each gene was seen, what was measured.

The genes that may be perturbed and the readout genes have a vocabulary each. `control` is the mean
expression of unperturbed cells, of those in training or as the model estimates it. The sets that
were measured stand end to end, as positions among the perturbed genes, each with its measured
change and the standard error of that.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from contracts.genes.vocabulary import FILENAME, Vocabulary
from contracts.manifest import Manifest
from zoo.entry import Look, OpenEntry, StateRules

PERTURBED, READOUTS = "perturbed", "readouts"
FILES = {PERTURBED: FILENAME, READOUTS: "readouts.tsv.gz"}

CONTROL = "control"
GENE_CELLS = "gene_cells"
"""Cells of training in which each gene was perturbed, alone or with others."""
MEMBER, ORDER = "measured_member", "measured_order"
CHANGE, DEVIATION, CELLS = "measured_change", "measured_deviation", "measured_cells"


def _totals(perturbed: Vocabulary, readouts: Vocabulary) -> dict[str, int]:
    return {"genes_total": len(perturbed), "readouts": len(readouts)}


def _shapes(manifest: Manifest, there: Iterable[str]) -> dict[str, tuple[int, ...]]:
    sizes = manifest.sizes
    sets, readouts = sizes["measured_sets"], sizes["readouts"]
    return {
        CONTROL: (readouts,),
        GENE_CELLS: (sizes["genes_total"],),
        MEMBER: (sizes["measured_members"],),
        ORDER: (sets,),
        CELLS: (sets,),
        CHANGE: (sets, readouts),
        DEVIATION: (sets, readouts),
    }


def _looks(opened: OpenEntry, path: Path) -> Iterator[Look]:
    return iter(())


RULES = StateRules(_totals, _shapes, _looks, FILES)

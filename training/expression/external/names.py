"""How people name perturbations: KLF1+ctrl, ctrl+KLF1, KLF1_MAP2K6, MAP2K6+KLF1, KLF1+MAP2K6_2."""

import re

from contracts.genes.vocabulary import Vocabulary
from training.data.profiles import Members

CONTROLS = frozenset({"", "ctrl", "control", "non-targeting", "nt", "wildtype"})
"""What people write, in any case, for unperturbed cells, and in the place of a second gene."""
_PLUS = re.compile(r"[+|]")
_NUMBERED = re.compile(r"_\d+$")


def members(name: str, perturbed: Vocabulary) -> Members | None:
    """The genes of a perturbation by their positions; none for control, None for another name."""
    for text in (name, _NUMBERED.sub("", name)):
        for parts in (_PLUS.split(text), text.split("_")):
            genes = [part.strip() for part in parts if part.strip().lower() not in CONTROLS]
            found = perturbed.locate_genes(genes)
            if (found >= 0).all():
                return tuple(sorted({*found.tolist()}))
    return None

"""Which columns of a table are meant: tf and gene, or perturbation, in any case, or synonyms."""

from collections.abc import Iterable, Sequence

SYNONYMS = {"tf": ("tf", "regulator"), "gene": ("gene", "target")}
"""What a column may be called; `tf` and `gene` exactly so go before all others."""

SETS = ("perturbation", "perturbations", "genes")
"""What a column of sets may be called; `perturbation` exactly so goes before the others."""

# What programs write where there is no name.
NOTHING = frozenset({"", "nan", "na", "n/a", "none", "null", "<na>"})


class WrongColumns(Exception):
    """No column, or more than one, for a side; `reason` and `hint` are sentences to be told."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(f"{reason}. {hint}")
        self.reason = reason
        self.hint = hint


def is_name(value: str | None) -> bool:
    """Whether a cell has a name, and not what programs write where there is none."""
    return value is not None and value.strip().lower() not in NOTHING


def pair_names(found: Iterable[object]) -> tuple[str, str]:
    """The names of the column of regulators and of that of genes.

    Raises WrongColumns where one is lacking, or where two could be meant.
    """
    names = [name for name in found if isinstance(name, str)]
    if all(names.count(side) == 1 for side in SYNONYMS):
        return "tf", "gene"
    meant = {side: _meant(those, names) for side, those in SYNONYMS.items()}
    if lacking := [side for side, those in meant.items() if not those]:
        listed = ", ".join(map(repr, names)) or "none"
        meant = " and the one by ".join(map(repr, lacking))
        hint = f"Rename the one that is meant by {meant}, or add a first line with such names."
        raise WrongColumns(f"expected columns 'tf' and 'gene', found {listed}", hint)
    for side, those in meant.items():
        if len(those) > 1:
            listed = " and ".join(map(repr, those))
            hint = f"Rename the one that is meant to {side!r}, and the others to other words."
            raise WrongColumns(f"the columns {listed} could all be {side!r}", hint)
    return meant["tf"][0], meant["gene"][0]


def gene_name(found: Iterable[object]) -> str:
    """The name of the column of genes, for a table of genes; raises WrongColumns as above."""
    return _the_one("gene", SYNONYMS["gene"], found)


def perturbation_name(found: Iterable[object]) -> str:
    """The name of the column of perturbed sets; raises WrongColumns as above."""
    return _the_one("perturbation", SETS, found)


def _the_one(wanted: str, synonyms: Sequence[str], found: Iterable[object]) -> str:
    names = [name for name in found if isinstance(name, str)]
    if names.count(wanted) == 1:
        return wanted
    those = _meant(synonyms, names)
    if len(those) == 1:
        return those[0]
    listed = ", ".join(map(repr, names)) or "none"
    if those:
        reason = f"the columns {' and '.join(map(repr, those))} could all be {wanted!r}"
    else:
        reason = f"expected a column {wanted!r}, found {listed}"
    raise WrongColumns(reason, f"Rename the one that is meant to {wanted!r}.")


def _meant(synonyms: Sequence[str], names: Sequence[str]) -> list[str]:
    return [name for name in names if name.strip().lower() in synonyms]

"""All baselines of a split of perturbation records, fitted once in a process."""

import hashlib
from collections.abc import Iterable

from training.data.perturbations import PerturbationData
from training.perturbations import baselines
from training.perturbations.baselines import Context, Rung
from training.perturbations.split import SetSplit

_fitted: dict[tuple[str, str], Rung] = {}


def climb(
    data: PerturbationData, split: SetSplit, names: Iterable[str] | None = None
) -> dict[str, Rung]:
    """Fit every rung, or those of `names`.

    Raises InvalidOption for an unknown rung, StaleSplit for another table's split.
    """
    wanted = baselines.names() if names is None else names
    asked = {name: baselines.load(name) for name in wanted}
    context, key = Context(data, split), digest(split)
    for name, module in asked.items():
        if (key, name) not in _fitted:
            _fitted[key, name] = module.fit(context)
    return {name: _fitted[key, name] for name in asked}


def title(name: str) -> str:
    """What a table calls a rung."""
    return baselines.load(name).TITLE


def digest(split: SetSplit) -> str:
    """What tells one split from another: the records and the part of each."""
    return hashlib.sha256(split.records_digest.encode() + split.part.tobytes()).hexdigest()

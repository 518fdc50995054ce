"""All baselines of a split, fitted by the same data as the entry that they stand beside."""

import hashlib
from collections.abc import Iterable

from training.data.pairs import PairData
from training.pairs import baselines
from training.pairs.baselines import Context, Score
from training.pairs.split import Split

_fitted: dict[tuple[str, str, str | None], Score] = {}


def climb(
    data: PairData, split: Split, kind: str, names: Iterable[str] | None = None
) -> dict[str, Score]:
    """Fit every rung (or those of `names`) for training negatives of `kind`.

    A split's rungs are fitted once in a process, those that fit nothing once for both kinds.
    Raises InvalidOption for an unknown rung or kind, StaleSplit for another table's split.
    """
    baselines.check_kind(kind)
    context = Context.of(data, split)
    key_of_split = digest(split)
    rungs: dict[str, Score] = {}
    for name in baselines.names() if names is None else names:
        module = baselines.load(name)
        key = key_of_split, name, kind if module.KINDS else None
        if key not in _fitted:
            _fitted[key] = module.fit(context, kind)
        rungs[name] = _fitted[key]
    return rungs


def title(name: str) -> str:
    """What a table calls a rung."""
    return baselines.load(name).TITLE


def digest(split: Split) -> str:
    """What tells one split from another: the edge table and the part of every edge."""
    return hashlib.sha256(split.edges_digest.encode() + split.part.tobytes()).hexdigest()

"""Genes that training did not know: new tokens beside the old ones, and the cell encoded again."""

import difflib
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float32

from contracts.errors import ContractViolation, EmptyInput, Unsupported, Violation
from contracts.genes import GeneRecord, Vocabulary
from zoo.entry import OpenEntry, State
from zoo.runtime import Graph

Features = Float32[np.ndarray, "features"]

_LARGEST = float(np.finfo(np.float32).max)
_EXAMPLE = "{'XYZ1': {}}"


def carried(opened: OpenEntry, encode: Graph) -> State:
    """The cell as this encoder gives it, for all genes of the entry's state."""
    state = opened.state
    features = np.array(state["features"])
    token = state.get("token", np.arange(len(features)))
    return encode.run({"token": np.asarray(token), "features": features})


def with_added(opened: OpenEntry, head: Graph, genes: Any, names: Sequence[str]) -> OpenEntry:
    """The entry with further genes, the cell encoded again; the old one is left as it is.

    `head` is the graph whose sizes grow, `names` are those of the features. See
    PerturbationScorer.with_genes for what is raised.
    """
    if "encode" not in opened.graphs:
        instead = (
            "What it knows of the cell is inside its graph. Load an entry of "
            "`zoo search --task perturbation_encoded`."
        )
        raise Unsupported(opened.manifest.entry, "with_genes", instead)
    features = np.asarray(opened.state["features"])
    new = _checked(genes, opened.vocabulary, names, features.shape[1])
    vocabulary = opened.vocabulary.extended(GeneRecord(name) for name in new)
    known = vocabulary.gene_index(opened.vocabulary.genes)
    total = len(vocabulary)
    rows = np.zeros((total, features.shape[1]), np.float32)
    rows[known] = features
    rows[vocabulary.gene_index(new)] = np.stack(list(new.values()))
    token = np.full(total, opened.manifest.sizes["tokens_total"] - 1)
    token[known] = opened.state.get("token", np.arange(len(features)))
    records = np.zeros(total, np.int32)
    records[known] = opened.state["gene_records"]
    state = {**opened.state, "features": rows, "token": token, "gene_records": records}
    grown = replace(opened, vocabulary=vocabulary, state=state)
    cell = carried(grown, opened.graphs["encode"])
    head = head.carrying(cell, {**head.sizes, "genes_total": total})
    return replace(grown, state={**state, **cell}, graphs={**opened.graphs, "head": head})


def _checked(
    genes: Any, vocabulary: Vocabulary, names: Sequence[str], width: int
) -> dict[str, Features]:
    """Each new name's features; raises ContractViolation with all that is wrong."""
    if not isinstance(genes, Mapping):
        raise ContractViolation([Violation("genes", reprlib.repr(genes), f"a dict: {_EXAMPLE}")])
    if not genes:
        raise EmptyInput("genes", _EXAMPLE)
    wrong: list[Violation] = []
    new: dict[str, Features] = {}
    for name, given in genes.items():
        where = f"genes[{reprlib.repr(name)}]"
        clash = _clash(name, vocabulary, new)
        if clash:
            wrong.append(Violation(where, clash, "a name that no gene has yet"))
            continue
        values, faults = _vector(given, names, width)
        wrong += [Violation(where, got, expected) for got, expected in faults]
        new[name.strip()] = values
    if wrong:
        raise ContractViolation(wrong)
    return new


def _clash(name: Any, vocabulary: Vocabulary, new: Mapping[str, Any]) -> str | None:
    """What is wrong with a name for a new gene."""
    if not isinstance(name, str) or not name.strip():
        return f"{reprlib.repr(name)} ({type(name).__name__})"
    match = vocabulary.resolve(name)
    if match.status != "unknown":
        return f"a name of {', '.join(match.candidates or (match.symbol or '',))}"
    twin = next((other for other in new if other.upper() == name.strip().upper()), None)
    return None if twin is None else f"{twin!r} again"


def _vector(given: Any, names: Sequence[str], width: int) -> tuple[Features, list[tuple[str, str]]]:
    """The features in order, and what was got and expected where they cannot be read."""
    values = np.zeros(width, np.float32)
    if isinstance(given, Mapping):
        place = {name: number for number, name in enumerate(names)}
        unknown = [key for key in given if key not in place]
        if unknown:
            return values, [(f"a feature {key!r}", _like(key, names)) for key in unknown]
        given = {place[key]: value for key, value in given.items()}
    elif isinstance(given, Iterable) and not isinstance(given, str | bytes):
        vector = list(given)
        if len(vector) != width:
            return values, [(f"{len(vector)} features", f"all {width} in order, or a dict of some")]
        given = dict(enumerate(vector))
    else:
        return values, [(reprlib.repr(given), "a dict of feature to value, or all values in order")]
    faults = []
    for number, value in given.items():
        if _is_finite(value):
            values[number] = value
        else:
            what = names[number] if number < len(names) else f"feature {number}"
            faults.append((f"{what} = {value!r}", "finite numbers; leave out what is not known"))
    return values, faults


def _is_finite(value: Any) -> bool:
    """Whether it is a number that float32 holds; NaN is not."""
    number = isinstance(value, int | float | np.integer | np.floating)
    return number and not isinstance(value, bool) and bool(abs(value) <= _LARGEST)


def _like(key: Any, names: Sequence[str]) -> str:
    if not names:
        return "all features in order: this entry does not name them"
    near = difflib.get_close_matches(str(key)[:60], names, n=3)
    return f"one of {', '.join(near or names[:5])}{'' if near else ', ... (see .features)'}"

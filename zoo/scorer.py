"""What every loaded entry has, whatever its task: its names, its genes, where it runs."""

import abc
import html
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from contracts import tasks
from contracts.errors import Unsupported
from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import Manifest
from zoo.entry import OpenEntry


@dataclass(frozen=True)
class Offer:
    """What a family's entries are for: `zoo/<family>/family.py` has one as OFFER.

    `methods` are those that its scorers have and others have not, `instead` what to type where a
    method of another family was called, `ways` how to ask in all three places. `elsewhere` has
    methods that only some of its entries have, each with what to use where there is none.
    """

    methods: tuple[str, ...]
    instead: str
    ways: str
    elsewhere: Mapping[str, str] = field(default_factory=dict)


class Scorer(abc.ABC):
    """A loaded entry; made by `zoo.load`.

    `vocabularies` has the genes of each species by its name. An entry of one species has them as
    `vocabulary`.
    """

    vocabulary: Vocabulary

    def __init__(self, opened: OpenEntry) -> None:
        self._opened = opened
        self.manifest: Manifest = opened.manifest
        self.entry: str = opened.manifest.entry
        self.vocabularies: Mapping[str, Vocabulary] = opened.vocabularies
        if len(opened.vocabularies) == 1:
            self.vocabulary = opened.vocabulary
        self.threads: int = opened.threads

    def __repr__(self) -> str:
        where = f"{self.backend} on {self.device}"
        return f"{type(self).__name__}({self.entry}: {self._knows()}, {where})"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        facts = (self.manifest.summary, self._knows(), f"{self.backend} on {self.device}")
        lines = "<br>".join(html.escape(fact) for fact in facts)
        return f"<div><b>{html.escape(self.entry)}</b><br>{lines}</div>"

    def __getattr__(self, name: str) -> NoReturn:
        """Say what to use instead of a method that other entries have.

        Raises Unsupported, which is an AttributeError too, and AttributeError for any other name.
        """
        own = None if name.startswith("_") else offer(self.manifest.family)
        if own and name in own.elsewhere:
            raise Unsupported(self.entry, name, own.elsewhere[name])
        for other in _others(self) if own else ():
            if name in offer(other).methods:
                search = f"{own.instead}, or load an entry of `zoo search --task {other}`."
                raise Unsupported(self.entry, name, search)
        raise AttributeError(f"{type(self).__name__} has no {name!r}")

    @abc.abstractmethod
    def _knows(self) -> str:
        """How many genes the entry knows, in words."""

    @property
    def backend(self) -> str:
        """`onnx` or `torch`."""
        return self._opened.backend

    @property
    def device(self) -> str:
        """`cpu` or `cuda`: where the graphs really run."""
        return next(iter(self._opened.graphs.values())).device

    @property
    def providers(self) -> tuple[str, ...]:
        """What the graphs run on, as the runtime names it."""
        return next(iter(self._opened.graphs.values())).providers


def offer(family: str) -> Offer:
    """What the entries of a family are for."""
    found: Offer = importlib.import_module(f"zoo.{family}.family").OFFER
    return found


def require(model: Any, family: str, wanted: str) -> Any:
    """The model, which must be of a family; `wanted` is the command or endpoint that needs one.

    Raises Unsupported, saying what to ask of the model instead.
    """
    own = model.manifest.family
    if own == family:
        return model
    instead = f"It is an entry of task {model.manifest.task}: use {offer(own).ways}."
    raise Unsupported(model.entry, wanted, instead)


def _others(model: Scorer) -> list[str]:
    return [family for family in tasks.families() if family != model.manifest.family]

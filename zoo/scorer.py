"""What every loaded entry has, whatever its task: its names, its genes, where it runs."""

import abc
from html import escape

from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import Manifest
from zoo.entry import OpenEntry


class Scorer(abc.ABC):
    """A loaded entry; made by `zoo.load`."""

    def __init__(self, opened: OpenEntry) -> None:
        self._opened = opened
        self.manifest: Manifest = opened.manifest
        self.entry: str = opened.manifest.entry
        self.vocabulary: Vocabulary = opened.vocabulary
        self.threads: int = opened.threads

    def __repr__(self) -> str:
        where = f"{self.backend} on {self.device}"
        return f"{type(self).__name__}({self.entry}: {self._knows()}, {where})"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        facts = (self.manifest.summary, self._knows(), f"{self.backend} on {self.device}")
        return f"<b>{escape(self.entry)}</b><br>{'<br>'.join(map(escape, facts))}"

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

"""Run an entry's graphs: arrays by name in, arrays by name out, checked against the contract."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Shaped

from contracts import tasks
from contracts.errors import InvalidOption
from contracts.manifest import Manifest
from contracts.tensors import Contract

Arrays = Mapping[str, Shaped[np.ndarray, "..."]]

BACKENDS = {"onnx": "zoo.runtime.onnx", "torch": "zoo.runtime.torch"}
DEVICES = ("auto", "cpu", "cuda")


@runtime_checkable
class Session(Protocol):
    """What a backend gives: a graph ready to run, on the providers and the device it really has."""

    providers: tuple[str, ...]
    device: str

    def run(self, inputs: Arrays) -> dict[str, Any]:
        """The graph's outputs by name."""
        ...


@dataclass(frozen=True)
class Graph:
    """One graph of an entry, with the contract of its role and the entry's sizes.

    `carried` are the inputs that come with the entry: checked once, and added to every request.
    Without them a request has to bring everything.
    """

    role: str
    contract: Contract
    sizes: Mapping[str, int]
    session: Session
    carried: Arrays = field(default_factory=dict)

    @property
    def providers(self) -> tuple[str, ...]:
        """What the session runs on, as the backend names it; the first goes first."""
        return self.session.providers

    @property
    def device(self) -> str:
        """`cpu` or `cuda`: where the session really runs."""
        return self.session.device

    def run(self, inputs: Arrays, verify: bool = False) -> dict[str, Any]:
        """Check the inputs, run the graph, and with `verify` check its outputs too.

        Raises:
            ContractViolation: with every violation found.
        """
        contract = self.contract.requested if self.carried else self.contract
        contract.check_inputs(inputs, self.sizes)
        everything = {**inputs, **self.carried}
        outputs = self.session.run(everything)
        if verify:
            self.contract.check_outputs(outputs, everything, self.sizes)
        return outputs

    def carrying(self, carried: Arrays, sizes: Mapping[str, int] | None = None) -> "Graph":
        """The same graph with other carried inputs, perhaps of other sizes.

        Raises:
            ContractViolation: they are not what the contract says.
        """
        sizes = self.sizes if sizes is None else sizes
        alone = replace(self.contract, inputs=self.contract.carried, input_invariants=())
        alone.check_inputs(carried, sizes)
        return replace(self, carried=carried, sizes=sizes)


def open_graph(
    folder: Path,
    manifest: Manifest,
    role: str,
    backend: str = "onnx",
    device: str = "auto",
    threads: int = 1,
) -> Graph:
    """Open one graph of an entry's folder, whose digests are the store's business.

    `role` is one of the task's, such as `score` or `tf_tower`; see zoo.load for the other options.

    Raises:
        InvalidOption: the role or one of the options is none of those there are.
        MissingDependency: the backend is not installed; the message has the command.
        DeviceUnavailable: device="cuda" and the session does not run there.
        CorruptArtefact: the graph or the weights are not what the manifest says.
    """
    check_options(backend, device, threads)
    contracts = tasks.get(manifest.task).contracts
    if role not in contracts:
        raise InvalidOption("role", role, f"one of {', '.join(contracts)}")
    module = importlib.import_module(BACKENDS[backend])
    session = module.open_session(folder, manifest, role, device, threads)
    return Graph(role, contracts[role], manifest.sizes, session)


def check_options(backend: object, device: object, threads: object) -> None:
    """Raise InvalidOption for an option that no session takes."""
    if backend not in BACKENDS:
        raise InvalidOption("backend", backend, f"one of {', '.join(BACKENDS)}")
    if device not in DEVICES:
        raise InvalidOption("device", device, f"one of {', '.join(DEVICES)}")
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise InvalidOption("threads", threads, "a whole number of at least 1")

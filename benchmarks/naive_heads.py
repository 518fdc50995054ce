"""The perturbation head as it is defined, three ways: phi of every gene of the cell for each set.

`model.naive()` goes set by set. The two here take many sets at once, as onnxruntime needs it: one
with phi computed for every set, and one that is spared this (W h is the same in every set), and
only writes phi out for every gene and set.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from jaxtyping import Float, Int64
from measure import network, session
from torch import Tensor, nn
from torch.nn.functional import linear

from contracts import tasks
from contracts.perturbations.kinds import PRESENT
from export import family
from export.to_onnx import trace
from zoo.architectures.cls_transformer import TASK, Head, HeadGraph, Model, Phi, State
from zoo.runtime.graph import Session
from zoo.runtime.onnx import OnnxSession
from zoo.runtime.torch import TorchSession

WAYS = ("naive, torch", "naive, onnxruntime", "naive but for phi, torch")


class Written(nn.Module):
    """z_S of many sets from an array [sets, genes, value_dim]."""

    def __init__(self, head: Head):
        super().__init__()
        self.head = head

    @property
    def phi(self) -> Phi:
        """What the kinds of members change."""
        return self.head.phi

    def forward(
        self,
        state: State,
        member: Int64[Tensor, "members"],
        kind: Int64[Tensor, "members"],
        segment: Int64[Tensor, "members"],
        order: Int64[Tensor, "sets"],
    ) -> Float[Tensor, "sets sources"]:
        """The z-score of every set for every source."""
        head, (h, _, _, _, cell) = self.head, state
        delta = head.phi.change(h[member], kind)
        rest = head.summary(state, delta, segment, order)
        beta = head.weights(state, rest[:, len(cell) : len(cell) + delta.shape[1]], order)
        kinds = torch.full_like(beta, PRESENT, dtype=torch.int64)
        kinds[segment, member] = kind
        change = head.phi.change_of_dose[:, : head.value_dim]
        dose = 1 + torch.where((kinds == PRESENT)[..., None], 0.0, change[kinds])
        phi = dose * self.present(h, order.shape[0])
        z = (beta[:, None] @ phi)[:, 0]
        return head.mlp(torch.cat([rest, z], -1))

    def present(
        self, h: Float[Tensor, "genes dim"], sets: int
    ) -> Float[Tensor, "sets genes value_dim"]:
        """What phi gives of genes that are present, for every set again."""
        return self.units(h.repeat(sets, 1)).reshape(sets, h.shape[0], -1)

    def units(self, h: Float[Tensor, "rows dim"]) -> Float[Tensor, "rows value_dim"]:
        """The units of phi that z_S has."""
        full, count = self.head.phi.weight, self.head.value_dim
        return linear(h, full.weight[:count], full.bias[:count])


class WrittenOnce(Written):
    """The same, but phi of genes that are present is computed once for all sets."""

    def present(
        self, h: Float[Tensor, "genes dim"], sets: int
    ) -> Float[Tensor, "1 genes value_dim"]:
        """What phi gives of genes that are present."""
        return self.units(h)[None]


def of_entry(entry: str, folder: Path, threads: int) -> dict[str, Session]:
    """The naive heads of an entry; see `sessions`."""
    model, manifest = network(entry)
    return sessions(model, manifest.sizes, folder, threads)


def sessions(
    model: Model, sizes: Mapping[str, int], folder: Path, threads: int
) -> dict[str, Session]:
    """The naive heads of a model, ready to run; what onnxruntime runs is written to `folder`."""
    contract = tasks.get(TASK).contracts["head"]
    example = family.of(TASK).example(contract, sizes)
    proto = trace(HeadGraph(model, Written(model.head)), contract, example, sizes)
    path = folder / f"written{threads}.onnx"
    path.write_bytes(proto.SerializeToString())
    once = HeadGraph(model, WrittenOnce(model.head))
    ways = (
        TorchSession(torch, model.naive(), contract, "cpu", threads),
        OnnxSession(session(str(path), threads)),
        TorchSession(torch, once, contract, "cpu", threads),
    )
    return dict(zip(WAYS, ways, strict=True))

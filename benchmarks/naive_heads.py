"""The perturbation head as it is defined, three ways: phi of every gene of the cell for each set.

`model.naive()` goes set by set. The two here take many sets at once, as onnxruntime needs it: one
with phi computed for every set, and one that is spared this (W h is the same in every set), and
only writes phi out for every gene and set.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Float, Int64
from measure import network, session
from torch import Tensor, nn
from torch.nn.functional import linear

from contracts import tasks
from contracts.sets.kinds import PRESENT
from export import family
from export.to_onnx import trace
from zoo.architectures.cls_transformer import TASK, Head, HeadGraph, Model, Phi, State
from zoo.runtime.graph import Session
from zoo.runtime.onnx import OnnxSession
from zoo.runtime.torch import TorchSession

WAYS = ("naive, torch", "naive, onnxruntime", "naive but for phi, torch")


class Written(nn.Module):
    """z_S of many sets from an array [sets, genes, value_dim].

    What phi gives of genes that are present is computed for every set again, or `once` for all.
    """

    def __init__(self, head: Head, once: bool = False):
        super().__init__()
        self.head, self.once = head, once

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
        copies, (genes, _) = 1 if self.once else order.shape[0], h.shape
        weight, bias = (each[: head.value_dim] for each in head.phi.weight.parameters())
        present = linear(h.repeat(copies, 1), weight, bias).reshape(copies, genes, -1)
        z = (beta[:, None] @ (dose * present))[:, 0]
        return head.mlp(torch.cat([rest, z], -1))


def of_entry(entry: str, threads: int) -> dict[str, Session]:
    """The naive heads of an entry; see `sessions`."""
    model, manifest = network(entry)
    return sessions(model, manifest.sizes, threads)


def sessions(model: Model, sizes: Mapping[str, int], threads: int) -> dict[str, Session]:
    """The naive heads of a model, ready to run."""
    contract = tasks.get(TASK).contracts["head"]
    example = family.of(TASK).example(contract, sizes)
    proto = trace(HeadGraph(model, Written(model.head)), contract, example, sizes)
    once = HeadGraph(model, Written(model.head, once=True))
    ways = (
        TorchSession(torch, model.naive(), contract, "cpu", threads),
        OnnxSession(session(proto.SerializeToString(), threads)),
        TorchSession(torch, once, contract, "cpu", threads),
    )
    return dict(zip(WAYS, ways, strict=True))

"""What all models of expression share: a change for any perturbation, and one for each member.

change(S) = offset + sum over i in S of loading_i direction, no further down than to no expression;
0 for the set without members. The variance of its error is made in the same way, of numbers that
are not negative. A model is what these tables hold: see its own file.
"""

import torch
from jaxtyping import Float, Int64
from pydantic import PositiveInt
from torch import Tensor, nn

from zoo.architectures._pairs import Strict
from zoo.architectures._sets import segment_sum

TASK = "expression_response"

GRAPH = """<ir_version: 10, opset_import: ["": 18]>
response (
    int64[members] member, int64[members] set, int64[sets] order, float[{readouts}] control
) => (float[sets, {readouts}] change, float[sets, {readouts}] deviation)
<int64 zero = {{0}}, int64[1] last = {{1}}, int64[1] rank = {{{rank}}},
 int64[1] noise_rank = {{{noise_rank}}}> {{
    is_perturbed = Greater (order, zero)
    as_number = Cast <to = 1> (is_perturbed)
    perturbed = Unsqueeze (as_number, last)
    place = Unsqueeze (set, last)
    sets = Shape (order)
    shape = Concat <axis = 0> (sets, rank)
    none = ConstantOfShape (shape)
    row = Gather (loading, member)
    summed = ScatterND <reduction = "add"> (none, place, row)
    added = MatMul (summed, direction)
    moved = Add (added, offset)
    least = Neg (control)
    clipped = Max (moved, least)
    change = Mul (clipped, perturbed)
    noise_shape = Concat <axis = 0> (sets, noise_rank)
    no_noise = ConstantOfShape (noise_shape)
    noise_row = Gather (noise_loading, member)
    noise_summed = ScatterND <reduction = "add"> (no_noise, place, noise_row)
    noise_added = MatMul (noise_summed, noise_direction)
    variance = Add (noise_added, noise_offset)
    root = Sqrt (variance)
    deviation = Mul (root, perturbed)
}}"""

Members = Int64[Tensor, "members"]
Response = Float[Tensor, "sets readouts"]


class Config(Strict):
    """Numbers of genes that may be perturbed and of readout genes, and the ranks of both tables.

    `kind` is what was done to the genes in training, one of contracts.sets.kinds.KINDS; `unit` says
    in words what expression is measured in.
    """

    kind: str
    unit: str
    genes_total: PositiveInt
    readouts: PositiveInt
    rank: PositiveInt
    noise_rank: PositiveInt


class Model(nn.Module):
    """A change and a variance for any perturbation, and tables of low rank for its members."""

    def __init__(self, config: Config):
        super().__init__()
        genes, readouts = config.genes_total, config.readouts
        self.register_buffer("offset", torch.zeros(readouts))
        self.register_buffer("loading", torch.zeros(genes, config.rank))
        self.register_buffer("direction", torch.zeros(config.rank, readouts))
        self.register_buffer("noise_offset", torch.zeros(readouts))
        self.register_buffer("noise_loading", torch.zeros(genes, config.noise_rank))
        self.register_buffer("noise_direction", torch.zeros(config.noise_rank, readouts))

    def forward(
        self,
        member: Members,
        segment: Members,
        order: Int64[Tensor, "sets"],
        control: Float[Tensor, "readouts"],
    ) -> tuple[Response, Response]:
        """Change and deviation of every set."""
        perturbed = (order > 0).to(self.offset.dtype)[:, None]
        loading = segment_sum(self.loading[member], segment, order.shape[0])
        change = torch.maximum(self.offset + loading @ self.direction, -control) * perturbed
        noise_loading = segment_sum(self.noise_loading[member], segment, order.shape[0])
        noise = noise_loading @ self.noise_direction
        return change, torch.sqrt(self.noise_offset + noise) * perturbed

    def graphs(self) -> dict[str, nn.Module]:
        """One graph, `response`."""
        return {"response": self}

    def direct_onnx(self) -> dict[str, "onnx.ModelProto"]:
        """The graph `response` written node by node.

        Needs the package onnx, which export has and a user of the weights does not need.
        """
        from onnx import numpy_helper, parser

        rank, noise_rank = self.loading.shape[1], self.noise_loading.shape[1]
        sizes = {"readouts": len(self.offset), "rank": rank, "noise_rank": noise_rank}
        model = parser.parse_model(GRAPH.format(**sizes))
        model.graph.initializer.extend(
            numpy_helper.from_array(table.float().numpy(), name)
            for name, table in self.named_buffers()
        )
        return {"response": model}

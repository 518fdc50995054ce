"""No network at all: how often a regulator and a gene stand in the training edges, calibrated.

probability = sigmoid(b_tf + c_gene), two weighted log degrees and an intercept. It knows nothing
of a pair, so `pair_specific` is 0; it is the first rival of every model of regulator-gene pairs.
"""

import torch
from pydantic import PositiveInt

from zoo.architectures._pairs import Pairs, PairScore, PairValues, Popularity, Strict

TASK = "pair_score"


class Config(Strict):
    """Numbers of regulators and genes of the vocabulary."""

    tfs_total: PositiveInt
    genes_total: PositiveInt


class Model(PairScore):
    """Two tables of log degrees and four fitted numbers."""

    def __init__(self, config: Config):
        super().__init__()
        self.popularity = Popularity(config.tfs_total, config.genes_total)

    def pair_logit(self, tf: Pairs, gene: Pairs) -> PairValues:
        """Zero: a degree count has nothing to say of a pair."""
        return torch.zeros_like(tf, dtype=self.popularity.intercept.dtype)

    def direct_onnx(self) -> dict[str, "onnx.ModelProto"]:
        """The graph `score` written node by node: two look-ups, a sum and a sigmoid.

        Needs the package onnx, which export has and a user of the weights does not need.
        """
        from onnx import TensorProto, helper, numpy_helper

        with torch.no_grad():
            tables = {
                "tf_terms": self.popularity.of_tfs(
                    torch.arange(len(self.popularity.tf_log_degree))
                ),
                "gene_terms": self.popularity.of_genes(
                    torch.arange(len(self.popularity.gene_log_degree))
                ),
            }
        nodes = [
            helper.make_node("Gather", ["tf_terms", "tf"], ["tf_popularity"]),
            helper.make_node("Gather", ["gene_terms", "gene"], ["gene_popularity"]),
            helper.make_node("Add", ["tf_popularity", "gene_popularity"], ["logit"]),
            helper.make_node("Sigmoid", ["logit"], ["probability"]),
            helper.make_node("Sub", ["logit", "logit"], ["pair_specific"]),
        ]
        inputs = [
            helper.make_tensor_value_info(n, TensorProto.INT64, ["pairs"]) for n in ("tf", "gene")
        ]
        names = ("probability", "pair_specific", "tf_popularity", "gene_popularity")
        outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["pairs"]) for n in names]
        constants = [numpy_helper.from_array(t.float().numpy(), n) for n, t in tables.items()]
        graph = helper.make_graph(nodes, "degree", inputs, outputs, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
        return {"score": model}

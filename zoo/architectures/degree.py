"""No network at all: how often a regulator and a gene stand in the training edges, calibrated.

probability = sigmoid(b_tf + c_gene), two weighted log degrees and an intercept. It knows nothing
of a pair, so `pair_specific` is 0; it is the first rival of every model of regulator-gene pairs.
"""

import torch
from pydantic import PositiveInt

from zoo.architectures._pairs import Pairs, PairScore, PairValues, Popularity, Strict

TASK = "pair_score"
GRAPH = """<ir_version: 10, opset_import: ["": 18]>
degree (int64[pairs] tf, int64[pairs] gene) => (
    float[pairs] probability, float[pairs] pair_specific,
    float[pairs] tf_popularity, float[pairs] gene_popularity
) {
    tf_popularity = Gather (tf_terms, tf)
    gene_popularity = Gather (gene_terms, gene)
    logit = Add (tf_popularity, gene_popularity)
    probability = Sigmoid (logit)
    pair_specific = Sub (logit, logit)
}"""


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
        from onnx import numpy_helper, parser

        tfs, genes = self.popularity.tf_log_degree, self.popularity.gene_log_degree
        with torch.no_grad():
            tables = {
                "tf_terms": self.popularity.of_tfs(torch.arange(len(tfs))),
                "gene_terms": self.popularity.of_genes(torch.arange(len(genes))),
            }
        model = parser.parse_model(GRAPH)
        model.graph.initializer.extend(
            numpy_helper.from_array(table.float().numpy(), name) for name, table in tables.items()
        )
        return {"score": model}

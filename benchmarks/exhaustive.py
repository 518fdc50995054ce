"""All regulators with all genes: the parts of both sides against the plain graph.

Run it with `make bench` or `python benchmarks/exhaustive.py`. Beside each rate stands its share of
the machine's own sgemm in the same rounds, counted by the operations that a pair needs in that way.
"""

import argparse
import sys

import numpy as np
from measure import alternate, blas_threads, child, session, sgemm
from page import save

import zoo
from zoo.pairs import exhaustive
from zoo.pairs.exhaustive import Joint, Side

PLAIN_PAIRS, TFS, GENES, SIZE = 1 << 14, 128, 16_384, 1024

WHOLE = """
import json, sys, time
import zoo
from pathlib import Path
from zoo.pairs import matrix
start = time.perf_counter()
model = zoo.load(sys.argv[1], threads=int(sys.argv[3]))
about = matrix.write(model, Path(sys.argv[2]), overwrite=True)
print(json.dumps({"seconds": time.perf_counter() - start, "shape": about["shape"]}))
"""


def without_product(side: Side) -> Side:
    """The side as a network without the product feature would have it."""
    return Side(side.hidden, side.factor[:, :0], side.popularity)


def plain_without_product(entry: str, threads: int):
    """The entry's plain graph exported again, its product's weights left out of the network."""
    import importlib
    import json

    from safetensors.torch import load_file

    from contracts import tasks
    from export import family
    from export.to_onnx import trace
    from zoo.store import folders

    place, manifest = folders.open_entry(entry)
    module = importlib.import_module(f"zoo.architectures.{manifest.architecture}")

    class Model(module.Model):
        def pair_logit(self, tf, gene):
            import torch

            e_t, x_t = self.tf(tf)
            e_g, x_g = self.gene(gene)
            first = self.joint[0]
            sides = torch.cat([e_t, e_g, x_t, x_g], -1)
            hidden = sides @ first.weight[:, : -self.config.dim].T + first.bias
            return self.joint[3](torch.relu(hidden)).squeeze(-1)

    model = Model(module.Config.model_validate_json(json.dumps(manifest.config)))
    model.load_state_dict(load_file(place / "weights.safetensors"))
    contract = tasks.get(manifest.task).graphs["score"]
    example = family.of(manifest.task).example(contract, manifest.sizes)
    proto = trace(model, contract, example, manifest.sizes)
    return session(proto.SerializeToString(), threads)


def parts_in_onnxruntime(tfs: Side, genes: Side, joint: Joint, threads: int):
    """The algebra of zoo.pairs.exhaustive, a block of genes and a regulator at once, as a graph."""
    from onnx import TensorProto, helper, numpy_helper

    factor, hidden = joint.product_weight.shape
    nodes = [
        helper.make_node("MatMul", ["rows", "folded"], ["units"]),
        helper.make_node("Max", ["units", "floor"], ["above"]),
        helper.make_node("MatMul", ["above", "output"], ["logit"]),
    ]
    shapes = {"rows": ["n", factor + 1], "folded": [factor + 1, hidden], "floor": ["n", hidden]}
    made = helper.make_graph(
        nodes,
        "parts",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()],
        [helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["n"])],
        [numpy_helper.from_array(joint.output_weight, "output")],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    parts = session(model.SerializeToString(), threads)
    rows = np.concatenate([genes.factor, np.ones((len(genes), 1), np.float32)], axis=1)

    def score() -> None:
        for start in range(0, len(genes), exhaustive.ROWS):
            block = slice(start, start + exhaustive.ROWS)
            fixed = {"rows": rows[block], "floor": -genes.hidden[block]}
            for one in range(len(tfs)):
                weight = joint.product_weight * tfs.factor[one, :, None]
                folded = np.concatenate([weight, tfs.hidden[one][None]])
                parts.run(None, {"folded": folded, **fixed})

    return score


def measured(entry: str, threads: int, seconds: float) -> list[dict]:
    """Pairs a second by each way, with and without the product."""
    model = zoo.load(entry, device="cpu", threads=threads)
    eager = zoo.load(entry, backend="torch", device="cpu", threads=threads)
    rng = np.random.default_rng(0)
    tfs = np.sort(rng.choice(len(model.vocabulary.regulators), TFS, replace=False))
    genes = np.sort(rng.choice(len(model.vocabulary), GENES, replace=False))
    pairs = np.repeat(tfs[:8], 2048), np.tile(genes[:2048], 8)
    own = plain_without_product(entry, threads)
    left, right = model._sides["tf"].take(tfs), model._sides["gene"].take(genes)
    joint = model._joint
    bare = Joint(joint.product_weight[:0], joint.output_weight, joint.output_bias)
    blocks = range(0, PLAIN_PAIRS, 2048)
    engines = {
        "sgemm": sgemm(SIZE),
        "plain graph, onnxruntime": lambda: model.terms(*pairs),
        "torch, eager": lambda: eager.terms(*pairs),
        "parts": lambda: exhaustive.logits(left, right, joint, threads),
        "parts, onnxruntime": parts_in_onnxruntime(left, right, joint, threads),
        "plain graph without product, onnxruntime": lambda: [
            own.run(None, {"tf": pairs[0][b : b + 2048], "gene": pairs[1][b : b + 2048]})
            for b in blocks
        ],
        "parts without product": lambda: exhaustive.logits(
            without_product(left), without_product(right), bare, threads
        ),
    }
    with blas_threads(threads):
        spent = alternate(engines, seconds)
    factor, hidden = joint.product_weight.shape
    with_product = 2 * hidden * (factor + 2)
    operations = dict.fromkeys(("parts", "parts, onnxruntime"), with_product)
    operations |= {"parts without product": 4 * hidden}
    peak = 2 * SIZE**3 / spent.pop("sgemm")
    rows = []
    for name, taken in spent.items():
        rate = (TFS * GENES if name.startswith("parts") else PLAIN_PAIRS) / taken
        share = rate * operations[name] / peak if name in operations else None
        rows.append({"engine": name, "threads": threads, "pairs_a_second": rate, "of_sgemm": share})
    for row in rows:
        kind = " without product" if "without" in row["engine"] else ""
        plain = f"plain graph{kind}, onnxruntime"
        base = next(r["pairs_a_second"] for r in rows if r["engine"] == plain)
        row["ratio"] = row["pairs_a_second"] / base
    return [{**row, "sgemm_gigaflops": peak / 1e9} for row in rows]


def main() -> None:
    """Measure, print a table, write results/exhaustive.json."""
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entry", default="cross_encoder-brain")
    parser.add_argument("--seconds", type=float, default=12.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            row for threads in (1, 2) for row in measured(options.entry, threads, options.seconds)
        ]
        whole = {
            str(threads): child(WHOLE, options.entry, f"{folder}/scores.npy", str(threads))
            for threads in (1, 2)
        }
    save("exhaustive", {"entry": options.entry, "rows": rows, "whole": whole})


if __name__ == "__main__":
    sys.exit(main())

"""All regulators with all genes: the parts of both sides against the plain graph.

Run it with `make bench` or `python benchmarks/exhaustive.py`. Beside each rate stands its share of
the machine's own sgemm in the same rounds, counted by the operations that a pair needs in that way.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import typer
from measure import alternate, apart, blas_threads, network, session, sgemm, written
from page import save

import zoo
from zoo.pairs import exhaustive, matrix
from zoo.pairs.exhaustive import Joint, Side

PLAIN_PAIRS, TFS, GENES, SIZE = 1 << 14, 128, 16_384, 1024


def whole(entry: str, path: str, threads: int) -> dict[str, Any]:
    """The whole matrix to a file: seconds, and its shape."""
    start = time.perf_counter()
    about = matrix.write(zoo.load(entry, threads=threads), Path(path), overwrite=True)
    return {"seconds": time.perf_counter() - start, "shape": about["shape"]}


def without_product(side: Side) -> Side:
    """The side as a network without the product feature would have it."""
    return Side(side.hidden, side.factor[:, :0], side.popularity)


def plain_without_product(entry: str, threads: int):
    """The entry's plain graph exported again, its product's weights left out of the network."""
    import torch

    from contracts import tasks
    from export import family
    from export.to_onnx import trace

    def wrap(architecture: type) -> type:
        class Model(architecture):
            def pair_logit(self, tf, gene):
                e_t, x_t = self.tf(tf)
                e_g, x_g = self.gene(gene)
                first = self.joint[0]
                sides = torch.cat([e_t, e_g, x_t, x_g], -1)
                hidden = sides @ first.weight[:, : -self.config.dim].T + first.bias
                return self.joint[3](torch.relu(hidden)).squeeze(-1)

        return Model

    model, manifest = network(entry, wrap)
    contract = tasks.get(manifest.task).graphs["score"]
    example = family.of(manifest.task).example(contract, manifest.sizes)
    proto = trace(model, contract, example, manifest.sizes)
    return session(proto.SerializeToString(), threads)


def parts_in_onnxruntime(tfs: Side, genes: Side, joint: Joint, threads: int):
    """The algebra of zoo.pairs.exhaustive, a block of genes and a regulator at once, as a graph."""
    factor, hidden = joint.product_weight.shape
    parts = written(
        f"""parts (float[n, {factor + 1}] rows, float[{factor + 1}, {hidden}] folded,
                   float[n, {hidden}] floor) => (float[n] logit) {{
            units = MatMul (rows, folded)
            above = Max (units, floor)
            logit = MatMul (above, output)
        }}""",
        threads,
        output=joint.output_weight,
    )
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


def main(entry: str = "cross_encoder-brain", seconds: float = 12.0) -> None:
    """Measure, print a table, write results/exhaustive.json."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for threads in (1, 2) for row in measured(entry, threads, seconds)]
        path = f"{folder}/scores.npy"
        runs = {str(threads): apart(whole, entry, path, threads) for threads in (1, 2)}
    save("exhaustive", {"entry": entry, "rows": rows, "whole": runs})


if __name__ == "__main__":
    typer.run(main)

"""The degree baseline against its formula, in torch and in the graph that it writes itself."""

import numpy as np
import onnxruntime
import torch

from zoo.architectures import degree

NAMES = ("probability", "pair_specific", "tf_popularity", "gene_popularity")


def truth(state: dict[str, np.ndarray], naive) -> np.ndarray:
    """The four outputs of every pair."""
    terms = np.array([naive.popularity(state, tf, gene) for tf, gene in naive.grid])
    probability = 1 / (1 + np.exp(-terms.sum(1)))
    return np.stack([probability, np.zeros(len(terms)), *terms.T], 1)


def test_torch_gives_the_formula(random, naive):
    model, state = random(degree)
    outputs = model.graphs()["score"](*torch.from_numpy(naive.grid).T)
    got = np.stack([out.numpy() for out in outputs], 1)
    np.testing.assert_allclose(got, truth(state, naive), rtol=1e-12, atol=1e-14)


def test_the_written_graph_gives_the_formula(random, naive):
    model, state = random(degree)
    proto = model.direct_onnx()["score"]
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    tf, gene = naive.grid.T.copy()
    for rows in (slice(None), slice(0, 1), slice(3, 10)):
        outputs = session.run(list(NAMES), {"tf": tf[rows], "gene": gene[rows]})
        expected = truth(state, naive)[rows]
        np.testing.assert_allclose(np.stack(outputs, 1), expected, rtol=1e-5, atol=1e-6)


def test_nothing_is_learned_by_gradient(random):
    model, _ = random(degree)
    assert list(model.parameters()) == []

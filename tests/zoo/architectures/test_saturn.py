"""SATURN against its formulas in numpy, and the faults of its public code, which stay out."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy.special import log_softmax

from zoo.architectures import saturn
from zoo.architectures.saturn import Config, Model

SIZES = {"human_genes": 9, "mouse_genes": 7, "macrogenes": 6, "hidden": 8, "dim": 4}


def made(**changes) -> Model:
    """A model whose numbers are all drawn by chance, ready to be asked."""
    torch.manual_seed(0)
    model = Model(Config(**SIZES | {"dropout": 0.5} | changes))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return model.eval()


def drawn(cells: int = 5, genes: int = 9) -> np.ndarray:
    return np.random.default_rng(1).poisson(2, (cells, genes)).astype(np.float32) + np.eye(
        cells, genes, dtype=np.float32
    )


def number(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy().astype(np.float64)


def layer_norm(x: np.ndarray, norm: torch.nn.LayerNorm) -> np.ndarray:
    apart = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + norm.eps)
    return apart * number(norm.weight) + number(norm.bias)


def linear(x: np.ndarray, layer: torch.nn.Linear) -> np.ndarray:
    return x @ number(layer.weight).T + number(layer.bias)


def block(x: np.ndarray, layers: torch.nn.Sequential) -> np.ndarray:
    """Linear, LayerNorm and ReLU."""
    return np.maximum(layer_norm(linear(x, layers[0]), layers[1]), 0)


def test_levels_are_logs_of_parts_per_10_000():
    counts = drawn()
    expected = np.log(1 + 1e4 * counts / counts.sum(1, keepdims=True))
    np.testing.assert_allclose(saturn.levels(torch.from_numpy(counts)), expected, rtol=1e-5)


def test_standardised_levels_end_at_5():
    counts = torch.from_numpy(drawn())
    mean, deviation = torch.full((9,), 5.0), torch.tensor([0.01, 1.0, 100.0] * 3)
    expected = (saturn.levels(counts) - mean) / deviation
    got = saturn.standardised(counts, mean, deviation)
    torch.testing.assert_close(got, expected.clamp(-5, 5))
    assert (expected.abs() > 5).any()
    assert got.abs().max() == 5


def test_a_graph_is_the_formula():
    model, counts = made(), drawn()
    mean, deviation = (np.linspace(*ends, 9, dtype=np.float32) for ends in ((3, 8), (0.5, 4)))
    weight = number(model.weight("human"))
    np.testing.assert_allclose(weight, np.exp(number(model.log_weight["human"])), rtol=1e-6)
    parts = np.log1p(counts * 1e4 / counts.sum(1, dtype=np.float64, keepdims=True))
    x = np.clip((parts - mean) / deviation, -5, 5)
    macrogenes = np.maximum(layer_norm(x @ weight, model.encoder.macrogenes[0]), 0)
    hidden, last = model.encoder.body
    expected = linear(block(macrogenes, hidden), last)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    inputs = [torch.from_numpy(each) for each in (counts, mean, deviation)]
    (got,) = model.graphs()["human"](*inputs, model.weight("human"))
    np.testing.assert_allclose(number(got), expected, atol=1e-5)


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_the_decoder_is_the_formula(species: str):
    model, genes = made(), SIZES[f"{species}_genes"]
    vectors, total = torch.randn(5, 4), torch.arange(5.0) * 100 + 1
    covariate = number(model.decoder.species.weight)[["human", "mouse"].index(species)]
    x = np.concatenate([number(vectors), np.tile(covariate, (5, 1))], 1)
    hidden, rates = block(x, model.decoder.body), model.decoder.rates[species]
    macrogenes = linear(hidden, model.decoder.macrogenes)
    weight = model.weight(species)
    share = np.exp(log_softmax(macrogenes @ number(weight).T + number(rates.level), axis=1))
    mean, dispersion, dropout = model.decoder(vectors, species, weight, total)
    assert mean.shape == dropout.shape == (5, genes)
    np.testing.assert_allclose(number(mean), share * number(total)[:, None], rtol=1e-4)
    np.testing.assert_allclose(mean.detach().sum(1), total, rtol=1e-5)
    np.testing.assert_allclose(number(dispersion), np.exp(number(rates.log_dispersion)), rtol=1e-6)
    np.testing.assert_allclose(number(dropout), linear(hidden, rates.dropout), atol=1e-5)


def test_the_species_changes_what_the_decoder_says():
    """In the public code the one-hot of the species is 0 for all of them."""
    model = made(mouse_genes=9)
    model.decoder.rates["mouse"].load_state_dict(model.decoder.rates["human"].state_dict())
    weight, vectors, total = model.weight("human"), torch.randn(3, 4), torch.full((3,), 100.0)
    human, mouse = (
        model.decoder(vectors, species, weight, total) for species in ("human", "mouse")
    )
    assert (human[0] - mouse[0]).abs().max() > 0.1
    assert (human[2] - mouse[2]).abs().max() > 0.1
    mouse[0].square().sum().backward()
    moved = model.decoder.species.weight.grad.abs().sum(1)
    assert moved[0] == 0
    assert moved[1] > 0


def test_nothing_is_drawn_by_chance_once_training_is_over():
    """In the public code dropout goes on: it is called as a function that does not know."""
    model, levels = made(), torch.randn(6, 9)
    weight, total = model.weight("human"), torch.full((6,), 50.0)

    def answers() -> tuple[torch.Tensor, ...]:
        vectors = model.encoder(levels, weight)
        return vectors, *model.decoder(vectors, "human", weight, total)

    for one, other in zip(answers(), answers(), strict=True):
        assert torch.equal(one, other)
    model.train()
    assert not torch.equal(answers()[0], answers()[0])


def test_a_flag_that_is_a_word_is_refused():
    """In the public code the word False is read as true."""
    with pytest.raises(ValidationError, match="frozen"):
        Config(**SIZES, frozen="false")


def test_what_ships_is_the_encoder_alone_and_gives_the_same():
    model, counts = made(), torch.from_numpy(drawn())
    shipped = model.train().freeze()
    assert all(name.startswith("encoder.") for name in shipped.state_dict())
    assert not shipped.training
    given = (counts, torch.zeros(9), torch.ones(9), model.weight("human"))
    (expected,) = model.eval().graphs()["human"](*given)
    (got,) = shipped.graphs()["human"](*given)
    assert torch.equal(got, expected)
    torch.testing.assert_close(got.norm(dim=1), torch.ones(len(counts)))


def test_the_numbers_of_parameters():
    hidden, dim, macrogenes = SIZES["hidden"], SIZES["dim"], SIZES["macrogenes"]
    shipped = 2 * macrogenes + hidden * (macrogenes + 3) + dim * (hidden + 1)
    assert sum(each.numel() for each in made().freeze().parameters()) == shipped

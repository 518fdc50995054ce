"""A tiny encoded architecture of perturbation sets: the algebra of its head, and the naive form.

Every gene of the cell has a key and a state; a set asks the keys with the mean query of its
members, and the answer is a sum of states, in which the members have those of their kind.
"""

import torch
from torch import Tensor, nn

from contracts.sets.kinds import KINDS, PRESENT
from zoo.architectures._pairs import Strict
from zoo.architectures._sets import expectation, interacts, segment_sum

TASK = "perturbation_encoded"


class Config(Strict):
    """Sizes; `features` are names, as an entry has them."""

    tokens_total: int
    features: list[str]
    dim: int
    key_dim: int
    value_dim: int


class Encode(nn.Module):
    """Tokens and features to the cell."""

    def __init__(self, model: "Model"):
        super().__init__()
        self.model = model

    def forward(self, token: Tensor, features: Tensor) -> tuple[Tensor, ...]:
        model = self.model
        hidden = torch.tanh(model.token(token) + model.feature(features))
        hidden = hidden + torch.softmax(hidden @ hidden.T, -1) @ hidden
        value = model.state(hidden, torch.full_like(token, PRESENT))
        fitness = torch.sigmoid(model.fitness(hidden)).squeeze(-1)
        return hidden, model.key(hidden), value, fitness, hidden.mean(0)


class Head(nn.Module):
    """One product with all states, and a correction for every member."""

    def __init__(self, model: "Model"):
        super().__init__()
        self.model = model

    def forward(self, member, kind, segment, order, hidden, key, value, single_fitness, cell):
        model, sets = self.model, order.shape[0]
        attention = model.attention(hidden, key, member, segment, order)
        changed = model.state(hidden[member], kind) - value[member]
        weight = attention[segment, member]
        z = attention @ value + segment_sum(weight[:, None] * changed, segment, sets)
        return model.answer(z, cell, single_fitness[member], kind, segment, order)


class NaiveHead(nn.Module):
    """The state of every gene of every set, as it is there."""

    def __init__(self, model: "Model"):
        super().__init__()
        self.model = model

    def forward(self, member, kind, segment, order, hidden, key, value, single_fitness, cell):
        model = self.model
        attention = model.attention(hidden, key, member, segment, order)
        kinds = torch.full((order.shape[0], hidden.shape[0]), PRESENT)
        kinds[segment, member] = kind
        states = model.state(hidden.expand(order.shape[0], *hidden.shape), kinds)
        z = (attention[..., None] * states).sum(1)
        return model.answer(z, cell, single_fitness[member], kind, segment, order)


class Model(nn.Module):
    """Encoder and head."""

    def __init__(self, config: Config):
        super().__init__()
        dim = config.dim
        self.token = nn.Embedding(config.tokens_total, dim)
        self.feature = nn.Linear(len(config.features), dim)
        self.key = nn.Linear(dim, config.key_dim)
        self.query = nn.Linear(dim, config.key_dim)
        self.value = nn.Linear(dim, config.value_dim)
        self.kind = nn.Embedding(len(KINDS), config.value_dim)
        self.fitness = nn.Linear(dim, 1)
        self.out = nn.Linear(config.value_dim + dim, 1)

    def state(self, hidden: Tensor, kind: Tensor) -> Tensor:
        """What a gene adds that stands there in one of the kinds."""
        return torch.relu(self.value(hidden) + self.kind(kind))

    def attention(self, hidden, key, member, segment, order) -> Tensor:
        """How much each set asks of each gene."""
        size = order.clamp(min=1)[:, None]
        query = segment_sum(self.query(hidden[member]), segment, order.shape[0]) / size
        return torch.softmax(query @ key.T, -1)

    def answer(self, z, cell, fitness, kind, segment, order) -> tuple[Tensor, Tensor]:
        """Both outputs."""
        known = torch.cat([z, cell.expand(z.shape[0], -1)], -1)
        said = torch.tanh(self.out(known)).squeeze(-1)
        expected = expectation(fitness, kind, segment, order)
        return torch.where(interacts(order), said, 0.0), expected

    def graphs(self) -> dict[str, nn.Module]:
        """Both graphs of the task."""
        return {"encode": Encode(self), "head": Head(self)}

    def naive(self) -> nn.Module:
        """The head without its algebra."""
        return NaiveHead(self)

"""Ragged sets, as a head takes them."""

import numpy as np
import torch
from torch import Tensor

GENES = 12
ORDERS = ((0,), (1,), (2, 2), (3, 0, 1, 5, 2), (0, 0, 4, 0), (12, 1), (0, 2, 3, 2, 0))


def ragged(orders: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """member, kind, set, order: no gene twice in a set, kinds at random."""
    rng = np.random.default_rng(len(orders))
    members = [rng.choice(GENES, size, replace=False) for size in orders]
    order = np.array(orders)
    columns = (
        np.concatenate(members).astype(np.int64),
        rng.integers(4, size=order.sum()),
        np.repeat(np.arange(len(order)), order),
        order,
    )
    return tuple(torch.from_numpy(column) for column in columns)

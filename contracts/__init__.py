"""What goes into the zoo and what comes out: contracts, requests, gene names, manifests, errors.

numpy and pydantic only. `contracts.strategies` needs hypothesis and is imported where it is used.
"""

from contracts import tasks as _tasks
from contracts.cells.task import CELL_EMBED
from contracts.errors import ZooError
from contracts.genes.vocabulary import GeneRecord, Match, PairIndex, Skipped, Vocabulary
from contracts.manifest import FileRecord, Licences, Manifest
from contracts.pairs.requests import (
    ScorePairsRequest,
    ScorePairsResponse,
    TopRegulatorsRequest,
    TopRegulatorsResponse,
)
from contracts.pairs.task import PAIR_EMBED, PAIR_SCORE
from contracts.perturbations.requests import ScorePerturbationsRequest, ScorePerturbationsResponse
from contracts.perturbations.task import PERTURBATION, PERTURBATION_ENCODED, PERTURBATION_GRAPH
from contracts.task import Task
from contracts.tensors import Axis, Contract, Invariant, Tensor

TASKS = _tasks.everything()

__all__ = [
    "CELL_EMBED",
    "PAIR_EMBED",
    "PAIR_SCORE",
    "PERTURBATION",
    "PERTURBATION_ENCODED",
    "PERTURBATION_GRAPH",
    "TASKS",
    "Axis",
    "Contract",
    "FileRecord",
    "GeneRecord",
    "Invariant",
    "Licences",
    "Manifest",
    "Match",
    "PairIndex",
    "ScorePairsRequest",
    "ScorePairsResponse",
    "ScorePerturbationsRequest",
    "ScorePerturbationsResponse",
    "Skipped",
    "Task",
    "Tensor",
    "TopRegulatorsRequest",
    "TopRegulatorsResponse",
    "Vocabulary",
    "ZooError",
]

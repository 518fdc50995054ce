"""One fit over perturbed cells, from its recipe to a run folder that an export takes."""

import time
from typing import Any

import numpy as np
from jaxtyping import Float64

from contracts.genes.vocabulary import Vocabulary
from training import data as datasets
from training import provenance, run
from training.begin import Options
from training.data import gene_records
from training.data.expression import ExpressionData
from training.data.files import DataFiles
from training.data.vectors import imported
from training.expression import fits
from training.expression.split import make_split
from training.recipe import InvalidRecipe, Recipe
from zoo.entry import STATE
from zoo.expression import state as names

SETS = "sets.safetensors"
MEMBERS_LIMIT = 16
SAMPLE = 64


def train(chosen: Recipe, options: Options) -> dict[str, Any]:
    """Fit by a recipe on all perturbations and write the run folder; returns what run.json has.

    The folder gets run.json, weights.safetensors, split.safetensors, state.safetensors (see
    zoo.expression.state), sets.safetensors (measured sets, for golden vectors) and both
    vocabularies. Raises UnfitOptions for a folder that holds another run; InvalidRecipe;
    MissingData, CorruptArtefact, LowCoverage for unfit data.
    """
    started = time.perf_counter()
    if {*chosen.objective} - {run.GENE_VECTORS} or chosen.stages or chosen.fit:
        raise InvalidRecipe(
            f"The recipe of {chosen.entry} has a [fit], [[stages]] or an [objective] of more than "
            f"gene_vectors, and {chosen.architecture} is fitted in closed form. Remove them."
        )
    data: Any = datasets.load(chosen.dataset)
    split = make_split(data, chosen.split_seed)
    seed = chosen.seed if options.seed is None else options.seed
    response = _fit(chosen, options)(data.profiles, data, seed)
    config, model = response.model(data.perturbed, data.kind, data.unit)
    symbols = response.symbols(data.perturbed)
    state = measured(data, symbols, response.level)
    report = provenance.report(chosen, seed, options, data, model, started)
    report |= split.about | {
        "config": config.model_dump(mode="json"),
        "sizes": {
            "genes_total": len(symbols),
            "readouts": len(data.readouts),
            "members_limit": MEMBERS_LIMIT,
            "measured_sets": len(state[names.ORDER]),
            "measured_members": len(state[names.MEMBER]),
        },
        "history": [],
        "best": {},
        "calibration": None,
        "fitted": response.about,
        "baseline": fits.is_baseline(chosen.architecture),
    }
    report["licences"] = report["licences"] | response.licences
    records = gene_records.human(DataFiles.find(), symbols)
    vocabularies = {
        names.FILES[names.PERTURBED]: Vocabulary.from_records(records),
        names.FILES[names.READOUTS]: data.readouts,
    }
    tables = {STATE: state, SETS: _sample(state)}
    run.write(options.folder, report, model, split, vocabularies, tables, {})
    return report


def _fit(chosen: Recipe, options: Options) -> fits.Fit:
    """The fit of the recipe, with gene vectors of a file in place of its own."""
    if options.gene_vectors is None:
        return fits.find(chosen.architecture)
    return fits.find_with(chosen.architecture, imported.load(options.gene_vectors))


def measured(
    data: ExpressionData,
    symbols: tuple[str, ...],
    level: Float64[np.ndarray, "readouts"] | None = None,
) -> dict[str, np.ndarray]:
    """The state of an entry whose genes are `symbols`: what was measured of sets of them.

    Measured changes are against the entry's control: the `level` of its model if it has one.
    """
    genes, profiles = data.perturbed.genes, data.profiles
    place = {symbol: position for position, symbol in enumerate(symbols)}
    inside = [all(genes[gene] in place for gene in members) for members in profiles.sets]
    there = profiles.take(np.flatnonzero(inside))
    control = profiles.control if level is None else level
    members = [sorted(place[genes[gene]] for gene in each) for each in there.sets]
    seen = np.zeros(len(symbols), np.int32)
    for each, cells in zip(profiles.sets, profiles.cells.tolist(), strict=True):
        seen[[place[genes[gene]] for gene in each if genes[gene] in place]] += cells
    return {
        names.CONTROL: control.astype(np.float32),
        names.GENE_CELLS: seen,
        names.MEMBER: np.array([gene for each in members for gene in each], np.int32),
        names.ORDER: np.array([len(each) for each in members], np.int32),
        names.CHANGE: (there.mean - control).astype(np.float32),
        names.DEVIATION: np.sqrt(there.variance).astype(np.float32),
        names.CELLS: there.cells.astype(np.int32),
    }


def _sample(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The first measured sets, for golden vectors."""
    order = state[names.ORDER][:SAMPLE].astype(np.int64)
    return {"member": state[names.MEMBER][: order.sum()].astype(np.int64), "order": order}

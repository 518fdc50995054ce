"""The study of a sweep: an SQLite file of Optuna that is begun once and gone on with.

Every trial's draw follows from the sweep's seed, the number of the draw and the trials before it,
so that a study that was stopped draws as an undisturbed one. What was stopped in its midst counts
as failed and not as a draw, and is tried again under the next number.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, Trial, TrialState

from contracts.errors import InvalidInput
from training.provenance import packages
from training.recipe import Recipe
from training.sweep import plan as plans
from training.sweep.plan import Plan, Value
from training.sweep.space import flat
from zoo.batch import locks

FILE, LOCK = "study.db", "lock"
PLAN, ASKED, PACKAGES = "plan", "asked", "packages"
"""What a study keeps beside its trials."""

SAMPLER, HISTORY, SECONDS, REASON = "sampler", "history", "seconds", "reason"
"""What a trial keeps beside its values; the reason is why one that diverged did."""

_TOLD = ("entry", "version", "summary", "species", "tissue", "weights_licence", "changes")
"""Keys of a recipe that no training reads."""


class NoStudy(InvalidInput):
    """The folder has no study of the entry, or none with what was asked for."""


class OtherStudy(InvalidInput):
    """The folder has a study of something else, or one that another process is at."""


@dataclass(frozen=True)
class Draw:
    """A trial that was begun, and the values to train with."""

    trial: Trial
    sampler: str
    values: dict[str, Value]


def asked(plan: Plan, base: Recipe, records_digest: str) -> dict[str, Any]:
    """What all trials of a study have in common, without which they could not be compared.

    Of the recipe, that is what is neither searched nor fixed nor only told: the winner's values may
    take their place in the recipe, and the study can still be gone on with.
    """
    varied = {*plan.space, *plan.fixed}
    kept = flat(base.model_dump(mode="json", exclude={*_TOLD}))
    return {
        "seed": plan.seed,
        "search space": plan.model_dump(mode="json")["space"],
        "fixed numbers": plan.fixed,
        "recipe": {key: value for key, value in kept.items() if key not in varied},
        "records": records_digest,
    }


def begin(plan: Plan, base: Recipe, records_digest: str, folder: Path) -> optuna.Study:
    """The study in `folder`, begun where there is none. Raises OtherStudy.

    Trials that a killed process has left are marked as failed.
    """
    wanted = json.loads(json.dumps(asked(plan, base, records_digest)))
    study = optuna.create_study(
        storage=_storage(folder),
        study_name=plan.entry,
        direction="maximize",
        load_if_exists=True,
    )
    had = study.user_attrs.get(ASKED, wanted)
    if other := [name for name, value in wanted.items() if had[name] != value]:
        raise OtherStudy(
            f"The study in {folder} was begun with another {' and '.join(other)}. Give "
            f"--runs FOLDER to begin one beside it, or remove {folder} to begin it again."
        )
    study.set_user_attr(PACKAGES, packages())
    study.set_user_attr(PLAN, plan.model_dump(mode="json"))
    study.set_user_attr(ASKED, wanted)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    pruning = plan.pruning
    study.pruner = (
        optuna.pruners.NopPruner()
        if pruning is None
        else optuna.pruners.MedianPruner(pruning.startup_trials, pruning.warmup_epochs)
    )
    return study


def find(entry: str, folder: Path) -> optuna.Study:
    """The study in `folder`, to look at.

    Raises NoStudy, and InvalidOption where there could not be one either.
    """
    if (folder / FILE).is_file():
        with suppress(KeyError):
            study = optuna.load_study(study_name=entry, storage=_storage(folder))
            if {PLAN, ASKED, PACKAGES} <= set(study.user_attrs):
                return study
    plans.load(entry)
    raise NoStudy(f"{folder} has no study of {entry}. To begin one, type: zoo sweep {entry}")


def plan_of(study: optuna.Study) -> Plan:
    """The plan that the study was last gone on with."""
    return Plan.model_validate(study.user_attrs[PLAN])


def _storage(folder: Path) -> RDBStorage:
    """The folder's file; Optuna then says no more than it must."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return RDBStorage(f"sqlite:///{folder / FILE}")


def drawn(study: optuna.Study) -> int:
    """How many draws came to an end; what was interrupted is none."""
    ended = (TrialState.COMPLETE, TrialState.PRUNED)
    return len(study.get_trials(deepcopy=False, states=ended))


def draw(study: optuna.Study, plan: Plan) -> Draw:
    """Begin the next trial, or once more the one that was interrupted."""
    number = drawn(study)
    name = plan.sampler(number)
    study.sampler = _sampler(name, plan.seed + number)
    trials = study.get_trials(deepcopy=False)
    if trials and _was_stopped(trials[-1], plan):
        study.enqueue_trial(trials[-1].params)
    elif number < len(plan.first):
        study.enqueue_trial(plan.first[number])
    trial = study.ask({key: each.distribution for key, each in plan.space.items()})
    trial.set_user_attr(SAMPLER, name)
    return Draw(trial, name, plan.rounded(trial.params))


def _was_stopped(trial: FrozenTrial, plan: Plan) -> bool:
    """Whether a trial was interrupted that had all its values."""
    return trial.state == TrialState.FAIL and set(trial.params) == set(plan.space)


def _sampler(name: str, seed: int) -> BaseSampler:
    if name == "random":
        return RandomSampler(seed)
    return TPESampler(n_startup_trials=0, multivariate=True, constant_liar=False, seed=seed)


@contextmanager
def held(entry: str, folder: Path) -> Iterator[None]:
    """Keep other processes off the study. Raises OtherStudy where one is at it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("wb") as stream:
        if not locks.take(stream):
            raise OtherStudy(
                f"Another process is at the study in {folder} at this moment. Wait for it to "
                f"end, or look at what it has so far: zoo sweep {entry} --list"
            )
        yield

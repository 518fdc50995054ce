"""What a study has found so far: a row a trial, the winner, and what mattered."""

import math
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.trial import TrialState

from training.cards.filters import setting
from training.loop import MONITOR
from training.sweep import study as studies
from training.sweep.plan import Value

COMPLETE, PRUNED, DIVERGED, INTERRUPTED = "complete", "pruned", "diverged", "interrupted"
STATES = {
    TrialState.COMPLETE: COMPLETE,
    TrialState.PRUNED: PRUNED,
    TrialState.FAIL: INTERRUPTED,
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}
Row = dict[str, Any]


def table(study: optuna.Study) -> dict[str, Any]:
    """What results/study.json holds of a study: its plan, its trials in order, what came of them.

    A trial's `value` is its best monitored figure, of a pruned one that of the epochs it had;
    `best` has all figures of that epoch. `winner` is the number of the best complete trial, None
    where there is none; `importance` adds up to 1, and is None where complete trials don't differ.
    """
    rows = [row(study, trial.number) for trial in study.get_trials(deepcopy=False)]
    complete = [each for each in rows if each["state"] == COMPLETE]
    best = max(complete, key=lambda each: each["value"], default=None)
    differ = len({each["value"] for each in complete}) > 1
    asked = study.user_attrs[studies.ASKED]
    return {
        "plan": study.user_attrs[studies.PLAN],
        "recipe": asked["recipe"],
        "records": asked["records"],
        "packages": study.user_attrs[studies.PACKAGES],
        "trials": rows,
        "winner": best["trial"] if best else None,
        "importance": _importance(study) if differ else None,
    }


def row(study: optuna.Study, number: int) -> Row:
    """One trial."""
    trial, plan = study.get_trials(deepcopy=False)[number], studies.plan_of(study)
    history, whole = trial.user_attrs.get(studies.HISTORY, []), set(plan.space) <= set(trial.params)
    best = max(history, key=lambda each: each[MONITOR], default=None)
    state, reason = STATES[trial.state], trial.user_attrs.get(studies.REASON)
    return {
        "trial": number,
        "sampler": trial.user_attrs.get(studies.SAMPLER),
        "state": DIVERGED if state == PRUNED and reason is not None else state,
        "parameters": plan.rounded(trial.params) if whole else {},
        "value": None if best is None else best[MONITOR],
        "best": best,
        "epochs": len(history),
        "seconds": trial.user_attrs.get(studies.SECONDS),
        "reason": reason,
    }


def _importance(study: optuna.Study) -> dict[str, float]:
    """How much of the spread of complete trials each key explains (PED-ANOVA), largest first."""
    found = optuna.importance.get_param_importances(
        study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
    )
    return {key: float(value) for key, value in found.items() if math.isfinite(value)}


def short(keys: Mapping[str, Any]) -> dict[str, str]:
    """Each key by its last word, or in full where two have the same."""
    words = [key.rpartition(".")[2] for key in keys]
    return {
        key: word if words.count(word) == 1 else key for key, word in zip(keys, words, strict=True)
    }


def spoken(values: Mapping[str, Value]) -> str:
    """Values in one line."""
    names = short(values)
    return ", ".join(f"{names[key]} {setting(value)}" for key, value in values.items())


def told(each: Row) -> str:
    """How a trial ended, in one line."""
    value = "no figure" if each["value"] is None else f"{each['value']:.4f}"
    text = f"{each['state']}: {value} after {each['epochs']} epochs, {each['seconds']:.0f} seconds"
    return f"{text} ({each['reason']})" if each["reason"] else text


def ranked(rows: list[Row]) -> list[Row]:
    """Complete trials, best first, then those given up, best first; no others."""

    def place(each: Row) -> tuple[bool, float]:
        return each["state"] != COMPLETE, math.inf if each["value"] is None else -each["value"]

    return sorted(
        (each for each in rows if each["state"] in (COMPLETE, PRUNED, DIVERGED)), key=place
    )

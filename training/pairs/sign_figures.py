"""How well signs of held-out edges are told, beside simpler answers."""

from pathlib import Path

import numpy as np
import pandas as pd

from training.data.pairs import PairData
from training.pairs import sign
from training.pairs.split import FOLDS, make_split
from training.scoring.bootstrap import Bootstrap, coded, interval
from training.scoring.decisions import expected_calibration_error
from training.scoring.ranking import auroc

FILE = "sign.json"
PARTS = ("test", "cold_gene_test", "cold_tf_test")
MODEL = "sign"
RIVALS = ("majority", "tf_rate", "both_rates")


def evaluate(data: PairData, seed: int) -> pd.DataFrame:
    """AUROC on TRRUST's own signs of the test edges of all folds: per fold, then the mean.

    Rows by `part` and `model`: AUROC, its interval (`low`, `high`) and how far the model `sign` is
    above it (`gap`, `gap_low`, `gap_high`), regulators drawn again and again; counts of signed
    edges and their regulators. Rivals are the regulator's most frequent sign, its shrunken rate of
    activation, and its rate and the gene's together. `calibration_error` is the expected one.
    """
    held = pd.concat([_held_out(data, seed, fold) for fold in range(FOLDS)], ignore_index=True)
    return pd.concat([_figures(rows, part) for part, rows in held.groupby("part")])


def write(data: PairData, seed: int, folder: Path) -> bool:
    """Write sign.json, the rows of `evaluate`, and return whether signs are worth shipping."""
    figures = evaluate(data, seed)
    figures.to_json(folder / FILE, orient="records", indent=1)
    return better(figures)


def better(figures: pd.DataFrame) -> bool:
    """Whether the model is above the majority sign on single held-out edges, beyond chance."""
    against = figures[(figures["part"] == "test") & (figures["model"] == "majority")]
    return bool((against["gap_low"] > 0).all())


def _held_out(data: PairData, seed: int, fold: int) -> pd.DataFrame:
    """Signed test edges of a fold with the log-odds that each model gives them."""
    split = make_split(data, seed, fold)
    train = split.rows(data, "train")
    tables, label = sign.fit(data, train), sign.activation(data, sign.SIGNED)
    train = train[~np.isnan(label[train])]
    tf, gene = data.pairs.T
    tf_tally = sign.Tally(tf[train], label[train], len(data.vocabulary.regulators))
    gene_tally = sign.Tally(gene[train], label[train], len(data.vocabulary.genes))
    tf_rate, gene_rate = tf_tally.log_odds(), gene_tally.log_odds()
    parts = []
    for part in PARTS:
        rows = split.rows(data, part)
        rows = rows[~np.isnan(label[rows])]
        regulator, target = tf[rows], gene[rows]
        columns = {
            MODEL: tables.logit(regulator, target).astype(np.float64),
            "majority": tf_tally.majority()[regulator],
            "tf_rate": tf_rate[regulator],
            "both_rates": tf_rate[regulator] + gene_rate[target],
        }
        about = {"part": part, "fold": fold, "tf": regulator, "label": label[rows] == 1}
        parts.append(pd.DataFrame(about | columns))
    return pd.concat(parts)


def _figures(rows: pd.DataFrame, part: str) -> pd.DataFrame:
    draws = Bootstrap.of(coded(rows["tf"].to_numpy()))
    weights = np.concatenate([np.ones((1, len(rows))), *draws.chunks()])
    label, fold = rows["label"].to_numpy(), rows["fold"].to_numpy()
    resampled = {}
    for model in (MODEL, *RIVALS):
        score = rows[model].to_numpy()
        each = [
            auroc(label[at], score[at], weights[:, at]) for at in map(fold.__eq__, range(FOLDS))
        ]
        resampled[model] = np.nanmean(each, axis=0)
    probability = 1 / (1 + np.exp(-rows[MODEL].to_numpy()))
    lines = []
    for model, values in resampled.items():
        gap = resampled[MODEL] - values
        low, high = interval(values[1:])
        line = {"part": part, "model": model, "auroc": values[0], "low": low, "high": high}
        if model != MODEL:
            low, high = interval(gap[1:])
            line |= {"gap": gap[0], "gap_low": low, "gap_high": high}
        else:
            line["calibration_error"] = expected_calibration_error(label, probability)
        lines.append(line | {"edges": len(rows), "regulators": rows["tf"].nunique()})
    return pd.DataFrame(lines)

"""The findings page on simple baselines of expression, from results/.

zoo reproduce simple-baselines --measure cited          # compare published scores
zoo reproduce simple-baselines --measure interaction    # plant interactions
zoo reproduce simple-baselines --measure doubles        # and unseen, curve: our models
zoo reproduce simple-baselines                          # the pages
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

import by_gears
import cited
import held_out
import interaction
import verdicts
from contracts.errors import InvalidOption
from training import data as datasets
from training.cards.render import render
from training.data import published
from training.data.files import DataFiles
from training.finding import Folder

FINDINGS = Path(__file__).parent
PAGES = ("README.md", "external.md")
NORMAN, PAPALEXI = "norman19", "papalexi2021"
SCREENS = ("Norman", "Wessels", "Schmidt", "Replogle_exp6")
LEARNED = tuple(f"linear_{n}" for n in ("go", "hpa", "omnipath", "tf_targets", "two_tower"))

Results = Mapping[str, pd.DataFrame]


def measure_cited() -> dict[str, pd.DataFrame]:
    """Published scores."""
    files = DataFiles.find()
    return {"scperturbench": cited.scperturbench(files), "scouter": cited.scouter(files)}


def measure_interaction() -> dict[str, pd.DataFrame]:
    """Planted interactions."""
    return {"interaction": interaction.measure(datasets.load(NORMAN))}


def measure_doubles() -> dict[str, pd.DataFrame]:
    """Our models on the five doubles, and singles in one half of the cells from the other."""
    data = datasets.load(NORMAN)
    return {"doubles": held_out.doubles(data, held_out.models()), "halves": held_out.halves(data)}


def measure_gears() -> dict[str, pd.DataFrame]:
    """GEARS on the five doubles."""
    return {"gears": by_gears.measure(datasets.load(NORMAN))}


def measure_unseen() -> dict[str, pd.DataFrame]:
    """Our models on unseen singles of both data sets."""
    sets = (datasets.load(name) for name in (NORMAN, PAPALEXI))
    return {"unseen": pd.concat([held_out.singles(each, _of_unseen()) for each in sets])}


def measure_curve() -> dict[str, pd.DataFrame]:
    """Unseen singles after fewer training perturbations."""
    return {"curve": held_out.curve(datasets.load(PAPALEXI), _of_unseen())}


MEASURES = {
    "cited": measure_cited,
    "interaction": measure_interaction,
    "doubles": measure_doubles,
    "gears": measure_gears,
    "unseen": measure_unseen,
    "curve": measure_curve,
}


def _of_unseen() -> dict[str, held_out.Fit]:
    """Models that answer for a gene without measurements."""
    return {name: fit for name, fit in held_out.models().items() if name not in held_out.ADDED_UP}


def pages(results: Results) -> dict[str, str]:
    """Both pages as Markdown; sections without results are left out."""
    scores, gears = results["scperturbench"], results.get("gears")
    doubles = results.get("doubles")
    if doubles is not None and gears is not None:
        doubles = pd.concat([doubles, gears.drop_duplicates("double").assign(model="gears")])
    values: dict[str, Any] = {
        "l2": published.NORMAN_L2,
        "sources": (published.SCPERTURBENCH, published.SCOUTER, published.AHLMANN_ELTZE),
        "scores": scores,
        "screens": {name: _screen(scores, name) for name in SCREENS},
        "scouter": results["scouter"].to_dict("records"),
        "seen_kinds": cited.SEEN,
        "interaction": results["interaction"],
        "few": interaction.FEW,
        "verdict": verdicts,
        "learned": LEARNED,
        "doubles": _wide(doubles),
        "gears": gears,
        "range_of_epochs": None
        if gears is None
        else _range(gears.drop_duplicates("double")["epochs"]),
        "slopes": doubles,
        "of_change": _of_change(doubles),
        "halves": results["halves"].groupby("model")["l2"].mean() if "halves" in results else None,
        "residual": _chosen(results["residual"]) if "residual" in results else None,
        "unseen": _unseen(results.get("unseen"), "mean"),
        "unseen_random": _unseen(results.get("unseen"), "linear_random"),
        "curve": results.get("curve"),
        "draws": held_out.DRAWS,
    }
    return {name: render(FINDINGS / f"{name}.j2", **values) for name in PAGES}


def _screen(scores: pd.DataFrame, name: str) -> dict[str, Any]:
    """A screen's doubles, and who is clearly ahead of the training mean by number of genes."""
    rows = scores[(scores["screen"] == name) & (scores["reference"] == cited.MEAN)]
    genes = {int(n): part.set_index("method") for n, part in rows.groupby("genes")}
    return {
        "rows": int(rows["rows"].iloc[0]),
        "doubles": int(rows["doubles"].iloc[0]),
        "ahead": {n: verdicts.ahead(part.reset_index()) for n, part in genes.items()},
        "behind": {n: verdicts.behind(part.reset_index()) for n, part in genes.items()},
        "methods": {n: part.to_dict("index") for n, part in genes.items()},
    }


def _range(values: pd.Series) -> str:
    """3, or 3 to 10."""
    ends = sorted({int(values.min()), int(values.max())})
    return " to ".join(map(str, ends))


def _wide(rows: pd.DataFrame | None) -> pd.DataFrame | None:
    """L2 of every model on each double, the best mean first."""
    if rows is None:
        return None
    table = rows.pivot(index="model", columns="double", values="l2")
    return table.loc[table.mean(axis=1, skipna=False).sort_values().index]


def _of_change(rows: pd.DataFrame | None) -> pd.Series | None:
    """The mean L2 of the change alone, by model."""
    return None if rows is None else rows.groupby("model")["l2_of_change"].mean()


def _unseen(rows: pd.DataFrame | None, reference: str) -> dict[str, pd.DataFrame]:
    """By data set, every model beside the reference on unseen singles."""
    if rows is None:
        return {}
    found = held_out.compared(rows, reference)
    return {name: part.sort_values("l2") for name, part in found.groupby("data", sort=False)}


def _chosen(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean L2 by base: of what was chosen, of no residual; on how many doubles it is nearer."""
    keys = ["base", "double"]
    added = rows[rows["learner"] == "no residual"].set_index(keys)["left_out"]
    chosen = rows[rows["chosen"]].set_index(keys)["left_out"]
    both = pd.DataFrame({"chosen": chosen, "added": added})
    nearer = (both["chosen"] < both["added"]).groupby("base").sum().rename("nearer")
    return both.groupby("base").mean().join(nearer)


def read(folder: Path) -> dict[str, pd.DataFrame]:
    """Every table of results/ by its name."""
    return {path.stem: pd.read_csv(path) for path in sorted((folder / "results").glob("*.csv"))}


def main(
    measure: Annotated[
        list[str] | None,
        typer.Option(help=f"Measure first, one of {', '.join(MEASURES)}; may be given again."),
    ] = None,
    folder: Folder = FINDINGS,
) -> None:
    """Write the findings pages on simple baselines of expression."""
    (folder / "results").mkdir(parents=True, exist_ok=True)
    for name in measure or ():
        if name not in MEASURES:
            raise InvalidOption("measure", name, f"one of {', '.join(MEASURES)}")
        for table, rows in MEASURES[name]().items():
            rows.to_csv(folder / "results" / f"{table}.csv", index=False, float_format="%.9g")
    for name, text in pages(read(folder)).items():
        (folder / name).write_text(text, encoding="utf-8")
        typer.echo(str(folder / name))


if __name__ == "__main__":
    typer.run(main)

"""Results of ablations as rows of an evaluation: the name of each in the column `variant`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from training import family
from training.cards.ablations import MEAN
from training.family import Family
from training.loop import MONITOR
from training.scoring.table import ENTRY, Evaluation, Headline, Variant
from zoo.store import folders

STAGE = "valid"
TOLD = tuple(Variant.model_fields)


def with_variants(
    entry: str, results: Mapping[str, Mapping[str, Any]], note: str = ""
) -> Evaluation:
    """The evaluation of an exported entry with these ablations in place of the former ones.

    Raises UnknownEntry and the store's other errors, StaleEvaluation.
    """
    folder, manifest = folders.open_entry(entry)
    evaluation = Evaluation.read(folder)
    task_family = family.of(manifest.task)
    about = evaluation.about.model_copy(
        update={
            "variants": {
                name: Variant.model_validate({key: result[key] for key in TOLD})
                for name, result in results.items()
            },
            "variants_note": note,
        }
    )
    added = [
        row
        for name, result in results.items()
        for row in rows(task_family, about.headline, name, result["best"])
    ]
    former = evaluation.rows[evaluation.rows["variant"] == ""]
    table = Evaluation.of(about, added).rows
    return replace(evaluation, about=about, rows=pd.concat([former, table], ignore_index=True))


def rows(
    of: Family, headline: Headline | None, name: str, best: Mapping[str, int | float]
) -> Iterator[dict[str, object]]:
    """A row for each figure of a training's best epoch.

    Figures of monitored parts stand under their protocols, their mean under `monitor`; what else a
    training watches belongs to no protocol.
    """
    question = headline.question if headline else ""
    lead = next(iter(of.monitored.values())).measure
    for figure, value in sorted(best.items()):
        part = of.monitored.get(figure)
        key = {"protocol": "", "question": "", "measure": figure}
        if part is not None:
            key = {"protocol": part.protocol, "question": question, "measure": part.measure}
        elif figure == MONITOR:
            key |= {"protocol": MEAN, "measure": lead}
        yield {"stage": STAGE, "model": ENTRY, "variant": name, "value": value} | key

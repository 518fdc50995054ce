"""How often the perturbed regulator is among the first of a gene list's regulators, by method.

Run it with `python benchmarks/enrichment.py [--entry ENTRY]`; it needs ZOO_DATA. The signatures are
those that the method of `zoo enrich` was chosen on: half of all, by regulator.
"""

import typer
from page import save

import zoo
from training.data.files import DataFiles
from training.pairs import signatures


def main(entry: str = "two_tower-brain") -> None:
    """Measure, print, write results/enrichment.json."""
    model = zoo.load(entry, device="cpu")
    lists = list(signatures.read(DataFiles.find(), model))
    table = signatures.ranks(model, model.evidence.known, lists)
    save(
        "enrichment",
        {
            "entry": entry,
            "version": model.manifest.version,
            "signatures": len(lists),
            "regulators": int(table["tf"].nunique()),
            "candidates": len(model.vocabulary.regulators),
            "rows": signatures.summary(table).to_dict("records"),
        },
    )


if __name__ == "__main__":
    typer.run(main)

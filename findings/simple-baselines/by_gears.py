"""GEARS on the five doubles, each left out, by its own package: needs the extra `gears`."""

import numpy as np
import pandas as pd

from training.data import gene_records, norman19
from training.data.expression import ExpressionData
from training.data.files import DataFiles
from training.expression.adapters import gears

EPOCHS = 3
PARTS = ("bp", "mf", "cc")
NO_DATA = "ND"


def terms(files: DataFiles, genes: set[str]) -> pd.DataFrame:
    """GO terms of these genes, by the names that the cells have."""
    tables = [files.table(f"tf_knowledge/human_go_{part}.tsv.gz") for part in PARTS]
    every = pd.concat(tables)
    every = every[(every["evidence"] != NO_DATA) & every["symbol"].isin(genes)]
    return every.rename(columns={"symbol": "gene", "go": "term"})[["gene", "term"]]


def measure(data: ExpressionData, epochs: int = EPOCHS) -> pd.DataFrame:
    """One row a double: L2, and how much of the measured additive change is predicted."""
    files = DataFiles.find()
    cells = files.cells(norman19.FILE)
    cells = cells[(cells.obs["dataset"] == norman19.DATASET).to_numpy()].copy()
    names = {gene for text in cells.obs[norman19.CONDITION].unique() for gene in text.split("+")}
    graph = gears.shared_terms(terms(files, names | set(map(str, cells.var_names))))
    place, change = data.profiles.place, data.profiles.change
    pairs = [s for s in data.profiles.sets if len(s) == 2 and {s[:1], s[1:]} <= set(place)]
    asked = {data.set_name(pair): pair for pair in pairs}
    predicted = gears.predictions(cells, graph, list(asked), epochs=epochs)
    symbols = [record.symbol for record in gene_records.human(files, list(predicted.columns))]
    predicted = predicted.set_axis(symbols, axis=1)[list(data.readouts.genes)]
    rows = []
    for name, pair in asked.items():
        found = np.maximum(predicted.loc[name].to_numpy(), -data.profiles.control)
        additive = change[[place[pair[:1]], place[pair[1:]]]].sum(axis=0)
        slope = float(found @ additive / (additive @ additive))
        l2 = float(np.linalg.norm(found - change[place[pair]]))
        rows.append({"double": name, "epochs": epochs, "seed": 0, "l2": l2, "slope": slope})
    return pd.DataFrame(rows)

"""Write an evaluation into the entry that it is of, and its figures into the manifest."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.errors import InvalidOption
from contracts.manifest import FILENAME, Manifest
from zoo import store
from zoo.files import replacing

EVALUATION = "evaluation.json"


def keep(entry: str, report: dict[str, Any], figures: Mapping[str, float]) -> Path:
    """Write a test report over all protocols; returns its path.

    Raises InvalidOption for a report of some protocols only, or of another stage than test.
    """
    if report["stage"] != "test" or not report["complete"]:
        raise InvalidOption("--save", "a partial report", "all protocols, with --stage test")
    folder, _ = store.open_entry(entry)
    with replacing(folder / EVALUATION) as draft:
        draft.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n")
    store.record(folder, EVALUATION)
    fields = Manifest.load(folder / FILENAME).model_dump() | {"metrics": dict(figures)}
    with replacing(folder / FILENAME) as draft:
        Manifest.model_validate(fields).save(draft)
    return folder / EVALUATION

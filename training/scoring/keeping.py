"""Write an evaluation into the entry that it is of, and its figures into the manifest."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.errors import InvalidOption
from contracts.manifest import FILENAME, FileRecord, Manifest
from zoo.store import folders
from zoo.store.files import replacing, sha256

EVALUATION = "evaluation.json"


def keep(entry: str, report: dict[str, Any], figures: Mapping[str, float]) -> Path:
    """Write a test report over all protocols; returns its path.

    The manifest has the report's digest, and both are whole before either takes its place, one
    right after the other. A machine that stops between these two leaves a report that the manifest
    does not know: of an entry that had one already, opening it then raises CorruptArtefact until
    it is exported again.

    Raises InvalidOption for a report of some protocols only, or of another stage than test.
    """
    if report["stage"] != "test" or not report["complete"]:
        raise InvalidOption("--save", "a partial report", "all protocols, with --stage test")
    folder, manifest = folders.open_entry(entry)
    path = folder / EVALUATION
    with replacing(folder / FILENAME) as manifest_draft, replacing(path) as draft:
        draft.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n")
        record = FileRecord(sha256=sha256(draft), bytes=draft.stat().st_size)
        fields = manifest.model_dump() | {"metrics": dict(figures)}
        fields["files"][EVALUATION] = record.model_dump()
        Manifest.model_validate(fields).save(manifest_draft)
    return path

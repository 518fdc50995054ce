"""Write an evaluation into the entry that it is of, and its figures into the manifest."""

from contextlib import ExitStack
from pathlib import Path

from contracts.errors import InvalidOption
from contracts.manifest import FILENAME, FileRecord, Manifest
from training.scoring.table import Evaluation
from zoo.store import folders
from zoo.store.files import replacing, sha256


def keep(entry: str, evaluation: Evaluation) -> Path:
    """Write a test evaluation of all protocols; returns the entry's folder.

    The manifest has the digests of the files, and all are whole before any takes its place, one
    right after the other. A machine that stops in between leaves an evaluation that the manifest
    does not know: of an entry that had one already, opening it then raises CorruptArtefact until
    it is exported again.

    Raises InvalidOption for an evaluation of some protocols only, or of another stage than test.
    """
    if evaluation.about.stage != "test" or not evaluation.about.complete:
        raise InvalidOption("--save", "a partial report", "all protocols, with --stage test")
    folder, manifest = folders.open_entry(entry)
    fields = manifest.model_dump() | {"metrics": evaluation.named()}
    with ExitStack() as stack:
        manifest_draft = stack.enter_context(replacing(folder / FILENAME))
        for name, text in evaluation.texts().items():
            draft = stack.enter_context(replacing(folder / name))
            draft.write_text(text, encoding="utf-8")
            record = FileRecord(sha256=sha256(draft), bytes=draft.stat().st_size)
            fields["files"][name] = record.model_dump()
        Manifest.model_validate(fields).save(manifest_draft)
    return folder

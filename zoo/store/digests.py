"""An entry's files held against what its manifest says of them."""

from pathlib import Path

from contracts.errors import CorruptArtefact, InvalidManifest, MissingArtefact
from contracts.manifest import FILENAME, FileRecord, Manifest
from zoo.store.files import sha256


def read_manifest(folder: Path, entry: str) -> Manifest:
    """The manifest of an entry's folder; raises InvalidManifest where it is another entry's."""
    manifest = Manifest.load(folder / FILENAME)
    if manifest.entry != entry:
        reason = f"it describes {manifest.entry!r}, expected {entry!r}"
        raise InvalidManifest(folder / FILENAME, reason)
    return manifest


def check_digests(folder: Path, manifest: Manifest) -> None:
    """Compare every file with its recorded digest.

    Raises:
        MissingArtefact: a recorded file is not there.
        CorruptArtefact: a file's digest is another one, naming the file and both digests.
    """
    for name, record in manifest.files.items():
        check_digest(folder / name, record)


def check_digest(path: Path, record: FileRecord) -> None:
    """Compare one file with its record; raises MissingArtefact or CorruptArtefact."""
    if not path.is_file():
        raise MissingArtefact(path)
    got = sha256(path)
    if got != record.sha256:
        raise CorruptArtefact(path, f"sha256 {record.sha256}", f"sha256 {got}")

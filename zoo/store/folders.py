"""Where entries live: registered folders, then bundled ones, then the cache, then the remote.

Every file is compared with its recorded SHA-256 when an entry is opened, wherever it came from.
Offline (ZOO_OFFLINE=1, or ZOO_REMOTE unset) means that no socket is opened.
"""

import difflib
from collections.abc import Iterator
from pathlib import Path

from contracts.errors import AnyPath, InvalidOption, MissingArtefact, Offline, UnknownEntry
from contracts.manifest import FILENAME, FileRecord, Manifest, split_entry
from zoo.store import settings
from zoo.store.digests import check_digests, read_manifest
from zoo.store.files import replacing, sha256

BUNDLED = Path(__file__).parents[1] / "artifacts"

# No entry's name is longer; comparing such a text would take long, and be for nothing.
LONGEST = 60

_registered: dict[str, Path] = {}


def register(folder: AnyPath) -> str:
    """Make an artefact folder outside the package known by its entry id, for this process.

    It goes before a bundled entry of the same name.

    Raises:
        InvalidOption: there is no such folder.
        MissingArtefact, InvalidManifest, CorruptArtefact: the folder is no sound entry.
    """
    folder = Path(folder).expanduser().resolve()
    if not folder.is_dir():
        expected = "an entry's folder, but this one does not exist"
        raise InvalidOption("folder", str(folder), expected)
    manifest = Manifest.load(folder / FILENAME)
    check_digests(folder, manifest)
    _registered[manifest.entry] = folder
    return manifest.entry


def known() -> dict[str, Path]:
    """The folder of every entry on this machine, by entry id."""
    found: dict[str, Path] = {}
    for folder in (*_entries_in(settings.cache_folder()), *_entries_in(BUNDLED)):
        found[folder.name] = folder
    return {**found, **_registered}


def open_entry(entry: str) -> tuple[Path, Manifest]:
    """The folder and the manifest of an entry, with every file's digest checked; see zoo.load."""
    folder = locate(entry)
    manifest = read_manifest(folder, entry)
    check_digests(folder, manifest)
    return folder, manifest


def locate(entry: str) -> Path:
    """The folder of an entry, fetched if need be; its files are not checked yet."""
    try:
        split_entry(entry)
    except (InvalidOption, TypeError):
        raise UnknownEntry(str(entry), near_names(str(entry))) from None
    cached = settings.cache_folder() / entry
    for folder in (_registered.get(entry), BUNDLED / entry):
        if folder is not None and _is_entry(folder):
            return folder
    if _is_entry(cached):
        files = Manifest.load(cached / FILENAME).files
        if all((cached / name).is_file() for name in files):  # one that a user removed is fetched
            return cached
    return _fetched(entry, cached)


def record(folder: Path, filename: str) -> None:
    """Write the digest and the size that a file has now into the entry's manifest, in one step.

    For those who add a file to an entry, such as its evaluation or its card.
    Raises MissingArtefact where the file or the manifest is not there.
    """
    path = folder / filename
    if not path.is_file():
        raise MissingArtefact(path)
    manifest = Manifest.load(folder / FILENAME)
    now = FileRecord(sha256=sha256(path), bytes=path.stat().st_size)
    fields = manifest.model_dump()
    fields["files"][filename] = now.model_dump()
    with replacing(folder / FILENAME) as draft:
        Manifest.model_validate(fields).save(draft)


def near_names(entry: str) -> list[str]:
    """Up to five entries of this machine that are spelt much like `entry`."""
    if len(entry) > LONGEST:
        return []
    return difflib.get_close_matches(entry.strip().lower(), known(), n=5, cutoff=0.5)


def _fetched(entry: str, cached: Path) -> Path:
    """Fetch an entry into the cache, or say why that cannot be."""
    base = settings.remote()
    if base is None and _is_entry(cached):
        return cached  # not whole: whoever opens it says which file is missing
    if base is None:
        raise UnknownEntry(entry, near_names(entry))
    if settings.offline():
        raise Offline(entry)
    from zoo.store.remote import fetch

    if not fetch(base, entry, cached):
        raise UnknownEntry(entry, near_names(entry))
    return cached


def _entries_in(folder: Path) -> Iterator[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError:  # no such folder, or one we may not look into: no entries there
        return
    yield from (candidate for candidate in inside if _is_entry(candidate))


def _is_entry(folder: Path) -> bool:
    try:
        return (folder / FILENAME).is_file()
    except OSError:
        return False

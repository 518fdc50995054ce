"""The parts of a result that is not whole yet: a folder beside it, to go on from after a stop.

A part is the result of a fixed run of chunks: a file of scored rows and one of rejected rows. Both
are Arrow streams, written under another name and renamed when they are on the disk; the scored one
comes last, so that a part is there once that file is. plan.json says what the parts belong to; a
run holds a lock on `lock` for as long as it lives.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from contracts.errors import CannotResume
from zoo.batch import locks
from zoo.store.files import replacing
from zoo.tables.arrow import BatchResult

PLAN, LOCK = "plan.json", "lock"

Plan = dict[str, Any]
"""What a run depends on, ready for JSON; `limits` is what the first run chose for all others."""


def folder_of(output: Path) -> Path:
    """Where the parts of this result are kept until it is whole."""
    return output.with_name(f".{output.name}.parts")


class Parts:
    """The folder of parts of one result, held by one process at a time."""

    def __init__(self, output: Path, plan: Plan) -> None:
        """Hold a folder that is there; `plan` is that of the run which began it."""
        self.folder = folder_of(output)
        self.plan = plan

    def finished(self) -> int:
        """How many parts are done; they are numbered from 0 without a gap."""
        number = 0
        while self._file(number, "scored").exists():
            number += 1
        return number

    def save(self, number: int, results: Iterable[BatchResult]) -> None:
        """Write one part, batch by batch, as the results come."""
        import pyarrow as pa

        options = pa.ipc.IpcWriteOptions(compression="lz4")
        scored, rejected = self._file(number, "scored"), self._file(number, "rejected")
        writers: dict[str, Any] = {}
        with replacing(scored) as scored_draft, replacing(rejected) as rejected_draft:
            drafts = {"scored": scored_draft, "rejected": rejected_draft}
            with ExitStack() as stack:
                for result in results:
                    for kind, draft in drafts.items():
                        batch = getattr(result, kind)
                        if kind not in writers:
                            stream = stack.enter_context(pa.OSFile(str(draft), "wb"))
                            writer = pa.ipc.new_stream(stream, batch.schema, options=options)
                            writers[kind] = stack.enter_context(writer)
                        writers[kind].write_batch(batch)
            for draft in drafts.values():
                to_disk(draft)
            # From here on a kill leaves rejected rows without their part: it is made again.

    def batches(self, kind: str) -> Iterator[Any]:
        """All batches of the parts in order; `kind` is "scored" or "rejected"."""
        import pyarrow as pa

        for number in range(self.finished()):
            with pa.OSFile(str(self._file(number, kind)), "rb") as stream:
                yield from pa.ipc.open_stream(stream)

    def remove(self) -> None:
        """Take the parts away, plan.json last: what is left after a kill can be resumed."""
        for path in self.folder.iterdir():
            if path.name not in (PLAN, LOCK):
                path.unlink()
        (self.folder / PLAN).unlink()

    def _file(self, number: int, kind: str) -> Path:
        return self.folder / f"{number:06d}.{kind}.arrow"


@contextmanager
def opened(output: Path, plan: Plan, resume: bool) -> Iterator[Parts]:
    """Begin a folder of parts, or go on with that of a stopped run.

    Raises:
        CannotResume: there is nothing to resume; what is there belongs to another run; it is
            there and `resume` was not asked; or another process is at work on it.
    """
    folder = folder_of(output)
    if resume and not (folder / PLAN).is_file():
        reason = f"there is nothing to resume: no stopped run in {folder}"
        raise CannotResume(output, folder, reason, "Leave out --resume to begin.")
    with _held(output, folder):
        if not resume:
            _begin(output, plan)
        found = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        _check_same(output, found, plan)
        yield Parts(output, found)


def to_disk(path: Path) -> None:
    """Wait until the file's content is on the disk: a name must never come before it."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _begin(output: Path, plan: Plan) -> None:
    folder = folder_of(output)
    if (folder / PLAN).is_file():
        reason = f"a run that was stopped has left its parts in {folder}"
        hint = "Add --resume to go on with it, or remove that folder to begin again."
        raise CannotResume(output, folder, reason, hint)
    with replacing(folder / PLAN) as draft:
        draft.write_text(json.dumps(plan, indent=2), encoding="utf-8")
        to_disk(draft)


def _check_same(output: Path, found: Plan, plan: Plan) -> None:
    """Refuse parts of a run with another input, entry or option; its limits are taken over."""
    for key in plan:
        was, now = found.get(key), plan[key]
        if key == "limits" or was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            differ = [name for name in now if was.get(name) != now[name]]
            was, now = (", ".join(f"{n} {one.get(n)}" for n in differ) for one in (was, now))
        folder = folder_of(output)
        hint = f"Type --resume with what it was begun with, or remove {folder} to begin again."
        reason = f"the stopped run has another {key}: {was}, and now {now}"
        raise CannotResume(output, folder, reason, hint)


@contextmanager
def _held(output: Path, folder: Path) -> Iterator[None]:
    """Keep other runs off the folder, and take it away in the end if there is no plan in it.

    Raises CannotResume where another run holds it, which ends with that run's process.
    """
    stream = _lock(folder)
    if stream is None:
        reason = "another run is writing this output at this moment"
        raise CannotResume(output, folder, reason, "Wait for it to end, or name another output.")
    try:
        yield
    finally:
        finished = not (folder / PLAN).exists()
        if finished and os.name != "nt":  # Windows removes no file that is open
            _remove_empty(folder)
        stream.close()
        if finished and os.name == "nt":
            _remove_empty(folder)


def _lock(folder: Path) -> Any:
    """The file that a run holds while it lives, open; None where another run holds it."""
    while True:
        folder.mkdir(exist_ok=True)
        try:
            stream = (folder / LOCK).open("ab")
        except FileNotFoundError:  # another run has ended, and taken the folder away
            continue
        if not locks.take(stream):
            stream.close()
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(stream.fileno()), (folder / LOCK).stat()):
                return stream
        stream.close()


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        (folder / LOCK).unlink()
        folder.rmdir()

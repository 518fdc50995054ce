"""What a run through a file is, and what its parts depend on: told again before it is resumed."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from contracts.errors import BadTable
from zoo.batch.parts import Plan
from zoo.batch.places import Places
from zoo.batch.tasks import Task
from zoo.tables.chunks import Limits, Source
from zoo.version import __version__


@dataclass(frozen=True)
class Run:
    """What to do, with which table, from where to where; `options` are told in the plan."""

    task: Task
    source: Source
    places: Places
    options: dict[str, Any]


def plan_of(job: Run, limits: Limits) -> Plan:
    """What the run depends on; raises BadTable where the input cannot be read."""
    manifest = job.task.model.manifest
    files = {name: record.sha256 for name, record in sorted(manifest.files.items())}
    digest = hashlib.sha256(json.dumps(files).encode()).hexdigest()
    options = {
        "columns": list(job.task.columns),
        "k": job.task.k,
        "on-unknown": "skip" if job.places.skip else "raise",
        "backend": job.task.model.backend,
        "device": job.task.model.device,
        **job.options,
    }
    return {
        "command": job.task.name,
        "version of regzoo": __version__,
        "entry": {"name": manifest.entry, "version": manifest.version, "digest": digest[:12]},
        "input": input_facts(job.source.path),
        "options": options,
        "limits": asdict(limits),
    }


def changed(path: Path, facts: dict[str, Any]) -> bool:
    """Whether the file is another one than when its facts were taken."""
    try:
        now = path.stat()
    except OSError:
        return True
    return (now.st_size, now.st_mtime_ns) != (facts["bytes"], facts["modified"])


def input_facts(path: Path) -> dict[str, Any]:
    """What tells a file from another, without reading all of it."""
    end = 1 << 20
    try:
        with path.open("rb") as stream:
            facts = os.fstat(stream.fileno())
            digest = hashlib.sha256(stream.read(end))
            stream.seek(max(0, facts.st_size - end))
            digest.update(stream.read(end))
    except OSError as error:
        hint = "Give a file that you may read."
        raise BadTable(path, f"it cannot be read: {error.strerror}", hint) from error
    return {
        "bytes": facts.st_size,
        "modified": facts.st_mtime_ns,
        "digest of its ends": digest.hexdigest()[:12],
    }

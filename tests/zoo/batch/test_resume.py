"""A run that was killed goes on where it was: nothing lost, nothing doubled, nothing mixed up."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

import zoo
from tests import tiny
from tests.zoo.batch_tables import child, names, pairs, read, written
from tests.zoo.commands import refused, run
from zoo.batch import parts
from zoo.pairs.tasks import ScoreTask

pytestmark = pytest.mark.usefixtures("only_tiny", "tiny_chunks")


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_killed_and_resumed_gives_what_an_undisturbed_run_gives(
    tiny_root: Path, tmp_path: Path, suffix: str
):
    rows = written(tmp_path / "in.csv", pairs(95))
    asked = ("score", tiny.DOT, "-i", rows, "--on-unknown", "skip", "--device", "cpu")
    whole, output = tmp_path / f"whole{suffix}", tmp_path / f"out{suffix}"
    run(*asked, "-o", whole)
    draw = random.Random(suffix)
    ended, kills = None, 0
    while ended is None or ended.returncode:
        resume = ["--resume"] if (parts.folder_of(output) / "plan.json").exists() else []
        # The first steps are the entry's; later kills fall anywhere, the joining included.
        ended = child(tiny_root, draw.randint(20, 80), *asked, "-o", output, *resume)
        assert ended.returncode in (0, -9), ended.stderr
        kills += ended.returncode == -9
        if ended.returncode and output.exists():
            assert output.read_bytes() == whole.read_bytes(), "there, but not whole"
    assert kills >= 1
    assert output.read_bytes() == whole.read_bytes()
    side = f"{output.name}.rejected.csv"
    assert (tmp_path / side).read_bytes() == (tmp_path / f"{whole.name}.rejected.csv").read_bytes()
    assert not parts.folder_of(output).exists()


class Killed(BaseException):
    """What no code catches: the process's end, as far as the files can tell."""


def stopped(asked: tuple, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run until so many parts are saved, and no further."""
    save = parts.Parts.save

    def once(self: parts.Parts, number: int, results: Any) -> None:
        if number == after:
            raise Killed
        save(self, number, results)

    with monkeypatch.context() as patch:
        patch.setattr(parts.Parts, "save", once)
        with pytest.raises(Killed):
            run(*asked)


def test_a_resumed_run_scores_only_what_is_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    good = (["SOX2", "PAX6"], ["GFAP", "MBP"])
    path, output = written(tmp_path / "in.parquet", pairs(95, good)), tmp_path / "out.parquet"
    asked = ("score", tiny.TABLE, "-i", path, "-o", output)
    stopped(asked, 3, monkeypatch)
    assert not output.exists()
    told = refused(*asked)
    assert f"a run that was stopped has left its parts in {parts.folder_of(output)}" in told
    assert "Add --resume to go on with it" in told
    done = []
    call = ScoreTask.__call__
    monkeypatch.setattr(
        ScoreTask,
        "__call__",
        lambda self, batch: (done.append(batch.num_rows), call(self, batch))[1],
    )
    run(*asked, "--resume")
    assert sum(done) == 95 - 3 * 20
    assert [row["n"] for row in read(output)] == list(range(95))
    assert names(tmp_path) == {"in.parquet", "out.parquet"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("input", "another input: bytes .*, and now bytes"),
        ("entry", "another entry: name tiny_dot-toy.*, and now name tiny_table-toy"),
        ("options", "another options: on-unknown skip, and now on-unknown raise"),
        ("command", "another command: score, and now regulators"),
    ],
)
def test_resume_of_another_run_is_refused_and_spoils_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, message: str
):
    path, output = written(tmp_path / "in.csv", pairs(60)), tmp_path / "out.csv"
    asked = ["score", tiny.DOT, "-i", path, "-o", output, "--on-unknown", "skip"]
    stopped(tuple(asked), 2, monkeypatch)
    other = list(asked)
    if change == "input":
        other[3] = written(tmp_path / "other.csv", pairs(61))
    elif change == "entry":
        other[1] = tiny.TABLE
    elif change == "options":
        other = other[:-2]
    else:
        (tmp_path / "genes.csv").write_text("gene\nGFAP\n")
        other = ["regulators", tiny.DOT, "-i", tmp_path / "genes.csv", *other[4:], "-k", "2"]
    before = names(parts.folder_of(output))
    told = refused(*other, "--resume")
    assert re.search(message, told)
    assert "Type --resume with what it was begun with, or remove" in told
    assert names(parts.folder_of(output)) == before
    run(*asked, "--resume")
    kept = zoo.load(tiny.DOT).scored(pairs(60), "skip").kept
    assert [int(row["n"]) for row in read(output)] == kept.tolist()


def test_ctrl_c_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path, output = written(tmp_path / "in.csv", pairs(60)), tmp_path / "out.csv"
    asked = ("score", tiny.DOT, "-i", path, "-o", output, "--on-unknown", "skip")
    call, calls = ScoreTask.__call__, []

    def interrupted(self: ScoreTask, batch: Any) -> Any:
        calls.append(batch)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return call(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(ScoreTask, "__call__", interrupted)
        told = run(*asked, code=130).stderr
    assert "Stopped. Type the same with --resume to go on." in told
    assert not output.exists()
    run(*asked, "--resume")
    kept = zoo.load(tiny.DOT).scored(pairs(60), "skip").kept
    assert [int(row["n"]) for row in read(output)] == kept.tolist()


def test_nothing_to_resume(tmp_path: Path):
    path = written(tmp_path / "in.csv", [("SOX2", "GFAP")])
    told = refused("score", tiny.TABLE, "-i", path, "-o", tmp_path / "out.csv", "--resume")
    assert "there is nothing to resume" in told
    assert "Leave out --resume" in told
    assert names(tmp_path) == {"in.csv"}


def test_two_processes_never_write_one_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path, output = written(tmp_path / "in.csv", pairs(60)), tmp_path / "out.csv"
    asked = ("score", tiny.DOT, "-i", path, "-o", output, "--on-unknown", "skip")
    stopped(asked, 1, monkeypatch)
    plan = json.loads((parts.folder_of(output) / "plan.json").read_text())
    with parts.opened(output, plan, resume=True):
        for flags in ([], ["--resume"]):
            assert "another run is writing this output at this moment" in refused(*asked, *flags)
    run(*asked, "--resume")

"""What a training may begin on: an empty folder, its own checkpoints, or one given up."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import InvalidInput, InvalidOption
from training.recipe import Recipe
from training.split import Parts
from training.stages import store

RUN, BEGUN = "run.json", "begun.json"
CHECKPOINTS, LAST = "checkpoints", "last.ckpt"


class UnfitOptions(InvalidInput):
    """Options that don't go together, or not with the folder that they name."""

    code = "unfit-options"


@dataclass(frozen=True)
class Options:
    """What a person may change of a training without editing its recipe."""

    folder: Path
    max_steps: int = -1
    resume: bool = False
    seed: int | None = None
    progress: bool = True
    overwrite: bool = False
    variant: str | None = None
    from_stage: str | None = None
    gene_vectors: Path | None = None

    def check(self) -> None:
        """Raise InvalidOption or UnfitOptions for what can't be done, before any work is."""
        if self.max_steps == 0 or self.max_steps < -1:
            raise InvalidOption("--max-steps", self.max_steps, "1 or more")
        if self.gene_vectors is not None and not self.gene_vectors.is_file():
            expected = "a file that exists, or a name that zoo import-embeddings --list shows"
            raise InvalidOption("--gene-vectors", str(self.gene_vectors), expected)
        if self.resume and self.overwrite:
            raise UnfitOptions("--resume goes on and --overwrite begins again: give one of them.")
        if self.resume and self.from_stage is not None:
            raise UnfitOptions("--resume goes on and --from-stage begins: give one of them.")
        if (self.folder / RUN).is_file() and not (self.resume or self.overwrite):
            raise UnfitOptions(
                f"{self.folder} holds a finished run. Add --overwrite to train again in its place, "
                "or --runs FOLDER to keep both."
            )
        if self.resume and not can_resume(self.folder):
            raise UnfitOptions(
                f"{self.folder} holds no checkpoint to go on from. Leave --resume out to begin."
            )


def can_resume(folder: Path) -> bool:
    """Whether a run folder has anything to go on from: a checkpoint, or what a stage handed on.

    It may be that of a further training in a folder of its own, such as one of a fold.
    """
    handed_on = store.path(folder, "*").name
    return any(folder.rglob(LAST)) or any(folder.rglob(handed_on))


def forget(folder: Path, stages: Sequence[str] = ()) -> None:
    """Take away the checkpoints and what stages handed on, but for what is of these stages."""
    for left in folder.glob(store.path(folder, "*").name):
        if left not in [store.path(folder, name) for name in stages]:
            left.unlink()
    checkpoints = folder / CHECKPOINTS
    for left in checkpoints.glob("*") if stages else [checkpoints]:
        if left.name not in stages:
            shutil.rmtree(left, ignore_errors=True)


def begin(
    recipe: Recipe, split: Parts, seed: int, options: Options, further: Sequence[str] = ()
) -> None:
    """Note what a new training is; to resume one, hold what is asked against its note.

    A new one takes away what a former one left: its checkpoints, what its stages handed on, and the
    folders of its `further` trainings, which would be resumed in place of new ones. One that begins
    at a stage leaves what belongs to the stages before it, and the `further` trainings, which begin
    there too. Raises UnfitOptions where the checkpoints or the weights of the folder belong to
    another training.
    """
    asked = {
        "recipe": recipe.model_dump(mode="json"),
        split.DIGEST: split.digest,
        "seed": seed,
        "max_steps": options.max_steps,
    }
    note = options.folder / BEGUN
    if options.resume and note.is_file():
        begun = json.loads(note.read_text())
        other = [name for name, value in asked.items() if begun[name] != value]
        if other:
            raise UnfitOptions(
                f"The run in {options.folder} was begun with another {' and '.join(other)}. Give "
                "the same options and recipe to go on, or --overwrite instead of --resume."
            )
        return
    forget(options.folder, _before(recipe, split, seed, options))
    for left in further if options.from_stage is None else ():
        shutil.rmtree(options.folder / left, ignore_errors=True)
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / RUN).unlink(missing_ok=True)
    note.write_text(json.dumps(asked, indent=2, sort_keys=True) + "\n")


def _before(recipe: Recipe, split: Parts, seed: int, options: Options) -> list[str]:
    """Stages before the one that is begun at.

    Raises InvalidOption for an unknown stage; UnfitOptions where the last of them has left nothing,
    or what was trained otherwise.
    """
    stage, names = options.from_stage, [each.name for each in recipe.stages]
    if stage is None:
        return []
    recipe.require_stage(stage)
    before = names[: names.index(stage)]
    if not before:
        return before
    former, again = before[-1], "Leave --from-stage out to train all stages."
    if not store.path(options.folder, former).is_file():
        raise UnfitOptions(f"{options.folder} holds no weights of the stage {former}. {again}")
    made = store.made_by(recipe, former, split.digest, seed, options.max_steps)
    if other := store.differences(options.folder, former, made):
        raise UnfitOptions(
            f"The stage {former} in {options.folder} was trained with another "
            f"{' and '.join(other)}. {again}"
        )
    return before

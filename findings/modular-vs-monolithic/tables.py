"""The findings page: rendered from the result files that are there, and from nothing else."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.cards.markdown import table
from training.reproduce import words
from training.reproduce.cells import FAILURES, RATIOS, SEEDS, STUDY, Cell
from training.reproduce.cells import table as all_cells
from training.reproduce.claims import CLAIMS
from training.reproduce.gradients import FAILURE_NAMES, Failures
from training.reproduce.published import PUBLISHED
from training.reproduce.results import Results, Spread, figured, most_accurate
from zoo.store.files import replacing

PAGE = "README.md"
MODELS = {"two_tower": "two towers", "cross_encoder": "cross-encoder"}
VARIANTS = {"last": "last epoch", "restored": "best epoch"}
NOT_RUN = "not run"
NONE = "-"


def write(folder: Path, smoke: bool = False) -> Path:
    """Render the results in `folder`/results to `folder`/README.md."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PAGE
    with replacing(path) as draft:
        draft.write_text(render(Results.read(folder / "results", smoke), smoke))
    return path


def render(results: Results, smoke: bool = False) -> str:
    """The page as Markdown."""
    total = sum(1 for _ in all_cells())
    done = total - len(results.missing)
    took, left = results.hours()
    missing = ", ".join(f"`{name}`" for name in results.missing) or "none"
    verdicts = [(f.claim, f.seen, f"**{f.verdict}**") for f in (c(results) for c in CLAIMS)]
    sections = (
        words.SMOKE if smoke else "",
        words.TITLE.format(done=done, total=total),
        table(("claim of the study", "what our runs show", "verdict"), verdicts),
        words.TABLE.format(seeds=len(SEEDS)),
        table(words.TABLE_HEAD, list(_networks(results))),
        words.RIVALS,
        table(words.RIVALS_HEAD, list(_rivals(results))),
        words.GRADIENTS.format(seed=SEEDS[0]),
        table(words.GRADIENTS_HEAD, list(_failures(results))),
        words.PRIOR,
        table(words.PRIOR_HEAD, list(_corrections(results))),
        words.METHOD,
        words.MISSING.format(missing=missing, took=took, left=_whole(left)),
    )
    return "\n\n".join(section.strip() for section in sections if section) + "\n"


def _whole(value: float) -> str:
    """A whole number, or that there is none yet."""
    return "[not measured]" if math.isnan(value) else f"{value:.0f}"


def _mean(spread: Spread | None, percent: bool = False) -> str:
    """A mean with the deviation between seeds."""
    if spread is None:
        return NOT_RUN
    scale, form = (100, ".2f") if percent else (1, ".3f")
    shown = f"{scale * spread.mean:{form}}"
    many = len(spread.values) > 1
    return f"{shown} ± {scale * spread.deviation:{form}}" if many else shown


def _published(model: str, ratio: int, figure: str, percent: bool = False) -> str:
    """What the study reported, or a dash."""
    value = PUBLISHED.get((model, ratio), {}).get(figure)
    if value is None:
        return NONE
    return f"{100 * value:.2f}" if percent else f"{value:.3f}"


def _networks(results: Results) -> Iterator[tuple[str, ...]]:
    """The published table's rows: a network, a ratio, a variant; ours beside theirs."""
    for ratio in RATIOS:
        for model in STUDY:
            runs = results.seeds(model, ratio)
            for variant, shown in VARIANTS.items():
                spread = {
                    f: results.spread(model, ratio, variant, f)
                    for f in ("accuracy", "f1", "auroc", "auroc_logit")
                }
                yield (
                    MODELS[model],
                    f"{ratio}:1",
                    shown,
                    f"{len(runs)}",
                    _published(model, ratio, "accuracy", True),
                    _mean(spread["accuracy"], True),
                    _interval(runs, variant, "accuracy", 100),
                    _published(model, ratio, "f1"),
                    _mean(spread["f1"]),
                    _published(model, ratio, "auroc"),
                    _mean(spread["auroc"]),
                    _interval(runs, variant, "auroc", 1),
                    _mean(spread["auroc_logit"]),
                )


def _interval(runs: dict[int, dict[str, Any]], variant: str, figure: str, scale: int) -> str:
    """The bootstrap interval of the seed with the best validation accuracy."""
    if not runs:
        return NOT_RUN
    body = most_accurate(runs)["variants"][variant][figure]
    form = ".2f" if scale == 100 else ".3f"
    return f"{scale * body['low']:{form}} to {scale * body['high']:{form}}"


def _rivals(results: Results) -> Iterator[tuple[str, ...]]:
    """The rows without a network."""
    for model, what in words.RIVAL_NAMES.items():
        result = results.one(Cell(model=model))
        if result is None:
            yield (what, NOT_RUN, NOT_RUN, NOT_RUN)
            continue
        body = result["variants"]["fitted"]
        accuracy, f1, auroc = (body[f] for f in ("accuracy", "f1", "auroc_logit"))
        yield (
            what,
            f"{accuracy['value']:.2%} [{accuracy['low']:.2%}, {accuracy['high']:.2%}]",
            f"{f1['value']:.3f}",
            f"{auroc['value']:.3f} [{auroc['low']:.3f}, {auroc['high']:.3f}]",
        )


def _failures(results: Results) -> Iterator[tuple[str, ...]]:
    """What each gradient failure did to accuracy, norm and saturation."""
    for failures in (Failures(), *FAILURES):
        what = ", ".join(FAILURE_NAMES[name] for name in failures.names) or "none"
        result = results.failure(failures)
        if result is None:
            yield (what, *[NOT_RUN] * (len(words.GRADIENTS_HEAD) - 1))
            continue
        first, end, history = result["history"][0], result["history"][-1], result["history"]
        yield (
            what,
            f"{end['train_accuracy']:.3f}",
            f"{figured(result, 'last', 'accuracy'):.3f}",
            f"{figured(result, 'last', 'auroc'):.3f}",
            f"{figured(result, 'restored', 'auroc_logit'):.3f}",
            f"{first['norm_median']:.3g}",
            f"{end['norm_median']:.3g}",
            f"{max(epoch['norm_max'] for epoch in history):.3g}",
            f"{sum(epoch['clipped'] for epoch in history) / len(history):.1%}",
            f"{figured(result, 'last', 'saturated'):.1%}",
            f"{result['epochs']}",
        )


def _corrections(results: Results) -> Iterator[tuple[str, ...]]:
    """Accuracy at one half before and after the correction, of the imbalanced runs."""
    for ratio in RATIOS[1:]:
        for model in STUDY:
            for variant, shown in VARIANTS.items():
                runs = results.seeds(model, ratio)
                before, after, order = (
                    results.spread(model, ratio, variant, figure)
                    for figure in ("accuracy", "corrected/accuracy", "auroc_logit")
                )
                seen = [r["test_negatives_in_train"] / r["test_negatives"] for r in runs.values()]
                yield (
                    MODELS[model],
                    f"{ratio}:1",
                    shown,
                    f"{len(runs)}",
                    _mean(before, True),
                    _mean(after, True),
                    _mean(order),
                    f"{seen[0]:.1%}" if seen else NOT_RUN,
                )

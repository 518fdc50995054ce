"""The numbers of the findings page, from the result files that are there and from nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cells import FAILURES, RATIOS, SEEDS, STUDY, Cell
from cells import table as all_cells
from claims import CLAIMS
from gradients import CLIP, FAILURE_NAMES, TIGHT_CLIP, Failures
from published import COLLAPSED, GRADIENT_NORM, PUBLISHED, gap, loss
from results import Results, Spread, figured, most_accurate
from training.cards import render as pages

TEMPLATE = Path(__file__).with_name("README.md.j2")
MODELS = {"two_tower": "two towers", "cross_encoder": "cross-encoder"}
VARIANTS = {"last": "last epoch", "restored": "best epoch"}
BASELINES = {
    "namespace_rule": "both names of one kind (nothing fitted)",
    "degree_product": "training degrees of both sides, multiplied",
    "degree_logistic": "logistic regression on four degree counts and the kinds of names",
}
NOT_RUN = "not run"


def render(results: Results, smoke: bool = False) -> str:
    """The page as Markdown."""
    took, left = results.hours()
    total = sum(1 for _ in all_cells())
    return pages.render(
        TEMPLATE,
        smoke=smoke,
        total=total,
        done=total - len(results.missing),
        missing=results.missing,
        took=took,
        left=left,
        seeds=SEEDS,
        claims={name: claim(results) for name, claim in CLAIMS.items()},
        networks=list(_networks(results)),
        baselines=list(_baselines(results)),
        failures=list(_failures(results)),
        corrections=list(_corrections(results)),
        published=PUBLISHED,
        gap=gap,
        loss=loss,
        collapsed=COLLAPSED,
        gradient_norm=GRADIENT_NORM,
        clip=CLIP,
        tight_clip=TIGHT_CLIP,
    )


def _mean(spread: Spread | None, percent: bool = False) -> str:
    """A mean with the deviation between seeds."""
    if spread is None:
        return NOT_RUN
    scale, form = (100, ".2f") if percent else (1, ".3f")
    shown = f"{scale * spread.mean:{form}}"
    return f"{shown} ± {scale * spread.deviation:{form}}" if len(spread.values) > 1 else shown


def _runs(ratios: tuple[int, ...]) -> Iterator[tuple[str, int, str]]:
    """A row for each network, ratio and variant."""
    for ratio in ratios:
        for model in STUDY:
            yield from ((model, ratio, variant) for variant in VARIANTS)


def _label(results: Results, model: str, ratio: int, variant: str) -> tuple[str, ...]:
    runs = results.seeds(model, ratio)
    return MODELS[model], f"{ratio}:1", VARIANTS[variant], f"{len(runs)}"


def _networks(results: Results) -> Iterator[tuple[str, ...]]:
    """The published table's rows; ours beside theirs."""
    for model, ratio, variant in _runs(RATIOS):
        cells = list(_label(results, model, ratio, variant))
        for figure in ("accuracy", "f1", "auroc"):
            percent = figure == "accuracy"
            published = PUBLISHED.get((model, ratio), {}).get(figure)
            shown = None if published is None else (100 if percent else 1) * published
            cells.append(pages.figure(shown, ".2f" if percent else ".3f"))
            cells.append(_mean(results.spread(model, ratio, variant, figure), percent))
            if figure != "f1":
                cells.append(_interval(results.seeds(model, ratio), variant, figure, percent))
        yield *cells, _mean(results.spread(model, ratio, variant, "auroc_logit"))


def _interval(runs: dict[int, dict[str, Any]], variant: str, figure: str, percent: bool) -> str:
    """The bootstrap interval of the seed with the best validation accuracy."""
    if not runs:
        return NOT_RUN
    body = most_accurate(runs)["variants"][variant][figure]
    scale, form = (100, ".2f") if percent else (1, ".3f")
    return f"{scale * body['low']:{form}} to {scale * body['high']:{form}}"


def _baselines(results: Results) -> Iterator[tuple[str, ...]]:
    for model, title in BASELINES.items():
        result = results.one(Cell(model=model))
        if result is None:
            yield title, *[NOT_RUN] * 3
            continue
        body = result["variants"]["fitted"]
        shown = pages.interval(body["accuracy"], ".2%"), pages.figure(body["f1"]["value"])
        yield title, *shown, pages.interval(body["auroc_logit"])


def _failures(results: Results) -> Iterator[tuple[str, ...]]:
    """What each gradient failure did to accuracy, norm and saturation."""
    for failures in (Failures(), *FAILURES):
        title = ", ".join(FAILURE_NAMES[name] for name in failures.names) or "none"
        result = results.failure(failures)
        if result is None:
            yield title, *[NOT_RUN] * 10
            continue
        history = result["history"]
        yield (
            title,
            f"{history[-1]['train_accuracy']:.3f}",
            f"{figured(result, 'last', 'accuracy'):.3f}",
            f"{figured(result, 'last', 'auroc'):.3f}",
            f"{figured(result, 'restored', 'auroc_logit'):.3f}",
            f"{history[0]['norm_median']:.3g}",
            f"{history[-1]['norm_median']:.3g}",
            f"{max(epoch['norm_max'] for epoch in history):.3g}",
            f"{sum(epoch['clipped'] for epoch in history) / len(history):.1%}",
            f"{figured(result, 'last', 'saturated'):.1%}",
            f"{result['epochs']}",
        )


def _corrections(results: Results) -> Iterator[tuple[str, ...]]:
    """Accuracy at one half before and after the correction, of the imbalanced runs."""
    for model, ratio, variant in _runs(RATIOS[1:]):
        before, after, order = (
            results.spread(model, ratio, variant, figure)
            for figure in ("accuracy", "corrected/accuracy", "auroc_logit")
        )
        runs = results.seeds(model, ratio).values()
        seen = [run["test_negatives_in_train"] / run["test_negatives"] for run in runs]
        yield (
            *_label(results, model, ratio, variant),
            _mean(before, True),
            _mean(after, True),
            _mean(order),
            f"{seen[0]:.1%}" if seen else NOT_RUN,
        )

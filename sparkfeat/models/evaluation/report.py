"""The report of a trained model: pictures, a table of numbers beside the baselines, one page of HTML."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sparkfeat.errors import EnvironmentProblem
from sparkfeat.models.evaluation.baselines import Baseline
from sparkfeat.models.evaluation.importances import Importance
from sparkfeat.models.evaluation.plots import draw_evaluation, draw_importances, draw_learning_curve
from sparkfeat.models.evaluation.results import Evaluation, Metric
from sparkfeat.models.evaluation.words import IN_WORDS, TITLES, better
from sparkfeat.storage.failures import explained

PAGE, NUMBERS, TEMPLATE = "report.html", "evaluation.json", "report.html.j2"
MOST_IMPORTANCES = 25


@dataclass(frozen=True)
class Part:
    """Rows of one part of the split, e.g. the training rows; `first` and `last` are cutoff times as text."""

    name: str
    rows: int
    first: str = ""
    last: str = ""


@dataclass(frozen=True)
class LearningCurve:
    """A metric by the share of the training rows that were learned from."""

    metric: str
    shares: Sequence[float]
    train: Sequence[float]
    validation: Sequence[float]


@dataclass(frozen=True)
class Story:
    """What the report tells beside the numbers; what is left empty is not in it.

    Args:
        title: the heading, e.g. the name of the run.
        facts: name -> value: data, algorithm, parameters, versions; shown as given.
        parts: the parts of the split.
        split: how rows were split, in words.
        warnings: what may be wrong: leaks, features that know the future, choices that were not reached.
        importances: the model's own.
        permutations: by shuffling.
        learning_curve: where one was made.
    """

    title: str = "Model"
    facts: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[Part] = ()
    split: str = ""
    warnings: Sequence[str] = ()
    importances: Sequence[Importance] = ()
    permutations: Sequence[Importance] = ()
    learning_curve: LearningCurve | None = None


def report(
    evaluation: Evaluation, baselines: Sequence[Baseline], story: Story, folder: str | Path
) -> dict[str, Path]:
    """Write pictures, numbers and the page into a local folder; returns name -> file.

    The page has everything inside it: it opens without a server and loads nothing.

    Args:
        evaluation: of the model.
        baselines: shown beside it.
        story: everything else that is told.
        folder: made if it is missing; files of these names are replaced.

    Returns:
        'report' (report.html), 'evaluation' (evaluation.json), and a PNG file for each picture.

    Raises:
        StorageError, EnvironmentProblem: the folder cannot be written, or jinja2 is not installed.
    """
    root = Path(folder)
    with explained("make the folder", str(root)):
        root.mkdir(parents=True, exist_ok=True)
    pictures = draw_evaluation(evaluation, root) | _more_pictures(story, root)
    page, numbers = root / PAGE, root / NUMBERS
    content = {"evaluation": evaluation.as_dict(), "baselines": [asdict(one) for one in baselines]}
    content |= {"importances": [asdict(one) for one in story.importances]}
    content |= {"permutation_importances": [asdict(one) for one in story.permutations]}
    with explained("write the report", str(root)):
        numbers.write_text(json.dumps(content, indent=2, default=float) + "\n", encoding="utf-8")
        page.write_text(_page(evaluation, baselines, story, pictures), encoding="utf-8")
    return {"report": page, "evaluation": numbers, **pictures}


def _more_pictures(story: Story, root: Path) -> dict[str, Path]:
    files = {}
    if (curve := story.learning_curve) is not None:
        file = root / "learning_curve.png"
        lines = (curve.shares, curve.train, curve.validation)
        files["learning_curve"] = draw_learning_curve(*lines, TITLES.get(curve.metric, curve.metric), file)
    if story.importances:
        subtitle = "The model's own, all features adding up to 1"
        file = root / "importances.png"
        files["importances"] = draw_importances(story.importances, "What the model uses", subtitle, file)
    if story.permutations:
        subtitle, file = (
            "How much worse it gets when a feature is shuffled",
            root / "permutation_importances.png",
        )
        files["permutation_importances"] = draw_importances(
            story.permutations, "What the model needs", subtitle, file
        )
    return files


def _page(
    evaluation: Evaluation, baselines: Sequence[Baseline], story: Story, pictures: Mapping[str, Path]
) -> str:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        hint = 'Install it with `pip install "sparkfeat[train]"`'
        raise EnvironmentProblem("jinja2 is needed to write a report", hint=hint) from error

    loader = PackageLoader("sparkfeat.models.evaluation", ".")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template(TEMPLATE).render(
        story=story,
        evaluation=evaluation,
        baselines=[one for one in baselines if one.metrics],
        missing=[one for one in baselines if not one.metrics],
        rows=_rows(evaluation, baselines),
        slices=_slices(evaluation),
        shown=_shown(story),
        images={name: _embedded(file) for name, file in pictures.items()},
    )


def _rows(evaluation: Evaluation, baselines: Sequence[Baseline]) -> list[dict[str, Any]]:
    """Return a row for each metric: its name and meaning, the model's value, those of the baselines."""
    made = [one for one in baselines if one.metrics]
    return [
        {
            "name": TITLES.get(name, name),
            "words": IN_WORDS.get(name, ""),
            "value": _told(metric),
            "others": [_compared(name, metric, one.metrics.get(name)) for one in made],
        }
        for name, metric in evaluation.metrics.items()
    ]


def _compared(name: str, own: Metric, other: Metric | None) -> dict[str, Any]:
    """Return a baseline's value, and whether it is as good as the model's."""
    if other is None:
        return {"value": _NOTHING, "as_good": False}
    sign = better(name)
    return {"value": _told(other), "as_good": sign != 0 and sign * (own.value - other.value) <= 0}


def _told(metric: Metric) -> dict[str, str]:
    if metric.low is None or metric.high is None:
        return {"number": f"{metric.value:.4g}", "interval": ""}
    return {"number": f"{metric.value:.4g}", "interval": f"{metric.low:.4g} to {metric.high:.4g}"}


def _slices(evaluation: Evaluation) -> dict[str, list[dict[str, Any]]]:
    """Return the slices by column: value, rows and its first metrics."""
    found: dict[str, list[dict[str, Any]]] = {}
    shown = {(one.column, name) for one in evaluation.slices for name in one.metrics}
    for one in evaluation.slices:
        names = [name for name in _FIRST if (one.column, name) in shown]
        told = {name: _told(one.metrics[name]) if name in one.metrics else _NOTHING for name in names}
        found.setdefault(one.column, []).append({"value": one.value, "rows": one.rows, "metrics": told})
    return found


_NOTHING = {"number": "", "interval": ""}
_FIRST = ("roc_auc", "average_precision", "precision", "recall", "accuracy", "f1_macro", "rmse", "mae", "r2")


def _shown(story: Story) -> list[dict[str, str]]:
    """Return the most important features with both importances, by shuffling where that was done."""
    own = {one.name: one for one in story.importances}
    shuffled = {one.name: one for one in story.permutations}
    first = story.permutations or story.importances
    found = []
    for one in first[:MOST_IMPORTANCES]:
        model, permuted = own.get(one.name), shuffled.get(one.name)
        words = one.words or (model.words if model else "")
        given = {"name": one.name, "words": words, "model": f"{model.value:.1%}" if model else ""}
        interval = f"{permuted.value:.4g} ({permuted.low:.4g} to {permuted.high:.4g})" if permuted else ""
        found.append({**given, "shuffled": interval})
    return found


def _embedded(file: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(file.read_bytes()).decode("ascii")

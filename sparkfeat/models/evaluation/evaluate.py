"""Evaluate predictions of any problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sparkfeat.errors import DataError, UserInputError, did_you_mean
from sparkfeat.models.evaluation import rows as checked
from sparkfeat.models.evaluation.binary import evaluate_binary
from sparkfeat.models.evaluation.config import EvaluationConfig
from sparkfeat.models.evaluation.multiclass import evaluate_multiclass
from sparkfeat.models.evaluation.regression import evaluate_regression
from sparkfeat.models.evaluation.results import Evaluation, Problem
from sparkfeat.models.evaluation.rows import KEY, Label
from sparkfeat.models.evaluation.slices import binary_slices, other_slices
from sparkfeat.models.names import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

READ = {
    "binary": ("score",),
    "multiclass": ("probability", "predicted_label"),
    "regression": ("prediction",),
}
"""The columns of predictions that each problem is judged by."""


def evaluate(
    predictions: DataFrame,
    problem: Problem,
    *,
    label: str,
    classes: Sequence[Label] | None = None,
    positive: Label | None = None,
    threshold: float = 0.5,
    key: Sequence[str] = (),
    config: EvaluationConfig | None = None,
) -> Evaluation:
    """Return how good predictions are; nothing that grows with the rows comes to the driver.

    Args:
        predictions: what a trained model made: `score` (0 to 1) for two classes, `probability` and
            `predicted_label` for more, `prediction` for numbers; and the label.
        problem: 'binary', 'multiclass' or 'regression'.
        label: the column of true values.
        classes: the label's values in the order of `probability`. Default: those of the rows, sorted.
        positive: the class that `score` is the probability of. Default: the last of the classes.
        threshold: rows with `score >= threshold` count as positive.
        key: columns that tell rows apart, for the intervals. Default: all columns but vectors and arrays.
        config: intervals, slices, costs. Default: see `EvaluationConfig`.

    Raises:
        SchemaError: a column is missing.
        DataError: no rows, one class only, or null, infinite or unknown values among labels and scores.
    """
    config = config or EvaluationConfig()
    if problem not in READ:
        raise UserInputError(f"No problem '{problem}' can be evaluated", hint=did_you_mean(problem, READ))
    checked.check_columns(predictions, (label, *READ[problem], *key, *config.slices))
    if problem == "regression":
        return _regression(predictions, label, key, config)
    known = list(classes) if classes is not None else checked.classes_of(predictions, label)
    checked.check_classes(known, problem, label)
    if problem == "multiclass":
        return _multiclass(predictions, label, known, key, config)
    return _binary(predictions, label, _ordered(known, positive), threshold, config)


def _ordered(classes: list[Label], positive: Label | None) -> tuple[Label, Label]:
    """Return the negative and the positive class."""
    if positive is None:
        return classes[0], classes[1]
    if positive not in classes:
        raise DataError(f"The positive class {positive!r} is none of the classes", why=f"Classes: {classes}")
    return next(one for one in classes if one != positive), positive


def _binary(
    predictions: DataFrame,
    label: str,
    classes: tuple[Label, Label],
    threshold: float,
    config: EvaluationConfig,
) -> Evaluation:
    from pyspark.sql import functions as fn

    negative, positive = classes
    truth, score = quoted(label), fn.col("score").cast("double")
    known = truth.isin(positive, negative) & (score >= 0) & (score <= 1)
    wrong = f"a label other than {negative!r} and {positive!r}, or a score outside 0 to 1"
    checked.check_rows(predictions, known, wrong)
    columns = [score.alias("score"), (truth == fn.lit(positive)).alias("positive")]
    scored = predictions.select(*columns, *checked.sliced(config)).persist()
    try:
        checked.check_both(scored, label, positive, negative)
        found = evaluate_binary(scored, (str(negative), str(positive)), threshold, config)
        slices = [one for name in config.slices for one in binary_slices(scored, name, threshold, config)]
        return replace(found, slices=tuple(slices))
    finally:
        scored.unpersist()


def _multiclass(
    predictions: DataFrame, label: str, classes: list[Label], key: Sequence[str], config: EvaluationConfig
) -> Evaluation:
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as fn

    def place(column: str) -> Column:
        value = quoted(column)
        return fn.coalesce(*(fn.when(value == fn.lit(one), n) for n, one in enumerate(classes)), fn.lit(None))

    probabilities = vector_to_array(fn.col("probability"))
    known = (place(label) >= 0) & (place("predicted_label") >= 0) & (fn.size(probabilities) == len(classes))
    checked.check_rows(
        predictions, known, f"a label or prediction that is none of the {len(classes)} classes"
    )
    parts = {"truth": place(label), "guess": place("predicted_label"), "probabilities": probabilities}
    names = [str(one) for one in classes]
    return _whole_and_sliced(
        checked.formed(predictions, parts, key, config),
        lambda rows: evaluate_multiclass(rows, names, [KEY], config),
        config,
    )


def _regression(
    predictions: DataFrame, label: str, key: Sequence[str], config: EvaluationConfig
) -> Evaluation:
    from pyspark.sql import functions as fn

    truth, guess = quoted(label).cast("double"), fn.col("prediction").cast("double")
    limit = fn.lit(float("inf"))  # Spark takes NaN for larger than any number
    known = (fn.abs(truth) < limit) & (fn.abs(guess) < limit)
    checked.check_rows(predictions, known, "a label or prediction that is null, NaN or infinite")
    return _whole_and_sliced(
        checked.formed(predictions, {"truth": truth, "guess": guess}, key, config),
        lambda rows: evaluate_regression(rows, [KEY], config),
        config,
    )


def _whole_and_sliced(
    scored: DataFrame, measure: Callable[[DataFrame], Evaluation], config: EvaluationConfig
) -> Evaluation:
    """Evaluate all rows, and those of each value of the sliced columns."""
    try:
        found = measure(scored)
        slices = [one for name in config.slices for one in other_slices(scored, name, measure, config)]
        return replace(found, slices=tuple(slices))
    finally:
        scored.unpersist()

"""The demonstration step by step: data, two engines, the comparison, the picture, a model and its use."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml
from rich.console import Console

from sparkfeat.errors import EngineError
from sparkfeat.pipelines import compute_features, shop
from sparkfeat.pipelines.compare import Agreement, compare
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.pipelines.demo import chart, learn, show
from sparkfeat.pipelines.demo.ranking import Ranked, ranked
from sparkfeat.pipelines.progress import Stages
from sparkfeat.pipelines.shop import schema
from sparkfeat.pipelines.shop.label import HORIZON_DAYS
from sparkfeat.storage.failures import explained
from sparkfeat.storage.read import read_matrix

KEY, LABEL = "customer_id", "label"
ENGINES = {"duckdb": "DuckDB", "spark": "Spark"}
BEST = 10


def run(output: Path, customers: int, seed: int, console: Console) -> None:
    """Make a shop, compute its customers' features on DuckDB and on Spark, and train a model on them.

    Each customer has a cutoff time of their own, and only what was known then counts. What an earlier
    demonstration left in the folder is replaced.

    Args:
        output: folder of everything that is written.
        customers: how many customers the shop has.
        seed: the same seed makes the same shop.
        console: where it is told; plain lines where that is no terminal.

    Raises:
        EngineError: the engines do not agree.
        UserInputError, StorageError, EnvironmentProblem: impossible sizes, no permission to write, no Java.
    """
    output = output.absolute()
    steps = show.Steps(console)
    stages = Stages(steps)
    try:
        _walk(output, customers, seed, console, stages)
    finally:
        steps.stop()
    show.places(console, _written(output))
    show.times(console, stages.seconds)


def _walk(output: Path, customers: int, seed: int, console: Console, stages: Stages) -> None:
    with stages.stage("Make the shop"):
        summary = shop.generate(output / "shop", customers, seed)
    show.summary(console, summary)
    for engine, name in ENGINES.items():
        with stages.stage(f"Compute the features on {name}"):
            result = _compute(output, engine, console)
        show.computed(console, name, result)
    with stages.stage("Compare the engines"):
        agreement = compared(output)
    show.agreement(console, agreement)
    matrix = read_matrix(_features(output, "duckdb")).to_table().to_pandas()
    show.first_rows(console, matrix)
    with stages.stage("Draw the best features"):
        best = _drawn(matrix, output)
    show.best(console, best)
    if len(matrix) < learn.FEWEST:
        show.say(console, f"  fewer than {learn.FEWEST} customers: no model is trained on so few")
        return
    learn.learn(output, _config(output, "duckdb"), _features(output, "duckdb"), LABEL, console, stages)


def _compute(output: Path, engine: str, console: Console) -> compute_features.RunResult:
    """Write the engine's configuration and compute what it says, as `sparkfeat compute` does."""
    told = shop.config(output / "shop", _features(output, engine), engine)
    told["output"] |= {"overwrite": True, "cutoff_time_in_index": True}
    file = _config(output, engine)
    with explained("write the configuration", str(file)):
        file.write_text(yaml.safe_dump(told, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return compute_features.run(read_config(file), progress=show.Notes(console))


def compared(output: Path) -> Agreement:
    """Compare the matrices of the two engines.

    Args:
        output: folder of the demonstration.

    Raises:
        EngineError: they do not agree.
    """
    left, right = (read_matrix(_features(output, engine)) for engine in ENGINES)
    agreement = compare(left, right, KEY)
    if not agreement.agrees:
        raise EngineError(
            "DuckDB and Spark do not agree",
            where=f"{len(agreement.differing)} of {agreement.columns} columns",
            why=f"They differ by up to {agreement.largest:.1e} in {', '.join(agreement.differing[:5])}",
            hint="One of them computes something wrong: please report it with the seed and the size",
        )
    return agreement


def _drawn(matrix: pd.DataFrame, output: Path) -> list[Ranked]:
    """Rank the features of the matrix by the label, draw the best, and return them."""
    features = ranked(matrix.drop(columns=KEY), LABEL, [schema.DECOY_COLUMN])
    chart.draw(
        features[:BEST],
        f"What tells best who buys again within {HORIZON_DAYS} days",
        f"The {BEST} best of {len(features)} numeric features of {len(matrix):,} customers of a made-up "
        "shop, each at their own cutoff time.\n↑: who buys again has larger values, ↓: smaller ones.",
        _picture(output),
    )
    return features[:BEST]


def _written(output: Path) -> dict[str, Path]:
    return {
        "the shop's tables": output / "shop",
        "what was planted in them": output / "shop" / "truth.json",
        **{f"features from {name}": _features(output, engine) for engine, name in ENGINES.items()},
        **{f"configuration for {name}": _config(output, engine) for engine, name in ENGINES.items()},
        "the best features": _picture(output),
        **learn.places(output),
    }


def _features(output: Path, engine: str) -> Path:
    return output / f"features-{engine}"


def _config(output: Path, engine: str) -> Path:
    return output / f"compute-{engine}.yaml"


def _picture(output: Path) -> Path:
    return output / "best_features.png"

"""What the demonstration prints: tables on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow.dataset as ds
from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from sparkfeat.models.selection import Selection
from sparkfeat.pipelines.compare import TOLERANCE, Agreement
from sparkfeat.pipelines.compute_features import RunResult
from sparkfeat.pipelines.demo.ranking import Ranked
from sparkfeat.pipelines.metric_table import metric_columns, metric_rows
from sparkfeat.pipelines.progress import Silence
from sparkfeat.pipelines.shop import ShopSummary
from sparkfeat.storage.records import ModelManifest, Predictions

FIRST_ROWS = 8
FLAGGED = 5
READABLE = (
    "region_id",
    "COUNT(sessions)",
    "MODE(sessions.device)",
    "PERCENT_TRUE(sessions.is_mobile)",
    "SUM(transactions.amount)",
    "MEAN(sessions.SUM(transactions.amount))",
    "YEAR(joined)",
    "label",
)
"""Columns of the first rows: few enough for a terminal, one of each kind."""


class Steps(Silence):
    """Progress of the demonstration's own steps: a spinner on a terminal, then a line with the seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def begin(self, stage: str) -> None:
        """Show the step as running."""
        if self._console.is_terminal:
            self._status = self._console.status(f"{escape(stage)} ...")
            self._status.start()
        else:
            self.tell(f"{stage} ...")

    def end(self, stage: str, seconds: float) -> None:
        """Leave a line for the step."""
        self.stop()
        heading(self._console, f"{stage}: {seconds:.1f} s")

    def tell(self, line: str) -> None:
        """Print a line."""
        say(self._console, line)

    def stop(self) -> None:
        """Take the spinner away, if there is one."""
        if self._status is not None:
            self._status.stop()
            self._status = None


class Notes(Silence):
    """Progress of a computation inside a step: only what is worth knowing."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def tell(self, line: str) -> None:
        """Print a line."""
        say(self._console, f"  {line}")


def heading(console: Console, line: str) -> None:
    """Print a line that stands out."""
    console.print(f"[bold]{escape(line)}[/]")


def say(console: Console, line: str) -> None:
    """Print a line as it is."""
    console.print(line, markup=False, highlight=False)


def summary(console: Console, made: ShopSummary) -> None:
    """Tell what the shop holds."""
    say(console, "  " + ", ".join(f"{count:,} {name}" for name, count in made.rows.items()))
    orphans = ", ".join(f"{count:,} in {column}" for column, count in made.orphans.items())
    say(console, f"  keys that point nowhere, on purpose: {orphans}")
    customers = made.rows["customers"]
    say(
        console,
        f"  {made.positive_labels / customers:.0%} of the customers buy again; "
        f"{made.flipped_labels / customers:.1%} of the labels are noise",
    )


def computed(console: Console, engine: str, result: RunResult) -> None:
    """Tell what an engine computed, and how long each of its stages took."""
    manifest = result.manifest
    seconds = ", ".join(f"{stage} {taken:.1f} s" for stage, taken in manifest.seconds.items())
    features = len(manifest.columns) - 3  # but the key, the time and the label
    say(console, f"  {engine}: {features} features of {manifest.rows:,} customers ({seconds})")


def agreement(console: Console, found: Agreement) -> None:
    """Tell how far the engines are apart."""
    say(
        console,
        f"  {found.columns} columns of {found.rows:,} rows compared, floats relative to {TOLERANCE:g}",
    )
    where = f" in {found.largest_in}" if found.largest else ""
    say(console, f"  the engines agree; the largest relative difference is {found.largest:.1e}{where}")


def first_rows(console: Console, matrix: pd.DataFrame) -> None:
    """Show some columns of the first customers."""
    names = [matrix.columns[0], *(name for name in READABLE if name in matrix)]
    rows = [[_cell(value) for value in row] for row in matrix[names].head(FIRST_ROWS).itertuples(index=False)]
    title = f"The first customers: {len(names)} of {matrix.shape[1]} columns"
    table(console, title, names, rows)


def best(console: Console, features: Sequence[Ranked]) -> None:
    """Show the features that tell the label best."""
    rows = [
        [
            one.name,
            f"{one.auc:.3f}",
            "more" if one.rising else "less",
            "knows the future: a leak" if one.leak else "",
        ]
        for one in features
    ]
    title = "What tells best who buys again (AUC of the feature alone)"
    table(console, title, ["feature", "AUC", "label 1 has", "note"], rows)


def selected(console: Console, found: Selection) -> None:
    """Tell what was selected, and which features may know the future."""
    flagged = found.suspicious
    say(console, f"  {len(found.kept)} of {len(found.decisions)} features kept")
    for name, why in list(flagged.items())[:FLAGGED]:
        say(console, f"  left out, may know the future: {name} ({why})")
    if len(flagged) > FLAGGED:
        say(console, f"  and {len(flagged) - FLAGGED} more that are made of it")


def metrics(console: Console, manifest: ModelManifest) -> None:
    """Show the metrics of the model beside those of the baselines."""
    table(console, "On customers the model has not seen", metric_columns(manifest), metric_rows(manifest))


def planted(console: Console, found: Sequence[tuple[str, str, int, str]]) -> None:
    """Show where the planted terms are among the features of the model."""
    rows = [[term, column, str(rank or "-"), name] for term, column, rank, name in found]
    columns = ["planted", "column", "rank", "feature"]
    table(console, "What was planted, and the best feature that is made of it", columns, rows)


def predictions(console: Console, manifest: Predictions, rows: ds.Dataset) -> None:
    """Tell what was predicted, and for whom most surely."""
    checked = f"; {manifest.checked} rows of the training checked" if manifest.checked else ""
    cutoff = str(manifest.last_cutoff)
    say(console, f"  {manifest.rows:,} customers at {cutoff} by model {manifest.model.version}{checked}")
    key = rows.schema.names[0]
    first = rows.to_table(columns=[key, "score"]).sort_by([("score", "descending")]).slice(0, FIRST_ROWS)
    cells = [[str(row[key]), f"{row['score']:.3f}"] for row in first.to_pylist()]
    table(console, "Who buys again most probably", [key, "probability"], cells)


def places(console: Console, written: Mapping[str, Path]) -> None:
    """Tell where everything was written."""
    table(console, "Written", ["what", "where"], [[what, str(path)] for what, path in written.items()])


def times(console: Console, seconds: Mapping[str, float]) -> None:
    """Tell how long each step took, and all of them."""
    rows = [[step, f"{taken:.1f} s"] for step, taken in seconds.items()]
    table(console, "Time", ["step", "seconds"], [*rows, ["All", f"{sum(seconds.values()):.1f} s"]])


def table(console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Show a table; where there is no terminal, a line for each row with tabs between the cells."""
    heading(console, f"\n{title}")
    if not console.is_terminal:
        for row in (columns, *rows):  # rich would make spaces of the tabs
            console.file.write("\t".join(row) + "\n")
        return
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        shown.add_column(escape(_broken(name)), overflow="fold")
    for row in rows:
        shown.add_row(*(escape(cell) for cell in row))
    console.print(shown, soft_wrap=False)


def _broken(name: str) -> str:
    """Break a feature's name after its parentheses, so that a column is as narrow as it can be."""
    return name.replace("(", "(\n").replace(".", ".\n")


def _cell(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return "-"
    return f"{value:,.2f}" if isinstance(value, float) else str(value)

"""How results, progress and errors look: rich on a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.status import Status
from rich.table import Table
from rich.tree import Tree

from sparkfeat.errors import SparkfeatError
from sparkfeat.pipelines.progress import Progress

UNBROKEN = 10_000
"""A width that no line reaches."""


def output() -> Console:
    """Return the console of standard output; it colours nothing on its own."""
    return Console(highlight=False, emoji=False, soft_wrap=True)


def show_text(text: str) -> None:
    """Show a result as it is on standard output; rich would replace its tabs."""
    typer.echo(text)


def _messages() -> Console:
    return Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def show_error(error: SparkfeatError) -> None:
    """Show an error: a red panel on a terminal, one plain text elsewhere."""
    console = _messages()
    if not console.is_terminal:
        console.print(f"error: {error}", markup=False)
        return
    parts = [f"[bold]{escape(error.what)}[/]", *(escape(part) for part in (error.where, error.why) if part)]
    if error.hint:
        parts.append(f"[green]{escape(error.hint)}[/]")
    panel = Panel("\n".join(parts), title="Error", title_align="left", border_style="red")
    console.print(panel, soft_wrap=False)


def show_line(line: str) -> None:
    """Show a line on standard error."""
    _messages().print(line, markup=False)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, headed: bool = False) -> None:
    """Show a table on standard output; where it is no terminal, one line a row with tabs between.

    Args:
        columns: their names, always shown on a terminal.
        rows: their cells.
        headed: whether the names are the first line where it is no terminal. Default False.
    """
    console = output()
    if not console.is_terminal:
        for row in [columns, *rows] if headed else rows:
            show_text("\t".join(row))
        return
    table = Table(header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table, soft_wrap=False)


def show_tree(tree: Tree) -> None:
    """Show a tree on standard output, its lines unbroken where that is no terminal."""
    console = output()
    if not console.is_terminal:
        console.width = UNBROKEN
    console.print(tree, soft_wrap=False)


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Give the block a Progress that writes to standard error, sparkfeat's warnings included."""
    console = _messages()
    progress = TerminalProgress(console) if console.is_terminal else PlainProgress(console)
    logger, handler = logging.getLogger("sparkfeat"), _Told(progress)
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield progress
    finally:
        logger.propagate = True
        logger.removeHandler(handler)
        progress.stop()


class _Told(logging.Handler):
    """Log records as lines of the progress: written past it, they would break the spinner's line."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.WARNING)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record."""
        self._progress.tell(self.format(record))


class PlainProgress:
    """A line with the time of day for every beginning and end of a stage."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._quarter = 0

    def begin(self, stage: str) -> None:
        """Print that the stage begins."""
        self._quarter = 0
        self.tell(stage)

    def advance(self, stage: str, percent: float) -> None:
        """Print a line for each quarter before the end."""
        quarter = int(percent // 25)
        if self._quarter < quarter < 4:
            self._quarter = quarter
            self.tell(f"{stage}: {quarter * 25} percent")

    def end(self, stage: str, seconds: float) -> None:
        """Print how long the stage took."""
        self.tell(f"{stage}: {seconds:.1f} s")

    def tell(self, line: str) -> None:
        """Print a line."""
        self._console.print(f"{datetime.now():%H:%M:%S} {line}", markup=False)

    def stop(self) -> None:
        """Do nothing: no line is left open."""


class TerminalProgress:
    """A spinner beside the running stage; a line remains for each that has ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def begin(self, stage: str) -> None:
        """Show the stage as running."""
        self._status = self._console.status(escape(stage))
        self._status.start()

    def advance(self, stage: str, percent: float) -> None:
        """Show the percent beside the stage."""
        if self._status is not None:
            self._status.update(f"{escape(stage)} {percent:.0f} %")

    def end(self, stage: str, seconds: float) -> None:
        """Leave a line for the stage that has ended."""
        self.stop()
        self._console.print(f"[green]done[/] {escape(stage)} [dim]{seconds:.1f} s[/]")

    def tell(self, line: str) -> None:
        """Print a line above the spinner."""
        self._console.print(f"[yellow]note[/] {escape(line)}")

    def stop(self) -> None:
        """Take the spinner away."""
        if self._status is not None:
            self._status.stop()
            self._status = None

"""The `sparkfeat` program: its commands, and how it ends.

Exit codes: 0 done; 1 the run failed or was interrupted; 2 the input or the command line cannot be used; a
job that failed on EMR gives its own.
Results go to standard output; progress, warnings and errors to standard error.
"""

from __future__ import annotations

import logging
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any, Never

import typer
from typer.core import TyperGroup

from sparkfeat import __version__
from sparkfeat.cli import compute, config, demo, emr, features, plan, primitives, score, select, train
from sparkfeat.cli.console import show_error, show_line
from sparkfeat.errors import JobFailedError, OutputExistsError, SparkfeatError, UserInputError

FAILED = 1
BAD_INPUT = 2


class _Program(TyperGroup):
    """Commands whose errors end the program with a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SparkfeatError as error:
            if ctx.params["debug"]:
                traceback.print_exception(error)
            show_error(error)
            raise typer.Exit(_exit_code(error)) from error
        except KeyboardInterrupt as interruption:
            show_line("Interrupted. Nothing was published.")
            raise typer.Exit(FAILED) from interruption


app = typer.Typer(
    name="sparkfeat",
    cls=_Program,
    help="Compute Featuretools feature definitions on DuckDB and Spark, point-in-time correct.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("compute")(compute.compute)
app.command("train")(train.train)
app.command("score")(score.score)
app.command("plan")(plan.plan)
app.command("explain")(compute.explain)
app.command("sql")(compute.sql)
app.add_typer(features.app, name="features")
app.command("select")(select.select)
app.command("primitives")(primitives.primitives)
app.add_typer(config.app, name="config")
app.add_typer(emr.app, name="emr")
app.command("demo")(demo.demo)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code.

    Args:
        arguments: what follows the program's name. Default: those of the process.
    """
    # Schedulers end a job with SIGTERM: it cleans up after itself as on Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    app(args=list(sys.argv[1:] if arguments is None else arguments), prog_name="sparkfeat")


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"sparkfeat {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    debug: Annotated[  # noqa: ARG001 - _Program reads it
        bool, typer.Option("--debug", help="Show the traceback of errors.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)


def _exit_code(error: SparkfeatError) -> int:
    if isinstance(error, JobFailedError):
        return error.exit_code
    return BAD_INPUT if isinstance(error, UserInputError | OutputExistsError) else FAILED


def _interrupt(*_: object) -> Never:
    raise KeyboardInterrupt

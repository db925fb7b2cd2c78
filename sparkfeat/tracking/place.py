"""Where runs are logged to, and whether it answers."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from sparkfeat.errors import ConfigError, EnvironmentProblem
from sparkfeat.tracking.config import ServerConfig
from sparkfeat.tracking.secrets import without_passwords

DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"
WEB = ("http", "https")
PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}
"""Databases that MLflow can use, and where they listen."""


@dataclass(frozen=True)
class Place:
    """A tracking server or database; `artifacts` is where a new experiment keeps its files."""

    uri: str
    artifacts: str | None

    @property
    def shown(self) -> str:
        """The address for people: without a password."""
        return without_passwords(self.uri)


def find_place(config: ServerConfig, output: str | None = None, artifacts: str | None = None) -> Place:
    """Return where runs are logged and models registered.

    Args:
        config: an address in it comes first, then MLFLOW_TRACKING_URI, then a database in the folder.
        output: the job's output folder, for that database; None: an address is needed.
        artifacts: where a new experiment keeps its files. Default: as the server says; beside the database.

    Raises:
        ConfigError: an address that MLflow cannot use.
        EnvironmentProblem: MLflow is not installed.
    """
    _check_installed()
    uri = config.uri or os.environ.get("MLFLOW_TRACKING_URI")
    if uri is None:
        return _database(output, artifacts)
    scheme = urlsplit(uri).scheme.partition("+")[0]
    if scheme not in (*WEB, *PORTS, "sqlite", "databricks"):
        raise ConfigError(
            "MLflow cannot log there",
            where=without_passwords(uri),
            why="It keeps runs on a server (http, https) or in a database (sqlite, postgresql, mysql, mssql)",
            hint="Leave tracking.uri out for a database in the output folder, or write sqlite:////path/mlflow.db",
        )
    return Place(uri, artifacts)


def why_away(place: Place, timeout: float) -> str:
    """Return why the place does not answer; empty if it does.

    Args:
        place: a server is asked for its health; of a database on another machine the port is tried.
        timeout: seconds to wait.
    """
    address = urlsplit(place.uri)
    try:
        if address.scheme in WEB:
            return _web(place.uri, timeout)
        if address.hostname is not None and address.scheme.partition("+")[0] in PORTS:
            port = address.port or PORTS[address.scheme.partition("+")[0]]
            socket.create_connection((address.hostname, port), timeout).close()
    except (OSError, ValueError, HTTPException) as error:
        return f"{place.shown} does not answer: {getattr(error, 'reason', error)}"
    return ""


def _web(uri: str, timeout: float) -> str:
    """Ask a server for its health; an answer that refuses is an answer."""
    try:
        with urlopen(Request(f"{uri.rstrip('/')}/health"), timeout=timeout):
            return ""
    except HTTPError as error:
        return f"{without_passwords(uri)} answers {error.code}" if error.code >= 500 else ""


def _database(output: str | None, artifacts: str | None) -> Place:
    if output is None:
        raise ConfigError(
            "Nobody says where MLflow is",
            hint="Give the address of its server or database: `uri`, or the variable MLFLOW_TRACKING_URI",
        )
    if "://" in output and not output.startswith("file://"):
        raise ConfigError(
            "The runs need a place to be logged to",
            where="tracking.uri",
            why=f"The default, a database in the output folder, cannot be on {output.partition(':')[0]}",
            hint="Give the address of a server, or `enabled: false`",
        )
    folder = Path(output.removeprefix("file://")).absolute()
    return Place(f"sqlite:///{folder / DATABASE}", artifacts or (folder / ARTIFACTS).as_uri())


def _check_installed() -> None:
    try:
        import mlflow  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "mlflow":
            raise
        raise EnvironmentProblem(
            "MLflow is not installed",
            why="The run should be logged",
            hint='Install it with `pip install "sparkfeat[mlflow]"`, or set `tracking: {enabled: false}`',
        ) from error

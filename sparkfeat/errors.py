"""Every error sparkfeat raises: what went wrong, where, why, and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SparkfeatError(Exception):
    """Root of the hierarchy.

    The message is built from up to four parts: what happened, where, why, and the next step.
    """

    def __init__(self, what: str, *, where: str = "", why: str = "", hint: str = "") -> None:
        self.what, self.where, self.why, self.hint = what, where, why, hint
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"{self.what} ({self.where})" if self.where else self.what]
        parts += [part for part in (self.why, self.hint) if part]
        return " ".join(_sentence(part) for part in parts)


class RetryableError(SparkfeatError):
    """Something outside failed and may work when tried again."""


class UserInputError(SparkfeatError):
    """What the caller gave cannot be used; trying again changes nothing."""


class ConfigError(UserInputError):
    """A configuration file is wrong."""


class SchemaError(UserInputError):
    """A table, column, key or relationship is missing or does not fit."""


class DataError(UserInputError):
    """The rows themselves break a rule: duplicate or null index values, for instance."""


class CutoffError(UserInputError):
    """Cutoff times, instance ids, windows or gaps that cannot be used."""


class DefinitionError(UserInputError):
    """A feature definition or primitive that cannot be read or found."""


class UnsupportedError(UserInputError):
    """An engine cannot compute something, and falling back was forbidden or is impossible."""


class EngineError(SparkfeatError):
    """An engine failed while computing."""


class EnvironmentProblem(SparkfeatError):
    """Something the machine must offer is missing: Java, pyspark, disk space, permissions."""


class StorageError(SparkfeatError):
    """Reading or writing a dataset failed."""


class MissingInputError(StorageError, UserInputError):
    """A file or folder that should be read is not there."""


class OutputExistsError(StorageError):
    """The output is already there and overwriting was not asked for."""


class ServiceError(RetryableError):
    """A service did not answer, or asked to be called less often."""


class ClusterError(SparkfeatError):
    """A cluster or a serverless job could not start, or ended with errors."""


class CapacityError(ClusterError, RetryableError):
    """No instances of the types asked for were free."""


class JobFailedError(ClusterError):
    """The job itself failed; `exit_code` is that of its process."""

    def __init__(self, what: str, exit_code: int, *, where: str = "", why: str = "", hint: str = "") -> None:
        self.exit_code = exit_code
        super().__init__(what, where=where, why=why, hint=hint)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint naming the nearest of `known`, or the list of all when nothing is near."""
    names = sorted(str(item) for item in known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'?"
    shown = ", ".join(f"'{item}'" for item in names[:20]) + (" ..." if len(names) > 20 else "")
    return f"Known: {shown or 'none'}"


def _sentence(text: str) -> str:
    """Close `text` with a full stop unless it ends in punctuation already."""
    return text if text.endswith((".", "?", "!", "...")) else text + "."

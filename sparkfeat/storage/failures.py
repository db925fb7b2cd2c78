"""Errors of the operating system and of Arrow's S3 as sparkfeat's own, with what to do about them."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sparkfeat.errors import EnvironmentProblem, SparkfeatError, StorageError
from sparkfeat.storage.aws import problem_of_arrow

NO_PERMISSION = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
NO_SPACE_TEXT = "No space left on device"


@contextmanager
def explained(doing: str, where: str) -> Iterator[None]:
    """Raise what the operating system refuses inside the block as a SparkfeatError.

    Args:
        doing: the action in the infinitive, e.g. "write the manifest".
        where: the path or URI it is done to.

    Raises:
        EnvironmentProblem: no permission, or no space left.
        StorageError: any other OSError.
    """
    try:
        yield
    except OSError as error:
        raise _as_sparkfeat_error(error, doing, where) from error


def no_space_left(error: BaseException | None) -> bool:
    """Whether `error` or one of its causes is a full disk.

    DuckDB and Spark report it only in the text of their own exceptions.
    """
    while error is not None:
        if getattr(error, "errno", None) in NO_SPACE or NO_SPACE_TEXT in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def disk_full(where: str, why: str = "") -> EnvironmentProblem:
    """Return the error for a disk without space at `where`."""
    return EnvironmentProblem(
        "The disk is full", where=where, why=why, hint="Free space there, or choose a path on another disk"
    )


def _as_sparkfeat_error(error: OSError, doing: str, where: str) -> SparkfeatError:
    if (refused := problem_of_arrow(str(error), doing, where)) is not None:
        return refused
    why = error.strerror or str(error)
    if error.errno in NO_PERMISSION:
        hint = "Change the permissions of the folder, or choose another one"
        return EnvironmentProblem(f"No permission to {doing}", where=where, why=why, hint=hint)
    if error.errno in NO_SPACE:
        return disk_full(where, f"Could not {doing}: {why}")
    return StorageError(f"Cannot {doing}", where=where, why=why)

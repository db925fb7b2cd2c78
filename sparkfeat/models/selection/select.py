"""Select features on pilot rows: measure all of them, then apply the rules in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sparkfeat.errors import SchemaError
from sparkfeat.models.keeping import kept
from sparkfeat.models.roles import Roles
from sparkfeat.models.selection import rules
from sparkfeat.models.selection.config import SelectionConfig
from sparkfeat.models.selection.cost import Costs, dear
from sparkfeat.models.selection.counts import Summary, counts, summaries
from sparkfeat.models.selection.forest import forest_importances
from sparkfeat.models.selection.gram import correlations, gram, held_back_r2
from sparkfeat.models.selection.leaks import after_cutoff, suspicious
from sparkfeat.models.selection.long import Subject, long_table, make_subject
from sparkfeat.models.selection.results import Decision, Measured, Selection
from sparkfeat.models.selection.wrapper import Budget, Trace, backward, forward

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Origins:
    """Where features come from.

    Args:
        sources: feature -> all columns it is made of, as dataframe.column.
        raw: feature -> the column that it is as it is, for features without synthesis.
    """

    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)


def select(
    table: DataFrame,
    roles: Roles,
    config: SelectionConfig | None = None,
    *,
    regression: bool = False,
    classes: Sequence[bool | int | float | str] | None = None,
    costs: Costs | None = None,
    origins: Origins | None = None,
) -> Selection:
    """Return which features to keep, and why each other one goes.

    What comes to the driver grows with the number of features, never with that of the rows.

    Args:
        table: pilot rows with features and label.
        roles: which column is what; see `find_roles`.
        config: the rules. Default: see `SelectionConfig`.
        regression: whether the label is a number to predict, and not a class.
        classes: the label's values. Default: those of the rows.
        costs: measured seconds; without them no feature goes for its cost.
        origins: where features come from, for those made of columns that know the future.

    Raises:
        SchemaError: there is no label among the roles.
        DataError: labels that are null, all alike or too many.
    """
    if roles.label is None:
        raise SchemaError(
            "Features are selected by a label, and none is named", hint="Give find_roles a label"
        )
    with kept(table):
        subject = make_subject(table, roles, classes, regression=regression)
        return _Choice(subject, config or SelectionConfig(), costs, origins or Origins()).made()


def find_suspicious(
    table: DataFrame,
    roles: Roles,
    config: SelectionConfig | None = None,
    *,
    regression: bool = False,
    classes: Sequence[bool | int | float | str] | None = None,
    origins: Origins | None = None,
) -> dict[str, str]:
    """Return the features that may know the future, each with the reason; nothing else is selected.

    Arguments and errors are those of `select`.
    """
    if roles.label is None:
        raise SchemaError("Leaks are found by a label, and none is named", hint="Give find_roles a label")
    with kept(table):
        subject = make_subject(table, roles, classes, regression=regression)
        return _Choice(subject, config or SelectionConfig(), None, origins or Origins()).flagged()


class _Choice:
    """One selection while it is made: what is left, and why the others went."""

    def __init__(
        self, subject: Subject, config: SelectionConfig, costs: Costs | None, origins: Origins
    ) -> None:
        self._subject, self._config, self._costs, self._origins = subject, config, costs, origins
        self._gone: dict[str, tuple[str, str]] = {}
        self._flagged: dict[str, str] = {}
        self._wrapper: Trace = ()
        long = long_table(subject)
        self._numbered = summaries(long, config.bins)
        counted = counts(long, subject, self._numbered)
        self._summary: dict[str, Summary] = {name: self._numbered[n] for n, name in enumerate(subject.names)}
        self._found = rules.measured(subject.names, subject.categorical, self._numbered, counted)

    def made(self) -> Selection:
        """Apply the rules and return what they leave."""
        self._apply_filters()
        self._apply_leaks()
        self._apply_tests()
        self._apply_models()
        self._apply_limit()
        return self._selection()

    def flagged(self) -> dict[str, str]:
        """Return the suspicious features with the reasons."""
        self._apply_leaks()
        return self._flagged

    @property
    def _left(self) -> list[str]:
        return [name for name in self._subject.names if name not in self._gone]

    def _drop(self, rule: str, reasons: Mapping[str, str]) -> None:
        self._gone |= {name: (rule, why) for name, why in reasons.items() if name not in self._gone}

    def _seconds(self, name: str) -> float:
        return self._costs.of([name]) if self._costs else 0.0

    def _apply_filters(self) -> None:
        config = self._config
        if config.max_null_share is not None:
            self._drop("nulls", rules.mostly_null(self._found, config.max_null_share))
        if config.max_same_share is not None:
            self._drop("constant", rules.constant(self._found, self._summary, config.max_same_share))
        if config.duplicates:
            self._drop("duplicate", rules.equal(self._left, self._summary, self._seconds))

    def _apply_leaks(self) -> None:
        config, origins = self._config, self._origins
        least = config.suspicious if config.suspicious is not None else float("inf")
        self._flagged = after_cutoff(self._subject) | suspicious(
            self._found,
            least,
            origins.sources,
            config.leaking_columns,
            origins.raw,
            regression=not self._subject.classes,
        )
        if config.drop_suspicious:
            self._drop("leak", self._flagged)

    def _apply_tests(self) -> None:
        config = self._config
        if config.false_discovery_rate is not None:
            self._drop("test", rules.useless(self._found, self._left, config.false_discovery_rate))
        numeric = [name for name in self._left if name not in self._subject.roles.categorical]
        if config.max_correlation is not None and len(numeric) > 1:
            found = correlations(gram(self._subject, numeric, self._numbered, config.seed), numeric)
            least, cheap = config.max_correlation, self._seconds
            self._drop("correlation", rules.correlated(numeric, found, least, self._found, cheap))

    def _apply_models(self) -> None:
        config = self._config
        if config.model_importance and self._left:
            self._ask_a_forest()
        if config.keep_information is not None and self._costs is not None:
            known = {name: self._found[name].information for name in self._left}
            self._drop("cost", dear(known, self._costs, config.keep_information))
        if config.wrapper != "none" and self._left:
            self._wrap(forward if config.wrapper == "forward" else backward)

    def _ask_a_forest(self) -> None:
        found, noise = forest_importances(self._subject, self._left, self._numbered, self._config.seed)
        for name, share in found.items():
            self._found[name] = replace(self._found[name], importance=share)
        self._drop(
            "importance",
            {
                name: f"a forest uses it for {share:.2%}, a column of random numbers for {noise:.2%}"
                for name, share in found.items()
                if share <= noise
            },
        )

    def _wrap(self, walk: Callable[..., tuple[list[str], Trace]]) -> None:
        config, names = self._config, self._left
        found = gram(self._subject, names, self._numbered, config.seed)
        budget = Budget(config.wrapper_evaluations, config.wrapper_seconds)
        kept, self._wrapper = walk(names, lambda some: held_back_r2(found, some), config.wrapper_gain, budget)
        why = f"less than {config.wrapper_gain:g} of R2 on rows held back, beside the others"
        self._drop(config.wrapper, {name: why for name in names if name not in kept})

    def _apply_limit(self) -> None:
        most = self._config.max_features
        if most is not None:
            self._drop("limit", rules.least_informative(self._found, self._left, most))

    def _selection(self) -> Selection:
        names, costs = self._subject.names, self._costs
        decisions = tuple(
            Decision(
                name, name not in self._gone, *self._gone.get(name, ("", "")), self._flagged.get(name, "")
            )
            for name in names
        )
        found: dict[str, Measured] = {
            name: replace(one, seconds=costs.of([name]) if costs else None)
            for name, one in self._found.items()
        }
        return Selection(
            next(iter(self._summary.values())).rows,
            decisions,
            found,
            costs.of(names) if costs else None,
            costs.of(self._left) if costs else None,
            self._wrapper,
        )

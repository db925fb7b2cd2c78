"""Windows over whole tables, range by range of their order: no task holds all rows.

A window without a partition, or with one for each cutoff time only, moves all rows to one task. Here rows are
cut into ranges of the window's order. Windows that begin at the first row are computed in each range and
combined with the state of the ranges before it (`states`). Windows that reach some rows, or some distance,
back are computed on a range and the rows of other ranges within reach (`reach`).

The ranges' bounds and states are few. They are collected, so that no query holds the rows more than once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

from sqlglot import exp

from sparkfeat.plan.nodes import TIME
from sparkfeat.primitives.frames import BEFORE, WHOLE
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import both, column, equal, fill_windows, named, relation, render, star
from sparkfeat.sql.reach import Reach, reach_of
from sparkfeat.sql.states import State, is_unordered, state_of

SAMPLED = 100
"""Rows of a range, on average, that its bounds are chosen from."""

_HERE = "r"
_THERE = "c"
# How many of the sorted bounds z are no greater than a row's place p, by halving: y has the steps.
_STEPS = f"filter(array({', '.join(str(2**power) for power in range(20, -1, -1))}), s -> s <= size(z))"
_SEARCH = "aggregate(y, 0, (a, s) -> CASE WHEN get(z, a + s - 1) <= p THEN a + s ELSE a END)"
_ROWS_BEFORE = f"coalesce(sum(n) {BEFORE}, 0)"
Windows = Mapping[str, exp.Window]


class Ranges:
    """Computes the windows of one relation's rows, and of what is made of them, in ranges.

    Args:
        context: where relations are added; it says how many rows a range has.
        label: what to call them.
        order: columns that tell rows apart.
        timed: windows run over the rows of each cutoff time.
    """

    def __init__(self, context: Context, label: str, order: Sequence[exp.Expr], *, timed: bool) -> None:
        self._context = context
        self._label = label
        self._order = order
        self._rows = context.rows_of_range or 1
        self._time = [TIME] if timed else []
        self._numbers: dict[str, str] = {}

    def apply(self, select: exp.Select) -> exp.Select:
        """Return a SELECT of rows `r` with the values of windows over whole tables as columns.

        Windows of groups stay as they are, and so do those of functions whose states cannot be combined.
        """
        orders: dict[str, dict[str, exp.Window]] = {}
        for window in sorted(select.find_all(exp.Window), key=is_unordered):
            if self._is_whole(window) and (state_of(window) or reach_of(window)):
                order = window.args["order"].sql()
                order = next(iter(orders), order) if is_unordered(window) else order
                orders.setdefault(order, {})[window.sql()] = window
        for windows in orders.values():
            select = self._computed(select, windows)
        return select

    def _is_whole(self, window: exp.Window) -> bool:
        keys = window.args.get("partition_by") or []
        rising = not any(key.args.get("desc") for key in window.args["order"].expressions)
        return rising and len(keys) == len(self._time)

    def _computed(self, select: exp.Select, windows: Windows) -> exp.Select:
        source = select.args["from_"].this.name
        keys = _sort_keys(next(iter(windows.values())).args["order"])
        text = ", ".join(key.sql() for key in keys)
        if text not in self._numbers:
            self._numbers[text] = self._context.new_column()
            source = self._cut(source, keys, self._numbers[text])
        pieces = _Pieces(self._context, self._label, [*self._time, self._numbers[text]], keys, windows)
        rows, values = pieces.compute(source)
        for window in list(select.find_all(exp.Window)):
            if (written := window.sql()) in values:
                window.replace(column(values[written], _HERE))
        return select.from_(relation(self._context.use(rows), _HERE), copy=False)

    def _cut(self, source: str, keys: Sequence[exp.Expr], number: str) -> str:
        """Add to each row the number of its range: no row comes before those of a lower number."""
        context = self._context
        bounds, steps = context.new_column(), context.new_column()
        place = exp.Anonymous(
            this="struct",
            expressions=[*(column(name, _HERE) for name in self._time), *(k.copy() for k in keys)],
        )
        chosen = exp.select(named(self._bounds(place), bounds), copy=False).from_(
            relation(context.use(source), _HERE), copy=False
        )
        chosen.where(self._in_sample(place), copy=False)
        halved = render(_STEPS, {"z": column(bounds, _THERE)}, [], context.dialect)
        few = exp.select(star(_THERE), named(halved, steps), copy=False).from_(chosen.subquery(_THERE))
        few_name = context.use(context.add(f"{self._label}_bounds", few, collected=True))
        letters = {"z": column(bounds, _THERE), "y": column(steps, _THERE), "p": place}
        search = render(_SEARCH, letters, [], context.dialect)
        rows = exp.select(star(_HERE), named(search, number), copy=False).from_(relation(source, _HERE))
        rows.join(exp.Join(this=relation(few_name, _THERE), kind="CROSS"), copy=False)
        return context.add(f"{self._label}_cut", rows, inlined=True)

    def _bounds(self, place: exp.Expr) -> exp.Expr:
        step = min(SAMPLED, self._rows)
        every = f"filter(array_sort(collect_list(p)), (w, n) -> n % {step} = {step} - 1)"
        return render(f"array_distinct({every})", {"p": place}, [], self._context.dialect)

    def _in_sample(self, place: exp.Expr) -> exp.Expr:
        share = max(1, self._rows // SAMPLED)
        told = exp.Anonymous(this="xxhash64", expressions=[place, *(key.copy() for key in self._order)])
        return render(f"pmod(h, {share}) = 0", {"h": told}, [], self._context.dialect)


class _Pieces:
    """The windows of one order, put together of what they are in each range.

    Args:
        context: where relations are added.
        label: what to call them.
        piece: columns that rows of one cutoff time and range have in common.
        keys: what rows are sorted by.
        windows: the windows, by their SQL.
    """

    def __init__(
        self, context: Context, label: str, piece: Sequence[str], keys: Sequence[exp.Expr], windows: Windows
    ) -> None:
        self._context = context
        self._label = label
        self._piece = piece
        self._keys = keys
        self._windows = windows
        self._states = {text: state for text, one in windows.items() if (state := state_of(one))}
        self._near = {
            text: reach
            for text, one in windows.items()
            if text not in self._states and (reach := reach_of(one))
        }
        self._rows, self._before, self._first, self._last, self._number = (
            context.new_column() for _ in range(5)
        )
        self._values = {text: context.new_column() for text in windows}
        self._carried: dict[str, dict[str, str]] = {}
        self._targets: dict[bool, str] = {}

    def compute(self, source: str) -> tuple[str, dict[str, str]]:
        """Return a relation of the rows with more columns, and which one each window's value is in."""
        ranges = self._collect("ranges", self._carry(self._add("range_states", self._aggregated(source))))
        rows = self._add("running", self._running(source, ranges))
        for by_value in self._targets:
            near = {text: reach for text, reach in self._near.items() if reach.by_value is by_value}
            rows = self._add("near", self._within_reach(rows, ranges, near))
        return rows, self._values

    def _add(self, part: str, select: exp.Select) -> str:
        return self._context.add(f"{self._label}_{part}", select)

    def _collect(self, part: str, select: exp.Select) -> str:
        return self._context.add(f"{self._label}_{part}", select, collected=True)

    def _render(
        self, text: str, letters: Mapping[str, exp.Expr], over: Sequence[exp.Expr] | None = None
    ) -> exp.Expr:
        """Return a text, its windows over the rows of a piece, or over pieces, in `over`'s order."""
        value = render(text, letters, over or self._keys, self._context.dialect)
        names = self._piece[:-1] if over else self._piece
        fill_windows(
            value, [column(name, _HERE) for name in names], over or self._keys, self._context.dialect
        )
        return value

    def _joined(self, rows: str, ranges: str, columns: Sequence[exp.Expr]) -> exp.Select:
        # No null is among them, and Spark reserves megabytes to look for one.
        on = [equal(column(name, _HERE), column(name, _THERE)) for name in self._piece]
        select = exp.select(star(_HERE), *columns, copy=False)
        select = select.from_(relation(self._context.use(rows), _HERE), copy=False)
        there = relation(self._context.use(ranges), _THERE)
        return select.join(exp.Join(this=there, on=both(on)), copy=False)

    def _aggregated(self, source: str) -> exp.Select:
        """Aggregate each range: its number of rows, the ends of its last key, the states of the windows."""
        group = [column(name, _HERE) for name in self._piece]
        last = {"x": self._keys[-1]}
        columns = [named(self._render("count(*)", {}), self._rows)]
        columns += [named(self._render("min(x)", last), self._first)]
        columns += [named(self._render("max(x)", last), self._last)]
        for text, state in self._states.items():
            self._carried[text] = self._new_columns(state.of_range)
            columns += [
                named(self._render(aggregate, state.letters), self._carried[text][letter])
                for letter, aggregate in state.of_range.items()
            ]
        rows = exp.select(*(named(key.copy(), key.name) for key in group), *columns, copy=False)
        rows = rows.from_(relation(self._context.use(source), _HERE), copy=False)
        return rows.group_by(*group, copy=False)

    def _new_columns(self, letters: Mapping[str, str]) -> dict[str, str]:
        return {letter: self._context.new_column() for letter in letters}

    def _carry(self, states: str) -> exp.Select:
        """Combine the states of the ranges before each, and list the ranges that reach into each."""
        names = (*self._piece, self._rows, self._first, self._last)
        columns = [named(column(name, _HERE), name) for name in names]
        columns.append(named(self._over_ranges(_ROWS_BEFORE, {"n": self._rows}), self._before))
        for text, state in self._states.items():
            own, self._carried[text] = self._carried[text], self._new_columns(state.carried)
            columns += [
                named(self._over_ranges(carried, own), self._carried[text][letter])
                for letter, carried in state.carried.items()
            ]
        for by_value in sorted({reach.by_value for reach in self._near.values()}):
            self._targets[by_value] = self._context.new_column()
            columns.append(named(self._reaching(by_value), self._targets[by_value]))
        return exp.select(*columns, copy=False).from_(relation(self._context.use(states), _HERE), copy=False)

    def _over_ranges(self, text: str, letters: Mapping[str, str]) -> exp.Expr:
        columns = {letter: column(name, _HERE) for letter, name in letters.items()}
        return self._render(text, columns, [column(self._piece[-1], _HERE)])

    def _reach(self, by_value: bool) -> Reach:
        return reduce(or_, (reach for reach in self._near.values() if reach.by_value is by_value))

    def _reaching(self, by_value: bool) -> exp.Expr:
        """List for each range those whose windows reach into it, itself too: number, first and last place."""
        reach = self._reach(by_value)
        low, high = ("l", "h") if by_value else (f"({_ROWS_BEFORE} + 1)", f"({_ROWS_BEFORE} + n)")
        listed = f"collect_list(array(CAST(g AS BIGINT), {low}, {high})) {WHOLE}"
        near = f"get(w, 1) - {reach.back} <= {high} AND get(w, 2) + {reach.ahead} >= {low}"
        letters = {"g": self._piece[-1], "n": self._rows, "l": self._first, "h": self._last}
        return self._over_ranges(f"filter({listed}, w -> get(w, 0) = g OR ({near}))", letters)

    def _running(self, source: str, ranges: str) -> exp.Select:
        """Give each row its number and the values of the windows that begin at the first row."""
        number = self._render("row_number() OVER () + b", {"b": column(self._before, _THERE)})
        columns = [named(number, self._number)]
        columns += [
            named(self._combined(text, state), self._values[text]) for text, state in self._states.items()
        ]
        return self._joined(source, ranges, columns)

    def _combined(self, text: str, state: State) -> exp.Expr:
        letters: dict[str, exp.Expr] = {
            letter: column(name, _THERE) for letter, name in self._carried[text].items()
        }
        for letter, function in state.here.items():
            window = self._windows[text].copy()
            if function is not None:
                window.set("this", render(function, state.letters, [], self._context.dialect))
            window.append("partition_by", column(self._piece[-1], _HERE))
            letters[letter] = window
        return render(state.value, letters, [], self._context.dialect)

    def _within_reach(self, rows: str, ranges: str, near: Mapping[str, Reach]) -> exp.Select:
        """Compute windows that reach into other ranges, on copies of the rows that these reach."""
        by_value = next(iter(near.values())).by_value
        reach, target = self._reach(by_value), self._context.new_column()
        copied = exp.Explode(this=column(self._targets[by_value], _THERE))
        copies = self._add("copies", self._joined(rows, ranges, [named(copied, target)]))
        at = render("get(z, 0)", {"z": column(target, _HERE)}, [], self._context.dialect)
        columns = []
        for text in near:
            window = self._windows[text].copy()
            window.append("partition_by", at.copy())
            columns.append(named(window, self._values[text]))
        place = self._keys[-1] if by_value else column(self._number, _HERE)
        number = column(self._piece[-1], _HERE)
        within = render(
            f"get(z, 0) = g OR (p >= get(z, 1) - {reach.back} AND p <= get(z, 2) + {reach.ahead})",
            {"z": column(target, _HERE), "g": number, "p": place},
            [],
            self._context.dialect,
        )
        found = exp.select(star(_HERE), *columns, copy=False)
        found = found.from_(relation(self._context.use(copies), _HERE), copy=False).where(within, copy=False)
        home = exp.EQ(this=at.copy(), expression=number.copy())
        return exp.select(star(_HERE), copy=False).from_(found.subquery(_HERE)).where(home, copy=False)


def _sort_keys(order: exp.Order) -> list[exp.Expr]:
    """Return expressions that sort like an order, nulls first."""
    keys: list[exp.Expr] = []
    for one in order.expressions:
        if not one.args.get("nulls_first"):
            keys.append(exp.Is(this=one.this.copy(), expression=exp.null()))
        keys.append(one.this.copy())
    return keys

"""Sums of a table of events, pair by pair: one record per (source, target, relation, day), weighed by age.

Columns are arrays, so millions of rows take seconds; nothing depends on the order of the input.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from kg.views import measures
from kg.views.gamma import Floats
from kg.views.table import UNDATED, Ints, Table, Window


class Ids(Sequence[str]):
    """Ids of the statements behind a pair, by day: a sequence that is looked up when it is first read.

    Millions of events stand behind some graphs, and most edges are never asked.
    """

    __slots__ = ("_axis", "_found", "_pair", "_pairs")

    def __init__(self, pairs: Pairs, pair: int, axis: str | None) -> None:
        self._pairs, self._pair, self._axis = pairs, pair, axis
        self._found: list[str] | None = None

    def _all(self) -> list[str]:
        if self._found is None:
            self._found = self._pairs.behind(self._pair, self._axis)
        return self._found

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._all())


@dataclass(frozen=True, slots=True)
class Side:
    """One axis of every pair: weighted events `k` (in total, `forth` i to j, `back` j to i), their `severity`
    sum, and `n`, the plain number of records."""

    k: Floats
    forth: Floats
    back: Floats
    severity: Floats
    n: Ints


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of actors and the sums of their records; record columns are sorted by pair, then by content.

    `left` < `right` index `actors`. `start` has one entry more than there are pairs: the records of pair p
    are `start[p]` to `start[p + 1]`. `row` of a record points to its first table row, `rows` counts them
    (reprints and second readings of one event).
    """

    table: Table
    window: Window
    left: Ints
    right: Ints
    conflict: Side
    cooperation: Side
    n: Ints
    start: Ints
    record_relation: Ints
    record_day: Ints
    record_weight: Floats
    record_source: Ints
    record_target: Ints
    record_row: Ints
    record_rows: Ints
    kept_rows: Ints
    left_out: dict[str, int]

    def __len__(self) -> int:
        return len(self.left)

    def statements(self, pair: int, axis: str | None = None) -> Ids:
        """Ids of the statements behind a pair, by day; `axis` "conflict" or "cooperation" narrows them."""
        return Ids(self, pair, axis)

    def behind(self, pair: int, axis: str | None = None) -> list[str]:
        """What `statements` gives, looked up now."""
        records = slice(int(self.start[pair]), int(self.start[pair + 1]))
        on = np.array([axis is None or rel.axis == axis for rel in self.table.relations], dtype=bool)
        keep = on[self.record_relation[records]] if len(self.table) else np.zeros(0, dtype=bool)
        days, first = self.record_day[records][keep], self.record_row[records][keep]
        many = self.record_rows[records][keep]
        # One entry per row: the rows of a record follow each other from `first` on.
        within = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        rows = self.kept_rows[np.repeat(first, many) + within]
        order = np.lexsort((rows, np.repeat(days, many)))
        return [name.decode() for name in self.table.statement[rows[order]].tolist()]

    def attention(self) -> Floats:
        """Interactions of every actor in the window, plus a half: conflict and cooperation, weighted."""
        k = self.conflict.k + self.cooperation.k
        size = len(self.table.actors)
        both = np.bincount(self.left, k, size) + np.bincount(self.right, k, size)
        return np.asarray(both + 0.5)

    def present(self) -> Ints:
        """Indices of the actors that occur in any of the pairs."""
        size = len(self.table.actors)
        return np.flatnonzero(
            np.bincount(self.left, minlength=size) + np.bincount(self.right, minlength=size)
        )

    def silent(self) -> tuple[Ints, Ints]:
        """The pairs of present actors without any event: their two columns."""
        some = self.present()
        one, two = np.triu_indices(len(some), 1)
        size = len(self.table.actors)
        left, right = some[one], some[two]
        quiet = ~np.isin(left * size + right, self.left * size + self.right)
        return left[quiet], right[quiet]

    def weekly(self, side: Side, axis: str, least: int = 10) -> Ints:
        """Counts of one axis: a column for every begun week, a row for every pair with `least` events."""
        busy = np.flatnonzero(side.n >= least)
        row = np.full(len(self), -1, dtype=np.int64)
        row[busy] = np.arange(len(busy))
        on = np.array([rel.axis == axis for rel in self.table.relations], dtype=bool)
        place = row[np.repeat(np.arange(len(self)), np.diff(self.start))]
        weeks = (self.window.days + 6) // 7
        week = (self.record_day - self.window.since.toordinal()) // 7
        chosen = (place >= 0) & (on[self.record_relation] if len(place) else True)
        flat = np.bincount((place * weeks + week)[chosen], minlength=len(busy) * weeks)
        return flat.reshape(len(busy), weeks).astype(np.int64)


def aggregate(
    table: Table,
    span: Window,
    *,
    alleged: float = 0.0,
    actors: Container[str] | None = None,
    silent: bool = False,
    neutral: bool = False,
) -> Pairs:
    """Add up the affirmed, actual events of a window per pair of actors.

    One record per (source, target, relation, day), so reprints and repeated readings count once. Alleged
    events weigh `alleged` (0 leaves them out; 0.5 is the usual choice otherwise); intended, requested and
    denied ones never count. `actors`: codes that may be ends; None allows all. `silent` adds the pairs of
    the table's allowed actors that have no event, `neutral` the events on neither axis (requests). What was
    left out is counted by reason in `left_out`. Raises `ValueError` for an impossible weight.
    """
    if not 0 <= alleged <= 1:
        raise ValueError(f"the weight of alleged events must lie between 0 and 1, not {alleged}")
    belief = np.array([1.0, alleged, 0.0, 0.0, 0.0])[table.status]
    allowed = np.array([actors is None or code in actors for code in table.actors], dtype=bool)
    ends = allowed[table.source] & allowed[table.target] if len(table) else np.zeros(0, dtype=bool)
    dated = table.day > UNDATED
    inside = (table.day >= span.since.toordinal()) & (table.day <= span.until.toordinal())
    placed = np.array([rel.axis is not None for rel in table.relations], dtype=bool)
    counted = ends & (belief > 0)
    if not neutral and len(table):
        counted &= placed[table.relation]
    keep = counted & dated & inside
    left_out = {
        "not affirmed and actual": int((belief <= 0).sum()),
        "not between the chosen actors": int(((belief > 0) & ~ends).sum()),
        "undated": int((counted & ~dated).sum()),
        "outside the window": int((counted & dated & ~inside).sum()),
    }
    rows = np.flatnonzero(keep)
    a, b, r, day = table.source[rows], table.target[rows], table.relation[rows], table.day[rows]
    left, right = np.minimum(a, b), np.maximum(a, b)
    size, kinds = max(len(table.actors), 1), max(len(table.relations), 1)
    record_key = (((left * size + right) * 2 + (a > b)) * kinds + r) * span.days + (
        day - span.since.toordinal()
    )
    order = np.argsort(record_key, kind="stable")
    rows, record_key = rows[order], record_key[order]
    first = np.flatnonzero(np.diff(record_key, prepend=-1))
    size_of = np.diff(first, append=len(rows))
    head = rows[first]
    trust = np.maximum.reduceat(belief[rows], first) if len(first) else np.zeros(0)
    a, b, r, day = table.source[head], table.target[head], table.relation[head], table.day[head]
    left, right = np.minimum(a, b), np.maximum(a, b)
    weight = trust * measures.decay(span.at.toordinal() - day, span.half_life)
    pair_key = left * size + right
    new = np.diff(pair_key, prepend=-1) != 0  # the records are sorted by pair
    keys = pair_key[new]
    where = np.cumsum(new) - 1
    if silent:
        some = np.flatnonzero(allowed)
        one, two = np.triu_indices(len(some), 1)
        every = some[one] * size + some[two]
        where = np.searchsorted(every, keys)[where] if len(keys) else where
        keys = every
    start = np.append(np.searchsorted(pair_key, keys), len(pair_key)).astype(np.int64)
    symmetric = np.array([rel.symmetric for rel in table.relations], dtype=bool)
    severity = np.array([rel.severity or 0.0 for rel in table.relations])
    axis = np.array([rel.axis or "" for rel in table.relations], dtype=np.str_)

    def total(values: Floats) -> Floats:
        # A bincount of nothing comes back as whole numbers.
        return np.asarray(np.bincount(where, values, len(keys)), dtype=np.float64)

    def side(name: str) -> Side:
        on = (axis[r] == name) if len(r) else np.zeros(0, dtype=bool)
        w = np.where(on, weight, 0.0)
        # An act that has no direction (a meeting) is half of either side's doing.
        forward = np.where(symmetric[r], 0.5, np.where(a <= b, 1.0, 0.0)) if len(r) else w
        return Side(
            total(w),
            total(w * forward),
            total(w * (1 - forward)),
            total(w * severity[r]) if len(r) else total(w),
            np.bincount(where[on], minlength=len(keys)).astype(np.int64),
        )

    return Pairs(
        table=table,
        window=span,
        left=(keys // size).astype(np.int64),
        right=(keys % size).astype(np.int64),
        conflict=side("conflict"),
        cooperation=side("cooperation"),
        n=np.bincount(where, minlength=len(keys)).astype(np.int64),
        start=start,
        record_relation=r,
        record_day=day,
        record_weight=weight,
        record_source=a,
        record_target=b,
        record_row=first.astype(np.int64),
        record_rows=size_of.astype(np.int64),
        kept_rows=rows,
        left_out=left_out,
    )

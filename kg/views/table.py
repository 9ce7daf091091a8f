"""A flat table of events beside the graph: what the pair views are added up from.

Statements go in, one row each; `aggregate` selects those of a window, keeps one record per (source, target,
relation, day), weighs it and sums it up per pair. Columns are arrays, so half a million rows take a fraction
of a second. Rows are sorted by content first: the result never depends on the order of the input.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kg.model import Statement
from kg.ontology import Relation, load_ontology
from kg.views import measures
from kg.views.gamma import Floats

Ints = NDArray[np.int64]
Published = Mapping[str, date | None]

UNDATED = 0
"""Day number of an undated event in a document without a date (`date.toordinal` starts at 1)."""

_STATUS = {"actual": 0, "alleged": 1, "intended": 2, "requested": 3}
DENIED = 4
"""Status number of a statement with polarity "-"."""


@dataclass(frozen=True, slots=True)
class Table:
    """Events, one row per statement, in columns of the same length, sorted by content.

    `source`, `target` index `actors`, `relation` indexes `relations` (both sorted); `day` is a
    `date.toordinal` or `UNDATED`; `status` is 0 actual, 1 alleged, 2 intended, 3 requested, 4 denied;
    `statement` the id of the statement. `first_published`: the first day of publication, if any is known.
    """

    actors: tuple[str, ...]
    relations: tuple[Relation, ...]
    source: Ints
    target: Ints
    relation: Ints
    day: Ints
    status: Ints
    statement: NDArray[np.str_]
    first_published: date | None = None

    @classmethod
    def from_statements(cls, stmts: Iterable[Statement], published: Published | None = None) -> Table:
        """The events among `stmts`; states of affairs and relations not in the ontology are left out.

        Day of an event: the middle of its own interval ("in 2018" is 2 July), but not after the day on which
        the document was published, for what is told as done is past; without a date of its own, that day
        (`published`: document id to date); without either, `UNDATED`.
        """
        known = load_ontology().relations
        dates = published or {}
        days: list[int] = []
        rows: list[tuple[str, str, str, int, str]] = []
        for stmt in stmts:
            relation = known.get(stmt.relation)
            if relation is None or relation.kind != "event":
                continue
            days.append(_day(stmt, dates.get(stmt.document)))
            status = _STATUS[stmt.status] if stmt.polarity == "+" else DENIED
            rows.append((stmt.source, stmt.target, stmt.relation, status, stmt.id))
        known_dates = [day for day in dates.values() if day]
        return cls.from_columns(
            [row[0] for row in rows],
            [row[1] for row in rows],
            [row[2] for row in rows],
            days,
            [row[3] for row in rows],
            [row[4] for row in rows],
            first_published=min(known_dates, default=None),
        )

    @classmethod
    def from_columns(
        cls,
        source: list[str],
        target: list[str],
        relation: list[str],
        day: list[int],
        status: list[int],
        statement: list[str],
        *,
        first_published: date | None = None,
    ) -> Table:
        """A table from plain columns, in any order; every relation must be an event of the ontology.

        The two ends of a symmetric relation are put into one order, so that each such event is found once.
        """
        known = load_ontology().relations
        actors = tuple(sorted({*source, *target}))
        names = sorted(set(relation))
        relations = tuple(known[name] for name in names)
        at = {code: i for i, code in enumerate(actors)}
        kind = {name: i for i, name in enumerate(names)}
        a = np.array([at[code] for code in source], dtype=np.int64)
        b = np.array([at[code] for code in target], dtype=np.int64)
        r = np.array([kind[name] for name in relation], dtype=np.int64)
        symmetric = np.array([rel.symmetric for rel in relations], dtype=bool)
        swap = symmetric[r] & (a > b) if len(r) else np.zeros(0, dtype=bool)
        a, b = np.where(swap, b, a), np.where(swap, a, b)
        d, s, ids = (
            np.array(day, dtype=np.int64),
            np.array(status, dtype=np.int64),
            np.array(statement, dtype=np.str_),
        )
        order = np.lexsort((ids, s, d, r, b, a))
        return cls(
            actors,
            relations,
            a[order],
            b[order],
            r[order],
            d[order],
            s[order],
            ids[order],
            first_published,
        )

    def __len__(self) -> int:
        return len(self.source)

    def with_actors(self, codes: Iterable[str]) -> Table:
        """The same events, with more actors that have none: pairs of them are silent, not absent."""
        actors = tuple(sorted({*self.actors, *codes}))
        at = {code: i for i, code in enumerate(actors)}
        move = np.array([at[code] for code in self.actors], dtype=np.int64)
        # Both orders are alphabetical, so the rows stay sorted.
        return replace(self, actors=actors, source=move[self.source], target=move[self.target])


def _day(stmt: Statement, published: date | None) -> int:
    if stmt.when is None:
        return published.toordinal() if published else UNDATED
    first = stmt.when.start.toordinal()
    middle = first + (stmt.when.end.toordinal() - first) // 2
    return min(middle, published.toordinal()) if published else middle


@dataclass(frozen=True, slots=True)
class Window:
    """The days that count, and how they fade: from `since` to `until` inclusive, aged to `at`.

    `half_life` is in days; None counts every day of the window fully.
    """

    since: date
    until: date
    at: date
    half_life: float | None = None

    @property
    def days(self) -> int:
        """Length of the window in days."""
        return (self.until - self.since).days + 1

    @property
    def exposure(self) -> float:
        """What the window is worth in full-weight days (see `measures.exposure`)."""
        return measures.exposure(self.days, self.half_life, (self.at - self.until).days)


def window(
    table: Table,
    *,
    at: date | None = None,
    since: date | None = None,
    until: date | None = None,
    half_life: float | None = None,
) -> Window:
    """The window that the given ends mean for this table.

    `until` is by default `at`, and without both the last dated event. `since` is by default the first of
    January of the year in which the first document was published (texts mention older events, but do not
    report on them), or, where no publication date is known, of the first event. Raises `ValueError` when the
    window is empty.
    """
    dated = table.day[table.day > UNDATED]
    last = until or at or (date.fromordinal(int(dated.max())) if len(dated) else table.first_published)
    if last is None:
        last = since or date(1970, 1, 1)
    if since is None:
        first = table.first_published
        if first is None or first > last:
            early = dated[dated <= last.toordinal()]
            first = date.fromordinal(int(early.min())) if len(early) else last
        since = date(first.year, 1, 1)
    day = at or last
    last = min(last, day)
    if since > last:
        raise ValueError(f"the window is empty: it starts on {since} and ends on {last}")
    measures.decay(0, half_life)  # refuses a half-life of 0 or less
    return Window(since, last, day, half_life)


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

    def statements(self, pair: int, axis: str | None = None) -> list[str]:
        """Ids of the statements behind a pair, by day; `axis` "conflict" or "cooperation" narrows them."""
        return self.all_statements(axis, slice(pair, pair + 1))[0]

    def all_statements(self, axis: str | None = None, pairs: slice | None = None) -> list[list[str]]:
        """What `statements` gives, for every pair (or those of a slice) at once."""
        chosen = range(len(self))[pairs or slice(None)]
        records = slice(int(self.start[chosen.start]), int(self.start[chosen.stop]))
        on = np.array([axis is None or rel.axis == axis for rel in self.table.relations], dtype=bool)
        keep = on[self.record_relation[records]] if len(self.table) else np.zeros(0, dtype=bool)
        pair = np.repeat(np.arange(len(chosen)), np.diff(self.start[chosen.start : chosen.stop + 1]))[keep]
        days, first = self.record_day[records][keep], self.record_row[records][keep]
        many = self.record_rows[records][keep]
        # One entry per row: the rows of a record follow each other from `first` on.
        within = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        rows = self.kept_rows[np.repeat(first, many) + within]
        pair, days = np.repeat(pair, many), np.repeat(days, many)
        order = np.lexsort((rows, days, pair))
        ids = self.table.statement[rows[order]].tolist()
        ends = np.searchsorted(pair[order], np.arange(len(chosen) + 1)).tolist()
        return [ids[ends[i] : ends[i + 1]] for i in range(len(chosen))]

    def attention(self) -> Floats:
        """Interactions of every actor in the window, plus a half: conflict and cooperation, weighted."""
        k = self.conflict.k + self.cooperation.k
        size = len(self.table.actors)
        both = np.bincount(self.left, k, size) + np.bincount(self.right, k, size)
        return np.asarray(both + 0.5)

    def present(self) -> Ints:
        """Indices of the actors that occur in any of the pairs."""
        return np.union1d(self.left, self.right).astype(np.int64)

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
    keys = np.unique(pair_key)
    if silent:
        some = np.flatnonzero(allowed)
        one, two = np.triu_indices(len(some), 1)
        keys = some[one] * size + some[two]
    where = np.searchsorted(keys, pair_key)
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

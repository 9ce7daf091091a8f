"""A flat table of events beside the graph: what the pair views are added up from (`sums`).

Statements go in, one row each, into columns that are arrays. Rows are sorted by content: the result never
depends on the order of the input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kg.model import Statement
from kg.ontology import Relation, load_ontology
from kg.views import measures

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
    statement: NDArray[np.bytes_]
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
        return cls.sorted(
            actors,
            relations,
            a,
            b,
            r,
            np.array(day, dtype=np.int64),
            np.array(status, dtype=np.int64),
            np.array(statement, dtype=np.bytes_),
            first_published=first_published,
        )

    @classmethod
    def sorted(
        cls,
        actors: tuple[str, ...],
        relations: tuple[Relation, ...],
        source: Ints,
        target: Ints,
        relation: Ints,
        day: Ints,
        status: Ints,
        statement: NDArray[np.bytes_],
        *,
        first_published: date | None = None,
    ) -> Table:
        """A table from columns of numbers in any order; `actors` and `relations` are sorted by name."""
        symmetric = np.array([rel.symmetric for rel in relations], dtype=bool)
        swap = symmetric[relation] & (source > target) if len(relation) else np.zeros(0, dtype=bool)
        a, b = np.where(swap, target, source), np.where(swap, source, target)
        order = np.lexsort((statement, status, day, relation, b, a))
        return cls(
            actors,
            relations,
            a[order],
            b[order],
            relation[order],
            day[order],
            status[order],
            statement[order],
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

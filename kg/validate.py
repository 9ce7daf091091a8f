"""Views against data that others collected: are tense pairs rivals, do engaged ones visit each other?

The files are not part of this package. A folder holds

- `peacesciencer_tss_rivalries.csv`: strategic rivalries (Thompson, Sakuwa and Suhas);
- `peacesciencer_cow_mid_ddydisps_2010on.csv`: militarised interstate disputes (Correlates of War, MID 5);
- `peacesciencer_atop_alliance_2012on.csv`: alliances (ATOP 5);
- `peacesciencer_cow_states.csv`: members of the state system (Correlates of War);
- `historyatstate_visits_travels.csv`: visits to and from the United States (Office of the Historian).

Nothing of them enters the views: they only judge them.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kg.actors import load_actors
from kg.errors import InputError
from kg.graph import Graph
from kg.model import Evidence, Span, Statement, When
from kg.views.networks import signed
from kg.views.pairs import engagement, tension
from kg.views.selection import Selection
from kg.views.table import Table

Pair = tuple[str, str]

SPLITS = 10
SEED = 20180601
BUSY = 10
"""Pairs with fewer events are too thin to be split in halves."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the comparison: what it is, its value, the least value wanted, number of cases."""

    name: str
    value: float | None
    bar: float
    n: int
    cases: int = 0

    @property
    def holds(self) -> bool:
        """Whether the figure reaches its bar."""
        return self.value is not None and round(self.value, 3) >= self.bar

    def as_json(self) -> dict[str, Any]:
        """The figure as plain values."""
        value = None if self.value is None else round(self.value, 4)
        return {
            "name": self.name,
            "value": value,
            "bar": self.bar,
            "holds": self.holds,
            "n": self.n,
            "cases": self.cases,
        }

    def __str__(self) -> str:
        value = "none" if self.value is None else f"{self.value:.3f}"
        of = f"{self.cases} of {self.n} pairs" if self.cases else f"{self.n} pairs"
        return f"{'ok ' if self.holds else 'LOW'} {value:>7} (bar {self.bar:g})  {self.name}, {of}"


def validate(graph: Graph, truth: Path | str, *, year: int = 2014, origin: str | None = None) -> list[Figure]:
    """The figures for one year of a graph's events; `truth` is the folder with the files named above.

    Figures whose truth has no case in that year are left out. `InputError` when a file is missing, and when
    the graph has no events in that year.
    """
    folder, table = Path(truth), graph.table(origin)
    states = sorted(_states(folder, year))
    window: Selection = {"since": date(year, 1, 1), "until": date(year, 12, 31), "actors": states}
    seen: dict[str, dict[Pair, Mapping[str, Any]]] = {}
    every: dict[str, dict[Pair, Mapping[str, Any]]] = {}
    for name, view in (("tension", tension), ("engagement", engagement)):
        seen[name] = _levels(view(table, **window))
        every[name] = _levels(view(table, all_pairs=True, **window))
    if not seen["tension"]:
        raise InputError(f"the graph has no event between states in {year}; import event data of that year")
    figures = []
    for label, cases, bars in (
        ("strategic rivals", _rivals(folder, year), (0.74, 0.85)),
        ("militarised disputes", _disputes(folder, year), (0.84, 0.93)),
    ):
        for rows, which, bar in (
            (seen, "pairs with events", bars[0]),
            (every, "all pairs", bars[1]),
        ):
            figure = _auc(f"tension finds {label}: AUC among {which}", rows["tension"], "tension", cases, bar)
            figures += [figure] if figure.cases else []
    for name, bar in (("tension", 0.75), ("engagement", 0.79)):
        figures.append(_halves(name, table, window, bar))
    visits = _visits(folder, year)
    if visits:
        pairs = [pair for pair in every["engagement"] if "USA" in pair]
        counts = [float(visits[next(code for code in pair if code != "USA")]) for pair in pairs]
        levels = [every["engagement"][pair]["engagement"] for pair in pairs]
        rho = spearman(levels, counts)
        figures.append(
            Figure("engagement goes with visits to and from the United States: rho", rho, 0.35, len(pairs))
        )
    figures += _signs(folder, year, table)
    return figures


def _levels(view: Any) -> dict[Pair, Mapping[str, Any]]:
    return {(row["source"], row["target"]): row for row in view.rows}


def ranks(values: ArrayLike) -> NDArray[np.float64]:
    """Ranks from 1, equal values share the mean of theirs.

    >>> ranks([5, 1, 5]).tolist()
    [2.5, 1.0, 2.5]
    """
    _, where, counts = np.unique(
        np.asarray(values, dtype=np.float64), return_inverse=True, return_counts=True
    )
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[where], dtype=np.float64)


def spearman(one: ArrayLike, other: ArrayLike) -> float | None:
    """Rank correlation, -1 to 1; None when one side does not vary.

    >>> spearman([1, 2, 3], [10, 30, 20])
    0.5
    """
    a, b = ranks(one), ranks(other)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return None
    return round(float(np.corrcoef(a, b)[0, 1]), 12)


def auc(scores: ArrayLike, positive: ArrayLike) -> float | None:
    """The chance that a positive case scores higher than a negative one, ties half; None without both kinds.

    >>> auc([3, 2, 1, 2], [True, True, False, False])
    0.875
    """
    marks = np.asarray(positive, dtype=bool)
    one, two = int(marks.sum()), int((~marks).sum())
    if not one or not two:
        return None
    return float((ranks(scores)[marks].sum() - one * (one + 1) / 2) / (one * two))


def _auc(name: str, rows: Mapping[Pair, Mapping[str, Any]], key: str, cases: set[Pair], bar: float) -> Figure:
    marks = [pair in cases for pair in rows]
    return Figure(name, auc([row[key] for row in rows.values()], marks), bar, len(rows), sum(marks))


def _halves(name: str, table: Table, window: Selection, bar: float) -> Figure:
    """Rank correlation of the levels from two random halves of the events, mean of `SPLITS` divisions."""
    view = {"tension": tension, "engagement": engagement}[name]
    busy = [(r["source"], r["target"]) for r in view(table, **window).rows if r["n"] >= BUSY]
    rng, found = np.random.default_rng(SEED), []
    # Rows of one (source, target, relation, day) are one event and stay together.
    columns = (table.source, table.target, table.relation, table.day)
    new = np.zeros(len(table), dtype=bool)
    for column in columns:
        new |= np.diff(column, prepend=-1) != 0
    event = np.cumsum(new) - 1
    for _ in range(SPLITS if len(busy) > 2 else 0):
        side = rng.permutation(int(event[-1]) + 1) % 2
        levels = []
        for half in (0, 1):
            chosen = side[event] == half
            part = replace(
                table,
                source=table.source[chosen],
                target=table.target[chosen],
                relation=table.relation[chosen],
                day=table.day[chosen],
                status=table.status[chosen],
                statement=table.statement[chosen],
            )
            known = _levels(view(part, all_pairs=True, **window))
            levels.append([known[pair][name] for pair in busy])
        found.append(spearman(*levels) or 0.0)
    value = float(np.mean(found)) if found else None
    return Figure(
        f"{name} of two halves of the events agrees: rho, {BUSY} events and more", value, bar, len(busy)
    )


def _signs(folder: Path, year: int, table: Table) -> list[Figure]:
    """Balance of the signed network of alliances, rivalries and disputes, with tense pairs of the year, in
    standard deviations from shuffled signs."""
    friends, foes = _allies(folder, year), _rivals(folder, year) | _disputes(folder, year)
    if not friends or not foes:
        return []
    stmts = [
        _state(pair, relation, year)
        for relation, pairs in (("allied_with", friends - foes), ("at_odds_with", foes))
        for pair in sorted(pairs)
    ]
    since, until = date(year, 1, 1), date(year, 12, 31)
    report = signed(stmts, events=table, since=since, until=until).report
    return [
        Figure(
            f"signed network: {report['strong']} of triads balanced, {report['null']} when shuffled: z",
            report["z"],
            25,
            report["edges"],
        )
    ]


def _state(pair: Pair, relation: str, year: int) -> Statement:
    name = f"{pair[0]} {relation} {pair[1]}"
    evidence = Evidence(str(year), Span(0, len(name)), name, name, "validate", relation)
    return Statement(pair[0], relation, pair[1], when=When.year(year), evidence=(evidence,))


# --- The truth ---


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    path = folder / name
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
    except OSError as exc:
        raise InputError(f"{path}: cannot be read: {exc.strerror or exc}; see kg/validate.py") from exc


def _codes() -> dict[int, str]:
    """Correlates of War number to code; states of today before their predecessors."""
    actors = load_actors().actors.values()
    found = {int(a.cow): a.code for a in actors if a.kind == "state" and a.cow}
    return {**found, 255: found.get(255, "DEU")}


def _pair(row: Mapping[str, str], one: str = "ccode1", two: str = "ccode2") -> Pair | None:
    known = _codes()
    a, b = (known.get(int(float(row[key]))) for key in (one, two))
    return (min(a, b), max(a, b)) if a and b and a != b else None


def _pairs(rows: Iterator[dict[str, str]]) -> set[Pair]:
    return {pair for row in rows if (pair := _pair(row))}


def _number(row: Mapping[str, str], key: str) -> float:
    return float(row[key]) if row[key] else math.nan


def _states(folder: Path, year: int) -> set[str]:
    known = _codes()
    return {
        known[int(float(row["ccode"]))]
        for row in _rows(folder, "peacesciencer_cow_states.csv")
        # The list ends in 2016: whoever was there then is taken to be there later.
        if float(row["styear"])
        <= year
        <= (float(row["endyear"]) if float(row["endyear"]) < 2016 else math.inf)
        and int(float(row["ccode"])) in known
    }


def _rivals(folder: Path, year: int) -> set[Pair]:
    rows = _rows(folder, "peacesciencer_tss_rivalries.csv")
    return _pairs(row for row in rows if _number(row, "start") <= year <= _number(row, "end"))


def _disputes(folder: Path, year: int) -> set[Pair]:
    rows = _rows(folder, "peacesciencer_cow_mid_ddydisps_2010on.csv")
    return _pairs(row for row in rows if _number(row, "year") == year and _number(row, "cowmidongoing") == 1)


def _allies(folder: Path, year: int) -> set[Pair]:
    rows = _rows(folder, "peacesciencer_atop_alliance_2012on.csv")
    return _pairs(row for row in rows if _number(row, "year") == year and _number(row, "atop_defense") == 1)


def _visits(folder: Path, year: int) -> Counter[str]:
    """How often each country was visited from the United States or visited it."""
    table, found = load_actors(), Counter[str]()
    for row in _rows(folder, "historyatstate_visits_travels.csv"):
        if not re.match(rf"{year}-\d\d-\d\d", row["start"] or ""):
            continue
        actor = table.resolve(row["country"], date(year, 7, 1))
        if actor is not None and actor.code != "USA":
            found[actor.code] += 1
    return found

"""Rows of views in, the geometry of pictures out; templates make SVG of it, in the colours of the theme."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from kg.explain import name_of
from kg.geo import outlines, places
from kg.ontology import ACT

WIDTH, HEIGHT = 720, 250
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 10, 40

MOST = 7.0
"""About the highest level of world news, and of the end of a bar."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines of both axes over time: polylines as SVG points, marks on the axes, weeks with acts."""

    tension: str
    engagement: str
    levels: Sequence[tuple[float, str]]
    years: Sequence[tuple[float, str]]
    conflict: Sequence[tuple[float, str]]
    cooperation: Sequence[tuple[float, str]]
    breaks: Sequence[tuple[float, str]]
    early: float | None
    summary: str


def chart(rows: Sequence[Mapping[str, Any]]) -> Chart:
    """The time line of a pair, from the rows of the view `timeline` (at least one)."""
    days = [date.fromisoformat(row["week"]).toordinal() for row in rows]
    first, last = days[0] - 7, max(days[-1], days[0])
    top = max(2.0, math.ceil(max(max(row["tension"], row["engagement"]) for row in rows)))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(day: float) -> float:
        return round(LEFT + wide * (day - first) / max(1, last - first), 1)

    def y(level: float) -> float:
        return float(round(TOP + high * (1 - level / top), 1))

    def line(name: str) -> str:
        return " ".join(f"{x(day)},{y(row[name])}" for day, row in zip(days, rows, strict=True))

    def acts(name: str) -> list[tuple[float, str]]:
        found = ((day, row) for day, row in zip(days, rows, strict=True) if row[name])
        return [(x(day), f"week to {row['week']}: {row[name]} ({row['events']})") for day, row in found]

    burning = [day for day, row in zip(days, rows, strict=True) if row["burn_in"]]
    newest, peak = rows[-1], max(rows, key=lambda row: row["tension"])
    return Chart(
        line("tension"),
        line("engagement"),
        [(y(level), f"{level:g}") for level in _steps(top)],
        [(x(day), label) for day, label in _ticks(first, last)],
        acts("n_conflict"),
        acts("n_coop"),
        [
            (x(day), f"{row['week']}: {row['change_point']} breaks to another level")
            for day, row in zip(days, rows, strict=True)
            if row["change_point"]
        ],
        x(burning[-1]) if burning else None,
        f"{rows[0]['week']} to {newest['week']}: tension ends at {newest['tension']:.1f}, engagement at "
        f"{newest['engagement']:.1f}; highest tension {peak['tension']:.1f} in the week to {peak['week']}.",
    )


def _steps(top: float) -> list[float]:
    step = 1 if top <= 5 else 2
    return [float(level) for level in range(0, int(top) + 1, step)]


def _ticks(first: int, last: int) -> list[tuple[int, str]]:
    """First days of years, or of months when there are few; at most about ten."""
    start, end = date.fromordinal(max(1, first)), date.fromordinal(last)
    if end.year - start.year >= 2:
        every = max(1, math.ceil((end.year - start.year) / 10))
        years = [year for year in range(start.year + 1, end.year + 1) if year % every == 0]
        return [(date(year, 1, 1).toordinal(), str(year)) for year in years]
    months = [(year, month) for year in range(start.year, end.year + 1) for month in range(1, 13)]
    inside = [day for year, month in months if start <= (day := date(year, month, 1)) <= end]
    every = max(1, math.ceil(len(inside) / 8))
    return [(day.toordinal(), f"{day:%Y-%m}") for day in inside[::every]]


def share(level: float | None, top: float = MOST) -> float:
    """A level as a part of the length of a bar that ends at `top`, 0 to 100.

    >>> share(3.5), share(None)
    (50.0, 0.0)
    """
    return round(100 * min(1.0, max(0.0, (level or 0.0) / top)), 1)


# --- Map ----------------------------------------------------------------------------------------------------

MAP = (720, 330)


def project(lon: float, lat: float) -> tuple[float, float]:
    """A place on the map: equirectangular, from 84 degrees north to 58 south, where states lie."""
    return round((lon + 180) * 2, 1), round((84 - lat) * MAP[1] / 142, 1)


@lru_cache(maxsize=1)
def land() -> Mapping[str, str]:
    """SVG paths of all states by code."""
    paths = {}
    for code, rings in outlines().items():
        parts = []
        for ring in rings:
            points = [project(lon, lat) for lon, lat in ring]
            parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "z")
        paths[code] = "".join(parts)
    return paths


@dataclass(frozen=True, slots=True)
class Spot:
    """A partner on the map: `shade` 0 to 4 for engagement, `radius` in units of the map for tension."""

    code: str
    x: float
    y: float
    shade: int
    radius: float


def spots(partners: Sequence[tuple[str, Mapping[str, Any]]], top: float) -> list[Spot]:
    """The partners that lie somewhere, on a scale that ends at `top`; those with most tension come last."""
    found = []
    for code, row in partners:
        if code in places():
            x, y = project(*places()[code])
            tension, engagement = row["tension"] or 0.0, row["engagement"] or 0.0
            shade = min(4, math.ceil(engagement / top * 5)) if row["n_coop"] else 0
            found.append(
                Spot(code, x, y, shade, round(2 + 9 * tension / top, 1) if row["n_conflict"] else 0.0)
            )
    return sorted(found, key=lambda spot: (spot.radius, spot.code))


# --- Results of queries -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart; `length` is 0 to 100."""

    label: str
    value: float
    length: float


def bars(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], most: int = 20
) -> tuple[str, list[Bar]] | None:
    """The first column of numbers of a result as bars, named by its other cells; None if there is none.

    Cells are those of `kg.serve.worker`: kind, text, datatype. A column counts when all its cells are
    numbers from 0 up, and there are at least two rows.
    """
    if len(rows) < 2:
        return None
    for place, column in enumerate(columns):
        values = [_number(row[place]) for row in rows]
        if all(value is not None and value >= 0 for value in values) and any(values):
            top = max(value or 0.0 for value in values)
            labels = [
                " · ".join(
                    _label(cell)
                    for i, cell in enumerate(row)
                    if cell and i != place and cell[2] in ("string", "langString", "")
                )
                for row in rows[:most]
            ]
            return column, [
                Bar(label or str(number), value or 0.0, round(100 * (value or 0.0) / top, 1))
                for number, (label, value) in enumerate(zip(labels, values, strict=False), 1)
            ]
    return None


def _label(cell: Sequence[str]) -> str:
    code = ACT.local(cell[1])
    text = name_of(code) if code else cell[1].rsplit("/", 1)[-1].rsplit("#", 1)[-1]
    return text if len(text) <= 40 else text[:39] + "…"


def _number(cell: Sequence[str] | None) -> float | None:
    if not cell or cell[2] not in ("integer", "decimal", "double", "float"):
        return None
    try:
        value = float(cell[1])
    except ValueError:
        return None
    return value if math.isfinite(value) else None

"""Whole pictures made of networks: any view as a graph, and the overview of a corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kg.show.charts import mirror, names, pair_name
from kg.show.layout import Line, draw, pair_lines
from kg.show.style import (
    ENGAGEMENT,
    INK,
    PAPER,
    QUIET,
    TENSION,
    Viewed,
    axis_legend,
    empty,
    foot,
    head,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BLOCS = ("#dbe7f3", "#f6e3d5", "#e4efdc", "#ece2f0", "#f5efd2", "#dceeee")
_WEIGHT = ("tension", "engagement")


def network(view: Viewed, *, top: int = 40) -> Figure:
    """Actors and the lines between them; the `top` strongest pairs, and the actors that these leave."""
    rows = [row for row in view.rows if "source" in row] or [
        {"source": a, "target": b, **data} for a, b, data in view.graph.edges(data=True)
    ]
    merged = _merge(rows)
    chosen = dict(sorted(merged.items(), key=lambda item: (-item[1], item[0]))[:top])
    kept = [row for row in rows if _ends(row) in chosen]
    if not kept:
        return empty(view.title, "nothing to draw in this window")
    called = names(view)
    labels = {code: called.get(code, code) for row in kept for code in (row["source"], row["target"])}
    figure = new_figure(9.6, 6.6)
    more = f"{len(chosen)} of {len(merged)} pairs" if len(chosen) < len(merged) else f"{len(merged)} pairs"
    head(figure, view.title, f"{len(labels)} actors, {more}{_reading(view)}")
    axes = figure.add_axes((0.02, 0.055, 0.96, 0.815))
    lines = _lines(view.name, kept)
    if any(line.colour == TENSION for line in lines) and any(line.colour == ENGAGEMENT for line in lines):
        axis_legend(figure)
    blocs = {code: view.graph.nodes[code].get("bloc") for code in labels if code in view.graph}
    fills = {code: _BLOCS[(bloc - 1) % len(_BLOCS)] for code, bloc in blocs.items() if bloc}
    draw(figure, axes, labels, lines, _pull(chosen), fills=fills)
    foot(figure, view.source_line)
    return figure


def _ends(row: Mapping[str, Any]) -> tuple[str, str]:
    return min(row["source"], row["target"]), max(row["source"], row["target"])


def _merge(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], float]:
    total: dict[tuple[str, str], float] = {}
    for row in rows:
        if any(key in row for key in _WEIGHT):
            value = max((row.get(key) or 0.0) for key in _WEIGHT)
        else:
            value = float(row.get("weight") or row.get("n") or 1)
        total[_ends(row)] = total.get(_ends(row), 0.0) + value
    return {ends: value for ends, value in total.items() if value > 0}


def _pull(weights: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """Pull of each pair in the layout: its weight against the strongest, with a floor."""
    top = max(weights.values(), default=1.0)
    return {ends: 0.25 + value / top for ends, value in weights.items()}


def _reading(view: Viewed) -> str:
    if view.name in ("signed", "balance"):
        strong, z = view.report.get("strong"), view.report.get("z")
        triads = "" if z is None else f"; {strong:.0%} of triads balanced (z = {z + 0.0:.1f})"
        return f"{triads}; shades: blocs; dashed: both signs are claimed"
    if view.name in ("states", "disputed", "missions"):
        return "; dashed: not affirmed and actual, or closed"
    return ""


def _lines(name: str, rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    if name in ("tension", "engagement", "alignment", "ego", "overview", "brokers"):
        return pair_lines(rows)
    if name in ("signed", "balance"):
        return [
            Line(
                row["source"], row["target"], ENGAGEMENT if row["sign"] > 0 else TENSION,
                1.0 + min(row["weight"], 8) * 0.6, dashed=bool(row["conflict"]),
            )
            for row in rows
        ]  # fmt: skip
    told: dict[tuple[str, str, str, bool], int] = {}
    for row in rows:
        label = row["relation"].replace("_", " ") if "relation" in row else ""
        firm = row.get("status", "actual") == "actual" and row.get("polarity", "+") == "+"
        if not firm:
            label = ("not " if row.get("polarity") == "-" else "") + label
        key = (row["source"], row["target"], label, firm and row.get("open", True))
        told[key] = told.get(key, 0) + int(row.get("n") or 1)
    most = max(told.values(), default=1)
    colour = {"sanctions": TENSION, "aid": ENGAGEMENT}.get(name, "#5b6472")
    return [
        Line(a, b, colour, 0.9 + 2.6 * count / most, arrow=True, dashed=not firm, label=label)
        for (a, b, label, firm), count in sorted(told.items())
    ]


def overview(view: Viewed, *, title: str | None = None, top: int = 26) -> Figure:
    """A corpus in one picture: the network of its pairs, and the busiest pairs through time."""
    parts: Sequence[Viewed] = getattr(view, "parts", ())
    merged = _merge(view.rows)
    single = {_ends(row) for row in view.rows if row["n"] == 1}
    order = sorted(merged, key=lambda ends: (ends in single, -merged[ends], ends))
    chosen = {ends: merged[ends] for ends in order[:top]}
    kept = [row for row in view.rows if _ends(row) in chosen]
    if not kept:
        return empty(title or view.title, "no event in this window")
    figure = new_figure(12.8, 7.2)
    called = names(view)
    since, until = (str(dict(getattr(view, "parameters", {})).get(key, ""))[:4] for key in ("since", "until"))
    count = sum(row["n"] for row in view.rows)
    head(
        figure,
        title or "Who is at odds, who is talking",
        f"{count} events between {len(called)} states, {since} to {until}. "
        f"The {len(chosen)} strongest of {len(view.rows)} pairs; lines as wide as tension and engagement.",
    )
    axis_legend(figure, size=11)
    labels = {code: called.get(code, code) for ends in chosen for code in ends}
    wide = 0.615 if parts else 0.97
    axes = figure.add_axes((0.015, 0.05, wide, 0.83))
    draw(figure, axes, labels, pair_lines(kept, 9.0), _pull(chosen), font=9.5)
    limit = max((max(row["tension"], row["engagement"]) for part in parts for row in part.rows), default=1.0)
    room = 0.82 / max(len(parts), 1)
    for i, part in enumerate(parts):
        bottom = 0.065 + room * (len(parts) - 1 - i)
        beside = figure.add_axes((0.665, bottom + 0.012, 0.315, room - 0.062))
        mirror(beside, part.rows, limit=limit * 1.12)
        beside.set_facecolor(PAPER)
        beside.set_yticks([])
        row = part.rows[0]
        beside.set_title(pair_name(part, row), fontsize=10, color=INK, loc="left", pad=3, fontweight="bold")
        if i < len(parts) - 1:
            beside.tick_params(labelbottom=False)
        if i == 0:
            fading = dict(getattr(part, "parameters", {})).get("half_life")
            beside.set_title(f"week by week, half-life {fading}", fontsize=8, color=QUIET, loc="right", pad=3)
    foot(figure, view.source_line)
    return figure

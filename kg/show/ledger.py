"""The ledger: single readings against time, one line each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from kg.ontology import load_ontology
from kg.show.charts import grid, names, short, years
from kg.show.style import ENGAGEMENT, INK, PAPER, QUIET, TENSION, Viewed, empty, foot, head, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def ledger(view: Viewed, *, top: int = 30) -> Figure:
    """Readings one by one: who, what, to whom, and from when to when the texts say so; the latest on top.

    Filled marks are affirmed and actual, and still so by the latest reading; hollow ones are not. Red is
    conflict, blue cooperation, grey neither.
    """
    dated = [row for row in view.rows if row.get("since") or row.get("date") or row.get("until")]
    if not dated:
        return empty(view.title, "nothing with a date in this window")
    rows = sorted(dated, key=lambda row: (_span(row)[1], _said(view, row)))[-top:]
    height = 1.6 + 0.24 * len(rows)
    figure = new_figure(9.6, height)
    cut = f"the latest {len(rows)} of {len(view.rows)}" if len(rows) < len(view.rows) else f"{len(rows)}"
    head(figure, view.title, f"{cut} readings; hollow: denied, alleged, planned, or no longer so")
    axes = figure.add_axes((0.49, 0.62 / height, 0.48, (height - 1.55) / height))
    for i, row in enumerate(rows):
        first, last = _span(row)
        colour = _colour(row)
        axes.plot([first, last], [i, i], color=colour, alpha=0.35, linewidth=4, solid_capstyle="round")
        axes.plot(last, i, "o", markersize=6, color=colour, markerfacecolor=colour if _firm(row) else PAPER)
    axes.set_yticks(range(len(rows)), [_said(view, row) for row in rows], fontsize=8.5, color=INK)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    years(axes)
    grid(axes, "x")
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    foot(figure, f"as told by the texts: {view.source_line}")
    return figure


def _span(row: Mapping[str, Any]) -> tuple[float, float]:
    """First and last day of a reading, in matplotlib's days since 1970."""
    known = [row[key] for key in ("since", "date", "until") if row.get(key)]
    days = [float((date.fromisoformat(day) - date(1970, 1, 1)).days) for day in known]
    return min(days), max(days)


def _firm(row: Mapping[str, Any]) -> bool:
    plain = row.get("status", "actual") == "actual" and row.get("polarity", "+") == "+"
    return bool(plain and row.get("open", True) and row.get("holds", True) and not row.get("why"))


def _said(view: Viewed, row: Mapping[str, Any]) -> str:
    """ "India: has mission in Afghanistan", with what qualifies it before the verb."""
    called = names(view)
    verb = row.get("relation") or (f"{row['level']} in" if "level" in row else "visits")
    marks = [] if row.get("status", "actual") == "actual" else [row["status"]]
    marks += ["not"] if row.get("polarity") == "-" else []
    ends = [short(called.get(row[end], row[end]), 24) for end in ("source", "target")]
    return f"{ends[0]}: {' '.join([*marks, verb.replace('_', ' ')])} {ends[1]}"


def _colour(row: Mapping[str, Any]) -> str:
    relation = load_ontology().relations.get(row.get("relation", ""))
    axis = relation.axis if relation else None
    return {"conflict": TENSION, "cooperation": ENGAGEMENT}.get(axis or "", QUIET)


def claims(view: Viewed, *, top: int = 26) -> Figure:
    """Who says what about a pair, and who denies it: claims line by line, those who say so left, those who
    deny it right; the latest on top.

    A name is that of the speaker, "text" where the text itself says so. Filled marks are affirmed or denied,
    hollow ones alleged, planned or asked for.
    """
    rows = view.rows[-top:]
    if not rows:
        return empty(view.title, "nothing is said between these two in this window")
    height = 1.9 + 0.27 * len(rows)
    figure = new_figure(9.6, height)
    cut = f"the latest {len(rows)} of {len(view.rows)}" if len(rows) < len(view.rows) else f"{len(rows)}"
    head(
        figure,
        view.title,
        f"{cut} readings; hollow: alleged, planned or asked for; !: others say the opposite",
    )
    axes = figure.add_axes((0.42, 0.45 / height, 0.56, (height - 1.75) / height))
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    for i, row in enumerate(rows):
        denied = row["polarity"] == "-"
        x, side = (0.12, "left") if denied else (-0.12, "right")
        colour = _colour(row)
        firm = row["status"] == "actual"
        axes.plot([0, x * 0.7], [i, i], color=colour, linewidth=1.2, zorder=2)
        axes.plot(
            x * 0.7, i, "o", markersize=6.5, color=colour, markerfacecolor=colour if firm else PAPER, zorder=3
        )
        who = names(view).get(row["says"], row["says"]) if row["says"] else "text"
        stand = "" if row["stand"] in ("affirms", "denies") else f", {row['stand']}"
        mark = " !" if row["against"] else ""
        axes.text(x, i, f"{short(str(who), 22)}{stand}{mark}", ha=side, va="center", fontsize=8.2, color=INK)
    labels = [f"{row['date'] or 'no date'}   {row['claim'].replace('_', ' ')}" for row in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=8.2, color=INK)
    axes.set_ylim(-0.7, len(rows) - 0.2)
    axes.set_xlim(-1, 1)
    axes.set_xticks([-0.5, 0.5], ["says so", "denies it"], fontsize=9, color=QUIET)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    foot(figure, f"red: conflict, blue: cooperation, grey: neither. {view.source_line}")
    return figure

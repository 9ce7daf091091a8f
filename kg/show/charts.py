"""Charts of pairs: a ranking with intervals, the two axes against each other, a time line, a matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kg.show.style import (
    ENGAGEMENT,
    INK,
    LINE,
    NO_DATA,
    PAPER,
    QUIET,
    TENSION,
    Viewed,
    axis_legend,
    empty,
    foot,
    head,
    new_figure,
    renderer_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNIT = "severity points per 30 days, log2(1 + x)"


def names(view: Viewed) -> dict[str, str]:
    """Names of the actors of a view, by code."""
    return {code: data.get("name", code) for code, data in view.graph.nodes(data=True)}


def pair_name(view: Viewed, row: Mapping[str, Any]) -> str:
    """ "India – Afghanistan": the names of both ends of a row."""
    called = names(view)
    return f"{called.get(row['source'], row['source'])} – {called.get(row['target'], row['target'])}"


def ranking(view: Viewed, *, top: int = 20) -> Figure:
    """Pairs by level, with 90 % intervals and the number of events; hollow marks are thin (fewer than 5)."""
    key = "engagement" if view.name == "engagement" else "tension"
    count = "n_coop" if key == "engagement" else "n_conflict"
    colour = ENGAGEMENT if key == "engagement" else TENSION
    rows = [row for row in view.rows if row.get(key)][:top]
    if not rows:
        return empty(view.title, "no event on this axis in this window")
    height = 1.8 + 0.27 * len(rows)
    figure = new_figure(8.6, height)
    head(
        figure, view.title, f"{len(rows)} of {len(view.rows)} pairs, with 90 % intervals of the window's rate"
    )
    axes = figure.add_axes((0.34, 0.82 / height, 0.56, (height - 1.78) / height))
    y = np.arange(len(rows))[::-1]
    for i, row in zip(y, rows, strict=True):
        axes.plot(
            [row["lo"], row["hi"]], [i, i], color=colour, alpha=0.35, linewidth=4, solid_capstyle="round"
        )
        axes.plot(
            row[key], i, "o", markersize=6.5, markeredgewidth=1.4, color=colour,
            markerfacecolor=PAPER if row["thin"] else colour,
        )  # fmt: skip
        axes.text(1.03, i, str(row[count]), transform=axes.get_yaxis_transform(), va="center", fontsize=9)
    axes.text(1.03, len(rows) - 0.2, "events", transform=axes.get_yaxis_transform(), fontsize=8, color=QUIET)
    axes.set_yticks(y, [pair_name(view, row) for row in rows], color=INK)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlim(left=0)
    axes.set_xlabel(f"{key}: {UNIT}", fontsize=8.5)
    grid(axes, "x")
    axes.tick_params(length=0)
    foot(figure, view.source_line)
    return figure


def grid(axes: Axes, which: Literal["x", "y", "both"]) -> None:
    """Quiet lines behind the marks."""
    axes.grid(True, axis=which, color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)


def quadrant(view: Viewed, *, labels: int = 14) -> Figure:
    """Tension against engagement: one mark per pair, 90 % intervals, the busiest pairs labelled."""
    rows = [row for row in view.rows if row.get("tension") is not None and row["n"]]
    if not rows:
        return empty(view.title, "no event in this window")
    figure = new_figure(8.6, 7.0)
    head(figure, view.title, f"{len(rows)} pairs; hollow marks rest on fewer than 5 events")
    axes = figure.add_axes((0.085, 0.115, 0.885, 0.755))
    for row in sorted(rows, key=lambda row: (row["n"], row["source"], row["target"])):
        t, e = row["tension"], row["engagement"]
        share = row.get("share") if row.get("share") is not None else 0.5
        colour = _between(ENGAGEMENT, TENSION, float(share or 0))
        if not row["thin"]:
            for x, y in (
                ((row["engagement_lo"], row["engagement_hi"]), (t, t)),
                ((e, e), (row["tension_lo"], row["tension_hi"])),
            ):
                axes.plot(x, y, color=colour, alpha=0.28, linewidth=1.5, solid_capstyle="round", zorder=2)
        axes.scatter(
            e, t, s=_area(row["n"]), color=PAPER if row["thin"] else colour,
            edgecolors=colour if row["thin"] else PAPER, linewidths=1.1, zorder=3,
        )  # fmt: skip
    chosen = sorted(rows, key=lambda r: (-max(r["tension"], r["engagement"]), r["source"], r["target"]))[
        :labels
    ]
    top = max(max(r["tension"], r["tension_hi"] if not r["thin"] else 0) for r in rows)
    right = max(max(r["engagement"], r["engagement_hi"] if not r["thin"] else 0) for r in rows)
    axes.set_xlim(-0.025 * right, max(right, 0.05) * 1.12)
    axes.set_ylim(-0.025 * top, max(top, 0.05) * 1.06)
    others = [(r["engagement"], r["tension"], "") for r in rows if r not in chosen]
    _labels(figure, axes, [(r["engagement"], r["tension"], pair_name(view, r)) for r in chosen] + others)
    axes.set_xlabel(f"engagement → {UNIT}", color=ENGAGEMENT, fontsize=9)
    axes.set_ylabel(f"tension → {UNIT}", color=TENSION, fontsize=9)
    grid(axes, "both")
    axes.tick_params(length=0)
    foot(figure, view.source_line)
    return figure


def _area(events: int) -> float:
    """Area of a mark, in square points: more for more events, but never so much that it hides others."""
    return float(min(14 + 9 * float(events) ** 0.9, 170.0))


def _between(one: str, two: str, share: float) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    a, b = np.array(to_rgb(one)), np.array(to_rgb(two))
    red, green, blue = a + (b - a) * share
    return float(red), float(green), float(blue)


def _labels(figure: Figure, axes: Axes, marks: Sequence[tuple[float, float, str]], font: float = 8.5) -> None:
    """Put a name beside each mark that has one, where it meets no other; leave it away where it would."""
    renderer = renderer_of(figure)
    taken: list[tuple[float, float, float, float]] = []
    dots = [axes.transData.transform((x, y)) for x, y, _ in marks]
    taken.extend((px - 5, py - 5, px + 5, py + 5) for px, py in dots)
    frame = axes.get_window_extent(renderer)
    scale = figure.dpi / 72
    for (x, y, label), own in zip(marks, dots, strict=True):
        if not label:
            break
        for dx, dy, ha, va in (
            (8, 4, "left", "bottom"), (8, -4, "left", "top"), (10, 0, "left", "center"),
            (-8, 4, "right", "bottom"), (-8, -4, "right", "top"), (0, 10, "center", "bottom"),
        ):  # fmt: skip
            text = axes.annotate(
                label,
                (x, y),
                xytext=(dx, dy),
                textcoords="offset points",
                ha=ha,
                va=va,
                fontsize=font,
                zorder=4,
            )
            box = text.get_window_extent(renderer)
            rect = (box.x0 - 2 * scale, box.y0, box.x1 + 2 * scale, box.y1)
            free = all(
                rect[2] < other[0] or other[2] < rect[0] or rect[3] < other[1] or other[3] < rect[1]
                for other in taken
                if other != (own[0] - 5, own[1] - 5, own[0] + 5, own[1] + 5)
            )
            if (
                free
                and rect[0] > frame.x0
                and rect[2] < frame.x1
                and rect[1] > frame.y0
                and rect[3] < frame.y1
            ):
                taken.append(rect)
                break
            text.remove()


def timeline(view: Viewed) -> Figure:
    """A pair's two axes week by week: tension upwards, engagement downwards, a tick for every event."""
    if not view.rows:
        return empty(view.title, "no event in this window")
    figure = new_figure(9.6, 4.2)
    head(figure, view.title)
    axis_legend(figure)
    axes = figure.add_axes((0.075, 0.17, 0.905, 0.64))
    mirror(axes, view.rows)
    axes.set_ylabel(UNIT.replace(", ", ",\n"), fontsize=8)
    foot(
        figure,
        f"grey: too little past to tell. Ticks: events; dotted: a change of level. {view.source_line}",
    )
    return figure


def years(axes: Axes) -> None:
    """Dates along the bottom of axes that count days since 1970: years, or months of a short time."""
    first, last = (date(1970, 1, 1) + timedelta(days=round(x)) for x in axes.get_xlim())
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((s for s in (1, 2, 3, 6, 12, 24, 60, 120, 240) if months / s <= (6 if s < 12 else 10)), 600)
    start = first.year * 12 + (first.month - 1)
    ticks = [date(m // 12, m % 12 + 1, 1) for m in range(start, start + months + 1) if m % step == 0]
    shown = [day for day in ticks if first <= day <= last]
    form = "%Y" if step >= 12 else "%b %Y"
    axes.set_xticks([(day - date(1970, 1, 1)).days for day in shown], [day.strftime(form) for day in shown])


def mirror(axes: Axes, rows: Sequence[Mapping[str, Any]], *, limit: float | None = None) -> None:
    """Draw the rows of a time line into axes; `limit` is the level at both ends of the scale."""
    # Matplotlib counts days from 1970.
    days = [float((date.fromisoformat(row["week"]) - date(1970, 1, 1)).days) for row in rows]
    tense = np.array([row["tension"] for row in rows])
    engaged = np.array([row["engagement"] for row in rows])
    top = limit or max(float(tense.max()), float(engaged.max()), 0.1) * 1.15
    axes.fill_between(days, 0, tense, color=TENSION, alpha=0.85, linewidth=0)
    axes.fill_between(days, 0, -engaged, color=ENGAGEMENT, alpha=0.85, linewidth=0)
    for key, sign, colour in (("n_conflict", 1, TENSION), ("n_coop", -1, ENGAGEMENT)):
        hit = [day for day, row in zip(days, rows, strict=True) if row[key]]
        axes.vlines(hit, sign * top * 0.94, sign * top, color=colour, linewidth=1.1, alpha=0.9)
    for day, row in zip(days, rows, strict=True):
        for label in (row.get("change_point") or "").split():
            side = top if label == "tension" else -top
            axes.plot([day, day], [0, side], color=INK, linewidth=0.9, linestyle=(0, (2, 2)), zorder=4)
    burn = [day for day, row in zip(days, rows, strict=True) if row["burn_in"]]
    if burn:
        axes.axvspan(burn[0], burn[-1], color=NO_DATA, alpha=0.7, linewidth=0, zorder=0)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_ylim(-top, top)
    axes.set_xlim(days[0], days[-1])
    years(axes)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    grid(axes, "y")
    axes.tick_params(length=0, labelsize=8)


def matrix(view: Viewed, *, top: int = 24) -> Figure:
    """Both axes at once: tension above the diagonal, engagement below, similar actors side by side.

    Cells of pairs without any event are grey: no data, not 0. Needs a view with both axes (`alignment`).
    """
    from matplotlib.colors import LinearSegmentedColormap

    total: dict[str, float] = {}
    for row in view.rows:
        for end in (row["source"], row["target"]):
            total[end] = total.get(end, 0.0) + row["tension"] + row["engagement"]
    codes = sorted(total, key=lambda code: (-total[code], code))[:top]
    if len(codes) < 2:
        return empty(view.title, "a matrix needs at least two actors with events")
    size = len(codes)
    place = {code: i for i, code in enumerate(codes)}
    tense, engaged = np.full((size, size), np.nan), np.full((size, size), np.nan)
    for row in view.rows:
        if row["source"] in place and row["target"] in place:
            i, j = place[row["source"]], place[row["target"]]
            tense[i, j] = tense[j, i] = row["tension"]
            engaged[i, j] = engaged[j, i] = row["engagement"]
    order = _seriate(np.nan_to_num(tense) + np.nan_to_num(engaged))
    codes = [codes[i] for i in order]
    tense, engaged = tense[np.ix_(order, order)], engaged[np.ix_(order, order)]
    upper = np.triu(np.ones((size, size), dtype=bool), 1)
    cell = max(0.27, 3.4 / size)
    side = 1.7 + cell * size
    figure = new_figure(side + 0.5, side)
    head(figure, view.title, "tension above the diagonal, engagement below; grey: no event, which is not 0")
    axes = figure.add_axes((1.15 / (side + 0.5), 0.5 / side, cell * size / (side + 0.5), cell * size / side))
    axes.set_facecolor(NO_DATA)
    for values, mask, colour, x in ((tense, upper, TENSION, 0), (engaged, upper.T, ENGAGEMENT, 1)):
        cells = np.where(mask, values, np.nan)
        if np.isnan(cells).all():
            continue
        scale = LinearSegmentedColormap.from_list("axis", ["#ffffff", colour])
        image = axes.imshow(cells, cmap=scale, vmin=0, vmax=max(float(np.nanmax(values)), 1e-9))
        bar = figure.add_axes(
            ((side - 0.22 + 0.34 * x) / (side + 0.5), 0.5 / side, 0.012, cell * size / side * 0.6)
        )
        figure.colorbar(image, cax=bar)
        bar.tick_params(length=0, labelsize=7)
        bar.set_title("T" if x == 0 else "G", fontsize=8, color=colour, fontweight="bold")
        bar.spines["outline"].set_visible(False)
    axes.plot([-0.5, size - 0.5], [-0.5, size - 0.5], color=QUIET, linewidth=0.8)
    called = names(view)
    axes.set_yticks(range(size), [short(called.get(code, code)) for code in codes], fontsize=8, color=INK)
    axes.set_xticks(range(size), codes, fontsize=7, color=INK, rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xticks(np.arange(size + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(size + 1) - 0.5, minor=True)
    axes.grid(True, which="minor", color=PAPER, linewidth=1.2)
    axes.tick_params(which="minor", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    foot(figure, f"{UNIT}. {view.source_line}")
    return figure


def short(name: str, longest: int = 16) -> str:
    """A name cut to a length, with an ellipsis."""
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def _seriate(weight: np.ndarray[Any, Any]) -> list[int]:
    """An order in which strongly linked actors stand together: greedily the nearest to the last two."""
    left = set(range(len(weight)))
    order = [int(np.argmax(weight.sum(axis=1)))]
    left.discard(order[0])
    while left:
        pull = sum(weight[i] / (k + 1) for k, i in enumerate(reversed(order[-4:])))
        nearest = max(sorted(left), key=lambda i: (round(float(pull[i]), 9), float(weight[i].sum())))
        order.append(nearest)
        left.discard(nearest)
    return order

"""Views of pairs on the two axes: tension, engagement, alignment, the acts behind them, and time lines.

Formulas are in `measures`, the sums in `table`; here they meet as networkx graphs and rows.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from kg.errors import InputError
from kg.geo import distances
from kg.views import measures
from kg.views.gamma import Floats
from kg.views.selection import Selection, Source, name_of, parameters, prepare
from kg.views.sums import Pairs, Side
from kg.views.table import Ints, Published
from kg.views.view import Row, View

if TYPE_CHECKING:
    import networkx as nx

    from kg.ontology import Axis


def number(value: Any) -> float | None:
    """A Python number with 4 decimals (beyond what any of this can know); None for nan."""
    return None if np.isnan(value) else round(float(value), 4) + 0.0  # never -0.0


def day(value: int) -> str:
    """ISO date of a day number."""
    return date.fromordinal(int(value)).isoformat()


@dataclass(frozen=True, slots=True)
class Levels:
    """One axis of every pair, measured.

    `observed`: level of what was seen. `level`: that of the posterior mean. `low`, `high`: 90 % interval of
    `level`. `fitted`: the prior's parameters, for the report.
    """

    side: Side
    expected: Floats
    relative: Floats
    severity_mean: Floats
    observed: Floats
    level: Floats
    low: Floats
    high: Floats
    fitted: dict[str, float]


def measure(pairs: Pairs, axis: Axis) -> Levels:
    """Levels of one axis for all pairs; with no event on the axis all levels are 0 and severity unknown.

    The prior of a pair is what attention predicts (`measures.expected`), times `measures.nearness` where the
    counts of this window ask for it (`measures.fit_nearness`).
    """
    side = pairs.conflict if axis == "conflict" else pairs.cooperation
    m, total, days = pairs.attention(), float(side.k.sum()), pairs.window.exposure
    if total <= 0:
        zero = np.zeros(len(pairs))
        return Levels(side, zero, zero, np.full(len(pairs), np.nan), zero, zero, zero, zero, {})
    universe = m[pairs.present()]
    one, two = pairs.silent()
    expectation = measures.expected(total, m[pairs.left], m[pairs.right], universe)
    silent = measures.expected(total, m[one], m[two], universe)
    codes = [pairs.table.actors[i] for i in pairs.present()]
    place = np.zeros(len(pairs.table.actors), dtype=np.int64)
    place[pairs.present()] = np.arange(len(codes))
    km = distances(codes)
    near = km[place[pairs.left], place[pairs.right]], km[place[one], place[two]]
    exponent = measures.fit_nearness(side.k, expectation, near[0], silent, near[1])
    weight = measures.nearness(np.concatenate(near), exponent)
    weight *= total / (weight * np.concatenate([expectation, silent])).sum()
    before, before_silent = expectation * weight[: len(pairs)], silent * weight[len(pairs) :]
    prior = measures.fit_prior(side.k, before, silent=before_silent)
    assert prior is not None  # there are events
    severity = measures.severity_mean(side.severity, side.k, float(side.severity.sum() / total))
    events = prior.mean(side.k, before)
    phi = measures.dispersion(pairs.weekly(side, axis))
    lower, upper = measures.interval(*prior.posterior(side.k, before), phi)
    level = measures.level(events, severity, days)
    return Levels(
        side=side,
        expected=expectation,
        relative=measures.surprise(events, expectation),
        severity_mean=severity,
        observed=measures.level(side.severity, 1.0, days),
        level=level,
        low=np.minimum(measures.level(lower, severity, days), level),
        high=np.maximum(measures.level(upper, severity, days), level),
        fitted={
            "prior a": round(prior.a, 4),
            "prior c": round(prior.c, 4),
            "nearness exponent": round(exponent, 2),
            "dispersion": round(phi, 2),
        },
    )


def columns(**lists: Iterable[Any]) -> list[Row]:
    """Columns of equal length as rows."""
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def numbers(values: Floats) -> list[float | None]:
    """`number` of every value."""
    return [None if value != value else value for value in (np.round(values, 4) + 0.0).tolist()]


def _ends(pairs: Pairs) -> dict[str, list[str]]:
    codes = pairs.table.actors
    return {
        "source": [codes[i] for i in pairs.left.tolist()],
        "target": [codes[i] for i in pairs.right.tolist()],
    }


def _graph(pairs: Pairs, rows: list[tuple[int, Row]], axis: str | None, total: str) -> nx.Graph:
    import networkx as nx

    graph = nx.Graph()
    codes, size = pairs.table.actors, len(pairs.table.actors)
    kept = np.array([p for p, _ in rows], dtype=np.int64)
    left, right = pairs.left[kept], pairs.right[kept]

    def over_pairs(values: list[Any]) -> list[float]:
        held = np.asarray(np.bincount(left, values, size) + np.bincount(right, values, size))
        return [float(value) for value in np.round(held, 4)]

    events = over_pairs([row["n"] for _, row in rows])
    sums = over_pairs([row[total.removesuffix("_sum")] for _, row in rows]) if total else []
    for i in pairs.present().tolist():
        more = {total: sums[i]} if total else {}
        graph.add_node(codes[i], iso3=codes[i], name=name_of(codes[i]), n=int(events[i]), **more)
    own = (pairs.conflict.n if axis == "conflict" else pairs.cooperation.n if axis else pairs.n).tolist()
    graph.add_edges_from(
        (
            row["source"],
            row["target"],
            {name: row[name] for name in row if name not in ("source", "target")}
            | {"statements": pairs.statements(p, axis if own[p] else None)},
        )
        for p, row in rows
    )
    return graph


@contextmanager
def _many_objects() -> Iterator[None]:
    """No search for garbage while very many small objects are made that all stay: it doubles the time."""
    pausing = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if pausing:
            gc.enable()


_FLAGS = 50_000_000  # bytes for one flag a pair and week; longer windows are sorted instead


class _Facts:
    """What only the records of a pair can tell: dates, types, weeks."""

    def __init__(self, pairs: Pairs, axis: Axis) -> None:
        table, size, many = pairs.table, len(pairs.table.relations), len(pairs)
        on = np.array([rel.axis == axis for rel in table.relations], dtype=bool)
        material = np.array([(rel.quad or "").startswith("material") for rel in table.relations], dtype=bool)
        pair = np.repeat(np.arange(many), np.diff(pairs.start))
        keep = on[pairs.record_relation] if len(pair) else np.zeros(0, dtype=bool)
        pair, kind, day_ = pair[keep], pairs.record_relation[keep], pairs.record_day[keep]
        counts = np.bincount(pair * size + kind, minlength=many * size).reshape(many, size)
        self.total = counts.sum(axis=1)
        with np.errstate(invalid="ignore"):
            self.material = counts[:, material].sum(axis=1) / self.total  # nan where there is none
        self.types = _top_types(counts, [rel.name for rel in table.relations])
        first, last = np.full(many, np.iinfo(np.int64).max), np.zeros(many, dtype=np.int64)
        np.minimum.at(first, pair, day_)
        np.maximum.at(last, pair, day_)
        self.first, self.last = _days(np.where(last > 0, first, 0)), _days(last)
        # Day number 1 is a Monday, so (day - 1) // 7 counts calendar weeks.
        begin = (pairs.window.since.toordinal() - 1) // 7
        weeks = (pairs.window.until.toordinal() - 1) // 7 - begin + 1
        place = pair * weeks + (day_ - 1) // 7 - begin
        if many * weeks <= _FLAGS:
            flags = np.zeros(many * weeks, dtype=bool)
            flags[place] = True
            self.weeks = flags.reshape(many, weeks).sum(axis=1)
        else:
            self.weeks = np.bincount(np.unique(place) // weeks, minlength=many)


def _days(values: Ints) -> list[str | None]:
    """`day` of every value, None for 0."""
    written = (values - date(1970, 1, 1).toordinal()).astype("datetime64[D]").astype(np.str_).tolist()
    return [text if value else None for text, value in zip(written, values.tolist(), strict=True)]


def _top_types(counts: Ints, names: list[str], top: int = 3) -> list[str]:
    """The most frequent types of each row of counts, as "accuse:3 reject:1"; equal ones by name."""
    order = np.argsort(-counts, axis=1, kind="stable")[:, :top]
    held = np.take_along_axis(counts, order, axis=1)
    return [
        " ".join(f"{names[i]}:{n}" for i, n in zip(kinds, ns, strict=True) if n)
        for kinds, ns in zip(order.tolist(), held.tolist(), strict=True)
    ]


def _axis_view(
    name: str, title: str, axis: Axis, count: str, pairs: Pairs, selection: Selection, silent: bool
) -> View:
    """The levels of one axis: a row for every pair with events, or with `silent` for every pair."""
    levels, facts = measure(pairs, axis), _Facts(pairs, axis)
    n = pairs.conflict.n + pairs.cooperation.n
    own: dict[str, Iterable[Any]]
    if axis == "conflict":
        shares = measures.share(pairs.conflict.k, pairs.cooperation.k)
        own = {
            "severity_mean": numbers(levels.severity_mean),
            "share": numbers(np.where(n > 0, shares, np.nan)),
            "material_share": numbers(facts.material),
        }
    else:
        even = measures.reciprocity(pairs.cooperation.forth, pairs.cooperation.back)
        own = {"active_weeks": facts.weeks.tolist(), "reciprocity": numbers(even)}
    rows = columns(
        **_ends(pairs),
        **{name: numbers(levels.level)},
        lo=numbers(levels.low),
        hi=numbers(levels.high),
        n=n.tolist(),
        **{count: levels.side.n.tolist()},
        observed=numbers(levels.observed),
        expected=numbers(levels.expected),
        relative=numbers(levels.relative),
        **own,
        first=facts.first,
        last=facts.last,
        top_types=facts.types,
        thin=(n < measures.THIN).tolist(),
    )
    kept = [(p, row) for p, row in enumerate(rows) if silent or row["n"]]
    return _finish(name, title, pairs, kept, axis, selection, levels.fitted)


def tension(
    stmts: Source,
    published: Published | None = None,
    *,
    all_pairs: bool = False,
    **selection: Unpack[Selection],
) -> View:
    """How hostile each pair of states acts towards each other, most tense first.

    `tension` is `log2(1 + 30 * lambda * s / D)`: severity points of hostile acts per 30 days on a log2 scale;
    0 and up, about 7 at most in world news (`measures.level`). `lambda` is the posterior mean number of
    hostile acts (`measures.Prior`): what was counted, pulled to what attention and distance lead to expect,
    the more the less was seen. `lo` and `hi` are the 90 % interval of this window's rate. `observed` is the
    level of the count itself; `expected` and `relative` compare with what attention alone predicts.

    Pairs without any event have no row unless `all_pairs` asks for them: then every pair of sovereign states
    (or of `actors`) has one, with the level that its prior gives. `n` counts events of both axes, `thin`
    marks fewer than 5. `share`: hostile acts among all, shrunk (`measures.share`); `material_share`: deeds
    among hostile acts. The report has the prior's parameters.
    """
    pairs = prepare(stmts, published, selection, all_pairs=all_pairs)
    with _many_objects():
        return _axis_view(
            "tension", "Tension between states", "conflict", "n_conflict", pairs, selection, all_pairs
        )


def engagement(
    stmts: Source,
    published: Published | None = None,
    *,
    all_pairs: bool = False,
    **selection: Unpack[Selection],
) -> View:
    """How much states deal with each other: talks, agreements, support, aid; most engaged pairs first.

    `engagement` has the formula, unit and companions of `tension`, for cooperative acts. `active_weeks`
    counts the calendar weeks with such an act, `reciprocity` (0 one-sided to 1 even) compares the two
    directions; a meeting counts half for either.
    """
    pairs = prepare(stmts, published, selection, all_pairs=all_pairs)
    with _many_objects():
        return _axis_view(
            "engagement", "Engagement between states", "cooperation", "n_coop", pairs, selection, all_pairs
        )


def alignment(
    stmts: Source,
    published: Published | None = None,
    **selection: Unpack[Selection],
) -> View:
    """Both axes of each pair side by side, with the alignment derived from them, closest pairs first.

    Thin pairs (fewer than 5 events) come after all others. `alignment` is z(surprise of engagement) -
    z(tension) (`measures.alignment`), or None when there are too few pairs with 5 events to compare with. The
    edge has both axes with their intervals.
    """
    pairs = prepare(stmts, published, selection)
    return _both(pairs, "alignment", "Tension and engagement of pairs", selection)


def ego(
    stmts: Source,
    published: Published | None = None,
    *,
    center: str,
    **selection: Unpack[Selection],
) -> View:
    """Both axes of the pairs of one actor (`center`, its code), and nothing else.

    Levels are those of the whole graph, so they compare with other views of it. Raises `InputError` when
    the actor has no pair in the window.
    """
    pairs = prepare(stmts, published, selection)
    view = _both(pairs, "ego", f"Relations of {name_of(center)}", selection, center)
    if not view.rows:
        raise InputError(f"{center!r} has no pair with events in this window; give the code of another actor")
    return view


def _both(pairs: Pairs, name: str, title: str, selection: Selection, center: str | None = None) -> View:
    conflict, cooperation = measure(pairs, "conflict"), measure(pairs, "cooperation")
    n = pairs.conflict.n + pairs.cooperation.n
    aligned = measures.alignment(cooperation.relative, conflict.level, n)
    rows = columns(
        **_ends(pairs),
        alignment=[None] * len(pairs) if aligned is None else numbers(aligned),
        tension=numbers(conflict.level),
        tension_lo=numbers(conflict.low),
        tension_hi=numbers(conflict.high),
        engagement=numbers(cooperation.level),
        engagement_lo=numbers(cooperation.low),
        engagement_hi=numbers(cooperation.high),
        share=numbers(measures.share(pairs.conflict.k, pairs.cooperation.k)),
        relative_tension=numbers(conflict.relative),
        relative_engagement=numbers(cooperation.relative),
        n=n.tolist(),
        n_conflict=pairs.conflict.n.tolist(),
        n_coop=pairs.cooperation.n.tolist(),
        thin=(n < measures.THIN).tolist(),
    )
    kept = [
        (p, row) for p, row in enumerate(rows) if row["n"] and center in (None, row["source"], row["target"])
    ]
    fitted = {
        f"{label} {key}": value
        for label, levels in (("tension", conflict), ("engagement", cooperation))
        for key, value in levels.fitted.items()
    }
    return _finish(name, title, pairs, kept, None, selection, fitted)


_ORDER = {"tension": "tension", "engagement": "engagement", "alignment": "alignment", "ego": "n"}


def _finish(
    name: str,
    title: str,
    pairs: Pairs,
    rows: list[tuple[int, Row]],
    axis: Axis | None,
    selection: Selection,
    fitted: dict[str, float],
) -> View:
    total = f"{name}_sum" if name in ("tension", "engagement") else ""
    graph = _graph(pairs, rows, axis, total)
    key = _ORDER[name]

    kept = np.array([p for p, _ in rows], dtype=np.int64)
    values = np.array([row[key] or 0.0 for _, row in rows], dtype=np.float64)
    events = np.array([row["n"] for _, row in rows], dtype=np.int64)
    # A thin pair's alignment is an extreme of chance; it must not lead the table. Codes are in order.
    last = np.array([name == "alignment" and row["thin"] for _, row in rows], dtype=bool)
    order = np.lexsort((pairs.right[kept], pairs.left[kept], -events, -values, last))
    ranked = [rows[i][1] for i in order.tolist()]
    return View(name, title, parameters(pairs, selection), ranked, graph, pairs.left_out, fitted)

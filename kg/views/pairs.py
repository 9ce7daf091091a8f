"""Views of pairs on the two axes: tension, engagement, alignment, the acts behind them, and time lines.

Formulas are in `measures`, the sums in `table`; here they meet as networkx graphs and rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

import numpy as np

from kg.errors import InputError
from kg.model import Statement
from kg.views import measures
from kg.views.gamma import Floats
from kg.views.table import Pairs, Published, Side, Table, Window, aggregate, window
from kg.views.view import Row, View

if TYPE_CHECKING:
    import networkx as nx

    from kg.ontology import Axis

Source = Iterable[Statement] | Table
Ends = Literal["states", "all"] | Collection[str]


class Selection(TypedDict, total=False):
    """Options that all views of pairs share.

    `since`, `until`: first and last day that count; `at`: the day to which events age (and the last day, if
    `until` is not given). Defaults: see `table.window`. `half_life`: days in which the weight of an event
    halves, None for no fading. `actors`: "states" (both ends are states), "all", or codes. `alleged`: weight
    of alleged events, 0 to 1.
    """

    at: date | None
    since: date | None
    until: date | None
    half_life: float | None
    actors: Ends
    alleged: float


def allowed(actors: Ends) -> frozenset[str] | None:
    """Codes that may be ends of an edge; None for all of them."""
    if actors == "all":
        return None
    if actors == "states":
        return frozenset(state_codes())
    if isinstance(actors, str):
        raise InputError(f"actors are {actors!r}; choose 'states', 'all', or a list of codes")
    return frozenset(actors)


def state_codes() -> list[str]:
    """Codes of the states and territories in the table of actors."""
    from kg.actors import load_actors

    return sorted(code for code, actor in load_actors().actors.items() if actor.kind == "state")


def sovereign(span: Window) -> list[str]:
    """Codes of the members of the state system (those with a Correlates of War code) during a window."""
    from kg.actors import load_actors

    return sorted(
        code
        for code, actor in load_actors().actors.items()
        if actor.kind == "state"
        and actor.cow
        and (actor.since is None or actor.since <= span.until)
        and (actor.until is None or actor.until >= span.since)
    )


def name_of(code: str) -> str:
    """The name of an actor, or its code if the table of actors does not have it."""
    from kg.actors import load_actors

    actor = load_actors().actors.get(code)
    return actor.name if actor else code


def number(value: Any) -> float | None:
    """A Python number with 4 decimals (beyond what any of this can know); None for nan."""
    return None if np.isnan(value) else round(float(value), 4) + 0.0  # never -0.0


def day(value: int) -> str:
    """ISO date of a day number."""
    return date.fromordinal(int(value)).isoformat()


@dataclass(frozen=True, slots=True)
class Levels:
    """One axis of every pair, measured.

    `observed`: level of what was seen. `smoothed`: level with the gravity prior. `low`, `high`: 90 % interval
    of the smoothed level, widened where needed to contain the observed one.
    """

    side: Side
    expected: Floats
    relative: Floats
    severity_mean: Floats
    observed: Floats
    smoothed: Floats
    low: Floats
    high: Floats


def measure(pairs: Pairs, axis: Axis) -> Levels:
    """Levels of one axis for all pairs; with no event on the axis all levels are 0 and severity unknown."""
    side = pairs.conflict if axis == "conflict" else pairs.cooperation
    m, total, days = pairs.attention(), float(side.k.sum()), pairs.window.exposure
    universe = m[pairs.present()]
    expectation = measures.expected(total, m[pairs.left], m[pairs.right], universe)
    one, two = pairs.silent()
    prior = measures.fit_prior(side.k, expectation, silent=measures.expected(total, m[one], m[two], universe))
    if prior is None:
        zero = np.zeros(len(pairs))
        return Levels(side, zero, zero, np.full(len(pairs), np.nan), zero, zero, zero, zero)
    severity = measures.severity_mean(side.severity, side.k, float(side.severity.sum() / total))
    events = prior.mean(side.k, expectation)
    phi = measures.dispersion(pairs.weekly(side, axis))
    lower, upper = measures.interval(*prior.posterior(side.k, expectation), phi)
    observed = measures.level(side.severity, 1.0, days)
    smoothed = measures.level(events, severity, days)
    return Levels(
        side=side,
        expected=expectation,
        relative=measures.surprise(events, expectation),
        severity_mean=severity,
        observed=observed,
        smoothed=smoothed,
        low=np.minimum(np.minimum(measures.level(lower, severity, days), observed), smoothed),
        high=np.maximum(np.maximum(measures.level(upper, severity, days), observed), smoothed),
    )


def prepare(
    stmts: Source,
    published: Published | None,
    selection: Selection,
    *,
    all_pairs: bool = False,
    neutral: bool = False,
) -> Pairs:
    """The pair sums that a selection means; raises `InputError` for an option that makes no sense."""
    table = stmts if isinstance(stmts, Table) else Table.from_statements(stmts, published)
    try:
        span = window(
            table,
            at=selection.get("at"),
            since=selection.get("since"),
            until=selection.get("until"),
            half_life=selection.get("half_life"),
        )
        codes = allowed(selection.get("actors", "states"))
        if all_pairs:
            if selection.get("actors", "states") == "states":
                table, codes = table.with_actors(sovereign(span)), frozenset(sovereign(span))
            elif codes is not None:
                table = table.with_actors(codes)
        return aggregate(
            table,
            span,
            alleged=selection.get("alleged", 0.0),
            actors=codes,
            silent=all_pairs,
            neutral=neutral,
        )
    except ValueError as exc:
        raise InputError(str(exc)) from exc


def parameters(pairs: Pairs, selection: Selection) -> dict[str, Any]:
    """What was counted, as the view reports it; None for what was not asked for."""
    span, actors = pairs.window, selection.get("actors", "states")
    return {
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "at": span.at.isoformat() if span.at != span.until else None,
        "half_life": f"{span.half_life:g} days" if span.half_life else None,
        "actors": actors if isinstance(actors, str) else " ".join(sorted(actors)),
        "alleged": selection.get("alleged") or None,
        "events": int(pairs.conflict.n.sum() + pairs.cooperation.n.sum()),
    }


def _axis_row(pairs: Pairs, p: int, levels: Levels, name: str, count: str, *, prior: bool) -> Row:
    return {
        name: number((levels.smoothed if prior else levels.observed)[p]),
        "lo": number(levels.low[p]),
        "hi": number(levels.high[p]),
        "n": int(pairs.conflict.n[p] + pairs.cooperation.n[p]),
        count: int(levels.side.n[p]),
        "expected": number(levels.expected[p]),
        "relative": number(levels.relative[p]),
        "smoothed": number(levels.smoothed[p]),
    }


def _graph(pairs: Pairs, rows: list[tuple[int, Row]], axis: str | None, total: str) -> nx.Graph:
    import networkx as nx

    graph = nx.Graph()
    codes = pairs.table.actors
    seen = np.union1d(pairs.left, pairs.right)
    for i in seen:
        graph.add_node(
            codes[i], iso3=codes[i], name=name_of(codes[i]), n=0, **({total: 0.0} if total else {})
        )
    behind, every = pairs.all_statements(axis), pairs.all_statements()
    for p, row in sorted(rows, key=lambda item: item[0]):
        a, b = codes[pairs.left[p]], codes[pairs.right[p]]
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(a, b, **data, statements=behind[p] or every[p])
        for end in (a, b):
            graph.nodes[end]["n"] += row["n"]
            if total:
                key = total.removesuffix("_sum")
                graph.nodes[end][total] = round(graph.nodes[end][total] + row[key], 4)
    return graph


class _Facts:
    """What only the records of a pair can tell: dates, types, weeks."""

    def __init__(self, pairs: Pairs, axis: Axis) -> None:
        table = pairs.table
        size = len(table.relations)
        on = np.array([rel.axis == axis for rel in table.relations], dtype=bool)
        self.quads = np.array(
            [(rel.quad or "").startswith("material") for rel in table.relations], dtype=bool
        )
        self.names = [rel.name for rel in table.relations]
        pair = np.repeat(np.arange(len(pairs)), np.diff(pairs.start))
        keep = on[pairs.record_relation] if len(pair) else np.zeros(0, dtype=bool)
        pair, kind, day_ = pair[keep], pairs.record_relation[keep], pairs.record_day[keep]
        self.counts = np.bincount(pair * size + kind, minlength=len(pairs) * size).reshape(len(pairs), size)
        self.first = np.full(len(pairs), np.iinfo(np.int64).max)
        self.last = np.zeros(len(pairs), dtype=np.int64)
        np.minimum.at(self.first, pair, day_)
        np.maximum.at(self.last, pair, day_)
        # Day number 1 is a Monday, so (day - 1) // 7 counts calendar weeks.
        weeks = np.unique(np.stack([pair, (day_ - 1) // 7]), axis=1)[0] if len(pair) else pair
        self.weeks = np.bincount(weeks, minlength=len(pairs))

    def material(self, p: int) -> float | None:
        total = int(self.counts[p].sum())
        return round(int(self.counts[p][self.quads].sum()) / total, 4) if total else None

    def dates(self, p: int) -> tuple[str | None, str | None]:
        return (day(self.first[p]), day(self.last[p])) if self.last[p] else (None, None)

    def types(self, p: int, top: int | None = 3) -> str:
        order = sorted((-int(n), name) for n, name in zip(self.counts[p], self.names, strict=True) if n)
        return " ".join(f"{name}:{-n}" for n, name in order[:top])


def tension(
    stmts: Source,
    published: Published | None = None,
    *,
    all_pairs: bool = False,
    **selection: Unpack[Selection],
) -> View:
    """How hostile each pair of states acts towards each other, most tense first.

    `tension` is `log2(1 + 30 * K * s / D)`: severity points of hostile acts per 30 days on a log2 scale; 0
    and up, about 7 at most in world news (`measures.level`). `smoothed` is the same of the posterior mean
    with the gravity prior (`measures.Prior`), `lo` and `hi` the 90 % interval of this window's rate;
    `expected` and `relative` compare with what attention alone predicts. Pairs without any event have no row
    unless `all_pairs` asks for them: then `tension` is the smoothed level for every pair, since a silent
    pair's observed level says nothing. `thin`: fewer than 5 events on both axes together.

    `share`: hostile acts among all, shrunk (`measures.share`); `material_share`: deeds among hostile acts.
    """
    pairs = prepare(stmts, published, selection, all_pairs=all_pairs)
    levels, facts = measure(pairs, "conflict"), _Facts(pairs, "conflict")
    shares = measures.share(pairs.conflict.k, pairs.cooperation.k)
    codes = pairs.table.actors
    rows: list[tuple[int, Row]] = []
    for p in range(len(pairs)):
        row: Row = {"source": codes[pairs.left[p]], "target": codes[pairs.right[p]]}
        row |= _axis_row(pairs, p, levels, "tension", "n_conflict", prior=all_pairs)
        first, last = facts.dates(p)
        row |= {
            "severity_mean": number(levels.severity_mean[p]),
            "share": number(shares[p]) if row["n"] else None,
            "material_share": facts.material(p),
            "first": first,
            "last": last,
            "top_types": facts.types(p),
            "thin": row["n"] < measures.THIN,
        }
        if row["n"] or all_pairs:
            rows.append((p, row))
    return _finish("tension", "Tension between states", pairs, rows, "conflict", selection)


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
    levels, facts = measure(pairs, "cooperation"), _Facts(pairs, "cooperation")
    even = measures.reciprocity(pairs.cooperation.forth, pairs.cooperation.back)
    codes = pairs.table.actors
    rows: list[tuple[int, Row]] = []
    for p in range(len(pairs)):
        row: Row = {"source": codes[pairs.left[p]], "target": codes[pairs.right[p]]}
        row |= _axis_row(pairs, p, levels, "engagement", "n_coop", prior=all_pairs)
        first, last = facts.dates(p)
        row |= {
            "active_weeks": int(facts.weeks[p]),
            "reciprocity": number(even[p]),
            "first": first,
            "last": last,
            "top_types": facts.types(p),
            "thin": row["n"] < measures.THIN,
        }
        if row["n"] or all_pairs:
            rows.append((p, row))
    return _finish("engagement", "Engagement between states", pairs, rows, "cooperation", selection)


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
    shares = measures.share(pairs.conflict.k, pairs.cooperation.k)
    n = pairs.conflict.n + pairs.cooperation.n
    aligned = measures.alignment(cooperation.relative, conflict.observed, n)
    codes = pairs.table.actors
    rows: list[tuple[int, Row]] = []
    for p in range(len(pairs)):
        a, b = codes[pairs.left[p]], codes[pairs.right[p]]
        if not n[p] or center not in (None, a, b):
            continue
        rows.append(
            (
                p,
                {
                    "source": a,
                    "target": b,
                    "alignment": None if aligned is None else number(aligned[p]),
                    "tension": number(conflict.observed[p]),
                    "tension_lo": number(conflict.low[p]),
                    "tension_hi": number(conflict.high[p]),
                    "engagement": number(cooperation.observed[p]),
                    "engagement_lo": number(cooperation.low[p]),
                    "engagement_hi": number(cooperation.high[p]),
                    "share": number(shares[p]),
                    "relative_tension": number(conflict.relative[p]),
                    "relative_engagement": number(cooperation.relative[p]),
                    "n": int(n[p]),
                    "n_conflict": int(pairs.conflict.n[p]),
                    "n_coop": int(pairs.cooperation.n[p]),
                    "thin": bool(n[p] < measures.THIN),
                },
            )
        )
    return _finish(name, title, pairs, rows, None, selection)


_ORDER = {"tension": "tension", "engagement": "engagement", "alignment": "alignment", "ego": "n"}


def _finish(
    name: str,
    title: str,
    pairs: Pairs,
    rows: list[tuple[int, Row]],
    axis: Axis | None,
    selection: Selection,
) -> View:
    total = f"{name}_sum" if name in ("tension", "engagement") else ""
    graph = _graph(pairs, rows, axis, total)
    key = _ORDER[name]

    def rank(row: Row) -> tuple[bool, float, int, str, str]:
        value = row[key]
        # A thin pair's alignment is an extreme of chance; it must not lead the table.
        last = bool(row.get("thin")) and name == "alignment"
        return (last, -value if value is not None else 0.0, -row["n"], row["source"], row["target"])

    ranked = sorted((row for _, row in rows), key=rank)
    return View(name, title, parameters(pairs, selection), ranked, graph, pairs.left_out)

"""Views of acts and time: who does what to whom, and how a pair's two axes move from week to week."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from kg.errors import InputError
from kg.views import measures
from kg.views.gamma import Floats
from kg.views.pairs import alignment, number
from kg.views.selection import Selection, Source, name_of, parameters, prepare
from kg.views.sums import Pairs
from kg.views.table import UNDATED, Ints, Published, Table
from kg.views.view import Row, View

TIMELINE_HALF_LIFE = 90.0
"""Half-life of time lines in days: forecasts the next month about as well as slower ones."""

_AXES = {"conflict": "tension", "cooperation": "engagement"}

SURPRISING = 0.001
"""Probability below which a week is worth an alert."""

STEADY_VOLUME = 30
"""Events a month from which on the volume of news is measured well enough to correct for it."""


def actions(stmts: Source, published: Published | None = None, **selection: Unpack[Selection]) -> View:
    """Who does what to whom: one directed edge per pair and direction, with a count for each type of act.

    `n_<type>` counts events (one per day), `severity` is their weighted sum of severity points on the
    conflict axis, `initiative` is (acts forth - acts back) / both, on both axes: 1 only the source acts, -1
    only the target. Symmetric acts (a meeting) stand on both directions. Nodes: `out_conflict` and
    `in_conflict` count hostile acts done and suffered. Busiest edges first.
    """
    import networkx as nx

    pairs = prepare(stmts, published, selection, neutral=True)
    codes, relations = pairs.table.actors, pairs.table.relations
    graph = nx.DiGraph()
    for i in pairs.present():
        graph.add_node(codes[i], iso3=codes[i], name=name_of(codes[i]), out_conflict=0, in_conflict=0)
    edges: dict[tuple[str, str], Row] = {}
    behind: dict[tuple[str, str], list[tuple[int, str]]] = {}
    forth = pairs.conflict.forth + pairs.cooperation.forth
    back = pairs.conflict.back + pairs.cooperation.back
    lead = measures.initiative(forth, back)
    for p in range(len(pairs)):
        for record in range(int(pairs.start[p]), int(pairs.start[p + 1])):
            kind = relations[int(pairs.record_relation[record])]
            a, b = codes[pairs.record_source[record]], codes[pairs.record_target[record]]
            weight = float(pairs.record_weight[record])
            for source, target in ((a, b), (b, a)) if kind.symmetric else ((a, b),):
                forward = source == codes[pairs.left[p]]
                row = edges.setdefault(
                    (source, target),
                    {
                        "source": source,
                        "target": target,
                        "n": 0,
                        "severity": 0.0,
                        "initiative": number(lead[p] if forward else -lead[p]),
                        **{f"n_{rel.name}": 0 for rel in relations},
                    },
                )
                row["n"] += 1
                row[f"n_{kind.name}"] += 1
                found = behind.setdefault((source, target), [])
                first, many = int(pairs.record_row[record]), int(pairs.record_rows[record])
                ids = pairs.table.statement[pairs.kept_rows[first : first + many]]
                found.extend((int(pairs.record_day[record]), name.decode()) for name in ids.tolist())
                if kind.axis == "conflict":
                    row["severity"] += weight * (kind.severity or 0.0)
                    graph.nodes[source]["out_conflict"] += 1
                    graph.nodes[target]["in_conflict"] += 1
    for ends, row in sorted(edges.items()):
        row["severity"] = round(row["severity"], 4)
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(*ends, **data, statements=[identifier for _, identifier in sorted(behind[ends])])
    rows = sorted(edges.values(), key=lambda row: (-row["n"], row["source"], row["target"]))
    return View(
        "actions",
        "Acts of states towards each other",
        parameters(pairs, selection),
        rows,
        graph,
        pairs.left_out,
    )


def timeline(
    stmts: Source,
    published: Published | None = None,
    *,
    pair: Sequence[str] | None = None,
    **selection: Unpack[Selection],
) -> View:
    """Tension and engagement of a pair from week to week, with the events of each week.

    One row a week, dated by its last day (the weeks end on the last day of the window): the two levels as
    `log2(1 + 30 * K * s / D)` with everything up to that day, also from before the window, faded with
    `half_life` (default 90 days); D is `half_life / ln 2`. `burn_in` marks the first two half-lives of
    what is known (since the first publication), in which levels are too low. Where there are at least 30
    events a month over all pairs, every event is weighed by mean volume over the month's volume: more
    articles shall not look like more tension.
    `p_surprise`: the probability of at least this week's number of hostile acts, given the faded past and
    half an event in an earlier year (`measures.tail`, counts divided by the usual dispersion 2.3); small is
    unusual. `change_point` names the axes whose
    weekly severity, log(1 + x), breaks to another level in this week (`measures.change_points`, segments of
    6 weeks and more); it is None throughout for pairs with fewer than one event in two weeks.

    `pair`: two codes; without it, the pair with the most events. Raises `InputError` when it has none.
    """
    if pair is not None and selection.get("actors", "states") == "states":
        selection["actors"] = "all"
    history = _history(stmts, published, selection)
    pairs, weeks, half_life = history.pairs, history.weeks, history.half_life
    p = _find(pairs, pair)
    ends = (pairs.table.actors[pairs.left[p]], pairs.table.actors[pairs.right[p]])
    acts = _acts(pairs, p, history.volume)
    breaks = _breaks(acts, weeks)
    rows: list[Row] = []
    for end in weeks:
        row: Row = {"week": date.fromordinal(end).isoformat(), "source": ends[0], "target": ends[1]}
        row |= _week(acts, end, half_life, history.start)
        rows.append({**row, "change_point": breaks.get(end)})
    import networkx as nx

    graph = nx.Graph()
    for code in ends:
        graph.add_node(code, iso3=code, name=name_of(code))
    last = rows[-1]
    graph.add_edge(
        *ends,
        tension=last["tension"],
        engagement=last["engagement"],
        n=int(pairs.n[p]),
        statements=pairs.statements(p),
    )
    title = f"{name_of(ends[0])} and {name_of(ends[1])}, week by week"
    return View(
        "timeline",
        title,
        history.parameters,
        rows,
        graph,
        pairs.left_out,
    )


def alerts(stmts: Source, published: Published | None = None, **selection: Unpack[Selection]) -> View:
    """Weeks in which a pair did far more than before, or changed its level; the latest first.

    `kind` "surge": at least 2 events on an axis in a week, so many that their probability given the pair's
    past is below 0.001 (`p`, see `timeline`); the first two half-lives of what is known give none.
    `kind` "change": a break in the level of an axis (`measures.change_points`; only pairs with an event every
    other week). Pairs with fewer than 5 events are left out. Edges hold the statements of the pair.
    """
    import networkx as nx

    history = _history(stmts, published, selection)
    pairs, weeks = history.pairs, history.weeks
    codes = pairs.table.actors
    rows: list[Row] = []
    graph = nx.Graph()
    for p in np.flatnonzero(pairs.conflict.n + pairs.cooperation.n >= measures.THIN):
        ends = {"source": codes[pairs.left[p]], "target": codes[pairs.right[p]]}
        acts = _acts(pairs, int(p), history.volume)
        found: list[Row] = []
        for axis, label in _AXES.items():
            for end in weeks:
                count = int((acts.on[axis] & (acts.days > end - 7) & (acts.days <= end)).sum())
                if count < 2 or end - history.start < 2 * history.half_life:
                    continue
                chance = _surprise(acts, axis, end, history.half_life, history.start)
                if chance is not None and chance < SURPRISING:
                    found.append(
                        {"week": end, **ends, "axis": label, "kind": "surge", "n": count, "p": chance}
                    )
        for end, labels in _breaks(acts, weeks).items():
            found.append({"week": end, **ends, "axis": labels, "kind": "change", "n": None, "p": None})
        if found:
            for code in ends.values():
                graph.add_node(code, iso3=code, name=name_of(code))
            graph.add_edge(*ends.values(), n=len(found), statements=pairs.statements(int(p)))
            rows.extend({**row, "week": date.fromordinal(row["week"]).isoformat()} for row in found)
    rows.sort(key=lambda row: (row["source"], row["target"], row["axis"], row["kind"]))
    rows.sort(key=lambda row: row["week"], reverse=True)
    return View("alerts", "Surges and breaks", history.parameters, rows, graph, pairs.left_out)


def overview(stmts: Source, published: Published | None = None, **selection: Unpack[Selection]) -> View:
    """Everything at a glance: both axes of all pairs, and the time lines of the four pairs with most events.

    Rows and graph are those of `alignment`; `parts` holds the time lines.
    """
    table = stmts if isinstance(stmts, Table) else Table.from_statements(stmts, published)
    both = alignment(table, published, **selection)
    # One pair for each actor: four stories, not four sides of one.
    told: set[str] = set()
    parts: list[View] = []
    for row in sorted(both.rows, key=lambda row: (-row["n"], row["source"], row["target"])):
        ends = (row["source"], row["target"])
        if len(parts) < 4 and not told & set(ends):
            told.update(ends)
            parts.append(timeline(table, published, pair=ends, **selection))
    return replace(both, name="overview", title="Tension and engagement", parts=tuple(parts))


def _find(pairs: Pairs, pair: Sequence[str] | None) -> int:
    n = pairs.conflict.n + pairs.cooperation.n
    if pair is None:
        if not n.sum():
            raise InputError("no pair of states has an event in this window")
        return int(np.argmax(n))
    codes = pairs.table.actors
    wanted = sorted(pair)
    for p in range(len(pairs)):
        if n[p] and [codes[pairs.left[p]], codes[pairs.right[p]]] == wanted:
            return p
    raise InputError(f"{' and '.join(pair)} have no event with each other in this window")


def _volume(pairs: Pairs) -> Floats:
    """Weight of each record: mean volume of months / volume of its month; 1 if there is little."""
    since_1970 = pairs.record_day - date(1970, 1, 1).toordinal()
    months = since_1970.astype("datetime64[D]").astype("datetime64[M]")
    names, where, counts = np.unique(months, return_inverse=True, return_counts=True)
    if not len(names) or counts.mean() < STEADY_VOLUME:
        return np.ones(len(months))
    return np.asarray(counts.mean() / counts[where])


@dataclass(frozen=True, slots=True)
class _History:
    """Everything up to the end of a window, for series of its weeks.

    `weeks`: last days of the weeks of the window; `start`: the first day of which anything is known;
    `volume`: the weight of each record for the volume of its month.
    """

    pairs: Pairs
    weeks: range
    half_life: float
    start: int
    volume: Floats
    parameters: dict[str, Any]


def _history(stmts: Source, published: Published | None, selection: Selection) -> _History:
    half_life = float(selection.get("half_life") or TIMELINE_HALF_LIFE)
    selection = {**selection, "half_life": half_life}
    table = stmts if isinstance(stmts, Table) else Table.from_statements(stmts, published)
    seen = prepare(table, published, selection).window
    # Acts of ten half-lives before the first week still count, faded; no line starts from nothing.
    earlier = max(date(1800, 1, 1).toordinal(), seen.since.toordinal() - round(10 * half_life))
    pairs = prepare(table, published, {**selection, "since": date.fromordinal(earlier)})
    dated = table.day[table.day > UNDATED]
    first = table.first_published or date.fromordinal(int(dated.min()) if len(dated) else earlier)
    last = seen.until.toordinal()
    return _History(
        pairs,
        range(last - 7 * ((seen.days - 1) // 7), last + 1, 7),
        half_life,
        max(first.toordinal(), earlier),
        _volume(pairs),
        {**parameters(pairs, selection), "since": seen.since.isoformat()},
    )


@dataclass(frozen=True, slots=True)
class _Acts:
    """The records of one pair: day, name and axis of the act, weighted severity (not yet aged)."""

    days: Ints
    names: list[str]
    points: Floats
    on: Mapping[str, NDArray[np.bool_]]


def _acts(pairs: Pairs, p: int, volume: Floats) -> _Acts:
    chosen = slice(int(pairs.start[p]), int(pairs.start[p + 1]))
    kinds = [pairs.table.relations[int(r)] for r in pairs.record_relation[chosen]]
    days, span = pairs.record_day[chosen], pairs.window
    # Weights of the records are aged to the end of the window; every week ages them anew.
    trust = pairs.record_weight[chosen] / measures.decay(span.at.toordinal() - days, span.half_life)
    severity = np.array([kind.severity or 0.0 for kind in kinds])
    return _Acts(
        days,
        [kind.name for kind in kinds],
        trust * volume[chosen] * severity,
        {axis: np.array([kind.axis == axis for kind in kinds], dtype=bool) for axis in _AXES},
    )


def _week(acts: _Acts, end: int, half_life: float, start: int) -> Row:
    """Levels at the end of a week, and what happened in it; `start` is the first day that is known."""
    past = acts.days <= end
    now = past & (acts.days > end - 7)
    aged = np.where(past, acts.points * measures.decay(np.abs(end - acts.days), half_life), 0.0)
    worth = half_life / math.log(2)
    return {
        "tension": number(measures.level(aged[acts.on["conflict"]].sum(), 1.0, worth)),
        "engagement": number(measures.level(aged[acts.on["cooperation"]].sum(), 1.0, worth)),
        "n_conflict": int((now & acts.on["conflict"]).sum()),
        "n_coop": int((now & acts.on["cooperation"]).sum()),
        "p_surprise": _surprise(acts, "conflict", end, half_life, start),
        "burn_in": end - start < 2 * half_life,
        "events": " ".join(acts.names[i] for i in np.flatnonzero(now)),
    }


def _surprise(acts: _Acts, axis: str, end: int, half_life: float, start: int) -> float | None:
    """How likely at least this week's events of an axis were, given those before; None for the first week."""
    if end - 7 < start:
        return None
    days = acts.days[acts.on[axis]]
    before = days[days <= end - 7]
    # Events come in bursts: counted in units of the usual burst, so that a burst is no surprise by itself.
    shape = 0.5 + float(measures.decay(end - 7 - before, half_life).sum()) / measures.DISPERSION
    known = 52 + measures.exposure(end - 7 - start + 1, half_life) / 7
    count = int(((days > end - 7) & (days <= end)).sum())
    return round(measures.tail(math.ceil(count / measures.DISPERSION), shape, known), 6)


def _breaks(acts: _Acts, weeks: range) -> dict[int, str]:
    """Last days of the weeks in which an axis changes its level, with the names of the axes."""
    if not len(weeks) or 2 * int((acts.days > weeks[0] - 7).sum()) < len(weeks):
        return {}
    found: dict[int, list[str]] = {}
    for axis, label in _AXES.items():
        place = (acts.days - (weeks[0] - 6)) // 7
        keep = acts.on[axis] & (place >= 0) & (place < len(weeks))
        weekly = np.bincount(place[keep], acts.points[keep], len(weeks))
        for index in measures.change_points(np.log1p(weekly)):
            found.setdefault(weeks[index], []).append(label)
    return {end: " ".join(labels) for end, labels in found.items()}

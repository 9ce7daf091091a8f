"""Views of acts and time: who does what to whom, and how a pair's two axes move from week to week."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Unpack

import numpy as np

from kg.errors import InputError
from kg.views import measures
from kg.views.gamma import Floats
from kg.views.pairs import Selection, Source, alignment, name_of, number, parameters, prepare
from kg.views.table import Pairs, Published, Table
from kg.views.view import Row, View

TIMELINE_HALF_LIFE = 90.0
"""Half-life of time lines in days: forecasts the next month about as well as slower ones."""

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
                found.extend((int(pairs.record_day[record]), str(identifier)) for identifier in ids)
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
    `p_surprise`: the probability of at least this week's number of hostile acts, given the weeks before
    (negative binomial, the gamma posterior of an empty prior with half an event a year); small is unusual.

    `pair`: two codes; without it, the pair with the most events. Raises `InputError` when it has none.
    """
    if selection.get("half_life") is None:
        selection["half_life"] = TIMELINE_HALF_LIFE
    if pair is not None and selection.get("actors", "states") == "states":
        selection["actors"] = "all"
    table = stmts if isinstance(stmts, Table) else Table.from_statements(stmts, published)
    half_life = float(selection["half_life"] or TIMELINE_HALF_LIFE)
    seen = prepare(table, published, selection).window
    # Acts of ten half-lives before the first week still count, faded; no line starts from nothing.
    earlier = max(date(1800, 1, 1).toordinal(), seen.since.toordinal() - round(10 * half_life))
    pairs = prepare(table, published, {**selection, "since": date.fromordinal(earlier)})
    p = _find(pairs, pair)
    codes, span = pairs.table.actors, pairs.window
    known = max(earlier, table.first_published.toordinal()) if table.first_published else earlier
    ends = (codes[pairs.left[p]], codes[pairs.right[p]])
    chosen = slice(int(pairs.start[p]), int(pairs.start[p + 1]))
    kinds = [pairs.table.relations[int(r)] for r in pairs.record_relation[chosen]]
    days = pairs.record_day[chosen]
    # Weights of the records are aged to the end of the window; here every week ages them anew.
    trust = pairs.record_weight[chosen] / measures.decay(span.at.toordinal() - days, span.half_life)
    weight = trust * _volume(pairs)[chosen]
    severity = np.array([kind.severity or 0.0 for kind in kinds])
    conflict = np.array([kind.axis == "conflict" for kind in kinds], dtype=bool)
    cooperation = np.array([kind.axis == "cooperation" for kind in kinds], dtype=bool)
    rows: list[Row] = []
    worth = half_life / math.log(2)
    for end in range(span.until.toordinal() - 7 * ((seen.days - 1) // 7), span.until.toordinal() + 1, 7):
        past = days <= end
        now = past & (days > end - 7)
        points = np.where(past, weight * severity * measures.decay(np.abs(end - days), half_life), 0.0)
        ids = list(np.flatnonzero(now))
        rows.append(
            {
                "week": date.fromordinal(end).isoformat(),
                "source": ends[0],
                "target": ends[1],
                "tension": number(measures.level(points[conflict].sum(), 1.0, worth)),
                "engagement": number(measures.level(points[cooperation].sum(), 1.0, worth)),
                "n_conflict": int((now & conflict).sum()),
                "n_coop": int((now & cooperation).sum()),
                "p_surprise": _surprise(days[conflict], end, known, half_life),
                "burn_in": end - known < 2 * half_life,
                "events": " ".join(kinds[i].name for i in ids),
            }
        )
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
        {**parameters(pairs, selection), "since": seen.since.isoformat()},
        rows,
        graph,
        pairs.left_out,
    )


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
    months = np.array(
        [date.fromordinal(int(day)).strftime("%Y-%m") for day in pairs.record_day], dtype=np.str_
    )
    names, where, counts = np.unique(months, return_inverse=True, return_counts=True)
    if not len(names) or counts.mean() < STEADY_VOLUME:
        return np.ones(len(months))
    return np.asarray(counts.mean() / counts[where])


def _surprise(days: Floats, end: int, first: int, half_life: float) -> float | None:
    """P(X >= x) of this week's count under a negative binomial with the decayed past as its history."""
    begin = end - 7
    if begin < first:
        return None
    seen = int(((days > begin) & (days <= end)).sum())
    past = days[days <= begin]
    shape = 0.5 + float(measures.decay(begin - past, half_life).sum())
    weeks = 52.0 + measures.exposure(begin - first + 1, half_life) / 7
    if seen == 0:
        return 1.0
    chance = 1.0 / (weeks + 1)
    below, term = 0.0, (1 - chance) ** shape
    for x in range(seen):
        below += term
        term *= (shape + x) / (x + 1) * chance
    return round(max(0.0, 1 - below), 6)

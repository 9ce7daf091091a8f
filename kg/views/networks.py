"""Views of structure: who stands on whose side, do triads balance, who talks to both of two rivals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from kg.model import Statement
from kg.ontology import load_ontology
from kg.views import measures
from kg.views.pairs import alignment
from kg.views.readings import readings
from kg.views.selection import Selection, Source, name_of, parameters, prepare
from kg.views.table import Published, Table
from kg.views.view import Row, View

if TYPE_CHECKING:
    import networkx as nx

SHUFFLES = 1000
SEED = 20141
TENSE_SHARE = 0.3
TENSE = 3
"""Least number of events of a pair that its tension alone makes a foe."""


def signed(
    stmts: Iterable[Statement],
    published: Published | None = None,
    *,
    events: Table | None = None,
    **selection: Unpack[Selection],
) -> View:
    """Friends and foes: a signed network from states of affairs, with the most tense pairs added as foes.

    A pair is +1 where actual readings of a friendly state of affairs (`allied_with`, `friendly_with`)
    outnumber those of a hostile one (`at_odds_with`), -1 the other way round; a tie goes to the later
    reading. `weight`: readings for the sign; `conflict`: both signs are claimed; `basis`: "state", or "event"
    for pairs without one that are in the top 5 % of hostile severity, with 3 events, over 30 % of them
    hostile (shrunk).
    `events`: a table to take the tension from, instead of the events among `stmts`.
    Signs from events alone show no structural balance (measured on ICEWS), hence states of affairs first.
    Nodes: `bloc`, numbers of groups found by merging blocs as long as that puts more weight of friends than
    of foes into one (greedy, weak balance: Davis 1967). The report is that of `balance`.
    """
    import networkx as nx

    stmts = list(stmts)
    actors = selection.get("actors", "states")
    sides = {"cooperation": 1, "conflict": -1}
    signs = {rel.name: sides[rel.axis] for rel in load_ontology().states if rel.axis}
    found = readings(
        stmts,
        published,
        signs,
        at=selection.get("at"),
        since=selection.get("since"),
        until=selection.get("until"),
        actors=actors,
    )
    claims: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for reading in found:
        stmt = reading.stmt
        if stmt.is_plain:
            ends = (min(stmt.source, stmt.target), max(stmt.source, stmt.target))
            claims.setdefault(ends, []).append((signs[stmt.relation], stmt.id))
    edges: dict[tuple[str, str], Row] = {}
    behind: dict[tuple[str, str], Sequence[str]] = {}
    for ends, said in claims.items():
        total = sum(sign for sign, _ in said)
        sign = said[-1][0] if total == 0 else (1 if total > 0 else -1)
        edges[ends] = {
            "sign": sign,
            "weight": sum(1 for other, _ in said if other == sign),
            "basis": "state",
            "conflict": len({other for other, _ in said}) == 2,
        }
        behind[ends] = [identifier for _, identifier in said]
    for ends, ids in _tense(stmts if events is None else events, published, selection):
        if ends not in edges:
            edges[ends] = {"sign": -1, "weight": 1, "basis": "event", "conflict": False}
            behind[ends] = ids
    graph = nx.Graph()
    for code in sorted({code for ends in edges for code in ends}):
        graph.add_node(code, iso3=code, name=name_of(code))
    rows: list[Row] = []
    for ends, row in sorted(edges.items()):
        rows.append({"source": ends[0], "target": ends[1], **row})
        graph.add_edge(*ends, **row, statements=behind[ends])
    for code, bloc in _blocs(graph).items():
        graph.nodes[code]["bloc"] = bloc
    rows.sort(key=lambda row: (row["sign"], -row["weight"], row["source"], row["target"]))
    given: dict[str, Any] = {
        "since": selection.get("since"),
        "until": selection.get("until") or selection.get("at"),
        "actors": actors if isinstance(actors, str) else " ".join(sorted(actors)),
    }
    return View("signed", "Friends and foes", given, rows, graph, report=_balance(graph))


def _tense(
    stmts: Source, published: Published | None, selection: Selection
) -> list[tuple[tuple[str, str], Sequence[str]]]:
    pairs = prepare(stmts, published, selection)
    points = pairs.conflict.severity
    if not len(pairs):
        return []
    bar = float(np.quantile(points, 0.95))
    shares = measures.share(pairs.conflict.k, pairs.cooperation.k)
    codes = pairs.table.actors
    return [
        ((codes[pairs.left[p]], codes[pairs.right[p]]), pairs.statements(p, "conflict"))
        for p in range(len(pairs))
        if points[p] >= bar
        and pairs.conflict.n[p] + pairs.cooperation.n[p] >= TENSE
        and shares[p] > TENSE_SHARE
    ]


def _blocs(graph: nx.Graph) -> dict[str, int]:
    """Number of each node's bloc, by size (1 is the largest), then alphabetically."""
    blocs: dict[str, set[str]] = {code: {code} for code in sorted(graph)}
    pull: dict[tuple[str, str], int] = {}
    for a, b, data in graph.edges(data=True):
        pull[min(a, b), max(a, b)] = data["sign"] * data["weight"]
    while pull:
        ends, best = min(pull.items(), key=lambda item: (-item[1], item[0]))
        if best <= 0:
            break
        keep, gone = ends
        blocs[keep] |= blocs.pop(gone)
        merged: dict[tuple[str, str], int] = {}
        for (a, b), value in pull.items():
            a, b = (keep if a == gone else a), (keep if b == gone else b)
            if a != b:
                merged[min(a, b), max(a, b)] = merged.get((min(a, b), max(a, b)), 0) + value
        pull = merged
    order = sorted(blocs.values(), key=lambda members: (-len(members), min(members)))
    return {code: i for i, members in enumerate(order, start=1) for code in sorted(members)}


def _triads(graph: nx.Graph) -> list[tuple[str, str, str]]:
    near = {code: set(graph[code]) for code in graph}
    found: list[tuple[str, str, str]] = []
    for a, b in sorted((min(e), max(e)) for e in graph.edges):
        found.extend((a, b, c) for c in sorted(near[a] & near[b]) if c > b)
    return found


_KINDS = {3: "+++", 1: "++-", -1: "+--", -3: "---"}


def _balance(graph: nx.Graph) -> dict[str, Any]:
    """Counts of triads, and how unusual their balance is among networks with shuffled signs."""
    edges = sorted((min(e), max(e)) for e in graph.edges)
    place = {ends: i for i, ends in enumerate(edges)}
    signs = np.array([graph.edges[ends]["sign"] for ends in edges], dtype=np.int64)
    triads = _triads(graph)
    index = np.array([[place[a, b], place[a, c], place[b, c]] for a, b, c in triads], dtype=np.int64).reshape(
        -1, 3
    )
    sums = signs[index].sum(axis=1)
    report: dict[str, Any] = {kind: int((sums == total).sum()) for total, kind in _KINDS.items()}
    inside = {code: data.get("bloc") for code, data in graph.nodes(data=True)}
    wrong = sum(
        data["weight"]
        for a, b, data in graph.edges(data=True)
        if (data["sign"] > 0) != (inside[a] == inside[b])
    )
    report |= {"triads": len(triads), "edges": len(edges), "positive": int((signs > 0).sum())}
    report |= {"frustration": int(wrong), "strong": None, "weak": None, "null": None, "z": None}
    if not len(triads):
        return report
    strong = float(np.mean((sums == 3) | (sums == -1)))
    rng = np.random.default_rng(SEED)
    null = np.empty(SHUFFLES)
    for i in range(SHUFFLES):
        shuffled = rng.permutation(signs)[index].sum(axis=1)
        null[i] = np.mean((shuffled == 3) | (shuffled == -1))
    report["strong"] = round(strong, 4)
    report["weak"] = round(float(np.mean(sums != 1)), 4)
    report["null"] = round(float(null.mean()), 4)
    if null.std() > 0:
        report["z"] = round((strong - float(null.mean())) / float(null.std()), 2)
    return report


def balance(
    stmts: Iterable[Statement],
    published: Published | None = None,
    **selection: Unpack[Selection],
) -> View:
    """Do friends of friends get along? Triads of the signed network, and how they compare with chance.

    A triad is balanced when the product of its signs is positive: +++ or +-- (Cartwright and Harary 1956);
    weak balance also allows --- (Davis 1967). `strong` and `weak`: shares of balanced triads, 0 to 1;
    `null` and `z`: mean share, and distance from it in standard deviations, over 1000 networks with the same
    edges and shuffled signs (seeded); `frustration`: weight of friends in different blocs and foes in one.
    None where there is no triad, or where shuffling changes nothing. One row per triad.
    """
    view = signed(stmts, published, **selection)
    rows: list[Row] = []
    for a, b, c in _triads(view.graph):
        total = sum(view.graph.edges[ends]["sign"] for ends in ((a, b), (a, c), (b, c)))
        rows.append(
            {"a": a, "b": b, "c": c, "signs": _KINDS[total], "strong": total in (3, -1), "weak": total != 1}
        )
    return View("balance", "Balance of triads", view.parameters, rows, view.graph, view.left_out, view.report)


def brokers(
    stmts: Iterable[Statement],
    published: Published | None = None,
    **selection: Unpack[Selection],
) -> View:
    """Who can talk to both sides: go-betweens of tense pairs, best placed first.

    `go_between` of c is the sum over tense pairs (i, j) of `log(1 + min(G_ic, G_jc))`, with the engagement G;
    unit: log points, 0 and up. A pair is tense when its tension is in the top quarter of pairs with hostile
    acts. `betweenness`: share of shortest paths through c in the engagement graph (0 to 1).
    `mediates`: documents in which c consults both sides of a tense pair; `mediated`: these pairs.
    """
    import networkx as nx

    stmts = list(stmts)
    both = alignment(stmts, published, **selection)
    pairs = prepare(stmts, published, selection)
    graph = nx.Graph()
    graph.add_nodes_from(sorted(both.graph.nodes(data=True)))
    level: dict[frozenset[str], float] = {}
    for row in both.rows:
        ends = (row["source"], row["target"])
        if row["n_coop"]:
            level[frozenset(ends)] = row["engagement"]
            graph.add_edge(
                *ends,
                engagement=row["engagement"],
                tension=row["tension"],
                mediates="",
                statements=both.graph.edges[ends]["statements"],
            )
    tense = _top_quarter(both.rows)
    between = nx.betweenness_centrality(graph)
    talks: dict[tuple[str, str], set[str]] = {}
    for stmt in stmts:
        if stmt.relation == "consult" and stmt.is_plain:
            talks.setdefault((stmt.document, stmt.source), set()).add(stmt.target)
            talks.setdefault((stmt.document, stmt.target), set()).add(stmt.source)
    rows: list[Row] = []
    for code in sorted(graph):
        score, mediated = 0.0, []
        for i, j in tense:
            if code in (i, j):
                continue
            score += math.log1p(
                min(level.get(frozenset((i, code)), 0.0), level.get(frozenset((j, code)), 0.0))
            )
            count = sum(1 for (_, actor), met in talks.items() if actor == code and {i, j} <= met)
            if count:
                mediated.append((f"{i}-{j}", count))
        graph.nodes[code]["betweenness"] = round(between[code], 4)
        graph.nodes[code]["go_between"] = round(score, 4)
        if score > 0 or between[code] > 0 or mediated:
            rows.append(
                {
                    "actor": code,
                    "name": name_of(code),
                    "go_between": round(score, 4),
                    "betweenness": round(between[code], 4),
                    "mediates": sum(count for _, count in mediated),
                    "mediated": " ".join(pair for pair, _ in mediated) or None,
                }
            )
    rows.sort(key=lambda row: (-row["go_between"], -row["betweenness"], row["actor"]))
    given = {**parameters(pairs, selection), "tense_pairs": len(tense)}
    return View("brokers", "Go-betweens", given, rows, graph, pairs.left_out)


def _top_quarter(rows: list[Row]) -> list[tuple[str, str]]:
    tensions = sorted((row["tension"] for row in rows if row["n_conflict"]), reverse=True)
    if not tensions:
        return []
    bar = tensions[(len(tensions) - 1) // 4]
    return sorted((r["source"], r["target"]) for r in rows if r["tension"] >= bar and r["n_conflict"])

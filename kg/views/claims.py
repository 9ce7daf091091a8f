"""Views of what is claimed: readings that are not settled, and everything said between two actors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Unpack

from kg.model import Statement
from kg.ontology import load_ontology
from kg.views.readings import Period, Reading, add_nodes, ends_of, iso, period_of, readings
from kg.views.selection import name_of
from kg.views.table import Published
from kg.views.view import Row, View


def _contradict(one: Reading, other: Reading) -> bool:
    """Opposite polarities for days at most a month apart; of different times both may be true."""
    if one.stmt.polarity == other.stmt.polarity:
        return False
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return one.first == other.first
    return max(one.first, other.first) - min(one.last, other.last) <= timedelta(days=31)


def disputed(
    stmts: Iterable[Statement],
    published: Published | None = None,
    **period: Unpack[Period],
) -> View:
    """What is claimed but not settled: allegations, and readings that other readings contradict.

    One edge per statement, keyed by its id. `why`: "alleged" (the text marks it so), "denied" or "affirmed"
    (another actual statement about the same pair and relation, for a day at most a month away, says the
    opposite). `speaker`: whose
    claim it is; `denied_by`: ends of the claim that `reject` something said by the speaker or by the other
    end in the same document. Newest first.
    """
    import networkx as nx

    everything = list(stmts)
    names = [name for name in load_ontology().relations if name != "reject"]
    found = readings(everything, published, names, **period)
    refusals: dict[tuple[str, str], set[str]] = {}
    for stmt in everything:
        if stmt.relation == "reject" and stmt.is_plain:
            refusals.setdefault((stmt.document, stmt.source), set()).add(stmt.target)
    said: dict[tuple[str, str, str], list[Reading]] = {}
    for reading in found:
        if reading.stmt.status == "actual":
            said.setdefault((*ends_of(reading.stmt), reading.stmt.relation), []).append(reading)
    chosen: list[tuple[Reading, str]] = []
    for reading in found:
        stmt = reading.stmt
        if stmt.status == "alleged":
            chosen.append((reading, "alleged"))
        elif stmt.status == "actual" and any(
            _contradict(reading, other) for other in said[*ends_of(stmt), stmt.relation]
        ):
            chosen.append((reading, "affirmed" if stmt.polarity == "+" else "denied"))
    graph = nx.MultiDiGraph()
    add_nodes(graph, [reading for reading, _ in chosen])
    rows: list[Row] = []
    for reading, why in reversed(chosen):
        stmt = reading.stmt
        others = {stmt.speaker, stmt.source, stmt.target}
        deniers = [
            end
            for end in (stmt.source, stmt.target)
            if stmt.status == "alleged" and refusals.get((stmt.document, end), set()) & (others - {end})
        ]
        row: Row = {
            "source": stmt.source,
            "target": stmt.target,
            "relation": stmt.relation,
            "polarity": stmt.polarity,
            "status": stmt.status,
            "why": why,
            "date": iso(reading.first),
            "speaker": stmt.speaker,
            "denied_by": " ".join(deniers) or None,
            "document": stmt.document,
            "statement": stmt.id,
        }
        rows.append(row)
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(stmt.source, stmt.target, key=stmt.id, **data, statements=[stmt.id])
    return View("disputed", "Disputed claims", period_of(period, len(rows)), rows, graph)


def claims(
    stmts: Iterable[Statement],
    published: Published | None = None,
    *,
    pair: Sequence[str],
    **period: Unpack[Period],
) -> View:
    """Who says what about a pair, and who denies it: every statement between the two `pair`, oldest first.

    `claim` is the sentence without its polarity and status ("IND accuse PAK"); `says`: the speaker, None for
    the text itself; `stand`: "affirms", "alleges", "denies", "plans" or "asks for". `against`: how many other
    actual readings of the same claim, at most a month away, say the opposite. One edge per statement, keyed
    by its id.
    """
    import networkx as nx

    one, two = sorted(pair)
    names = list(load_ontology().relations)
    found = [
        reading
        for reading in readings(stmts, published, names, **period)
        if {reading.stmt.source, reading.stmt.target} == {one, two}
    ]
    found.sort(key=lambda reading: (reading.first or date.min, reading.order))
    graph = nx.MultiDiGraph()
    add_nodes(graph, found)
    rows: list[Row] = []
    for reading in found:
        stmt = reading.stmt
        against = [
            other
            for other in found
            if other.stmt.relation == stmt.relation
            and ends_of(other.stmt) == ends_of(stmt)
            and other.stmt.status == stmt.status == "actual"
            and _contradict(reading, other)
        ]
        row: Row = {
            "source": stmt.source,
            "target": stmt.target,
            "relation": stmt.relation,
            "claim": f"{stmt.source} {stmt.relation} {stmt.target}",
            "stand": _STANDS[stmt.status] if stmt.polarity == "+" else "denies",
            "says": stmt.speaker,
            "polarity": stmt.polarity,
            "status": stmt.status,
            "against": len(against),
            "date": iso(reading.first),
            "until": iso(reading.last),
            "document": stmt.document,
            "statement": stmt.id,
        }
        rows.append(row)
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(stmt.source, stmt.target, key=stmt.id, **data, statements=[stmt.id])
    title = f"What is said about {name_of(one)} and {name_of(two)}"
    return View("claims", title, period_of(period, len(rows)), rows, graph)


_STANDS = {"actual": "affirms", "alleged": "alleges", "intended": "plans", "requested": "asks for"}

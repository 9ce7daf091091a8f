"""Views of single readings, not sums: states of affairs, missions, visits, deeds in force, disputed claims.

Each edge says since and until when it is known to hold, and who says so. Denied, alleged and planned
readings are edges of their own, never mixed into what holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from kg.errors import InputError
from kg.model import Statement
from kg.ontology import load_ontology
from kg.views.selection import Ends, allowed, name_of
from kg.views.table import Published
from kg.views.view import Row, View

if TYPE_CHECKING:
    import networkx as nx

    from kg.actors import ActorTable

# What a quotation calls the post, by rank; "mission" where it calls it nothing else.
_LEVEL = re.compile(r"\b(embass|ambassador|high commission|consul|office)", re.IGNORECASE)
_LEVELS = {"embass": "embassy", "ambassador": "embassy", "high commission": "embassy", "consul": "consulate"}

# A meeting is a visit when the words of the statement say that somebody travelled or was received.
_VISIT = re.compile(r"\b(visit|trip|tour|travel|arriv|journey|flew|fl(y|ies)\b|return|receiv)", re.IGNORECASE)

# "flew to Jeddah", "a visit to Seoul", "visited the Kremlin": what stands before the place visited.
_TOWARDS = re.compile(r"\b(to|in|visit(s|ed|ing)?|tour(s|ed|ing)?) (the )?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement on the time axis: `first` and `last` day of its interval, or the day it was published."""

    stmt: Statement
    first: date | None
    last: date | None
    published: date | None

    @property
    def order(self) -> tuple[date, date, str]:
        """Later readings sort later; undated ones first; the id breaks ties."""
        return self.last or date.min, self.published or date.min, self.stmt.id


class Period(TypedDict, total=False):
    """Options that all views of single readings share.

    `since`, `until`: first and last day; what overlaps them counts. `at`: the same as `until`. `actors`:
    "all", "states" (both ends are states), or codes.
    """

    at: date | None
    since: date | None
    until: date | None
    actors: Ends


def readings(
    stmts: Iterable[Statement],
    published: Published | None,
    names: Iterable[str],
    **period: Unpack[Period],
) -> list[Reading]:
    """Statements with one of the relations `names` in a period, oldest first.

    Without a date of its own and of its document a statement is kept only if no period is asked for.
    """
    since, until, at = period.get("since"), period.get("until"), period.get("at")
    actors = period.get("actors", "all")
    wanted, codes, dates = set(names), allowed(actors), published or {}
    end = min((day for day in (at, until) if day), default=None)
    if since and end and since > end:
        raise InputError(f"the window is empty: it starts on {since} and ends on {end}")
    found = []
    for stmt in stmts:
        if stmt.relation not in wanted:
            continue
        if codes is not None and not (stmt.source in codes and stmt.target in codes):
            continue
        day = dates.get(stmt.document)
        first = stmt.when.start if stmt.when else day
        last = stmt.when.end if stmt.when else day
        if (end and (first is None or first > end)) or (since and (last is None or last < since)):
            continue
        found.append(Reading(stmt, first, last, day))
    return sorted(found, key=lambda reading: reading.order)


def _ends(stmt: Statement) -> tuple[str, str]:
    """Source and target, in alphabetical order where the relation has no direction."""
    if load_ontology().relations[stmt.relation].symmetric and stmt.source > stmt.target:
        return stmt.target, stmt.source
    return stmt.source, stmt.target


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _known(days: Iterable[date | None]) -> list[date]:
    return sorted(day for day in days if day)


def _nodes(graph: nx.Graph, found: Iterable[Reading]) -> None:
    for code in sorted({code for reading in found for code in (reading.stmt.source, reading.stmt.target)}):
        graph.add_node(code, iso3=code, name=name_of(code))


def _window(period: Period, count: int) -> dict[str, Any]:
    end = period.get("until") or period.get("at")
    return {"since": _iso(period.get("since")), "until": _iso(end), "statements": count}


def _speakers(group: Iterable[Reading]) -> str | None:
    return " ".join(sorted({r.stmt.speaker for r in group if r.stmt.speaker})) or None


def states(
    stmts: Iterable[Statement],
    published: Published | None = None,
    **period: Unpack[Period],
) -> View:
    """States of affairs between actors: recognition, relations, missions, alliances, membership, presence.

    One edge for each way a state is read. Its key is the relation's name for what is said to hold; readings
    that are not affirmed and actual have keys of their own ("not recognizes", "alleged present_in").
    `since` and `until`: first and last day on which a text says so; `holds`: whether the latest actual
    reading of this pair and relation is this one. `polarity` and `status` are as in the statements.
    """
    import networkx as nx

    names = [relation.name for relation in load_ontology().states]
    found = readings(stmts, published, names, **period)
    graph = nx.MultiDiGraph()
    _nodes(graph, found)
    groups: dict[tuple[str, str, str, str], list[Reading]] = {}
    latest: dict[tuple[str, str, str], str] = {}
    for reading in found:
        stmt, key = reading.stmt, _ends(reading.stmt)
        groups.setdefault((*key, stmt.relation, _mark(stmt)), []).append(reading)
        if stmt.status == "actual":
            latest[*key, stmt.relation] = stmt.polarity
    rows: list[Row] = []
    for (source, target, relation, mark), group in sorted(groups.items()):
        stmt = group[0].stmt
        row: Row = {
            "source": source,
            "target": target,
            "relation": relation,
            "polarity": stmt.polarity,
            "status": stmt.status,
            "since": _iso(min(_known(r.first for r in group), default=None)),
            "until": _iso(max(_known(r.last for r in group), default=None)),
            "holds": stmt.status == "actual" and latest[source, target, relation] == stmt.polarity,
            "speaker": _speakers(group),
            "n": len(group),
        }
        rows.append(row)
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(source, target, key=f"{mark} {relation}".strip(), **data, statements=_ids(group))
    return View("states", "States of affairs", _window(period, len(found)), rows, graph)


def _mark(stmt: Statement) -> str:
    """Words that keep a reading apart from what holds; empty for affirmed and actual."""
    return " ".join(
        part
        for part in (
            "" if stmt.status == "actual" else stmt.status,
            "not" if stmt.polarity == "-" else "",
        )
        if part
    )


def _ids(group: Iterable[Reading]) -> list[str]:
    return [reading.stmt.id for reading in group]


def missions(
    stmts: Iterable[Statement],
    published: Published | None = None,
    **period: Unpack[Period],
) -> View:
    """Who keeps a mission where: an edge from the sending to the receiving actor.

    From actual `has_mission_in` statements. `open`: the latest one affirms it. `since`: first day on which it
    is said to exist; `until`: day of the latest denial, None while open. `level`: embassy, consulate, office
    or mission, as the quotations call it. `reciprocated`: the other side keeps an open one here.
    Nodes: `n_out` and `n_in` count open missions sent and received.
    """
    import networkx as nx

    found = [
        reading
        for reading in readings(stmts, published, ["has_mission_in"], **period)
        if reading.stmt.status == "actual"
    ]
    graph = nx.DiGraph()
    _nodes(graph, found)
    groups: dict[tuple[str, str], list[Reading]] = {}
    for reading in found:
        groups.setdefault(_ends(reading.stmt), []).append(reading)
    is_open = {ends: group[-1].stmt.polarity == "+" for ends, group in groups.items()}
    nx.set_node_attributes(graph, 0, "n_out")
    nx.set_node_attributes(graph, 0, "n_in")
    rows: list[Row] = []
    for (source, target), group in sorted(groups.items()):
        affirmed = [r for r in group if r.stmt.polarity == "+"]
        current = is_open[source, target]
        row: Row = {
            "source": source,
            "target": target,
            "level": _level(affirmed or group),
            "open": current,
            "since": _iso(min(_known(r.first for r in affirmed), default=None)),
            "until": None if current else _iso(group[-1].first),
            "reciprocated": is_open.get((target, source), False),
            "n": len(group),
        }
        rows.append(row)
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(source, target, **data, statements=_ids(group))
        graph.nodes[source]["n_out"] += current
        graph.nodes[target]["n_in"] += current
    return View("missions", "Diplomatic missions", _window(period, len(found)), rows, graph)


def _level(group: Iterable[Reading]) -> str:
    words = [
        match[1].lower()
        for reading in group
        for evidence in reading.stmt.evidence
        for match in _LEVEL.finditer(evidence.quote)
    ]
    ranks = [_LEVELS.get(word, word) for word in words]
    return next((rank for rank in ("embassy", "consulate", "office") if rank in ranks), "mission")


def visits(
    stmts: Iterable[Statement],
    published: Published | None = None,
    **period: Unpack[Period],
) -> View:
    """Visits: actual `consult` statements whose words say that somebody travelled, from guest to host.

    The host is the end in which `place` lies, or towards whose place the words say that somebody went. Where
    neither is said, `host_known` is False and the direction means nothing. `person`: the guests named. One
    edge per statement, keyed by its id.
    """
    import networkx as nx

    from kg.actors import load_actors

    table = load_actors()
    found = [
        reading
        for reading in readings(stmts, published, ["consult"], **period)
        if reading.stmt.is_plain and any(_VISIT.search(e.quote) for e in reading.stmt.evidence)
    ]
    graph = nx.MultiDiGraph()
    _nodes(graph, found)
    rows: list[Row] = []
    for reading in found:
        stmt = reading.stmt
        host_code = _host(stmt, reading.first, table)
        swap = host_code == stmt.source
        guest, host = (stmt.target, stmt.source) if swap else (stmt.source, stmt.target)
        row: Row = {
            "source": guest,
            "target": host,
            "date": _iso(reading.first),
            "until": _iso(reading.last),
            "place": stmt.place,
            "person": "; ".join(stmt.target_agents if swap else stmt.source_agents) or None,
            "host_person": "; ".join(stmt.source_agents if swap else stmt.target_agents) or None,
            "host_known": host_code is not None,
            "statement": stmt.id,
        }
        rows.append(row)
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(guest, host, key=stmt.id, **data, statements=[stmt.id])
    return View("visits", "Visits", _window(period, len(rows)), rows, graph)


def _host(stmt: Statement, day: date | None, table: ActorTable) -> str | None:
    """Code of the end in which a visit takes place, if the place or the words tell."""
    ends = (stmt.source, stmt.target)
    where = table.resolve(stmt.place, day) if stmt.place else None
    if where is not None and where.code in ends:
        return where.code
    for evidence in stmt.evidence:
        for hit in table.find(evidence.quote):
            codes = {alias.code for alias in hit.aliases if alias.holds(day)} & set(ends)
            if len(codes) == 1 and _TOWARDS.search(evidence.quote[: hit.start]):
                return codes.pop()
    return None


def _in_force(name: str, title: str, relation: str, doc: str) -> Any:
    def view(
        stmts: Iterable[Statement],
        published: Published | None = None,
        **period: Unpack[Period],
    ) -> View:
        import networkx as nx

        found = [
            reading for reading in readings(stmts, published, [relation], **period) if reading.stmt.is_plain
        ]
        graph = nx.DiGraph()
        _nodes(graph, found)
        by_ends = sorted(found, key=lambda r: (_ends(r.stmt), r.order))
        rows: list[Row] = []
        for ends, items in groupby(by_ends, key=lambda r: _ends(r.stmt)):
            group = list(items)
            row: Row = {
                "source": ends[0],
                "target": ends[1],
                "since": _iso(min(_known(r.first for r in group), default=None)),
                "until": _iso(max(_known(r.last for r in group), default=None)),
                "n": len(group),
            }
            rows.append(row)
            data = {key: value for key, value in row.items() if key not in ("source", "target")}
            graph.add_edge(*ends, **data, statements=_ids(group))
        rows.sort(key=lambda row: (-row["n"], row["source"], row["target"]))
        return View(name, title, _window(period, len(found)), rows, graph)

    view.__name__ = view.__qualname__ = name
    view.__doc__ = doc
    return view


sanctions = _in_force(
    "sanctions", "Sanctions and cut ties", "sanction",
    "Who cut ties, imposed sanctions or expelled diplomats of whom: first and last day told, and how often.",
)  # fmt: skip
aid = _in_force(
    "aid",
    "Aid",
    "aid",
    "Who helped whom with money, goods, arms or refuge: first and last day told, how often.",
)
presence = _in_force(
    "presence", "Troops, bases and other state assets abroad", "present_in",
    "Who has forces, bases or territory where: first and last day told, and how often.",
)  # fmt: skip


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
            said.setdefault((*_ends(reading.stmt), reading.stmt.relation), []).append(reading)
    chosen: list[tuple[Reading, str]] = []
    for reading in found:
        stmt = reading.stmt
        if stmt.status == "alleged":
            chosen.append((reading, "alleged"))
        elif stmt.status == "actual" and any(
            _contradict(reading, other) for other in said[*_ends(stmt), stmt.relation]
        ):
            chosen.append((reading, "affirmed" if stmt.polarity == "+" else "denied"))
    graph = nx.MultiDiGraph()
    _nodes(graph, [reading for reading, _ in chosen])
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
            "date": _iso(reading.first),
            "speaker": stmt.speaker,
            "denied_by": " ".join(deniers) or None,
            "document": stmt.document,
            "statement": stmt.id,
        }
        rows.append(row)
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(stmt.source, stmt.target, key=stmt.id, **data, statements=[stmt.id])
    return View("disputed", "Disputed claims", _window(period, len(rows)), rows, graph)

"""Views of single readings, not sums: states of affairs, missions, visits, deeds in force, disputed claims.

Each edge says since and until when it is known to hold, and who says so. Denied, alleged and planned
readings are edges of their own, never mixed into what holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from kg.errors import InputError
from kg.model import Statement
from kg.ontology import load_ontology
from kg.views import words as word_lists
from kg.views.selection import Ends, allowed, name_of
from kg.views.table import Published
from kg.views.view import Row, View

if TYPE_CHECKING:
    import networkx as nx

    from kg.actors import ActorTable


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


def ends_of(stmt: Statement) -> tuple[str, str]:
    """Source and target, in alphabetical order where the relation has no direction."""
    if load_ontology().relations[stmt.relation].symmetric and stmt.source > stmt.target:
        return stmt.target, stmt.source
    return stmt.source, stmt.target


def iso(day: date | None) -> str | None:
    """A day as text; None for none."""
    return day.isoformat() if day else None


def known(days: Iterable[date | None]) -> list[date]:
    """The days that are known, in order."""
    return sorted(day for day in days if day)


def add_nodes(graph: nx.Graph, found: Iterable[Reading]) -> None:
    """The actors of readings as nodes, in alphabetical order."""
    for code in sorted({code for reading in found for code in (reading.stmt.source, reading.stmt.target)}):
        graph.add_node(code, iso3=code, name=name_of(code))


def period_of(period: Period, count: int) -> dict[str, Any]:
    """What was counted, as views report it."""
    end = period.get("until") or period.get("at")
    return {"since": iso(period.get("since")), "until": iso(end), "statements": count}


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
    add_nodes(graph, found)
    groups: dict[tuple[str, str, str, str], list[Reading]] = {}
    latest: dict[tuple[str, str, str], str] = {}
    for reading in found:
        stmt, key = reading.stmt, ends_of(reading.stmt)
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
            "since": iso(min(known(r.first for r in group), default=None)),
            "until": iso(max(known(r.last for r in group), default=None)),
            "holds": stmt.status == "actual" and latest[source, target, relation] == stmt.polarity,
            "speaker": _speakers(group),
            "n": len(group),
        }
        rows.append(row)
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(source, target, key=f"{mark} {relation}".strip(), **data, statements=ids(group))
    return View("states", "States of affairs", period_of(period, len(found)), rows, graph)


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


def ids(group: Iterable[Reading]) -> list[str]:
    """Ids of the statements of readings."""
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
    add_nodes(graph, found)
    groups: dict[tuple[str, str], list[Reading]] = {}
    for reading in found:
        groups.setdefault(ends_of(reading.stmt), []).append(reading)
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
            "since": iso(min(known(r.first for r in affirmed), default=None)),
            "until": None if current else iso(group[-1].first),
            "reciprocated": is_open.get((target, source), False),
            "n": len(group),
        }
        rows.append(row)
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(source, target, **data, statements=ids(group))
        graph.nodes[source]["n_out"] += current
        graph.nodes[target]["n_in"] += current
    return View("missions", "Diplomatic missions", period_of(period, len(found)), rows, graph)


def _level(group: Iterable[Reading]) -> str:
    quotes = [evidence.quote for reading in group for evidence in reading.stmt.evidence]
    for level, words in word_lists.missions():
        if any(words.search(quote) for quote in quotes):
            return level
    return "mission"


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
        if reading.stmt.is_plain and any(word_lists.visit().search(e.quote) for e in reading.stmt.evidence)
    ]
    graph = nx.MultiDiGraph()
    add_nodes(graph, found)
    rows: list[Row] = []
    for reading in found:
        stmt = reading.stmt
        host_code = _host(stmt, reading.first, table)
        swap = host_code == stmt.source
        guest, host = (stmt.target, stmt.source) if swap else (stmt.source, stmt.target)
        row: Row = {
            "source": guest,
            "target": host,
            "date": iso(reading.first),
            "until": iso(reading.last),
            "place": stmt.place,
            "person": "; ".join(stmt.target_agents if swap else stmt.source_agents) or None,
            "host_person": "; ".join(stmt.source_agents if swap else stmt.target_agents) or None,
            "host_known": host_code is not None,
            "statement": stmt.id,
        }
        rows.append(row)
        data = {key: value for key, value in row.items() if key not in ("source", "target")}
        graph.add_edge(guest, host, key=stmt.id, **data, statements=[stmt.id])
    return View("visits", "Visits", period_of(period, len(rows)), rows, graph)


def _host(stmt: Statement, day: date | None, table: ActorTable) -> str | None:
    """Code of the end in which a visit takes place, if the place or the words tell."""
    ends = (stmt.source, stmt.target)
    where = table.resolve(stmt.place, day) if stmt.place else None
    if where is not None and where.code in ends:
        return where.code
    for evidence in stmt.evidence:
        for hit in table.find(evidence.quote):
            codes = {alias.code for alias in hit.aliases if alias.holds(day)} & set(ends)
            if len(codes) == 1 and word_lists.towards().search(evidence.quote[: hit.start]):
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
        add_nodes(graph, found)
        by_ends = sorted(found, key=lambda r: (ends_of(r.stmt), r.order))
        rows: list[Row] = []
        for ends, items in groupby(by_ends, key=lambda r: ends_of(r.stmt)):
            group = list(items)
            row: Row = {
                "source": ends[0],
                "target": ends[1],
                "since": iso(min(known(r.first for r in group), default=None)),
                "until": iso(max(known(r.last for r in group), default=None)),
                "n": len(group),
            }
            rows.append(row)
            data = {key: value for key, value in row.items() if key not in ("source", "target")}
            graph.add_edge(*ends, **data, statements=ids(group))
        rows.sort(key=lambda row: (-row["n"], row["source"], row["target"]))
        return View(name, title, period_of(period, len(found)), rows, graph)

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

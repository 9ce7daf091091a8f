"""A store in, what the pages need of it out: who says what about whom, by pair, actor and document.

The index holds one short row for each statement; sentences and texts stay in the store and are read when a
page shows them. An index belongs to one state of the store and never changes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.actors import load_actors
from kg.model import Document, Evidence, Polarity, Precision, Span, Statement, Status, When
from kg.ontology import ACT, ID, KG, REL, load_ontology
from kg.rdf import Properties, by_subject, iri, read_document, read_statements
from kg.store import Graph
from kg.views import Table, View, make_view
from kg.views.table import DENIED, UNDATED

Pair = tuple[str, str]
"""Two codes in alphabetical order."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document without its text. `key` is the last part of its IRI."""

    key: str
    id: str
    title: str
    publisher: str | None
    url: str | None
    published: date | None

    @property
    def path(self) -> str:
        """Where its page lies."""
        return f"/id/doc/{self.key}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement without its sentences. `day`: its first day, or that of publication, or None."""

    id: str
    source: str
    relation: str
    target: str
    polarity: Polarity
    status: Status
    confidence: float
    when: When | None
    paper: Paper
    speaker: str | None = None

    @property
    def day(self) -> date | None:
        """The first day told; the day of publication where the text gives none."""
        return self.when.start if self.when else self.paper.published

    @property
    def bare(self) -> Statement:
        """The statement with evidence that has no words, for views that count and do not quote."""
        evidence = Evidence(self.paper.id, Span(0, 0), "", "", "", "")
        said = (self.source, self.relation, self.target, self.polarity, self.status, self.when)
        return Statement(*said, speaker=self.speaker, confidence=self.confidence, evidence=(evidence,))

    @property
    def pair(self) -> Pair:
        """Both ends."""
        return pair_of(self.source, self.target)


def pair_of(a: str, b: str) -> Pair:
    """Two codes in alphabetical order."""
    return (a, b) if a < b else (b, a)


_PAPERS = """SELECT ?d ?id ?title ?publisher ?url ?published { GRAPH ?g { ?d a kg:Document ; kg:identifier ?id
OPTIONAL { ?d kg:title ?title } OPTIONAL { ?d kg:publisher ?publisher } OPTIONAL { ?d kg:url ?url }
OPTIONAL { ?d kg:published ?published } } }"""

_CLAIMS = """SELECT ?g ?s ?source ?relation ?target ?polarity ?status ?sure ?begin ?end ?precision {
GRAPH ?g { ?s kg:source ?source ; kg:relation ?relation ; kg:target ?target ; kg:polarity ?polarity ;
kg:status ?status ; kg:confidence ?sure
OPTIONAL { ?s kg:beginDate ?begin ; kg:endDate ?end ; kg:datePrecision ?precision } } }"""

_SPEAKERS = "SELECT ?s ?speaker { GRAPH ?g { ?s kg:speaker ?speaker } }"

_POLARITY: Mapping[str, Polarity] = {"Affirmed": "+", "Negated": "-"}
_STATUS: Mapping[str, tuple[Status, int]] = {
    "Actual": ("actual", 0),
    "Alleged": ("alleged", 1),
    "Intended": ("intended", 2),
    "Requested": ("requested", 3),
}


@dataclass(frozen=True)
class Index:
    """One state of a store. `version` names it; pages made of it can be kept under that name."""

    place: Path
    version: str
    graph: Graph
    papers: Mapping[str, Paper]
    claims: Mapping[str, Claim]
    _made: dict[Any, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, place: Path, version: str) -> Index:
        """Open a store and read its statements; `InputError` when it cannot be opened."""
        graph = Graph.open(place, read_only=True)
        prefixes = {"kg": KG.base}
        papers: dict[str, Paper] = {}
        for node, name, title, publisher, url, published in _rows(graph, _PAPERS, prefixes):
            key = node.removeprefix(f"{ID.base}doc/")
            day = date.fromisoformat(published) if published else None
            papers[key] = Paper(key, name, title or name, publisher, url, day)
        days: dict[tuple[str, str, str], When] = {}
        speakers = {node: ACT.local(actor) for node, actor in _rows(graph, _SPEAKERS, prefixes)}
        claims: dict[str, Claim] = {}
        for row in _rows(graph, _CLAIMS, prefixes):
            home, node, source, relation, target, polarity, status, sure, begin, end, precision = row
            paper = papers.get(home.removeprefix(f"{ID.base}graph/doc-"))
            ends = ACT.local(source), ACT.local(target)
            polarity, status = polarity.removeprefix(KG.base), status.removeprefix(KG.base)
            if not (paper and ends[0] and ends[1] and polarity in _POLARITY and status in _STATUS):
                continue  # `kg check` tells about such nodes
            when = days.get((begin, end, precision))
            if when is None and begin:
                when = days[begin, end, precision] = _when(begin, end, precision)
            name = node.removeprefix(f"{ID.base}stmt/")
            relation = relation.removeprefix(REL.base)
            said = name, ends[0], relation, ends[1], _POLARITY[polarity], _STATUS[status][0]
            claims[name] = Claim(*said, float(sure), when, paper, speakers.get(node))
        return cls(place, version, graph, papers, claims)

    # --- Who and what ---------------------------------------------------------------------------------------

    @cached_property
    def by_pair(self) -> Mapping[Pair, Sequence[Claim]]:
        """Statements of each pair, latest first."""
        return _grouped(self.claims.values(), lambda claim: (claim.pair,))

    @cached_property
    def by_actor(self) -> Mapping[str, Sequence[Claim]]:
        """Statements with each actor, latest first."""
        return _grouped(self.claims.values(), lambda claim: (claim.source, claim.target))

    @cached_property
    def by_paper(self) -> Mapping[str, Sequence[Claim]]:
        """Statements of each document."""
        return _grouped(self.claims.values(), lambda claim: (claim.paper.key,))

    @cached_property
    def newest(self) -> Sequence[Paper]:
        """Documents, latest first."""
        ordered = sorted(self.papers.values(), key=lambda paper: paper.id)
        return sorted(ordered, key=lambda paper: paper.published or date.min, reverse=True)

    @cached_property
    def busiest(self) -> Sequence[tuple[Pair, int]]:
        """Pairs with the number of their statements, most first."""
        counts = ((pair, len(claims)) for pair, claims in self.by_pair.items())
        return sorted(counts, key=lambda item: (-item[1], item[0]))

    @cached_property
    def span(self) -> tuple[date, date] | None:
        """First and last day of publication."""
        days = [paper.published for paper in self.papers.values() if paper.published]
        return (min(days), max(days)) if days else None

    # --- Numbers --------------------------------------------------------------------------------------------

    @cached_property
    def table(self) -> Table:
        """The acts, as views add them up."""
        events = {relation.name for relation in load_ontology().events}
        chosen = [claim for claim in self.claims.values() if claim.relation in events]
        first = self.span
        return Table.from_columns(
            [claim.source for claim in chosen],
            [claim.target for claim in chosen],
            [claim.relation for claim in chosen],
            [_day(claim) for claim in chosen],
            [DENIED if claim.polarity == "-" else _NUMBER[claim.status] for claim in chosen],
            [claim.id for claim in chosen],
            first_published=first[0] if first else None,
        )

    @cached_property
    def states(self) -> View:
        """Both axes of all pairs of states: `kg view alignment`."""
        return make_view("alignment", self.table, {})

    @cached_property
    def everybody(self) -> View:
        """The same for all pairs of actors: `kg view alignment --actors all`."""
        return make_view("alignment", self.table, {}, actors="all")

    @cached_property
    def levels(self) -> Mapping[Pair, Mapping[str, Any]]:
        """Both axes by pair: of pairs of states as among states, of others as among all actors."""
        kinds = load_actors()
        all_states = all(kinds.kind(code) == "state" for code in self.table.actors)
        rows = [] if all_states else self.everybody.rows
        found = {pair_of(row["source"], row["target"]): row for row in rows}
        return found | {pair_of(row["source"], row["target"]): row for row in self.states.rows}

    @cached_property
    def top(self) -> float:
        """The level at which bars end: a whole number that no interval of this graph exceeds."""
        ends = ("tension_hi", "engagement_hi")
        return float(
            max(1, math.ceil(max((row[end] for row in self.levels.values() for end in ends), default=1)))
        )

    @cached_property
    def partners(self) -> Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]:
        """The others with whom each actor has acts, with the row of the pair; most acts first."""
        found: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
        for (a, b), row in self.levels.items():
            found[a].append((b, row))
            found[b].append((a, row))
        for others in found.values():
            others.sort(key=lambda item: (-item[1]["n"], item[0]))
        return found

    def timeline(self, pair: Pair) -> View:
        """Both axes of a pair week by week; `InputError` when it has no act."""
        return make_view("timeline", self.table, {}, pair=pair)

    def prepare(self) -> None:
        """Work out what every page needs, so that the first reader need not wait."""
        _ = self.by_pair, self.by_actor, self.by_paper, self.newest, self.busiest, self.partners

    # --- Sentences ------------------------------------------------------------------------------------------

    def statements(self, claims: Iterable[Claim]) -> list[Statement]:
        """The whole statements with their evidence, in the order given."""
        return [self._statement(claim) for claim in claims]

    def _statement(self, claim: Claim) -> Statement:
        store, node = self.graph.store, iri(ID[f"stmt/{claim.id}"])
        quads = list(store.quads_for_pattern(node, None, None, None))
        passages = [quad.object for quad in quads if quad.predicate.value == KG.evidence]
        for passage in passages:
            if isinstance(passage, ox.NamedNode):
                quads += store.quads_for_pattern(passage, None, None, None)
        nodes: Mapping[str, Properties] = by_subject(quads)
        return read_statements(nodes, claim.paper.id)[0]

    def document(self, paper: Paper) -> Document:
        """The document with its text, which is empty where texts are not kept."""
        node = iri(ID[f"doc/{paper.key}"])
        return read_document(by_subject(self.graph.store.quads_for_pattern(node, None, None, None)))

    def about(self, node: str) -> list[ox.Triple]:
        """Everything that the store says of a node, and of the evidence that belongs to it; sorted."""
        store = self.graph.store
        quads = list(store.quads_for_pattern(iri(node), None, None, None))
        for quad in list(quads):
            if quad.predicate.value == KG.evidence and isinstance(quad.object, ox.NamedNode):
                quads += store.quads_for_pattern(quad.object, None, None, None)
        return sorted({quad.triple for quad in quads}, key=str)

    def kept(self, key: Any, make: Any) -> Any:
        """The value of `make()`, kept for this state of the store; the oldest go when there are many."""
        try:
            return self._made[key]
        except KeyError:
            value = make()
        if len(self._made) >= _KEPT:
            for old in list(self._made)[: _KEPT // 4]:
                self._made.pop(old, None)
        self._made[key] = value
        return value


_KEPT = 1000
_NUMBER = dict(_STATUS.values())


def _rows(graph: Graph, query: str, prefixes: Mapping[str, str]) -> Iterable[list[Any]]:
    found = graph.store.query(query, prefixes=dict(prefixes))
    assert isinstance(found, ox.QuerySolutions)
    for row in found:
        yield [term.value if term is not None else None for term in row]


def _when(begin: str, end: str, precision: str) -> When:
    units: Mapping[str, Precision] = {"day": "day", "month": "month", "year": "year"}
    return When(date.fromisoformat(begin), date.fromisoformat(end), units[precision])


def _day(claim: Claim) -> int:
    """The day of an act as `kg.views.Table` counts it: the middle of its interval, not after the report."""
    published = claim.paper.published
    if claim.when is None:
        return published.toordinal() if published else UNDATED
    first = claim.when.start.toordinal()
    middle = first + (claim.when.end.toordinal() - first) // 2
    return min(middle, published.toordinal()) if published else middle


def _grouped(claims: Iterable[Claim], keys: Any) -> dict[Any, list[Claim]]:
    found: dict[Any, list[Claim]] = defaultdict(list)
    ordered = sorted(claims, key=lambda claim: claim.id)
    for claim in sorted(ordered, key=lambda claim: claim.day or date.min, reverse=True):
        for key in keys(claim):
            found[key].append(claim)
    return dict(found)

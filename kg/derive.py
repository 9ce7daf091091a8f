"""What follows from the graphs of the documents: plain triples, facts about the actors, descriptions of runs.

Several documents may share such a triple. So a change of one document asks two things: what follows from it
(`shared`), and whether that follows from another document as well (`elsewhere`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pyoxigraph as ox
from pyoxigraph import NamedNode, Quad

from kg.actors import ActorTable, load_actors
from kg.ontology import KG, load_ontology
from kg.rdf import ASSERTED, META, REFERENCE, TYPE, by_subject, iri, value
from kg.reference import dated, facts

_PARTS = ("source", "relation", "target", "polarity", "status", "confidence")
_CLAIM = "?s " + " ; ".join(f"kg:{part} ?{part}" for part in _PARTS)
_COLUMNS = " ".join(f"?{part}" for part in _PARTS)
_ACTORS = ("source", "target", "speaker")


def plain(
    source: str, relation: str, target: str, polarity: str, status: str, confidence: str, threshold: float
) -> list[Quad]:
    """The plain triples of one statement, given by IRIs and a number. No other rule makes plain triples.

    A statement that is affirmed, actual and at least as sure as `threshold` gives `source relation target`,
    and for a symmetric relation `target relation source` as well; any other statement gives nothing.
    """
    if polarity != KG.Affirmed or status != KG.Actual or float(confidence) < threshold:
        return []
    return [
        Quad(iri(one), iri(relation), iri(other), ASSERTED) for one, other in _ways(source, relation, target)
    ]


def all_plain(store: ox.Store, threshold: float) -> set[Quad]:
    """The plain triples of all statements in the store."""
    return set(_plain_where(store, _CLAIM, threshold))


def shared(store: ox.Store, own: set[Quad], threshold: float, table: ActorTable | None = None) -> set[Quad]:
    """All that follows from the triples of one document; facts that the store has already stay so.

    Facts about actors are those of `table`, by default the shipped one. Of an actor that the store knows only
    the actor's own triples are given: its dated facts come and go with them (`with_dated`).
    """
    found: set[Quad] = set()
    nodes = by_subject(quad for quad in own if quad.graph_name != META)
    for said in nodes.values():
        if KG.relation in said:
            source, relation, target, polarity, status, confidence = (said[KG[part]][0] for part in _PARTS)
            found.update(plain(source, relation, target, polarity, status, confidence, threshold))
    actors = {node for said in nodes.values() for part in _ACTORS for node in said.get(KG[part], ())}
    for node in actors:
        known = set(store.quads_for_pattern(iri(node), None, None, REFERENCE))
        found |= known or facts(node.rpartition("/")[2], table or load_actors())
    for quad in own:
        if quad.graph_name == META:
            found.update(store.quads_for_pattern(iri(value(quad.object)), None, None, META))
    return found


def elsewhere(store: ox.Store, quad: Quad, graph: NamedNode, threshold: float) -> bool:
    """Whether a shared triple follows from a document other than the one with the named graph `graph`."""
    if quad.graph_name == ASSERTED:
        ways = _ways(value(quad.subject), quad.predicate.value, value(quad.object))
        values = " ".join(f"(<{source}> {quad.predicate} <{target}>)" for source, target in ways)
        claim = (
            f"VALUES (?source ?relation ?target) {{ {values} }} GRAPH ?g {{ {_CLAIM} }} FILTER(?g != {graph})"
        )
        return any(_plain_where(store, claim, threshold))
    node = quad.subject
    assert isinstance(node, NamedNode)
    if quad.graph_name == REFERENCE:
        derived = {ASSERTED, REFERENCE, META, graph}
        return any(use.graph_name not in derived for use in store.quads_for_pattern(None, None, node))
    return any(use.subject != graph for use in store.quads_for_pattern(None, iri(KG.run), node, META))


def with_dated(store: ox.Store, gone: set[Quad]) -> set[Quad]:
    """Triples to be taken out, with the dated facts of every actor that goes."""
    found = set(gone)
    for quad in gone:
        if quad.graph_name == REFERENCE and quad.predicate == TYPE and isinstance(quad.subject, NamedNode):
            found.update(dated(store, quad.subject))
    return found


def _plain_where(store: ox.Store, pattern: str, threshold: float) -> Iterator[Quad]:
    claims = store.query(
        f"SELECT {_COLUMNS} {{ {pattern} }}", prefixes={"kg": KG.base}, use_default_graph_as_union=True
    )
    assert isinstance(claims, ox.QuerySolutions)
    for row in claims:
        source, relation, target, polarity, status, confidence = (value(term) for term in row)
        yield from plain(source, relation, target, polarity, status, confidence, threshold)


def _ways(source: str, relation: str, target: str) -> set[tuple[str, str]]:
    """The directions in which a relation holds."""
    return {(source, target), (target, source)} if relation in _symmetric() else {(source, target)}


@lru_cache(maxsize=1)
def _symmetric() -> frozenset[str]:
    return frozenset(relation.iri for relation in load_ontology().relations.values() if relation.symmetric)

"""What the actor tables say of one actor, as triples: the facts that the graph `reference` holds.

A code comes in, triples come out: class, names, identifiers and days of the actor, and a node for each dated
fact about it (a term of office, a membership, a former state that it stands for). Each such node points to
its one actor, so that it comes and goes with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.actors import ActorTable, load_actors
from kg.model import ActorKind, content_id
from kg.ontology import DCTERMS, ID, KG, OWL, RDFS, SKOS, XSD
from kg.rdf import REFERENCE, TYPE, actor_iri, iri, within
from kg.roster import FIRST, LAST, Facts, Former, Membership, Term

_CLASSES: Mapping[ActorKind, str] = {
    "state": "State",
    "organisation": "Organisation",
    "armed_group": "ArmedGroup",
    "collective": "Collective",
}
_UNNAMED = {"REB": "rebels", "OPP": "opposition"}
_OWNERS = tuple(iri(KG[name]) for name in ("actor", "member", "successor"))
"""The properties by which a dated fact points to the actor to which it belongs."""


@lru_cache(maxsize=4096)
def facts(code: str, table: ActorTable) -> frozenset[Quad]:
    """Everything that the graph `reference` holds about an actor."""
    return frozenset(within(REFERENCE, triple) for triple in actor_triples(code, table))


def dated(store: ox.Store, actor: NamedNode) -> Iterator[Quad]:
    """The triples of all dated facts in a store that belong to an actor."""
    for owner in _OWNERS:
        for quad in store.quads_for_pattern(None, owner, actor, REFERENCE):
            yield from store.quads_for_pattern(quad.subject, None, None, REFERENCE)


def actor_triples(code: str, table: ActorTable | None = None) -> Iterator[Triple]:
    """The facts about an actor: class, names, code, identifiers, days, and its dated facts.

    A code that the tables do not have, such as that of unnamed rebels, still has class and name. Days that a
    table gives by year or month only are the first and the last day that they can mean.
    """
    table = table or load_actors()
    node, actor = actor_iri(code), table.actors.get(code)
    yield Triple(node, TYPE, iri(KG[_CLASSES[table.kind(code)]]))
    yield Triple(node, iri(KG.code), Literal(code))
    yield Triple(node, iri(RDFS.label), Literal(actor.name if actor else _unnamed(code, table)))
    if actor is None:
        return
    for label in actor.labels:
        yield Triple(node, iri(SKOS.altLabel), Literal(label))
    if actor.wikidata:
        yield Triple(node, iri(OWL.sameAs), iri(f"http://www.wikidata.org/entity/{actor.wikidata}"))
    if actor.geonames:
        yield Triple(node, iri(OWL.sameAs), iri(f"https://sws.geonames.org/{actor.geonames}/"))
    for scheme, identifier in (("iso2", actor.iso2), ("cow", actor.cow)):
        if identifier:
            yield Triple(node, iri(DCTERMS.identifier), Literal(f"{scheme}:{identifier}"))
    if actor.home:
        yield Triple(node, iri(KG.home), Literal(actor.home))
    yield from _days(node, actor.since or FIRST, actor.until or LAST)
    own = _by_actor(table).get(code, Facts())
    for term in own.terms:
        here = _node("term", code, term.role, term.name, term.since, term.until)
        yield Triple(here, TYPE, iri(KG.Term))
        yield Triple(here, iri(KG.actor), node)
        yield Triple(here, iri(RDFS.label), Literal(term.name))
        yield Triple(here, iri(KG.office), Literal(term.role))
        yield from _days(here, term.since, term.until)
    for membership in own.memberships:
        organisation = table.actors[membership.code]
        here = _node("membership", code, membership.code, membership.since, membership.until)
        yield Triple(here, TYPE, iri(KG.Membership))
        yield Triple(here, iri(KG.member), node)
        yield Triple(here, iri(KG.organisation), actor_iri(membership.code))
        yield Triple(here, iri(RDFS.label), Literal(organisation.name))
        yield from _days(here, membership.since, membership.until)
    for former in own.formers:
        here = _node("former", code, former.name, former.since, former.until)
        yield Triple(here, TYPE, iri(KG.FormerState))
        yield Triple(here, iri(KG.successor), node)
        yield Triple(here, iri(RDFS.label), Literal(former.name))
        for label in former.labels:
            yield Triple(here, iri(SKOS.altLabel), Literal(label))
        yield from _days(here, former.since, former.until)


@lru_cache(maxsize=4)
def _by_actor(table: ActorTable) -> Mapping[str, Facts]:
    """The dated facts of each actor; a membership is the member's."""
    terms: dict[str, list[Term]] = defaultdict(list)
    memberships: dict[str, list[Membership]] = defaultdict(list)
    formers: dict[str, list[Former]] = defaultdict(list)
    for term in table.facts.terms:
        terms[term.code].append(term)
    for membership in table.facts.memberships:
        memberships[membership.member].append(membership)
    for former in table.facts.formers:
        formers[former.code].append(former)
    return {
        code: Facts(tuple(terms[code]), tuple(memberships[code]), tuple(formers[code]))
        for code in {*terms, *memberships, *formers}
    }


def _node(kind: str, code: str, *parts: str | date) -> NamedNode:
    return iri(ID[f"{kind}/{code}-{content_id(*map(str, parts))}"])


def _days(node: NamedNode, since: date, until: date) -> Iterator[Triple]:
    for predicate, day, open_ in ((KG.validFrom, since, FIRST), (KG.validTo, until, LAST)):
        if day != open_:
            yield Triple(node, iri(predicate), Literal(day.isoformat(), datatype=iri(XSD.date)))


def _unnamed(code: str, table: ActorTable) -> str:
    """A readable name of an actor without a row: "Iraq: rebels" for `IRQ-REB`."""
    home, _, kind = code.rpartition("-")
    state = table.actors.get(home)
    return f"{state.name}: {_UNNAMED[kind]}" if state and kind in _UNNAMED else code

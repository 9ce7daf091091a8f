"""What the IRIs of a graph stand for: actors, relations, statements, documents; as page or RDF by Accept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from kg.model import Statement
from kg.ontology import ACT, ID, KG, REL, load_ontology, read_turtle
from kg.rdf import iri
from kg.resources import resource
from kg.serve import words
from kg.serve.accept import GRAPHS, HTML, NAMES, choose
from kg.serve.draw import land, spots
from kg.serve.index import Claim, Index
from kg.serve.protocol import respond, triples_as
from kg.serve.render import kept
from kg.serve.state import current
from kg.serve.worker import Reply, refusal
from kg.views import make_view

router = APIRouter(include_in_schema=False)

Current = Annotated[Index, Depends(current)]
SHOWN = 25
"""Statements on one page."""


def _either(
    request: Request,
    index: Index,
    template: str,
    make: Callable[[], Any],
    triples: Callable[[], Iterable[Any]],
) -> Response:
    """The page, or the triples in the form that is wanted."""
    named = NAMES.get(request.query_params.get("format", ""))
    kind = choose(named or request.headers.get("accept"), [HTML, *GRAPHS])
    if kind == HTML:
        return kept(request, template, index, make)
    if kind is None:
        return respond(refusal(406, f"this comes as one of {HTML}, {', '.join(GRAPHS)}"))
    return respond(Reply(200, kind, triples_as(triples(), kind)))


def several(index: Index, claims: Iterable[Claim]) -> list[tuple[Claim, Statement]]:
    """Statements with their sentences."""
    chosen = list(claims)
    return list(zip(chosen, index.statements(chosen), strict=True))


@router.get("/actor/{code}")
def actor(request: Request, code: str, index: Current) -> Response:
    """A country, an organisation or another actor."""
    if code not in index.by_actor:
        raise HTTPException(404, f"{code!r} is no actor of this graph; try the search")
    claims = index.by_actor[code]

    def context() -> dict[str, Any]:
        partners = index.partners.get(code, ())
        counted = Counter(other for claim in claims for other in claim.pair if other != code)
        known = {other for other, _ in partners}
        sent, received = _missions(index, code, claims)
        return {
            "code": code,
            "partners": partners,
            "quiet": [(other, n) for other, n in counted.most_common() if other not in known],
            "sent": sent,
            "received": received,
            "land": land(),
            "spots": spots(partners, index.top),
            "latest": several(index, claims[:8]),
            "total": len(claims),
        }

    def triples() -> Iterable[ox.Triple]:
        node = iri(ACT[code])
        yield from index.about(ACT[code])
        for quad in index.graph.store.quads_for_pattern(None, None, node, iri(ID["graph/asserted"])):
            yield quad.triple

    return _either(request, index, "actor.html", context, triples)


def _missions(index: Index, code: str, claims: Iterable[Claim]) -> tuple[list[Any], list[Any]]:
    """Missions that an actor keeps, and those of others with it, as the view tells them."""
    told = index.statements(claim for claim in claims if claim.relation == "has_mission_in")
    published = {claim.paper.id: claim.paper.published for claim in claims}
    rows = make_view("missions", told, published).rows
    return [row for row in rows if row["source"] == code], [row for row in rows if row["target"] == code]


@router.get("/relation/{name}")
def relation(request: Request, name: str, index: Current) -> Response:
    """A relation: what it means, and who stands in it."""
    found = load_ontology().relations.get(name)
    if found is None:
        raise HTTPException(404, f"{name!r} is no relation; the help page lists them")

    def context() -> dict[str, Any]:
        claims = [claim for claim in index.claims.values() if claim.relation == name]
        claims.sort(key=lambda claim: (str(claim.day or ""), claim.id), reverse=True)
        return {
            "relation": found,
            "total": len(claims),
            "pairs": Counter(claim.pair for claim in claims).most_common(15),
            "statuses": Counter("denied" if claim.polarity == "-" else claim.status for claim in claims),
            "latest": several(index, claims[:10]),
        }

    def triples() -> Iterable[ox.Triple]:
        file = read_turtle(resource("ontologies", "relations.ttl"))
        return sorted((t for t in file if t.subject == iri(REL[name])), key=str)

    return _either(request, index, "relation.html", context, triples)


@router.get("/id/stmt/{name}")
def statement(request: Request, name: str, index: Current) -> Response:
    """One statement, with everything known about it."""
    claim = index.claims.get(name)
    if claim is None:
        raise HTTPException(404, f"{name!r} is the id of no statement in this graph")
    node = ID[f"stmt/{name}"]

    def context() -> dict[str, Any]:
        stmt = index.statements([claim])[0]
        plain = stmt.is_plain and stmt.confidence >= index.graph.threshold
        return {
            "claim": claim,
            "stmt": stmt,
            "node": node,
            "plain": plain,
            "threshold": index.graph.threshold,
        }

    return _either(request, index, "statement.html", context, lambda: index.about(node))


@router.get("/id/ev/{name}")
def evidence(name: str, index: Current) -> Response:
    """A piece of evidence stands on the page of its statement."""
    try:
        node = iri(ID[f"ev/{name}"])
    except ValueError:
        raise HTTPException(404, f"{name!r} is no evidence of this graph") from None
    for quad in index.graph.store.quads_for_pattern(None, iri(KG.evidence), node, None):
        if isinstance(quad.subject, ox.NamedNode):
            return RedirectResponse(f"/id/{ID.local(quad.subject.value)}", 303)
    raise HTTPException(404, f"{name!r} is no evidence of this graph")


@router.get("/id/doc/{key}")
def document(request: Request, key: str, index: Current) -> Response:
    """A document: its text with names and statements marked."""
    paper = index.papers.get(key)
    if paper is None:
        raise HTTPException(404, f"{key!r} is no document of this graph")
    graph = iri(ID[f"graph/doc-{key}"])

    def context() -> dict[str, Any]:
        claims = index.by_paper.get(key, ())
        held = index.document(paper)
        return {
            "paper": paper,
            "reading": words.read(held, index.statements(claims)),
            "text": bool(held.text),
        }

    def triples() -> Iterable[ox.Triple]:
        quads = index.graph.store.quads_for_pattern(None, None, None, graph)
        return sorted((quad.triple for quad in quads), key=str)

    return _either(request, index, "document.html", context, triples)


@router.get("/ontology")
def ontology(request: Request, index: Current) -> Response:
    """The classes and properties, as RDF; for readers the page that explains them."""
    kind = choose(request.headers.get("accept"), [*GRAPHS, HTML])
    if kind == HTML or kind is None:
        return RedirectResponse("/help#relations", 303)
    files = (resource("ontologies", name) for name in ("diplomacy.ttl", "relations.ttl"))
    triples = [triple for file in files for triple in read_turtle(file)]
    return respond(Reply(200, kind, triples_as(triples, kind)))

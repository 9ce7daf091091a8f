"""The JSON API: what the pages show, for programs. Its description is at `/openapi.json`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kg.errors import InputError, KgError
from kg.explain import COLUMNS, Entry, code_of
from kg.queries import fill, named_queries
from kg.serve.find import actors_like, papers_like
from kg.serve.index import Claim, Index, Paper, pair_of
from kg.serve.protocol import respond
from kg.serve.render import called, kind_of
from kg.serve.state import current, state_of
from kg.views import VIEWS, view_options

_WRONG: dict[int | str, dict[str, Any]] = {
    status: {
        "description": told,
        "content": {
            "application/json": {"schema": {"type": "object", "properties": {"detail": {"type": "string"}}}}
        },
    }
    for status, told in {
        400: "What was asked for makes no sense; `detail` says why.",
        404: "The graph has no such thing.",
        422: "A parameter is malformed, or the answer would take too much time or memory.",
        503: "Too much is being asked at the moment; try again.",
    }.items()
}

router = APIRouter(prefix="/api", tags=["graph"], responses=_WRONG)

Current = Annotated[Index, Depends(current)]
Actor = Annotated[str, Path(max_length=80, description="Code or name of an actor, such as IND or India")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most rows")]
Start = Annotated[int, Query(ge=0, le=10_000_000, description="Rows to pass over")]
Day = Annotated[date | None, Query()]


def _code(text: str, index: Index) -> str:
    try:
        code = code_of(text)
    except InputError as exc:
        raise HTTPException(404, str(exc)) from exc
    if code not in index.by_actor:
        raise HTTPException(404, f"{text!r} is no actor of this graph")
    return code


def _actor(code: str) -> dict[str, Any]:
    return {"code": code, "name": called(code), "kind": kind_of(code), "path": f"/actor/{code}"}


def _paper(paper: Paper) -> dict[str, Any]:
    published = paper.published.isoformat() if paper.published else None
    told = {"id": paper.id, "title": paper.title, "publisher": paper.publisher, "url": paper.url}
    return {**told, "published": published, "path": paper.path}


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "id": claim.id,
        "source": claim.source,
        "relation": claim.relation,
        "target": claim.target,
        "polarity": claim.polarity,
        "status": claim.status,
        "confidence": round(claim.confidence, 3),
        "date": claim.when.first if claim.when else None,
        "date_end": claim.when.last if claim.when else None,
        "document": claim.paper.id,
        "path": f"/id/stmt/{claim.id}",
    }


@router.get("/overview")
def overview(index: Current) -> dict[str, Any]:
    """How much the graph holds, and of which time."""
    span = index.span
    return {
        "statements": len(index.claims),
        "documents": len(index.papers),
        "actors": len(index.by_actor),
        "pairs": len(index.by_pair),
        "first_published": span[0].isoformat() if span else None,
        "last_published": span[1].isoformat() if span else None,
        "threshold": index.graph.threshold,
    }


@router.get("/search")
def search(index: Current, q: Annotated[str, Query(max_length=200)]) -> dict[str, Any]:
    """Actors and documents by words of their names."""
    return {
        "actors": [_actor(code) for code in actors_like(index, q)],
        "documents": [_paper(paper) for paper in papers_like(index, q)],
    }


@router.get("/actors/{actor}")
def actor(actor: Actor, index: Current) -> dict[str, Any]:
    """An actor with its partners: both axes with 90 % intervals, most acts first."""
    code = _code(actor, index)
    partners = [{**row, "partner": other} for other, row in index.partners.get(code, ())]
    return {**_actor(code), "statements": len(index.by_actor[code]), "partners": partners}


@router.get("/pairs")
def pairs(index: Current, limit: Limit = 100, start: Start = 0) -> dict[str, Any]:
    """Pairs of actors with the number of their statements, most first."""
    chosen = index.busiest[start : start + limit]
    return {"total": len(index.busiest), "pairs": [{"a": a, "b": b, "statements": n} for (a, b), n in chosen]}


@router.get("/pairs/{a}/{b}")
def pair(a: Actor, b: Actor, index: Current) -> dict[str, Any]:
    """Both axes of a pair, with 90 % intervals: log2 of severity points per 30 days; null where unknown."""
    ends = pair_of(_code(a, index), _code(b, index))
    claims = _claims(index, ends)
    return {
        "a": _actor(ends[0]),
        "b": _actor(ends[1]),
        "statements": len(claims),
        "levels": index.levels.get(ends),
    }


@router.get("/pairs/{a}/{b}/timeline")
def timeline(a: Actor, b: Actor, index: Current) -> dict[str, Any]:
    """Both axes of a pair week by week."""
    ends = pair_of(_code(a, index), _code(b, index))
    _claims(index, ends)
    try:
        view = index.kept(("timeline", ends), lambda: index.timeline(ends))
    except InputError as exc:
        raise HTTPException(404, str(exc)) from exc
    return {"title": view.title, "parameters": dict(view.parameters), "rows": view.rows}


@router.get("/pairs/{a}/{b}/statements")
def statements(a: Actor, b: Actor, index: Current, limit: Limit = 100, start: Start = 0) -> dict[str, Any]:
    """Every statement between two actors with its sentences, latest first."""
    claims = _claims(index, pair_of(_code(a, index), _code(b, index)))
    return {
        "total": len(claims),
        "columns": COLUMNS,
        "statements": _entries(index, claims[start : start + limit]),
    }


def _claims(index: Index, ends: tuple[str, str]) -> list[Claim]:
    claims = index.by_pair.get(ends)
    if claims is None:
        raise HTTPException(404, f"the graph says nothing about {ends[0]} and {ends[1]}")
    return list(claims)


def _entries(index: Index, claims: list[Claim]) -> list[dict[str, Any]]:
    told = zip(claims, index.statements(claims), strict=True)
    return [
        Entry(stmt, evidence, index.document(claim.paper)).as_json()
        for claim, stmt in told
        for evidence in stmt.evidence
    ]


@router.get("/statements/{id}")
def statement(id: Annotated[str, Path(max_length=40)], index: Current) -> dict[str, Any]:
    """One statement with its sentences."""
    claim = index.claims.get(id)
    if claim is None:
        raise HTTPException(404, f"{id!r} is the id of no statement in this graph")
    return {**_claim(claim), "evidence": _entries(index, [claim])}


@router.get("/documents")
def documents(index: Current, limit: Limit = 100, start: Start = 0) -> dict[str, Any]:
    """Documents, the latest first."""
    chosen = index.newest[start : start + limit]
    return {"total": len(index.newest), "documents": [_paper(paper) for paper in chosen]}


@router.get("/documents/{key}")
def document(key: Annotated[str, Path(max_length=40)], index: Current) -> dict[str, Any]:
    """A document, by the last part of its path, with its text and its statements."""
    paper = index.papers.get(key)
    if paper is None:
        raise HTTPException(404, f"{key!r} is no document of this graph")
    text = index.document(paper).text
    return {
        **_paper(paper),
        "text": text,
        "statements": [_claim(claim) for claim in index.by_paper.get(key, ())],
    }


@router.get("/views")
def views() -> dict[str, Any]:
    """The views by name, with the options that each takes."""
    return {
        "views": {
            name: {"about": _first(VIEWS[name].__doc__), "options": view_options(name)} for name in VIEWS
        }
    }


def _first(doc: str | None) -> str:
    return " ".join((doc or "").split("\n\n")[0].split())


@router.get("/views/{name}")
async def view(
    request: Request,
    name: Annotated[str, Path(max_length=40)],
    at: Day = None,
    since: Day = None,
    until: Day = None,
    half_life: Annotated[float | None, Query(gt=0, le=100_000, description="Days")] = None,
    actors: Annotated[
        str | None, Query(max_length=500, description="states, all, or codes by commas")
    ] = None,
    alleged: Annotated[float | None, Query(ge=0, le=1, description="Weight of alleged acts")] = None,
    center: Annotated[str | None, Query(max_length=80, description="Code or name (ego)")] = None,
    pair: Annotated[str | None, Query(max_length=160, description="Two codes by a comma (timeline)")] = None,
) -> Response:
    """A view, worked out anew with the options given: the same as `kg view NAME --format json`."""
    if name not in VIEWS:
        raise HTTPException(404, f"there is no view {name!r}; choose one of {', '.join(VIEWS)}")
    options: dict[str, Any] = {"at": at, "since": since, "until": until, "half_life": half_life}
    options |= {"alleged": alleged, "center": code_of(center) if center else None}
    if actors:
        options["actors"] = (
            actors if actors in ("states", "all") else [code_of(one) for one in actors.split(",")]
        )
    if pair:
        ends = pair.split(",")
        if len(ends) != 2:
            raise HTTPException(400, f"pair {pair!r}: give two codes with a comma between them")
        options["pair"] = (code_of(ends[0]), code_of(ends[1]))
    given = {key: value for key, value in options.items() if value is not None}
    if unknown := set(given) - set(view_options(name)):
        raise HTTPException(400, f"the view {name!r} has no option {min(unknown)!r}")
    return await _asked(request, view=name, options=given)


@router.get("/queries")
def queries() -> dict[str, Any]:
    """The named queries with their parameters."""
    return {
        "queries": [
            {
                "name": query.name,
                "title": query.title,
                "about": query.description,
                "parameters": {p.name: {"kind": p.kind, "about": p.description} for p in query.parameters},
            }
            for query in named_queries().values()
        ]
    }


@router.get("/queries/{name}")
async def query(request: Request, name: Annotated[str, Path(max_length=60)]) -> Response:
    """The answer to a named query, as SPARQL results in JSON; its parameters are those of the address."""
    found = named_queries().get(name)
    if found is None:
        raise HTTPException(404, f"there is no query {name!r}; /api/queries lists them")
    given = dict(request.query_params)
    kinds = {parameter.name: parameter.kind for parameter in found.parameters}
    values = {key: code_of(value) if kinds.get(key) == "actor" else value for key, value in given.items()}
    try:
        text = fill(found, **values)
    except KgError as exc:
        raise HTTPException(400, str(exc)) from exc
    return await _asked(request, query=text, accept="application/sparql-results+json")


async def _asked(request: Request, **what: Any) -> Response:
    """The answer of a process; what is wrong as JSON."""
    state = state_of(request)
    reply = await state.pool.ask(state.job(**what))
    if reply.status != 200:
        raise HTTPException(reply.status, reply.body.decode().strip())
    return respond(reply)

"""The pages to explore a graph: overview, search, pairs, documents, queries, help; and pages for errors."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from kg.errors import InputError, KgError
from kg.ontology import load_ontology
from kg.queries import fill, named_queries
from kg.rdf import PREFIXES
from kg.serve.accept import GRAPHS, HTML, choose
from kg.serve.draw import bars, chart
from kg.serve.find import actors_like, pair_in, papers_like
from kg.serve.index import Claim, Index, pair_of
from kg.serve.protocol import description
from kg.serve.render import kept, page
from kg.serve.state import current, state_of
from kg.serve.things import SHOWN, several
from kg.views import make_view

router = APIRouter(include_in_schema=False)

Current = Annotated[Index, Depends(current)]
Number = Annotated[int, Query(ge=1, le=100_000)]

ROWS = 500
"""Most rows of a result on the query page; downloads have all of them."""


@router.get("/")
async def root(request: Request) -> Response:
    """The overview for readers; for programs the description of the service."""
    if choose(request.headers.get("accept"), [HTML, *GRAPHS]) != HTML:
        return await description(request)
    index = await current(request)
    return kept(request, "overview.html", index, lambda: _overview(index))


def _overview(index: Index) -> dict[str, Any]:
    rows = [row for row in index.levels.values() if row["n"]]
    tense = sorted(rows, key=lambda row: (row["thin"], -row["tension"], row["source"], row["target"]))
    engaged = sorted(rows, key=lambda row: (row["thin"], -row["engagement"], row["source"], row["target"]))
    newest = sorted(index.claims.values(), key=lambda claim: (str(claim.day or ""), claim.id), reverse=True)
    actors = Counter(code for claim in index.claims.values() for code in claim.pair)
    return {
        "tense": [row for row in tense if row["n_conflict"]][:8],
        "engaged": [row for row in engaged if row["n_coop"]][:8],
        "latest": several(index, [c for c in newest if c.day and c.paper.published][:6]),
        "actors": actors.most_common(24),
        "parameters": index.states.parameters,
    }


@router.get("/search")
def search(request: Request, index: Current, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Actors, pairs and documents by name; two names that fit lead to the page of the pair."""
    text = " ".join(q.split())
    pair = pair_in(index, text)
    if pair:
        return RedirectResponse(f"/pair/{pair[0]}/{pair[1]}", 303)
    return page(
        request,
        "search.html",
        index,
        q=text,
        actors=actors_like(index, text),
        papers=papers_like(index, text),
    )


@router.get("/pair/{a}/{b}")
def pair(
    request: Request, a: str, b: str, index: Current,
    status: Annotated[str, Query(max_length=20)] = "",
    relation: Annotated[str, Query(max_length=40)] = "",
    start: Number = 1,
) -> Response:  # fmt: skip
    """Two actors: both axes over time, states of affairs, and every statement with its sentence."""
    if a > b:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/pair/{b}/{a}{query}", 308)
    claims = index.by_pair.get(pair_of(a, b))
    if claims is None:
        raise HTTPException(404, f"the graph says nothing about {a!r} and {b!r}; try the search")
    return kept(request, "pair.html", index, lambda: _pair(index, a, b, claims, status, relation, start))


def _pair(
    index: Index, a: str, b: str, claims: Sequence[Claim], status: str, relation: str, start: int
) -> dict[str, Any]:
    def kind(claim: Claim) -> str:
        return "denied" if claim.polarity == "-" else claim.status

    try:
        view = index.timeline((a, b))
        time = {"chart": chart(view.rows), "parameters": view.parameters}
    except InputError:  # states of affairs or denied acts only: there is nothing to add up
        time = {"chart": None, "parameters": {}}
    states = {relation.name for relation in load_ontology().states}
    told = [claim.bare for claim in claims if claim.relation in states]
    published = {claim.paper.id: claim.paper.published for claim in claims}
    chosen = [c for c in claims if status in ("", kind(c)) and relation in ("", c.relation)]
    ledger: dict[str, Counter[str]] = {}
    for claim in claims:
        ledger.setdefault(claim.relation, Counter())[kind(claim)] += 1
    return {
        "a": a,
        "b": b,
        "levels": index.levels.get((a, b)),
        **time,
        "against": _against(claims),
        "states": make_view("states", told, published).rows if told else [],
        "ledger": sorted(ledger.items(), key=lambda item: (-item[1].total(), item[0])),
        "shown": several(index, chosen[start - 1 : start - 1 + SHOWN]),
        "status": status,
        "relation": relation,
        "start": start,
        "step": SHOWN,
        "found": len(chosen),
        "total": len(claims),
        "more": urlencode({"status": status, "relation": relation, "start": start + SHOWN}),
        "before": urlencode({"status": status, "relation": relation, "start": max(1, start - SHOWN)}),
    }


def _against(claims: Sequence[Claim]) -> dict[str, int]:
    """How many readings contradict each statement of a pair, by the view `claims`."""
    published = {claim.paper.id: claim.paper.published for claim in claims}
    actual = [claim for claim in claims if claim.status == "actual"]
    found: dict[str, int] = {}
    for relation in {claim.relation for claim in actual if claim.polarity == "-"}:
        told = [claim.bare for claim in actual if claim.relation == relation]
        rows = make_view("claims", told, published, pair=claims[0].pair).rows
        found |= {row["statement"]: row["against"] for row in rows}
    return found


@router.get("/documents")
def documents(request: Request, index: Current, start: Number = 1) -> Response:
    """All documents, the latest first."""
    shown = index.newest[start - 1 : start + 99]
    return page(request, "documents.html", index, papers=shown, start=start, step=100)


@router.get("/help")
def help_page(request: Request, index: Current) -> Response:
    """What colours, marks and numbers mean, and how they are made."""
    return page(request, "help.html", index, ontology=load_ontology(), parameters=index.states.parameters)


@router.get("/api")
def api_page(request: Request, index: Current) -> Response:
    """The addresses for programs."""
    paths = request.app.openapi()["paths"]
    listed = [(path, told["get"]) for path, told in sorted(paths.items()) if "get" in told]
    return page(request, "api.html", index, paths=listed, prefixes=PREFIXES)


@router.get("/query")
async def query(
    request: Request, index: Current,
    query: Annotated[str, Query(max_length=60_000)] = "",
    name: Annotated[str, Query(max_length=60)] = "",
) -> Response:  # fmt: skip
    """An editor for SPARQL; the address holds the query, so that it can be shared."""
    queries = named_queries()
    context: dict[str, Any] = {"named": queries, "name": name, "problem": "", "result": None, "bars": None}
    status = 200
    if name and not query:
        if name not in queries:
            raise HTTPException(404, f"there is no query {name!r}; choose one of the list")
        query = fill(name)
    if query.strip():
        state = state_of(request)
        reply = await state.pool.ask(state.job(query=query, rows=ROWS))
        if reply.status == 200:
            result = json.loads(reply.body)
            context |= {"result": result, "bars": bars(result["columns"], result["rows"])}
        else:
            status, context["problem"] = reply.status, reply.body.decode()
    triples = bool(context["result"]) and context["result"]["columns"] == ["subject", "predicate", "object"]
    forms = ("ttl", "nt", "jsonld") if triples else ("csv", "tsv", "json", "xml")
    links = [(form, "/sparql?" + urlencode({"query": query, "format": form})) for form in forms]
    return page(request, "query.html", index, status, query=query, links=links, most=ROWS, **context)


@router.get("/favicon.ico")
def icon() -> Response:
    """The sign in the browser's tab."""
    return RedirectResponse("/static/icon.svg", 308)


# --- Errors -------------------------------------------------------------------------------------------------


def errors(app: FastAPI) -> None:
    """Tell readers with a page, and programs with JSON or a line, what was wrong."""

    async def failed(request: Request, exc: Exception) -> Response:
        if isinstance(exc, HTTPException):
            status, told, headers = exc.status_code, str(exc.detail), exc.headers
        elif isinstance(exc, RequestValidationError):
            first = exc.errors()[0]
            place = " ".join(map(str, first.get("loc", ())))
            status, told, headers = 422, f"{place}: {first.get('msg', 'is not valid')}", None
        else:
            status, told, headers = 400, str(exc), None
        if request.url.path.startswith("/api/"):
            return JSONResponse({"detail": told}, status, headers)
        if choose(request.headers.get("accept"), ["text/plain", HTML]) == HTML:
            return page(request, "error.html", None, status, problem=told, code=status)
        return PlainTextResponse(told + "\n", status, headers)

    for kind in (HTTPException, RequestValidationError, KgError):
        app.add_exception_handler(kind, failed)

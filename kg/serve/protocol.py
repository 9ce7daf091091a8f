"""The SPARQL 1.1 Protocol for queries, and the description of the service and of its data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlencode

import pyoxigraph as ox
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from kg import __version__
from kg.rdf import PREFIXES
from kg.serve.accept import GRAPHS, HTML, NAMES, TABLES, choose
from kg.serve.index import Index
from kg.serve.state import State, current, state_of
from kg.serve.worker import Reply, refusal

router = APIRouter(include_in_schema=False)

_FORM = "application/x-www-form-urlencoded"
_DIRECT = "application/sparql-query"
_KNOWN = {"query", "default-graph-uri", "named-graph-uri", "format", "output", "results"}


def respond(reply: Reply) -> Response:
    """A reply of a worker as an HTTP response."""
    headers = {"retry-after": "2"} if reply.status == 503 else {}
    kind = f"{reply.kind}; charset=utf-8" if reply.kind.startswith("text/") else reply.kind
    return Response(reply.body, reply.status, {**headers, "content-type": kind, "vary": "accept"})


@router.get("/sparql")
async def get(request: Request) -> Response:
    """A query in the address; without one, the description of the service."""
    pairs = request.query_params.multi_items()
    wanted = choose(request.headers.get("accept"), [*TABLES, *GRAPHS, HTML])
    names = {name for name, _ in pairs}
    if wanted == HTML and not names & {"format", "output"}:
        query = urlencode([pair for pair in pairs if pair[0] == "query"])
        return RedirectResponse(f"/query?{query}" if query else "/query", 303)
    if "query" not in names and "update" not in names:
        return await description(request)
    return await _answer(state_of(request), pairs, request.headers.get("accept"))


@router.post("/sparql")
async def post(request: Request) -> Response:
    """A query as a form, or as the body itself."""
    kind, _, _ = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    try:
        body = (await request.body()).decode("utf-8")
    except UnicodeDecodeError:
        return respond(refusal(400, "the request is not UTF-8"))
    address = request.query_params.multi_items()
    if kind == _FORM:
        try:
            pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=100, errors="strict")
        except ValueError as exc:
            return respond(refusal(400, f"the form cannot be read: {exc}"))
        pairs = [*address, *pairs]
    elif kind == _DIRECT:
        pairs = [*(pair for pair in address if pair[0] != "query"), ("query", body)]
    elif kind == "application/sparql-update":
        pairs = [("update", body)]
    else:
        return respond(refusal(415, f"content type {kind or 'none'!r}: send {_FORM} or {_DIRECT}"))
    return await _answer(state_of(request), pairs, request.headers.get("accept"))


async def _answer(state: State, pairs: Sequence[tuple[str, str]], accept: str | None) -> Response:
    def values(name: str) -> list[str]:
        return [value for key, value in pairs if key == name]

    if values("update") or values("using-graph-uri"):
        return respond(refusal(403, "this server only reads; send a query"))
    queries = values("query")
    if len(queries) != 1:
        return respond(refusal(400, f"{len(queries)} parameters called query; give one"))
    named = next((NAMES[form] for form in values("format") + values("output") if form in NAMES), None)
    job = state.job(
        query=queries[0],
        accept=named or accept,
        default_graphs=values("default-graph-uri"),
        named_graphs=values("named-graph-uri"),
    )
    return respond(await state.pool.ask(job))


async def description(request: Request) -> Response:
    """The service and its data, as RDF in the form that is wanted."""
    kind = choose(request.headers.get("accept"), list(GRAPHS))
    if kind is None:
        return respond(refusal(406, f"the description comes as one of {', '.join(GRAPHS)}"))
    index = await current(request)
    base = str(request.base_url)
    turtle = index.kept(("description", base), lambda: describe(index, base))
    return respond(Reply(200, kind, triples_as(ox.parse(turtle, format=ox.RdfFormat.TURTLE), kind)))


def triples_as(triples: Iterable[ox.Triple | ox.Quad], kind: str) -> bytes:
    """Triples in the form of a media type."""
    form = GRAPHS[kind]
    prefixes = {**PREFIXES, "sd": _SD, "void": _VOID} if form is ox.RdfFormat.TURTLE else None
    bare = (found.triple if isinstance(found, ox.Quad) else found for found in triples)
    written = ox.serialize(bare, None, form, prefixes=prefixes)
    assert written is not None
    return written


_SD = "http://www.w3.org/ns/sparql-service-description#"
_VOID = "http://rdfs.org/ns/void#"
_FORMATS = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML"),
)


def describe(index: Index, base: str) -> str:
    """Service description (SPARQL 1.1) and VoID of an index, as Turtle without blank nodes."""
    formats = ", ".join(f"<http://www.w3.org/ns/formats/{name}>" for name in _FORMATS)
    kg = PREFIXES["kg"]
    example = min(index.claims, default=None)
    shown = f"void:exampleResource <{PREFIXES['stmt']}{example}> ;" if example else ""
    evidence = index.graph.store.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?e a <{kg}Evidence> }} }}")
    assert isinstance(evidence, ox.QuerySolutions)
    counts = {
        "Statement": len(index.claims),
        "Document": len(index.papers),
        "Evidence": int(next(evidence)[0].value),
    }
    parts = " , ".join(f"<{base}#{name}>" for name in counts)
    partitions = "\n".join(
        f"<{base}#{name}> void:class <{kg}{name}> ; void:entities {count} ." for name, count in counts.items()
    )
    return f"""
@prefix sd: <{_SD}> . @prefix void: <{_VOID}> . @prefix dcterms: <{PREFIXES["dcterms"]}> .
<{base}#service> a sd:Service ; sd:endpoint <{base}sparql> ; sd:supportedLanguage sd:SPARQL11Query ;
  sd:feature sd:UnionDefaultGraph ; sd:resultFormat {formats} ; sd:defaultDataset <{base}#dataset> .
<{base}#dataset> a sd:Dataset, void:Dataset ; sd:defaultGraph <{base}#union> ;
  dcterms:title "Who did what to whom among states and organisations, by bilateral-kg {__version__}" ;
  void:sparqlEndpoint <{base}sparql> ; void:uriSpace "{PREFIXES["id"]}" ; {shown}
  void:vocabulary <{kg}> , <{PREFIXES["rel"]}> ; void:triples {len(index.graph.store)} ;
  void:documents {len(index.papers)} ; void:classPartition {parts} ;
  sd:namedGraph <{base}#asserted> , <{base}#reference> , <{base}#meta> .
<{base}#union> a sd:Graph .
<{base}#asserted> a sd:NamedGraph ; sd:name <{PREFIXES["graph"]}asserted> .
<{base}#reference> a sd:NamedGraph ; sd:name <{PREFIXES["graph"]}reference> .
<{base}#meta> a sd:NamedGraph ; sd:name <{PREFIXES["graph"]}meta> .
{partitions}
"""

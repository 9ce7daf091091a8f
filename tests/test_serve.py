"""Serving over HTTP: SPARQL protocol, resolvable resources, JSON API, pages, and who is refused what."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import InputError
from kg.model import Document
from kg.rdf import document_iri
from kg.store import Graph
from tests.served import EVIL, article, make_store, serving

pytest.importorskip("fastapi", reason="the extra serve is not installed")

from kg.serve.accept import GRAPHS, HTML, TABLES, choose
from kg.serve.settings import Settings

pytestmark = pytest.mark.slow

ASK = "SELECT ?who ?whom { ?who rel:accuse ?whom } ORDER BY ?who ?whom"
TABLE = [("IND", "PAK"), ("PAK", "IND")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("served") / "store")


@pytest.fixture(scope="module")
def address(store: Path) -> Iterator[str]:
    with serving(store, "--seconds", "6") as found:
        yield found


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as found:
        yield found


def sparql(client: httpx.Client, query: str, accept: str = "*/*", **params: str) -> httpx.Response:
    return client.get("/sparql", params={"query": query, **params}, headers={"accept": accept})


# --- SPARQL 1.1 Protocol ------------------------------------------------------------------------------------


def test_the_three_ways_to_send_a_query_give_the_same_answer(client: httpx.Client) -> None:
    direct = {"content-type": "application/sparql-query"}
    answers = [
        client.get("/sparql", params={"query": ASK}),
        client.post("/sparql", data={"query": ASK}),
        client.post("/sparql", content=ASK, headers=direct),
        client.post(
            "/sparql", content=ASK, headers={"content-type": "application/sparql-query; charset=utf-8"}
        ),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].headers["content-type"] == "application/sparql-results+json"
    rows = answers[0].json()["results"]["bindings"]
    assert [(row["who"]["value"][-3:], row["whom"]["value"][-3:]) for row in rows] == TABLE


@pytest.mark.parametrize("kind", sorted(TABLES))
def test_results_come_in_the_form_that_is_wanted(client: httpx.Client, kind: str) -> None:
    answer = sparql(client, ASK, kind)
    assert answer.headers["content-type"].split(";")[0] == kind
    assert answer.headers["vary"] == "accept"
    if kind == "text/csv":
        assert answer.text.splitlines()[0] == "who,whom"
        assert len(answer.text.splitlines()) == 3
    elif kind == "text/tab-separated-values":
        assert answer.text.splitlines()[0] == "?who\t?whom"
    else:
        found = ox.parse_query_results(answer.content, format=TABLES[kind])
        assert isinstance(found, ox.QuerySolutions)
        assert len(list(found)) == 2


@pytest.mark.parametrize("kind", sorted(GRAPHS))
@pytest.mark.parametrize("query", ["CONSTRUCT { ?a rel:accuse ?b } { ?a rel:accuse ?b }", "DESCRIBE act:IND"])
def test_triples_come_in_the_form_that_is_wanted(client: httpx.Client, kind: str, query: str) -> None:
    answer = sparql(client, query, kind)
    assert answer.headers["content-type"].split(";")[0] == kind
    assert list(ox.parse(answer.content, format=GRAPHS[kind]))


def test_ask_is_answered_in_all_forms(client: httpx.Client) -> None:
    for kind in TABLES:
        assert "true" in sparql(client, "ASK { ?a rel:accuse ?b }", kind).text


def test_a_form_by_name_wins_over_the_header(client: httpx.Client) -> None:
    assert (
        sparql(client, ASK, "application/json", format="csv").headers["content-type"].startswith("text/csv")
    )


def test_a_browser_is_led_to_the_editor(client: httpx.Client) -> None:
    answer = sparql(client, ASK, "text/html,application/xhtml+xml,*/*;q=0.8")
    assert answer.status_code == 303
    assert urlsplit(answer.headers["location"]).path == "/query"


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        pytest.param(None, "text/turtle", id="no header"),
        pytest.param("*/*", "text/turtle", id="anything"),
        pytest.param("text/html, text/turtle;q=0.9", "text/turtle", id="only one is offered"),
        pytest.param("text/turtle;q=0, */*", "application/n-triples", id="refused by name"),
        pytest.param("application/*;q=0.8, text/turtle;q=0.2", "application/n-triples", id="quality"),
        pytest.param("image/png", None, id="nothing fits"),
        pytest.param("text/turtle;q=bad, ,;;", None, id="malformed"),
    ],
)
def test_accept(accept: str | None, best: str | None) -> None:
    assert choose(accept, list(GRAPHS)) == best


@pytest.mark.parametrize(
    ("params", "status"),
    [
        pytest.param({"query": "SELECT"}, 400, id="malformed"),
        pytest.param({"query": ""}, 400, id="empty"),
        pytest.param([("query", ASK), ("query", ASK)], 400, id="two queries"),
        pytest.param({"update": "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }"}, 403, id="update"),
        pytest.param({"query": "INSERT DATA { act:A rel:accuse act:B }"}, 400, id="an update as a query"),
        pytest.param({"query": "DROP ALL"}, 400, id="drop"),
        pytest.param({"query": "LOAD <http://127.0.0.1/x>"}, 400, id="load"),
        pytest.param({"query": "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"}, 400, id="service"),
        pytest.param(
            {"query": "SELECT * { SERVICE SILENT ?x { ?s ?p ?o } }"}, 400, id="service of a variable"
        ),
        pytest.param({"query": "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }"}, 400, id="file"),
        pytest.param(
            {"query": "SELECT * FROM NAMED<file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }"}, 400, id="named"
        ),
        pytest.param({"query": "SELECT * FROM <http://127.0.0.1/> { ?s ?p ?o }"}, 400, id="address"),
        pytest.param({"query": ASK, "default-graph-uri": "file:///etc/passwd"}, 400, id="default graph"),
        pytest.param({"query": ASK, "named-graph-uri": "no iri"}, 400, id="no IRI"),
        pytest.param({"query": "SELECT (<http://x/f>(1) AS ?a) {}"}, 400, id="unknown function"),
    ],
)
def test_what_is_refused(client: httpx.Client, params: dict[str, str], status: int) -> None:
    for answer in (client.get("/sparql", params=params), client.post("/sparql", data=dict(params))):
        if isinstance(params, list) and answer.request.method == "POST":
            continue
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"].startswith("text/plain")
        assert "Traceback" not in answer.text


def test_a_malformed_query_is_told_with_its_place(client: httpx.Client) -> None:
    assert "line 2, column" in sparql(client, "SELECT *\nWHRE { ?s ?p ?o }").text


def test_bodies_of_other_kinds_are_refused(client: httpx.Client) -> None:
    assert client.post("/sparql", content="x", headers={"content-type": "text/plain"}).status_code == 415
    update = {"content-type": "application/sparql-update"}
    assert client.post("/sparql", content="DROP ALL", headers=update).status_code == 403
    bad = {"content-type": "application/sparql-query"}
    assert client.post("/sparql", content=b"\xff\xfe", headers=bad).status_code == 400
    assert client.put("/sparql", content="x").status_code == 405
    assert sparql(client, ASK, "image/png").status_code == 406


def test_named_graphs_of_the_store_can_be_chosen(client: httpx.Client) -> None:
    asserted = "https://w3id.org/bilateral-kg/id/graph/asserted"
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    narrow = sparql(client, count, **{"default-graph-uri": asserted}).json()
    wide = sparql(client, count).json()
    assert (
        0
        < int(narrow["results"]["bindings"][0]["n"]["value"])
        < int(wide["results"]["bindings"][0]["n"]["value"])
    )


def test_the_service_and_its_data_are_described(client: httpx.Client) -> None:
    for path in ("/", "/sparql"):
        answer = client.get(path, headers={"accept": "text/turtle"})
        found = {
            (t.predicate.value.rsplit("#")[-1], t.object.value)
            for t in ox.parse(answer.content, format=ox.RdfFormat.TURTLE)
        }  # type: ignore[union-attr]
        assert ("endpoint", f"{str(client.base_url).rstrip('/')}/sparql") in found
        assert ("supportedLanguage", "http://www.w3.org/ns/sparql-service-description#SPARQL11Query") in found
        with_count = [value for name, value in found if name == "triples"]
        assert int(with_count[0]) > 50


# --- Clients that others wrote ------------------------------------------------------------------------------


def test_sparqlwrapper(address: str) -> None:
    wrapper = pytest.importorskip("SPARQLWrapper", reason="SPARQLWrapper is not installed")
    for form in ("json", "xml", "csv", "tsv"):
        for method in ("GET", "POST"):
            asked = wrapper.SPARQLWrapper(f"{address}/sparql")
            asked.setQuery(ASK)
            asked.setMethod(method)
            asked.setReturnFormat(form)
            answer = asked.query().convert()
            text = (
                json.dumps(answer) if form == "json" else answer.toxml() if form == "xml" else answer.decode()
            )
            assert text.count("actor/IND") == 2, form
    asked = wrapper.SPARQLWrapper(f"{address}/sparql")
    asked.setRequestMethod("postdirectly")
    asked.setMethod("POST")
    asked.setQuery("CONSTRUCT WHERE { ?a rel:accuse ?b }")
    asked.setReturnFormat("turtle")
    assert b"accuse" in asked.query().convert()
    asked.setQuery("SELECT")
    with pytest.raises(wrapper.SPARQLExceptions.QueryBadFormed):
        asked.query()


def test_rdflib_sparqlstore(address: str) -> None:
    from rdflib import Graph as RdfGraph
    from rdflib import URIRef
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    graph = RdfGraph(SPARQLStore(f"{address}/sparql"))
    rel = "https://w3id.org/bilateral-kg/relation/"
    assert len(list(graph.query(f"SELECT * {{ ?a <{rel}accuse> ?b }}"))) == 2
    assert len(list(graph.triples((None, URIRef(rel + "accuse"), None)))) == 2
    assert graph.query("ASK { ?a a <https://w3id.org/bilateral-kg/ontology#State> }").askAnswer


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(address: str) -> None:
    asked = ["curl", "-sf", "-H", "Accept: text/csv", "--data-urlencode", f"query={ASK}"]
    for way in ([], ["-G"]):
        done = subprocess.run([*asked, *way, f"{address}/sparql"], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[0] == "who,whom"
    head = subprocess.run(["curl", "-sfI", f"{address}/"], capture_output=True, text=True, check=True)
    assert "200 OK" in head.stdout


# --- Resources ----------------------------------------------------------------------------------------------


def paths(client: httpx.Client) -> list[str]:
    stmt = client.get("/api/pairs/IND/PAK/statements").json()["statements"][0]["statement"]
    doc = client.get("/api/documents").json()["documents"][0]["path"]
    return ["/actor/IND", "/relation/accuse", f"/id/stmt/{stmt}", doc]


def test_every_thing_is_a_page_and_triples(client: httpx.Client) -> None:
    for path in paths(client):
        page = client.get(path, headers={"accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), path
        for kind, form in GRAPHS.items():
            answer = client.get(path, headers={"accept": kind})
            triples = list(ox.parse(answer.content, format=form))
            local = path.removeprefix("/").replace("id/", "")
            assert any(local in t.subject.value for t in triples), (path, kind)  # type: ignore[union-attr]
        assert client.get(path, headers={"accept": "image/png"}).status_code == 406
        assert client.get(path, params={"format": "ttl"}).headers["content-type"].startswith("text/turtle")


def test_evidence_leads_to_its_statement(client: httpx.Client) -> None:
    node = sparql(client, "SELECT ?e { ?e a kg:Evidence } LIMIT 1").json()["results"]["bindings"][0]["e"][
        "value"
    ]
    answer = client.get("/id/" + node.split("/id/")[1])
    assert answer.status_code == 303
    assert client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/actor/XXX", "/actor/%3Cscript%3E", "/relation/nope", "/id/stmt/0", "/id/doc/0", "/id/ev/%20",
     "/pair/IND/XXX", "/nope", "/query?name=nope"],
)  # fmt: skip
def test_what_is_not_there_is_told(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "Not found" in answer.text
    assert "<script>" not in answer.text


# --- JSON API -----------------------------------------------------------------------------------------------


def test_the_api_tells_what_the_graph_tells(client: httpx.Client) -> None:
    assert client.get("/api/overview").json()["statements"] == 8
    pair = client.get("/api/pairs/Pakistan/India").json()
    assert (pair["a"]["code"], pair["b"]["code"], pair["statements"]) == ("IND", "PAK", 5)
    assert pair["levels"]["n"] == 3  # an attack that is only planned does not count
    rows = client.get("/api/pairs/IND/PAK/statements").json()["statements"]
    assert all(row["quote"] in row["sentence"] for row in rows)
    assert {row["status"] for row in rows} == {"actual", "intended"}
    actor = client.get("/api/actors/IND").json()
    assert [partner["partner"] for partner in actor["partners"]] == ["PAK"]


def test_levels_are_those_of_the_view(client: httpx.Client, store: Path) -> None:
    from kg.graph import Graph as Whole

    expected = Whole.load(store).view("alignment").rows
    pair = client.get("/api/pairs/IND/PAK").json()["levels"]
    assert pair == next(row for row in expected if {row["source"], row["target"]} == {"IND", "PAK"})
    timeline = client.get("/api/pairs/IND/PAK/timeline").json()["rows"]
    assert timeline == Whole.load(store).timeline("IND", "PAK").rows


def test_views_and_named_queries_run_in_the_api(client: httpx.Client) -> None:
    for name, told in client.get("/api/views").json()["views"].items():
        needed = {"center": "India"} if name == "ego" else {}
        needed = {"pair": "IND,PAK"} if "pair" in told["options"] else needed
        answer = client.get(f"/api/views/{name}", params=needed)
        assert answer.status_code == 200, answer.text
        assert answer.json()["view"] == name
    for query in client.get("/api/queries").json()["queries"]:
        answer = client.get(f"/api/queries/{query['name']}")
        assert answer.status_code == 200, answer.text
        assert "results" in answer.json()
    filled = client.get("/api/queries/timeline", params={"a": "India", "b": "PAK"}).json()
    assert len(filled["results"]["bindings"]) == 5


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/views/nope", 404),
        ("/api/views/tension?pair=IND,PAK", 400),
        ("/api/views/tension?at=yesterday", 422),
        ("/api/views/timeline?pair=IND", 400),
        ("/api/views/ego", 400),
        ("/api/queries/nope", 404),
        ("/api/queries/talks?nope=1", 400),
        ("/api/queries/talks?since=1", 400),
        ("/api/actors/Nowhere", 404),
        ("/api/pairs/IND/NOR", 404),
        ("/api/documents?limit=0", 422),
        ("/api/documents?start=99999999999999999999999", 422),
        ("/api/search", 422),
    ],
)
def test_mistakes_in_the_api_are_told_as_json(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"detail"}


# --- Pages --------------------------------------------------------------------------------------------------


def test_all_text_is_escaped(client: httpx.Client) -> None:
    document = f"/id/doc/{document_iri('<b>bold</b>').value.rsplit('/', 1)[-1]}"
    pages = [
        "/",
        "/documents",
        document,
        "/pair/CHN/IND",
        "/actor/IND",
        "/search?q=" + EVIL,
        f"/query?query={EVIL}",
    ]
    evil = f"/id/doc/{document_iri('evil').value.rsplit('/', 1)[-1]}"
    for path in [*pages, evil]:
        text = client.get(path, headers={"accept": "text/html"}).text
        assert EVIL not in text, path
        assert "<b>bold" not in text
        assert 'href="javascript:' not in text
        assert 'href="http://x/"' not in text
    assert "&lt;script&gt;" in client.get(evil, headers={"accept": "text/html"}).text
    shown = client.get(
        "/query", params={"query": f'SELECT ("{EVIL}" AS ?x) (<javascript:alert(1)> AS ?y) {{}}'}
    ).text
    assert EVIL not in shown
    assert 'href="javascript:' not in shown
    assert client.get("/relation/" + EVIL, headers={"accept": "text/html"}).text.count("<script") == 0


def test_two_names_lead_to_the_pair(client: httpx.Client) -> None:
    for words in ("India Pakistan", "pakistan, india", "New Delhi and Islamabad", "IND PAK"):
        answer = client.get("/search", params={"q": words})
        assert (answer.status_code, answer.headers.get("location")) == (303, "/pair/IND/PAK"), words
    assert "/actor/CHN" in client.get("/search", params={"q": "chin"}).text
    assert "About threat" in client.get("/search", params={"q": "threat"}).text


def test_the_pair_page_tells_what_is_claimed_and_how(client: httpx.Client) -> None:
    assert client.get("/pair/PAK/IND").headers["location"] == "/pair/IND/PAK"
    text = client.get("/pair/IND/PAK").text
    assert "Both axes over time" in text
    assert "<polyline" in text
    assert "planned" in text
    assert "thin data" in text
    assert "<mark>Pakistan accused India of lies</mark>" in text
    planned = client.get("/pair/IND/PAK", params={"status": "intended"}).text
    assert "will reportedly attack India" in planned
    assert "accused India of lies" not in planned
    denied = client.get("/pair/AFG/IND").text
    assert "no data" in denied  # a denied recognition is no act


def test_a_page_shows_the_query_that_its_address_holds(client: httpx.Client) -> None:
    text = client.get("/query", params={"query": "SELECT ?x (2 AS ?n) { VALUES ?x { 'a' 'b' } }"}).text
    assert "2 rows" in text
    assert "/sparql?query=SELECT" in text
    assert "That did not work" in client.get("/query", params={"query": "SELECT"}).text
    many = client.get("/query", params={"query": "SELECT * { ?a ?b ?c . ?d ?e ?f }"}).text
    assert "the first 500" in many


# --- Security -----------------------------------------------------------------------------------------------


def test_every_answer_has_the_headers(client: httpx.Client) -> None:
    for path in (
        "/",
        "/sparql",
        "/nope",
        "/static/style.css",
        "/static/nope",
        "/openapi.json",
        "/api/overview",
    ):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers


def test_no_page_needs_what_the_policy_forbids(client: httpx.Client) -> None:
    for path in (
        "/",
        "/pair/IND/PAK",
        "/actor/IND",
        "/documents",
        "/query?name=talks",
        "/help",
        "/api",
        *paths(client),
    ):
        text = client.get(path, headers={"accept": "text/html"}).text
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick" not in text
        assert "<script>" not in text
        assert 'src="http' not in text


def test_a_query_that_takes_too_long_is_stopped(client: httpx.Client) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
    begun = time.monotonic()
    answer = sparql(client, endless)
    assert answer.status_code == 422
    assert "stopped after 6 seconds" in answer.text
    assert time.monotonic() - begun < 30
    assert sparql(client, ASK).status_code == 200  # a new process has taken its place


def test_an_answer_that_grows_too_large_is_stopped(client: httpx.Client) -> None:
    huge = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    answer = sparql(client, huge, "text/csv")
    assert answer.status_code == 422
    assert "LIMIT" in answer.text or "stopped" in answer.text
    assert len(answer.content) < 1000


def test_a_query_that_takes_too_much_memory_is_stopped(store: Path) -> None:
    import asyncio

    from kg.serve.pool import Pool
    from kg.serve.worker import Job

    pool = Pool(Settings(store, workers=1, seconds=60, memory=600 * 2**20))
    # Each step doubles a text: 2 ** 34 characters at the end.
    steps = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(34))
    query = f'SELECT (STRLEN(?x34) AS ?n) {{ BIND("a" AS ?x0) {steps} }}'

    async def both() -> list[int]:
        first = await pool.ask(Job(store, "1", query))
        second = await pool.ask(Job(store, "1", "ASK {}"))
        return [first.status, second.status]

    try:
        assert asyncio.run(both()) == [422, 200]
    finally:
        pool.close()


def test_too_many_queries_at_once_are_turned_away(store: Path) -> None:
    import asyncio

    from kg.serve.pool import Pool
    from kg.serve.worker import Job

    pool = Pool(Settings(store, workers=1, waiting=2))

    async def many() -> list[int]:
        replies = await asyncio.gather(*(pool.ask(Job(store, "1", "ASK {}")) for _ in range(6)))
        return sorted(reply.status for reply in replies)

    try:
        assert asyncio.run(many()) == [200, 200, 200, 503, 503, 503]
    finally:
        pool.close()


def test_requests_that_are_too_large_are_refused(client: httpx.Client) -> None:
    assert client.post("/sparql", data={"query": "x" * 300_000}).status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(400):
            yield b"x" * 1000

    assert (
        client.post(
            "/sparql", content=endless(), headers={"content-type": "application/sparql-query"}
        ).status_code
        == 413
    )
    assert client.get("/sparql", params={"query": "x" * 65_500}).status_code == 400


def test_slow_clients_are_cut_off(address: str) -> None:
    host, port = urlsplit(address).hostname, urlsplit(address).port
    begun = time.monotonic()
    with socket.create_connection((host, port), timeout=60) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        assert slow.recv(1000) == b""  # no head in time: closed
    with socket.create_connection((host, port), timeout=60) as slow:
        slow.sendall(b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nquery")
        assert b" 408 " in slow.recv(1000)
    assert time.monotonic() - begun < 45


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "", "127.0.0.1.evil.example", "[::2]"])
def test_other_host_names_are_refused(client: httpx.Client, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400


def test_scripts_of_other_sites_are_refused(client: httpx.Client) -> None:
    script = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert client.get("/api/overview", headers=script).status_code == 403
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/", headers=link).status_code == 200


def test_other_addresses_need_a_token(store: Path) -> None:
    with pytest.raises(InputError, match="readers need a token"):
        Settings(store, host="0.0.0.0")
    with pytest.raises(InputError, match="at least 16"):
        Settings(store, host="0.0.0.0", token="short")
    assert Settings(store, host="::1").is_local
    assert not Settings(store, host="192.168.0.1", token="x" * 16).is_local
    refused = CliRunner(env={"KG_TOKEN": ""}).invoke(main, ["serve", str(store), "--host", "0.0.0.0"])
    assert refused.exit_code == 2
    assert "--token-file" in refused.output


def test_a_token_opens_and_nothing_else_does(store: Path, tmp_path: Path) -> None:
    token = "correct-horse-battery-staple"
    file = tmp_path / "token"
    file.write_text(token + "\n")
    with serving(store, "--host", "0.0.0.0", "--token-file", str(file)) as address:
        address = address.replace("0.0.0.0", "127.0.0.1")
        for headers in (
            {},
            {"authorization": "Bearer wrong"},
            {"authorization": "Basic !!"},
            {"authorization": token},
        ):
            refused = httpx.get(address + "/", headers=headers, timeout=30)
            assert refused.status_code == 401
            assert "www-authenticate" in refused.headers
            assert token not in refused.text
        assert (
            httpx.get(address + "/", headers={"authorization": f"Bearer {token}"}, timeout=30).status_code
            == 200
        )
        assert httpx.get(address + "/", auth=("anybody", token), timeout=30).status_code == 200


def test_wrong_use_is_told(tmp_path: Path, store: Path) -> None:
    runner = CliRunner()
    missing = runner.invoke(main, ["serve", str(tmp_path / "none.ttl")])
    assert (missing.exit_code, "no such graph" in missing.output) == (2, True)
    (tmp_path / "bad.ttl").write_text("this is no Turtle")
    broken = runner.invoke(main, ["serve", str(tmp_path / "bad.ttl"), "--port", "0"])
    assert (broken.exit_code, "bad.ttl:1:" in broken.output) == (2, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = runner.invoke(main, ["serve", str(store), "--port", str(taken.getsockname()[1])])
    assert (busy.exit_code, "choose another --port" in busy.output) == (2, True)


# --- Changes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["store", "file"])
def test_a_new_build_becomes_visible_without_a_restart(tmp_path: Path, kind: str) -> None:
    place = make_store(tmp_path / "store")
    graph_file = tmp_path / "graph.ttl"
    with Graph.open(place) as graph:
        from kg.files import write

        write(graph, graph_file)
    more = article("later", date(2025, 1, 1), ("Norway met Japan.", "NOR", "consult", "JPN", "+", "actual"))
    with (
        serving(place if kind == "store" else graph_file) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        query = {"query": "ASK { act:NOR rel:consult act:JPN }", "format": "json"}
        assert client.get("/actor/NOR").status_code == 404
        assert client.get("/sparql", params=query).json()["boolean"] is False
        with Graph.open(place) as graph:
            graph.add(*more)
            if kind == "file":
                write(graph, graph_file)
        for _ in range(60):
            if client.get("/actor/NOR").status_code == 200:
                break
            time.sleep(0.5)
        assert client.get("/actor/NOR").status_code == 200
        assert client.get("/sparql", params=query).json()["boolean"] is True


def test_an_empty_graph_and_one_without_texts_are_shown(tmp_path: Path) -> None:
    with Graph.open(tmp_path / "empty") as graph:
        graph.add(Document("only", "Nothing here.", "Only", None, None, None), [])
    with serving(tmp_path / "empty") as address, httpx.Client(base_url=address, timeout=60) as client:
        for path in ("/", "/documents", "/help", "/query", "/search?q=x"):
            assert client.get(path, headers={"accept": HTML}).status_code == 200, path
    with Graph.open(tmp_path / "bare", keep_text=False) as graph:
        graph.add(
            *article("talks", date(2024, 1, 1), ("India met Iran.", "IND", "consult", "IRN", "+", "actual"))
        )
    with serving(tmp_path / "bare") as address, httpx.Client(base_url=address, timeout=60) as client:
        document = client.get("/api/documents").json()["documents"][0]["path"]
        assert "India met Iran" in client.get(document).text


def test_only_things_of_the_graph_have_pages() -> None:
    from kg.serve.render import path_of

    assert path_of("https://w3id.org/bilateral-kg/actor/IND") == "/actor/IND"
    assert path_of("javascript:alert(1)") is None

"""Nonsense of all kinds is answered with 2xx, 3xx or 4xx, never with an error of the server."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.served import make_store, serving

pytest.importorskip("fastapi", reason="the extra serve is not installed")

pytestmark = pytest.mark.slow

SEEDS = (
    "SELECT * { ?s ?p ?o } LIMIT 5",
    "PREFIX kg: <https://w3id.org/bilateral-kg/ontology#>\nASK { ?s a kg:Statement FILTER(?s != 1) }",
    "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s LIMIT 3",
    "DESCRIBE act:IND",
    "SELECT ?x (COUNT(?y) AS ?n) FROM NAMED graph:asserted { VALUES ?x { 1 } } GROUP BY ?x HAVING(?n > 1)",
)
PIECES = (
    *"{}()<>?$.;,\"'\\#@^|/*+-!&=\n\t\0é\U0001f600\ufffe",
    *(
        " SELECT ",
        " SERVICE ",
        " FROM ",
        "<file:///etc/passwd>",
        "<http://127.0.0.1:1/>",
        "1e999",
        "'''",
        "<<",
        ">>",
    ),
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(make_store(tmp_path_factory.mktemp("fuzzed") / "store"), "--seconds", "2") as found:
        yield found


def broken(rng: random.Random) -> str:
    """A query with a few characters or pieces put in, taken out or doubled."""
    text = rng.choice(SEEDS)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(3)
        if kind == 0:
            text = text[:at] + rng.choice(PIECES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + rng.randrange(1, 6) :]
        else:
            text = text[:at] + text[max(0, at - 12) :]
    return text


def test_malformed_sparql(address: str) -> None:
    rng = random.Random(7)
    direct = {"content-type": "application/sparql-query"}
    with httpx.Client(base_url=address, timeout=60) as client:
        for _ in range(400):
            query = broken(rng)
            answer = client.post("/sparql", content=query.encode(), headers=direct)
            assert answer.status_code in (200, 400, 422), (query, answer.text)
            page = client.get("/query", params={"query": query})
            assert page.status_code in (200, 400, 422), (query, page.text)
            assert "Traceback" not in answer.text + page.text


@pytest.mark.parametrize(
    "raw",
    [
        b"GET\r\n\r\n",
        b"\x00\xff\xfe\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /%ff%00 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET /static/..%2f..%2f__init__.py HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic \xff\r\nConnection: close\r\n\r\n",
        b"GET /actor/" + b"A" * 5000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    ],
    ids=range(10),
)
def test_malformed_http(address: str, raw: bytes) -> None:
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as wire:
        wire.sendall(raw)
        told = wire.recv(4000)
    assert b" 500 " not in told.split(b"\r\n")[0]
    assert b"root:" not in told
    assert httpx.get(address, timeout=60).status_code == 200


@pytest.mark.skipif(
    shutil.which("schemathesis") is None and not (Path(sys.executable).parent / "schemathesis").exists(),
    reason="schemathesis is not installed",
)
def test_schemathesis_finds_nothing(address: str, tmp_path: Path) -> None:
    """Generated requests for the whole API: no error of the server, and answers as described."""
    command = shutil.which("schemathesis") or str(Path(sys.executable).parent / "schemathesis")
    # Whether what was generated ought to be accepted is not asked: names of actors have no grammar.
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    done = subprocess.run(
        [
            command,
            "run",
            f"{address}/openapi.json",
            "--checks",
            checks,
            "--max-examples",
            "25",
            "--seed",
            "7",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]

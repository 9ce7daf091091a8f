"""A small graph with everything that pages have to show, and a server of it in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx

from kg.model import Document, Evidence, Polarity, Span, Statement, Status, When
from kg.store import Graph

ROOT = Path(__file__).resolve().parents[1]
EVIL = "<script>alert('x')</script>"


def article(
    name: str, day: date, *claims: tuple[str, str, str, str, Polarity, Status]
) -> tuple[Document, list[Statement]]:
    """A document whose sentences each make one statement: (sentence, source, relation, target, ...)."""
    text, stmts = "", []
    for sentence, source, relation, target, polarity, status in claims:
        span = Span(len(text), len(text) + len(sentence) - 1)
        evidence = Evidence(name, span, sentence[:-1], sentence, "hand 1", "written down")
        when = When(day, day)
        stmts.append(
            Statement(source, relation, target, polarity, status, when, confidence=0.9, evidence=(evidence,))
        )
        text += sentence + "\n"
    url = f"https://example.org/{name}" if name != "evil" else "javascript:alert(1)"
    return Document(name, text, f"About {name}", "The Paper", url, day), stmts


NEWS = (
    article(
        "talks",
        date(2024, 3, 1),
        ("India held talks with Pakistan.", "IND", "consult", "PAK", "+", "actual"),
        ("Pakistan accused India of lies.", "PAK", "accuse", "IND", "+", "actual"),
        ("India has not recognised the Taliban.", "IND", "recognizes", "AFG", "-", "actual"),
        ("India keeps an embassy in Pakistan.", "IND", "has_mission_in", "PAK", "+", "actual"),
    ),
    article(
        "threat",
        date(2024, 6, 1),
        ("Pakistan will reportedly attack India.", "PAK", "assault", "IND", "+", "intended"),
        ("India accused Pakistan again.", "IND", "accuse", "PAK", "+", "actual"),
        ("China met Pakistan in Beijing.", "CHN", "consult", "PAK", "+", "actual"),
    ),
    article(
        "evil",
        date(2024, 7, 1),
        (f"India said {EVIL} to China.", "IND", "accuse", "CHN", "+", "alleged"),
    ),
)


def make_store(folder: Path) -> Path:
    """The graph in a store's folder."""
    with Graph.open(folder) as graph:
        for document, stmts in NEWS:
            graph.add(document, stmts)
        evil = Document(
            "<b>bold</b>", f"{EVIL} & more", f"{EVIL} \"title\" 'quoted'", EVIL, 'http://x/"><script>'
        )
        graph.add(evil, [])
    return folder


@contextmanager
def serving(graph: Path, *options: str, **environment: str) -> Iterator[str]:
    """The address of a server, until the block ends; the log is what it wrote."""
    command = [sys.executable, "-m", "kg", "serve", str(graph), "--port", "0", *options]
    env = {**os.environ, **environment}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        told = ""
        while True:
            line = process.stderr.readline()
            told += line
            if found := re.search(r"on (http://\S+)/ ", line):
                break
            assert line, told
        address = found[1]
        for _ in range(120):  # the socket listens before the application answers
            try:
                httpx.get(f"{address}/static/icon.svg", timeout=30)
                break
            except httpx.TransportError:
                time.sleep(0.25)
        yield address
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

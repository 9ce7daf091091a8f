"""How `kg serve` stands 50 readers at once, with Locust (`pip install locust`).

    python tests/benchmarks/serving.py STORE [TRIPLES]      make a store of made-up news, 1,000,000 triples
    kg serve STORE --port 8765 &
    locust -f tests/benchmarks/serving.py --headless -u 50 -r 10 -t 60s --host http://127.0.0.1:8765

A reader opens a page or asks a query, and looks at it for one to three seconds. The pages are pairs,
countries, documents, the overview, searches, named queries and SPARQL, in the shares below.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kg.model import Document, Evidence, Span, Statement, When
from kg.ontology import load_ontology

PER_STATEMENT = 19
"""Triples that a statement with one piece of evidence has, about."""


def news(statements: int, seed: int = 7) -> Iterator[tuple[Document, list[Statement]]]:
    """Documents of five made-up statements each; few pairs have many, as in real news."""
    from kg.actors import load_actors

    rng = random.Random(seed)
    table = load_actors().actors
    states = [actor for actor in table.values() if actor.kind == "state" and actor.cow]
    rng.shuffle(states)
    weights = [1 / (rank + 2) for rank in range(len(states))]
    relations = list(load_ontology().relations)
    for number in range(statements // 5):
        day = date(2015, 1, 1) + timedelta(days=rng.randrange(3650))
        lines, stmts, at = [], [], 0
        for _ in range(5):
            one, two = rng.choices(states, weights, k=2)
            while one is two:
                two = rng.choice(states)
            relation = rng.choice(relations)
            words = f"{one.name} {relation.replace('_', ' ')} {two.name} on {day:%d %B %Y}."
            evidence = Evidence(
                f"news-{number}", Span(at, at + len(words)), words, words, "made up 1", "made up"
            )
            stmts.append(
                Statement(
                    one.code,
                    relation,
                    two.code,
                    polarity=rng.choices("+-", (9, 1))[0],  # type: ignore[arg-type]
                    status=rng.choices(("actual", "alleged", "intended", "requested"), (7, 1, 1, 1))[0],  # type: ignore[arg-type]
                    when=When(day, day) if rng.random() < 0.7 else None,
                    confidence=round(rng.uniform(0.3, 1), 3),
                    evidence=(evidence,),
                )
            )
            lines.append(words)
            at += len(words) + 1
        title = f"Report {number}: {lines[0]}"
        yield Document(f"news-{number}", "\n".join(lines), title, "Made-up News", None, day), stmts


def make(folder: Path, triples: int) -> None:
    """A store of about so many triples."""
    from kg.store import Graph

    with Graph.open(folder) as graph:
        graph.add_all(news(triples // PER_STATEMENT))
        graph.store.optimize()
        print(f"{len(graph.store)} triples in {folder}")


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
else:
    try:
        from locust import HttpUser, between, task
    except ImportError:  # read by a test without Locust
        pass
    else:

        class Reader(HttpUser):
            """Somebody who reads the pages."""

            wait_time = between(1, 3)

            def on_start(self) -> None:
                """Learn what there is to see."""
                self.pairs: list[Any] = self.client.get("/api/pairs?limit=400").json()["pairs"]
                self.documents: list[Any] = self.client.get("/api/documents?limit=400").json()["documents"]

            @task(8)
            def pair(self) -> None:
                """A pair page."""
                pair = random.choice(self.pairs)
                self.client.get(f"/pair/{pair['a']}/{pair['b']}", name="/pair/A/B")

            @task(3)
            def country(self) -> None:
                """A country page."""
                self.client.get(f"/actor/{random.choice(self.pairs)['a']}", name="/actor/A")

            @task(3)
            def document(self) -> None:
                """A document page."""
                self.client.get(random.choice(self.documents)["path"], name="/id/doc/D")

            @task(2)
            def overview(self) -> None:
                """The first page."""
                self.client.get("/")

            @task(1)
            def search(self) -> None:
                """A search."""
                self.client.get("/search?q=iran", name="/search")

            @task(2)
            def sparql(self) -> None:
                """A query over the plain triples."""
                actor = random.choice(self.pairs)["a"]
                pattern = f"{{ ?who ?how act:{actor} }}"
                query = f"SELECT ?who (COUNT(*) AS ?n) {pattern} GROUP BY ?who ORDER BY DESC(?n)"
                self.client.get("/sparql", params={"query": query}, name="/sparql")

            @task(1)
            def named(self) -> None:
                """A named query."""
                self.client.get(
                    "/api/queries/timeline", params={"a": "IRN", "b": "IND"}, name="/api/queries/timeline"
                )

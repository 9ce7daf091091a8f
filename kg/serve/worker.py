"""What runs in a process that may be killed: one query or view after the other, over its own opened store.

Jobs come and answers go over a pipe. A process that grows beyond its share of memory ends by itself.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import KgError
from kg.rdf import PREFIXES
from kg.serve.accept import GRAPHS, TABLES, choose
from kg.sparql import check_graphs, evaluate
from kg.store import Graph

_QUIET = 3.0
"""Seconds after the start in which a process waits for queries and does nothing else."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be worked out: a SPARQL query, or with `view` a view with its options.

    `place` is the folder of the store, `version` tells when it has to be opened anew. `accept`: the Accept
    header, or a media type. `rows`: most rows of an answer as a table for a page (`accept` None).
    """

    place: Path
    version: str
    query: str = ""
    accept: str | None = None
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()
    rows: int | None = None
    view: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    most: int = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Reply:
    """What came out: an HTTP status, a media type, and the answer or one line about what was wrong."""

    status: int
    kind: str
    body: bytes


class _TooMuchError(Exception):
    """More bytes than an answer may have."""


class _Bounded(io.BytesIO):
    """Bytes up to a limit; the engine stops working when it cannot write any more."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, data: Any) -> int:
        """Take the bytes, or raise when there are too many."""
        if self.tell() + len(data) > self.most:
            raise _TooMuchError
        return super().write(data)


def refusal(status: int, message: str) -> Reply:
    """An answer that says what was wrong."""
    return Reply(status, "text/plain", (message.rstrip() + "\n").encode())


def main(pipe: Connection, memory: int) -> None:
    """Work on what comes through the pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    with Path(os.devnull).open(
        "w"
    ) as nowhere:  # the engine's last words about memory are of no use to anybody
        os.dup2(nowhere.fileno(), 2)
    os.nice(10)  # a long query shall not slow down the pages of others
    held = _held()
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (held + memory, held + memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    desk = _Desk()
    pipe.send(None)  # ready: from here on the time of a job counts
    if not pipe.poll(_QUIET):  # nobody asks yet: get ready for views, which need slow imports
        import_module("networkx")
        import_module("kg.views")
    while True:
        try:
            job = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(desk.work(job))


def _held() -> int:
    """Bytes of data that this process has already."""
    with suppress(OSError, IndexError, ValueError):
        return int(Path("/proc/self/statm").read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    return 0


class _Desk:
    """The store that is open, and what was read from it for views."""

    def __init__(self) -> None:
        self.opened: tuple[Path, str] | None = None
        self.graph = Graph()
        self.statements: list[Any] | None = None

    def work(self, job: Job) -> Reply:
        """The answer to a job; mistakes of the user are answers too."""
        try:
            if self.opened != (job.place, job.version):
                self.graph.close()
                self.graph, self.statements = Graph.open(job.place, read_only=True), None
                self.opened = job.place, job.version
            return self.view(job) if job.view else self.query(job)
        except _TooMuchError:
            return refusal(422, f"the answer has more than {job.most:,} bytes; ask for less, or use LIMIT")
        except KgError as exc:
            return refusal(400, str(exc))
        except MemoryError:
            return refusal(422, "the answer needs more memory than it may have; ask for less")
        except RuntimeError as exc:  # what an expression of the query does while rows are read
            return refusal(400, f"the query cannot be answered: {exc}")
        except OSError as exc:  # the store was rewritten under our feet: open it anew next time
            self.opened = None
            return refusal(503, f"the store is being changed, ask again: {exc.__class__.__name__}")

    def query(self, job: Job) -> Reply:
        """The answer to a query, in the form that is wanted."""
        store = self.graph.store
        check_graphs(store, job.query, (*job.default_graphs, *job.named_graphs))
        answer = evaluate(store, job.query, default_graphs=job.default_graphs, named_graphs=job.named_graphs)
        if job.rows is not None:
            return Reply(200, "application/json", _page(answer, job.rows, job.most))
        out = _Bounded(job.most)
        if isinstance(answer, ox.QueryTriples):
            kind = choose(job.accept, list(GRAPHS))
            if kind is None:
                return refusal(406, f"triples come as one of {', '.join(GRAPHS)}")
            form = GRAPHS[kind]
            ox.serialize(answer, out, form, prefixes=dict(PREFIXES) if form is ox.RdfFormat.TURTLE else None)
            return Reply(200, kind, out.getvalue())
        kind = choose(job.accept, list(TABLES))
        if kind is None:
            return refusal(406, f"results come as one of {', '.join(TABLES)}")
        if isinstance(answer, ox.QueryBoolean) and kind in ("text/csv", "text/tab-separated-values"):
            return Reply(200, kind, b"answer\n" + (b"true\n" if answer else b"false\n"))
        answer.serialize(out, TABLES[kind])
        return Reply(200, kind, out.getvalue())

    def view(self, job: Job) -> Reply:
        """A view as JSON."""
        from kg.views import make_view, publication_dates

        if self.statements is None:
            self.statements = list(self.graph.statements())
            self.published = publication_dates(self.graph.documents())
        try:
            made = make_view(str(job.view), self.statements, self.published, **job.options)
        except ValueError as exc:
            return refusal(400, f"view {job.view!r}: {exc}")
        body = made.to_json().encode()
        if len(body) > job.most:
            raise _TooMuchError
        return Reply(200, "application/json", body)


def _page(answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, most: int, size: int) -> bytes:
    """Column names, the first rows as [kind, text, datatype] cells, and whether there are more, as JSON."""
    rows: list[list[Any]] = []
    more, held = False, 0
    if isinstance(answer, ox.QueryBoolean):
        told = [["literal", str(bool(answer)).lower(), "boolean"]]
        return json.dumps({"columns": ["answer"], "rows": [told], "more": False}).encode()
    if isinstance(answer, ox.QueryTriples):
        columns = ["subject", "predicate", "object"]
        terms: Any = ((triple.subject, triple.predicate, triple.object) for triple in answer)
    else:
        columns = [variable.value for variable in answer.variables]
        terms = (tuple(row[name] for name in columns) for row in answer)
    for row in terms:
        if len(rows) >= most:
            more = True
            break
        rows.append([_cell(term) for term in row])
        held += sum(len(cell[1]) for cell in rows[-1] if cell)
        if held > size:
            raise _TooMuchError
    return json.dumps({"columns": columns, "rows": rows, "more": more}, ensure_ascii=False).encode()


def _cell(term: Any) -> list[str] | None:
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return ["iri", term.value, ""]
    if isinstance(term, ox.Literal):
        return ["literal", term.value, term.datatype.value.rsplit("#", 1)[-1]]
    return ["other", str(term), ""]

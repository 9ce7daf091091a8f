"""Documents and statements in, a graph that can be asked out: the `Graph`, in memory or in a folder.

Each document has a named graph of its own, so that it can be replaced or taken out exactly. Everything else
follows from those graphs and is kept in step with them, in the same atomic change: the plain triples between
actors (graph `asserted`), the facts about the actors that occur (`reference`), and how it was made (`meta`).
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Quad

from kg import derive
from kg.errors import InputError
from kg.merge import unite
from kg.model import Document, Statement
from kg.ontology import KG
from kg.rdf import (
    ASSERTED,
    META,
    TYPE,
    Properties,
    Run,
    by_subject,
    decimal,
    document_graph,
    document_iri,
    document_triples,
    iri,
    read_document,
    read_statements,
    statement_triples,
    value,
    within,
)
from kg.sparql import Result, ask

if TYPE_CHECKING:
    from rdflib import Dataset

    from kg.actors import ActorTable

THRESHOLD = 0.5
"""Least confidence of a plain triple, unless the graph says otherwise: more likely right than wrong."""

_BATCH = 50_000  # triples that `add_all` writes at once; whole documents only


class Graph:
    """Who did what to whom, by which document, said how.

    Statements are nodes. The plain triple `act:A rel:r act:B` exists if and only if a statement says so that
    is affirmed and actual and has at least the confidence `threshold` (`derive`); for a symmetric relation
    both directions are written. Every triple lies in exactly one named graph, and there are no blank nodes.

    `Graph()` lives in memory, `Graph.open(folder)` on disk. One process at a time may write to a folder, any
    number may read. `len(graph)` counts statements, `id in graph` asks for a document.
    """

    actors: ActorTable | None = None
    """The tables from which facts about actors are taken; the shipped ones if None."""

    def __init__(self, *, threshold: float | None = None, keep_text: bool = True) -> None:
        """`threshold`: 0 to 1, 0.5 if None. `keep_text`: whether the texts of documents are stored too."""
        self._take(ox.Store(), None, threshold, keep_text, read_only=False)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        read_only: bool = False,
        threshold: float | None = None,
        keep_text: bool = True,
    ) -> Self:
        """Open the store in the folder `path`, and make it if it is not there.

        `threshold`: if given and different from the stored one, the plain triples are derived anew.
        `read_only` gives the state at this moment, also while another process writes. `InputError` when the
        folder holds something else, another process writes to it, or it cannot be written.
        """
        path = Path(path)
        if path.exists() and not path.is_dir():
            raise InputError(f"{path}: is a file; read it with `read_graph`, or name a folder")
        if path.is_dir() and any(path.iterdir()) and not (path / "CURRENT").exists():
            raise InputError(f"{path}: is no graph store, and not empty; name another folder")
        if read_only and not path.is_dir():
            raise InputError(f"{path}: there is no such graph store")
        try:
            store = _snapshot(path) if read_only else ox.Store(str(path))
        except OSError as exc:
            if "lock" in str(exc).lower():
                raise InputError(
                    f"{path}: another program is writing here; wait, or open it read-only"
                ) from exc
            raise InputError(f"{path}: cannot be opened as a graph store: {exc}") from exc
        graph = cls.__new__(cls)
        graph._take(store, path, threshold, keep_text, read_only=read_only)
        return graph

    @classmethod
    def of(cls, quads: Iterable[Quad]) -> Self:
        """A graph in memory of exactly these triples: nothing is checked or derived (see `read_graph`)."""
        store = ox.Store()
        store.bulk_extend(quads)
        graph = cls.__new__(cls)
        graph._take(store, None, None, True, read_only=False)
        return graph

    def _take(
        self,
        store: ox.Store,
        folder: Path | None,
        threshold: float | None,
        keep_text: bool,
        *,
        read_only: bool,
    ) -> None:
        self._store: ox.Store | None = store
        self.folder = folder  # None in memory
        self.path = folder or Path("graph")
        self.keep_text = keep_text
        self.read_only = read_only
        kept = next(store.quads_for_pattern(ASSERTED, iri(KG.threshold), None, META), None)
        stored = float(value(kept.object)) if kept else None
        wanted = threshold if threshold is not None else stored if stored is not None else THRESHOLD
        self._threshold = _share("threshold", wanted)
        if wanted != stored and not read_only:
            self.derive()

    @property
    def store(self) -> ox.Store:
        """The Oxigraph store behind the graph; whoever writes to it directly has to keep the rules above."""
        if self._store is None:
            raise ValueError(f"{self.path}: the graph is closed")
        return self._store

    @property
    def threshold(self) -> float:
        """Least confidence at which an affirmed and actual statement becomes a plain triple."""
        return self._threshold

    @property
    def dataset(self) -> Dataset:
        """The same store as an rdflib `Dataset`; its default graph is the union of all graphs.

        For reading. Triples added here bypass the rules of this class. rdflib's own `turtle` serialiser is
        slow on it; use `kg.write`.
        """
        from oxrdflib import OxigraphStore
        from rdflib import Dataset

        from kg.rdf import PREFIXES

        dataset = Dataset(store=OxigraphStore(store=self.store), default_union=True)
        for prefix, base in PREFIXES.items():
            dataset.bind(prefix, base)
        return dataset

    # --- Writing --------------------------------------------------------------------------------------------

    def add(self, document: Document, stmts: Iterable[Statement], *, run: Run | None = None) -> int:
        """Put a document and what it says into the graph, in place of any earlier version; count statements.

        The change is atomic: after a crash the graph holds the earlier version or the new one. Statements
        with the same id are united; agents and evidence are kept sorted, confidence to six digits. `run` says
        how they were made. `ValueError` for a statement of another document, or without evidence.
        """
        united = _united(document, stmts)
        own = self._quads(document, united, run)
        self._replace(document_graph(document.id), own, _described(run))
        return len(united)

    def add_all(
        self, items: Iterable[tuple[Document, Iterable[Statement]]], *, run: Run | None = None
    ) -> int:
        """`add` for many documents, which is faster; counts documents.

        Documents are written whole. When `items` raises, those that it gave before are in the graph.
        """
        waiting: set[Quad] = set()
        graphs: set[NamedNode] = set()
        count = 0
        try:
            for document, stmts in items:
                graph = document_graph(document.id)
                own = self._quads(document, _united(document, stmts), run)
                if len(waiting) >= _BATCH or graph in graphs:
                    self._change(set(), waiting)
                    waiting, graphs = set(), set()
                if self._own(graph):
                    self._replace(graph, own, _described(run))
                else:
                    graphs.add(graph)
                    waiting |= own | self._shared(own) | _described(run)
                count += 1
        finally:
            self._change(set(), waiting)
        return count

    def update(self, other: Graph) -> int:
        """Take in all documents of another graph, each in place of any earlier version; count them.

        Plain triples follow from this graph's own threshold.
        """
        graphs = other.document_graphs()
        for graph in graphs:
            own = other._own(graph)
            runs = {
                quad for quad in derive.shared(other.store, own, other.threshold) if quad.graph_name == META
            }
            self._replace(graph, own, runs)
        return len(graphs)

    def remove(self, document: str) -> bool:
        """Take a document out by its id, with all that followed from it alone; False if there is none."""
        known = document in self
        self._replace(document_graph(document), set(), set())
        return known

    def derive(self, threshold: float | None = None) -> int:
        """Make the plain triples anew from all statements, and count them. `threshold` (0 to 1) is kept.

        Only needed to change the threshold: `add` and `remove` keep the plain triples in step.
        """
        if threshold is not None:
            self._threshold = _share("threshold", threshold)
        wanted = derive.all_plain(self.store, self._threshold)
        wanted.add(Quad(ASSERTED, iri(KG.threshold), decimal(self._threshold), META))
        there = set(self.store.quads_for_pattern(None, None, None, ASSERTED))
        there.update(self.store.quads_for_pattern(ASSERTED, iri(KG.threshold), None, META))
        self._change(there - wanted, wanted - there)
        return len(wanted) - 1

    def close(self) -> None:
        """Write everything out and let go of the folder; the graph cannot be used any more."""
        if self._store is not None and not self.read_only:
            self._store.flush()
        self._store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- Reading --------------------------------------------------------------------------------------------

    def has(self, document: Document, *, run: Run | None = None) -> bool:
        """Whether this very document is in the graph, unchanged, and made by `run` if one is given."""
        graph = document_graph(document.id)
        stored = Literal(document.content_hash)
        known = Quad(document_iri(document.id), iri(KG.contentHash), stored, graph) in self.store
        return known and (run is None or Quad(graph, iri(KG.run), run.iri, META) in self.store)

    def __contains__(self, document: object) -> bool:
        """Whether there is a document with this id."""
        if not isinstance(document, str):
            return False
        return Quad(document_iri(document), TYPE, iri(KG.Document), document_graph(document)) in self.store

    def document(self, document: str) -> Document | None:
        """The document with this id, or None; its text is empty where texts are not kept."""
        return read_document(self._read(document_graph(document))) if document in self else None

    def documents(self) -> Iterator[Document]:
        """All documents by day of publication, then id; those without a day come first."""
        return (read_document(self._read(graph)) for graph in self.document_graphs())

    def statements(self, document: str | None = None) -> Iterator[Statement]:
        """All statements, or those of one document: by day of publication, then in the order of the text.

        `InputError` when a statement in the store is incomplete.
        """
        for graph in self.document_graphs() if document is None else [document_graph(document)]:
            nodes = self._read(graph)
            if nodes:
                yield from read_statements(nodes, read_document(nodes).id)

    def sparql(self, query: str, *, bindings: Mapping[str, Any] | None = None) -> Result:
        """The answer to a SPARQL 1.1 query (SELECT, ASK, CONSTRUCT, DESCRIBE) over all named graphs together.

        The prefixes of this package (`kg:`, `rel:`, `act:` ...) need no declaration. `bindings` fixes
        variables to Python values. `QueryError`, with line and column, for anything else than a query.

        >>> Graph().sparql("SELECT ?n { BIND(1 + 1 AS ?n) }").rows
        [(2,)]
        """
        return ask(self.store, query, bindings)

    def __len__(self) -> int:
        return int(str(self.sparql("SELECT (COUNT(*) AS ?n) { ?s a kg:Statement }").rows[0][0]))

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        if self._store is None:
            return f"<Graph: {self.path}, closed>"
        documents = sum(1 for _ in self.store.quads_for_pattern(None, TYPE, iri(KG.Document)))
        return f"<Graph: {len(self)} statements from {documents} documents>"

    def _repr_html_(self) -> str:
        if self._store is None:
            return html.escape(repr(self))
        table = self.sparql(
            "SELECT ?relation (COUNT(?s) AS ?statements) (COUNT(DISTINCT ?source) AS ?sources) "
            "(COUNT(DISTINCT ?target) AS ?targets) "
            "{ ?s kg:relation ?relation ; kg:source ?source ; kg:target ?target } "
            "GROUP BY ?relation ORDER BY DESC(?statements) ?relation"
        )
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{table._repr_html_()}"

    # --- How it is kept in step -----------------------------------------------------------------------------

    def document_graphs(self) -> list[NamedNode]:
        """The named graphs of all documents, in the order of `documents`."""
        found = self.store.query(
            "SELECT ?graph ?published ?id { GRAPH ?graph { ?d a kg:Document ; kg:identifier ?id "
            "OPTIONAL { ?d kg:published ?published } } }",
            prefixes={"kg": KG.base},
        )
        assert isinstance(found, ox.QuerySolutions)
        rows = {row["graph"]: (row["published"], row["id"]) for row in found}
        return sorted(rows, key=lambda graph: tuple(value(t) if t else "" for t in rows[graph]))

    def _read(self, graph: NamedNode) -> Mapping[str, Properties]:
        return by_subject(self.store.quads_for_pattern(None, None, None, graph))

    def _quads(self, document: Document, stmts: Iterable[Statement], run: Run | None) -> set[Quad]:
        """What the graph holds for one document and no other."""
        triples = set(document_triples(document, keep_text=self.keep_text))
        for stmt in stmts:
            triples.update(statement_triples(stmt))
        graph = document_graph(document.id)
        own = {within(graph, triple) for triple in triples}
        if run is not None:
            own.add(Quad(graph, iri(KG.run), run.iri, META))
        return own

    def _own(self, graph: NamedNode) -> set[Quad]:
        """What the store has of that."""
        own = set(self.store.quads_for_pattern(None, None, None, graph))
        return own | set(self.store.quads_for_pattern(graph, None, None, META))

    def _replace(self, graph: NamedNode, own: set[Quad], runs: set[Quad]) -> None:
        """Put `own` in place of what the store has of a document, and adapt what documents share."""
        old = self._own(graph)
        before, after = self._shared(old), self._shared(own) | runs
        orphans = {
            quad for quad in before - after if not derive.elsewhere(self.store, quad, graph, self.threshold)
        }
        gone = (old - own) | derive.with_dated(self.store, orphans)
        self._change(gone, {quad for quad in own | after if quad not in self.store})

    def _shared(self, own: set[Quad]) -> set[Quad]:
        return derive.shared(self.store, own, self._threshold, self.actors)

    def _change(self, gone: set[Quad], come: set[Quad]) -> None:
        """Write both, or nothing."""
        if not gone and not come:
            return
        if self.read_only:
            raise InputError(f"{self.path}: was opened read-only; open it for writing")
        try:
            if gone:
                self.store.update(f"DELETE DATA {{ {_data(gone)} }} ; INSERT DATA {{ {_data(come)} }}")
            else:
                self.store.extend(come)
        except OSError as exc:
            raise InputError(f"{self.path}: cannot be written: {exc}") from exc


def _snapshot(path: Path) -> ox.Store:
    """The store as it is now, to read. Its writer may replace files in just that moment: then once more."""
    for pause in (0.05, 0.2, 0.8):
        try:
            return ox.Store.read_only(str(path))
        except RuntimeError:
            sleep(pause)
    return ox.Store.read_only(str(path))


def _share(name: str, number: float) -> float:
    if not 0 <= number <= 1:
        raise ValueError(f"{name} {number} is not between 0 and 1")
    return number


def _described(run: Run | None) -> set[Quad]:
    return {within(META, triple) for triple in run.triples()} if run else set()


def _united(document: Document, stmts: Iterable[Statement]) -> list[Statement]:
    """The statements with each id once, after a check that they belong to the document."""
    groups: dict[str, list[Statement]] = {}
    for stmt in stmts:
        if not stmt.evidence:
            raise ValueError(f"{stmt}: has no evidence")
        if any(evidence.document != document.id for evidence in stmt.evidence):
            raise ValueError(f"{stmt}: its evidence is not of document {document.id!r}")
        _share(f"{stmt}: confidence", stmt.confidence)
        groups.setdefault(stmt.id, []).append(stmt)
    return [unite(group) for group in groups.values()]


def _data(quads: set[Quad]) -> str:
    """The triples as the body of a SPARQL update."""
    graphs: dict[str, list[str]] = {}
    for quad in quads:
        graphs.setdefault(str(quad.graph_name), []).append(f"{quad.subject} {quad.predicate} {quad.object} .")
    return " ".join(f"GRAPH {graph} {{ {' '.join(triples)} }}" for graph, triples in graphs.items())

"""Event data that others coded, into the graph and the views.

A row becomes a statement whose evidence is the row itself, in a document for each file and day, made by a run
named "import ...": that mark keeps it apart from what texts say (`kg.graph.Graph.origins`). Beside the graph,
a flat table holds the same events for the views. What cannot be read is counted by reason and written down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np

from kg.errors import InputError
from kg.events.coding import Coder
from kg.events.files import FORMATS, Line, Rejected, files_of, layouts, read_rows, reject_file
from kg.events.formats import Coded, Names, Reader, Reject, Unit, read_names, reader
from kg.events.tables import write_table
from kg.model import Document, Evidence, Span, Statement, When, content_id
from kg.ontology import load_ontology
from kg.rdf import Run
from kg.store import Graph
from kg.views.table import Table

__all__ = ["FORMATS", "Report", "import_events"]

VERSION = "1"


@dataclass
class Report:
    """What an import did: rows read, events kept, and rows left out by reason."""

    rows: int = 0
    kept: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    first: date | None = None
    last: date | None = None
    examples: dict[str, Rejected] = field(default_factory=dict)
    broken: int = 0
    """Rows that are damaged, not merely about something else."""

    def reject(self, found: Rejected) -> None:
        """Count a row that gave nothing; the first of each reason is kept as an example."""
        self.rejected[found.reason] += 1
        self.examples.setdefault(found.reason, found)
        self.broken += found.broken

    def __str__(self) -> str:
        days = f", {self.first} to {self.last}" if self.first else ""
        return f"{self.rows} rows; {self.kept} events{days}; {self.rejected.total()} rows left out"


@dataclass(frozen=True, slots=True)
class Event:
    """A row that could be read: its document, what it says, and the row."""

    document: str
    source: str
    relation: str
    target: str
    start: date
    end: date
    code: str
    text: str

    @property
    def when(self) -> When:
        """The days as a statement has them."""
        return When(self.start, self.end)

    @property
    def id(self) -> str:
        """The id of the statement (`Statement.id`)."""
        when = (self.when.first, self.when.last)
        return content_id(self.document, self.source, self.relation, self.target, "+", "actual", when)


def import_events(
    paths: Iterable[Path | str],
    store: Path | str,
    *,
    format: str,
    entities: Path | str | None = None,
    relations: Path | str | None = None,
    start: datetime | date | None = None,
    unit: Unit = "hours",
    nationals: bool = False,
    confidence: float = 0.0,
    table_only: bool = False,
    rejects: Path | str | None = None,
    progress: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Read event data in one of `FORMATS` into the store in the folder `store`, which is made if need be.

    `entities`, `relations`: for quadruples, files with names and their numbers; `start` and `unit`
    ("minutes", "hours" or "days") their clock. `nationals`: private persons and bodies count for their state.
    `confidence`: the share of rows that are right, if it is known; from the graph's threshold on they become
    plain triples, too. `table_only`: write only the table that the views of pairs need, for millions of rows.
    `rejects`: a tab-separated file for the rows left out. Importing the same files again replaces them.

    Raises `InputError` when a file is missing or has not the columns of the format.
    """
    if format not in FORMATS:
        raise InputError(f"{format!r} is no format of event data; choose one of {', '.join(FORMATS)}")
    names = None
    if format == "quadruples" and start is not None:
        moment = start if isinstance(start, datetime) else datetime(start.year, start.month, start.day)
        names = Names(read_names(entities), read_names(relations), moment, unit)
    read, coder, report = reader(format, names), Coder(nationals=nationals), Report()
    files = files_of(paths)
    columns = _Columns()
    documents: dict[str, dict[Event, None]] = {}
    with reject_file(Path(rejects) if rejects else None) as reject:
        for found in _events(files, format, read, coder, report, progress):
            if isinstance(found, Rejected):
                report.reject(found)
                reject(found)
                continue
            columns.add(found)
            if not table_only:
                documents.setdefault(found.document, {})[found] = None
    folder = Path(store)
    with Graph.open(folder) as graph:
        if not table_only:
            _write(graph, format, files, documents, confidence)
    write_table(folder, format, [path.name for path in files], columns.table())
    return report


def _events(
    files: list[Path],
    format: str,
    read: Reader,
    coder: Coder,
    report: Report,
    progress: Callable[[Report], None],
) -> Iterator[Event | Rejected]:
    for path in files:
        for item in read_rows(path, format):
            report.rows += 1
            if report.rows % 10_000 == 0:
                progress(report)
            if isinstance(item, Rejected):
                yield item
                continue
            try:
                event = _event(item, format, path.name, read(item), coder)
            except Reject as why:
                yield Rejected(
                    item.path, item.number, why.reason, why.column, why.value, item.text, why.broken
                )
                continue
            report.kept += 1
            report.first = min(report.first or event.start, event.start)
            report.last = max(report.last or event.end, event.end)
            yield event


def _event(line: Line, format: str, name: str, coded: Coded, coder: Coder) -> Event:
    relation = coder.relation(coded)
    source, target = coder.actor(coded.source, coded.start), coder.actor(coded.target, coded.start)
    if source == target:
        raise Reject("both ends are the same actor", value=source)
    if load_ontology().relations[relation].symmetric and source > target:
        source, target = target, source  # ICEWS has a meeting twice, once from either side
    text = coded.key if format == "quadruples" else line.text
    code = coded.code.partition("|")[0]
    return Event(
        f"{format}:{name}:{coded.start}", source, relation, target, coded.start, coded.end, code, text
    )


class _Columns:
    """The table while it grows."""

    def __init__(self) -> None:
        from array import array

        self._actors: dict[str, int] = {}
        self._relations: dict[str, int] = {}
        self._source, self._target, self._relation, self._day = (array("i") for _ in range(4))
        self._ids = bytearray()

    def add(self, event: Event) -> None:
        if load_ontology().relations[event.relation].kind != "event":
            return
        self._source.append(self._actors.setdefault(event.source, len(self._actors)))
        self._target.append(self._actors.setdefault(event.target, len(self._actors)))
        self._relation.append(self._relations.setdefault(event.relation, len(self._relations)))
        first = event.start.toordinal()
        self._day.append(first + (event.end.toordinal() - first) // 2)
        self._ids += event.id.encode()

    def table(self) -> Table:
        """All rows, each statement once."""
        ids = np.frombuffer(bytes(self._ids), dtype="S16")
        _, first = np.unique(ids, return_index=True)
        known = load_ontology().relations
        actors, relations = sorted(self._actors), sorted(self._relations)
        move, turn = _order(self._actors, actors), _order(self._relations, relations)

        def column(values: object) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
            return np.asarray(values, dtype=np.int64)[first]

        return Table.sorted(
            tuple(actors),
            tuple(known[name] for name in relations),
            move[column(self._source)],
            move[column(self._target)],
            turn[column(self._relation)],
            column(self._day),
            np.zeros(len(first), dtype=np.int64),
            ids[first],
        )


def _order(found: dict[str, int], names: list[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    move = np.zeros(len(found), dtype=np.int64)
    for i, name in enumerate(names):
        move[found[name]] = i
    return move


def _write(
    graph: Graph, format: str, files: list[Path], documents: dict[str, dict[Event, None]], confidence: float
) -> None:
    """Statements with their rows as evidence, in one document for each file and day."""
    run = Run(f"import {format} {VERSION}")
    graph.add_all(
        (_document(format, name, list(events), confidence) for name, events in sorted(documents.items())),
        run=run,
    )
    prefixes = tuple(f"{format}:{path.name}:" for path in files)
    known = graph.sparql("SELECT ?id { ?d a kg:Document ; kg:identifier ?id } ORDER BY ?id")
    for (document,) in known.rows:
        if str(document).startswith(prefixes) and document not in documents:
            graph.remove(str(document))  # of an earlier state of these files


def _document(
    format: str, name: str, events: list[Event], confidence: float
) -> tuple[Document, list[Statement]]:
    day, title = events[0].start, layouts()[format]["title"]
    begin, stmts = 0, []
    ordered = sorted(events, key=lambda event: (event.text, event.id))
    for event in ordered:
        end = begin + len(event.text)
        evidence = Evidence(
            name, Span(begin, end), event.text, event.text, f"import {format} {VERSION}", f"code {event.code}"
        )
        stmts.append(
            Statement(
                event.source,
                event.relation,
                event.target,
                when=event.when,
                confidence=confidence,
                evidence=(evidence,),
            )
        )
        begin = end + 1
    text = "\n".join(event.text for event in ordered)
    return Document(name, text, f"{title}, {name.split(':')[1]}, {day}", title, published=day), stmts

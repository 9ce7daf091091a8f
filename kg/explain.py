"""Why a graph says something about two actors: every statement between them, with sentence, day and source.

Nothing is summed up or left out here: denied, alleged, planned and requested statements stand beside the
actual ones, each marked as what it is.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from kg.actors import load_actors
from kg.errors import InputError
from kg.model import Document, Evidence, Statement
from kg.ontology import ACT, ID
from kg.show.html import card
from kg.store import Graph

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *(
        "date",
        "source",
        "relation",
        "target",
        "polarity",
        "status",
        "speaker",
        "confidence",
        "quote",
        "sentence",
    ),
    *("document", "title", "published", "publisher", "url", "start", "end", "rule", "statement"),
)
"""What a row of an explanation holds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement and one place in a text that makes it."""

    stmt: Statement
    evidence: Evidence
    document: Document

    @property
    def day(self) -> date | None:
        """First day of what is told; the day of publication where the text gives none."""
        return self.stmt.when.start if self.stmt.when else self.document.published

    @property
    def marks(self) -> tuple[str, ...]:
        """What keeps the statement from being a plain fact: "denied", or a status other than actual."""
        denied = ("denied",) if self.stmt.polarity == "-" else ()
        return denied + ((self.stmt.status,) if self.stmt.status != "actual" else ())

    def as_json(self) -> dict[str, Any]:
        """The entry as plain values, in the order of `COLUMNS`."""
        stmt, evidence, document = self.stmt, self.evidence, self.document
        published = document.published.isoformat() if document.published else None
        values = (
            *(stmt.when.first if stmt.when else None, stmt.source, stmt.relation, stmt.target, stmt.polarity),
            *(stmt.status, stmt.speaker, round(stmt.confidence, 3), evidence.quote, evidence.sentence),
            *(document.id, document.title, published, document.source, document.url),
            *(evidence.span.start, evidence.span.end, evidence.rule, stmt.id),
        )
        return dict(zip(COLUMNS, values, strict=True))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that a graph holds between the actors `a` and `b`, oldest first, undated entries last.

    Both are None where single statements are explained, not a pair.
    """

    a: str | None
    b: str | None
    entries: tuple[Entry, ...]

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    @property
    def heading(self) -> str:
        """One line: who, and how many statements from how many documents."""
        statements = len({entry.stmt.id for entry in self.entries})
        documents = len({entry.document.id for entry in self.entries})
        if self.a is None or self.b is None:
            return f"{statements} statements from {documents} documents"
        pair = f"{name_of(self.a)} ({self.a}) and {name_of(self.b)} ({self.b})"
        return f"{pair}: {statements} statements from {documents} documents"

    def to_text(self) -> str:
        """The explanation for reading in a terminal."""
        lines = [self.heading]
        for entry in self.entries:
            stmt, document = entry.stmt, entry.document
            marks = f"  [{', '.join(entry.marks)}]" if entry.marks else ""
            speaker = f"  according to {stmt.speaker}" if stmt.speaker else ""
            when = stmt.when.first if stmt.when else str(entry.day or "no date")
            lines += [
                "",
                f"{when:10}  {stmt.source} {stmt.relation} {stmt.target}{marks}{speaker}"
                f"  {stmt.confidence:.2f}",
                f"            “{' '.join(entry.evidence.sentence.split())}”",
                f"            {source_of(document)}",
            ]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """The entries as a JSON array of objects with the names in `COLUMNS`."""
        rows = [entry.as_json() for entry in self.entries]
        return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"

    def to_csv(self) -> str:
        """The entries as comma-separated text with a header line."""
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(entry.as_json() for entry in self.entries)
        return out.getvalue()

    def to_html(self) -> str:
        """The statements as cards, with the words that make each of them marked in their sentences."""
        cards = {entry.stmt.id: card(entry.stmt, entry.document) for entry in self.entries}
        heading = f'<div style="font:700 16px system-ui,sans-serif">{html.escape(self.heading)}</div>'
        return f"<section>{heading}{''.join(cards.values())}</section>"

    def to_frame(self) -> pd.DataFrame:
        """The entries as a pandas data frame; needs the extra `frames`."""
        import pandas as pd

        return pd.DataFrame([entry.as_json() for entry in self.entries], columns=list(COLUMNS))

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()


def explain(graph: Graph, a: str, b: str) -> Explanation:
    """All statements between two actors in either direction, with the sentences behind them.

    `a`, `b`: codes, or names as `code_of` takes them. Raises `InputError` for a name that stands for no
    actor, and when both stand for the same one. A pair that the graph says nothing about has no entries.
    """
    one, two = _end(graph, a), _end(graph, b)
    if one == two:
        raise InputError(f"{a!r} and {b!r} are both {one}; name two different actors")
    found = graph.sparql(
        f"SELECT DISTINCT ?id {{ VALUES (?a ?b) {{ (<{ACT[one]}> <{ACT[two]}>) (<{ACT[two]}> <{ACT[one]}>) }}"
        " ?s kg:source ?a ; kg:target ?b ; kg:evidence/kg:document/kg:identifier ?id }"
    )
    entries = []
    for name in sorted(str(row[0]) for row in found.rows):
        document = graph.document(name)
        assert document is not None
        for stmt in graph.statements(name):
            if {stmt.source, stmt.target} == {one, two}:
                entries += [Entry(stmt, evidence, document) for evidence in stmt.evidence]
    # Sorting is stable: entries of one day stay in the order of the documents and of the text.
    return Explanation(one, two, tuple(sorted(entries, key=lambda entry: entry.day or date.max)))


def explain_statements(graph: Graph, ids: Iterable[str]) -> Explanation:
    """Single statements by their ids, as they stand on the edges of views (`View.statements("IND", "AFG")`).

    Raises `InputError` for an id that the graph does not have.
    """
    wanted = set(ids)
    nodes = " ".join(f"<{ID['stmt/' + name]}>" for name in sorted(wanted) if re.fullmatch("[0-9a-f]+", name))
    found = graph.sparql(
        f"SELECT DISTINCT ?id {{ VALUES ?s {{ {nodes} }} ?s kg:evidence/kg:document/kg:identifier ?id }}"
    )
    entries = []
    for name in sorted(str(row[0]) for row in found.rows):
        document = graph.document(name)
        assert document is not None
        for stmt in graph.statements(name):
            if stmt.id in wanted:
                entries += [Entry(stmt, evidence, document) for evidence in stmt.evidence]
    missing = wanted - {entry.stmt.id for entry in entries}
    if missing:
        raise InputError(f"{min(missing)!r} is the id of no statement in this graph")
    return Explanation(None, None, tuple(sorted(entries, key=lambda entry: entry.day or date.max)))


def _end(graph: Graph, text: str) -> str:
    """The code of an actor; also one that only the graph knows, from an actor table of one's own."""
    if graph.sparql("ASK { ?actor kg:code ?code }", bindings={"code": text}):
        return text
    return code_of(text)


def code_of(text: str, on: date | None = None) -> str:
    """The code of an actor given by its code or by any name that stands for it on a day.

    >>> code_of("IND"), code_of("pak-reb"), code_of("the Kremlin")
    ('IND', 'PAK-REB', 'RUS')

    Raises `InputError`, with the nearest names, when it stands for no international actor.
    """
    table, code = load_actors(), text.strip().upper()
    if code in table.actors or re.fullmatch(r"[A-Z]{3}-(REB|OPP)", code):
        return code
    found = table.resolve(text, on)
    if found is None:
        near = table.suggest(text)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; give a code such as IND or UNO"
        raise InputError(f"{text!r} stands for no international actor{hint}")
    return found.code


def name_of(code: str) -> str:
    """The name of an actor, or its code when the table has no name for it."""
    actor = load_actors().actors.get(code)
    return actor.name if actor else code


def source_of(document: Document) -> str:
    """A document in one line: publisher, title, day, address or id."""
    day = document.published.isoformat() if document.published else None
    return ", ".join(filter(None, (document.source, document.title, day, document.url or document.id)))

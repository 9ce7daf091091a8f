"""A SPARQL query and a store in, a `Result` of plain values out; mistakes are shown with their place.

Queries only read, and only what the store holds: updates, and clauses that would fetch something over the
network, are refused before they run.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import pyoxigraph as ox

from kg.errors import InputError, QueryError
from kg.ontology import XSD
from kg.rdf import PREFIXES, short

if TYPE_CHECKING:
    import pandas as pd

Value = str | int | float | bool | date | None
TableFormat = Literal["table", "csv", "tsv", "json", "ttl"]


class Iri(str):
    """An IRI in a result: text like any other, which knows its short form.

    >>> Iri("https://w3id.org/bilateral-kg/actor/IND").short
    'act:IND'
    """

    __slots__ = ()

    @property
    def short(self) -> str:
        """With a known prefix; `<...>` where there is none."""
        return short(self)


_SHOWN = 50


class Result:
    """The answer to a query: named columns and rows of Python values.

    IRIs are `Iri`, numbers, booleans and dates their Python kin, everything else text; None where a variable
    is unbound. ASK gives one row with one column `answer`; CONSTRUCT and DESCRIBE give sorted, distinct rows
    of `subject`, `predicate`, `object`. Iterating gives dicts. In Jupyter it shows as a table.
    """

    def __init__(
        self,
        variables: Sequence[str],
        rows: Sequence[tuple[Value, ...]],
        *,
        triples: Sequence[ox.Triple] | None = None,
    ) -> None:
        self.variables = tuple(variables)
        self.rows = list(rows)
        self._triples = triples

    def __iter__(self) -> Iterator[dict[str, Value]]:
        return (dict(zip(self.variables, row, strict=True)) for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        """The answer of ASK; otherwise whether there is any row."""
        return bool(self.rows[0][0]) if self.variables == ("answer",) else bool(self.rows)

    def __str__(self) -> str:
        return self.format("table")

    def __repr__(self) -> str:
        return f"<Result: {len(self.rows)} rows of {', '.join(self.variables)}>"

    def to_frame(self) -> pd.DataFrame:
        """The rows as a pandas DataFrame, IRIs shortened (`act:IND`); `InputError` without pandas."""
        try:
            import pandas as pd
        except ImportError as exc:
            raise InputError("data frames need pandas; run: pip install 'bilateral-kg[frames]'") from exc
        rows = [[cell.short if isinstance(cell, Iri) else cell for cell in row] for row in self.rows]
        return pd.DataFrame(rows, columns=list(self.variables))

    def format(self, kind: TableFormat = "table") -> str:
        """The rows as text: an aligned table, CSV, TSV, JSON (a list of objects) or, for triples, Turtle.

        CSV, TSV and JSON hold whole IRIs; the table shortens them. `InputError` for another format, and for
        Turtle when the query was not CONSTRUCT or DESCRIBE.
        """
        if kind == "table":
            return _table(self.variables, [[_shown(cell) for cell in row] for row in self.rows])
        if kind in ("csv", "tsv"):
            out = io.StringIO()
            writer = csv.writer(out, delimiter="," if kind == "csv" else "\t", lineterminator="\n")
            writer.writerow(self.variables)
            writer.writerows([_plain(cell) for cell in row] for row in self.rows)
            return out.getvalue()
        if kind == "json":
            rows = [{name: _plain(cell) for name, cell in row.items()} for row in self]
            return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
        if kind == "ttl" and self._triples is not None:
            turtle = io.BytesIO()
            ox.serialize(self._triples, turtle, ox.RdfFormat.TURTLE, prefixes=dict(PREFIXES))
            return turtle.getvalue().decode()
        if kind == "ttl":
            raise InputError(
                "format ttl needs triples: ask with CONSTRUCT or DESCRIBE, or choose csv or json"
            )
        raise InputError(f"format {kind!r} is unknown; choose table, csv, tsv, json or ttl")

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.variables)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_shown(cell))}</td>" for cell in row) + "</tr>"
            for row in self.rows[:_SHOWN]
        )
        more = len(self.rows) - _SHOWN
        note = f"<p>… and {more} more rows</p>" if more > 0 else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def ask(store: ox.Store, query: str, bindings: Mapping[str, Any] | None = None) -> Result:
    """Run a query over the union of all named graphs of the store, or over those that it names with FROM.

    The prefixes of `PREFIXES` need no declaration. `bindings` fixes variables (without `?`) to Python values:
    an `Iri`, text, number, boolean or date. `QueryError` for a query that is malformed, or is no pure query.
    """
    bare = _blank(query)
    return _result(evaluate(store, query, bindings), bare)


Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


def evaluate(
    store: ox.Store,
    query: str,
    bindings: Mapping[str, Any] | None = None,
    *,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
) -> Answer:
    """The engine's own answer, which is worked out while it is read, after the checks of `ask`.

    `default_graphs`, `named_graphs`: IRIs of graphs of the store that stand in place of those that the query
    names with FROM; one that the store does not hold is empty (see `check_graphs`).
    """
    bare = _blank(query)
    _refuse(query, bare)
    text = _bind(query, bare, bindings or {})
    chosen: dict[str, Any] = {}
    if default_graphs or named_graphs:
        chosen["default_graph"] = [ox.NamedNode(graph) for graph in default_graphs]
        chosen["named_graphs"] = [ox.NamedNode(graph) for graph in named_graphs]
    # A query that names its graphs with FROM means those, and no union of all.
    union = not chosen and not _FROM.search(bare)
    try:
        return store.query(text, prefixes=dict(PREFIXES), use_default_graph_as_union=union, **chosen)
    except SyntaxError as exc:
        raise QueryError(_explain(query, bare, str(exc))) from exc
    except RuntimeError as exc:  # an unknown function, for example
        raise QueryError(f"the query cannot be answered: {exc}") from exc


def check_graphs(store: ox.Store, query: str, graphs: Sequence[str] = ()) -> None:
    """Raise `QueryError` for a graph, in `graphs` or after FROM, that the store does not hold.

    The engine takes such a graph as empty. To somebody who means a file or an address that would look like
    an answer, and nothing is ever fetched or read.
    """
    bare = _blank(query)
    named = [
        found[1]
        for place in _FROM.finditer(bare)
        if (found := re.compile(r"\s*(?:NAMED\s*)?<([^<>\s]*)>", re.IGNORECASE).match(query, place.end()))
    ]
    for graph in (*named, *graphs):
        try:
            there = store.contains_named_graph(ox.NamedNode(graph))
        except ValueError as exc:
            raise QueryError(f"<{graph}> is no IRI of a graph: {exc}") from exc
        if not there:
            raise QueryError(
                f"<{graph}> is no graph of this store, and nothing is fetched or read from files"
            )


def _result(answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, bare: str) -> Result:
    if isinstance(answer, ox.QueryBoolean):
        return Result(["answer"], [(bool(answer),)])
    if isinstance(answer, ox.QueryTriples):
        triples = sorted(set(answer), key=str)
        rows = [(_value(t.subject), _value(t.predicate), _value(t.object)) for t in triples]
        return Result(["subject", "predicate", "object"], rows, triples=triples)
    names = [variable.value for variable in answer.variables]
    if _STAR.search(bare):  # the engine gives them in no order
        names.sort(key=re.findall(r"[?$](\w+)", bare).index)
    return Result(names, [tuple(_value(row[name]) for name in names) for row in answer])


def _value(term: object) -> Value:
    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    if not isinstance(term, ox.Literal):
        return None if term is None else str(term)
    read = _READERS.get(term.datatype.value.removeprefix(XSD.base))
    try:
        return read(term.value) if read else term.value
    except ValueError:  # a year above 9999, INF as an integer: keep what was written
        return term.value


_READERS: Mapping[str, Any] = {
    "boolean": lambda text: text in ("true", "1"),
    "integer": int,
    "decimal": float,
    "double": float,
    "float": float,
    "date": date.fromisoformat,
    "dateTime": datetime.fromisoformat,
}


def _term(name: str, value: object) -> ox.NamedNode | ox.Literal:
    if isinstance(value, Iri):
        return ox.NamedNode(value)
    if isinstance(value, bool | int | float | str):
        return ox.Literal(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(XSD.date))
    raise QueryError(f"?{name}: {value!r} cannot be bound; give an Iri, text, a number, a boolean or a date")


# What may hold a keyword without meaning it: IRIs, strings, comments. IRIs first, since they may hold `#`.
_HIDDEN = re.compile(
    r"""<[^<>"{}|^`\\\s]*>|\"{3}(?:\\.|(?!\"{3}).)*\"{3}|'{3}(?:\\.|(?!'{3}).)*'{3}"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*""",
    re.DOTALL,
)
_WORD = r"(?<![\w:?$@-]){}(?![\w:-])"
_READING = re.compile(_WORD.format(r"(SELECT|ASK|CONSTRUCT|DESCRIBE)"), re.IGNORECASE)
_FROM = re.compile(_WORD.format("FROM"), re.IGNORECASE)
_STAR = re.compile(r"SELECT\s*(DISTINCT|REDUCED)?\s*\*", re.IGNORECASE)
_CHANGING = re.compile(
    _WORD.format(r"(INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)"), re.IGNORECASE
)
_SERVICE = re.compile("SERVICE", re.IGNORECASE)
# `?service` and `kg:service` are names. Nothing else is let through: the engine needs no space around
# keywords ("1SERVICE" is a number and a keyword), and it would send data over the network.
_NAME_BEFORE = re.compile(r"([?$]\w*|:(\w[\w-]*)?)\Z")
_PREFIXED = re.compile(r"(?<![\w:?$@.-])([A-Za-z][\w.-]*)?:(?=[\w%\\-]|\s)")
_DECLARED = re.compile(_WORD.format(r"PREFIX") + r"\s+([\w.-]*):", re.IGNORECASE)
_TOKEN = re.compile(r"[?$]?[\w:-]+|<[^<>\s]*>|\S")


def _blank(query: str) -> str:
    """The query with strings, IRIs and comments blanked out, every character still in its place."""
    return _HIDDEN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), query)


def _refuse(query: str, bare: str) -> None:
    reading = _READING.search(bare)
    changing = _CHANGING.search(bare)
    if changing and (reading is None or changing.start() < reading.start()):
        raise QueryError(
            _pointed(
                query, changing.start(), f"{changing.group().upper()} changes data, and queries only read"
            )
        )
    for service in _SERVICE.finditer(bare):
        if not _NAME_BEFORE.search(bare, 0, service.start()):
            raise QueryError(
                _pointed(query, service.start(), "SERVICE would ask another server, which is refused")
            )
    if reading is None:
        first = re.search(r"\S", bare)
        raise QueryError(
            _pointed(query, first.start() if first else 0, "a query needs SELECT, ASK, CONSTRUCT or DESCRIBE")
        )


def _bind(query: str, bare: str, bindings: Mapping[str, object]) -> str:
    """Put the values at the head of the query's pattern, where every clause of it sees them."""
    if not bindings:
        return query
    for name in bindings:
        if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
            raise QueryError(f"{name!r} is not a variable; give its name without ? or $")
        if not re.search(rf"[?$]{name}\b", bare):
            raise QueryError(f"?{name} does not occur in the query")
    pattern = re.search(_WORD.format("WHERE") + r"\s*\{", bare, re.IGNORECASE) or re.search(r"\{", bare)
    if pattern is None:
        raise QueryError("the query has no { } pattern in which a variable could be bound")
    names = sorted(bindings)
    columns = " ".join("?" + name for name in names)
    values = " ".join(str(_term(name, bindings[name])) for name in names)
    # No line break, so that the lines of an error stay those of the query.
    return f"{query[: pattern.end()]} VALUES ({columns}) {{ ({values}) }} {query[pattern.end() :]}"


def _explain(query: str, bare: str, message: str) -> str:
    declared = {*PREFIXES, *_DECLARED.findall(bare)}
    for found in _PREFIXED.finditer(bare):
        if (found.group(1) or "") not in declared:
            name = found.group()
            return _pointed(
                query, found.start(), f"the prefix {name} is not declared; add PREFIX {name} <...>"
            )
    place = re.match(r"error at (\d+):(\d+): (.*)", message, re.DOTALL)
    if place is None:
        return f"malformed SPARQL: {message}"
    lines = query.split("\n")
    line = min(int(place[1]), len(lines))
    start = sum(len(text) + 1 for text in lines[: line - 1])
    expected = [] if place[3].endswith("expected [_]") else re.findall(r"[A-Z]\w+|\"[^\"]+\"", place[3])
    # The parser reports where it stopped comparing: after a keyword that it looked for in vain.
    words = [len(word) for word in expected if word.isalpha() and word.isupper()]
    back = min(words) if words and not any(word.startswith('"') for word in expected) else 0
    offset = start + max(0, int(place[2]) - 1 - back)
    offset -= len(re.search(r"[?$]?[\w:-]*\Z", query[:offset])[0])  # type: ignore[index]
    if "unbound" in place[3]:
        return _pointed(query, offset, "SELECT names a variable that is neither grouped nor aggregated")
    token = _TOKEN.match(query, min(offset, len(query)))
    what = f"{token.group()!r} is not expected here" if token else "the query ends too early, or not well"
    marks = [word.strip('"') for word in expected if word.startswith('"')]
    hint = f"; one of {' '.join(marks)} would fit" if 0 < len(marks) <= 6 else ""
    return _pointed(query, offset, what + hint)


def _pointed(query: str, offset: int, problem: str) -> str:
    """The problem with line, column and a caret under the place."""
    offset = min(offset, len(query))
    line = query.count("\n", 0, offset)
    column = offset - (query.rfind("\n", 0, offset) + 1)
    text = query.split("\n")[line].replace("\t", " ")
    return f"line {line + 1}, column {column + 1}: {problem}\n    {text}\n    {' ' * column}^"


def _shown(cell: Value) -> str:
    if isinstance(cell, Iri):
        return cell.short
    return "" if cell is None else str(cell)


def _plain(cell: Value) -> str | int | float | bool | None:
    return cell.isoformat() if isinstance(cell, date) else cell


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [[re.sub(r"\s+", " ", cell) for cell in row] for row in (head, *rows)]
    widths = [min(60, max(map(len, column))) for column in zip(*lines, strict=True)]
    cut = [
        [c if len(c) <= w else c[: w - 1] + "…" for c, w in zip(line, widths, strict=True)] for line in lines
    ]
    cut.insert(1, ["-" * width for width in widths])
    return (
        "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in cut)
        + "\n"
    )

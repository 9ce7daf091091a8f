"""A graph in, a file out, and back: the same graph gives the same bytes, whatever the order it was built in.

RDF files come back to the same graph, also from formats without named graphs. A file is written beside its
place and moved there when it is complete, so that a failure leaves the old file or none.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from io import BytesIO, TextIOBase
from itertools import groupby
from pathlib import Path
from typing import IO, BinaryIO, cast, overload

import pyoxigraph as ox
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat

from kg import rows
from kg.errors import InputError
from kg.ontology import KG, RDF, XSD
from kg.rdf import ASSERTED, META, PREFIXES, REFERENCE, assign, by_subject, short, value
from kg.rows import to_networkx
from kg.store import Graph

__all__ = ["RDF_FORMATS", "TABLE_FORMATS", "in_order", "read_graph", "replacing", "to_networkx", "write"]

RDF_FORMATS: Mapping[str, RdfFormat] = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
}
"""RDF formats by file suffix. `ttl` and `nt` have no named graphs; reading puts them back."""

TABLE_FORMATS: Mapping[str, Callable[[Graph, BinaryIO], None]] = {
    "csv": rows.write_csv,
    "tsv": rows.write_tsv,
    "parquet": rows.write_parquet,
    "graphml": rows.write_graphml,
    "gexf": rows.write_gexf,
}
"""Formats by file suffix that hold the statements and cannot be read back."""


@overload
def write(graph: Graph, target: Path | str, format: str | None = None) -> Path: ...
@overload
def write(graph: Graph, target: IO[bytes] | IO[str], format: str | None = None) -> None: ...
def write(graph: Graph, target: Path | str | IO[bytes] | IO[str], format: str | None = None) -> Path | None:
    """Write the graph to a file, and return its path, or to a stream that is open for writing.

    `format`: `ttl`, `nt`, `nq`, `trig`, `jsonld`, `csv`, `tsv`, `parquet`, `graphml` or `gexf`; by default
    the suffix of the file. RDF formats hold everything, the others one row or edge for each statement.

    `InputError` for an unknown format and for a file that cannot be written; nothing half-written stays.
    """
    if isinstance(target, Path | str):
        path = Path(target)
        writer = _writer(format or path.suffix.removeprefix("."), path)
        with replacing(path) as out:
            writer(graph, out)
        return path
    writer = _writer(format or "", None)
    held = BytesIO()
    writer(graph, held)
    if isinstance(target, TextIOBase):
        target.write(held.getvalue().decode())
    else:
        cast("IO[bytes]", target).write(held.getvalue())
    return None


def read_graph(path: Path | str) -> Graph:
    """The graph in an RDF file that `write` made, in memory; or in a store folder, opened read-only.

    Triples that are no part of a statement, such as a user's own facts about actors, go to the graph
    `reference`. The plain triples are taken as they stand; `Graph.derive` makes them anew.

    `InputError` when there is no such file, its suffix is unknown, it is malformed (with line and column), or
    holds blank nodes or nothing of this package's ontology.
    """
    path = Path(path)
    if path.is_dir():
        return Graph.open(path, read_only=True)
    suffix = path.suffix.removeprefix(".").lower()
    if suffix not in RDF_FORMATS:
        known = ", ".join(RDF_FORMATS)
        raise InputError(f"{path}: a graph is read from a store folder or a file with suffix {known}")
    try:
        quads = list(ox.parse(path=str(path), format=RDF_FORMATS[suffix]))
    except SyntaxError as exc:
        place = f"{exc.lineno}:{exc.offset}: " if exc.lineno else " "
        raise InputError(f"{path}:{place}is not well-formed {suffix}: {exc.msg}") from exc
    except (OSError, ValueError) as exc:
        raise InputError(f"{path}: cannot be read: {exc}") from exc
    for quad in quads:
        if not isinstance(quad.subject, NamedNode) or isinstance(quad.object, ox.BlankNode | ox.Triple):
            raise InputError(f"{path}: {quad.triple} has a blank node or a triple term; give it an IRI")
    if quads and not any(_ours(quad) for quad in quads):
        raise InputError(f"{path}: holds no statement, document or actor of {KG.base}; was it made by kg?")
    return Graph.of(_placed(quads))


def _ours(quad: Quad) -> bool:
    return quad.predicate.value.startswith(KG.base)


def _placed(quads: Iterable[Quad]) -> Iterator[Quad]:
    loose = []
    for quad in quads:
        if isinstance(quad.graph_name, DefaultGraph):
            loose.append(quad.triple)
        else:
            yield quad
    yield from assign(loose)


def _writer(format: str, path: Path | None) -> Callable[[Graph, BinaryIO], None]:
    name = format.lower()
    if name in TABLE_FORMATS:
        return TABLE_FORMATS[name]
    if name in RDF_FORMATS:
        return lambda graph, out: _write_rdf(graph, out, RDF_FORMATS[name])
    known = ", ".join((*RDF_FORMATS, *TABLE_FORMATS))
    where = f"{path}: " if path else ""
    raise InputError(f"{where}{f'format {format!r}' if format else 'no format'}; choose one of {known}")


def _write_rdf(graph: Graph, out: BinaryIO, format: RdfFormat) -> None:
    quads = in_order(graph)
    if format in (RdfFormat.TURTLE, RdfFormat.TRIG):
        out.writelines(line.encode() for line in _turtle(quads, named=format == RdfFormat.TRIG))
    else:
        ox.serialize(quads if format.supports_datasets else (quad.triple for quad in quads), out, format)


def _turtle(quads: Iterable[Quad], *, named: bool) -> Iterator[str]:
    """Turtle, or TriG if `named`: a paragraph for each node.

    Written here and not by the RDF library, whose order of prefixes is nobody's promise.
    """
    for prefix, base in sorted(PREFIXES.items()):
        yield f"@prefix {prefix}: <{base}> .\n"
    for graph, of_graph in groupby(quads, key=lambda quad: quad.graph_name):
        block = named and isinstance(graph, NamedNode)
        if block:
            yield f"\n{short(value(graph))} {{\n"
        for subject, said in groupby(of_graph, key=lambda quad: quad.subject):
            lines = []
            for predicate, found in groupby(said, key=lambda quad: quad.predicate.value):
                verb = "a" if predicate == RDF.type else short(predicate)
                lines.append(f"{verb} {', '.join(_written(quad.object) for quad in found)}")
            paragraph = " ;\n    ".join(lines)
            yield f"\n{short(value(subject))} {paragraph} .\n"
        if block:
            yield "}\n"


def _written(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    if isinstance(term, NamedNode):
        return short(term.value)
    if not isinstance(term, ox.Literal) or term.language or term.datatype.value == XSD.string:
        return str(term)
    kind = term.datatype.value
    if kind in (XSD.integer, XSD.decimal) and _NUMBER[kind == XSD.decimal].fullmatch(term.value):
        return term.value
    return f"{ox.Literal(term.value)}^^{short(kind)}"


# What Turtle reads as xsd:integer and as xsd:decimal without being told.
_NUMBER = (re.compile(r"[+-]?[0-9]+"), re.compile(r"[+-]?[0-9]*\.[0-9]+"))


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content takes the place of `path` when the block ends well, and vanishes otherwise.

    `InputError` when that cannot be. Something that is no ordinary file, such as a pipe, is written directly.
    """
    path = path.resolve()  # a link stays a link
    ordinary = path.is_file() or not path.exists()
    beside = path.with_name(f".{path.name}.{os.getpid()}.part") if ordinary else path
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder")
        with beside.open("xb" if ordinary else "wb") as out:
            yield out
        if ordinary:
            beside.replace(path)
    except OSError as exc:
        raise InputError(f"{path}: cannot be written: {exc.strerror or exc}") from exc
    finally:
        if ordinary:
            with suppress(OSError):  # it is not there: it was moved, or could not be made
                beside.unlink()


def in_order(graph: Graph) -> Iterator[Quad]:
    """Every triple once, in the order of a reader, one document in memory at a time.

    First how the graph was made, then the actors, then the plain triples; after these the documents by day
    of publication, each with its statements in the order of the text, each followed by its evidence.
    """
    first = (META, REFERENCE, ASSERTED)
    documents = graph.document_graphs()
    known = {*first, *documents}
    others = [name for name in graph.store.named_graphs() if name not in known]
    for name in (*first, *documents, *sorted(others, key=str), DefaultGraph()):
        subjects: dict[str, list[Quad]] = defaultdict(list)
        for quad in graph.store.quads_for_pattern(None, None, None, name):
            subjects[value(quad.subject)].append(quad)
        for subject in _reading(subjects) if name in documents else sorted(subjects):
            yield from sorted(subjects[subject], key=_rank)


def _reading(subjects: Mapping[str, list[Quad]]) -> list[str]:
    """The nodes of one document: itself, then each statement at the place of its first evidence."""
    nodes = by_subject(quad for quads in subjects.values() for quad in quads)

    def place(node: str) -> tuple[int, str]:
        return int(min(nodes.get(node, {}).get(KG.beginIndex, ["0"]))), node

    statements = [
        (min(place(passage) for passage in said[KG.evidence]), node)
        for node, said in nodes.items()
        if KG.evidence in said
    ]
    order = [node for node in sorted(nodes) if KG.identifier in nodes[node]]
    for _, node in sorted(statements):
        order += [node, *sorted(nodes[node][KG.evidence], key=place)]
    return [node for node in dict.fromkeys([*order, *sorted(nodes)]) if node in nodes]


def _rank(quad: Quad) -> tuple[int, str, str]:
    """What it is and what it says first, the rest by name."""
    predicate = quad.predicate.value
    return _first().get(predicate, len(_first())), predicate, str(quad.object)


@lru_cache(maxsize=1)
def _first() -> Mapping[str, int]:
    parts = ("source", "relation", "target", "polarity", "status", "confidence", "beginDate", "endDate")
    return {name: rank for rank, name in enumerate([RDF.type, *(KG[part] for part in parts)])}

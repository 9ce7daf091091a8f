"""Statements as rows of a table, and as a network of actors, in the formats that other programs read.

The rows are those of `kg extract`, with the document and the whole sentence beside them. The network has an
edge for every statement, whatever its polarity and status, which are attributes of the edge: whoever counts
edges decides what counts.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from kg.errors import InputError
from kg.store import Graph

if TYPE_CHECKING:
    import networkx as nx

COLUMNS: dict[str, type] = {
    "id": str,
    "document": str,
    "published": str,
    "source": str,
    "relation": str,
    "target": str,
    "polarity": str,
    "status": str,
    "date": str,
    "date_end": str,
    "place": str,
    "speaker": str,
    "source_agents": str,
    "target_agents": str,
    "confidence": float,
    "evidence": str,
    "start": int,
    "end": int,
    "sentence": str,
    "rule": str,
    "title": str,
    "publisher": str,
    "url": str,
}
"""Columns of the statement table. Agents are separated by `; `; dates are ISO 8601, as exact as known."""


def statement_rows(graph: Graph) -> Iterator[dict[str, Any]]:
    """One row a statement, with its first piece of evidence, in the order of `Graph.statements`."""
    for document in graph.documents():
        for stmt in graph.statements(document.id):
            found = stmt.as_json()
            for side in ("source_agents", "target_agents"):
                found[side] = "; ".join(found[side]) or None
            found |= {
                "id": stmt.id,
                "document": document.id,
                "published": document.published.isoformat() if document.published else None,
                "sentence": stmt.evidence[0].sentence,
                "title": document.title,
                "publisher": document.source,
                "url": document.url,
            }
            yield {name: found[name] for name in COLUMNS}


def write_csv(graph: Graph, out: BinaryIO, *, delimiter: str = ",") -> None:
    """The statement table as UTF-8 text, cells quoted where needed, empty where nothing is said."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    writer = csv.DictWriter(text, list(COLUMNS), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(statement_rows(graph))
    text.detach()  # writes the rest, and leaves `out` open


def write_tsv(graph: Graph, out: BinaryIO) -> None:
    """The statement table with tabs between the cells."""
    write_csv(graph, out, delimiter="\t")


def write_parquet(graph: Graph, out: BinaryIO) -> None:
    """The statement table as Parquet; `InputError` without pyarrow."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as exc:
        raise InputError("Parquet needs pyarrow; run: pip install 'bilateral-kg[frames]'") from exc
    kinds = {str: pa.string(), float: pa.float64(), int: pa.int64()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])
    pq.write_table(pa.Table.from_pylist(list(statement_rows(graph)), schema=schema), out)


def to_networkx(graph: Graph) -> nx.MultiDiGraph:
    """Actors as nodes (attributes `label`, `kind`), statements as edges, keyed by their id.

    Edge attributes: the columns of the statement table, but the offsets of the evidence are `first` and
    `last`; those without a value are left out. A statement of a symmetric relation has one edge, in the
    direction in which it was written.
    """
    import networkx as nx

    actors = graph.sparql(
        "SELECT ?code (SAMPLE(?name) AS ?label) (SAMPLE(?class) AS ?kind) "
        "{ ?actor kg:code ?code ; rdfs:label ?name ; a ?class } GROUP BY ?code ORDER BY ?code"
    )
    found = nx.MultiDiGraph()
    for row in actors:
        found.add_node(row["code"], label=row["label"], kind=str(row["kind"]).rpartition("#")[2])
    for statement in statement_rows(graph):
        source, target = statement.pop("source"), statement.pop("target")
        # `start` and `end` mean a time to network programs.
        statement["first"], statement["last"] = statement.pop("start"), statement.pop("end")
        said = {name: value for name, value in statement.items() if value is not None}
        found.add_edge(source, target, key=said.pop("id"), **said)
    return found


def write_graphml(graph: Graph, out: BinaryIO) -> None:
    """The network as GraphML, which Gephi, yEd, Cytoscape and igraph read."""
    from networkx.readwrite.graphml import write_graphml_xml

    # The variant that needs lxml writes other bytes; which one a machine has must make no difference.
    write_graphml_xml(_printable(to_networkx(graph)), out)


def write_gexf(graph: Graph, out: BinaryIO) -> None:
    """The network as GEXF, the format of Gephi."""
    import networkx as nx

    net = _printable(to_networkx(graph))
    for _, _, key, said in net.edges(keys=True, data=True):
        said["id"] = key
    text = "\n".join(nx.generate_gexf(net)) + "\n"
    # The only trace of the clock in the file.
    out.write(re.sub(r' lastmodifieddate="[^"]*"', "", text, count=1).encode())


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _printable(net: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """With the characters that XML cannot hold replaced by U+FFFD."""
    for *_, attributes in [*net.nodes(data=True), *net.edges(data=True)]:
        for name, value in attributes.items():
            if isinstance(value, str):
                attributes[name] = _CONTROL.sub("\ufffd", value)
    return net

"""The flat table of a graph's events, filled by one query; and what of a graph was imported."""

from __future__ import annotations

from datetime import date
from typing import Any

from kg.ontology import ACT, ID, REL
from kg.rdf import META
from kg.store import Graph
from kg.views.table import DENIED, UNDATED, Table

TEXT = "text"
"""Origin of what was read from texts; everything else is named after the format of its event data."""

_STATUS = {"Actual": 0, "Alleged": 1, "Intended": 2, "Requested": 3}

_IMPORTS = """
SELECT ?graph ?extractor {
  GRAPH <%s> { ?graph kg:run/kg:extractor ?extractor } FILTER STRSTARTS(?extractor, "import ")
} ORDER BY ?graph
"""

_EVENTS = """
SELECT ?graph ?s ?source ?relation ?target ?polarity ?status ?begin ?end ?published {
  GRAPH ?graph {
    ?s kg:source ?source ; kg:relation ?relation ; kg:target ?target ;
       kg:polarity ?polarity ; kg:status ?status .
    OPTIONAL { ?s kg:beginDate ?begin ; kg:endDate ?end }
    ?d a kg:Document
    OPTIONAL { ?d kg:published ?published }
  }
}
"""

_DAYS = "SELECT ?graph ?day { GRAPH ?graph { ?d a kg:Document ; kg:published ?day } }"


def imported(graph: Graph) -> dict[str, str]:
    """Named graphs of documents that hold rows of event data, with the name of its format."""
    found = graph.sparql(_IMPORTS % META.value)
    return {str(name): str(extractor).split()[1] for name, extractor in found.rows}


def origins(graph: Graph) -> dict[str, int]:
    """How many documents come from texts ("text") and from each kind of event data."""
    imports = imported(graph)
    counts: dict[str, int] = {}
    for name in graph.document_graphs():
        origin = imports.get(name.value, TEXT)
        counts[origin] = counts.get(origin, 0) + 1
    return dict(sorted(counts.items()))


def documents_of(graph: Graph, origin: str) -> set[str]:
    """Named graphs of the documents of one origin, or with "all" of every one."""
    imports = imported(graph)
    return {
        name.value
        for name in graph.document_graphs()
        if origin == "all" or imports.get(name.value, TEXT) == origin
    }


def from_graph(graph: Graph, origin: str = "all") -> Table:
    """The events of a graph as a table, read by one query; the same as `Table.from_statements` of them.

    `origin`: "text", a format of event data, or "all".
    """
    from pyoxigraph import QuerySolutions

    from kg.ontology import KG, load_ontology

    known, wanted = load_ontology().relations, documents_of(graph, origin)
    found = graph.store.query(_EVENTS, prefixes={"kg": KG.base})
    days = graph.store.query(_DAYS, prefixes={"kg": KG.base})
    assert isinstance(found, QuerySolutions)
    assert isinstance(days, QuerySolutions)
    published = [date.fromisoformat(row["day"].value) for row in days if row["graph"].value in wanted]
    columns: tuple[list[Any], ...] = ([], [], [], [], [], [])
    base, relation_iri, stmt = len(ACT.base), len(REL.base), len(ID["stmt"]) + 1
    ordinals: dict[str, int] = {}

    def ordinal(term: Any) -> int:
        if term.value not in ordinals:
            ordinals[term.value] = date.fromisoformat(term.value).toordinal()
        return ordinals[term.value]

    for name, node, source, relation, target, polarity, status, begin, end, day in found:
        told = known.get(relation.value[relation_iri:])
        if told is None or told.kind != "event" or name.value not in wanted:
            continue
        said = ordinal(day) if day is not None else UNDATED
        if begin is not None:
            first = ordinal(begin)
            middle = first + (ordinal(end) - first) // 2
            said = min(middle, said) if said else middle
        mark = _STATUS[status.value.rpartition("#")[2]]
        row = (
            source.value[base:],
            target.value[base:],
            told.name,
            said,
            DENIED if polarity.value.endswith("Negated") else mark,
            node.value[stmt:],
        )
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return Table.from_columns(*columns, first_published=min(published, default=None))

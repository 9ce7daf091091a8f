"""A graph in, what is wrong with it out: nodes that break a shape, plain triples that no statement supports.

The contract is `ontologies/shapes.ttl`. Each of its constraints is turned into one SPARQL query, which takes
time in proportion to the graph; checks across named graphs, which SHACL cannot express, are written here.
`shapes=True` runs pySHACL over the same file instead of the translation: an independent second opinion, slow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.errors import InputError, OntologyError
from kg.ontology import KG, RDF, RDFS, REL, SH, XSD, load_ontology, read_turtle
from kg.rdf import ASSERTED, by_subject, short
from kg.resources import resource
from kg.sparql import Iri, ask

if TYPE_CHECKING:
    from kg.store import Graph

Described = Mapping[str, Mapping[str, list[str]]]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong with a graph.

    `rule`: name of the shape or check; `node`: what it is about, as an IRI or a triple with short names;
    `message`: what should be; `value`: what is there instead, or where, if that is one value.
    """

    rule: str
    node: str
    message: str
    value: str = ""

    def __str__(self) -> str:
        value = f" ({self.value})" if self.value else ""
        return f"{self.node}: {self.message}{value} [{self.rule}]"


def check(graph: Graph, *, shapes: bool = False, most: int = 100) -> list[Problem]:
    """Everything that is wrong with a graph, sorted; at most `most` problems of each rule.

    Checked are: every constraint of `ontologies/shapes.ttl`; that a plain triple has an affirmed and actual
    statement behind it that is sure enough, and that no such statement lacks its triple; that only relations
    of the ontology stand in the graph `asserted`, and nowhere else; that every triple lies in exactly one
    named graph; that there are no blank nodes and no unknown terms of the ontology.

    `shapes=True` checks the shapes with pySHACL, which needs the extra `check` (`InputError` without it) and
    many seconds for each hundred statements.
    """
    found = list(_pyshacl(graph) if shapes else _run(graph, _translated(), most))
    found += _run(graph, _across(graph), most)
    found += _unknown_terms(graph)
    return sorted(found)


# --- queries --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Query:
    """A SPARQL pattern whose solutions are problems; `?this` is the node, `?value` what is wrong with it."""

    rule: str
    message: str
    where: str
    node: tuple[str, ...] = ("this",)


def _run(graph: Graph, queries: Iterable[_Query], most: int) -> Iterator[Problem]:
    for query in queries:
        columns = [*query.node, "value"] if "?value" in query.where else [*query.node]
        names = " ".join(f"?{name}" for name in columns)
        text = f"SELECT DISTINCT {names} WHERE {{ {query.where} }} ORDER BY {names} LIMIT {most}"
        for row in ask(graph.store, text):
            node = " ".join(_shown(row[name]) for name in query.node)
            yield Problem(query.rule, node, query.message, _shown(row.get("value")))


def _shown(value: object) -> str:
    if value is None:
        return ""
    text = value.short if isinstance(value, Iri) else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _iris(iris: Iterable[str]) -> str:
    return " ".join(f"<{iri}>" for iri in sorted(iris))


# --- across named graphs --------------------------------------------------------------------------------

_CLAIM = (
    "?claim kg:source {} ; kg:relation ?relation ; kg:target {} ; kg:polarity kg:Affirmed ; "
    "kg:status kg:Actual ; kg:confidence ?sure . FILTER(?sure >= {})"
)


def _across(graph: Graph) -> list[_Query]:
    """Checks of what lies in which named graph. MINUS throughout: Oxigraph is quadratic in NOT EXISTS."""
    relations = load_ontology().relations.values()
    symmetric = _iris(relation.iri for relation in relations if relation.symmetric)
    known = _iris(relation.iri for relation in relations)
    plain = f"GRAPH {ASSERTED} {{ ?this ?relation ?to }}"
    ahead = _CLAIM.format("?this", "?to", graph.threshold)
    back = f"VALUES ?relation {{ {symmetric} }} " + _CLAIM.format("?to", "?this", graph.threshold)
    triple = ("this", "relation", "to")
    return [
        _Query(
            "no-leak",
            "a plain triple needs a statement behind it that is affirmed, actual and sure enough",
            f"{plain} MINUS {{ {ahead} }} MINUS {{ {back} }}",
            triple,
        ),
        _Query(
            "complete",
            "an affirmed and actual statement that is sure enough needs its plain triple",
            f"{ahead} MINUS {{ {plain} }}",
            triple,
        ),
        _Query(
            "complete",
            "a symmetric relation needs its plain triple in both directions",
            f"{back} MINUS {{ {plain} }}",
            triple,
        ),
        _Query(
            "asserted-closed",
            "only relations of the ontology stand in the graph asserted",
            f"{plain} MINUS {{ VALUES ?relation {{ {known} }} }}",
            triple,
        ),
        _Query(
            "asserted-only",
            "a relation is used as a property only in the graph asserted",
            f"VALUES ?relation {{ {known} }} GRAPH ?value {{ ?this ?relation ?to }} "
            f"FILTER(?value != {ASSERTED})",
            triple,
        ),
        _Query(
            "one-graph",
            "a triple lies in exactly one named graph; this one also in another",
            "GRAPH ?one { ?this ?relation ?to } GRAPH ?value { ?this ?relation ?to } "
            "FILTER(STR(?one) < STR(?value))",
            triple,
        ),
        _Query(
            "no-blank-nodes",
            "a node has an IRI; there are no blank nodes",
            "GRAPH ?g { ?this ?relation ?to } FILTER(ISBLANK(?this) || ISBLANK(?to) || ISBLANK(?g))",
            triple,
        ),
    ]


def _unknown_terms(graph: Graph) -> Iterator[Problem]:
    """Terms in the ontology's namespaces that it does not define, and triples outside all named graphs."""
    from pyoxigraph import DefaultGraph

    for quad in graph.store.quads_for_pattern(None, None, None, DefaultGraph()):
        node = f"{quad.subject} {quad.predicate} {quad.object}"
        yield Problem("one-graph", node, "a triple lies in exactly one named graph; this one lies in none")
        return
    used = ask(graph.store, "SELECT DISTINCT ?p ?t { ?s ?p ?o OPTIONAL { ?s a ?o BIND(?o AS ?t) } }")
    terms = {str(term) for row in used.rows for term in row if term is not None}
    for space in (KG, REL):
        for name in sorted(filter(None, map(space.local, terms))):
            if name not in space:
                message = f"is not defined in ontologies/{space.file}"
                yield Problem("known-terms", short(space.base + name), message)


# --- the shapes, as queries -----------------------------------------------------------------------------

_COMPARE = {
    SH.minInclusive: ">=",
    SH.maxInclusive: "<=",
    SH.minExclusive: ">",
    SH.maxExclusive: "<",
}
_SILENT = {RDF.type, SH.path, SH.message}
# Two constraints need FILTER NOT EXISTS in SHACL; `_across` has them as MINUS.
_ELSEWHERE = {"actor-no-leak", "actor-closed"}


@lru_cache(maxsize=1)
def _translated() -> tuple[_Query, ...]:
    """The shapes as queries; `OntologyError` for a constraint that has no translation."""
    nodes: Described = by_subject(read_turtle(resource("ontologies", "shapes.ttl")))
    queries: list[_Query] = []
    for shape, said in sorted(nodes.items()):
        if SH.NodeShape not in said.get(RDF.type, ()):
            continue
        target = _typed("this", said[SH.targetClass])
        if said.get(SH.nodeKind) == [SH.IRI]:
            queries.append(_Query(_name(shape), "is named by an IRI", f"{target} FILTER(!ISIRI(?this))"))
        for inner in sorted(said.get(SH.property, ())):
            queries += _property(_name(inner), nodes[inner], target)
        for inner in sorted(said.get(SH.sparql, ())):
            if _name(inner) not in _ELSEWHERE:
                queries.append(_constraint(_name(inner), nodes[inner], target))
    return tuple(queries)


def _name(shape: str) -> str:
    return shape.rpartition("/")[2]


def _typed(variable: str, classes: Iterable[str]) -> str:
    """The pattern of nodes that are of one of the classes, or of a class below."""
    kinds = {below for one in classes for below in _below(one)}
    if len(kinds) == 1:
        return f"?{variable} a {_iris(kinds)} ."
    return f"VALUES ?kind {{ {_iris(kinds)} }} ?{variable} a ?kind ."


@lru_cache(maxsize=1)
def _ontology() -> Described:
    files = ("diplomacy.ttl", "relations.ttl")
    return by_subject(triple for file in files for triple in read_turtle(resource("ontologies", file)))


@lru_cache(maxsize=64)
def _below(kind: str) -> frozenset[str]:
    """The class and all classes below it."""
    direct = [iri for iri, said in _ontology().items() if kind in said.get(RDFS.subClassOf, ())]
    return frozenset({kind}.union(*(_below(one) for one in direct)))


def _constraint(name: str, said: Mapping[str, list[str]], target: str) -> _Query:
    where = said[SH.select][0].replace("$", "?").partition("{")[2].rpartition("}")[0]
    return _Query(name, said[SH.message][0], f"{target} {where}")


def _property(name: str, said: Mapping[str, list[str]], target: str) -> Iterator[_Query]:
    """One query for each constraint of a property shape."""
    path = said[SH.path][0]
    message = said[SH.message][0]
    given = f"{target} ?this <{path}> ?value ."
    several = f"{target} ?this <{path}> ?value, ?other . FILTER(!SAMETERM(?value, ?other))"
    for part, values in sorted(said.items()):
        value = values[0]
        if part == SH.minCount and value == "1":
            where = f"{target} MINUS {{ ?this <{path}> ?any }}"
        elif part == SH.maxCount and value == "1":
            where = several
        elif part == SH.uniqueLang:
            where = f"{several} FILTER(LANG(?value) != '' && LANG(?value) = LANG(?other))"
        elif part == SH.hasValue:
            where = f"{target} MINUS {{ ?this <{path}> <{value}> }}"
        elif part == SH["class"]:
            members = [iri for iri, its in _ontology().items() if _below(value) & set(its.get(RDF.type, ()))]
            typed, named = _typed("value", [value]), f"VALUES ?value {{ {_iris(members)} }}"
            where = f"{given} MINUS {{ {typed} }} MINUS {{ {named} }}"
        elif part == SH.datatype:
            where = f"{given} FILTER({_misfit(value)})"
        elif part in _COMPARE:
            where = f"{given} FILTER(!COALESCE(?value {_COMPARE[part]} {value}, false))"
        elif part == SH.minLength:
            where = f"{given} FILTER(STRLEN(STR(?value)) < {value})"
        elif part == SH.pattern:
            where = f"{given} FILTER(!REGEX(STR(?value), {_text(value)}))"
        elif part == SH.disjoint:
            where = f"{given} ?this <{value}> ?value ."
        elif part in (SH.lessThan, SH.lessThanOrEquals):
            order = "<" if part == SH.lessThan else "<="
            where = f"{given} ?this <{value}> ?limit . FILTER(!COALESCE(?value {order} ?limit, false))"
        elif part in _SILENT:
            continue
        else:
            raise OntologyError(
                f"ontologies/shapes.ttl: {name}: <{part}> {value} has no translation to SPARQL"
            )
        yield _Query(name, message, where)


def _misfit(datatype: str) -> str:
    """The condition that `?value` is no literal of the datatype, or is ill-written: "30 May"^^xsd:date."""
    wrong = f"!ISLITERAL(?value) || DATATYPE(?value) != <{datatype}>"
    if datatype in (XSD.date, XSD.integer, XSD.decimal, XSD.boolean):
        cast = f"<{datatype}>(STR(?value))"
        wrong += f" || !COALESCE({cast} = {cast}, false)"
    return wrong


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# --- pySHACL --------------------------------------------------------------------------------------------


def _pyshacl(graph: Graph) -> Iterator[Problem]:
    try:
        import pyshacl
    except ImportError as exc:
        raise InputError("checking with pySHACL needs it; run: pip install 'bilateral-kg[check]'") from exc
    from pyoxigraph import RdfFormat, serialize
    from rdflib import Graph as RdfGraph
    from rdflib import URIRef

    data = RdfGraph()
    triples = (quad.triple for quad in graph.store)
    data.parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    for file in ("diplomacy.ttl", "relations.ttl"):
        data.parse(resource("ontologies", file))
    contract = RdfGraph().parse(resource("ontologies", "shapes.ttl"))
    _, report, _ = pyshacl.validate(data, shacl_graph=contract)
    for result in report.subjects(URIRef(RDF.type), URIRef(SH.ValidationResult)):

        def of(name: str, result: object = result) -> str:
            found = report.value(result, URIRef(SH[name]))
            return "" if found is None else str(found)

        source = of("sourceConstraint") or of("sourceShape")
        node, value = of("focusNode"), of("value")
        shown = "" if value == node else _shown(Iri(value) if ":" in value else value) if value else ""
        yield Problem(_name(source), short(node), of("resultMessage"), shown)

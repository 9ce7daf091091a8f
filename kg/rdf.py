"""Documents, statements and evidence as triples, and triples back as values; where each triple belongs.

Every node of a document carries the document in its IRI, so that each triple lies in exactly one named graph.
That graph can be told from the triple alone, or from its neighbours, so that plain Turtle, which has no named
graphs, loses nothing: `assign` puts its triples back. There are no blank nodes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kg import ontology
from kg.errors import InputError
from kg.merge import reading_order, unite
from kg.model import (
    STATUSES,
    Document,
    Evidence,
    Polarity,
    Precision,
    Span,
    Statement,
    Status,
    When,
    content_id,
)
from kg.ontology import ACT, DCTERMS, ID, KG, RDF, REL, XSD

Properties = Mapping[str, list[str]]
"""What is said of one node: predicate to objects, as IRIs and plain text."""

PREFIXES: Mapping[str, str] = {
    **ontology.PREFIXES,
    **{
        part: f"{ID.base}{part}/"
        for part in ("doc", "stmt", "ev", "run", "graph", "term", "membership", "former")
    },
}
"""The prefixes of every file that is written and of every query that is asked."""

_PREFIX_OF = {base: prefix for prefix, base in PREFIXES.items()}
_LOCAL = re.compile("[A-Za-z0-9_][A-Za-z0-9_-]*")
_POLARITY: Mapping[Polarity, str] = {"+": "Affirmed", "-": "Negated"}
_POLARITIES = {KG.base + name: sign for sign, name in _POLARITY.items()}
_STATUSES: Mapping[str, Status] = {KG.base + status.capitalize(): status for status in STATUSES}


@lru_cache(maxsize=65_536)
def iri(value: str) -> NamedNode:
    """An IRI as a term, made once."""
    return NamedNode(value)


ASSERTED = iri(ID["graph/asserted"])
REFERENCE = iri(ID["graph/reference"])
META = iri(ID["graph/meta"])
TYPE = iri(RDF.type)


@dataclass(frozen=True, slots=True)
class Run:
    """How the statements of some documents were made; part of the graph, so it holds no clock time.

    `extractor`: name and version of the program; `model`: name and version of the language pipeline;
    `options`: settings that change the result, as (name, value).
    """

    extractor: str
    model: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    @property
    def iri(self) -> NamedNode:
        """The same for the same content."""
        return iri(ID[f"run/{content_id(self.extractor, self.model, sorted(self.options))}"])

    def triples(self) -> Iterator[Triple]:
        """The description of the run, for the graph `meta`."""
        yield Triple(self.iri, TYPE, iri(KG.ExtractionRun))
        yield Triple(self.iri, iri(KG.extractor), Literal(self.extractor))
        if self.model is not None:
            yield Triple(self.iri, iri(KG.model), Literal(self.model))
        for name, value in sorted(self.options):
            yield Triple(self.iri, iri(DCTERMS.description), Literal(f"{name}={value}"))


@lru_cache(maxsize=65_536)
def short(full: str) -> str:
    """The IRI with its prefix, as Turtle and SPARQL write it; `<...>` where no prefix fits.

    >>> short("https://w3id.org/bilateral-kg/actor/IND"), short("http://example.org/")
    ('act:IND', '<http://example.org/>')
    """
    cut = max(full.rfind("/"), full.rfind("#")) + 1
    prefix = _PREFIX_OF.get(full[:cut])
    return f"{prefix}:{full[cut:]}" if prefix and _LOCAL.fullmatch(full, cut) else f"<{full}>"


def document_iri(document: str) -> NamedNode:
    """The node of the document with this id."""
    return iri(ID[f"doc/{content_id(document)}"])


def document_graph(document: str) -> NamedNode:
    """The named graph that holds everything read from the document with this id."""
    return iri(ID[f"graph/doc-{content_id(document)}"])


def statement_iri(stmt: Statement) -> NamedNode:
    """The node of a statement; depends on its document and on what is said, not on how well it was read."""
    return iri(ID[f"stmt/{stmt.id}"])


def actor_iri(code: str) -> NamedNode:
    """The node of an actor; `InputError` for a code that cannot stand in an IRI."""
    try:
        return iri(ACT[code])
    except ValueError as exc:
        raise InputError(f"actor code {code!r}: use letters, digits, _ and - only") from exc


def decimal(value: float) -> Literal:
    """A number as `xsd:decimal`, to six digits after the point, in the one form that the store keeps."""
    return Literal(f"{value:.6f}".rstrip("0").rstrip("."), datatype=iri(XSD.decimal))


def within(graph: NamedNode, triple: Triple) -> Quad:
    """The triple in a named graph."""
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def document_triples(document: Document, *, keep_text: bool) -> Iterator[Triple]:
    """The node of a document. `InputError` when its text or title is not valid Unicode."""
    node = document_iri(document.id)
    yield Triple(node, TYPE, iri(KG.Document))
    values = (
        (KG.identifier, document.id),
        (KG.title, document.title),
        (KG.publisher, document.source),
        (KG.url, document.url),
        (KG.language, document.language),
        (KG.text, document.text if keep_text else None),
    )
    try:
        yield Triple(node, iri(KG.contentHash), Literal(document.content_hash))
        for predicate, value in values:
            if value is not None:
                yield Triple(node, iri(predicate), Literal(value))
    except ValueError as exc:
        raise InputError(
            f"document {document.id!r}: holds half a surrogate pair, which is no character; read it as UTF-8"
        ) from exc
    if document.published is not None:
        yield Triple(node, iri(KG.published), _date(document.published))


def statement_triples(stmt: Statement) -> Iterator[Triple]:
    """The node of a statement and the nodes of its evidence.

    `OntologyError` for an unknown relation, `InputError` for an actor code that cannot stand in an IRI.
    """
    node = statement_iri(stmt)
    yield Triple(node, TYPE, iri(KG.Statement))
    yield Triple(node, iri(KG.source), actor_iri(stmt.source))
    yield Triple(node, iri(KG.relation), iri(ontology.load_ontology().relation(stmt.relation).iri))
    yield Triple(node, iri(KG.target), actor_iri(stmt.target))
    yield Triple(node, iri(KG.polarity), iri(KG[_POLARITY[stmt.polarity]]))
    yield Triple(node, iri(KG.status), iri(KG[stmt.status.capitalize()]))
    yield Triple(node, iri(KG.confidence), decimal(stmt.confidence))
    if stmt.when is not None:
        yield Triple(node, iri(KG.beginDate), _date(stmt.when.start))
        yield Triple(node, iri(KG.endDate), _date(stmt.when.end))
        yield Triple(node, iri(KG.datePrecision), Literal(stmt.when.precision))
    if stmt.place is not None:
        yield Triple(node, iri(KG.place), Literal(stmt.place))
    if stmt.speaker is not None:
        yield Triple(node, iri(KG.speaker), actor_iri(stmt.speaker))
    for agent in stmt.source_agents:
        yield Triple(node, iri(KG.sourceAgent), Literal(agent))
    for agent in stmt.target_agents:
        yield Triple(node, iri(KG.targetAgent), Literal(agent))
    for evidence in stmt.evidence:
        place = (evidence.document, evidence.span.start, evidence.span.end, evidence.quote, evidence.sentence)
        passage = iri(ID[f"ev/{content_id(*place, evidence.extractor, evidence.rule)}"])
        yield Triple(node, iri(KG.evidence), passage)
        yield Triple(passage, TYPE, iri(KG.Evidence))
        yield Triple(passage, iri(KG.document), document_iri(evidence.document))
        yield Triple(passage, iri(KG.beginIndex), _integer(evidence.span.start))
        yield Triple(passage, iri(KG.endIndex), _integer(evidence.span.end))
        yield Triple(passage, iri(KG.quote), Literal(evidence.quote))
        yield Triple(passage, iri(KG.sentence), Literal(evidence.sentence))
        yield Triple(passage, iri(KG.extractor), Literal(evidence.extractor))
        yield Triple(passage, iri(KG.rule), Literal(evidence.rule))


def value(term: NamedNode | BlankNode | Literal | Triple) -> str:
    """The IRI or the text of a term."""
    if isinstance(term, Triple):
        raise InputError(f"{term}: triples about triples are not used here; use kg:Statement nodes")
    return term.value


def by_subject(triples: Iterable[Triple | Quad]) -> dict[str, dict[str, list[str]]]:
    """What is said of each node."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        found[value(triple.subject)][triple.predicate.value].append(value(triple.object))
    return found


def read_document(graph: Mapping[str, Properties]) -> Document:
    """The document of a document's named graph; the text is empty where it was not kept."""
    node = next(iter(_of_type(graph, KG.Document)))
    said = graph[node]
    published = _one(said, KG.published)
    return Document(
        id=_need(node, said, KG.identifier),
        text=_one(said, KG.text) or "",
        title=_one(said, KG.title),
        source=_one(said, KG.publisher),
        url=_one(said, KG.url),
        published=date.fromisoformat(published) if published else None,
        language=_one(said, KG.language) or "en",
    )


def read_statements(graph: Mapping[str, Properties], document: str) -> list[Statement]:
    """The statements of a document's named graph in the order of the text.

    `InputError` names the node and the property when something that every statement has is missing.
    """
    found = [_statement(node, graph, document) for node in _of_type(graph, KG.Statement)]
    return sorted(found, key=reading_order)


def _statement(node: str, graph: Mapping[str, Properties], document: str) -> Statement:
    said = graph[node]
    try:
        stmt = Statement(
            source=_code(_need(node, said, KG.source)),
            relation=REL.local(_need(node, said, KG.relation)) or "",
            target=_code(_need(node, said, KG.target)),
            polarity=_POLARITIES[_need(node, said, KG.polarity)],
            status=_STATUSES[_need(node, said, KG.status)],
            when=_when(said),
            place=_one(said, KG.place),
            speaker=_code(speaker) if (speaker := _one(said, KG.speaker)) else None,
            source_agents=tuple(sorted(said.get(KG.sourceAgent, ()))),
            target_agents=tuple(sorted(said.get(KG.targetAgent, ()))),
            confidence=float(_need(node, said, KG.confidence)),
            evidence=tuple(_evidence(passage, graph, document) for passage in said.get(KG.evidence, ())),
        )
    except (KeyError, ValueError) as exc:
        raise InputError(f"<{node}>: {exc}; `kg check` lists all such values") from exc
    if not stmt.evidence:
        raise InputError(f"<{node}>: has no kg:evidence; `kg check` lists all such statements")
    return unite([stmt])


def _evidence(node: str, graph: Mapping[str, Properties], document: str) -> Evidence:
    said = graph.get(node, {})
    return Evidence(
        document=document,
        span=Span(int(_need(node, said, KG.beginIndex)), int(_need(node, said, KG.endIndex))),
        quote=_need(node, said, KG.quote),
        sentence=_need(node, said, KG.sentence),
        extractor=_need(node, said, KG.extractor),
        rule=_need(node, said, KG.rule),
    )


def _when(said: Properties) -> When | None:
    first, last = _one(said, KG.beginDate), _one(said, KG.endDate)
    if first is None or last is None:
        return None
    precision = _one(said, KG.datePrecision)
    units: Mapping[str | None, Precision] = {"day": "day", "month": "month", "year": "year"}
    return When(date.fromisoformat(first), date.fromisoformat(last), units[precision])


def _code(actor: str) -> str:
    code = ACT.local(actor)
    if code is None:
        raise ValueError(f"<{actor}> is not an actor of this package")
    return code


def _one(said: Properties, predicate: str) -> str | None:
    """The value, the first in order where an edited file has several; None when there is none."""
    return min(said.get(predicate, ()), default=None)


def _need(node: str, said: Properties, predicate: str) -> str:
    value = _one(said, predicate)
    if value is None:
        raise InputError(f"<{node}>: has no kg:{KG.local(predicate)}; `kg check` lists all such nodes")
    return value


def _of_type(graph: Mapping[str, Properties], kind: str) -> list[str]:
    return [node for node, said in graph.items() if kind in said.get(RDF.type, ())]


def _date(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=iri(XSD.date))


def _integer(value: int) -> Literal:
    return Literal(str(value), datatype=iri(XSD.integer))


def assign(triples: Iterable[Triple]) -> Iterator[Quad]:
    """Put the triples of a file without named graphs back into the graphs from which they came.

    Documents, statements and evidence go to their document's graph, plain triples between actors to
    `asserted`, runs and thresholds to `meta`; the actors, and whatever else the file says, to `reference`.
    """
    held = list(triples)
    nodes = by_subject(held)
    documents = {node: said[KG.document][0] for node, said in nodes.items() if KG.document in said}
    for node, said in nodes.items():
        found = next((passage for passage in said.get(KG.evidence, ()) if passage in documents), None)
        if found:
            documents[node] = documents[found]
    for triple in held:
        yield within(_graph_of(value(triple.subject), triple.predicate.value, documents), triple)


def _graph_of(subject: str, predicate: str, documents: Mapping[str, str]) -> NamedNode:
    local = ID.local(documents.get(subject, subject)) or ""
    if local.startswith("doc/"):
        return iri(ID["graph/doc-" + local.removeprefix("doc/")])
    if local.startswith(("run/", "graph/")):
        return META
    if subject.startswith(ACT.base) and predicate.startswith(REL.base):
        return ASSERTED
    return REFERENCE

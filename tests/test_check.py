from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

import kg.check
import kg.resources
from kg.check import Problem, check
from kg.errors import InputError, OntologyError
from kg.model import Document, Evidence, Span, Statement, When
from kg.ontology import ACT, ID, KG, RDF, RDFS, REL, XSD
from kg.rdf import ASSERTED, META, REFERENCE, Run, document_graph, document_iri, statement_iri
from kg.store import Graph

TEXT = "India met the Taliban. It denied arming the TTP."
DOCUMENT = Document("d1", TEXT, title="Talks", published=date(2024, 11, 7))
TALKS = Statement(
    "IND",
    "consult",
    "AFG",
    when=When(date(2024, 11, 4), date(2024, 11, 5)),
    place="Kabul",
    speaker="PAK",
    source_agents=("J. P. Singh",),
    confidence=0.9,
    evidence=(Evidence("d1", Span(0, 21), TEXT[:21], TEXT[:22], "kg 1", "met"),),
)
ARMING = Statement(
    "AFG",
    "aid",
    "TTP",
    status="alleged",
    confidence=0.9,
    evidence=(Evidence("d1", Span(23, 47), TEXT[23:47], TEXT[23:], "kg 1", "denied"),),
)
NO_TALKS = Statement(
    "IND",
    "consult",
    "PAK",
    polarity="-",
    evidence=(Evidence("d1", Span(0, 5), "India", TEXT[:22], "kg 1", "no"),),
)
DOUBTFUL = Statement(
    "USA",
    "accuse",
    "AFG",
    confidence=0.3,
    evidence=(Evidence("d1", Span(6, 9), "met", TEXT[:22], "kg 1", "odd"),),
)
HOME = document_graph("d1")


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    graph.add(DOCUMENT, [TALKS, ARMING, NO_TALKS, DOUBTFUL], run=Run("kg 1", model="en 1"))
    return graph


def node(iri: str) -> NamedNode:
    return NamedNode(iri)


def talks(graph: Graph) -> NamedNode:
    return statement_iri(TALKS)


def passage(graph: Graph) -> NamedNode:
    return next(graph.store.quads_for_pattern(talks(graph), node(KG.evidence), None)).object


def document(graph: Graph) -> NamedNode:
    return document_iri("d1")


def india(graph: Graph) -> NamedNode:
    return node(ACT.IND)


def _typed(graph: Graph, kind: str) -> NamedNode:
    return min(
        (quad.subject for quad in graph.store.quads_for_pattern(None, node(RDF.type), node(kind))), key=str
    )


def office(graph: Graph) -> NamedNode:
    return _typed(graph, KG.Term)


def membership(graph: Graph) -> NamedNode:
    return _typed(graph, KG.Membership)


def former(graph: Graph) -> NamedNode:
    return _typed(graph, KG.FormerState)


def run(graph: Graph) -> NamedNode:
    return next(graph.store.quads_for_pattern(None, node(RDF.type), node(KG.ExtractionRun))).subject


def rules(graph: Graph) -> set[str]:
    return {problem.rule for problem in check(graph)}


def test_what_the_store_writes_is_in_order(graph):
    assert check(graph) == []


def test_an_empty_graph_is_in_order():
    assert check(Graph()) == []


# --- one break for each constraint ---

Subject = Callable[[Graph], NamedNode]


def decimal(text: str) -> Literal:
    return Literal(text, datatype=node(XSD.decimal))


def integer(text: str) -> Literal:
    return Literal(text, datatype=node(XSD.integer))


def day(text: str) -> Literal:
    return Literal(text, datatype=node(XSD.date))


REMOVED: list[tuple[Subject, str, str]] = [
    (talks, KG.source, "statement-source"),
    (talks, KG.relation, "statement-relation"),
    (talks, KG.target, "statement-target"),
    (talks, KG.polarity, "statement-polarity"),
    (talks, KG.status, "statement-status"),
    (talks, KG.confidence, "statement-confidence"),
    (talks, KG.evidence, "statement-evidence"),
    (talks, KG.endDate, "statement-dates-complete"),
    (talks, KG.datePrecision, "statement-dates-complete"),
    (passage, KG.document, "evidence-document"),
    (passage, KG.quote, "evidence-quote"),
    (passage, KG.sentence, "evidence-sentence"),
    (passage, KG.beginIndex, "evidence-begin"),
    (passage, KG.endIndex, "evidence-end"),
    (passage, KG.extractor, "evidence-extractor"),
    (passage, KG.rule, "evidence-rule"),
    (document, KG.identifier, "document-identifier"),
    (document, KG.language, "document-language"),
    (india, KG.code, "actor-code"),
    (india, RDFS.label, "actor-label"),
    (office, KG.actor, "office-actor"),
    (office, KG.office, "office-name"),
    (membership, KG.member, "membership-member"),
    (membership, KG.organisation, "membership-organisation"),
    (membership, RDFS.label, "actor-label"),
    (former, KG.successor, "former-successor"),
    (run, KG.extractor, "run-extractor"),
]

# what is written in place of what was there, and the rule that must object
REPLACED: list[tuple[Subject, str, NamedNode | Literal, str]] = [
    (talks, KG.target, node(ACT.IND), "statement-source"),
    (talks, KG.source, node(KG.Actual), "statement-source"),
    (talks, KG.relation, node(KG.Affirmed), "statement-relation"),
    (talks, KG.relation, node(REL.base + "visit"), "statement-relation"),
    (talks, KG.polarity, node(KG.Actual), "statement-polarity"),
    (talks, KG.polarity, Literal("+"), "statement-polarity"),
    (talks, KG.status, node(KG.Negated), "statement-status"),
    (talks, KG.confidence, decimal("1.5"), "statement-confidence"),
    (talks, KG.confidence, decimal("-0.5"), "statement-confidence"),
    (talks, KG.confidence, Literal("high"), "statement-confidence"),
    (talks, KG.beginDate, day("2024-11-06"), "statement-begin"),
    (talks, KG.beginDate, day("4 November"), "statement-begin"),
    (talks, KG.beginDate, Literal("2024-11-04"), "statement-begin"),
    (talks, KG.endDate, Literal("2024"), "statement-end"),
    (talks, KG.datePrecision, Literal("week"), "statement-precision"),
    (talks, KG.speaker, node(KG.Actual), "statement-speaker"),
    (talks, KG.place, Literal(""), "statement-place"),
    (talks, KG.sourceAgent, Literal(""), "statement-source-agent"),
    (talks, KG.targetAgent, integer("7"), "statement-target-agent"),
    (talks, KG.evidence, node(ACT.IND), "statement-evidence"),
    (passage, KG.document, node(ACT.IND), "evidence-document"),
    (passage, KG.beginIndex, integer("-1"), "evidence-begin"),
    (passage, KG.beginIndex, integer("21"), "evidence-begin"),
    (passage, KG.beginIndex, integer("1"), "evidence-length"),
    (passage, KG.endIndex, Literal("21"), "evidence-end"),
    (passage, KG.quote, Literal("India met the Taleban"), "evidence-exact"),
    (passage, KG.quote, Literal("India"), "evidence-length"),
    (document, KG.text, Literal("Something else."), "evidence-exact"),
    (document, KG.published, Literal("yesterday"), "document-published"),
    (document, KG.language, Literal("English"), "document-language"),
    (india, KG.code, Literal("Ind"), "actor-code"),
    (india, KG.validTo, day("1800-01-01"), "actor-from"),
    (india, KG.validTo, Literal("today"), "actor-to"),
    (office, KG.actor, node(KG.Actual), "office-actor"),
    (office, KG.validTo, day("1800-01-01"), "actor-from"),
    (former, KG.successor, node(KG.Actual), "former-successor"),
]

# what is written beside what was there
ADDED: list[tuple[Subject, str, NamedNode | Literal, str]] = [
    (talks, KG.source, node(ACT.USA), "statement-source"),
    (talks, KG.target, node(ACT.USA), "statement-target"),
    (talks, KG.polarity, node(KG.Negated), "statement-polarity"),
    (talks, KG.confidence, decimal("0.5"), "statement-confidence"),
    (passage, KG.document, document_iri("d2"), "evidence-document"),
    (document, KG.title, Literal("Other"), "document-title"),
    (document, KG.publisher, Literal("A"), "document-publisher"),
    (document, KG.url, Literal("http://a.org"), "document-url"),
    (document, KG.text, Literal("Other"), "document-text"),
]


def remove(graph: Graph, subject: NamedNode, predicate: str) -> NamedNode:
    """Take the values out; gives the named graph in which they belong."""
    there = list(graph.store.quads_for_pattern(subject, node(predicate), None))
    home = next(graph.store.quads_for_pattern(subject, node(RDF.type), None)).graph_name
    for quad in there:
        graph.store.remove(quad)
    return home


@pytest.mark.parametrize(
    "subject, predicate, rule", REMOVED, ids=lambda value: getattr(value, "__name__", None)
)
def test_what_is_missing_is_found(graph, subject, predicate, rule):
    where = subject(graph)
    remove(graph, where, predicate)
    assert rule in rules(graph)


@pytest.mark.parametrize("subject, predicate, value, rule", REPLACED)
def test_what_is_wrong_is_found(graph, subject, predicate, value, rule):
    where = subject(graph)
    home = remove(graph, where, predicate)
    if rule == "actor-from":
        remove(graph, where, KG.validFrom)
        graph.store.add(Quad(where, node(KG.validFrom), day("1947-08-15"), home))
    graph.store.add(Quad(where, node(predicate), value, home))
    assert rule in rules(graph)


@pytest.mark.parametrize("subject, predicate, value, rule", ADDED)
def test_what_is_there_twice_is_found(graph, subject, predicate, value, rule):
    where = subject(graph)
    if (rule, predicate) in (("document-publisher", KG.publisher), ("document-url", KG.url)):
        graph.store.add(Quad(where, node(predicate), Literal("first"), HOME))
    graph.store.add(Quad(where, node(predicate), value, HOME))
    assert rule in rules(graph)


def test_evidence_of_two_documents_is_found(graph):
    other = Document("d2", TEXT)
    stmt = Statement("USA", "aid", "FRA", evidence=(Evidence("d2", Span(0, 5), "India", TEXT, "kg 1", "x"),))
    graph.add(other, [stmt])
    assert check(graph) == []
    foreign = next(graph.store.quads_for_pattern(statement_iri(stmt), node(KG.evidence), None)).object
    graph.store.add(Quad(talks(graph), node(KG.evidence), foreign, HOME))
    assert rules(graph) == {"statement-one-document"}


def test_every_constraint_of_the_shapes_is_tried_above_or_is_about_the_ontology():
    text = (Path(kg.resources.resource("ontologies", "shapes.ttl"))).read_text(encoding="utf-8")
    defined = set(re.findall(r"^shape:(\S+) a sh:(?:Property|SPARQL)", text, re.M))
    tried = {case[-1] for case in (*REMOVED, *REPLACED, *ADDED)} | {"statement-one-document"}
    tried |= {"actor-no-leak", "actor-closed"}
    assert {
        name for name in defined - tried if not name.startswith(("term-", "relation-", "event-"))
    } == set()


# --- named graphs ---


@pytest.mark.parametrize(
    "source, relation, target",
    [
        pytest.param("AFG", "aid", "TTP", id="alleged"),
        pytest.param("IND", "consult", "PAK", id="denied"),
        pytest.param("USA", "accuse", "AFG", id="not sure enough"),
        pytest.param("CHN", "borders", "IND", id="said by nobody"),
    ],
)
def test_a_leak_is_found(graph, source, relation, target):
    triple = Quad(node(ACT[source]), node(REL[relation]), node(ACT[target]), ASSERTED)
    assert triple not in graph.store
    graph.store.add(triple)
    (problem,) = check(graph)
    assert problem.rule == "no-leak"
    assert problem.node == f"act:{source} rel:{relation} act:{target}"


def test_a_directed_relation_leaks_when_it_is_turned_round(graph):
    sure = Statement("PAK", "accuse", "AFG", evidence=TALKS.evidence)
    graph.add(DOCUMENT, [sure])
    assert check(graph) == []
    graph.store.add(Quad(node(ACT.AFG), node(REL.accuse), node(ACT.PAK), ASSERTED))
    assert rules(graph) == {"no-leak"}


@pytest.mark.parametrize("status", [KG.Alleged, KG.Intended, KG.Requested])
def test_a_statement_whose_status_changes_leaves_a_leak(graph, status):
    remove(graph, talks(graph), KG.status)
    graph.store.add(Quad(talks(graph), node(KG.status), node(status), HOME))
    assert rules(graph) == {"no-leak"}


def test_a_missing_plain_triple_is_found(graph):
    for quad in list(graph.store.quads_for_pattern(None, None, None, ASSERTED)):
        graph.store.remove(quad)
    assert {(p.rule, p.node) for p in check(graph)} == {
        ("complete", "act:IND rel:consult act:AFG"),
        ("complete", "act:AFG rel:consult act:IND"),
    }


def test_another_threshold_stays_in_order(graph):
    graph.derive(threshold=0.2)
    assert check(graph) == []
    graph.derive(threshold=0.95)
    assert check(graph) == []


@pytest.mark.parametrize(
    "quad, rule",
    [
        pytest.param(
            Quad(node(ACT.IND), node(KG.code), Literal("IND"), ASSERTED),
            "asserted-closed",
            id="not a relation",
        ),
        pytest.param(
            Quad(node(ACT.IND), node(REL.consult), node(ACT.AFG), HOME),
            "asserted-only",
            id="outside asserted",
        ),
        pytest.param(
            Quad(node(ACT.IND), node(KG.code), Literal("IND"), META), "one-graph", id="in two graphs"
        ),
        pytest.param(
            Quad(node(ACT.IND), node(RDFS.comment), Literal("Bharat"), DefaultGraph()),
            "one-graph",
            id="in none",
        ),
        pytest.param(
            Quad(BlankNode("x"), node(RDFS.comment), Literal("Bharat"), REFERENCE),
            "no-blank-nodes",
            id="blank subject",
        ),
        pytest.param(
            Quad(node(ACT.IND), node(RDFS.seeAlso), BlankNode("x"), REFERENCE),
            "no-blank-nodes",
            id="blank object",
        ),
        pytest.param(
            Quad(node(ACT.IND), node(KG.base + "capital"), Literal("Delhi"), REFERENCE),
            "known-terms",
            id="property",
        ),
        pytest.param(
            Quad(node(ID["doc/x"]), node(RDF.type), node(KG.base + "Leaflet"), HOME),
            "known-terms",
            id="class",
        ),
        pytest.param(
            Quad(node(ACT.IND), node(REL.base + "visit"), node(ACT.AFG), ASSERTED),
            "known-terms",
            id="relation",
        ),
    ],
)
def test_what_lies_in_the_wrong_place_is_found(graph, quad, rule):
    graph.store.add(quad)
    assert rule in rules(graph)


def test_problems_are_sorted_readable_and_limited(graph):
    documents = [(Document(f"x{n}", TEXT), []) for n in range(5)]
    graph.add_all(documents)
    for n in range(5):
        remove(graph, document_iri(f"x{n}"), KG.language)
    assert len(check(graph)) == 5
    problems = check(graph, most=3)
    assert len(problems) == 3
    assert problems == sorted(problems)
    message = "a document has exactly one language, given as a code such as en"
    assert str(problems[0]) == f"{problems[0].node}: {message} [document-language]"
    assert str(Problem("r", "n", "m", "v")) == "n: m (v) [r]"


def test_the_value_is_shown(graph):
    remove(graph, talks(graph), KG.confidence)
    graph.store.add(Quad(talks(graph), node(KG.confidence), decimal("1.5"), HOME))
    assert [p.value for p in check(graph) if p.rule == "statement-confidence"] == ["1.5"]


# --- against pySHACL ---


def test_pyshacl_finds_the_same_nodes(graph):
    pytest.importorskip("pyshacl")
    assert check(graph, shapes=True) == []
    for subject, predicate, value in (
        (talks(graph), KG.confidence, decimal("1.5")),
        (talks(graph), KG.beginDate, day("2024-11-06")),
        (talks(graph), KG.polarity, node(KG.Actual)),
        (passage(graph), KG.quote, Literal("India met the Taleban")),
        (document(graph), KG.language, Literal("English")),
        (india(graph), KG.code, Literal("Ind")),
    ):
        home = remove(graph, subject, predicate)
        graph.store.add(Quad(subject, node(predicate), value, home))
    remove(graph, passage(graph), KG.rule)
    graph.store.add(Quad(node(ACT.AFG), node(REL.aid), node(ACT.TTP), ASSERTED))
    ours, theirs = check(graph), check(graph, shapes=True)
    assert {(p.rule, p.node) for p in theirs if p.rule == "actor-no-leak"} == {
        ("actor-no-leak", p.node.split()[0]) for p in ours if p.rule == "no-leak"
    }
    found = {(p.rule, p.node) for p in ours}
    assert len(found) >= 8
    assert found == {(p.rule, p.node) for p in theirs if p.rule != "actor-no-leak"}


def test_without_pyshacl_the_user_is_told_what_to_install(graph, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyshacl", None)
    with pytest.raises(InputError, match=re.escape("pip install 'bilateral-kg[check]'")):
        check(graph, shapes=True)


@pytest.fixture
def shapes(tmp_path, monkeypatch):
    """A copy of the ontology whose shapes a test may change."""
    source = kg.resources.resource("ontologies")
    shutil.copytree(source, tmp_path / "ontologies")
    monkeypatch.setattr(kg.resources, "PACKAGE", tmp_path / "kg")
    kg.check._translated.cache_clear()
    yield tmp_path / "ontologies" / "shapes.ttl"
    kg.check._translated.cache_clear()


def test_a_constraint_without_translation_is_an_error_not_silence(graph, shapes):
    text = shapes.read_text(encoding="utf-8")
    shapes.write_text(text.replace("sh:minLength 1", "sh:maxLength 9", 1), encoding="utf-8")
    with pytest.raises(OntologyError, match=r"statement-place: .*maxLength> 9 has no translation"):
        check(graph)


def test_a_new_constraint_needs_no_code(graph, shapes):
    text = shapes.read_text(encoding="utf-8")
    changed = text.replace("sh:maxInclusive 1.0", "sh:maxInclusive 0.5", 1)
    shapes.write_text(changed, encoding="utf-8")
    assert rules(graph) == {"statement-confidence"}

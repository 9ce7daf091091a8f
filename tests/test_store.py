from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, NamedNode
from strategies import checked, corpora, items

from kg import derive
from kg.errors import InputError, OntologyError, QueryError
from kg.merge import reading_order, unite
from kg.model import Document, Evidence, Span, Statement, When
from kg.ontology import ACT, KG, REL
from kg.rdf import ASSERTED, META, REFERENCE, Run
from kg.sparql import Iri, Result
from kg.store import Graph

Items = list[tuple[Document, list[Statement]]]

DOC = Document("d1", "India met Afghanistan.", title="Talks", source="Wire", published=date(2024, 11, 7))
RUN = Run("rules 1", "en 1", (("threshold", "0.5"),))


def said(
    source: str = "IND", relation: str = "accuse", target: str = "PAK", document: str = "d1", **fields: object
) -> Statement:
    evidence = Evidence(document, Span(0, 5), "India", "India met Afghanistan.", "test 1", "verb")
    return replace(Statement(source, relation, target, evidence=(evidence,)), **fields)


def plain(graph: Graph) -> set[str]:
    """The plain triples, short."""
    rows = graph.sparql("SELECT ?a ?r ?b { GRAPH graph:asserted { ?a ?r ?b } }").rows
    return {" ".join(str(cell).rpartition("/")[2] for cell in row) for row in rows}


def content(graph: Graph) -> set[object]:
    return set(graph.store)


# --- What goes in comes out ---------------------------------------------------------------------------------


def test_an_empty_graph_holds_its_threshold_and_nothing_else() -> None:
    graph = Graph()
    assert (len(graph), list(graph.documents()), list(graph.statements())) == (0, [], [])
    assert len(graph.store) == 1
    assert graph.sparql("ASK { graph:asserted kg:threshold 0.5 }")


@checked
@given(corpora())
def test_documents_and_statements_come_back_equal(corpus: Items) -> None:
    graph = Graph()
    assert graph.add_all(corpus) == len(corpus)
    ordered = sorted(corpus, key=lambda item: (str(item[0].published or ""), item[0].id))
    assert list(graph.documents()) == [document for document, _ in ordered]
    expected = []
    for document, stmts in ordered:
        united = [unite(s for s in stmts if s.id == id) for id in {stmt.id for stmt in stmts}]
        expected += sorted(united, key=reading_order)
        assert list(graph.statements(document.id)) == sorted(united, key=reading_order)
        assert graph.document(document.id) == document
        assert graph.has(document)
        assert document.id in graph
    assert list(graph.statements()) == expected
    assert len(graph) == len(expected)


def test_without_texts_everything_else_is_there() -> None:
    graph = Graph(keep_text=False)
    graph.add(DOC, [said()])
    assert graph.document("d1") == replace(DOC, text="")
    assert graph.has(DOC)
    assert list(graph.statements()) == [said()]


def test_has_asks_for_the_same_content_and_the_same_run() -> None:
    graph = Graph()
    graph.add(DOC, [], run=RUN)
    assert graph.has(DOC)
    assert graph.has(DOC, run=RUN)
    assert not graph.has(replace(DOC, text="India met nobody."))
    assert not graph.has(DOC, run=Run("rules 2", "en 1"))
    assert "d2" not in graph
    assert graph.document("d2") is None
    assert list(graph.statements("d2")) == []


@pytest.mark.parametrize(
    ("stmt", "error", "message"),
    [
        pytest.param(said(evidence=()), ValueError, "no evidence", id="no evidence"),
        pytest.param(said(document="d2"), ValueError, "not of document 'd1'", id="another document"),
        pytest.param(said(confidence=1.5), ValueError, "not between 0 and 1", id="confidence above 1"),
        pytest.param(said(confidence=float("nan")), ValueError, "not between 0 and 1", id="no number"),
        pytest.param(said(relation="hug"), OntologyError, "'hug' is not a relation", id="unknown relation"),
        pytest.param(said(source="A> <b"), InputError, "actor code 'A> <b'", id="code that is no code"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_leaves_the_graph_as_it_was(
    stmt: Statement, error: type[Exception], message: str
) -> None:
    graph = Graph()
    graph.add(DOC, [said("IRN")])
    before = content(graph)
    with pytest.raises(error, match=re.escape(message)):
        graph.add(DOC, [said("UNO"), stmt])
    assert content(graph) == before


def test_half_a_surrogate_pair_is_named() -> None:
    with pytest.raises(InputError, match="document 'd1': holds half a surrogate pair"):
        Graph().add(replace(DOC, text="a\ud800b"), [])


# --- Adding, replacing, removing ----------------------------------------------------------------------------


@checked
@given(corpora(min_size=1), st.data())
def test_order_does_not_matter_nor_adding_twice_nor_one_by_one(corpus: Items, data: st.DataObject) -> None:
    together, single = Graph(), Graph()
    together.add_all([*corpus, *corpus], run=RUN)
    for document, stmts in data.draw(st.permutations(corpus)):
        single.add(document, stmts, run=RUN)
        single.add(document, reversed(stmts), run=RUN)
    assert content(together) == content(single)


@checked
@given(corpora(), st.data())
def test_adding_and_removing_restores_the_graph(corpus: Items, data: st.DataObject) -> None:
    graph = Graph()
    graph.add_all(corpus, run=RUN)
    before = content(graph)
    document, stmts = data.draw(items("another document"))
    graph.add(document, stmts, run=Run("rules 2"))
    assert graph.remove(document.id)
    assert content(graph) == before
    assert not graph.remove(document.id)
    assert content(graph) == before


@checked
@given(corpora(min_size=1), st.data())
def test_replacing_leaves_what_a_fresh_graph_has(corpus: Items, data: st.DataObject) -> None:
    document, stmts = data.draw(items(corpus[0][0].id))
    graph, fresh = Graph(), Graph()
    graph.add_all(corpus, run=Run("rules 0"))
    graph.add_all([(document, stmts), *corpus[1:]], run=RUN)
    fresh.add_all([(document, stmts), *corpus[1:]], run=RUN)
    assert content(graph) == content(fresh)


@checked
@given(corpora(), corpora())
def test_updating_from_another_graph_is_adding_its_documents(first: Items, second: Items) -> None:
    one, other, both = Graph(), Graph(threshold=0.9), Graph()
    one.add_all(first, run=RUN)
    other.add_all(second, run=Run("rules 2"))
    both.add_all(first, run=RUN)
    both.add_all(second, run=Run("rules 2"))
    assert one.update(other) == len(second)
    assert content(one) == content(both)


@checked
@given(corpora(min_size=1))
def test_every_triple_lies_in_one_graph_and_nothing_is_blank(corpus: Items) -> None:
    graph = Graph()
    graph.add_all(corpus, run=RUN)
    quads = list(graph.store)
    assert max(Counter(quad.triple for quad in quads).values()) == 1
    assert not any(isinstance(term, BlankNode) for quad in quads for term in quad)
    assert not any(isinstance(quad.graph_name, DefaultGraph) for quad in quads)
    # A union of graphs and a query that names them count the same.
    union = graph.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows
    assert union == graph.sparql("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }").rows
    terms = {term.value for quad in quads for term in (quad.predicate, quad.object) if hasattr(term, "value")}
    assert all(term.removeprefix(KG.base) in KG for term in terms if term.startswith(KG.base))


def test_of_one_document_twice_the_last_counts() -> None:
    graph = Graph()
    assert graph.add_all([(DOC, [said()]), (replace(DOC, title="New"), [said("IRN", confidence=0.2)])]) == 2
    assert list(graph.statements()) == [said("IRN", confidence=0.2)]
    assert [document.title for document in graph.documents()] == ["New"]
    assert plain(graph) == set()


def test_items_that_break_keep_what_came_before() -> None:
    def broken() -> object:
        yield DOC, [said()]
        raise RuntimeError("stop")

    graph = Graph()
    with pytest.raises(RuntimeError, match="stop"):
        graph.add_all(broken())
    assert list(graph.statements()) == [said()]


# --- Plain triples ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stmt", "expected"),
    [
        pytest.param(said(), {"IND accuse PAK"}, id="affirmed and actual"),
        pytest.param(said(confidence=0.5), {"IND accuse PAK"}, id="exactly sure enough"),
        pytest.param(said(confidence=0.499999), set(), id="not sure enough"),
        pytest.param(said(polarity="-"), set(), id="negated"),
        pytest.param(said(status="alleged"), set(), id="alleged"),
        pytest.param(said(status="intended"), set(), id="intended"),
        pytest.param(said(status="requested"), set(), id="requested"),
        pytest.param(said(status="alleged", polarity="-"), set(), id="alleged and negated"),
        pytest.param(said(relation="consult"), {"IND consult PAK", "PAK consult IND"}, id="both directions"),
    ],
)
def test_only_affirmed_actual_and_sure_statements_become_plain_triples(
    stmt: Statement, expected: set[str]
) -> None:
    graph = Graph()
    graph.add(DOC, [stmt])
    assert plain(graph) == expected
    # No other way to find a relation as a predicate.
    assert len(graph.sparql("SELECT * { ?a ?r ?b FILTER(STRSTARTS(STR(?r), STR(rel:))) }")) == len(expected)


def test_a_plain_triple_stays_while_any_document_says_so() -> None:
    graph, other = Graph(), replace(DOC, id="d2")
    graph.add(DOC, [said(relation="consult")])
    graph.add(other, [said("PAK", "consult", "IND", document="d2")])
    graph.remove("d1")
    assert plain(graph) == {"IND consult PAK", "PAK consult IND"}
    graph.add(other, [said("PAK", "consult", "IND", document="d2", status="alleged")])
    assert plain(graph) == set()


@checked
@given(corpora(), st.integers(0, 10))
def test_plain_triples_kept_in_step_are_those_derived_from_scratch(corpus: Items, tenths: int) -> None:
    graph = Graph(threshold=tenths / 10)
    graph.add_all(corpus)
    before = content(graph)
    assert graph.derive() == len(plain(graph))
    assert content(graph) == before
    assert derive.all_plain(graph.store, tenths / 10) == {q for q in before if q.graph_name == ASSERTED}


def test_another_threshold_is_kept_with_the_graph() -> None:
    graph = Graph(threshold=0.9)
    graph.add(DOC, [said(confidence=0.8)])
    assert plain(graph) == set()
    assert graph.derive(0.8) == 1
    assert graph.threshold == 0.8
    assert graph.sparql("SELECT ?t { graph:asserted kg:threshold ?t }").rows == [(0.8,)]
    with pytest.raises(ValueError, match="threshold 2 is not between 0 and 1"):
        graph.derive(2)


# --- Actors and runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind", "label"),
    [
        ("IND", "State", "India"),
        ("UNO", "Organisation", "United Nations"),
        ("IRQ-REB", "ArmedGroup", "Iraq: rebels"),
        ("IRN-OPP", "ArmedGroup", "Iran: opposition"),
        ("NEWGROUP", "ArmedGroup", "NEWGROUP"),
    ],
)
def test_every_actor_that_occurs_has_class_code_and_name(code: str, kind: str, label: str) -> None:
    graph = Graph()
    graph.add(DOC, [said(code), said("AFG", target="PAK", speaker=code)])
    rows = graph.sparql(
        "SELECT ?k ?code ?name { GRAPH graph:reference { ?a a ?k ; kg:code ?code ; rdfs:label ?name } }",
        bindings={"a": Iri(ACT[code])},
    ).rows
    assert rows == [(KG[kind], code, label)]
    described = graph.store.quads_for_pattern(None, NamedNode(KG.code), None, REFERENCE)
    assert {q.subject.value for q in described} == {ACT[actor] for actor in ("AFG", "PAK", code)}


def test_the_run_is_described_once_and_goes_with_its_last_document() -> None:
    graph = Graph()
    graph.add(DOC, [], run=RUN)
    graph.add(replace(DOC, id="d2"), [], run=RUN)
    rows = graph.sparql(
        "SELECT ?e ?m ?o { ?r a kg:ExtractionRun ; kg:extractor ?e ; kg:model ?m ; ?p ?o "
        "FILTER(?p = dcterms:description) }"
    ).rows
    assert rows == [("rules 1", "en 1", "threshold=0.5")]
    graph.remove("d1")
    assert graph.sparql("ASK { ?r a kg:ExtractionRun }")
    graph.remove("d2")
    assert not graph.sparql("ASK { ?r a kg:ExtractionRun }")
    assert len(list(graph.store.quads_for_pattern(None, None, None, META))) == 1


# --- On disk ------------------------------------------------------------------------------------------------


def test_a_folder_keeps_the_graph(tmp_path: Path) -> None:
    with Graph.open(tmp_path / "g", threshold=0.7) as graph:
        graph.add(DOC, [said(confidence=0.6), said("IRN")])
        held = content(graph)
    with Graph.open(tmp_path / "g") as graph:
        assert content(graph) == held
        assert graph.threshold == 0.7
        assert plain(graph) == {"IRN accuse PAK"}
    with Graph.open(tmp_path / "g", threshold=0.6) as graph:
        assert plain(graph) == {"IRN accuse PAK", "IND accuse PAK"}
    with pytest.raises(ValueError, match="is closed"):
        len(graph)
    assert "closed" in repr(graph)


def test_one_writer_and_readers_beside_it(tmp_path: Path) -> None:
    with Graph.open(tmp_path / "g") as writer:
        writer.add(DOC, [said()])
        with pytest.raises(
            InputError, match=r"g: another program is writing here; wait, or open it read-only"
        ):
            Graph.open(tmp_path / "g")
        with Graph.open(tmp_path / "g", read_only=True) as reader:
            writer.add(replace(DOC, id="d2"), [])
            assert [document.id for document in reader.documents()] == ["d1"]
            with pytest.raises(InputError, match="was opened read-only"):
                reader.add(replace(DOC, id="d3"), [])


def test_folders_that_are_no_store_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="is no graph store, and not empty"):
        Graph.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(InputError, match="there is no such graph store"):
        Graph.open(tmp_path / "absent", read_only=True)
    assert not (tmp_path / "absent").exists()
    with pytest.raises(InputError, match="is a file"):
        Graph.open(tmp_path / "notes.txt")


ADDING = """
import sys
from dataclasses import replace
from itertools import count
sys.path.insert(0, "tests")
from kg.store import Graph
from test_store import DOC, said
graph = Graph.open(sys.argv[1])
for number in count():
    id = f"n{number % 40}"
    stmts = [said(code, document=id) for code in ("IRN", "UNO", "AFG")]
    graph.add(replace(DOC, id=id, text=str(number)), stmts)
    print(number, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.02, 0.1, 0.3])
def test_killed_while_writing_the_store_opens_with_whole_documents(tmp_path: Path, delay: float) -> None:
    root = Path(__file__).parents[1]
    command = [sys.executable, "-c", ADDING, str(tmp_path / "g")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        reported = int(([0, *process.stdout.read().split()])[-1])
    with Graph.open(tmp_path / "g") as graph:
        documents = list(graph.documents())
        newest = max(int(document.text) for document in documents)
        assert newest >= reported
        assert len(documents) == min(newest + 1, 40)
        assert all(len(list(graph.statements(document.id))) == 3 for document in documents)
        again = Graph()
        again.add_all((document, list(graph.statements(document.id))) for document in documents)
        assert content(again) == content(graph)


# --- Asking -------------------------------------------------------------------------------------------------


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    when = When(date(2024, 11, 4), date(2024, 11, 5))
    graph.add(DOC, [said(relation="consult", when=when, confidence=0.9), said(polarity="-", place='<b>"')])
    return graph


def test_values_are_python_values(graph: Graph) -> None:
    result = graph.sparql(
        "SELECT ?target ?c ?day ?place (1 AS ?i) (true AS ?t) { ?s kg:target ?target ; kg:confidence ?c ; "
        "kg:relation rel:consult . OPTIONAL { ?s kg:beginDate ?day } OPTIONAL { ?s kg:place ?place } }"
    )
    assert result.variables == ("target", "c", "day", "place", "i", "t")
    assert result.rows == [(ACT["PAK"], 0.9, date(2024, 11, 4), None, 1, True)]
    assert [type(cell) for cell in result.rows[0]] == [Iri, float, date, type(None), int, bool]
    assert list(result) == [dict(zip(result.variables, result.rows[0], strict=True))]


def test_star_gives_the_columns_as_they_occur(graph: Graph) -> None:
    for _ in range(5):
        assert graph.sparql("SELECT * { ?zeta kg:source ?alpha ; kg:target ?mid }").variables == (
            "zeta",
            "alpha",
            "mid",
        )


def test_ask_and_construct(graph: Graph) -> None:
    assert graph.sparql("ASK { act:IND rel:consult act:PAK }")
    assert not graph.sparql("ASK { act:IND rel:accuse act:PAK }")
    built = graph.sparql("CONSTRUCT { ?b rel:consult ?a } WHERE { ?a rel:consult ?b }")
    assert built.variables == ("subject", "predicate", "object")
    assert built.rows == [(ACT[a], REL.consult, ACT[b]) for a, b in (("IND", "PAK"), ("PAK", "IND"))]
    assert built.format("ttl").endswith("act:PAK rel:consult act:IND .\n")
    assert len(graph.sparql("DESCRIBE act:IND")) > 3


def test_bindings_fix_variables_also_where_they_are_not_selected(graph: Graph) -> None:
    query = "SELECT ?r\nWHERE { ?s kg:relation ?r ; kg:polarity ?p ; kg:confidence ?c FILTER(?c >= ?least) }"
    values = {"p": Iri(KG.Affirmed), "least": 0.5}
    assert graph.sparql(query, bindings=values).rows == [(REL.consult,)]
    assert graph.sparql(query, bindings={**values, "least": 0.95}).rows == []
    assert graph.sparql("ASK { ?s kg:place ?x }", bindings={"x": '<b>"'})
    assert graph.sparql("ASK { ?s kg:beginDate ?x }", bindings={"x": date(2024, 11, 4)})
    assert graph.sparql(
        "CONSTRUCT { ?a rel:consult ?b } WHERE { ?a rel:consult ?b }", bindings={"a": Iri(ACT["PAK"])}
    ).rows == [(ACT["PAK"], REL.consult, ACT["IND"])]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("zz", 1, r"\?zz does not occur", id="not in the query"),
        pytest.param("?s", 1, "'?s' is not a variable", id="not a name"),
        pytest.param("s", object(), r"\?s: <object .*cannot be bound", id="not a value"),
    ],
)
def test_bindings_that_cannot_be(graph: Graph, name: str, value: object, message: str) -> None:
    with pytest.raises(QueryError, match=message.replace("'?s'", r"'\?s'")):
        graph.sparql("SELECT ?s { ?s ?p ?o }", bindings={name: value})


@pytest.mark.parametrize(
    ("query", "place", "problem"),
    [
        pytest.param("SELECT ?s WHERE { ?s ?p }", (1, 19), "'?s' is not expected", id="half a triple"),
        pytest.param(
            "SELECT ?s {\n ?s kg:source act:IND ;\n    kg:target act:AFG\n ?s kg:status ?x }",
            (4, 2),
            "'?s' is not expected here",
            id="missing full stop",
        ),
        pytest.param("SELECT * {\n ?s ?p ?o\n FILTER(?o = ) }", (3, 14), "')' is not expected", id="filter"),
        pytest.param("ASK { ?s ?p 'é€𝄞' ?o }", (1, 19), "'?o' is not", id="columns are characters"),
        pytest.param("SELECT ?s { ?s ?p ?o ", (1, 22), "ends too early", id="no closing brace"),
        pytest.param(
            "SELECT ?s { ?s ?p ?o } ORDER ?s", (1, 30), "'?s' is not expected", id="order without by"
        ),
        pytest.param(
            "SELECT ?s { ?s foo:p ?o }", (1, 16), "prefix foo: is not declared", id="unknown prefix"
        ),
        pytest.param("SELEC ?s { ?s ?p ?o }", (1, 1), "needs SELECT, ASK, CONSTRUCT or DESCRIBE", id="typo"),
        pytest.param("", (1, 1), "needs SELECT", id="empty"),
        pytest.param("INSERT DATA { <a:a> <a:b> 1 }", (1, 1), "INSERT changes data", id="insert"),
        pytest.param("# x\nPREFIX a: <a:> DELETE WHERE { ?s ?p ?o }", (2, 16), "DELETE changes", id="delete"),
        pytest.param("LOAD <file:///etc/passwd>", (1, 1), "LOAD changes data", id="load"),
        pytest.param("CLEAR ALL", (1, 1), "CLEAR changes data", id="clear"),
        pytest.param("ASK { SERVICE <http://localhost:1/> { ?s ?p ?o } }", (1, 7), "SERVICE", id="service"),
        pytest.param("ASK { {} service silent ?x {} }", (1, 10), "SERVICE", id="service in small letters"),
        pytest.param("ASK { ?s ?p 1SERVICE <http://localhost:1/> {} }", (1, 14), "SERVICE", id="no space"),
        pytest.param(
            'ASK { ?s ?p """a\\"""" . SERVICE <http://localhost:1/> {} #"\n}', (1, 25), "SERVICE", id="quotes"
        ),
    ],
)
def test_what_is_no_query_is_shown_with_its_place(
    graph: Graph, query: str, place: tuple[int, int], problem: str
) -> None:
    before = content(graph)
    with pytest.raises(QueryError) as caught:
        graph.sparql(query)
    first, line, caret = str(caught.value).split("\n")
    assert first.startswith(f"line {place[0]}, column {place[1]}: ")
    assert problem in first
    assert line == "    " + query.split("\n")[place[0] - 1]
    assert caret == " " * (place[1] + 3) + "^"
    assert content(graph) == before


def test_from_means_the_graphs_that_it_names(graph: Graph) -> None:
    assert len(graph.sparql("SELECT * FROM graph:asserted { ?s ?p ?o }")) == 2
    assert not graph.sparql("ASK FROM <file:///etc/passwd> { ?s ?p ?o }")
    assert len(graph.sparql("SELECT DISTINCT ?g FROM NAMED graph:meta { GRAPH ?g { ?from ?p ?o } }")) == 1


def test_a_query_that_fails_while_it_runs_is_a_query_error(graph: Graph) -> None:
    with pytest.raises(QueryError, match=r"cannot be answered: .*http://x/f"):
        graph.sparql("SELECT (<http://x/f>(1) AS ?a) {}")


def test_words_that_only_look_like_keywords_are_allowed(graph: Graph) -> None:
    query = (
        "PREFIX load: <http://x/LOAD>\nSELECT ?service ?insert { # SERVICE <x> {}\n ?service kg:place ?insert"
        ' FILTER(?insert != "SERVICE <x> {} DELETE" && ?service != <http://SERVICE/>) }'
    )
    assert len(graph.sparql(query)) == 1


def test_an_unknown_name_in_the_query_is_only_found_by_nothing(graph: Graph) -> None:
    assert graph.sparql("SELECT ?s { ?s kg:nothing ?o }").rows == []


def test_tables_for_people_and_programs(graph: Graph) -> None:
    result = graph.sparql("SELECT ?s ?place ?day { ?s kg:place ?place OPTIONAL { ?s kg:beginDate ?day } }")
    id = said(polarity="-").id
    assert str(result).split("\n")[2].split() == [f"stmt:{id}", '<b>"']
    assert result.format("csv") == f's,place,day\n{result.rows[0][0]},"<b>""",\n'
    assert result.format("tsv").startswith("s\tplace\tday\n")
    assert '"place": "<b>\\""' in result.format("json")
    assert '"day": null' in result.format("json")
    assert "&lt;b&gt;&quot;" in result._repr_html_()
    assert "<b>" not in result._repr_html_()
    with pytest.raises(InputError, match="ttl needs triples"):
        result.format("ttl")
    with pytest.raises(InputError, match="'xlsx' is unknown; choose table, csv"):
        result.format("xlsx")


def test_long_tables_are_cut_in_notebooks_only() -> None:
    result = Result(["n"], [(number,) for number in range(60)])
    assert result._repr_html_().count("<tr>") == 51
    assert "10 more rows" in result._repr_html_()
    assert len(str(result).splitlines()) == 62


def test_data_frame_with_short_names(graph: Graph) -> None:
    pytest.importorskip("pandas")
    frame = graph.sparql("SELECT ?a ?c { ?s kg:target ?a ; kg:confidence ?c } ORDER BY ?c").to_frame()
    assert frame.to_dict("list") == {"a": ["act:PAK", "act:PAK"], "c": [0.9, 1.0]}


def test_without_pandas_the_message_says_what_to_install(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"pip install 'bilateral-kg\[frames\]'"):
        graph.sparql("ASK {}").to_frame()


def test_rdflib_sees_the_same_graph(graph: Graph) -> None:
    dataset = graph.dataset
    assert len(list(dataset.query("SELECT ?s { ?s a kg:Statement }"))) == 2
    assert len(dataset) == len(graph.store)
    names = {str(named.identifier) for named in dataset.graphs()}
    assert {ASSERTED.value, META.value, REFERENCE.value} <= names


def test_representations(graph: Graph) -> None:
    assert repr(graph) == "<Graph: 2 statements from 1 documents>"
    assert "rel:consult" in graph._repr_html_()
    assert bool(Graph())


def test_a_broken_statement_in_the_store_is_named(graph: Graph) -> None:
    quad = next(quad for quad in graph.store if quad.predicate.value == KG.status)
    graph.store.remove(quad)
    with pytest.raises(InputError, match=f"<{quad.subject.value}>: has no kg:status"):
        list(graph.statements())

from __future__ import annotations

import io
import re
from datetime import date, datetime
from pathlib import Path

import pytest

from kg.errors import OntologyError, QueryError
from kg.files import write
from kg.model import Document, Evidence, Span, Statement, When
from kg.ontology import ACT, KG, REL
from kg.queries import NamedQuery, fill, named_queries, read_query
from kg.sparql import Iri
from kg.store import Graph


def day(text: str) -> When:
    return When(date.fromisoformat(text), date.fromisoformat(text))


# One line for each claim: document, its day, source, relation, target, polarity, status, day, place, speaker.
TOLD = """
jan   2024-01-10 IND consult PAK + actual 2024-01-08 Delhi -
jan   2024-01-10 IND has_mission_in AFG - actual - - -
jan   2024-01-10 PAK recognizes AFG - actual - - -
jan   2024-01-10 USA sanction RUS + actual 2024-01-05 - -
jan   2024-01-10 USA sanction IRN + actual 2024-01-05 - -
jan   2024-01-10 PAK request AFG + actual 2024-01-09 - -
jan   2024-01-10 PAK request UNO + actual 2024-01-09 - -
jan   2024-01-10 USA present_in IRQ + actual - - -
feb   2024-02-20 PAK consult IND + actual 2024-02-19 Delhi -
feb   2024-02-20 IND consult AFG + actual 2024-02-18 Kabul -
feb   2024-02-20 AFG consult PAK - actual 2024-02-18 - -
feb   2024-02-20 AFG accuse PAK + actual 2024-02-18 - -
feb   2024-02-20 PAK aid TTP + alleged - - AFG
feb   2024-02-20 IND agree AFG + intended - Kabul -
feb   2024-02-20 IND aid AFG + intended - - -
feb   2024-02-20 AFG reject PAK + actual 2024-02-18 - -
mar   2024-03-30 IND has_mission_in AFG + actual 2024-03-29 - -
mar   2024-03-30 IND aid AFG + actual 2024-03-29 - -
mar   2024-03-30 USA retreat IRN + actual 2024-03-20 - -
mar   2024-03-30 USA present_in IRQ - actual 2024-03-28 - -
mar   2024-03-30 PAK recognizes AFG + actual 2024-03-29 - -
mar   2024-03-30 PAK consult TUR + intended - - -
undated -        CHN consult RUS + actual 2023-12-01 - -
"""


@pytest.fixture(scope="module")
def graph() -> Graph:
    found: dict[str, tuple[Document, list[Statement]]] = {}
    for number, line in enumerate(filter(None, TOLD.splitlines())):
        id, published, source, relation, target, polarity, status, when, place, speaker = line.split()
        text = f"{id} {number}"
        on = None if published == "-" else date.fromisoformat(published)
        document = Document(id, "", title=id.title(), published=on)
        evidence = Evidence(id, Span(number, number + len(text)), text, text, "test 1", "table")
        stmt = Statement(
            source,
            relation,
            target,
            polarity,
            status,
            when=None if when == "-" else day(when),
            place=None if place == "-" else place,
            speaker=None if speaker == "-" else speaker,
            evidence=(evidence,),
        )
        found.setdefault(id, (document, []))[1].append(stmt)
    graph = Graph()
    graph.add_all(found.values())
    return graph


def asked(graph: Graph, query: str) -> list[str]:
    """The rows as lines, IRIs and days as they are told above."""
    names = (ACT.base, REL.base, KG.base)

    def cell(value: object) -> str:
        if isinstance(value, Iri):
            return next((value.removeprefix(name) for name in names if value.startswith(name)), value)
        return "-" if value is None else str(value)

    return [" ".join(map(cell, row)) for row in graph.sparql(query).rows]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        pytest.param(
            "talks",
            {},
            [
                "IND PAK 2 2 2024-01-08 2024-02-19",
                "AFG IND 1 1 2024-02-18 2024-02-18",
                "CHN RUS 1 1 2023-12-01 2023-12-01",
            ],
            id="talks",
        ),
        pytest.param("talks", {"actor": "CHN"}, ["CHN RUS 1 1 2023-12-01 2023-12-01"], id="talks of one"),
        pytest.param(
            "talks",
            {"since": "2024-02-01", "until": date(2024, 2, 18)},
            ["AFG IND 1 1 2024-02-18 2024-02-18"],
            id="talks in a period",
        ),
        pytest.param("talks-per-month", {}, ["2023-12 1", "2024-01 1", "2024-02 2"], id="months"),
        pytest.param(
            "talks-per-month", {"a": "PAK", "b": "IND"}, ["2024-01 1", "2024-02 1"], id="pair months"
        ),
        pytest.param("missions", {}, ["IND AFG Affirmed 2024-03-29 mar 16"], id="newest word on a mission"),
        pytest.param("missions", {"host": "USA"}, [], id="no missions"),
        pytest.param("presence", {}, ["USA IRQ Negated 2024-03-28 mar 19"], id="troops that left"),
        pytest.param("non-recognition", {}, ["PAK AFG Actual 2024-01-10 jan 2 Jan"], id="non-recognition"),
        pytest.param("non-recognition", {"target": "PAK"}, [], id="non-recognition of another"),
        pytest.param(
            "disputed",
            {},
            [
                "AFG consult PAK Negated Actual - 2024-02-20 feb 10",
                "IND has_mission_in AFG Negated Actual - 2024-01-10 jan 1",
                "PAK aid TTP Affirmed Alleged AFG 2024-02-20 feb 12",
                "PAK recognizes AFG Negated Actual - 2024-01-10 jan 2",
                "USA present_in IRQ Negated Actual - 2024-03-30 mar 19",
            ],
            id="disputed",
        ),
        pytest.param(
            "disputed",
            {"actor": "TTP", "by": "AFG"},
            ["PAK aid TTP Affirmed Alleged AFG 2024-02-20 feb 12"],
            id="disputed by a speaker",
        ),
        pytest.param("disputed", {"by": "IND"}, [], id="disputed by nobody"),
        pytest.param(
            "timeline",
            {"a": "AFG", "b": "IND"},
            [
                "2024-01-10 - IND has_mission_in AFG Negated Actual jan 1",
                "2024-02-18 day IND consult AFG Affirmed Actual feb 9",
                "2024-02-20 - IND agree AFG Affirmed Intended feb 13",
                "2024-02-20 - IND aid AFG Affirmed Intended feb 14",
                "2024-03-29 day IND aid AFG Affirmed Actual mar 17",
                "2024-03-29 day IND has_mission_in AFG Affirmed Actual mar 16",
            ],
            id="timeline",
        ),
        pytest.param("sanctions", {}, ["USA RUS 2024-01-05 -"], id="sanctions not lifted"),
        pytest.param(
            "sanctions",
            {"at": "2024-03-01"},
            ["USA IRN 2024-01-05 -", "USA RUS 2024-01-05 -"],
            id="sanctions as known before",
        ),
        pytest.param("sanctions", {"at": "2024-01-04"}, [], id="sanctions before the first"),
        pytest.param("mediators", {}, ["IND AFG PAK 2", "IND PAK AFG 2"], id="mediators"),
        pytest.param("mediators", {"a": "PAK"}, ["IND PAK AFG 2"], id="mediators of one side"),
        pytest.param(
            "contradictions",
            {"source": "PAK"},
            ["PAK recognizes AFG 2024-03-30 mar 20 2024-01-10 jan 2"],
            id="contradictions",
        ),
        pytest.param("requests", {}, ["PAK UNO 2024-01-09"], id="refusal is an answer"),
        pytest.param(
            "agreements", {"actor": "AFG"}, ["2024-02-20 IND AFG Intended Kabul feb 13"], id="agreements"
        ),
        pytest.param(
            "plans",
            {},
            ["IND agree AFG - 2024-02-20 feb 13", "PAK consult TUR - 2024-03-30 mar 21"],
            id="plans not done",
        ),
        pytest.param(
            "plans", {"relation": "consult"}, ["PAK consult TUR - 2024-03-30 mar 21"], id="plans to meet"
        ),
        pytest.param("places", {}, ["Delhi 2 1", "Kabul 1 1"], id="places"),
    ],
)
def test_answers(graph: Graph, name: str, values: dict[str, str | date], expected: list[str]) -> None:
    assert asked(graph, fill(name, **values)) == expected


def test_evidence_of_one_statement(graph: Graph) -> None:
    stmt = next(stmt for stmt in graph.statements() if stmt.speaker == "AFG")
    (row,) = graph.sparql(fill("evidence", s=stmt.id))
    assert (row["document"], row["quote"], row["begin"], row["end"]) == ("feb", "feb 12", 12, 18)
    assert (row["source"], row["status"], row["rule"]) == (ACT["PAK"], KG.Alleged, "table")
    assert list(graph.sparql(fill("evidence", s=f"stmt:{stmt.id}"))) == [row]
    assert len(graph.sparql(fill("evidence"))) == len(graph)


@pytest.mark.parametrize("name", sorted(named_queries()))
def test_every_query_answers_the_same_in_rdflib_on_the_exported_file(graph: Graph, name: str) -> None:
    from rdflib import Dataset

    out = io.BytesIO()
    write(graph, out, "trig")
    dataset = Dataset(default_union=True)
    dataset.parse(data=out.getvalue(), format="trig")
    query = named_queries()[name]
    texts = [query.text]
    texts += [fill(name, **{p.name: "AFG"}) for p in query.parameters if p.kind == "actor"]
    for text in texts:
        ours = graph.sparql(text)
        theirs = [
            tuple(None if term is None else str(term) for term in row)
            for row in dataset.query(text)  # without prefixes of ours: the file declares its own
        ]
        shown = [
            tuple(
                None if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)
                for cell in row
            )
            for row in ours.rows
        ]
        assert sorted(map(str, shown)) == sorted(map(str, theirs))
        assert ours.rows or text != query.text, "the corpus of this test has something for each query"


@pytest.mark.parametrize("query", named_queries().values(), ids=lambda query: query.name)
def test_every_query_says_what_it_is(query: NamedQuery) -> None:
    assert re.fullmatch(r"[A-Z][^.]{8,70}", query.title)
    assert len(query.description) > 60
    assert query.description.endswith(".")
    assert query.parameters
    assert set(re.findall(r"\bkg:(\w+)", query.text)) <= set(KG)
    assert set(re.findall(r"\brel:(\w+)", query.text)) <= set(REL)
    # What takes minutes in some stores.
    assert "NOT EXISTS" not in re.sub("#.*", "", query.text)
    assert "ORDER BY" in query.text, "the same rows in the same order"


def test_there_are_enough_of_them() -> None:
    names = list(named_queries())
    assert len(names) >= 12
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        pytest.param("talk", {}, r"there is no query 'talk'; choose one of agreements", id="unknown query"),
        pytest.param(
            "talks", {"actr": "IND"}, r"no parameter 'actr'; it has: actor, since, until", id="unknown"
        ),
        pytest.param(
            "talks", {"since": "soon"}, "'soon' is not a day; write it like 2024-12-31", id="no day"
        ),
        pytest.param(
            "talks", {"actor": "IND> } # "}, "'actor': 'IND> } # ' cannot be a name", id="injection"
        ),
        pytest.param("talks", {"actor": ""}, "'actor': '' cannot be a name", id="empty"),
        pytest.param("plans", {"relation": "hug"}, "'hug' is not a relation", id="unknown relation"),
        pytest.param("evidence", {"s": "x> } ; DROP ALL"}, "is no id of a statement", id="injection by id"),
    ],
)
def test_values_that_do_not_fit(name: str, values: dict[str, str], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        fill(name, **values)


def test_a_file_of_ones_own(tmp_path: Path, graph: Graph) -> None:
    path = tmp_path / "mine.rq"
    path.write_text(
        "# Places\n#\n# All of them.\n#\n#   ?name (text): only this one\n#   ?day (date): from here\n"
        'SELECT ?s { VALUES ?name { UNDEF } VALUES ?day { "2024-01-01"^^xsd:date } '
        "?s kg:place ?name ; kg:beginDate ?d FILTER(?d >= ?day) }"
    )
    query = read_query(path)
    assert (query.name, query.title, query.description) == ("mine", "Places", "All of them.")
    assert [(p.name, p.kind, p.default) for p in query.parameters] == [
        ("name", "text", None),
        ("day", "date", '"2024-01-01"^^xsd:date'),
    ]
    assert len(graph.sparql(query.text)) == 3
    assert len(graph.sparql(fill(query, name="Kabul"))) == 1
    assert len(graph.sparql(fill(query, day=datetime(2024, 2, 1)))) == 2
    for nasty in ('" } SELECT', "\\", '\\"', "a\nb\r", r"\1 \g<1>", "}"):
        assert len(graph.sparql(fill(query, name=nasty))) == 0


def test_a_bare_query_file_is_a_query(tmp_path: Path) -> None:
    path = tmp_path / "bare.rq"
    path.write_text("SELECT ?s { ?s ?p ?o }")
    query = read_query(path)
    assert (query.title, query.description, query.parameters) == ("bare", "", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# T\n#   ?a (country): x\nSELECT ?a { VALUES ?a { UNDEF } }", r"bad.rq:2: 'country' is no kind"),
        (
            "# T\n#   ?a (actor): x\nSELECT ?a { ?a ?b ?c }",
            r"bad.rq:2: \?a needs a clause VALUES \?a \{ UNDEF \}",
        ),
    ],
)
def test_heads_that_promise_what_the_query_does_not_keep(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bad.rq").write_text(text)
    with pytest.raises(OntologyError, match=message):
        read_query(tmp_path / "bad.rq")


def test_a_query_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"absent\.rq: cannot be read"):
        read_query(tmp_path / "absent.rq")

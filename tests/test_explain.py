"""Explanations quote exactly, mark what is not plain, and open every number of a view."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest

from kg.errors import InputError
from kg.explain import COLUMNS, explain, explain_statements
from kg.graph import Graph
from kg.model import Document, Evidence, Span, Statement, When

TEXT = (
    "India held talks with Afghanistan in Kabul on Monday. It rained, and it rained <hard>. "
    "India denied that it had attacked Pakistan."
)
OTHER = "Pakistan accused India of an attack."
DOCUMENTS = [
    Document("d1", TEXT, title="Kabul & beyond", source="Wire", published=date(2024, 11, 5)),
    Document("d2", OTHER, published=date(2024, 11, 7)),
    Document("d3", "Nothing to see."),
]


def read(document, source, relation, target, quote, sentence, **more):
    start = document.text.index(quote)
    evidence = Evidence(document.id, Span(start, start + len(quote)), quote, sentence, "hand 1", "by hand")
    return Statement(source, relation, target, evidence=(evidence,), **more)


TALKS = read(
    DOCUMENTS[0], "AFG", "consult", "IND", "held talks with", TEXT[:53], when=When(*[date(2024, 11, 4)] * 2)
)
DENIED = read(
    DOCUMENTS[0],
    *("IND", "assault", "PAK"),
    "it had attacked",
    "India denied that it had attacked Pakistan.",
    polarity="-",
    confidence=0.6,
)
ALLEGED = read(DOCUMENTS[1], "IND", "assault", "PAK", "an attack", OTHER, status="alleged", speaker="PAK")
ACCUSED = read(DOCUMENTS[1], "PAK", "accuse", "IND", "accused", OTHER)


@pytest.fixture
def graph():
    made = Graph()
    made.add(DOCUMENTS[0], [TALKS, DENIED])
    made.add(DOCUMENTS[1], [ALLEGED, ACCUSED])
    made.add(DOCUMENTS[2], [])
    return made


def test_a_pair_in_both_directions_oldest_first(graph):
    found = explain(graph, "PAK", "India")
    assert found.entries[0].marks == ("denied",)
    assert {(entry.stmt.relation, entry.marks) for entry in found.entries[1:]} == {
        ("accuse", ()),
        ("assault", ("alleged",)),
    }
    assert [entry.day for entry in found] == [date(2024, 11, 5), date(2024, 11, 7), date(2024, 11, 7)]
    assert "3 statements from 2 documents" in found.heading


def test_every_quotation_stands_in_its_document_at_its_offsets(graph):
    texts = {document.id: document.text for document in DOCUMENTS}
    rows = json.loads(explain(graph, "IND", "PAK").to_json())
    assert len(rows) == 3
    for row in rows:
        assert list(row) == list(COLUMNS)
        assert texts[row["document"]][row["start"] : row["end"]] == row["quote"]
        assert row["quote"] in row["sentence"]


def test_text_says_status_speaker_and_source(graph):
    text = explain(graph, "IND", "PAK").to_text()
    for part in (
        "IND assault PAK  [denied]",
        "[alleged]",
        "according to PAK",
        "0.60",
        "Wire, Kabul & beyond",
    ):
        assert part in text


def test_html_marks_the_words_and_escapes(graph):
    html = explain(graph, "IND", "PAK").to_html()
    assert "it had attacked</mark>" in html
    assert "not assault" in html
    assert "Kabul &amp; beyond" in html
    assert html.count("<blockquote") == 3


def test_csv_has_a_row_for_every_passage(graph):
    rows = list(csv.DictReader(io.StringIO(explain(graph, "IND", "PAK").to_csv())))
    assert [row["statement"] for row in rows].count(DENIED.id) == 1
    assert len(rows) == 3


def test_statements_by_id_open_the_edges_of_views(graph):
    view = graph.view("tension")
    [entry] = explain_statements(graph, view.statements("IND", "PAK"))
    assert entry.stmt == ACCUSED
    both = explain_statements(graph, [DENIED.id, TALKS.id])
    assert [entry.stmt for entry in both] == [TALKS, DENIED]
    assert both.heading == "2 statements from 1 documents"
    assert len(explain_statements(graph, [])) == 0


@pytest.mark.parametrize("identifier", ["0123456789abcdef", "no id", "> <http://example.org/"])
def test_an_unknown_id_is_told(graph, identifier):
    with pytest.raises(InputError, match="no statement in this graph"):
        explain_statements(graph, [TALKS.id, identifier])


def test_nothing_is_said_about_some_pairs(graph):
    assert len(explain(graph, "AFG", "PAK")) == 0


def test_explanations_become_frames(graph):
    pytest.importorskip("pandas")
    frame = explain(graph, "IND", "PAK").to_frame()
    assert list(frame.columns) == list(COLUMNS)
    assert set(frame.status) == {"actual", "alleged"}

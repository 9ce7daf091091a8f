"""Events written for others: POLECAT's table, which comes back, and dyads per period."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from kg.errors import InputError
from kg.events import import_events
from kg.exchange import dyad_rows, write_dyads, write_polecat
from kg.graph import Graph
from kg.model import Document, Evidence, Span, Statement, When
from kg.views.table import Table


def say(source, relation, target, day, **more):
    words = f"{source} {relation}\t{target}"
    evidence = Evidence("d", Span(0, len(words)), words, words, "hand 1", "by hand")
    when = When(date.fromisoformat(day), date.fromisoformat(day))
    return Statement(source, relation, target, when=when, confidence=0.9, evidence=(evidence,), **more)


@pytest.fixture
def graph():
    held = Graph()
    stmts = [
        say("IND", "accuse", "PAK", "2024-01-05"),
        say("PAK", "assault", "IND", "2024-01-05"),
        say("IND", "consult", "AFG", "2024-03-05", place="Kabul"),
        say("TTP", "assault", "PAK", "2024-04-01"),
        say("IRQ-REB", "assault", "USA", "2024-04-01"),
        say("IND", "sanction", "PAK", "2024-05-01", status="alleged"),
        say("IND", "aid", "PAK", "2024-05-01", polarity="-"),
        say("IND", "borders", "PAK", "2024-05-01"),
    ]
    document = Document(
        "d", "text", title="Title", source="Wire", url="http://x/1", published=date(2024, 6, 1)
    )
    held.add(document, stmts)
    return held


def test_polecat_has_its_columns_and_only_what_is_told_as_done(graph):
    out = io.BytesIO()
    assert write_polecat(graph, out) == 5
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode()), delimiter="\t"))
    assert len(rows[0]) == 42
    first = next(row for row in rows if row["Event Type"] == "ASSAULT" and row["Actor Country"] == "PAK")
    assert (first["Recipient Country"], first["Recipient COW"], first["Quad Code"]) == ("IND", "750", "4")
    assert (first["Intensity"], first["Event Date"], first["Source"]) == ("-9", "2024-01-05", "Wire")
    assert first["Sentence"] == "PAK assault IND"
    assert first["Event Mode"] == "None"


def test_what_is_written_as_polecat_comes_back(graph, tmp_path):
    path = tmp_path / "events.tsv"
    with path.open("wb") as out:
        write_polecat(graph, out)
    report = import_events([path], tmp_path / "store", format="polecat")
    assert (report.kept, report.rejected) == (5, {})
    wanted = {(s.source, s.relation, s.target, s.when) for s in graph.statements() if s.is_plain}
    found = {(s.source, s.relation, s.target, s.when) for s in Graph.load(tmp_path / "store").statements()}
    # A meeting has no direction.
    assert {(*sorted((a, b)), r, w) for a, r, b, w in found} == {
        (*sorted((a, b)), r, w) for a, r, b, w in wanted if r != "borders"
    }


def test_dyads_by_hand(graph):
    rows = list(dyad_rows(graph.table(), period="month"))
    assert [(row["period"], row["source"], row["target"], row["n"]) for row in rows] == [
        ("2024-01-01", "IND", "PAK", 1),
        ("2024-01-01", "PAK", "IND", 1),
        ("2024-03-01", "AFG", "IND", 1),
        ("2024-03-01", "IND", "AFG", 1),
    ]
    assert (rows[1]["source_cow"], rows[1]["target_cow"]) == ("770", "750")
    assert (rows[1]["mcf"], rows[1]["n_assault"], rows[1]["severity_conflict"]) == (1, 1, 9.0)
    assert (rows[3]["vcp"], rows[3]["n_coop"], rows[3]["n_accuse"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("period", "begin"),
    [
        ("day", "2024-05-16"),
        ("week", "2024-05-13"),
        ("month", "2024-05-01"),
        ("quarter", "2024-04-01"),
        ("year", "2024-01-01"),
    ],
)
def test_periods_begin_where_the_calendar_says(period, begin):
    table = Table.from_statements([say("IND", "accuse", "PAK", "2024-05-16")])
    assert [row["period"] for row in dyad_rows(table, period=period)] == [begin]


def test_dyads_as_text(graph):
    out = io.BytesIO()
    assert write_dyads(graph.table(), out) == 4
    assert out.getvalue().decode().splitlines()[0].startswith("period,source,target,source_cow,target_cow,n,")
    out = io.BytesIO()
    assert write_dyads(Table.from_statements([]), out) == 0
    with pytest.raises(InputError, match="no period 'decade'"):
        list(dyad_rows(graph.table(), period="decade"))

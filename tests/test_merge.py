from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import items

from kg.errors import OntologyError
from kg.merge import merge, reading_order
from kg.model import Document, Evidence, Span, Statement, When

DAY = When(date(2021, 8, 15), date(2021, 8, 15))
NEXT = When(date(2021, 8, 16), date(2021, 8, 16))
MONTH = When.month(2021, 8)
YEAR = When.year(2021)


def said(start: int = 0, *, rule: str = "verb", document: str = "d", **fields: object) -> Statement:
    base = Statement(
        "IND",
        "accuse",
        "PAK",
        evidence=(Evidence(document, Span(start, start + 3), "abc", "abc d", "test 1", rule),),
    )
    return replace(base, **fields)


def test_nothing_gives_nothing() -> None:
    assert merge([]) == []


def test_two_mentions_are_one_claim_with_both_passages_in_the_order_of_the_text() -> None:
    (stmt,) = merge([said(40, confidence=0.9), said(2, confidence=0.4), said(40, confidence=0.2)])
    assert [evidence.span.start for evidence in stmt.evidence] == [2, 40]
    assert stmt.confidence == 0.9


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"polarity": "-"}, id="polarity"),
        pytest.param({"status": "alleged"}, id="status"),
        pytest.param({"target": "AFG"}, id="target"),
        pytest.param({"source": "PAK", "target": "IND"}, id="direction"),
        pytest.param({"relation": "threaten"}, id="relation"),
        pytest.param({"document": "e"}, id="document"),
    ],
)
def test_different_claims_stay_apart(change: dict[str, str]) -> None:
    assert len(merge([said(), said(9, **change)])) == 2


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param([None, None], [None], id="undated"),
        pytest.param([None, DAY], [DAY], id="an undated mention is of the only date"),
        pytest.param([MONTH, DAY], [DAY], id="a day of the month"),
        pytest.param([YEAR, MONTH, DAY, None], [DAY], id="year, month and day"),
        pytest.param([DAY, NEXT], [DAY, NEXT], id="two days are two acts"),
        pytest.param([DAY, NEXT, None], [DAY, NEXT, None], id="undated beside two days stays by itself"),
        pytest.param([DAY, NEXT, MONTH], [DAY, NEXT, MONTH], id="month beside two of its days too"),
        pytest.param([DAY, When.month(2021, 9)], [DAY, When.month(2021, 9)], id="another month"),
        pytest.param([MONTH, When(MONTH.start, MONTH.end)], [When(MONTH.start, MONTH.end)], id="same days"),
    ],
)
def test_times_that_agree_are_one_occasion(times: list[When | None], expected: list[When | None]) -> None:
    merged = merge(said(10 * index, when=time) for index, time in enumerate(times))
    assert [stmt.when for stmt in merged] == expected


def test_symmetric_relations_are_written_one_way_with_their_agents() -> None:
    there = said(relation="consult", source_agents=("Modi",), target_agents=("Sharif",))
    back = said(
        9,
        relation="consult",
        source="PAK",
        target="IND",
        source_agents=("Sharif",),
        target_agents=("Modi", "A"),
    )
    (stmt,) = merge([back, there])
    assert (stmt.source, stmt.target) == ("IND", "PAK")
    assert (stmt.source_agents, stmt.target_agents) == (("A", "Modi"), ("Sharif",))


@pytest.mark.parametrize(
    ("status", "speakers", "expected"),
    [
        pytest.param("actual", ["RUS", None], None, id="the text says so itself"),
        pytest.param("actual", ["RUS", "IND"], "RUS", id="first of two speakers"),
        pytest.param("alleged", [None, "IND"], "IND", id="an allegation keeps the one who makes it"),
    ],
)
def test_speaker(status: str, speakers: list[str | None], expected: str | None) -> None:
    merged = merge(said(9 * i, status=status, speaker=speaker) for i, speaker in enumerate(speakers))
    assert [stmt.speaker for stmt in merged] == [expected]


def test_the_place_named_first_is_kept() -> None:
    (stmt,) = merge([said(30, place="Delhi"), said(20, place="Kabul"), said(10)])
    assert stmt.place == "Kabul"


def test_unknown_relation_is_refused() -> None:
    with pytest.raises(OntologyError, match="'hug' is not a relation"):
        merge([said(source="PAK", target="IND", relation="hug")])


@given(items("d"), st.randoms())
def test_order_does_not_matter_and_merging_again_changes_nothing(
    item: tuple[Document, list[Statement]], random: st.randoms
) -> None:
    stmts = item[1]
    merged = merge(stmts)
    shuffled = list(stmts)
    random.shuffle(shuffled)
    assert merge(shuffled) == merged == merge(merged)
    assert merged == sorted(merged, key=reading_order)
    assert len({stmt.id for stmt in merged}) == len(merged)
    assert {e for stmt in stmts for e in stmt.evidence} == {e for stmt in merged for e in stmt.evidence}

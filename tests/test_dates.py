"""The time of statements off parses written by hand: told beside the predicate, before, or by the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from parses import by_hand

from kg.extract.confidence import Confidence
from kg.extract.rules import RuleReader

READER = RuleReader(confidence=Confidence.from_counts({}), floor=0.0)
PUBLISHED = date(2024, 11, 7)  # a Thursday

CONDEMNED = "Norway@NOR/PROPN/nsubj/1 condemned=condemn/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1 "
PARTED = "They/PRON/nsubj/1 parted=part/VERB:VBD/ROOT/0 on/ADP/case/1 Monday/PROPN/obl/-2 ./PUNCT/punct/-3 "


def times(parse: str, published: date | None = PUBLISHED) -> dict[str, str]:
    """Each statement with the ends of its time, "-" for none."""
    parsed, mentions = by_hand(parse)
    parsed = replace(parsed, document=replace(parsed.document, published=published))
    return {
        str(stmt): "/".join(end for end in (stmt.when.first, stmt.when.last) if end) if stmt.when else "-"
        for stmt in READER.read(parsed, mentions)
    }


def only(parse: str, published: date | None = PUBLISHED) -> str:
    """The time of the only statement."""
    ((_, found),) = times(parse, published).items()
    return found


@pytest.mark.parametrize(
    ("parse", "time"),
    [
        pytest.param(
            CONDEMNED + "on/ADP/case/1 Monday/PROPN/obl/-3", "2024-11-04", id="a time beside the predicate"
        ),
        pytest.param(CONDEMNED, "2024-11-07", id="without a time, the day of the report"),
        pytest.param(
            "Norway@NOR/PROPN/nsubj/2 had=have/AUX:VBD/aux/1 condemned=condemn/VERB:VBN/ROOT/0"
            " Iran@IRN/PROPN/obj/-1",
            "-",
            id="what had happened before the report stays without a time",
        ),
        pytest.param(
            "Norway@NOR/PROPN/nsubj/1 broke=break/VERB:VBD/ROOT/0 the/DET/det/1 treaty/NOUN/obj/-2"
            " of/ADP/case/1 1977/NUM/nmod/-2 and/CCONJ/cc/1 condemned=condemn/VERB:VBD/conj/-6"
            " Iran@IRN/PROPN/obj/-1",
            "2024-11-07",
            id="the year of a treaty is not that of its breach",
        ),
        pytest.param(
            "Norway@NOR/PROPN/nsubj/1 condemned=condemn/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1 ,/PUNCT/punct/2"
            " which/PRON/nsubj/1 left=leave/VERB:VBD/acl:relcl/-3 in/ADP/case/1 2003/NUM/obl/-2",
            "2024-11-07",
            id="the time of a relative clause is its own",
        ),
        pytest.param(
            PARTED + CONDEMNED,
            "2024-11-04",
            id="the day told before, when nothing is told of today",
        ),
        pytest.param(
            PARTED
            + "They/PRON/nsubj/1 met=meet/VERB:VBD/ROOT/0 today/NOUN/obl/-1 ./PUNCT/punct/-2 "
            + CONDEMNED,
            "2024-11-07",
            id="today, when the text tells of it",
        ),
        pytest.param(
            "They/PRON/nsubj/1 parted=part/VERB:VBD/ROOT/0 in/ADP/case/1 2003/NUM/obl/-2 ./PUNCT/punct/-3 "
            + CONDEMNED,
            "2024-11-07",
            id="years ago is no news",
        ),
    ],
)
def test_the_time_of_an_act(parse: str, time: str) -> None:
    assert only(parse) == time


def test_a_plan_is_of_the_month_of_the_report() -> None:
    plan = (
        "Norway@NOR/PROPN/nsubj/1 plans=plan/VERB:VBZ/ROOT/0 to/PART/mark/1 attack/VERB:VB/xcomp/-2"
        " Iran@IRN/PROPN/obj/-1"
    )
    assert only(plan) == "2024-11"


def test_a_state_of_affairs_without_a_time_stays_so() -> None:
    assert only("Norway@NOR/PROPN/nsubj/1 borders=border/VERB:VBZ/ROOT/0 Iran@IRN/PROPN/obj/-1") == "-"


def test_without_a_day_of_publication_nothing_is_added() -> None:
    assert only(CONDEMNED, None) == "-"

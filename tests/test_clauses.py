"""Who stands in which role around a predicate, on parses written by hand."""

from __future__ import annotations

import pytest
from parses import by_hand

from kg.extract.clauses import Scene, conjuncts

CASES = [
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 met=meet/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1 in/ADP/case/1"
        " Egypt@EGY.place/PROPN/obl/-3",
        ("met", "verbal"),
        {"subj": "NOR direct", "obj": "IRN direct", "in": "EGY direct"},
        id="active",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj:pass/2 was=be/AUX:VBD/aux:pass/1 visited=visit/VERB:VBN/ROOT/0 by/ADP/case/1"
        " Norway@NOR/PROPN/obl:agent/-2",
        ("visited", "verbal"),
        {"subj": "NOR direct", "obj": "IRN direct"},
        id="voice is undone",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 rejected=reject/VERB:VBD/ROOT/0 an=a/DET/det/1 offer/NOUN/obj/-2"
        " by/ADP/case/1"
        " Iran@IRN/PROPN/nmod/-2",
        ("rejected", "verbal"),
        {"subj": "NOR direct", "obj": "IRN inner", "by": "IRN direct"},
        id="the arguments of the object noun count as well",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 launched=launch/VERB:VBD/ROOT/0 an=a/DET/det/1 attack/NOUN/obj/-2"
        " on/ADP/case/1"
        " Iran@IRN/PROPN/nmod/-2",
        ("attack", "nominal"),
        {"light": "NOR direct", "on": "IRN direct"},
        id="subject of the verb that governs a noun",
    ),
    pytest.param(
        "Pakistan@PAK/PROPN/nsubj/3 is=be/AUX:VBZ/cop/2 an=a/DET/det/1 ally/NOUN/ROOT/0 of/ADP/case/1"
        " China@CHN/PROPN/nmod/-2",
        ("ally", "nominal"),
        {"is": "PAK direct", "of": "CHN direct"},
        id="what a noun is said of",
    ),
]


@pytest.mark.parametrize("parse, predicate, expected", CASES)
def test_roles(parse: str, predicate: tuple[str, str], expected: dict[str, str]) -> None:
    parsed, mentions = by_hand(parse)
    (token,) = (token for token in parsed.doc if token.text == predicate[0])
    roles = getattr(Scene(parsed.doc, mentions).frame(token), predicate[1])
    found = {
        role: [f"{f.mention.actor} {f.how}" for f in fillers] for role, fillers in roles.items() if fillers
    }
    assert found == {role: [filler] for role, filler in expected.items()}


def test_conjuncts_in_order_however_they_are_attached() -> None:
    chain = by_hand("A/X/ROOT/0 B/X/conj/-1 C/X/conj/-1")[0].doc
    flat = by_hand("A/X/ROOT/0 B/X/conj/-1 C/X/conj/-2")[0].doc
    assert [t.text for t in conjuncts(chain[0])] == [t.text for t in conjuncts(flat[0])] == ["B", "C"]


def test_only_sentences_with_two_actors_are_read() -> None:
    parse = "Iran@IRN/PROPN/nsubj/1 left/VERB/ROOT/0 Iraq@IRQ/PROPN/nsubj/1 stayed/VERB/ROOT/0"
    parsed, mentions = by_hand(parse)
    assert list(Scene(parsed.doc, mentions).sentences()) == []

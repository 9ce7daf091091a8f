"""How far a text stands behind a claim, on parses written by hand."""

from __future__ import annotations

import pytest
from parses import by_hand

from kg import factuality
from kg.errors import OntologyError

NORWAY = "Norway@NOR/PROPN/nsubj"
IRAN = "Iran@IRN/PROPN/obj/-1"


def reading(parse: str, predicate: str) -> factuality.Reading:
    doc = by_hand(parse)[0].doc
    (token,) = (token for token in doc if token.text == predicate)
    return factuality.read(token)


CASES = [
    pytest.param(f"{NORWAY}/1 met=meet/VERB:VBD/ROOT/0 {IRAN}", "met", "+ actual", id="told"),
    pytest.param(
        f"{NORWAY}/3 did=do/AUX:VBD/aux/2 not/PART/advmod/1 meet/VERB:VB/ROOT/0 {IRAN}",
        "meet",
        "- actual",
        id="not",
    ),
    pytest.param(
        f"{NORWAY}/2 never/ADV/advmod/1 met=meet/VERB:VBD/ROOT/0 {IRAN}", "met", "- actual", id="never"
    ),
    pytest.param(
        f"No/DET/det/1 country@XINTL/NOUN/nsubj/1 met=meet/VERB:VBD/ROOT/0 {IRAN}",
        "met",
        "- actual",
        id="no country",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 met=meet/VERB:VBD/ROOT/0 no/DET/det/1 envoy@IRN/NOUN/obj/-2",
        "met",
        "- actual",
        id="no envoy",
    ),
    pytest.param(
        f"{NORWAY}/1 left=leave/VERB:VBD/ROOT/0 without/SCONJ/mark/1 meeting=meet/VERB:VBG/advcl/-2 {IRAN}",
        "meeting",
        "- actual",
        id="without",
    ),
    pytest.param(
        f"{NORWAY}/3 neither/CCONJ/cc:preconj/2 did=do/AUX:VBD/aux/1 meet/VERB:VB/ROOT/0 {IRAN}",
        "meet",
        "- actual",
        id="neither",
    ),
    pytest.param(
        f"{NORWAY}/1 failed=fail/VERB:VBD/ROOT/0 to/PART/mark/1 meet/VERB:VB/xcomp/-2 {IRAN}",
        "meet",
        "- actual",
        id="failed to",
    ),
    pytest.param(
        f"{NORWAY}/3 did=do/AUX:VBD/aux/2 not/PART/advmod/1 fail/VERB:VB/ROOT/0 to/PART/mark/1"
        f" meet/VERB:VB/xcomp/-2 {IRAN}",
        "meet",
        "+ actual",
        id="did not fail to",
    ),
    pytest.param(f"{NORWAY}/2 will/AUX:MD/aux/1 meet/VERB:VB/ROOT/0 {IRAN}", "meet", "+ intended", id="will"),
    pytest.param(
        f"{NORWAY}/3 will/AUX:MD/aux/2 not/PART/advmod/1 meet/VERB:VB/ROOT/0 {IRAN}",
        "meet",
        "- intended",
        id="will not",
    ),
    pytest.param(
        f"{NORWAY}/2 should/AUX:MD/aux/1 meet/VERB:VB/ROOT/0 {IRAN}", "meet", "+ requested", id="should"
    ),
    pytest.param(
        f"{NORWAY}/1 plans=plan/VERB:VBZ/ROOT/0 to/PART/mark/1 meet/VERB:VB/xcomp/-2 {IRAN}",
        "meet",
        "+ intended",
        id="plans to",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nmod:poss/2 ^'s/PART/case/-1 plan/NOUN/nsubj/4 to/PART/mark/1 meet/VERB:VB/acl/-2"
        f" {IRAN} leaked=leak/VERB:VBD/ROOT/0",
        "meet",
        "+ intended",
        id="a plan to",
    ),
    pytest.param(
        "Planned=planned/ADJ/amod/1 talks=talk/NOUN/nsubj/3 with/ADP/case/1 Iran@IRN/PROPN/nmod/-2"
        " leaked=leak/VERB:VBD/ROOT/0",
        "talks",
        "+ intended",
        id="planned talks",
    ),
    pytest.param(
        f"Sweden@SWE/PROPN/nsubj/1 urged=urge/VERB:VBD/ROOT/0 Norway@NOR/PROPN/obj/-1 to/PART/mark/1"
        f" meet/VERB:VB/xcomp/-3 {IRAN}",
        "meet",
        "+ requested",
        id="urged to",
    ),
    pytest.param(
        f"{NORWAY}/2 was=be/AUX:VBD/aux:pass/1 asked=ask/VERB:VBN/ROOT/0 to/PART/mark/1"
        f" meet/VERB:VB/xcomp/-2 {IRAN}",
        "meet",
        "+ requested",
        id="was asked to",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 demanded=demand/VERB:VBD/ROOT/0 the/DET/det/1 release/NOUN/obj/-2"
        " of/ADP/case/1"
        " sailors=sailor@SWE/NOUN/nmod/-2",
        "release",
        "+ requested",
        id="demanded the release",
    ),
    pytest.param(
        f"{NORWAY}/2 allegedly/ADV/advmod/1 bombed=bomb/VERB:VBD/ROOT/0 {IRAN}",
        "bombed",
        "+ alleged",
        id="allegedly",
    ),
    pytest.param(
        "The/DET/det/2 alleged/ADJ/amod/1 attack/NOUN/nsubj/3 on/ADP/case/1 Iran@IRN/PROPN/nmod/-2"
        " shook=shake/VERB:VBD/ROOT/0 Oslo/PROPN/obj/-1",
        "attack",
        "+ alleged",
        id="alleged attack",
    ),
    pytest.param(
        f"Israel@ISR/PROPN/nsubj/1 accused=accuse/VERB:VBD/ROOT/0 Norway@NOR/PROPN/obj/-1 of/SCONJ/mark/1"
        f" bombing=bomb/VERB:VBG/advcl/-3 {IRAN}",
        "bombing",
        "+ alleged (Israel)",
        id="accused of",
    ),
    pytest.param(
        f"{NORWAY}/1 denied=deny/VERB:VBD/ROOT/0 bombing=bomb/VERB:VBG/xcomp/-1 {IRAN}",
        "bombing",
        "+ alleged",
        id="denied",
    ),
    pytest.param(
        f"{NORWAY}/1 refused=refuse/VERB:VBD/ROOT/0 to/PART/mark/1 meet/VERB:VB/xcomp/-2 {IRAN}",
        "meet",
        "dropped",
        id="refused to",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 severed=sever/VERB:VBD/ROOT/0 relations=relation/NOUN/obj/-1"
        " with/ADP/case/1"
        " Iran@IRN/PROPN/nmod/-2",
        "relations",
        "dropped",
        id="severed",
    ),
    pytest.param(
        "Relations=relation/NOUN/nsubj:pass/4 with/ADP/case/1 Iran@IRN/PROPN/nmod/-2"
        " were=be/AUX:VBD/aux:pass/1"
        " severed=sever/VERB:VBN/ROOT/0",
        "Relations",
        "dropped",
        id="were severed",
    ),
    pytest.param(
        "If/SCONJ/mark/2 Norway@NOR/PROPN/nsubj/1 meets=meet/VERB:VBZ/advcl/5 Iran@IRN/PROPN/obj/-1"
        " ^,/PUNCT/punct/-2 Sweden@SWE/PROPN/nsubj/2 will/AUX:MD/aux/1 leave/VERB:VB/ROOT/0",
        "meets",
        "+ intended",
        id="if",
    ),
    pytest.param(
        "After/SCONJ/mark/2 Norway@NOR/PROPN/nsubj/1 met=meet/VERB:VBD/advcl/5 Iran@IRN/PROPN/obj/-1"
        " ^,/PUNCT/punct/-2 Sweden@SWE/PROPN/nsubj/2 will/AUX:MD/aux/1 leave/VERB:VB/ROOT/0",
        "met",
        "+ actual",
        id="after: told as a fact",
    ),
    pytest.param(
        f"Sweden@SWE/PROPN/nsubj/1 said=say/VERB:VBD/ROOT/0 that/SCONJ/mark/2 Norway@NOR/PROPN/nsubj/1"
        f" met=meet/VERB:VBD/ccomp/-3 {IRAN}",
        "met",
        "+ actual (Sweden)",
        id="said that",
    ),
    pytest.param(
        f"Norway@NOR/PROPN/nsubj/1 met=meet/VERB:VBD/ROOT/0 {IRAN} ^,/PUNCT/punct/2 Sweden@SWE/PROPN/nsubj/1"
        " said=say/VERB:VBD/parataxis/-4",
        "met",
        "+ actual (Sweden)",
        id="..., Sweden said",
    ),
    pytest.param(
        f"Norway@NOR/PROPN/nsubj/1 met=meet/VERB:VBD/ccomp/4 {IRAN} ^,/PUNCT/punct/-2"
        f" Sweden@SWE/PROPN/nsubj/1"
        " said=say/VERB:VBD/ROOT/0",
        "met",
        "+ actual (Sweden)",
        id="..., Sweden said, as the governor",
    ),
    pytest.param(
        f"{NORWAY}/1 claimed=claim/VERB:VBD/ROOT/0 that/SCONJ/mark/2 Israel@ISR/PROPN/nsubj/1"
        f" bombed=bomb/VERB:VBD/ccomp/-3 {IRAN}",
        "bombed",
        "+ alleged (Norway)",
        id="claimed that",
    ),
    pytest.param(
        f"{NORWAY}/1 said=say/VERB:VBD/ROOT/0 it/PRON/nsubj/2 would/AUX:MD/aux/1 meet/VERB:VB/ccomp/-3"
        f" {IRAN}",
        "meet",
        "+ intended (Norway)",
        id="said it would",
    ),
    pytest.param(
        f"{NORWAY}/2 will/AUX:MD/aux/1 meet/VERB:VB/ROOT/0 {IRAN} and/CCONJ/cc/1 praise/VERB:VB/conj/-3"
        " Sweden@SWE/PROPN/obj/-1",
        "praise",
        "+ intended",
        id="the auxiliary counts for the coordinated verb",
    ),
    pytest.param(
        f"{NORWAY}/1 met=meet/VERB:VBD/ROOT/0 {IRAN} and/CCONJ/cc/2 may/AUX:MD/aux/1 praise/VERB:VB/conj/-4"
        " Sweden@SWE/PROPN/obj/-1",
        "met",
        "+ actual",
        id="the second auxiliary does not count for the first verb",
    ),
]


@pytest.mark.parametrize("parse, predicate, expected", CASES)
def test_readings(parse: str, predicate: str, expected: str) -> None:
    found = reading(parse, predicate)
    said = f"{found.polarity} {found.status}" if found.keep else "dropped"
    assert said + (f" ({found.speaker.text})" if found.speaker else "") == expected


def test_particle_verbs_have_one_lemma() -> None:
    parse = "Norway/PROPN/nsubj/1 broke=break/VERB:VBD/ROOT/0 off/ADP/compound:prt/-1 ties=tie/NOUN/obj/-2"
    doc = by_hand(parse)[0].doc
    assert [factuality.lemma(token) for token in doc] == ["norway", "break_off", "off", "tie"]


def test_a_malformed_word_list_is_named(tmp_path, monkeypatch) -> None:
    path = tmp_path / "factuality.toml"
    path.write_text('words = "not|in|a|section"\n', encoding="utf-8")
    monkeypatch.setattr(factuality, "resource", lambda *parts: path)
    with pytest.raises(OntologyError, match=r"factuality\.toml: needs sections"):
        factuality.load_words.__wrapped__()


def test_every_list_that_is_read_exists() -> None:
    assert {name.partition(".")[0] for name in factuality.load_words()} >= {"local", "governing", "saying"}

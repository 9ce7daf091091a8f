"""Statements off parses written by hand: a small vocabulary for constructions, the shipped one for words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from parses import VOCAB, by_hand
from spacy.tokens import Doc

from kg.extract.confidence import Confidence
from kg.extract.rules import RuleReader
from kg.extract.vocabulary import Vocabulary, read_vocabulary
from kg.merge import merge
from kg.model import Document, ParsedDocument, Statement

NOTHING_COUNTED = Confidence.from_counts({})

SMALL = """
[words]
prepositions = "at|to|of|by|with|between|on|against|from|poss|mod|is|self|context"
[[relation]]
name = "consult"
patterns = ["S meet T", "S&T meet", "S&T hold talk", "S hold talk with T", "talk|meeting between|with S&T",
            "S visit T", "visit of|by S to T"]
[[relation]]
name = "accuse"
patterns = ["S condemn|accuse T"]
[[relation]]
name = "sanction"
patterns = ["S break_off|sever relation with T", "S expel diplomat T", "expulsion of T",
            "sanction on|against T", "S recall ambassador context T", "S sanction T"]
[[relation]]
name = "assault"
patterns = ["S attack|bomb T", "attack on T", "S fire missile at T"]
[[relation]]
name = "aid"
patterns = ["S help|arm T"]
[[relation]]
name = "agree"
patterns = ["S promise ... T"]
[[relation]]
name = "retreat"
patterns = ["S release T", "S.force leave T"]
[[relation]]
name = "recognizes"
patterns = ["S recognise T"]
denies = ["S derecognise T"]
[[relation]]
name = "has_mission_in"
patterns = ["ambassador self S to T"]
[[relation]]
name = "allied_with"
patterns = ["ally of|poss|mod T is S"]
[[relation]]
name = "friendly_with"
patterns = ["tie{close|warm} between|with S&T"]
[[relation]]
name = "at_odds_with"
patterns = ["tie{strain|tense} between|with S&T"]
[[relation]]
name = "member_of"
patterns = ["S join T.organisation"]
[[relation]]
name = "mobilize"
patterns = ["S.force enter T"]
[[relation]]
name = "support"
patterns = ["S praise T"]
[[relation]]
name = "request"
patterns = ["S urge T"]
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    path: Path = tmp_path_factory.mktemp("rules") / "vocabulary.toml"
    path.write_text(SMALL, encoding="utf-8")
    names = [line.split('"')[1] for line in SMALL.splitlines() if line.startswith("name")]
    return read_vocabulary(path, names)


@cache
def shipped() -> RuleReader:
    return RuleReader(confidence=NOTHING_COUNTED, floor=0.0)


def statements(parse: str, vocabulary: Vocabulary | None = None) -> list[Statement]:
    reader = RuleReader(vocabulary, NOTHING_COUNTED, floor=0.0) if vocabulary else shipped()
    return merge(reader.read(*by_hand(parse)))


def said(parse: str, vocabulary: Vocabulary | None = None) -> set[str]:
    return {str(stmt) for stmt in statements(parse, vocabulary)}


CONSTRUCTIONS = [
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 condemned=condemn/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1",
        {"NOR accuse IRN"},
        id="active",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj:pass/2 was=be/AUX:VBD/aux:pass/1 condemned=condemn/VERB:VBN/ROOT/0"
        " by/ADP/case/1 Norway@NOR/PROPN/obl:agent/-2",
        {"NOR accuse IRN"},
        id="passive swaps the roles",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj:pass/2 was=be/AUX:VBD/aux:pass/1 condemned=condemn/VERB:VBN/ROOT/0"
        " by/ADP/case/1 Norway@NOR/PROPN/obl/-2",
        {"NOR accuse IRN"},
        id="passive, the agent an ordinary oblique",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj:pass/2 was=be/AUX:VBD/aux:pass/1 condemned=condemn/VERB:VBN/ROOT/0"
        " in/ADP/case/1 Norway@NOR.place/PROPN/obl/-2",
        set(),
        id="passive without an agent",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/3 and/CCONJ/cc/1 Sweden@SWE/PROPN/conj/-2 condemned=condemn/VERB:VBD/ROOT/0"
        " Iran@IRN/PROPN/obj/-1 and/CCONJ/cc/1 Iraq@IRQ/PROPN/conj/-2",
        {"NOR accuse IRN", "NOR accuse IRQ", "SWE accuse IRN", "SWE accuse IRQ"},
        id="every subject with every object",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 condemned=condemn/VERB:VBD/ROOT/0 and/CCONJ/cc/1"
        " sanctioned=sanction/VERB:VBD/conj/-2 Iran@IRN/PROPN/obj/-1",
        {"NOR sanction IRN", "NOR accuse IRN"},
        id="coordinated verbs share subject and object",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 condemned=condemn/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1 and/CCONJ/cc/1"
        " praised=praise/VERB:VBD/conj/-3 Sweden@SWE/PROPN/obj/-1",
        {"NOR accuse IRN", "NOR support SWE"},
        id="coordinated verbs keep their own objects",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 condemned=condemn/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1 and/CCONJ/cc/2"
        " Sweden@SWE/PROPN/nsubj/1 left=leave/VERB:VBD/conj/-4",
        {"NOR accuse IRN"},
        id="a second subject does not act on the first object",
    ),
    pytest.param(
        "Talks=talk/NOUN/nsubj/5 between/ADP/case/1 Norway@NOR/PROPN/nmod/-2 and/CCONJ/cc/1"
        " Iran@IRN/PROPN/conj/-2 began=begin/VERB:VBD/ROOT/0",
        {"IRN consult NOR"},
        id="talks between",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 held=hold/VERB:VBD/ROOT/0 talks=talk/NOUN/obj/-1 with/ADP/case/1"
        " Iran@IRN/PROPN/nmod/-2",
        {"IRN consult NOR"},
        id="held talks with, attached to the noun",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 held=hold/VERB:VBD/ROOT/0 talks=talk/NOUN/obj/-1 with/ADP/case/1"
        " Iran@IRN/PROPN/obl/-3",
        {"IRN consult NOR"},
        id="held talks with, attached to the verb",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/3 and/CCONJ/cc/1 Iran@IRN/PROPN/conj/-2 held=hold/VERB:VBD/ROOT/0"
        " talks=talk/NOUN/obj/-1",
        {"IRN consult NOR"},
        id="joint subject",
    ),
    pytest.param(
        "Both/DET/det/1 sides=side@NOR+IRN.description/NOUN/nsubj/1 met=meet/VERB:VBD/ROOT/0",
        {"IRN consult NOR"},
        id="two actors in one phrase",
    ),
    pytest.param(
        "US@USA.modifier/PROPN/compound/3 ^-/PUNCT/punct/1 ^Russia@RUS.modifier/PROPN/compound/1"
        " talks=talk/NOUN/nsubj/1 resumed=resume/VERB:VBD/ROOT/0",
        {"RUS consult USA"},
        id="compound",
    ),
    pytest.param(
        "Britain@GBR.possessor/PROPN/nmod:poss/3 ^'s/PART/case/-1 Iraq@IRQ.modifier/PROPN/compound/1"
        " meeting/NOUN/nsubj/1 began=begin/VERB:VBD/ROOT/0",
        set(),
        id="a topic is not a party",
    ),
    pytest.param(
        "A/DET/det/1 visit/NOUN/nsubj/7 to/ADP/case/1 Iran@IRN/PROPN/nmod/-2 by/ADP/case/3 the/DET/det/2"
        " Norwegian/ADJ/amod/1 minister@NOR.official/NOUN/nmod/-6 began=begin/VERB:VBD/ROOT/0",
        {"IRN consult NOR"},
        id="a visit by",
    ),
    pytest.param(
        "Poland@POL/PROPN/nsubj/1 ordered=order/VERB:VBD/ROOT/0 the/DET/det/1 expulsion/NOUN/obj/-2"
        " of/ADP/case/2 Russian/ADJ/amod/1 diplomats=diplomat@RUS.official/NOUN/nmod/-3",
        {"POL sanction RUS (requested)"},
        id="the expulsion of",
    ),
    pytest.param(
        "Russia@RUS/PROPN/nsubj/1 launched=launch/VERB:VBD/ROOT/0 an=a/DET/det/1 attack/NOUN/obj/-2"
        " on/ADP/case/1 Ukraine@UKR/PROPN/nmod/-2",
        {"RUS assault UKR"},
        id="light verb",
    ),
    pytest.param(
        "Russia@RUS.possessor/PROPN/nmod:poss/2 ^'s/PART/case/-1 attack/NOUN/nsubj/3 on/ADP/case/1"
        " Ukraine@UKR/PROPN/nmod/-2 continued=continue/VERB:VBD/ROOT/0",
        {"RUS assault UKR"},
        id="possessor of an event",
    ),
    pytest.param(
        "A/DET/det/2 Russian@RUS.modifier/ADJ/amod/1 attack/NOUN/nsubj/3 on/ADP/case/1"
        " Ukraine@UKR/PROPN/nmod/-2 continued=continue/VERB:VBD/ROOT/0",
        {"RUS assault UKR"},
        id="adjective of an event",
    ),
    pytest.param(
        "The/DET/det/1 diplomats=diplomat@GBR.official/NOUN/nsubj/4 that/PRON/obj/2 Russia@RUS/PROPN/nsubj/1"
        " expelled=expel/VERB:VBD/acl:relcl/-3 left=leave/VERB:VBD/ROOT/0",
        {"RUS sanction GBR"},
        id="relative clause, object gap",
    ),
    pytest.param(
        "The/DET/det/1 diplomats=diplomat@GBR.official/NOUN/nsubj/3 Russia@RUS/PROPN/nsubj/1"
        " expelled=expel/VERB:VBD/acl:relcl/-2 left=leave/VERB:VBD/ROOT/0",
        {"RUS sanction GBR"},
        id="relative clause without a pronoun",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/5 ^,/PUNCT/punct/2 which/PRON/nsubj/1 condemned=condemn/VERB:VBD/acl:relcl/-3"
        " Iran@IRN/PROPN/obj/-1 praised=praise/VERB:VBD/ROOT/0 Sweden@SWE/PROPN/obj/-1",
        {"NOR accuse IRN", "NOR support SWE"},
        id="relative clause, subject gap",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj/4 ^,/PUNCT/punct/1 condemned=condemn/VERB:VBN/acl/-2 by/ADP/case/-1"
        " left=leave/VERB:VBD/ROOT/0",
        set(),
        id="a participle whose agent is cut off",
    ),
    pytest.param(
        "Sanctions=sanction/NOUN/nsubj/6 imposed=impose/VERB:VBN/acl/-1 on/ADP/case/1 Iran@IRN/PROPN/obl/-2"
        " by/ADP/case/1 Norway@NOR/PROPN/obl:agent/-4 bit=bite/VERB:VBD/ROOT/0",
        {"NOR sanction IRN"},
        id="participle after an event noun",
    ),
    pytest.param(
        "Sailors=sailor@SWE.national/NOUN/nsubj/4 released=release/VERB:VBN/acl/-1 by/ADP/case/1"
        " Iran@IRN/PROPN/obl/-2 arrived=arrive/VERB:VBD/ROOT/0",
        {"IRN retreat SWE"},
        id="participle after its object",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 urged=urge/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1 to/PART/mark/1"
        " release/VERB:VB/xcomp/-3 Swedish/ADJ/amod/1 sailors=sailor@SWE.national/NOUN/obj/-2",
        {"NOR request IRN", "IRN retreat SWE (requested)"},
        id="the object of the governing verb acts",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 promised=promise/VERB:VBD/ROOT/0 to/PART/mark/1 help/VERB:VB/xcomp/-2"
        " Iran@IRN/PROPN/obj/-1",
        {"NOR agree IRN", "NOR aid IRN (intended)"},
        id="the subject of the governing verb acts",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 began=begin/VERB:VBD/ROOT/0 helping=help/VERB:VBG/xcomp/-1"
        " Iran@IRN/PROPN/obj/-1",
        {"NOR aid IRN"},
        id="began to do is did",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 accused=accuse/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1 of/SCONJ/mark/1"
        " arming=arm/VERB:VBG/advcl/-3 Russia@RUS/PROPN/obj/-1",
        {"NOR accuse IRN", "IRN aid RUS (alleged)"},
        id="the accused acts",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nmod:poss/2 ^'s/PART/case/-1 ambassador@NOR.official/NOUN/nsubj/3 to/ADP/case/1"
        " Iran@IRN/PROPN/nmod/-2 resigned=resign/VERB:VBD/ROOT/0",
        {"NOR has_mission_in IRN"},
        id="ambassador to",
    ),
    pytest.param(
        "Pakistan@PAK/PROPN/nsubj/7 ^,/PUNCT/punct/2 an=a/DET/det/1 ally/NOUN/appos/-3 of/ADP/case/1"
        " China@CHN/PROPN/nmod/-2 ^,/PUNCT/punct/-3 voted=vote/VERB:VBD/ROOT/0",
        {"CHN allied_with PAK"},
        id="role noun in apposition",
    ),
    pytest.param(
        "Pakistan@PAK/PROPN/nsubj/3 is=be/AUX:VBZ/cop/2 an=a/DET/det/1 ally/NOUN/ROOT/0 of/ADP/case/1"
        " China@CHN/PROPN/nmod/-2",
        {"CHN allied_with PAK"},
        id="role noun as predicate",
    ),
    pytest.param(
        "Pakistan@PAK/PROPN/nsubj/4 is=be/AUX:VBZ/cop/3 not/PART/advmod/2 an=a/DET/det/1 ally/NOUN/ROOT/0"
        " of/ADP/case/1 China@CHN/PROPN/nmod/-2",
        {"CHN allied_with PAK (not)"},
        id="role noun denied",
    ),
    pytest.param(
        "China@CHN.possessor/PROPN/nmod:poss/2 ^'s/PART/case/-1 ally/NOUN/compound/1"
        " Pakistan@PAK/PROPN/nsubj/1 voted=vote/VERB:VBD/ROOT/0",
        {"CHN allied_with PAK"},
        id="role noun before the name",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj/1 jailed=jail/VERB:VBD/ROOT/0 a/DET/det/1 sailor/NOUN/obj/-2 ^./PUNCT/punct/-3"
        " Norway@NOR/PROPN/nsubj/1 recalled=recall/VERB:VBD/ROOT/0 its@NOR.pronoun/PRON/nmod:poss/1"
        " ambassador/NOUN/obj/-2 ^./PUNCT/punct/-3",
        set(),
        id="no statement where the sentence names one actor only",
    ),
    pytest.param(
        "After/SCONJ/mark/2 Iran@IRN/PROPN/nsubj/1 jailed=jail/VERB:VBD/advcl/5 a/DET/det/1"
        " sailor/NOUN/obj/-2 ^,/PUNCT/punct/-3 Norway@NOR/PROPN/nsubj/1 recalled=recall/VERB:VBD/ROOT/0"
        " its/PRON/nmod:poss/1 ambassador/NOUN/obj/-2",
        {"NOR sanction IRN"},
        id="the place that the clause leaves out was named before",
    ),
    pytest.param(
        "In/ADP/case/1 Iran@IRN/PROPN/obl/3 ^,/PUNCT/punct/-1 Norway@NOR/PROPN/nsubj/1"
        " recalled=recall/VERB:VBD/ROOT/0 its/PRON/nmod:poss/1 ambassador/NOUN/obj/-2 from/ADP/case/1"
        " Iraq@IRQ/PROPN/nmod/-2",
        set(),
        id="no place from the context where the clause names one",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/7 ^,/PUNCT/punct/1 Sweden@SWE/PROPN/conj/-2 ^,/PUNCT/punct/1"
        " Denmark@DNK/PROPN/conj/-4 and/CCONJ/cc/1 Finland@FIN/PROPN/conj/-6 met=meet/VERB:VBD/ROOT/0",
        {
            *("NOR consult SWE", "DNK consult NOR", "FIN consult NOR"),
            *("DNK consult SWE", "FIN consult SWE", "DNK consult FIN"),
        },
        id="four parties: every pair",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/9 ^,/PUNCT/punct/1 Sweden@SWE/PROPN/conj/-2 ^,/PUNCT/punct/1"
        " Denmark@DNK/PROPN/conj/-4 ^,/PUNCT/punct/1 Finland@FIN/PROPN/conj/-6 and/CCONJ/cc/1"
        " Iceland@ISL/PROPN/conj/-8 met=meet/VERB:VBD/ROOT/0",
        set(),
        id="five parties without a hub: no pair",
    ),
    pytest.param(
        "Norway@NOR.possessor/PROPN/nmod:poss/2 ^'s/PART/case/-1 talks=talk/NOUN/nsubj/10 with/ADP/case/1"
        " Sweden@SWE/PROPN/nmod/-2 ^,/PUNCT/punct/1 Denmark@DNK/PROPN/conj/-2 ^,/PUNCT/punct/1"
        " Finland@FIN/PROPN/conj/-4 and/CCONJ/cc/1 Iceland@ISL/PROPN/conj/-6 still/ADV/advmod/1"
        " continued=continue/VERB:VBD/ROOT/0",
        {"NOR consult SWE", "DNK consult NOR", "FIN consult NOR", "ISL consult NOR"},
        id="five parties with a hub: its pairs",
    ),
    pytest.param(
        "British/ADJ/amod/1 soldiers=soldier@GBR.force/NOUN/nsubj/1 entered=enter/VERB:VBD/ROOT/0"
        " Iraq@IRQ/PROPN/obj/-1",
        {"GBR mobilize IRQ"},
        id="forces enter",
    ),
    pytest.param(
        "The/DET/det/2 British/ADJ/amod/1 minister@GBR.official/NOUN/nsubj/1 entered=enter/VERB:VBD/ROOT/0"
        " Iraq@IRQ/PROPN/obj/-1",
        set(),
        id="a minister who enters is no force",
    ),
    pytest.param(
        "Dozens=dozen/NOUN/nsubj/4 of/ADP/case/2 Russian/ADJ/amod/1 tanks=tank@RUS.force/NOUN/nmod/-3"
        " entered=enter/VERB:VBD/ROOT/0 Ukraine@UKR/PROPN/obj/-1",
        {"RUS mobilize UKR"},
        id="what is counted acts",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 joined=join/VERB:VBD/ROOT/0 NATO@NATO.organisation/PROPN/obj/-1",
        {"NOR member_of NATO"},
        id="organisation joined",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 joined=join/VERB:VBD/ROOT/0 Sweden@SWE/PROPN/obj/-1",
        set(),
        id="a state is not joined",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 has=have/VERB:VBZ/ROOT/0 close/ADJ/amod/1 ties=tie/NOUN/obj/-2"
        " with/ADP/case/1 Sweden@SWE/PROPN/nmod/-2",
        {"NOR friendly_with SWE"},
        id="quality before the noun",
    ),
    pytest.param(
        "Ties=tie/NOUN/nsubj:pass/6 between/ADP/case/1 Norway@NOR/PROPN/nmod/-2 and/CCONJ/cc/1"
        " Iran@IRN/PROPN/conj/-2 are=be/AUX:VBP/aux:pass/1 strained=strain/VERB:VBN/ROOT/0",
        {"IRN at_odds_with NOR"},
        id="quality predicated of the noun",
    ),
    pytest.param(
        "Ties=tie/NOUN/nsubj/5 between/ADP/case/1 Norway@NOR/PROPN/nmod/-2 and/CCONJ/cc/1"
        " Iran@IRN/PROPN/conj/-2 exist/VERB:VBP/ROOT/0",
        set(),
        id="ties without a quality",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj/1 fired=fire/VERB:VBD/ROOT/0 missiles=missile/NOUN/obj/-1 at/ADP/case/1"
        " Israel@ISR/PROPN/obl/-3",
        {"IRN assault ISR"},
        id="verb with the object that it needs",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj/1 fired=fire/VERB:VBD/ROOT/0 questions=question/NOUN/obj/-1 at/ADP/case/1"
        " Israel@ISR/PROPN/obl/-3",
        set(),
        id="verb with another object",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 broke=break/VERB:VBD/ROOT/0 off/ADP/compound:prt/-1"
        " relations=relation/NOUN/obj/-2 with/ADP/case/1 Iran@IRN/PROPN/nmod/-2",
        {"NOR sanction IRN"},
        id="particle verb",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 derecognised=derecognise/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1",
        {"NOR recognizes IRN (not)"},
        id="words that deny",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/3 never/ADV/advmod/2 has=have/AUX:VBZ/aux/1"
        " derecognised=derecognise/VERB:VBN/ROOT/0 Iran@IRN/PROPN/obj/-1",
        {"NOR recognizes IRN"},
        id="a denial of words that deny",
    ),
    pytest.param(
        "The/DET/det/1 Norwegians=norwegian@NOR.demonym/NOUN/nsubj/1 condemned=condemn/VERB:VBD/ROOT/0"
        " Norway@NOR/PROPN/obj/-1",
        set(),
        id="nobody acts on himself",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 sits=sit/VERB:VBZ/ROOT/0 between/ADP/case/1 Sweden@SWE/PROPN/obl/-2"
        " and/CCONJ/cc/1 Finland@FIN/PROPN/conj/-2",
        set(),
        id="mere co-mention",
    ),
]


@pytest.mark.parametrize("parse, expected", CONSTRUCTIONS)
def test_constructions(small: Vocabulary, parse: str, expected: set[str]) -> None:
    assert said(parse, small) == expected


def test_talks_that_ended_were_held(small: Vocabulary) -> None:
    parse = (
        "Talks=talk/NOUN/nsubj/5 between/ADP/case/1 Norway@NOR/PROPN/nmod/-2 and/CCONJ/cc/1"
        " Iran@IRN/PROPN/conj/-2 ended=end/VERB:VBD/ROOT/0"
    )
    assert said(parse, small) == {"IRN consult NOR"}


@pytest.mark.parametrize(
    "parse",
    [
        pytest.param(
            "There/PRON/expl/1 were=be/VERB:VBD/ROOT/0 no/DET/det/1 talks=talk/NOUN/nsubj/-2"
            " between/ADP/case/1 Norway@NOR/PROPN/nmod/-2 and/CCONJ/cc/1 Iran@IRN/PROPN/conj/-2",
            id="subject",
        ),
        pytest.param(
            "They/PRON/nsubj/1 planned=plan/VERB:VBD/ROOT/0 no/DET/det/1 talks=talk/NOUN/obj/-2"
            " between/ADP/case/1 Norway@NOR/PROPN/nmod/-2 and/CCONJ/cc/1 Iran@IRN/PROPN/conj/-2",
            id="object",
        ),
    ],
)
def test_no_talks(small: Vocabulary, parse: str) -> None:
    (stmt,) = statements(parse, small)
    assert stmt.polarity == "-"


def test_who_calls_for_talks_of_others_is_no_party(small: Vocabulary) -> None:
    parse = (
        "Norway@NOR/PROPN/nsubj/1 sought=seek/VERB:VBD/ROOT/0 talks=talk/NOUN/obj/-1 between/ADP/case/1"
        " Iran@IRN/PROPN/nmod/-2 and/CCONJ/cc/1 Israel@ISR/PROPN/conj/-2"
    )
    assert said(parse, small) == {"IRN consult ISR (requested)"}


def test_an_expulsion_announced_has_happened(small: Vocabulary) -> None:
    parse = (
        "Poland@POL/PROPN/nsubj/1 announced=announce/VERB:VBD/ROOT/0 the/DET/det/1 expulsion/NOUN/obj/-2"
        " of/ADP/case/2 Russian/ADJ/amod/1 diplomats=diplomat@RUS.official/NOUN/nmod/-3"
    )
    assert said(parse, small) == {"POL sanction RUS"}


SHIPPED = [
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 sold=sell/VERB:VBD/ROOT/0 Iran@IRN/PROPN/iobj/-1 ten/NUM/nummod/1"
        " frigates=frigate/NOUN/obj/-3",
        "IRN cooperate NOR",
        id="sold Y ships",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj:pass/2 was=be/AUX:VBD/aux:pass/1 accused=accuse/VERB:VBN/ROOT/0 by/ADP/case/1"
        " Norway@NOR/PROPN/obl:agent/-2 of/SCONJ/mark/1 lying=lie/VERB:VBG/advcl/-4",
        "NOR accuse IRN",
        id="was accused by",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 called=call/VERB:VBD/ROOT/0 on/ADP/case/1 Iran@IRN/PROPN/obl/-2"
        " to/PART/mark/1"
        " disarm/VERB:VB/xcomp/-4",
        "NOR request IRN",
        id="called on",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 imposed=impose/VERB:VBD/ROOT/0 sanctions=sanction/NOUN/obj/-1 on/ADP/case/1"
        " Iran@IRN/PROPN/obl/-3",
        "NOR sanction IRN",
        id="imposed sanctions on",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj/1 borders=border/VERB:VBZ/ROOT/0 Iraq@IRQ/PROPN/obj/-1",
        "IRN borders IRQ",
        id="borders",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 withdrew=withdraw/VERB:VBD/ROOT/0 its/PRON/nmod:poss/1"
        " troops=troop/NOUN/obj/-2"
        " from/ADP/case/1 Mali@MLI.place/PROPN/obl/-4",
        "NOR retreat MLI",
        id="withdrew its troops from",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 sent=send/VERB:VBD/ROOT/0 food/NOUN/obj/-1 to/ADP/case/1"
        " Sudan@SDN/PROPN/obl/-3",
        "NOR aid SDN",
        id="sent food to",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 warned=warn/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1",
        "NOR threaten IRN",
        id="warned",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 closed=close/VERB:VBD/ROOT/0 its/PRON/nmod:poss/1 embassy/NOUN/obj/-2"
        " in/ADP/case/1 Iran@IRN.place/PROPN/nmod/-2",
        "NOR has_mission_in IRN (not)",
        id="closed its embassy in",
    ),
    pytest.param(
        "Iran@IRN/PROPN/nsubj/1 jailed=jail/VERB:VBD/ROOT/0 two/NUM/nummod/2 French/ADJ/amod/1"
        " tourists=tourist@FRA.national/NOUN/obj/-3",
        "IRN coerce FRA",
        id="jailed nationals of",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 rejected=reject/VERB:VBD/ROOT/0 Iran@IRN/PROPN/nmod:poss/2 ^'s/PART/case/-1"
        " offer/NOUN/obj/-3",
        "NOR reject IRN",
        id="rejected the offer of",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 signed=sign/VERB:VBD/ROOT/0 a/DET/det/1 treaty/NOUN/obj/-2 with/ADP/case/1"
        " Iran@IRN/PROPN/nmod/-2",
        "NOR agree IRN",
        id="signed a treaty with",
    ),
]


@pytest.mark.parametrize("parse, expected", SHIPPED)
def test_shipped_vocabulary(parse: str, expected: str) -> None:
    assert expected in said(parse)


NOT_SHIPPED = [
    pytest.param(
        "Norway@NOR/PROPN/nsubj/1 beat/VERB:VBD/ROOT/0 a/DET/det/1 path/NOUN/obj/-2 through/ADP/case/1"
        " Iran@IRN.place/PROPN/obl/-4",
        id="another object",
    ),
    pytest.param(
        "Norway@NOR/PROPN/nsubj/2 and/CCONJ/cc/1 Iran@IRN/PROPN/conj/-2 have/VERB:VBP/ROOT/0 oil/NOUN/obj/-1",
        id="two states alike",
    ),
]


@pytest.mark.parametrize("parse", NOT_SHIPPED)
def test_shipped_vocabulary_says_nothing(parse: str) -> None:
    assert said(parse) == set()


def test_evidence_is_the_stretch_from_the_first_party_to_the_last(small: Vocabulary) -> None:
    (stmt,) = statements(
        "Yesterday/NOUN/obl/2 Norway@NOR/PROPN/nsubj/1 condemned=condemn/VERB:VBD/ROOT/0"
        " Iran@IRN/PROPN/obj/-1"
        " again/ADV/advmod/-2 ^./PUNCT/punct/-3",
        small,
    )
    (evidence,) = stmt.evidence
    assert evidence.quote == "Norway condemned Iran"
    assert evidence.sentence == "Yesterday Norway condemned Iran again."
    assert (evidence.document, evidence.rule) == ("d", "accuse: S condemn|accuse T")


def test_confidence_is_that_of_the_rule(small: Vocabulary) -> None:
    counts = Confidence.from_counts({("accuse: S condemn|accuse T", "direct"): (20, 17)})
    parse = "Norway@NOR/PROPN/nsubj/1 condemned=condemn/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1"
    parsed, mentions = by_hand(parse)
    (stmt,) = RuleReader(small, counts).read(parsed, mentions)
    assert stmt.confidence == pytest.approx(0.85)
    assert RuleReader(small, counts, floor=0.9).read(parsed, mentions) == []


def test_no_text_no_statements(small: Vocabulary) -> None:
    document = Document("d", "")
    assert RuleReader(small).read(ParsedDocument(document, Doc(VOCAB)), []) == []

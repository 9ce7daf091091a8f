"""Mentions in parses written by hand: each word as word/POS/relation/distance to its head."""

from __future__ import annotations

from datetime import date

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from kg.actors import load_actors
from kg.link import Role, link
from kg.model import Document, Mention, ParsedDocument

VOCAB = spacy.blank("en").vocab
PLURAL = {
    "drivers",
    "soldiers",
    "insurgents",
    "ships",
    "officials",
    "militants",
    "gunmen",
    "rebels",
    "forces",
}


def by_hand(parse: str, published: date | None = None) -> ParsedDocument:
    """A document from "Iran/PROPN/nsubj/1 left/VERB/ROOT/0 ^./PUNCT/punct/-1"; "^" glues a word on."""
    rows = [row.rsplit("/", 3) for row in parse.split()]
    glued = [row[0].startswith("^") for row in rows]
    doc = Doc(
        VOCAB,
        words=[row[0].lstrip("^") for row in rows],
        spaces=[not following for following in [*glued[1:], True]],
        pos=[row[1] for row in rows],
        deps=[row[2] for row in rows],
        heads=[index + int(row[3]) for index, row in enumerate(rows)],
        lemmas=[row[0].lstrip("^").lower() for row in rows],
        morphs=["Number=Plur" if row[0] in PLURAL else "" for row in rows],
    )
    return ParsedDocument(Document("d", doc.text, published=published), doc)


def mentions(parse: str, published: date | None = None) -> list[Mention]:
    return link(by_hand(parse, published), load_actors())


def brief(parse: str, published: date | None = None) -> list[tuple[str, str, str]]:
    return [(m.actor, m.role, m.text) for m in mentions(parse, published)]


CASES = [
    pytest.param(
        "An/DET/det/2 American/ADJ/amod/1 destroyer/NOUN/nsubj/1 shelled/VERB/ROOT/0 the/DET/det/1"
        " port/NOUN/obj/-2 ^./PUNCT/punct/-3",
        None,
        [("USA", "force", "An American destroyer")],
        id="demonym resolved through its head noun",
    ),
    pytest.param(
        "Iraqi/ADJ/amod/1 insurgents/NOUN/nsubj/1 killed/VERB/ROOT/0 three/NUM/nummod/2 British/ADJ/amod/1"
        " soldiers/NOUN/obj/-3 and/CCONJ/cc/4 two/NUM/nummod/3 Turkish/ADJ/amod/2 truck/NOUN/compound/1"
        " drivers/NOUN/conj/-5 ^./PUNCT/punct/-9",
        None,
        [
            ("IRQ-REB", "rebel", "Iraqi insurgents"),
            ("GBR", "force", "three British soldiers"),
            ("TUR", "national", "two Turkish truck drivers"),
        ],
        id="rebels, soldiers and nationals",
    ),
    pytest.param(
        "The/DET/det/4 Saudi/ADJ/amod/2 ^-/PUNCT/punct/1 ^led/VERB/amod/1 coalition/NOUN/nsubj/1"
        " bombed/VERB/ROOT/0 Sanaa/PROPN/obj/-1 ^./PUNCT/punct/-2",
        None,
        [("SAU", "government", "The Saudi-led coalition"), ("YEM", "capital", "Sanaa")],
        id="led coalition acts for who leads it",
    ),
    pytest.param(
        "The/DET/det/3 Indian/ADJ/amod/2 foreign/ADJ/amod/1 ministry/NOUN/nmod:poss/4 ^'s/PART/case/-1"
        " point/NOUN/compound/2 ^-/PUNCT/punct/-1 ^person/NOUN/nsubj/1 met/VERB/ROOT/0"
        " Taliban/PROPN/compound/1 officials/NOUN/obj/-2 ^./PUNCT/punct/-3",
        date(2024, 11, 7),
        [
            ("IND", "government", "The Indian foreign ministry"),
            ("IND", "official", "The Indian foreign ministry's point-person"),
            ("AFG", "official", "Taliban officials"),
        ],
        id="possessive chain; the Taliban govern at the date",
    ),
    pytest.param(
        "Taliban/PROPN/compound/1 officials/NOUN/nsubj/1 left/VERB/ROOT/0 ^./PUNCT/punct/-1",
        date(2015, 3, 1),
        [("TALIBAN", "official", "Taliban officials")],
        id="the Taliban do not govern at the date",
    ),
    pytest.param(
        "Russian/ADJ/amod/3 and/CCONJ/cc/1 Chinese/ADJ/conj/-2 ships/NOUN/nsubj/1 entered/VERB/ROOT/0"
        " the/DET/det/1 bay/NOUN/obj/-2 ^./PUNCT/punct/-3",
        None,
        [("RUS", "force", "Russian and Chinese ships"), ("CHN", "force", "Russian and Chinese ships")],
        id="coordinated demonyms share the noun",
    ),
    pytest.param(
        "Foreign/ADJ/amod/1 Minister/PROPN/nmod:desc/1 Sergei/PROPN/nsubj/2 Lavrov/PROPN/flat/-1"
        " flew/VERB/ROOT/0 to/ADP/case/1 Damascus/PROPN/obl/-2 ^./PUNCT/punct/-3",
        date(2015, 3, 1),
        [("RUS", "leader", "Foreign Minister Sergei Lavrov"), ("SYR", "place", "Damascus")],
        id="office holder with title; destination is a place",
    ),
    pytest.param(
        "Masoud/PROPN/nsubj/7 Pezeshkian/PROPN/flat/-1 ^,/PUNCT/punct/3 the/DET/det/2 Iranian/ADJ/amod/1"
        " president/NOUN/appos/-5 ^,/PUNCT/punct/-6 arrived/VERB/ROOT/0 in/ADP/case/1 Ankara/PROPN/obl/-2"
        " ^./PUNCT/punct/-3",
        date(2025, 3, 1),
        [
            ("IRN", "leader", "Masoud Pezeshkian"),
            ("IRN", "official", "the Iranian president"),
            ("TUR", "place", "Ankara"),
        ],
        id="appositive",
    ),
    pytest.param(
        "The/DET/det/1 president/NOUN/nsubj/3 of/ADP/case/1 Chad/PROPN/nmod/-2 thanked/VERB/ROOT/0"
        " France/PROPN/obj/-1 ^./PUNCT/punct/-2",
        None,
        [("TCD", "official", "The president of Chad"), ("FRA", "name", "France")],
        id="of",
    ),
    pytest.param(
        "India/PROPN/nmod:poss/2 ^'s/PART/case/-1 ambassador/NOUN/nsubj/3 to/ADP/case/1 Qatar/PROPN/nmod/-2"
        " spoke/VERB/ROOT/0 ^./PUNCT/punct/-1",
        None,
        [("IND", "official", "India's ambassador"), ("QAT", "name", "Qatar")],
        id="ambassador: sender and host apart",
    ),
    pytest.param(
        "US/PROPN/compound/2 ^-/PUNCT/punct/-1 ^Russia/PROPN/compound/1 talks/NOUN/nsubj/1 began/VERB/ROOT/0"
        " in/ADP/case/1 Geneva/PROPN/obl/-2 ^./PUNCT/punct/-3",
        None,
        [("USA", "modifier", "US"), ("RUS", "modifier", "Russia"), ("CHE", "place", "Geneva")],
        id="modifiers of an event noun",
    ),
    pytest.param(
        "Beijing/PROPN/nsubj/1 said/VERB/ROOT/0 that/SCONJ/mark/3 it/PRON/nsubj/2 would/AUX/aux/1"
        " recall/VERB/ccomp/-4 its/PRON/nmod:poss/1 envoy/NOUN/obj/-2 ^./PUNCT/punct/-7",
        None,
        [
            ("CHN", "capital", "Beijing"),
            ("CHN", "pronoun", "it"),
            ("CHN", "pronoun", "its"),
            ("CHN", "description", "its envoy"),
        ],
        id="capital that speaks; pronouns and what they own",
    ),
    pytest.param(
        "Troops/NOUN/nsubj/1 stayed/VERB/ROOT/0 in/ADP/case/1 Beijing/PROPN/obl/-2 ^./PUNCT/punct/-3",
        None,
        [("CHN", "place", "Beijing")],
        id="capital as a place; troops ahead of any actor stay unread",
    ),
    pytest.param(
        "Anti/ADJ/amod/2 ^-/PUNCT/punct/-1 ^Pakistan/PROPN/compound/1 militants/NOUN/nsubj/1"
        " crossed/VERB/ROOT/0 the/DET/det/2 Afghan/ADJ/amod/1 border/NOUN/obj/-3 ^./PUNCT/punct/-4",
        None,
        [
            ("PAK", "modifier", "Pakistan"),
            ("PAK-REB", "rebel", "Anti-Pakistan militants"),
            ("AFG", "modifier", "Afghan"),
        ],
        id="anti-X and a border",
    ),
    pytest.param(
        "Palestinian/ADJ/amod/1 gunmen/NOUN/nsubj/1 fired/VERB/ROOT/0 rockets/NOUN/obj/-1 at/ADP/case/1"
        " Sderot/PROPN/obl/-3 ^./PUNCT/punct/-4",
        None,
        [("PSE-REB", "rebel", "Palestinian gunmen"), ("ISR", "place", "Sderot")],
        id="Palestinian rebels",
    ),
    pytest.param(
        "Fighting/NOUN/nsubj/3 in/ADP/case/1 Bukavu/PROPN/nmod/-2 stopped/VERB/ROOT/0 ^./PUNCT/punct/-1"
        " The/DET/det/1 rebels/NOUN/nsubj/1 left/VERB/ROOT/0 ^./PUNCT/punct/-1",
        None,
        [("COD", "place", "Bukavu"), ("COD-REB", "rebel", "The rebels")],
        id="nameless rebels belong where the fighting is",
    ),
    pytest.param(
        "British/ADJ/amod/1 jihadists/NOUN/nsubj/1 left/VERB/ROOT/0 ^./PUNCT/punct/-1",
        date(2016, 5, 1),
        [("GBR", "national", "British jihadists")],
        id="no armed group is based in Britain then: its nationals",
    ),
    pytest.param(
        "Egypt/PROPN/nmod:poss/2 ^'s/PART/case/-1 embassy/NOUN/nsubj:pass/4 in/ADP/case/1"
        " Kabul/PROPN/nmod/-2 was/AUX/aux:pass/1 attacked/VERB/ROOT/0 ^./PUNCT/punct/-1",
        None,
        [("EGY", "mission", "Egypt's embassy"), ("AFG", "place", "Kabul")],
        id="attacked embassy",
    ),
    pytest.param(
        "Ecuador/PROPN/nsubj/1 blamed/VERB/ROOT/0 Peru/PROPN/obj/-1 ^,/PUNCT/punct/2 but/CCONJ/cc/3"
        " both/DET/det/1 countries/NOUN/nsubj/1 talked/VERB/conj/-6 ^./PUNCT/punct/-7",
        None,
        [
            ("ECU", "name", "Ecuador"),
            ("PER", "name", "Peru"),
            ("ECU", "description", "both countries"),
            ("PER", "description", "both countries"),
        ],
        id="both countries: two mentions with one head",
    ),
    pytest.param(
        "Armenia/PROPN/nsubj/1 fought/VERB/ROOT/0 Azerbaijan/PROPN/obj/-1 ^./PUNCT/punct/-2"
        " Turkey/PROPN/nsubj/1 praised/VERB/ROOT/0 both/DET/det/1 sides/NOUN/obj/-2 ^./PUNCT/punct/-3",
        None,
        [
            ("ARM", "name", "Armenia"),
            ("AZE", "name", "Azerbaijan"),
            ("TUR", "name", "Turkey"),
            ("ARM", "description", "both sides"),
            ("AZE", "description", "both sides"),
        ],
        id="both sides never include the subject of their clause",
    ),
    pytest.param(
        "Syria/PROPN/nsubj/1 shelled/VERB/ROOT/0 Turkey/PROPN/obj/-1 ^./PUNCT/punct/-2"
        " Turkey/PROPN/nsubj/1 accused/VERB/ROOT/0 its/PRON/nmod:poss/1 neighbour/NOUN/obj/-2"
        " ^./PUNCT/punct/-3",
        None,
        [
            ("SYR", "name", "Syria"),
            ("TUR", "name", "Turkey"),
            ("TUR", "name", "Turkey"),
            ("SYR", "description", "its neighbour"),
            ("TUR", "pronoun", "its"),
        ],
        id="its neighbour is the other one",
    ),
    pytest.param(
        "Saudi/PROPN/compound/1 Arabia/PROPN/nsubj/1 opened/VERB/ROOT/0 talks/NOUN/obj/-1 with/ADP/case/1"
        " Iran/PROPN/nmod/-2 ^./PUNCT/punct/-4 The/DET/det/1 kingdom/NOUN/nsubj/1 left/VERB/ROOT/0"
        " ^./PUNCT/punct/-1",
        None,
        [
            ("SAU", "name", "Saudi Arabia"),
            ("IRN", "name", "Iran"),
            ("SAU", "description", "The kingdom"),
        ],
        id="the kingdom",
    ),
    pytest.param(
        "Chad/PROPN/nsubj/2 Smith/PROPN/flat/-1 met/VERB/ROOT/0 the/DET/det/1 ambassador/NOUN/obj/-2"
        " of/ADP/case/1 Chad/PROPN/nmod/-2 ^./PUNCT/punct/-5",
        None,
        [("TCD", "official", "the ambassador of Chad")],
        id="Chad as a first name",
    ),
    pytest.param(
        "Mr/PROPN/nmod:desc/1 Erdogan/PROPN/nsubj/1 met/VERB/ROOT/0 Jeb/PROPN/obj/-1 Bush/PROPN/flat/-1"
        " ^./PUNCT/punct/-3",
        date(2006, 5, 1),
        [("TUR", "leader", "Mr Erdogan")],
        id="a surname with an unknown first name is somebody else",
    ),
    pytest.param(
        "The/DET/det/2 Washington/PROPN/compound/1 Post/PROPN/nsubj/1 reported/VERB/ROOT/0 from/ADP/case/2"
        " Gaza/PROPN/compound/1 Strip/PROPN/obl/-3 ^./PUNCT/punct/-4",
        None,
        [("PSE", "name", "Gaza Strip")],
        id="a newspaper is no actor",
    ),
    pytest.param(
        "Western/ADJ/amod/1 diplomats/NOUN/nsubj/1 left/VERB/ROOT/0 western/ADJ/amod/1 Iraq/PROPN/obj/-2"
        " ^./PUNCT/punct/-3",
        None,
        [("XWEST", "official", "Western diplomats"), ("IRQ", "name", "Iraq")],
        id="the West and the west",
    ),
    pytest.param(
        "Former/ADJ/amod/2 President/PROPN/nmod:desc/1 Clinton/PROPN/nsubj/1 praised/VERB/ROOT/0"
        " Kofi/PROPN/obj/-1 Annan/PROPN/flat/-1 ^./PUNCT/punct/-3",
        date(2004, 5, 1),
        [("UNO", "leader", "Kofi Annan")],
        id="former leaders do not speak for their state",
    ),
    pytest.param(
        "In/ADP/case/1 1972/NUM/obl/2 Nixon/PROPN/nsubj/1 visited/VERB/ROOT/0 China/PROPN/obj/-1"
        " ^./PUNCT/punct/-2",
        date(2022, 5, 1),
        [("USA", "leader", "Nixon"), ("CHN", "name", "China")],
        id="a year in the sentence puts a past leader in office",
    ),
    pytest.param(
        "Kurdish/ADJ/amod/1 forces/NOUN/nsubj/1 left/VERB/ROOT/0 Raqqa/PROPN/obj/-1 in/ADP/case/1"
        " Syria/PROPN/obl/-3 ^./PUNCT/punct/-4",
        date(2018, 5, 1),
        [
            ("SYR-REB", "force", "Kurdish forces"),
            ("SYR", "place", "Raqqa"),
            ("SYR", "place", "Syria"),
        ],
        id="a people of several states, by place",
    ),
    pytest.param(
        "Iran/PROPN/nmod:poss/2 ^'s/PART/case/-1 envoy/NOUN/nsubj/5 ^,/PUNCT/punct/1 Fikri/PROPN/appos/-2"
        " Cassidy/PROPN/flat/-1 ^,/PUNCT/punct/-2 spoke/VERB/ROOT/0 ^./PUNCT/punct/-1"
        " Cassidy/PROPN/nsubj/1 blamed/VERB/ROOT/0 Israel/PROPN/obj/-1 ^./PUNCT/punct/-2",
        None,
        [
            ("IRN", "official", "Iran's envoy"),
            ("IRN", "person", "Fikri Cassidy"),
            ("IRN", "person", "Cassidy"),
            ("ISR", "name", "Israel"),
        ],
        id="a person introduced in the text, later by surname",
    ),
    pytest.param(
        "Brussels/PROPN/nsubj/1 denied/VERB/ROOT/0 the/DET/det/1 claim/NOUN/obj/-2 ^,/PUNCT/punct/2"
        " but/CCONJ/cc/3 the/DET/det/1 EU/PROPN/nsubj/1 met/VERB/conj/-7 in/ADP/case/1"
        " Brussels/PROPN/obl/-2 ^./PUNCT/punct/-10",
        None,
        [("EU", "capital", "Brussels"), ("EU", "organisation", "EU"), ("BEL", "place", "Brussels")],
        id="Brussels: the Union acts, Belgium is the place",
    ),
    pytest.param(
        "Planes/NOUN/nsubj/1 left/VERB/ROOT/0 Basra/PROPN/obj/-1 for/ADP/case/3 rebel/ADJ/compound/2"
        " ^-/PUNCT/punct/1 ^held/VERB/amod/1 towns/NOUN/obl/-6 ^./PUNCT/punct/-7",
        date(2004, 11, 1),
        [("IRQ", "place", "Basra"), ("IRQ-REB", "modifier", "rebel")],
        id="rebel-held",
    ),
    pytest.param(
        "Australia/PROPN/nsubj/6 ^,/PUNCT/punct/3 whose/PRON/nmod:poss/1 police/NOUN/nsubj/1"
        " left/VERB/acl:relcl/-4 ^,/PUNCT/punct/-1 praised/VERB/ROOT/0 Fiji/PROPN/obj/-1"
        " ^./PUNCT/punct/-2",
        None,
        [("AUS", "name", "Australia"), ("AUS", "description", "whose police"), ("FJI", "name", "Fiji")],
        id="whose police",
    ),
]


@pytest.mark.parametrize("parse, published, expected", CASES)
def test_mentions(parse: str, published: date | None, expected: list[tuple[str, str, str]]) -> None:
    assert sorted(brief(parse, published)) == sorted(expected)


def test_a_dateline_is_a_place() -> None:
    found = brief(
        "KABUL/X/dep/0 -/X/dep/-1 Troops/NOUN/nsubj/1 left/VERB/ROOT/0 Kabul/PROPN/obj/-1 ^./PUNCT/punct/-2"
    )
    assert ("AFG", "place", "KABUL") in found


def test_heads_carry_the_syntactic_role() -> None:
    parsed = by_hand(
        "Russian/ADJ/amod/3 and/CCONJ/cc/1 Chinese/ADJ/conj/-2 ships/NOUN/nsubj/1 left/VERB/ROOT/0"
    )
    assert {(m.actor, parsed.doc[m.head].text) for m in link(parsed, load_actors())} == {
        ("RUS", "ships"),
        ("CHN", "ships"),
    }


def test_the_two_of_a_pair_share_one_head() -> None:
    found = mentions(
        "Ecuador/PROPN/nsubj/1 blamed/VERB/ROOT/0 Peru/PROPN/obj/-1 ^./PUNCT/punct/-2 The/DET/det/2"
        " two/NUM/nummod/1 governments/NOUN/nsubj/1 talked/VERB/ROOT/0 ^./PUNCT/punct/-1"
    )
    pair = [m for m in found if m.role == Role.DESCRIPTION]
    assert {m.actor for m in pair} == {"ECU", "PER"}
    assert len({m.head for m in pair}) == 1


@pytest.mark.parametrize(
    "parse",
    [
        "Rain/NOUN/nsubj/1 fell/VERB/ROOT/0 ^./PUNCT/punct/-1",
        "They/PRON/nsubj/1 left/VERB/ROOT/0 ^./PUNCT/punct/-1",
        "Its/PRON/nmod:poss/1 neighbour/NOUN/nsubj/1 left/VERB/ROOT/0 ^./PUNCT/punct/-1",
        "Both/DET/det/1 sides/NOUN/nsubj/1 left/VERB/ROOT/0 ^./PUNCT/punct/-1",
        "The/DET/det/1 government/NOUN/nsubj/1 fell/VERB/ROOT/0 ^./PUNCT/punct/-1",
        "Militants/NOUN/nsubj/1 left/VERB/ROOT/0 ^./PUNCT/punct/-1",
    ],
)
def test_without_any_actor_nothing_is_guessed(parse: str) -> None:
    assert brief(parse) == []


def test_an_empty_document_has_no_mentions() -> None:
    assert link(ParsedDocument(Document("d", ""), Doc(VOCAB)), load_actors()) == []


WORDS = st.sampled_from(
    [
        *("Iran", "Russian", "ships", "Beijing", "its", "both", "countries", "rebels", "the", "Mr", "Bush"),
        *("Kurdish", "they", "'s", "-", "U.S.", "said", "in"),
    ]
)
RELATIONS = st.sampled_from(["nsubj", "obj", "amod", "compound", "nmod:poss", "flat", "conj", "case", "obl"])
POS = st.sampled_from(["PROPN", "NOUN", "ADJ", "PRON", "ADP", "VERB", "NUM"])


@given(st.lists(st.tuples(WORDS, POS, RELATIONS, st.integers(0, 11)), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_tree_gives_mentions_that_quote_the_text(rows: list[tuple[str, str, str, int]]) -> None:
    """Whatever the parser says: spans quote the text, heads lie inside, roles are of the closed set."""
    heads = [head % (index + 1) if index else 0 for index, (_, _, _, head) in enumerate(rows)]
    doc = Doc(
        VOCAB,
        words=[row[0] for row in rows],
        pos=[row[1] for row in rows],
        deps=["ROOT" if head == index else rows[index][2] for index, head in enumerate(heads)],
        heads=heads,
        lemmas=[row[0].lower() for row in rows],
    )
    parsed = ParsedDocument(Document("d", doc.text), doc)
    found = link(parsed, load_actors())
    assert found == link(parsed, load_actors())
    for mention in found:
        assert mention.text == doc.text[mention.span.start : mention.span.end]
        assert mention.first <= mention.last
        assert 0 <= mention.head < len(doc)
        assert mention.role in set(Role)
        assert mention.why


@pytest.mark.model
@pytest.mark.parametrize(
    "text, published, expected",
    [
        pytest.param(
            "Russia’s U.S.-led rivals met in Kyiv.",
            None,
            {("RUS", "possessor"), ("USA", "modifier"), ("UKR", "place")},
            id="curly apostrophe and a compound",
        ),
        pytest.param(
            "BEIJING (Reuters) - Japan and South Korea will hold joint drills with the United States.",
            None,
            {("CHN", "place"), ("JPN", "name"), ("KOR", "name"), ("USA", "name")},
            id="dateline and a list",
        ),
        pytest.param(
            "Prime Minister Narendra Modi met President Xi Jinping in Kazan.",
            date(2024, 10, 24),
            {("IND", "leader"), ("CHN", "leader"), ("RUS", "place")},
            id="two leaders",
        ),
    ],
)
def test_with_the_model(nlp, text: str, published: date | None, expected: set[tuple[str, str]]) -> None:
    from kg.parse import parse

    (parsed,) = parse([Document("d", text, published=published)], nlp)
    assert {(m.actor, m.role) for m in link(parsed, load_actors())} == expected

"""What the actor tables hold, whether it hangs together, and what the graph says of it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from kg.actors import ActorTable, check_tables, load_actors
from kg.audit import problems
from kg.model import Document, Evidence, Span, Statement
from kg.ontology import ACT
from kg.reference import actor_triples
from kg.resources import resource
from kg.roster import Actor, Facts, Membership, Term
from kg.sparql import Iri
from kg.store import Graph
from kg.tables import COLUMNS, Row, read_table

COUNTRIES = Path(__file__).parents[2] / "shared" / "data" / "actors" / "mledoze_countries.json"
# Places without people or foreign relations, which have no capital or demonym to test.
EMPTY = {"ATA", "ATF", "BVT", "HMD", "IOT", "SGS", "UMI"}
# Two states share the name, and texts mean the larger one; a city of that name is better known elsewhere.
SHARED = {("COG", "Congo"), ("COG", "Congolese"), ("DMA", "Dominican"), ("SYC", "Victoria")}


@pytest.fixture(scope="module")
def actors() -> ActorTable:
    return load_actors()


def rows(table: str) -> list[Row]:
    return list(read_table(resource("seeds", f"{table}.tsv"), COLUMNS[table]))


def code_of(actors: ActorTable, text: str, day: str | None = None) -> str | None:
    found = actors.resolve(text, date.fromisoformat(day) if day else None)
    return found.code if found else None


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_names_source_licence_and_day_and_explains_its_columns(table: str) -> None:
    lines = resource("seeds", f"{table}.tsv").read_text(encoding="utf-8").splitlines()
    comments = [line.removeprefix("# ") for line in lines if line.startswith("#")]
    for begin in ("Source: ", "Licence: ", "Encoding UTF-8"):
        assert any(line.startswith(begin) for line in comments), begin
    assert any("Retrieved: 20" in line for line in comments)
    head = next(line for line in lines if not line.startswith("#")).split("\t")
    assert tuple(head) == COLUMNS[table]
    assert [line.partition(": ")[0] for line in comments[-len(head) :]] == head
    body = [line for line in lines if not line.startswith("#")][1:]
    assert body == sorted(set(body), key=body.index), "a row stands there twice"


def test_nothing_is_wrong_with_the_dated_facts() -> None:
    assert check_tables() == []


def test_no_name_is_of_an_actor_and_of_none(actors: ActorTable) -> None:
    """A place may be barred: "New York" puts an event into the United States, and is no actor."""
    barred = {alias.text for alias in actors.aliases if alias.form == "none"}
    assert barred & {alias.text for alias in actors.aliases if alias.form not in ("none", "place")} == set()


# --- coverage -------------------------------------------------------------------------------------------


@pytest.mark.skipif(not COUNTRIES.exists(), reason="the list of another project is not beside this checkout")
def test_every_iso_state_by_name_demonym_and_capital_as_another_project_has_them(actors: ActorTable) -> None:
    missing = set()
    for country in json.loads(COUNTRIES.read_text(encoding="utf-8")):
        code = {"UNK": "XKX"}.get(country["cca3"], country["cca3"])
        names = [country["name"]["common"], country["name"]["official"]]
        if code not in EMPTY:
            names += [*country["capital"][:1], *country["demonyms"].get("eng", {}).get("m", "").split(", ")]
        missing |= {(code, name) for name in names if name and code_of(actors, name, "2024-06-01") != code}
    assert {code for code, _ in missing} <= set(actors.actors), "every ISO code has its row"
    assert {(code, name) for code, name in missing if actors.actors[code].cow} == SHARED
    assert len(missing - SHARED) <= 20, "names of territories"


@pytest.mark.parametrize(
    "day, least", [("1950-06-01", 75), ("1975-06-01", 135), ("2000-06-01", 180), ("2024-06-01", 190)]
)
def test_heads_of_most_states_are_known_on_any_day(actors: ActorTable, day: str, least: int) -> None:
    on = date.fromisoformat(day)
    heads = {"head of state", "head of government"}
    led = {term.code for term in actors.facts.terms if term.role in heads and term.since <= on <= term.until}
    assert len(led & {code for code, actor in actors.actors.items() if actor.kind == "state"}) >= least


@pytest.mark.parametrize(
    "office, day, least",
    [
        ("foreign minister", "1960-06-01", 50),
        ("foreign minister", "1985-06-01", 75),
        ("foreign minister", "2010-06-01", 100),
        ("defence minister", "1985-06-01", 15),
        ("defence minister", "2015-06-01", 25),
    ],
)
def test_ministers_of_many_states_are_known(actors: ActorTable, office: str, day: str, least: int) -> None:
    on = date.fromisoformat(day)
    held = {
        term.code for term in actors.facts.terms if term.role == office and term.since <= on <= term.until
    }
    assert len(held) >= least


# Counted from the organisations' own lists of members, apart from the tables.
@pytest.mark.parametrize(
    "organisation, day, count",
    [
        ("UNO", "1945-12-31", 51),
        ("UNO", "1956-12-31", 80),
        ("UNO", "1965-12-31", 117),
        ("UNO", "2024-01-01", 193),
        ("NATO", "1951-01-01", 12),
        ("NATO", "1990-01-01", 16),
        ("NATO", "2015-01-01", 28),
        ("NATO", "2025-01-01", 32),
        ("EU", "1960-01-01", 6),
        ("EU", "1990-01-01", 12),
        ("EU", "2015-01-01", 28),
        ("EU", "2021-01-01", 27),
        ("ASEAN", "1980-01-01", 5),
        ("ASEAN", "2024-01-01", 10),
        ("ASEAN", "2026-01-01", 11),
        ("OPEC", "1960-12-31", 5),
        ("OPEC", "2024-06-01", 12),
        ("WPACT", "1980-01-01", 7),
        ("SCO", "2020-01-01", 8),
        ("BRICS", "2012-01-01", 5),
        ("BRICS", "2025-06-01", 10),
        ("G7", "2000-01-01", 8),
        ("G7", "2020-01-01", 7),
        ("COE", "2020-01-01", 47),
        ("AU", "2020-01-01", 55),
        ("ARL", "2000-01-01", 22),
        ("CSTO", "2010-01-01", 7),
        ("OECD", "2022-01-01", 38),
        ("MERCOSUR", "2000-01-01", 4),
        ("ECOWAS", "2020-01-01", 15),
        ("ECOWAS", "2025-06-01", 12),
        ("GCC", "2000-01-01", 6),
        ("SAARC", "2010-01-01", 8),
    ],
)
def test_members_on_a_day(actors: ActorTable, organisation: str, day: str, count: int) -> None:
    on = date.fromisoformat(day)
    held = [m.member for m in actors.facts.memberships if m.code == organisation and m.since <= on <= m.until]
    assert len(held) == len(set(held)) == count


def test_organisations_groups_and_identifiers(actors: ActorTable) -> None:
    organisations = [actor for actor in actors.actors.values() if actor.kind == "organisation"]
    assert len(organisations) >= 130 and sum(bool(actor.wikidata) for actor in organisations) >= 80
    assert len({membership.code for membership in actors.facts.memberships}) >= 70
    assert len(actors.groups) >= 330 and all(group.home for group in actors.groups)
    assert sum(bool(row["governed"]) for row in rows("armed_groups")) >= 22
    states = [actor for actor in actors.actors.values() if actor.kind == "state" and actor.code != "DDR"]
    assert all(actor.iso2 and actor.geonames for actor in states)
    assert sum(bool(actor.wikidata) for actor in states) >= 247
    assert sum(bool(actor.cow) for actor in states) >= 195


@pytest.mark.parametrize(
    "text, code",
    [
        ("Ceylon", "LKA"),
        ("Upper Volta", "BFA"),
        ("Dahomey", "BEN"),
        ("Siam", "THA"),
        ("Persia", "IRN"),
        ("Burma", "MMR"),
        ("Swaziland", "SWZ"),
        ("Northern Rhodesia", "ZMB"),
        ("Bechuanaland", "BWA"),
        ("Kampuchea", "KHM"),
        ("North Yemen", "YEM"),
        ("East Pakistan", "BGD"),
        ("Tanganyika", "TZA"),
        ("FYROM", "MKD"),
        ("Serbia and Montenegro", "SRB"),
        ("Soviet Union", "RUS"),
        ("Zaire", "COD"),
    ],
)
def test_a_former_name_stands_for_the_successor(actors: ActorTable, text: str, code: str) -> None:
    assert code_of(actors, text) == code_of(actors, text, "2020-01-01") == code
    assert {former.code for former in actors.facts.formers if text in (former.name, *former.labels)} == {code}


@pytest.mark.parametrize(
    "text, day, code",
    [
        ("Konrad Adenauer", "1960-01-01", "DEU"),
        ("Zhou Enlai", "1955-04-18", "CHN"),
        ("Chou En-lai", "1955-04-18", "CHN"),
        ("Abba Eban", "1967-06-05", "ISR"),
        ("Andrei Gromyko", "1975-01-01", "RUS"),
        ("Moshe Dayan", "1970-01-01", "ISR"),
        ("Krishna Menon", "1960-01-01", "IND"),
        ("Robert McNamara", "1965-01-01", "USA"),
        ("Robert McNamara", "1975-01-01", "WB"),
        ("Selwyn Lloyd", "1956-11-01", "GBR"),
        ("Haile Selassie", "1960-01-01", "ETH"),
        ("Kwame Nkrumah", "1960-01-01", "GHA"),
        ("Mohammed Mossadegh", "1952-01-01", "IRN"),
        ("Syngman Rhee", "1952-01-01", "KOR"),
        ("Sukarno", "1960-01-01", "IDN"),
        ("U Thant", "1965-01-01", "UNO"),
        ("Radosław Sikorski", "2010-01-01", "POL"),
        ("Penny Wong", "2023-01-01", "AUS"),
        ("Ayman Safadi", "2023-01-01", "JOR"),
        ("Hakan Fidan", "2024-01-01", "TUR"),
        ("Boris Pistorius", "2024-01-01", "DEU"),
        ("Konrad Adenauer", "1970-01-01", None),
    ],
)
def test_office_holders_since_1945(actors: ActorTable, text: str, day: str, code: str | None) -> None:
    assert code_of(actors, text, day) == code


# --- the check ------------------------------------------------------------------------------------------

A, B, C = (Actor(code, code, "state") for code in ("AAA", "BBB", "CCC"))
CLUB = Actor("CLUB", "Club", "organisation", since=date(2000, 1, 1), until=date(2010, 12, 31))
WORLD = {actor.code: actor for actor in (A, B, C, CLUB)}


def term(
    name: str, since: str, until: str, *, role: str = "head of state", begun: str = "", over: str = ""
) -> Term:
    days = (since, until, begun or since, over or until)
    return Term("AAA", name, role, *(date.fromisoformat(day) for day in days))


def member(since: str, until: str, *, code: str = "CLUB") -> Membership:
    days = [date.fromisoformat(day) for day in (since, until, since, until)]
    return Membership(code, "BBB", *days)


@pytest.mark.parametrize(
    "facts, found",
    [
        pytest.param(
            [term("X", "2000-01-01", "2005-01-01"), term("Y", "2004-01-01", "2006-01-01")],
            ["AAA: X and Y both head of state from 2004-01-01 to 2005-01-01; mend the days in leaders.tsv"],
            id="two",
        ),
        pytest.param(
            [term("X", "2000-01-01", "2005-01-01"), term("X", "2004-01-01", "2006-01-01")],
            ["AAA: X twice head of state from 2004-01-01 to 2005-01-01; mend the days in leaders.tsv"],
            id="one twice",
        ),
        pytest.param(
            [term("X", "2000-01-01", "2005-01-01"), term("Y", "2005-01-20", "2006-01-01")], [], id="in turn"
        ),
        pytest.param(
            [term("X", "2000-01-01", "2005-01-20"), term("Y", "2005-01-01", "2006-01-01")], [], id="a month"
        ),
        pytest.param(
            [
                term("X", "2000-01-01", "2005-12-31", over="2005-01-01"),
                term("Y", "2005-01-01", "2006-01-01", begun="2005-12-31"),
            ],
            [],
            id="both dated by the year only",
        ),
        pytest.param(
            [
                term("X", "2000-01-01", "2005-01-01", role="envoy"),
                term("Y", "2004-01-01", "2006-01-01", role="envoy"),
            ],
            [],
            id="not exclusive",
        ),
        pytest.param(
            [member("2001-01-01", "2005-01-01"), member("2004-01-01", "2006-01-01")],
            ["CLUB: BBB is a member twice from 2004-01-01 to 2005-01-01; mend the days in memberships.tsv"],
            id="member",
        ),
        pytest.param(
            [member("2001-01-01", "2020-01-01")],
            ["CLUB: BBB is a member after 2010-12-31, the last day of CLUB"],
            id="after the end",
        ),
        pytest.param(
            [member("1990-01-01", "1995-01-01")],
            ["CLUB: BBB left before 2000-01-01, the first day of CLUB"],
            id="before the start",
        ),
        pytest.param(
            [member("2001-01-01", "2005-01-01", code="CCC")],
            ["CCC: has members in memberships.tsv, but is no organisation"],
            id="in a state",
        ),
    ],
)
def test_what_the_check_finds(facts: list[Term | Membership], found: list[str]) -> None:
    terms = tuple(fact for fact in facts if isinstance(fact, Term))
    memberships = tuple(fact for fact in facts if isinstance(fact, Membership))
    assert problems(Facts(terms, memberships), WORLD) == found


# --- in the graph ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graph() -> Graph:
    graph = Graph()
    evidence = (Evidence("d", Span(0, 6), "Russia", "Russia met NATO.", "kg 1", "x"),)
    stmts = [
        Statement("RUS", "consult", "NATO", evidence=evidence),
        Statement("FIN", "accuse", "HAMAS", evidence=evidence),
    ]
    graph.add(Document("d", "Russia met NATO."), stmts)
    return graph


@pytest.mark.parametrize(
    "query, expected",
    [
        pytest.param(
            'SELECT ?name { ?t kg:actor act:RUS ; kg:office "foreign minister" ; rdfs:label ?name ;'
            ' kg:validFrom ?from ; kg:validTo ?to BIND("1965-01-01"^^xsd:date AS ?day)'
            " FILTER(?from <= ?day && ?day <= ?to) }",
            [("Andrei Gromyko",)],
            id="who held an office",
        ),
        pytest.param(
            "SELECT ?from { ?m kg:member act:FIN ; kg:organisation act:NATO ; kg:validFrom ?from }",
            [(date(2023, 4, 4),)],
            id="since when a member",
        ),
        pytest.param(
            'SELECT ?until { ?f kg:successor act:RUS ; rdfs:label "Soviet Union" ; kg:validTo ?until }',
            [(date(1991, 12, 26),)],
            id="a former state",
        ),
        pytest.param(
            'SELECT ?a { ?a skos:altLabel "USSR" ; a kg:FormerState ; kg:successor/rdfs:label "Russia" }',
            1,
            id="by another name",
        ),
        pytest.param(
            "SELECT ?same { act:FIN owl:sameAs ?same } ORDER BY ?same",
            [(Iri("http://www.wikidata.org/entity/Q33"),), (Iri("https://sws.geonames.org/660013/"),)],
            id="identifiers",
        ),
        pytest.param(
            "SELECT ?from { act:FIN kg:validFrom ?from }", [(date(1917, 12, 6),)], id="independence"
        ),
        pytest.param("SELECT ?home { act:HAMAS kg:home ?home }", [("PSE",)], id="where a group is based"),
    ],
)
def test_the_graph_can_be_asked_about_its_actors(graph: Graph, query: str, expected: object) -> None:
    found = graph.sparql(query).rows
    assert len(found) == expected if isinstance(expected, int) else found == expected


def test_dated_facts_go_with_the_last_document_of_their_actor() -> None:
    graph = Graph()
    for name in ("a", "b"):
        evidence = (Evidence(name, Span(0, 1), "x", "x", "kg 1", "x"),)
        graph.add(Document(name, "x"), [Statement("FIN", "accuse", "SWE", evidence=evidence)])
    full = set(graph.store)
    count = "SELECT (COUNT(*) AS ?n) { { ?f kg:actor act:FIN } UNION { ?f kg:member act:FIN } }"
    assert graph.sparql(count).rows[0][0] > 30
    graph.remove("a")
    assert graph.sparql(count).rows[0][0] > 30
    graph.remove("b")
    assert graph.sparql(count).rows == [(0,)]
    for name in ("b", "a"):
        evidence = (Evidence(name, Span(0, 1), "x", "x", "kg 1", "x"),)
        graph.add(Document(name, "x"), [Statement("FIN", "accuse", "SWE", evidence=evidence)])
    assert set(graph.store) == full


def test_every_actor_has_triples_in_which_no_two_facts_share_a_node(actors: ActorTable) -> None:
    for code in actors.actors:
        triples = list(actor_triples(code))
        assert len(triples) == len(set(triples)), code
        nodes = {str(triple.subject) for triple in triples} - {f"<{ACT[code]}>"}
        facts = actors.facts
        assert len(nodes) == sum(one.code == code for one in (*facts.terms, *facts.formers)) + sum(
            one.member == code for one in facts.memberships
        )

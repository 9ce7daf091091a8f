"""Whom names stand for, at a date."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.actors import ActorTable, build, check_tables, fold, load_actors
from kg.errors import OntologyError
from kg.resources import resource
from kg.roster import Tables
from kg.tables import COLUMNS, read_table

STATE_ROWS = [row for row in read_table(resource("seeds", "states.tsv")) if row["kind"] != "historical"]


@pytest.fixture(scope="module")
def actors() -> ActorTable:
    return load_actors()


def code_of(actors: ActorTable, text: str, day: str | None = None) -> str | None:
    found = actors.resolve(text, date.fromisoformat(day) if day else None)
    return found.code if found else None


# Written from general knowledge of who held office when, apart from the tables.
@pytest.mark.parametrize(
    "text, day, code",
    [
        ("Taliban", "1995-01-01", "TALIBAN"),
        ("Taliban", "2000-06-01", "AFG"),
        ("the Taliban", "2015-06-01", "TALIBAN"),
        ("Taliban", "2021-08-14", "TALIBAN"),
        ("Taliban", "2021-08-15", "AFG"),
        ("Taliban", "2024-11-07", "AFG"),
        ("Ashraf Ghani", "2019-05-01", "AFG"),
        ("Ashraf Ghani", "2021-12-01", None),
        ("President Ashraf Ghani", "2019-05-01", "AFG"),
        ("former President Ashraf Ghani", "2019-05-01", None),
        ("Sergei Lavrov", "2010-01-01", "RUS"),
        ("Foreign Minister Sergei Lavrov", "2010-01-01", "RUS"),
        ("Colin Powell", "2004-01-01", "USA"),
        ("Colin Powell", "2006-01-01", None),
        ("Ivanov", "2003-01-01", "RUS"),
        ("Kaja Kallas", "2023-01-01", "EST"),
        ("Kaja Kallas", "2025-06-01", "EU"),
        ("Jens Stoltenberg", "2010-01-01", "NOR"),
        ("Jens Stoltenberg", "2020-01-01", "NATO"),
        ("Ban Ki-moon", "2005-01-01", "KOR"),
        ("Ban Ki-moon", "2010-01-01", "UNO"),
        ("Kofi Annan", "2000-01-01", "UNO"),
        ("Thatcher", "1985-01-01", "GBR"),
        ("Thatcher", "2000-01-01", None),
        ("King Abdullah", "1990-01-01", None),
        ("King Abdullah", "2003-01-01", "JOR"),
        ("King Abdullah", "2010-01-01", None),  # of Jordan, and of Saudi Arabia
        ("King Abdullah", "2018-01-01", "JOR"),
        ("Gandhi", "1985-01-01", "IND"),
        ("Kim Jong Un", "2018-06-12", "PRK"),
        ("Bashar al-Assad", "2012-01-01", "SYR"),
        ("Bashar al-Assad", "2025-06-01", None),
        ("Hayat Tahrir al-Sham", "2020-01-01", "SYR-REB"),
        ("Hayat Tahrir al-Sham", "2024-12-20", "SYR"),
        ("Khmer Rouge", "1977-01-01", "KHM"),
        ("Khmer Rouge", "1987-01-01", "KHMERROUGE"),
        ("Sandinistas", "1985-01-01", "NIC"),
        ("President Mikhail S. Gorbachev", "1990-05-30", "RUS"),
        ("British Foreign Secretary Jack Straw", "2004-05-01", "GBR"),
        ("Mr. Erdogan", "2020-05-01", "TUR"),
        ("Jeb Bush", "2004-05-01", None),
        ("Prime Minister Nehru", "1955-05-01", "IND"),
        ("Allende", "1972-05-01", "CHL"),
        ("Pinochet", "1972-05-01", None),
        ("Viktor Yanukovich", "2012-05-01", "UKR"),
        ("Bonn", "1987-03-01", "DEU"),
        ("Bonn", "2020-03-01", None),
        ("Saigon", "1970-03-01", "VNM"),
    ],
)
def test_the_date_decides(actors: ActorTable, text: str, day: str, code: str | None) -> None:
    assert code_of(actors, text, day) == code


@pytest.mark.parametrize(
    "text, code",
    [
        ("Soviet Union", "RUS"),
        ("USSR", "RUS"),
        ("West Germany", "DEU"),
        ("East Germany", "DDR"),
        ("Yugoslavia", "SRB"),
        ("Czechoslovakia", "CZE"),
        ("the Ottoman Empire", "TUR"),
        ("Zaire", "COD"),
        ("Burma", "MMR"),
        ("Kosovo", "XKX"),
        ("Palestinian Authority", "PSE"),
        ("Taiwan", "TWN"),
        ("Hong Kong", "HKG"),
        ("the Holy See", "VAT"),
        ("Côte d’Ivoire", "CIV"),
        ("UK", "GBR"),
        ("U.S.", "USA"),
        ("Kremlin", "RUS"),
        ("the White House", "USA"),
        ("Downing Street", "GBR"),
        ("Élysée", "FRA"),
        ("Blue House", "KOR"),
        ("Foggy Bottom", "USA"),
        ("Quai d'Orsay", "FRA"),
        ("Zhongnanhai", "CHN"),
        ("UN Security Council", "UNO"),
        ("UNHCR", "UNO"),
        ("World Food Programme", "UNO"),
        ("WHO", "UNO"),
        ("IAEA", "IAEA"),
        ("European Commission", "EU"),
        ("GATT", "WTO"),
        ("Arab League", "ARL"),
        ("World Bank", "WB"),
        ("the World Bank", "WB"),
        ("the international community", "XINTL"),
        ("the West", "XWEST"),
        ("Tamil Tigers", "TIGERS"),
        ("Hezbollah", "HEZBOLLAH"),
        ("Hizbullah", "HEZBOLLAH"),
        ("al Qaeda", "ALQAEDA"),
        ("UNITA", "AGO-REB"),
        ("al-Shabaab", "SOM-REB"),
        ("Polisario Front", "POLISARIO"),
        ("the Iranian foreign ministry", "IRN"),
        ("Iraqi insurgents", "IRQ-REB"),
        ("Palestinian militants", "PSE-REB"),
        ("the Venezuelan opposition", "VEN-OPP"),
        ("three British soldiers", "GBR"),
        ("an American destroyer", "USA"),
        ("France's foreign minister", "FRA"),
        ("the president of Chad", "TCD"),
        ("Western diplomats", "XWEST"),
        ("the Turkish embassy", "TUR"),
        ("India's ambassador to Qatar", "IND"),
        ("the Egyptian embassy in Kabul", "EGY"),
        ("Lebanese Hezbollah", "HEZBOLLAH"),
        ("the Saudi-led coalition", "SAU"),
        ("Northern Fleet", "RUS"),
        ("Brussels", "BEL"),
        ("Grand Duchy of Oldenburg", "DEU"),
        ("Syrian Kurds", "SYR-REB"),
    ],
)
def test_names_and_phrases_without_a_date(actors: ActorTable, text: str, code: str) -> None:
    assert code_of(actors, text) == code


@pytest.mark.parametrize(
    "text",
    [
        "Washington Post", "New York Times", "Michael Jordan", "Chad Smith", "Bank of America",
        "Manchester United",
        "Persian Gulf", "Latin America", "New Mexico", "turkey", "may", "us", "who", "Air France", "Siemens",
        "South China Sea", "John Smith", "Turkish company", "the two countries", "South America",
        "Paris Hilton",
        "Jeb Bush", "", "   ", "Chinese New Year", "the former Soviet president", "World War II",
        "polish", "chile",
    ],
)  # fmt: skip
def test_these_stand_for_no_actor(actors: ActorTable, text: str) -> None:
    assert actors.resolve(text, date(2005, 6, 1)) is None


@pytest.mark.parametrize("row", STATE_ROWS, ids=lambda row: row["code"])
def test_every_state_by_name_demonym_and_capital(actors: ActorTable, row) -> None:
    for text in [row["name"], *row.many("official"), *row.many("adjectives"), *row.many("capital")]:
        assert code_of(actors, text) == row["code"], text
    for text in row.many("nationals"):
        assert code_of(actors, text.split("/")[-1]) == row["code"], text


def test_every_name_in_the_tables_resolves_or_is_ambiguous(actors: ActorTable) -> None:
    """Only names that two principals share at one time may stand for none."""
    lost = []
    for alias in actors.aliases:
        if alias.form in ("none", "quality") or alias.since == date.min:
            continue
        rivals = {
            other.code
            for other in actors.lookup(alias.text)
            if other.since <= alias.since <= other.until and other.form != "none"
        }
        if len(rivals) == 1 and actors.resolve(alias.text, alias.since) is None:
            lost.append(alias)
    assert lost == []


def test_iso_codes_are_complete(actors: ActorTable) -> None:
    states = {code: actor for code, actor in actors.actors.items() if actor.kind == "state"}
    assert len(states) >= 249
    two = [actor.iso2 for actor in states.values() if actor.iso2]
    assert len(two) == len(set(two)) >= 249
    assert {"XKX", "PSE", "TWN", "HKG", "VAT", "DDR"} <= set(states)


def test_coverage_of_organisations_and_groups(actors: ActorTable) -> None:
    assert sum(actor.kind == "organisation" for actor in actors.actors.values()) >= 80
    groups = {row["group"] for row in read_table(resource("seeds", "armed_groups.tsv"))}
    assert len(groups) >= 150
    assert {"XWEST", "XINTL"} <= set(actors.actors)


def test_a_resolution_says_why(actors: ActorTable) -> None:
    found = actors.resolve("Ashraf Ghani", date(2019, 5, 1))
    assert found is not None
    assert (found.since, found.until) == (date(2014, 9, 29), date(2021, 8, 15))
    assert found.role == "head of state" and found.source and "AFG" in found.why


def test_suggestions_for_unknown_names(actors: ActorTable) -> None:
    assert "Afghanistan" in actors.suggest("Afganistan")
    assert actors.suggest("qqqqqqq") == []


def test_longest_name_wins_with_offsets(actors: ActorTable) -> None:
    text = "The World Bank, South Korea’s Blue House and the U.S.-led force read the Washington Post."
    found = [(text[hit.start : hit.end], hit.aliases[0].code) for hit in actors.find(text)]
    assert found == [
        ("World Bank", "WB"), ("South Korea", "KOR"), ("Blue House", "KOR"), ("U.S.", "USA"),
        ("Washington Post", "-"),
    ]  # fmt: skip


@given(st.text(alphabet="aI UNSWHOé’'.- Chadthe", max_size=40))
@settings(max_examples=200, deadline=None)
def test_hits_lie_in_order_inside_the_text(text: str) -> None:
    end = 0
    for hit in load_actors().find(text):
        assert end <= hit.start < hit.end <= len(text)
        assert any(fold(alias.text).split()[0][:1] == fold(text[hit.start]) for alias in hit.aliases)
        end = hit.end


@pytest.mark.parametrize("seed", [1, 2])
def test_table_order_does_not_matter(tmp_path: Path, actors: ActorTable, seed: int) -> None:
    tables = Tables()
    names = list(COLUMNS)
    random.Random(seed).shuffle(names)
    for name in names:
        lines = resource("seeds", f"{name}.tsv").read_text(encoding="utf-8").splitlines()
        comments = [line for line in lines if line.startswith("#")]
        head, *rows = [line for line in lines if not line.startswith("#")]
        random.Random(seed).shuffle(rows)
        path = tmp_path / f"{name}.tsv"
        path.write_text("\n".join([*comments, head, *rows]), encoding="utf-8")
        tables.read(path, name)
    shuffled = build(tables)
    assert shuffled.aliases == actors.aliases
    assert shuffled.actors == actors.actors
    assert shuffled.roles == actors.roles and shuffled.not_actors == actors.not_actors


def test_exclusive_offices_do_not_overlap() -> None:
    assert check_tables() == []


def test_the_data_check_reports_an_overlap(tmp_path: Path) -> None:
    own = tmp_path / "mine.tsv"
    own.write_text(
        "code\tname\taliases\tsurnames\trole\tfrom\tto\tsource\n"
        "FRA\tJeanne Test\t\t\thead of state\t2018-01-01\t2019-01-01\tmine\n",
        encoding="utf-8",
    )
    table = load_actors((own,))
    assert table.resolve("Jeanne Test", date(2018, 6, 1)).code == "FRA"  # type: ignore[union-attr]
    assert [line for line in check_tables(table) if "Jeanne Test" in line and "Emmanuel Macron" in line]


LEADERS = "code\tname\taliases\tsurnames\trole\tfrom\tto\tsource\n"


@pytest.mark.parametrize(
    "text, message",
    [
        pytest.param(
            LEADERS + "FRA\tA B\t\t\tpresident\t2018-13-01\t\tx\n",
            ":2: column 'from': '2018-13-01' is no date",
            id="no date",
        ),
        pytest.param(
            LEADERS + "fra\tA B\t\t\tpresident\t2018\t\tx\n",
            ":2: column 'code': 'fra' is no actor code",
            id="code",
        ),
        pytest.param(
            LEADERS + "FRA\tA B\t\t\tpresident\n",
            ":2: column 5: 5 cells where the head has 8",
            id="too few cells",
        ),
        pytest.param(
            LEADERS + "# c\nFRA\t\t\t\tpresident\t2018\t\tx\n",
            ":3: column 'name': is empty",
            id="empty name",
        ),
        pytest.param(
            LEADERS + "FRA\tA B\t\t\tking\t2019\t2018\tx\n",
            ":2: column 'to': 2018 lies before 2019",
            id="ends first",
        ),
        pytest.param("a\tb\n1\t2\n", "its columns fit no actor table", id="unknown columns"),
        pytest.param("", "no actor table found", id="empty file"),
    ],
)
def test_a_malformed_row_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OntologyError) as caught:
        load_actors((path,))
    assert str(path) in str(caught.value) and message in str(caught.value)


def test_a_code_used_twice_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "orgs.tsv"
    path.write_text(
        "code\tname\tkind\tsource\nEU\tEmu Union\torganisation\tx\n",
        encoding="utf-8",
    )
    with pytest.raises(OntologyError, match="'EU' is already used for 'European Union'"):
        load_actors((path,))


def test_own_actors_extend_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "orgs.tsv"
    path.write_text(
        "code\tname\tkind\taliases\tsource\nRIVERS\tRiver Basin Pact\torganisation\tRBP\tmine\n",
        encoding="utf-8",
    )
    found = load_actors((path,)).resolve("RBP")
    assert found is not None and (found.code, found.kind, found.source) == ("RIVERS", "organisation", "mine")

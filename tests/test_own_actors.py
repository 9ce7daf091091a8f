"""Actor tables of one's own: what they add, what they win, what is reported, and what stops them."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import kg
from kg.actors import ActorTable, build, load_actors
from kg.build import run_of
from kg.cli import main
from kg.errors import OntologyError
from kg.roster import Alias, Tables
from kg.tables import Row

ORGANISATIONS = "code\tname\tkind\taliases\tfrom\tto\tsource\n"
LEADERS = "code\tname\trole\tfrom\tto\tsource\n"
NAMES = "code\ttext\tfrom\tto\tsource\n"
MEMBERS = "code\tmember\tfrom\tto\tsource\n"
PACT = ORGANISATIONS + "PACT\tRiver Basin Pact\torganisation\tRBP\t1999\t\tmine\n"


def table(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def code_of(actors: ActorTable, text: str, day: str) -> str | None:
    found = actors.resolve(text, date.fromisoformat(day))
    return found.code if found else None


def test_an_own_actor_has_names_people_and_members(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = [
        table(tmp_path, "pact", PACT),
        table(
            tmp_path,
            "people",
            LEADERS + "PACT\tAda Example\tsecretary-general\t2015-01-01\t2020-06-30\tmine\n",
        ),
        table(tmp_path, "seats", NAMES + "PACT\tFerry House\t2001\t\tmine\n"),
        table(
            tmp_path,
            "members",
            MEMBERS + "PACT\tNOR\t1999-05-01\t\tmine\nPACT\tSWE\t1999-05-01\t2009\tmine\n",
        ),
    ]
    actors = load_actors(files)
    assert caplog.messages == []
    assert code_of(actors, "the RBP", "2010-01-01") == code_of(actors, "Ferry House", "2010-01-01") == "PACT"
    assert code_of(actors, "Ada Example", "2018-01-01") == "PACT"
    assert code_of(actors, "Ada Example", "2021-01-01") is None
    members = {(m.member, m.until) for m in actors.facts.memberships if m.code == "PACT"}
    assert members == {("NOR", date.max), ("SWE", date(2009, 12, 31))}
    assert load_actors().resolve("RBP") is None, "the shipped tables stay as they are"


def test_an_own_name_wins_on_its_days_and_that_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pact = table(tmp_path, "pact", PACT)
    own = table(tmp_path, "names", NAMES + "PACT\tKremlin\t2005-03-01\t2010-04-30\tmine\n")
    actors = load_actors([pact, own])
    days = ("2005-02-28", "2005-03-01", "2010-04-30", "2010-05-01")
    assert [code_of(actors, "Kremlin", day) for day in days] == ["RUS", "PACT", "PACT", "RUS"]
    (told,) = caplog.messages
    assert told.startswith(
        f"{own}:2: 'Kremlin' stands for PACT from 2005-03-01 to 2010-04-30, no longer for RUS"
    )
    assert "(metonyms.tsv:" in told


def test_a_second_holder_of_an_office_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = table(tmp_path, "x", LEADERS + "FRA\tAda Example\thead of state\t2018-01-01\t2019-01-01\tmine\n")
    load_actors([own])
    assert caplog.messages == [
        "FRA: Emmanuel Macron and Ada Example both head of state from 2018-01-01 to 2019-01-01;"
        " mend the days in leaders.tsv"
    ]


@pytest.mark.parametrize(
    "text, message",
    [
        pytest.param(
            LEADERS + "XYZ\tAda Example\tking\t\t\tx\n",
            ":2: column 'code': 'XYZ' is no known actor; mend it, or give it a row",
            id="a code without an actor",
        ),
        pytest.param(
            MEMBERS + "NATO\tNOR\t\t\tx\nNATO\tXYZ\t\t\tx\n",
            ":3: column 'member': 'XYZ' is no known actor",
            id="an unknown member",
        ),
        pytest.param(
            "code\tgroup\tname\thome\tgoverned\nXYZ\tXYZ\tArmy\tAFG\tAFG:2001\n",
            ":2: column 'governed': 'AFG:2001' is no term of government; write AFG:2021-08-15/",
            id="governed",
        ),
        pytest.param(
            "code\tgroup\tname\thome\nXYZ\tXYZ\tArmy\tQQQ\n",
            ":2: column 'home': 'QQQ' is no known actor",
            id="home",
        ),
        pytest.param(
            ORGANISATIONS + "NATO\tNew Accord\torganisation\t\t\t\tx\n",
            ":2: column 'code': 'NATO' is already used for 'North Atlantic Treaty Organization'",
            id="a code in use",
        ),
        pytest.param(
            "code\tname\tkind\nXYZ\tX\tkingdom\n",
            ":2: column 'kind': 'kingdom' is not one of state, territory",
            id="kind",
        ),
        pytest.param(
            NAMES + "FRA\tX\t2018-02-30\t\tx\n", ":2: column 'from': '2018-02-30' is no date", id="day"
        ),
        pytest.param(NAMES + "FRA\tX\t2018\n", ":2: column 3: 3 cells where the head has 5", id="cells"),
        pytest.param("code;text\nFRA;X\n", ":1: its columns fit no actor table", id="semicolons"),
    ],
)
def test_a_bad_row_names_file_line_and_column(tmp_path: Path, text: str, message: str) -> None:
    path = table(tmp_path, "bad", text)
    with pytest.raises(OntologyError) as caught:
        load_actors([path])
    assert str(caught.value).startswith(str(path)) and message in str(caught.value)


def test_the_run_tells_own_tables_by_their_content(tmp_path: Path) -> None:
    class Engine:
        name = "x 1"
        actors = load_actors([table(tmp_path, "pact", PACT)])

    own = run_of(Engine())  # type: ignore[arg-type]
    Engine.actors = load_actors()
    shipped = run_of(Engine())  # type: ignore[arg-type]
    (tmp_path / "elsewhere").mkdir()
    Engine.actors = load_actors([table(tmp_path / "elsewhere", "other", PACT)])
    again = run_of(Engine())  # type: ignore[arg-type]
    assert shipped.options == () and own == again != shipped


def test_the_command_reads_own_tables(tmp_path: Path) -> None:
    pact = str(table(tmp_path, "pact", PACT))
    found = CliRunner().invoke(main, ["actors", "RBP", "--date", "2010-01-01", "--actors", pact])
    assert found.exit_code == 0 and found.stdout.startswith("RBP: PACT (River Basin Pact, organisation)")
    listed = CliRunner().invoke(main, ["actors", "-", "--actors", pact], input="RBP\t2010-01-01\n")
    assert '"code": "PACT"' in listed.stdout
    bad = str(table(tmp_path, "bad", PACT + "PACT\n"))
    for command in (
        ["actors", "RBP"],
        ["build", str(tmp_path), "-o", str(tmp_path / "g.ttl")],
        ["extract", pact],
    ):
        stopped = CliRunner().invoke(main, [*command, "--actors", bad])
        assert stopped.exit_code == 2
        assert f"{bad}:3: column 1: 1 cells where the head has 7" in stopped.stderr


def test_own_tables_are_for_an_extractor_by_name(tmp_path: Path) -> None:
    class Engine:
        name = "x 1"

    with pytest.raises(ValueError, match="takes no actor tables; give them to it when you make it"):
        kg.build([], extractor=Engine(), actors=[table(tmp_path, "pact", PACT)])  # type: ignore[arg-type]


@pytest.mark.model
def test_statements_about_an_own_actor_reach_the_graph(tmp_path: Path) -> None:
    pact = table(tmp_path, "pact", PACT)
    text = "Norway accused the River Basin Pact of fraud."
    graph = kg.build([kg.Document("d", text, published=date(2015, 5, 5))], extractor="fast", actors=[pact])
    assert [str(stmt) for stmt in graph.statements()] == ["NOR accuse PACT (2015-05-05)"]
    assert graph.sparql(
        "SELECT ?n ?from { act:PACT a kg:Organisation ; rdfs:label ?n ; kg:validFrom ?from }"
    ).rows == [("River Basin Pact", date(1999, 1, 1))]
    assert graph.check() == []
    assert [entry.stmt.relation for entry in graph.explain("PACT", "NOR").entries] == ["accuse"]


# --- order ----------------------------------------------------------------------------------------------

CODES = st.sampled_from(["PACT", "NOR", "SWE", "IRQ-REB"])
TEXTS = st.sampled_from(["Ferry House", "ferry house", "Old Mill", "Kremlin", "Ada Example"])
YEARS = st.sampled_from(["", "1990", "1995-06", "2001-02-03"])
LATER = st.sampled_from(["", "2005", "2010-06", "2015-02-03"])
ROWS = st.lists(st.tuples(CODES, TEXTS, YEARS, LATER), min_size=1, max_size=6, unique=True)


@given(ROWS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_result_never_depends_on_the_order_of_rows_and_tables(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[str, ...]], random: Random
) -> None:
    folder = tmp_path_factory.mktemp("order")
    names = ["\t".join([*row, "mine"]) for row in found]
    people = ["\t".join([row[0], row[1], "envoy", *row[2:], "mine"]) for row in found if " " in row[1]]
    half = len(names) // 2
    contents = [
        ("organisations", [PACT.splitlines()[0], PACT.splitlines()[1]]),
        ("metonyms", [NAMES.strip(), *names[:half]]),
        ("metonyms", [NAMES.strip(), *names[half:]]),
        ("leaders", [LEADERS.strip(), *people]),
    ]
    results = []
    for number, order in enumerate(permutations(range(4))):
        if number % 5:
            continue
        base, own = Tables(), Tables()
        base.aliases[Alias("Kremlin", "RUS", "metonym", "metonym")] = Row(folder / "shipped.tsv", 1, {})
        for place in order:
            kind, (head, *rows) = contents[place]
            shuffled = random.sample(rows, len(rows))
            path = folder / f"{place}.tsv"
            path.write_text("\n".join([head, *shuffled]) + "\n", encoding="utf-8")
            own.read(path, kind)
        list(base.overlay(own))
        table = build(base)
        results.append((table.aliases, table.actors, table.facts))
    assert all(result == results[0] for result in results)


def test_files_in_any_order_are_one_table(tmp_path: Path) -> None:
    pact = table(tmp_path, "pact", PACT)
    one = table(tmp_path, "one", NAMES + "PACT\tKremlin\t2005\t\tmine\n")
    two = table(tmp_path, "two", NAMES + "NOR\tKremlin\t2000\t2007\tmine\n")
    tables = [load_actors(order) for order in permutations([pact, one, two])]
    assert all(t.aliases == tables[0].aliases and t.version == tables[0].version for t in tables)
    assert [code_of(tables[0], "Kremlin", f"{year}-06-01") for year in (1999, 2003, 2006, 2012)] == [
        "RUS",
        "NOR",
        None,  # two own rows give it to two actors
        "PACT",
    ]

"""How often a name and a day give the right actor, on strings written apart from the tables."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

import kg
from kg.actors import load_actors
from kg.cli import main

ROOT = Path(__file__).resolve().parents[1]
BENCHMARK = ROOT / "tests" / "benchmarks" / "actors.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("actors_benchmark", BENCHMARK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_nine_of_ten_strings_are_right(benchmark: ModuleType) -> None:
    """Also of those that nobody looked at while the rules were made, and of each kind."""
    found = list(benchmark.cases())
    assert len(found) > 400 and {case.kind for case in found} == set(benchmark.KINDS)
    assert min(Counter(case.kind for case in found).values()) >= 80
    held = benchmark.shares([case for case in found if case.held])
    assert held["all"] >= 0.93
    for kind, share in benchmark.shares(found).items():
        assert share >= 0.88, f"{kind}: {share:.3f}"


def test_the_command_prints_the_shares_and_its_exit_code_tells(tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    head = "kind\ttext\tdate\tcode\thalf\torigin\n"
    table.write_text(f"{head}state\tChad\t2020-01-01\tTCD\theld\tmine\n", encoding="utf-8")
    command = [sys.executable, str(BENCHMARK), "--wrong", "--table", str(table)]
    good = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "state                 1   1.000" in good.stdout
    table.write_text(
        f"{head}state\tChad\t2020-01-01\tMLI\topen\tmine\nnone\tMali\t2020-01-01\t\theld\tx\n",
        encoding="utf-8",
    )
    bad = subprocess.run(command, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert "state         2020-01-01 'Chad': TCD, not MLI" in bad.stdout
    assert "'Mali'" not in bad.stdout  # a held row is not shown


@pytest.mark.parametrize(
    "text, day, code",
    [
        pytest.param("US-backed Syrian rebels", "2015-01-01", "SYR-REB", id="backers do not own"),
        pytest.param("Iran-backed militias", "2015-01-01", None, id="backed, of nobody named"),
        pytest.param("the French-led mission in Mali", "2014-01-01", "FRA", id="leaders own"),
        pytest.param("the US and Britain", "2014-01-01", None, id="two names"),
        pytest.param("Russian and Chinese ships", "2014-01-01", None, id="two modifiers"),
        pytest.param("Israeli-Palestinian negotiators", "2014-01-01", None, id="two with a hyphen"),
        pytest.param("King Abdullah of Jordan", "2010-01-01", "JOR", id="bearer by the state behind"),
        pytest.param("Saudi Arabia's King Abdullah", "2010-01-01", "SAU", id="bearer by the state ahead"),
        pytest.param("King Abdullah", "2010-01-01", None, id="two bearers"),
        pytest.param("Foreign Minister Ada Example of Norway", "2014-01-01", "NOR", id="title and of"),
        pytest.param("Norwegian Foreign Minister Ada Example", "2014-01-01", "NOR", id="title and demonym"),
        pytest.param("Ada Example, the Norwegian foreign minister", "2014-01-01", "NOR", id="appositive"),
        pytest.param("Ada Example", "2014-01-01", None, id="nobody known"),
        pytest.param("Norwegian skier Ada Example", "2014-01-01", None, id="no office"),
        pytest.param("the ambassador of Chile to Bolivia", "2014-01-01", "CHL", id="sender, not host"),
        pytest.param("Oslo, Norway", "2014-01-01", None, id="a place with its state"),
        pytest.param("House of Representatives of Japan", "2014-01-01", "JPN", id="of inside a body's name"),
        pytest.param("Federal Republic of Cameroon", "2014-01-01", "CMR", id="longer style of a state"),
        pytest.param("the Norwegian Football Federation", "2014-01-01", None, id="private body"),
        pytest.param("Oslo Giants", "2014-01-01", None, id="a club of a city"),
        pytest.param("Military (Chad)", "2014-01-01", "TCD", id="as event data write it"),
        pytest.param("Newspaper (Chad)", "2014-01-01", None, id="as event data write it, no actor"),
        pytest.param("Moldova, Republic of", "2014-01-01", "MDA", id="inverted"),
        pytest.param("Georgia", "2014-01-01", "GEO", id="Georgia"),
        pytest.param("Georgia Governor Ada Example", "2014-01-01", None, id="the US state"),
    ],
)
def test_a_phrase_is_read_from_its_head(text: str, day: str, code: str | None) -> None:
    found = load_actors().resolve(text, date.fromisoformat(day))
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    "text, day, reason",
    [
        ("Ashraf Ghani", "2023-01-01", "no longer head of state of AFG from 2014-09-29 to 2021-08-15"),
        ("Ashraf Ghani", "2010-01-01", "not yet head of state of AFG from 2014-09-29 to 2021-08-15"),
        ("Former President Ashraf Ghani", "2023-01-01", "Former: who has left office speaks for nobody"),
        ("King Abdullah", "2010-01-01", "King Abdullah may stand for JOR or SAU then"),
        ("the US and Britain", "2010-01-01", "several actors: USA, GBR"),
        ("The Washington Post", "2010-01-01", "Washington Post: not an actor"),
        ("Ada Example", "2010-01-01", "no name of an actor in it is known"),
    ],
)
def test_it_is_told_why_a_name_stands_for_nobody(text: str, day: str, reason: str) -> None:
    reading = load_actors().read(text, date.fromisoformat(day))
    assert reading.answer is None
    assert reason in reading.why


@pytest.mark.parametrize(
    "text, day, agent",
    [
        pytest.param("Sergey Shoygu", "2018-06-01", "Sergei Shoigu", id="transliteration"),
        pytest.param("Sergey Kuzhugetovich Shoygu", "2018-06-01", "Sergei Shoigu", id="patronymic"),
        pytest.param("Muammar el-Qaddafi", "2009-06-01", "Muammar Gaddafi", id="Arabic"),
        pytest.param("Muammar el-Qaddafi", "2019-06-01", None, id="Arabic, term over"),
        pytest.param("Sergey Testov", "2018-06-01", None, id="first name alone"),
    ],
)
def test_names_in_another_romanisation(text: str, day: str, agent: str | None) -> None:
    found = load_actors().people.find(text, date.fromisoformat(day))
    assert {alias.agent for alias in found} == ({agent} if agent else set())


def test_lines_of_names_become_json_lines() -> None:
    lines = "Ashraf Ghani\t2019-05-01\nAshraf Ghani\t2023-01-01\nHezbollah fighters\t2006-07-12\n"
    result = CliRunner().invoke(main, ["actors", "-"], input=lines)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    keys = ["name", "date", "code", "kind", "role", "from", "to", "source", "why"]
    assert [list(row) for row in rows] == [keys] * 3
    assert [(row["code"], row["kind"], row["role"]) for row in rows] == [
        ("AFG", "state", "head of state"),
        (None, None, None),
        ("HEZBOLLAH", "armed_group", "rebel"),
    ]
    assert (rows[0]["from"], rows[0]["to"]) == ("2014-09-29", "2021-08-15")
    assert "no longer head of state" in rows[1]["why"]
    assert result.exit_code == 0


def test_the_command_says_that_a_term_is_over_and_suggests_for_the_unknown() -> None:
    over = CliRunner().invoke(main, ["actors", "Ashraf Ghani", "--date", "2023-05-01"])
    assert (over.exit_code, over.stdout) == (1, "")
    assert "no longer head of state of AFG" in over.stderr and "did you mean" not in over.stderr
    unknown = CliRunner().invoke(main, ["actors", "Hezbolah militia men", "--date", "2023-05-01"])
    assert unknown.exit_code == 1
    near = CliRunner().invoke(main, ["actors", "Afganistan", "--date", "2023-05-01"])
    assert near.exit_code == 1 and "did you mean Afghanistan" in near.stderr


def test_in_python_a_name_resolves_at_a_day() -> None:
    found = kg.actors.resolve("Ashraf Ghani", date(2019, 5, 1))
    assert found is not None
    assert (found.code, found.role, found.until) == ("AFG", "head of state", date(2021, 8, 15))
    assert kg.actors.resolve("Ashraf Ghani", date(2023, 5, 1)) is None

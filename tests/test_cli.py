"""The contract of the command line: what goes where, exit codes, help that works, nothing half-written."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from conftest import Fake

from kg import __version__
from kg.cli import main

pytestmark = pytest.mark.usefixtures("no_model")

Run = Callable[..., Result]


@pytest.fixture
def run(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in a folder with three articles (`corpus`, also as `articles`)."""
    monkeypatch.chdir(tmp_path)
    corpus.rename(tmp_path / "articles")

    def run(*args: str, code: int = 0, **options: object) -> Result:
        result = CliRunner().invoke(main, args, catch_exceptions=False, prog_name="kg", **options)  # type: ignore[arg-type]
        assert result.exit_code == code, result.stderr
        return result

    return run


@pytest.fixture
def graph(run: Run) -> str:
    """The graph of the three articles as a file."""
    run("build", "articles", "-o", "graph.ttl")
    return "graph.ttl"


def commands() -> dict[str, click.Command]:
    """All commands."""
    return main.commands


def help_of(name: str) -> str:
    """What `kg NAME --help` prints."""
    return CliRunner().invoke(main, [name, "--help"] if name else ["--help"], prog_name="kg").stdout


def test_help_lists_every_command_in_the_order_of_the_work() -> None:
    listed = re.findall(r"^  ([\w-]+) {2,}\S", help_of("").split("Commands:")[1], re.MULTILINE)
    assert listed == [
        *("build", "extract", "import", "query", "export", "view"),
        *("explain", "actors", "check", "serve", "score", "score-views"),
    ]
    assert "..." not in help_of("").split("Commands:")[1], "a summary is too long to be shown whole"


@pytest.mark.parametrize(
    "code, meaning", [(0, "fine"), (1, "check failed"), (2, "wrong usage"), (3, "skipped")]
)
def test_help_documents_the_exit_codes(code: int, meaning: str) -> None:
    assert re.search(rf"^ +{code} +.*{meaning}", help_of(""), re.MULTILINE)


@pytest.mark.parametrize("name", ["", *commands()])
def test_the_example_that_ends_each_help_works(
    name: str, run: Run, graph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It would serve until Ctrl-C; `test_serve.py` has real servers.
    monkeypatch.setattr("kg.serve.run", lambda settings: settings.graph.read_text())
    text = help_of(name)
    for option in commands()[name].params if name else ():
        assert isinstance(option, click.Argument) or option.help, f"--{option.name} has no help"
    example = re.findall(r"^  Example:  kg (.+)$", text, re.MULTILINE)
    assert len(example) == 1, text
    assert re.search(r"Example:.*\n\nOptions:", text), "the example is not the last line"
    run("extract", "articles", "-o", "statements.jsonl")
    Path("gold.jsonl").write_bytes(Path("statements.jsonl").read_bytes())
    event_data()
    if name == "score-views":
        run("import", "events.tab", "--format", "icews", "--store", "store")
    args = shlex.split(example[0])
    if args[:3] == ["explain", "graph.ttl", "Iran"]:
        args[3] = "Israel"  # the three articles have no Saudi Arabia
    run(*args)


def event_data() -> None:
    """A file of event data, and a folder of others' data to compare it with."""
    from test_events import ICEWS, MEETING

    Path("events.tab").write_text(f"{ICEWS}\n{MEETING}\n{MEETING.replace('040', '112')}\n")
    truth = Path("truth")
    truth.mkdir()
    (truth / "peacesciencer_cow_states.csv").write_text(
        "ccode,styear,endyear\n750,1947,2016\n790,1816,2016\n710,1860,2016\n"
    )
    (truth / "peacesciencer_tss_rivalries.csv").write_text("ccode1,ccode2,start,end\n710,750,1948,2020\n")
    (truth / "peacesciencer_cow_mid_ddydisps_2010on.csv").write_text("ccode1,ccode2,year,cowmidongoing\n")
    (truth / "peacesciencer_atop_alliance_2012on.csv").write_text(
        "ccode1,ccode2,year,atop_defense\n750,790,2018,1\n"
    )
    (truth / "historyatstate_visits_travels.csv").write_text(
        "kind,start,end,person,country_id,country,remarks\n"
    )


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys; from kg.cli import main\n"
        "try: main(['--help'], prog_name='kg')\n"
        "except SystemExit: print(sorted({'spacy', 'rdflib', 'pyoxigraph', 'networkx', 'pandas', 'numpy',"
        " 'matplotlib'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_version_is_the_one_of_the_package() -> None:
    pyproject = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{__version__}"\n' in pyproject
    assert CliRunner().invoke(main, ["--version"]).stdout == f"kg, version {__version__}\n"


def test_the_module_runs_as_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kg", "nonsense"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: kg " in done.stderr


# --- Making ---------------------------------------------------------------------------------------------


def test_build_writes_the_graph_and_talks_on_standard_error(run: Run) -> None:
    result = run("build", "articles", "-o", "graph.ttl", "-o", "graph.csv")
    assert result.stdout == ""
    assert result.stderr == "3 documents; 6 statements -> graph.ttl, graph.csv\n"
    assert "kg:Statement" in Path("graph.ttl").read_text()
    assert len(list(csv.DictReader(io.StringIO(Path("graph.csv").read_text())))) == 6


def test_build_writes_turtle_to_standard_output(run: Run, graph: str) -> None:
    result = run("build", "articles", "-o", "-")
    assert result.stdout == Path(graph).read_text()
    assert result.stderr == "3 documents; 6 statements -> standard output\n"


def test_build_goes_on_with_a_store(run: Run) -> None:
    run("build", "articles", "--store", "store")
    Path("articles/new.txt").write_text("Turkey accused Israel.")
    result = run("build", "articles", "--store", "store")
    assert result.stderr == "4 documents, 3 unchanged; 1 statement -> store\n"
    rows = run("query", "store", "SELECT (COUNT(*) AS ?n) { ?s a kg:Statement }", "--format", "csv").stdout
    assert rows.split() == ["n", "7"]


def test_build_reads_standard_input(run: Run) -> None:
    row = json.dumps({"id": "a", "text": "Norway accused Iran.", "date": "2024-11-07"})
    run("build", "-", "-o", "graph.nq", input=row)
    assert "NOR accuse IRN" in run("explain", "graph.nq", "NOR", "IRN").stdout


def test_build_needs_a_place_for_the_graph(run: Run) -> None:
    assert "-o FILE, or --store DIR" in run("build", "articles", code=2).stderr


@pytest.mark.parametrize(
    "option, shown",
    [
        pytest.param(["-q"], "", id="quiet"),
        pytest.param(["-v"], "added kabul: 2 statements", id="verbose names documents"),
    ],
)
def test_how_much_is_told(run: Run, option: list[str], shown: str) -> None:
    result = run("build", "articles", "-o", "graph.ttl", *option)
    assert shown in result.stderr if shown else not result.stderr


def test_extract_writes_one_object_per_document(run: Run) -> None:
    result = run("extract", "articles")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in rows][::2] == ["kabul", "cairo"]
    first = rows[0]["statements"][0]
    assert (first["source"], first["relation"], first["target"]) == ("IND", "accuse", "AFG")
    text = Path("articles/2024-11-05-kabul.md").read_text().split("---\n\n")[1]
    assert text[first["start"] : first["end"]] == first["evidence"]
    run("extract", "articles", "-o", "statements.jsonl")
    assert Path("statements.jsonl").read_text() == result.stdout


def test_skipped_documents_give_exit_code_3_and_the_others_are_done(run: Run, fake: Fake) -> None:
    Path("articles/bad.txt").write_text("Norway will BREAK with Iran.")
    Path("articles/empty.md").write_text("")
    result = run("build", "articles", "-o", "graph.ttl", code=3)
    assert "skipped articles/empty.md: is empty\n" in result.stderr
    assert "the extractor failed on it (ValueError: cannot parse BREAK)" in result.stderr
    assert result.stderr.endswith("3 documents, 2 skipped; 6 statements -> graph.ttl\n")
    assert "skipped" in run("extract", "articles", "-q", code=3).stderr


def test_many_skipped_documents_are_counted(run: Run) -> None:
    for number in range(25):
        Path(f"articles/{number}.txt").write_text("")
    few = run("build", "articles", "-o", "graph.ttl", code=3).stderr
    assert (few.count("is empty"), "skipped 5 more; -v names them all" in few) == (20, True)
    assert run("build", "articles", "-o", "graph.ttl", "-v", code=3).stderr.count("is empty") == 25


@pytest.mark.parametrize("command", [["build"], ["extract"]])
def test_ctrl_c_leaves_nothing_half_written(run: Run, fake: Fake, command: list[str]) -> None:
    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    fake.read = stop  # type: ignore[method-assign, assignment]
    Path("out.ttl").write_text("as it was")
    result = run(*command, "articles", "-o", "out.ttl", code=130)
    assert "Stopped." in result.stderr
    assert Path("out.ttl").read_text() == "as it was"
    assert sorted(path.name for path in Path().iterdir()) == ["articles", "out.ttl"]


def test_a_reader_that_has_had_enough_is_no_error(run: Run, graph: str) -> None:
    call = [sys.executable, "-m", "kg", "export", graph, "--format", "nt"]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 0)


@pytest.mark.parametrize("target", ["gone/graph.ttl", "articles", "graph.pdf"])
def test_an_output_that_cannot_be_written_is_told_before_the_work(run: Run, fake: Fake, target: str) -> None:
    result = run("build", "articles", "-o", target, code=2)
    assert result.stderr.startswith(f"Error: {target}: ")
    assert not fake.seen
    assert sorted(path.name for path in Path().iterdir()) == ["articles"]


@pytest.mark.parametrize("form", ["ttl", "nt", "nq", "trig", "jsonld", "csv", "tsv", "graphml", "gexf"])
def test_export_by_suffix_and_by_name_give_the_same(run: Run, graph: str, form: str) -> None:
    run("export", graph, "-o", f"other.{form}")
    data = Path(f"other.{form}").read_bytes()
    assert data
    assert run("export", graph, "--format", form).stdout_bytes == data


# --- Asking ---------------------------------------------------------------------------------------------

SPARQL = "SELECT ?a { ?a rel:accuse ?b } ORDER BY ?a"


@pytest.mark.parametrize(
    "form, first",
    [
        pytest.param("table", "a", id="table"),
        pytest.param("csv", "a", id="csv"),
        pytest.param("json", "[", id="json"),
    ],
)
def test_query_by_text_in_each_form(run: Run, graph: str, form: str, first: str) -> None:
    result = run("query", graph, SPARQL, "--format", form)
    assert result.stdout.splitlines()[0] == first
    assert result.stdout.count("EGY") == 1
    assert result.stderr == ""


def test_query_from_a_file_into_a_file(run: Run, graph: str) -> None:
    Path("mine.rq").write_text(SPARQL)
    run("query", graph, "mine.rq", "-o", "rows.csv")
    assert Path("rows.csv").read_text() == run("query", graph, SPARQL, "--format", "csv").stdout


def test_query_that_makes_triples_gives_turtle(run: Run, graph: str) -> None:
    text = run(
        "query", graph, "CONSTRUCT { ?a rel:accuse ?b } { ?a rel:accuse ?b }", "--format", "ttl"
    ).stdout
    assert "act:EGY" in text


@pytest.mark.parametrize(
    "value, rows",
    [
        ("b=act:ISR", ["EGY", "IRN"]),
        ("?b=act:IRN", ["NOR"]),
        ("b=<https://w3id.org/bilateral-kg/actor/TUR>", []),
    ],
)
def test_a_variable_can_be_fixed(run: Run, graph: str, value: str, rows: list[str]) -> None:
    result = run("query", graph, SPARQL, "--param", value, "--format", "csv")
    assert [line[-3:] for line in result.stdout.splitlines()[1:]] == rows


def test_named_queries_are_listed_and_run_with_actors_by_name(run: Run, graph: str) -> None:
    names = [line.split()[0] for line in run("query", "--list").stdout.splitlines()]
    assert len(names) >= 10
    for name in names:
        run("query", graph, name)
    both = run("query", graph, "disputed", "--param", "actor=Pakistan", "--format", "csv").stdout
    assert "PAK" in both
    none = run("query", graph, "disputed", "--param", "actor=NOR", "--format", "csv").stdout
    assert len(none.splitlines()) == 1


def test_views_are_listed_and_made(run: Run, graph: str) -> None:
    names = [line.split()[0] for line in run("view", "--list").stdout.splitlines()]
    assert {"tension", "engagement", "disputed", "timeline"} <= set(names)
    result = run("view", "tension", graph, "--format", "csv", "--until", "2024-11-30")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert sorted((row["source"], row["target"]) for row in rows) == [
        ("AFG", "IND"),
        ("IRN", "ISR"),
        ("IRN", "NOR"),
    ]
    table = run("view", "tension", graph)
    assert table.stdout.startswith("source  target  tension")
    assert "Left out: 2 not affirmed and actual" in table.stderr


@pytest.mark.parametrize(
    "suffix, start", [("json", b"{"), ("graphml", b"<"), ("html", b"<"), ("svg", b"<"), ("png", b"\x89PNG")]
)
def test_a_view_in_a_file(run: Run, graph: str, suffix: str, start: bytes) -> None:
    run("view", "tension", graph, "-o", f"view.{suffix}")
    assert Path(f"view.{suffix}").read_bytes().startswith(start)


def test_options_of_views(run: Run, graph: str) -> None:
    run("view", "timeline", graph, "--pair", "Iran", "Israel", "--half-life", "30")
    run("view", "ego", graph, "--center", "the Iranian government")
    only = run("view", "tension", graph, "--actors", "Iran,ISR", "--format", "csv").stdout
    assert len(only.splitlines()) == 2
    wrong = run("view", "missions", graph, "--half-life", "30", code=2)
    assert "has no option 'half_life'" in wrong.stderr


def test_explain_shows_sentence_status_date_and_source(run: Run, graph: str) -> None:
    text = run("explain", graph, "Egypt", "Turkey").stdout
    assert "2024-12-01  EGY accuse TUR  [intended]" in text
    assert "“Egypt will meet Turkey next week.”" in text
    assert "Egypt and Turkey, 2024-12-01, cairo" in text
    [row] = json.loads(run("explain", graph, "EGY", "TUR", "--format", "json").stdout)
    assert (row["status"], row["published"], row["document"]) == ("intended", "2024-12-01", "cairo")


def test_explain_without_anything_to_show_is_exit_code_1(run: Run, graph: str) -> None:
    assert "0 statements" in run("explain", graph, "India", "Norway", code=1).stdout


def test_actors_says_who_and_why(run: Run) -> None:
    text = run("actors", "Ashraf Ghani", "--date", "2019-05-01").stdout
    assert text.startswith("Ashraf Ghani: AFG (Afghanistan, state)\n")
    assert re.search(r"valid +2014-09-\d\d to 2021-08-\d\d", text)
    unknown = run("actors", "Ashraf Ghani", "--date", "2023-05-01", code=1)
    assert unknown.stdout == ""
    assert "stands for no international actor on 2023-05-01" in unknown.stderr
    assert "did you mean Afghanistan" in run("actors", "Afganistan", code=1).stderr


def test_actors_of_a_list(run: Run) -> None:
    result = run("actors", "-", input="Kabul\t2024-01-01\n\nNobody Atall\nthe Kremlin\r\n")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["code"] for row in rows] == ["AFG", None, "RUS"]
    assert list(rows[0]) == ["name", "date", "code", "kind", "role", "from", "to", "source", "why"]
    wrong = run("actors", "-", input="Kabul\tsoon\nKabul\n", code=3)
    assert "line 1: 'soon' is not a day" in wrong.stderr
    assert [json.loads(line)["code"] for line in wrong.stdout.splitlines()] == [None, "AFG"]


def test_check_finds_a_plain_triple_that_nothing_supports(run: Run, graph: str) -> None:
    assert run("check", graph).stdout == ""
    with Path(graph).open("a") as file:
        file.write("act:EGY rel:accuse act:TUR .\n")
    result = run("check", graph, code=1)
    assert "TUR" in result.stdout
    assert result.stderr.startswith("graph.ttl: 1 problem")


def test_score_prints_the_figures_and_can_fail(run: Run) -> None:
    run("extract", "articles", "-o", "found.jsonl")
    rows = [json.loads(line) for line in Path("found.jsonl").read_text().splitlines()]
    rows[0]["statements"].pop()
    Path("gold.jsonl").write_text("\n".join(map(json.dumps, rows)))
    text = run("score", "gold.jsonl", "found.jsonl", "--errors", "1").stdout
    assert "strict  precision 0.833  recall 1.000" in text
    assert "wrong  kabul: PAK accuse AFG -" in text
    assert json.loads(run("score", "gold.jsonl", "found.jsonl", "--format", "json").stdout)["texts"] == 3
    failed = run("score", "gold.jsonl", "found.jsonl", "--at-least", "0.95", code=1)
    assert "strict F1 0.909 is below 0.95" in failed.stderr


# --- What is wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args, message",
    [
        pytest.param(["query", "graph.ttl", "SELECT ?a { ?a foo }"], "line 1, column", id="bad SPARQL"),
        pytest.param(["query", "graph.ttl", "CLEAR ALL"], "CLEAR changes data", id="an update"),
        pytest.param(["query", "graph.ttl", "talcs"], "there is no query 'talcs'", id="no such named query"),
        pytest.param(["query", "graph.ttl", "talks", "--param", "x"], "write NAME=VALUE", id="bad parameter"),
        pytest.param(["query", "graph.ttl"], "name a graph and a query", id="no query"),
        pytest.param(["query", "gone.ttl", SPARQL], "gone.ttl: no such graph", id="no graph"),
        pytest.param(["query", "articles", SPARQL], "articles: is no graph store", id="some folder"),
        pytest.param(["query", "articles/2024-11-06-tehran.txt", SPARQL], "is read from", id="some file"),
        pytest.param(["view", "tensions", "graph.ttl"], "there is no view 'tensions'", id="no such view"),
        pytest.param(["view", "tension"], "name a view and a graph", id="view without graph"),
        pytest.param(["view", "tension", "graph.ttl", "--at", "soon"], "'soon' is not a day", id="no day"),
        pytest.param(
            ["view", "tension", "graph.ttl", "-o", "view.pdf"], "no form for this suffix", id="suffix"
        ),
        pytest.param(
            ["view", "ego", "graph.ttl", "--center", "Xyzzy"], "no international actor", id="no actor"
        ),
        pytest.param(["explain", "graph.ttl", "IRN", "Iran"], "are both IRN", id="one actor twice"),
        pytest.param(
            ["export", "graph.ttl", "-o", "graph.doc"], "no form for this suffix", id="export suffix"
        ),
        pytest.param(["build", "gone", "-o", "new.ttl"], "gone: no such file or folder", id="no source"),
        pytest.param(["build", "-o", "new.ttl"], "Missing argument 'SOURCE...'", id="no sources"),
        pytest.param(
            ["build", "articles", "-o", "new.ttl", "--threshold", "2"], "not in the range", id="range"
        ),
        pytest.param(["score", "gone.jsonl", "gone.jsonl"], "gone.jsonl: cannot be read", id="no gold"),
    ],
)
def test_wrong_usage_gives_a_message_and_exit_code_2(
    run: Run, graph: str, args: list[str], message: str
) -> None:
    result = run(*args, code=2)
    assert message in result.stderr
    assert result.stdout == ""
    assert sorted(path.name for path in Path().iterdir()) == ["articles", "graph.ttl"]


@pytest.mark.parametrize("quiet, coloured", [("", True), ("1", False)])
def test_no_color_is_honoured(run: Run, quiet: str, coloured: bool) -> None:
    result = run("build", "gone", "-o", "new.ttl", code=2, color=True, env={"NO_COLOR": quiet})
    assert ("\x1b[" in result.stderr) is coloured


def test_an_unknown_extractor_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    build, extract = import_module("kg.build"), import_module("kg.extract")
    monkeypatch.setattr(build, "load_extractor", extract.load_extractor)
    result = run("build", "articles", "-o", "graph.ttl", "--extractor", "oracle", code=2)
    assert "extractor 'oracle': unknown" in result.stderr
    assert not Path("graph.ttl").exists()

"""README, CHANGELOG and `.ci/run` say what is so: commands run, and print what the README shows.

`python -m tests.test_readme` makes the results and the picture in the README anew.
"""

from __future__ import annotations

import ast
import difflib
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

import kg
from kg.cli import main
from kg.views import VIEWS

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PICTURE = Path("notebooks/pictures/overview.png")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
MEASURED = re.compile(r"\d*\.\d+|\d+(?= statements)")
ALIKE = 0.9
"""Least share of the lines shown that are printed today: another processor may round a probability to the
other side of a threshold."""


class Block(NamedTuple):
    """A fenced block: its language, its content, and where the content lies in the README."""

    language: str
    body: str
    start: int
    end: int


def blocks(text: str) -> list[Block]:
    return [Block(found[1], found[2], *found.span(2)) for found in FENCE.finditer(text)]


def of_language(language: str) -> list[Block]:
    return [block for block in blocks(README.read_text(encoding="utf-8")) if block.language == language]


def commands(block: Block) -> list[str]:
    """The `kg` lines of a block of the shell."""
    lines = (line.removeprefix("$ ") for line in block.body.splitlines())
    return [line for line in lines if line.startswith("kg ")]


def run(line: str) -> tuple[int, str]:
    """Exit code of a `kg` line, and what it prints."""
    result = CliRunner().invoke(main, shlex.split(line)[1:])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def printed(block: Block) -> str:
    """A console block with what its commands print today."""
    return "".join(f"$ {line}\n{run(line)[1]}" for line in commands(block))


def answer(query: str) -> str:
    return kg.open("graph.ttl").sparql(query).format("table")


def turtle() -> str:
    """A denied statement, its evidence, and the plain triples of its source, as they stand in the file."""
    paragraphs = Path("graph.ttl").read_text(encoding="utf-8").split("\n\n")
    parts = {"kg:source act:SAU ;", "kg:relation rel:recognizes ;", "kg:target act:ISR ;"}
    stmt = next(found for found in paragraphs if parts <= {line.strip() for line in found.splitlines()})
    evidence = re.search(r"ev:\w+", stmt)
    assert evidence
    passage = next(found for found in paragraphs if found.startswith(evidence[0]))
    plain = next(found for found in paragraphs if found.startswith("act:SAU rel:"))
    return "\n\n".join(found.strip() for found in (stmt, passage, plain)) + "\n"


def renewed(text: str) -> str:
    """The README with results as they are today; `graph.ttl` has to be in the current folder."""
    found = blocks(text)
    for before, block in reversed(list(zip([None, *found], found, strict=False))):
        if block.language == "console":
            body = printed(block)
        elif block.language == "turtle":
            body = turtle()
        elif block.language == "text" and before and before.language == "sparql":
            body = answer(before.body)
        else:
            continue
        text = text[: block.start] + body + text[block.end :]
    return text


def furnish(folder: Path) -> None:
    """Lay out a folder in which the commands of the README run."""
    (folder / "seeds").symlink_to(ROOT / "seeds", target_is_directory=True)
    (folder / PICTURE).parent.mkdir(parents=True)


def masked(text: str) -> list[str]:
    """The lines of a text without the numbers that training moves, and without widths of columns."""
    return [" ".join(MEASURED.sub("#", line).split()).strip("- ") for line in text.splitlines()]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the sample articles and their graph, made by the README's own command."""
    folder = tmp_path_factory.mktemp("readme")
    furnish(folder)
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert run(commands(of_language("console")[0])[0])[0] == 0
        yield folder
    finally:
        os.chdir(before)


@pytest.mark.model
@pytest.mark.slow
def test_the_results_shown_are_those_of_today(here: Path) -> None:
    text = README.read_text(encoding="utf-8")
    shown, now = masked(text), masked(renewed(text))
    same = sum(
        block.size
        for block in difflib.SequenceMatcher(None, shown, now, autojunk=False).get_matching_blocks()
    )
    results = sum(
        block.body.count("\n") for block in blocks(text) if block.language in {"console", "text", "turtle"}
    )
    other = "\n".join(difflib.unified_diff(shown, now, "README", "today", n=0, lineterm=""))
    assert len(shown) - same <= (1 - ALIKE) * results, f"run `python -m tests.test_readme`\n{other}"


@pytest.mark.model
@pytest.mark.slow
def test_shell_lines_end_with_the_codes_they_should(here: Path) -> None:
    lines = [line for block in of_language("sh") + of_language("console") for line in commands(block)]
    assert len(lines) >= 5
    codes = {line: run(line)[0] for line in lines}
    assert set(codes.values()) == {0}
    assert (here / PICTURE).read_bytes().startswith(b"\x89PNG")


@pytest.mark.model
@pytest.mark.slow
def test_the_python_runs_as_pasted(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = of_language("python")
    assert len(block.body.splitlines()) == 5
    names: dict[str, object] = {}
    exec(compile(ast.parse(block.body), "README.md", "exec"), names)
    assert len(names["accusers"]) > 3  # type: ignore[arg-type]
    assert names["tension"].number_of_edges() > 3  # type: ignore[attr-defined]
    assert "SAU recognizes ISR  [denied]" in capsys.readouterr().out


@pytest.mark.model
@pytest.mark.slow
def test_the_denied_claim_that_is_shown_is_no_plain_triple(here: Path) -> None:
    (block,) = of_language("turtle")
    assert "kg:polarity kg:Negated" in block.body
    graph = kg.open("graph.ttl")
    assert graph.sparql("ASK { act:SAU rel:accuse act:ISR }").rows == [(True,)]
    assert graph.sparql("ASK { act:SAU rel:recognizes act:ISR }").rows == [(False,)]


@pytest.mark.model
@pytest.mark.slow
def test_the_queries_have_answers(here: Path) -> None:
    queries = [block.body for block in of_language("sparql")]
    assert len(queries) == 6
    graph = kg.open("graph.ttl")
    assert [bool(graph.sparql(query).rows) for query in queries] == [True] * 6


def test_every_result_has_its_query() -> None:
    languages = [block.language for block in blocks(README.read_text(encoding="utf-8"))]
    assert all(languages[at - 1] == "sparql" for at, name in enumerate(languages) if name == "text")
    assert all(languages[at + 1] == "text" for at, name in enumerate(languages) if name == "sparql")


def test_the_vocabulary_shown_is_in_the_file() -> None:
    import tomllib

    (block,) = of_language("toml")
    vocabulary = tomllib.loads((ROOT / "ontologies/vocabulary.toml").read_text(encoding="utf-8"))
    patterns = {relation["name"]: set(relation["patterns"]) for relation in vocabulary["relation"]}
    for relation in tomllib.loads(block.body)["relation"]:
        assert set(relation["patterns"]) <= patterns[relation["name"]]


def test_the_table_has_every_command_and_exit_code() -> None:
    text = README.read_text(encoding="utf-8")
    assert re.findall(r"^\| `kg ([\w-]+)", text, re.M) == list(main.commands)
    assert main.help
    codes = re.findall(r"^\s+(\d+) {2,}\S", main.help, re.M)
    assert re.findall(r"^\| (\d+) \|", text, re.M) == codes
    assert len(codes) == 5


def test_numbers_of_the_changelog_are_counted() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"{len(list((ROOT / 'ontologies/queries').glob('*.rq')))} named queries" in text
    assert f"{len(VIEWS)} views" in text
    kinds = [relation.kind for relation in kg.load_ontology().relations.values()]
    assert f"{kinds.count('event')} relations of acts and {kinds.count('state')} of states" in text


def test_programs_that_give_the_numbers_exist() -> None:
    text = README.read_text(encoding="utf-8") + (ROOT / "kg/HOW_IT_WORKS.md").read_text(encoding="utf-8")
    scripts = re.findall(r"python (tests/[\w/.]+)", text)
    modules = set(re.findall(r"python -m (kg[\w.]*)", text))
    assert modules == {"kg.english.train", "kg.extract.train", "kg.geo.reduce"}
    paths = [*scripts, *(f"{name.replace('.', '/')}.py" for name in modules)]
    assert [path for path in paths if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "kg/HOW_IT_WORKS.md"])
def test_links_lead_to_files(name: str) -> None:
    page = ROOT / name
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link.partition("#")[0]).exists()] == []


def test_how_it_works_goes_through_every_module() -> None:
    text = (ROOT / "kg/HOW_IT_WORKS.md").read_text(encoding="utf-8")
    assert [name for name in kg.LAYERS if f"`{name}`" not in text] == []


def test_the_newest_change_is_the_current_version() -> None:
    versions = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert versions[0] == kg.__version__
    assert f'version = "{kg.__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = ROOT / ".ci/run"
    lines = [line.strip() for line in README.read_text(encoding="utf-8").splitlines()]
    (command,) = [line for line in lines if line.startswith("python3 -m venv") and "pytest" in line]
    assert command in [line.strip() for line in script.read_text(encoding="utf-8").splitlines()]
    assert os.access(script, os.X_OK)


def renew() -> None:
    """Write the README with the results of today, and its picture."""
    page = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        furnish(Path(folder))
        os.chdir(folder)
        lines = [
            line for kind in ("console", "sh") for block in of_language(kind) for line in commands(block)
        ]
        for line in lines:
            code, output = run(line)
            if code:
                raise SystemExit(f"{line}\n{output}")
        README.write_text(renewed(page), encoding="utf-8")
        (ROOT / PICTURE).parent.mkdir(exist_ok=True)
        shutil.copyfile(PICTURE, ROOT / PICTURE)
        os.chdir(ROOT)


if __name__ == "__main__":
    renew()

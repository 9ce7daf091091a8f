"""The wheel carries what the package needs at run time, and nothing else; it works far from the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="needs hatchling, as in the extra `test`")

ROOT = Path(__file__).resolve().parents[1]
DATA = ("ontologies", "seeds")
PIPELINE = "kg/english/pipeline"
LARGEST = 50_000_000
"""Bytes of the wheel at most: models of 45 MB, and the tables."""

GOLD = "kg/extract/gold/"
"""Annotated texts to learn from; a checkout has them, an installed package does not need them."""


def files(folder: str) -> set[str]:
    """Paths of the files below a folder of the checkout, without what running leaves behind."""
    paths = (path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.as_posix() for path in paths if "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def held(wheel: Path) -> set[str]:
    """The names in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_the_package_and_its_data_and_no_more(held: set[str]) -> None:
    package = {name for name in files("kg") if not name.startswith(GOLD)}
    wanted = package | {f"kg/_data/{name}" for folder in DATA for name in files(folder)}
    assert {name for name in held if ".dist-info/" not in name} == wanted


def test_nothing_in_it_is_stray(held: set[str]) -> None:
    own = {name for name in held if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in own} == {"kg"}
    assert [name for name in own if re.search(r"(^|/)(\.|_?tests?/|test_|__pycache__|conftest)", name)] == []
    pages = ("kg/serve/static/", "kg/serve/templates/")
    models = (f"{PIPELINE}/", "kg/extract/minilm/")
    code = {name for name in own if not name.startswith(("kg/_data/", *models, *pages))}
    kinds = {Path(name).suffix or Path(name).name for name in code}
    assert kinds <= {".py", ".md", ".cfg", ".npz", ".typed", "NOTICE"}
    data = {Path(name).suffix for name in own if name.startswith("kg/_data/")}
    assert data <= {".ttl", ".toml", ".tsv", ".rq", ".md", ".json"}


@pytest.mark.parametrize(
    "name",
    [
        *("kg/py.typed", "kg/NOTICE", "kg/extract/scorer.npz", "kg/extract/minilm/encoder.onnx"),
        *(f"{PIPELINE}/{part}" for part in ("config.cfg", "meta.json", "tok2vec/model", "parser/model")),
        *(f"kg/_data/ontologies/{part}" for part in ("relations.ttl", "vocabulary.toml", "confidence.tsv")),
        *("kg/_data/ontologies/queries/talks.rq", "kg/_data/seeds/states.tsv", "kg/_data/seeds/leaders.tsv"),
    ],
)
def test_it_holds(held: set[str], name: str) -> None:
    assert name in held


def test_the_sample_articles_come_with_it(held: set[str]) -> None:
    assert len([name for name in held if name.startswith("kg/_data/seeds/articles/")]) == 24


def test_it_states_its_licences(wheel: Path, held: set[str]) -> None:
    licences = {name.partition("/licenses/")[2] for name in held if "/licenses/" in name}
    assert licences == {"LICENSE", "kg/NOTICE", "kg/serve/static/codemirror.LICENSE"}
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [name for name in held if name.endswith(".dist-info/METADATA")]
        text = archive.read(metadata).decode()
        notice = archive.read("kg/NOTICE").decode()
    assert "License-Expression: Apache-2.0 AND CC-BY-SA-4.0" in text
    assert PIPELINE in notice


def test_it_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < LARGEST


@pytest.mark.model
@pytest.mark.slow
def test_it_builds_a_graph_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site, away = tmp_path / "site", tmp_path / "away"
    away.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (away / "news.txt").write_text(
        "Norway recalled its ambassador from Iran on 5 March 2024.\n", encoding="utf-8"
    )

    def run(*words: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, *words]
        done = subprocess.run(
            command,
            cwd=away,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("-m", "kg", "build", "news.txt", "-o", "graph.ttl")
    found = run("-m", "kg", "query", "graph.ttl", "ASK { act:NOR ?relation act:IRN }", "--format", "csv")
    assert found.lower().split() == ["answer", "true"]
    where = "import kg, kg.resources; print(kg.__file__, kg.resources.resource('seeds'), sep='\\n')"
    assert run("-c", where).splitlines() == [str(site / "kg/__init__.py"), str(site / "kg/_data/seeds")]


def test_the_source_archive_can_be_built_and_tested(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    (built,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(built) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "kg/NOTICE", ".ci/run"} <= names
    assert {"tests/conftest.py", "seeds/states.tsv", "notebooks/01-quickstart.ipynb"} <= names
    top = {"kg", "ontologies", "seeds", "tests", "notebooks", ".ci", ".gitignore", "PKG-INFO"}
    assert {name.split("/")[0] for name in names} <= top | {
        "pyproject.toml",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
    }

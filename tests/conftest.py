"""What test modules share: the embedded pipeline, the development texts, a corpus of three articles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.model import Document, Evidence, Span, Statement

if TYPE_CHECKING:
    from spacy.language import Language

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
NO_SHARED = "the development texts are not beside this checkout (../shared)"

ARTICLES = {
    "2024-11-05-kabul.md": (
        "---\nid: kabul\ntitle: India meets Taliban\ndate: 2024-11-05\n---\n\n"
        "India held talks with Afghanistan in Kabul on Monday.\n\n"
        "Pakistan has not recognised the Taliban government of Afghanistan.\n"
    ),
    "2024-11-06-tehran.txt": (
        "Iran denied that it had attacked Israel. Norway recalled its ambassador from Iran.\n"
    ),
    "later/2024-12-01-cairo.md": (
        "---\nid: cairo\ntitle: Egypt and Turkey\ndate: 2024-12-01\n---\n\n"
        "Egypt will meet Turkey next week. Egypt condemned Israel on Friday.\n"
    ),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is marked `shared` where the development texts are absent."""
    if not SHARED.is_dir():
        for item in items:
            if item.get_closest_marker("shared"):
                item.add_marker(pytest.mark.skip(reason=NO_SHARED))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of development texts and gold; the test is skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip(NO_SHARED)
    return SHARED


@pytest.fixture(scope="session")
def nlp() -> Language:
    """The embedded English pipeline, loaded once; use it in tests marked `model`."""
    from kg.parse import load_pipeline

    return load_pipeline()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder with three short articles, one of them in a folder below and one without front matter."""
    folder = tmp_path / "corpus"
    for name, text in ARTICLES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


NAMES = {
    **{"Afghanistan": "AFG", "Egypt": "EGY", "India": "IND", "Iran": "IRN", "Israel": "ISR"},
    **{"Norway": "NOR", "Pakistan": "PAK", "Turkey": "TUR"},
}


class Fake:
    """An extractor without a model: the first two countries of a sentence, who accuse each other.

    "not" denies, "will" makes it a plan, "BREAK" breaks the extractor. `seen` are the ids it was given.
    """

    name = "fake 1"

    def __init__(self) -> None:
        self.seen: list[str] = []

    def extract(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[Statement]]]:
        """Documents with their statements."""
        for doc in documents:
            self.seen.append(doc.id)
            if "BREAK" in doc.text:
                raise ValueError("cannot parse BREAK")
            yield (
                doc,
                [stmt for found in re.finditer(r"[^.\n]+\.", doc.text) for stmt in self.read(doc, found)],
            )

    def read(self, doc: Document, found: re.Match[str]) -> Iterator[Statement]:
        """The statement of one sentence, if it names two countries."""
        sentence = found[0]
        codes = [NAMES[word] for word in re.findall(r"[A-Z][a-z]+", sentence) if word in NAMES]
        if len(codes) > 1:
            span = Span(*found.span())
            yield Statement(
                codes[0],
                "accuse",
                codes[1],
                polarity="-" if " not " in sentence else "+",
                status="intended" if " will " in sentence else "actual",
                evidence=(Evidence(doc.id, span, sentence, sentence, self.name, "two names"),),
            )


@pytest.fixture
def fake() -> Fake:
    """An extractor without a model."""
    return Fake()


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch, fake: Fake) -> Fake:
    """Let the whole path run with the fake extractor instead of the real one."""
    # `kg.build` is the function; the module of that name has to be taken from where modules are.
    monkeypatch.setattr(import_module("kg.build"), "load_extractor", lambda name, **options: fake)
    return fake

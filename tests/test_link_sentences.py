"""What the words of a sentence stand for: the table `data/link_sentences.tsv`, apart from the parser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc

from kg.actors import load_actors
from kg.link import link
from kg.model import Document, ParsedDocument

VOCAB = spacy.blank("en").vocab
TABLE = Path(__file__).parent / "data" / "link_sentences.tsv"


def cases() -> Iterator[object]:
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for row in rows[1:]:
        name, day, parse, mentions = row.split("\t")
        yield pytest.param(date.fromisoformat(day), parse, mentions.split("; ") if mentions else [], id=name)


def by_hand(parse: str, published: date) -> ParsedDocument:
    """The document of a parse in the notation of the table's head."""
    rows = [row.rsplit("/", 3) for row in parse.split()]
    forms = [row[0].removeprefix("^").partition("=") for row in rows]
    glued = [row[0].startswith("^") for row in rows]
    doc = Doc(
        VOCAB,
        words=[form for form, _, _ in forms],
        lemmas=[lemma or form.lower() for form, _, lemma in forms],
        spaces=[not following for following in [*glued[1:], True]],
        pos=[row[1].partition(":")[0] for row in rows],
        morphs=["Number=Plur" if row[1].endswith(":Plur") else "" for row in rows],
        deps=[row[2] for row in rows],
        heads=[index + int(row[3]) for index, row in enumerate(rows)],
    )
    return ParsedDocument(Document("d", doc.text, published=published), doc)


@pytest.mark.parametrize("published, parse, expected", list(cases()))
def test_mentions_of_a_sentence(published: date, parse: str, expected: list[str]) -> None:
    found = link(by_hand(parse, published), load_actors())
    assert [f"{m.actor} {m.role} {m.text}" for m in found] == expected


def test_a_day_decides_in_the_same_words() -> None:
    """The table holds sentences that mean another actor on another day."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for case in cases():
        _, parse, expected = case.values  # type: ignore[attr-defined]
        found.setdefault(parse, set()).add(tuple(expected))
    assert sum(len(readings) > 1 for readings in found.values()) >= 5


@pytest.mark.parametrize("chained", [False, True], ids=["all on the first", "each on the one before"])
def test_a_long_list_takes_linear_time(chained: bool) -> None:
    """Eight times the names take about eight times as long, not 64 times, however the list is parsed."""

    def seconds(count: int) -> float:
        names = ["Chad", "Mali", "Peru", "Iran"] * (count // 4)
        rows = ["Kenya/PROPN/nsubj/1", "met=meet/VERB/ROOT/0", "Togo/PROPN/obj/-1"]
        for number, name in enumerate(names):
            comma, back = f"^,/PUNCT/punct/1 {name}/PROPN/conj/", 2 if chained else 2 * number + 2
            rows.append(f"{comma}{-back}")
        parsed = by_hand(" ".join(rows), date(2020, 1, 1))
        least = float("inf")
        for _ in range(3):
            start = time.process_time()
            assert len(link(parsed, load_actors())) == count + 2
            least = min(least, time.process_time() - start)
        return least

    seconds(40)
    assert seconds(3200) < 24 * seconds(400)

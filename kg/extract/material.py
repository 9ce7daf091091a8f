"""Annotated texts as learners need them: pairs of actors in a sentence, with what the gold says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.actors import load_actors
from kg.errors import InputError
from kg.extract.clauses import Scene
from kg.extract.features import Place, Unit, units
from kg.extract.rules import RuleReader
from kg.extract.scorer import undirected
from kg.link import link
from kg.model import Document, Polarity, Span, Status
from kg.parse import load_pipeline, parse
from kg.read import read

OPTIONAL_WEIGHT = 0.5
"""What an optional statement counts beside a required one."""

FOLDS = 5

Key = tuple[int, str, str, str]
"""Text, source, relation, target."""


@dataclass(frozen=True, slots=True)
class Label:
    """A relation that holds for a pair; `predicate` is where its sentence says so, where the gold tells."""

    weight: float
    status: Status
    polarity: Polarity
    predicate: Span | None


@dataclass(frozen=True, slots=True)
class Example:
    """One unit of a training text; `sentence` numbers the sentences of all texts, `places` lie in it."""

    text: int
    sentence: int
    source: str
    target: str
    places: tuple[Place, ...]
    features: tuple[str, ...]
    rules: tuple[tuple[str, str, str], ...]
    holds: dict[str, Label]

    @property
    def fold(self) -> int:
        """The part of the texts it belongs to in cross-validation: a text's number decides."""
        return self.text % FOLDS


def read_texts(folder: Path, name: str) -> Iterator[tuple[Document, list[dict[str, Any]]]]:
    """Texts of one set with their gold statements; raises `InputError` for a missing or bad file."""
    try:
        with (folder / f"{name}.gold.jsonl").open(encoding="utf-8") as file:
            gold = {row["id"]: row["statements"] for row in map(json.loads, file)}
    except (OSError, ValueError, KeyError) as exc:
        raise InputError(f"{folder}: needs {name}.gold.jsonl, one JSON object a line ({exc!r})") from exc
    for document in read(folder / f"{name}.texts.jsonl"):
        if isinstance(document, Document):
            if document.id not in gold:
                raise InputError(f"{folder}/{name}.gold.jsonl: has no row with the id {document.id!r}")
            yield document, gold[document.id]


class Material:
    """Everything that the learners need, read off the texts once."""

    def __init__(
        self, pairs: Sequence[tuple[Document, list[dict[str, Any]]]], *, model: str | None = None
    ) -> None:
        self.undirected = undirected()
        self.examples: list[Example] = []
        self.sentences: list[str] = []
        self.rules: list[tuple[int, str, str, bool]] = []
        self.gold = [gold for _, gold in pairs]
        reader, actors = RuleReader(floor=0.0), load_actors()
        parsed_texts = parse((document for document, _ in pairs), load_pipeline(model))
        for number, (parsed, (document, gold)) in enumerate(zip(parsed_texts, pairs, strict=True)):
            scene = Scene(parsed.doc, link(parsed, actors))
            wanted = {self.key(row): not row["optional"] for row in gold}
            spans = [(document.text.find(row["evidence"]), row) for row in gold]
            for sent in scene.sentences():
                matches = list(reader.candidates(scene, sent))
                for candidate in matches:
                    stmt = reader.statement(candidate, scene, parsed, ())
                    if stmt is not None and wanted.get(found := self.key(stmt.as_json()), True):
                        self.rules.append((number, candidate.pattern.name, candidate.how, found in wanted))
                here = [
                    (start - sent.start_char, row)
                    for start, row in spans
                    if start < sent.end_char and start + len(row["evidence"]) > sent.start_char
                ]
                found_units = list(units(scene, sent, matches, reader.vocabulary))
                self.examples += [
                    self.example(number, unit, here, sent.start_char, document.text) for unit in found_units
                ]
                self.sentences.append(sent.text)

    def key(self, row: dict[str, Any]) -> tuple[str, str, str, str]:
        """What the strict score compares."""
        source, target = row["source"], row["target"]
        if row["relation"] in self.undirected:
            source, target = sorted((source, target))
        return source, row["relation"], target, row["polarity"]

    def example(
        self, number: int, unit: Unit, gold: Iterable[tuple[int, dict[str, Any]]], start: int, text: str
    ) -> Example:
        """Label a unit with the gold statements whose evidence lies in its sentence."""
        holds: dict[str, Label] = {}
        for evidence, row in gold:
            pair = (row["source"], row["target"])
            if pair == (unit.source, unit.target) or (
                row["relation"] in self.undirected and pair == (unit.target, unit.source)
            ):
                weight = OPTIONAL_WEIGHT if row["optional"] else 1.0
                if row["relation"] not in holds or weight > holds[row["relation"]].weight:
                    at = row["evidence"].find(row.get("predicate") or "\0")
                    spot = Span(evidence + at, evidence + at + len(row["predicate"])) if at >= 0 else None
                    holds[row["relation"]] = Label(weight, row["status"], row["polarity"], spot)
        rules = {(c.pattern.relation, c.pattern.name, c.how) for c in unit.rules}
        return Example(
            number,
            len(self.sentences),
            unit.source,
            unit.target,
            tuple(unit.places(start)),
            tuple(sorted(unit.features)),
            tuple(sorted(rules)),
            holds,
        )


def wanted_keys(material: Material) -> tuple[set[Key], set[Key]]:
    """What the gold requires, and what it allows."""
    required, allowed = set[Key](), set[Key]()
    for number, gold in enumerate(material.gold):
        for row in gold:
            source, relation, target, _ = material.key(row)
            allowed.add((number, source, relation, target))
            if not row["optional"]:
                required.add((number, source, relation, target))
    return required, allowed

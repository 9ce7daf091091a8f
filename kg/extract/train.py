"""Learn from annotated texts: how often each rule is right, and the weights of the scorer.

    python -m kg.extract.train FOLDER train passages demo

FOLDER holds `NAME.texts.jsonl` and `NAME.gold.jsonl` for each name. Texts are parsed and linked once; five
folds of whole texts give cross-validated scores and the scorer's threshold; then both files are written from
all texts. Needs the extra `[train]` (scikit-learn); a few minutes on one core, same files in, same bytes out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import click
import numpy as np

from kg.actors import load_actors
from kg.errors import InputError
from kg.extract.clauses import Scene
from kg.extract.confidence import FILE, FLOOR, Confidence, count
from kg.extract.features import Unit, units
from kg.extract.rules import RuleReader
from kg.extract.scorer import WEIGHTS, Scorer, undirected
from kg.link import link
from kg.model import Document
from kg.ontology import load_ontology
from kg.parse import load_pipeline, parse
from kg.read import read
from kg.resources import resource

FOLDS = 5
MIN_COUNT = 3
"""Features seen in fewer units are left out."""

OPTIONAL_WEIGHT = 0.5
STRENGTH = 0.2
"""Inverse regularisation (C) of the logistic regression; chosen by cross-validation."""

LEVELS = [step / 50 for step in range(3, 25)]
SLACK = 0.006
"""Of thresholds whose F1 differs by less, the most precise is better: readers must be able to believe."""

Levels = tuple[float, float]
Chance = tuple[float, float, float]
Key = tuple[int, str, str, str]

HEADER = """\
# How often each rule was right on the annotated training texts; written by `python -m kg.extract.train`.
# Source: own measurement. Licence: Apache-2.0. Columns: rule, way, made, right.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """One unit of a training text; `holds` gives relations their weight, 1 required, 0.5 optional."""

    text: int
    source: str
    target: str
    features: tuple[str, ...]
    rules: tuple[tuple[str, str, str], ...]
    holds: dict[str, float]


def read_texts(folder: Path, name: str) -> Iterator[tuple[Document, list[dict[str, Any]]]]:
    """Texts of one set with their gold statements; raises `InputError` for a missing or bad file."""
    try:
        gold = {
            row["id"]: row["statements"] for row in map(json.loads, (folder / f"{name}.gold.jsonl").open())
        }
    except (OSError, ValueError, KeyError) as exc:
        raise InputError(f"{folder}: needs {name}.gold.jsonl, one JSON object a line ({exc!r})") from exc
    for document in read(folder / f"{name}.texts.jsonl"):
        if isinstance(document, Document):
            yield document, gold[document.id]


class Material:
    """Everything that the learners need, read off the texts once."""

    def __init__(
        self, pairs: Sequence[tuple[Document, list[dict[str, Any]]]], *, model: str | None = None
    ) -> None:
        self.undirected = undirected()
        self.examples: list[Example] = []
        self.rules: list[tuple[int, str, str, bool]] = []
        self.gold = [gold for _, gold in pairs]
        reader, actors = RuleReader(floor=0.0), load_actors()
        parsed_texts = parse((document for document, _ in pairs), load_pipeline(model))
        for number, (parsed, (document, gold)) in enumerate(zip(parsed_texts, pairs, strict=True)):
            scene = Scene(parsed.doc, link(parsed, actors))
            wanted = {self.key(row): not row["optional"] for row in gold}
            spans = [(document.text.find(row["evidence"]), len(row["evidence"]), row) for row in gold]
            for sent in scene.sentences():
                matches = list(reader.candidates(scene, sent))
                for candidate in matches:
                    stmt = reader.statement(candidate, scene, parsed, ())
                    if stmt is not None and wanted.get(found := self.key(stmt.as_json()), True):
                        self.rules.append((number, candidate.pattern.name, candidate.how, found in wanted))
                here = [
                    row
                    for start, length, row in spans
                    if start < sent.end_char and start + length > sent.start_char
                ]
                for unit in units(scene, sent, matches, reader.vocabulary):
                    self.examples.append(self.example(number, unit, here))

    def key(self, row: dict[str, Any]) -> tuple[str, str, str, str]:
        """What the strict score compares."""
        source, target = row["source"], row["target"]
        if row["relation"] in self.undirected:
            source, target = sorted((source, target))
        return source, row["relation"], target, row["polarity"]

    def example(self, number: int, unit: Unit, gold: Iterable[dict[str, Any]]) -> Example:
        """Label a unit with the gold statements whose evidence lies in its sentence."""
        holds: dict[str, float] = {}
        for row in gold:
            pair = (row["source"], row["target"])
            if pair == (unit.source, unit.target) or (
                row["relation"] in self.undirected and pair == (unit.target, unit.source)
            ):
                weight = OPTIONAL_WEIGHT if row["optional"] else 1.0
                holds[row["relation"]] = max(weight, holds.get(row["relation"], 0.0))
        rules = {(c.pattern.relation, c.pattern.name, c.how) for c in unit.rules}
        return Example(
            number, unit.source, unit.target, tuple(sorted(unit.features)), tuple(sorted(rules)), holds
        )


def fit(examples: Sequence[Example], relations: Sequence[str]) -> Scorer:
    """One logistic regression a relation over binary features; features must occur `MIN_COUNT` times."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    seen = Counter(name for example in examples for name in example.features)
    index = {
        name: row for row, name in enumerate(sorted(n for n, times in seen.items() if times >= MIN_COUNT))
    }
    columns = [[index[name] for name in example.features if name in index] for example in examples]
    pointers = np.cumsum([0, *map(len, columns)])
    matrix = csr_matrix(
        (
            np.ones(pointers[-1], dtype=np.float32),
            np.concatenate([np.array(c, dtype=int) for c in columns]),
            pointers,
        ),
        shape=(len(examples), len(index)),
    )
    weights, bias = (
        np.zeros((len(index), len(relations)), dtype=np.float32),
        np.full(len(relations), -12, dtype=np.float32),
    )
    for column, relation in enumerate(relations):
        mass = np.array([example.holds.get(relation, 0.0) for example in examples])
        if mass.max(initial=0) == 0:
            continue
        learner = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0, max_iter=200)
        learner.fit(matrix, mass > 0, sample_weight=np.where(mass > 0, mass, 1.0))
        weights[:, column], bias[column] = learner.coef_[0], learner.intercept_[0]
    return prune(Scorer(tuple(relations), index, weights, bias))


def prune(scorer: Scorer, least: float = 0.03) -> Scorer:
    """Drop negligible weights, and features that have no other."""
    weights = np.where(np.abs(scorer.weights) < least, 0.0, scorer.weights).astype(np.float16)
    kept = np.flatnonzero(np.abs(weights).max(axis=1) > 0)
    names = sorted(scorer.index, key=scorer.index.__getitem__)
    index = {names[row]: i for i, row in enumerate(kept)}
    return replace(scorer, index=index, weights=weights[kept].astype(np.float32))


def chances(
    scorer: Scorer, trust: Confidence, examples: Sequence[Example], undirected: frozenset[str]
) -> dict[Key, Chance]:
    """Best chance of each (text, source, relation, target): with a rule, without, and as reported.

    A rule that reports on its own counts 1 in the first.
    """
    best: dict[Key, Chance] = {}
    for example in examples:
        rules: dict[str, float] = {}
        for relation, name, how in example.rules:
            rules[relation] = max(rules.get(relation, 0.0), trust.of_rule(relation, name, how))
        for relation, logit in zip(scorer.relations, scorer.logits(example.features), strict=True):
            pair = (example.source, example.target)
            source, target = sorted(pair) if relation in undirected else pair
            key = (example.text, source, relation, target)
            rule = rules.get(relation)
            chance = scorer.chance(float(logit), rule)
            backed, alone, told = best.get(key, (0.0, 0.0, 0.0))
            if rule is None:
                best[key] = (backed, max(alone, chance), max(told, chance))
            else:
                backed = 1.0 if rule >= FLOOR else max(backed, chance)
                best[key] = (backed, alone, max(told, chance, rule))
    return best


def best_thresholds(scored: dict[Key, Chance], material: Material) -> tuple[Levels, dict[str, float]]:
    """Thresholds for pairs with and without a rule: the most precise within `SLACK` of the best F1 of all.

    F1 on (source, relation, target); with the thresholds come precision, recall and F1 there.
    """
    required, allowed = wanted_keys(material)
    results = []
    for backed, alone in product(LEVELS, LEVELS):
        found = {key for key, value in scored.items() if value[0] >= backed or value[1] >= alone}
        right, wrong = len(found & required), len(found - allowed)
        precision, recall = right / max(1, right + wrong), right / max(1, len(required))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        results.append((f1, precision, recall, (backed, alone)))
    least = max(results)[0] - SLACK
    precision, f1, recall, levels = max((p, f, q, levels) for f, p, q, levels in results if f >= least)
    return levels, {"precision": precision, "recall": recall, "f1": f1}


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


def calibrate(scored: dict[Key, Chance], material: Material, levels: Levels) -> tuple[float, float]:
    """Slope and offset that turn the chances of what would be reported into shares that are right."""
    from sklearn.linear_model import LogisticRegression

    required, allowed = wanted_keys(material)
    told = [
        (chance, key in required)
        for key, (backed, alone, chance) in sorted(scored.items())
        if (backed >= levels[0] or alone >= levels[1]) and (key in required or key not in allowed)
    ]
    chance = np.clip([[value] for value, _ in told], 0.001, 0.999)
    fitted = LogisticRegression(C=1e6).fit(np.log(chance / (1 - chance)), [right for _, right in told])
    return float(fitted.coef_[0][0]), float(fitted.intercept_[0])


def cross_validate(
    material: Material, relations: Sequence[str]
) -> tuple[Levels, tuple[float, float], dict[str, float]]:
    """Score every text by weights and counts learnt on the other folds; a text's number decides its fold."""
    scored: dict[Key, Chance] = {}
    for fold in range(FOLDS):
        learn = [example for example in material.examples if example.text % FOLDS != fold]
        test = [example for example in material.examples if example.text % FOLDS == fold]
        trust = Confidence.from_counts(count(rule for text, *rule in material.rules if text % FOLDS != fold))
        scored |= chances(fit(learn, relations), trust, test, material.undirected)
    levels, scores = best_thresholds(scored, material)
    return levels, calibrate(scored, material, levels), scores


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("names", nargs=-1, required=True)
@click.option("--model", help="Installed spaCy pipeline with UD labels; default: the embedded one.")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Write both files there instead."
)
def main(folder: Path, names: tuple[str, ...], model: str | None, output: Path | None) -> None:
    """Learn from the sets NAMES in FOLDER and write rule counts and scorer weights."""
    material = Material([pair for name in names for pair in read_texts(folder, name)], model=model)
    relations = sorted(load_ontology().relations)
    rows = count(rule for _, *rule in material.rules)
    lines = (f"{name}\t{how}\t{made}\t{right}\n" for (name, how), (made, right) in rows.items())
    counts = output / FILE if output else resource("ontologies", FILE)
    counts.write_text(HEADER + "".join(lines), encoding="utf-8")
    print(
        f"{len(material.gold)} texts, {len(material.examples)} pairs, {len(rows)} rules counted in {counts}"
    )
    levels, (slope, offset), scores = cross_validate(material, relations)
    figures = ", ".join(f"{name} {value:.3f}" for name, value in scores.items())
    print(f"cross-validated: {figures}; thresholds {levels[0]} with a rule, {levels[1]} without")
    final = fit(material.examples, relations)
    weights = output / WEIGHTS.name if output else WEIGHTS
    replace(final, backed=levels[0], alone=levels[1], slope=slope, offset=offset).save(weights)
    print(f"{len(final.index)} features in {weights} ({weights.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()

"""How often each rule was right on annotated text: the confidence of what it says.

`ontologies/confidence.tsv` counts, for each pattern and each way of finding its parties, the candidates that
it made on the training texts and those that the gold has. Rare rules lean on their relation, rare relations
on the whole. `python -m kg.extract.train` writes the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kg.errors import OntologyError
from kg.extract.vocabulary import Pattern
from kg.resources import resource

FILE = "confidence.tsv"
FLOOR = 0.3
"""Rules of a lower confidence report nothing on their own: F1 on the training texts peaks here."""

WEIGHT = 4.0
"""Pseudo-observations with which a rule leans on its relation, and a relation on the whole."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """Counts (made, right) by pattern name and way."""

    counts: Mapping[tuple[str, str], tuple[int, int]]
    relations: Mapping[tuple[str, str], tuple[int, int]]
    overall: Mapping[str, float]

    @classmethod
    def from_counts(cls, counts: Mapping[tuple[str, str], tuple[int, int]]) -> Confidence:
        """Sum the counts up by relation and by way."""
        relations: dict[tuple[str, str], tuple[int, int]] = {}
        ways: dict[str, tuple[int, int]] = {}
        for (name, how), (made, right) in counts.items():
            key = (name.partition(":")[0], how)
            before = relations.get(key, (0, 0))
            relations[key] = (before[0] + made, before[1] + right)
            before = ways.get(how, (0, 0))
            ways[how] = (before[0] + made, before[1] + right)
        return cls(counts, relations, {how: right / made for how, (made, right) in ways.items() if made})

    def of(self, pattern: Pattern, how: str) -> float:
        """Expected share of right statements, 0 to 1: (right + w * back-off) / (made + w), w = `WEIGHT`.

        The back-off of a rule is the same estimate for its relation, that of a relation the share over all
        rules; 0.5 where nothing was counted at all.
        """
        return self.of_rule(pattern.relation, pattern.name, how)

    def of_rule(self, relation: str, name: str, how: str) -> float:
        """The same, for the name of a pattern."""
        made, right = self.relations.get((relation, how), (0, 0))
        prior = (right + WEIGHT * self.overall.get(how, 0.5)) / (made + WEIGHT)
        made, right = self.counts.get((name, how), (0, 0))
        return (right + WEIGHT * prior) / (made + WEIGHT)


def count(outcomes: Iterable[Sequence[Any]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Count (pattern name, way, right?) outcomes."""
    made, right = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for name, how, hit in outcomes:
        made[name, how] += 1
        right[name, how] += hit
    return {key: (made[key], right[key]) for key in sorted(made)}


def read_confidence(path: Path) -> Confidence:
    """Read a counts file; raises `OntologyError` naming the line that is malformed."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        try:
            name, how, made, right = line.split("\t")
            counts[name, how] = (int(made), int(right))
        except ValueError as exc:
            raise OntologyError(
                f"{path}:{number}: needs rule, way, made, right separated by tabs ({exc})"
            ) from exc
    return Confidence.from_counts(counts)


@cache
def load_confidence() -> Confidence:
    """The shipped counts."""
    return read_confidence(resource("ontologies", FILE))

"""A learned second opinion: sparse logistic regression over pairs of actors in a sentence.

For every ordered pair of actors in a sentence it gives each relation a probability, from the features of
`features` (the rules that fired are among them). `python -m kg.extract.train` fits it; the weights are a
file of plain arrays and feature names, so every score can be taken apart again (`reasons`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kg.errors import ExtractorError
from kg.extract.weighing import Weighing
from kg.ontology import load_ontology

WEIGHTS = Path(__file__).parent / "scorer.npz"


@dataclass(frozen=True, slots=True)
class Scorer:
    """One weight a feature and relation (rows of `weights`), one bias a relation, and how both count."""

    relations: tuple[str, ...]
    index: dict[str, int]
    weights: np.ndarray[Any, np.dtype[np.float32]]
    bias: np.ndarray[Any, np.dtype[np.float32]]
    weighing: Weighing = field(default_factory=Weighing)

    def logits(self, features: Iterable[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """One log-odds per relation; unknown features count nothing."""
        rows = sorted(self.index[name] for name in features if name in self.index)
        return self.bias + self.weights[rows].sum(axis=0) if rows else self.bias.copy()

    def reasons(self, features: Iterable[str], relation: str, limit: int = 3) -> list[tuple[str, float]]:
        """The features that speak most for a relation, with their weights in log-odds."""
        column = self.relations.index(relation)
        known = [
            (name, float(self.weights[self.index[name], column])) for name in features if name in self.index
        ]
        return sorted(known, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def save(self, path: Path) -> None:
        """Write the weights; the same weights give the same bytes."""
        names = "\n".join(sorted(self.index, key=self.index.__getitem__))
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                relations=np.array(self.relations),
                names=np.frombuffer(names.encode(), dtype=np.uint8),
                weights=self.weights.astype(np.float16),
                bias=self.bias,
                weighing=np.array(astuple(self.weighing)),
            )


def read_scorer(path: Path) -> Scorer:
    """Read weights; raises `ExtractorError` when the file is missing or not one of ours."""
    try:
        with np.load(path) as data:
            names = data["names"].tobytes().decode().split("\n")
            return Scorer(
                tuple(str(name) for name in data["relations"]),
                {name: row for row, name in enumerate(names)},
                data["weights"].astype(np.float32),
                data["bias"].astype(np.float32),
                Weighing(*map(float, data["weighing"])),
            )
    except (OSError, KeyError, ValueError, TypeError) as exc:
        raise ExtractorError(
            f"{path}: cannot read the scorer's weights ({exc}); reinstall bilateral-kg"
        ) from exc


def undirected() -> frozenset[str]:
    """Relations of which one pair has one statement, whichever way round: symmetric ones, and `agree`."""
    relations = load_ontology().relations.items()
    return frozenset(name for name, relation in relations if relation.symmetric or relation.direction_free)


@cache
def load_scorer() -> Scorer:
    """The shipped weights."""
    return read_scorer(WEIGHTS)

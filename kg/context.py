"""What a word may refer back to: the mentions before it, by distance, syntax and weight in the text."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from kg.model import Mention
from kg.names import relation_of
from kg.phrases import Phrases, Role

if TYPE_CHECKING:
    from spacy.tokens import Token

NAMED = frozenset(
    {
        Role.NAME, Role.DEMONYM, Role.CAPITAL, Role.ORGANISATION, Role.GROUP, Role.LEADER, Role.PERSON,
        Role.OFFICIAL, Role.GOVERNMENT, Role.FORCE, Role.POSSESSOR, Role.MODIFIER, Role.NATIONAL,
        Role.MISSION,
    }
)  # fmt: skip
FADE = 0.9
"""What a mention weighs less with every sentence further back."""


class Context:
    """The mentions of one document, found and added, and how near and how heavy they are at a word."""

    def __init__(self, phrases: Phrases, mentions: list[Mention]) -> None:
        self.phrases = phrases
        self.doc = phrases.doc
        self.actors = phrases.actors
        self.mentions: list[Mention] = []
        self.covered = {index for m in mentions for index in range(m.first, m.last + 1)}
        self.sents = {
            index: number
            for number, sent in enumerate(self.doc.sents)
            for index in range(sent.start, sent.end)
        }
        self.by_head: dict[int, list[Mention]] = {}
        self.over: dict[int, list[Mention]] = {}
        self._in_sentence: dict[int, list[Mention]] = {}
        self._kept: dict[tuple[str, str], list[tuple[int, int, Mention]]] = {}
        self.people: dict[str, Mention] = {}
        ordered = sorted(mentions, key=lambda m: (m.head, m.actor))
        for mention in ordered:
            self._index(mention)
        dated = (m for m in ordered if m.role == Role.PLACE and self.doc[m.head].dep_ == "dep")
        first = next(dated, None)
        self.dateline = first.actor if first else None

    def add(self, mention: Mention) -> None:
        """Takes in a mention found by reference; its words are not read again."""
        self.covered.update(range(mention.first, mention.last + 1))
        self._index(mention)

    def _index(self, mention: Mention) -> None:
        """Keeps a mention under all that it is asked by, so that long documents take linear time."""
        order = -len(self.mentions)
        self.mentions.append(mention)
        self.by_head.setdefault(mention.head, []).append(mention)
        for index in range(mention.first, mention.last + 1):
            self.over.setdefault(index, []).append(mention)
        self._in_sentence.setdefault(self.sents.get(mention.head, -9), []).append(mention)
        keys = [("actor", mention.actor), ("noun", self.doc[mention.head].lemma_.lower())]
        if mention.actor.endswith("-REB") or mention.role == Role.GROUP:
            keys.append(("fighters", ""))
        for key in keys:
            insort(self._kept.setdefault(key, []), (mention.head, order, mention))

    def back(self, key: str, value: str, index: int) -> Iterator[Mention]:
        """Mentions with their head before a token, nearest first: of an "actor", with a "noun" as their head
        (its lemma), or of "fighters"."""
        kept = self._kept.get((key, value), [])
        for place in range(bisect_left(kept, index, key=lambda entry: entry[0]) - 1, -1, -1):
            yield kept[place][2]

    def beside(self, index: int, further: int = 0) -> list[Mention]:
        """Mentions of the sentence of a token (or some sentences further on), in the order of finding."""
        return self._in_sentence.get(self.sents.get(index, -9) + further, [])

    def at(self, index: int) -> list[Mention]:
        """Mentions with their head at a token, or else those that cover it."""
        return self.by_head.get(index) or self.over.get(index, [])

    def is_state(self, mention: Mention) -> bool:
        """True for mentions of states."""
        return self.actors.kind(mention.actor) == "state"

    def before(self, index: int, roles: AbstractSet[str], reach: int = 1) -> list[Mention]:
        """Mentions before a token, at most `reach` sentences back: nearest sentence first, there the subjects
        from the left, then the rest from the right."""
        here = self.sents.get(index, 0)
        found = [
            m
            for number in range(max(0, here - reach), here + 1)
            for m in self._in_sentence.get(number, ())
            if m.head < index and m.role in roles
        ]

        def order(mention: Mention) -> tuple[int, bool, int]:
            subject = relation_of(self.doc[mention.head])[0].startswith("nsubj")
            return here - self.sents[mention.head], not subject, mention.head * (1 if subject else -1)

        return sorted(found, key=order)

    def weights(self, index: int, roles: AbstractSet[str], reach: int = 4) -> dict[str, float]:
        """How present each actor is at a token: its mentions before, fading by sentence, subjects more."""
        here = self.sents.get(index, 0)
        scores: dict[str, float] = {}
        for number in range(max(0, here - reach), here + 1):
            fading = FADE ** (here - number)
            for mention in self._in_sentence.get(number, ()):
                if mention.head < index and mention.role in roles:
                    subject = relation_of(self.doc[mention.head])[0].startswith("nsubj")
                    light = mention.role in (Role.PLACE, Role.MODIFIER)
                    weight = (0.6 if light else 1.5 if subject else 1.0) * fading
                    scores[mention.actor] = scores.get(mention.actor, 0.0) + weight
        return scores

    def clause_subjects(self, token: Token) -> frozenset[str]:
        """Actors that a word cannot mean because one of them alone is the subject of its clause.

        "Turkey congratulated both sides" does not mean Turkey, "Israel asked it" not Israel. Without a
        subject of its own the clause has that of the clause above; a relative clause has its noun.
        """
        verb = token.head
        for _ in range(4):
            if verb.pos_ in ("VERB", "AUX") or verb.head.i == verb.i:
                break
            verb = verb.head
        for _ in range(3):
            subject = next((child for child in verb.children if child.dep_.startswith("nsubj")), None)
            if subject is not None and subject.i == token.i:
                return frozenset()
            if subject is not None and subject.pos_ == "PRON" and verb.dep_ == "acl:relcl":
                subject = verb.head
            if subject is not None:
                if any(child.dep_ == "conj" for child in subject.children) or token in subject.subtree:
                    return frozenset()
                return frozenset(m.actor for m in self.at(subject.i))
            if verb.dep_ not in ("advcl", "xcomp", "conj", "acl", "ccomp") or verb.head.i == verb.i:
                return frozenset()
            verb = verb.head
        return frozenset()

"""Tokens as one text, the way back from characters to tokens and sentences, and the tense around a token."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, Literal, Protocol

from kg.when.words import words

Tense = Literal["past", "future"]


class Token(Protocol):
    """What is needed of a spaCy token; `tag_`, `is_sent_start` and `i` are used where they are set."""

    @property
    def text(self) -> str:
        """The word."""

    @property
    def whitespace_(self) -> str:
        """The space after it, or nothing."""


class Text:
    """Tokens as one string. `sentences` are the places of their first tokens."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self.tokens: Sequence[Any] = list(tokens)
        self.starts: list[int] = []
        self.sentences: list[int] = []
        parts: list[str] = []
        length = 0
        before = "."
        for place, token in enumerate(self.tokens):
            begins = getattr(token, "is_sent_start", None)
            if place == 0 or begins or (begins is None and (before in (".", "?", "!") or not before.strip())):
                self.sentences.append(place)
            before = token.text
            self.starts.append(length)
            parts += (before, token.whitespace_)
            length += len(before) + len(token.whitespace_)
        self.text = "".join(parts)

    def index(self, place: int) -> int:
        """The index in its document of the token at this place."""
        return int(getattr(self.tokens[place], "i", place))

    def covering(self, start: int, end: int) -> tuple[int, int]:
        """The first and the last token that the characters `start` to `end` touch."""
        return bisect_right(self.starts, start) - 1, bisect_left(self.starts, end) - 1

    def sentence(self, place: int) -> int:
        """The number of the sentence of a token."""
        return bisect_right(self.sentences, place) - 1

    def tense(self, first: int, last: int) -> Tense | None:
        """The tense of the nearest cue before these tokens, or else after them, within the sentence."""
        sentence = self.sentence(first)
        begin, end = self.sentences[sentence], len(self.tokens)
        if sentence + 1 < len(self.sentences):
            end = self.sentences[sentence + 1]
        places = [*range(first - 1, begin - 1, -1), *range(last + 1, end)]
        return next((cue for place in places if (cue := self._cue(place, begin))), None)

    def _cue(self, place: int, begin: int) -> Tense | None:
        cues = words().tense
        word = self.tokens[place].text.lower()
        tag = getattr(self.tokens[place], "tag_", "")
        if self._is_plan(place) or (word in cues["presents"] and tag not in ("NN", "NNS", "JJ")):
            return "future"
        if tag == "VBD" or word in cues["past"] or (not tag and word.endswith("ed")):
            # "will have talks", "is expected to be held": the plan stands a little further left.
            left = range(max(begin, place - 3), place)
            return "future" if tag != "VBD" and any(map(self._is_plan, left)) else "past"
        return None

    def _is_plan(self, place: int) -> bool:
        cues = words().tense
        word = self.tokens[place].text.lower()
        following = self.tokens[place + 1].text.lower() if place + 1 < len(self.tokens) else ""
        if word in cues["future"] or f"{word} {following}" in cues["future"]:
            return True
        return word in cues["plans"] and following == "to"

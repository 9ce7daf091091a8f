"""Texts and sentences cut into pieces where something is to be marked; nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from kg.actors import load_actors
from kg.model import Document, Evidence, Span, Statement
from kg.ontology import load_ontology
from kg.show.html import quote_in_sentence


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text that stands for one actor on the day of the text."""

    span: Span
    code: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a text that are marked alike.

    `stmts`: statements that these words make, with their numbers; `begins`: ids of those that begin here,
    `ends`: numbers of those that end here; `name`: code of the actor named.
    """

    text: str
    stmts: Sequence[Statement] = ()
    begins: Sequence[str] = ()
    ends: Sequence[int] = ()
    name: str | None = None

    @property
    def look(self) -> str:
        """Classes of the mark: its axis, and whether all is affirmed and actual."""
        if not self.stmts:
            return ""
        best = min(self.stmts, key=lambda stmt: not stmt.is_plain)
        return look(best)

    @property
    def told(self) -> str:
        """What the statements say, in words."""
        return "; ".join(map(str, self.stmts))


def look(stmt: Any) -> str:
    """Classes of a statement: its axis, and whether it is told as a fact."""
    relation = load_ontology().relations.get(stmt.relation)
    plain = stmt.polarity == "+" and stmt.status == "actual"
    return f"{(relation.axis if relation else None) or 'neutral'} {'firm' if plain else 'open'}"


@dataclass(slots=True)
class Reading:
    """A document with its statements by number, and its text in pieces, paragraph by paragraph."""

    stmts: list[Statement]
    paragraphs: list[list[Piece]] = field(default_factory=list)


def names(text: str, on: date | None) -> list[Name]:
    """Names in a text that the table of actors reads as one actor on a day."""
    found = []
    for hit in load_actors().find(text):
        codes = {alias.code for alias in hit.aliases if on is None or alias.holds(on)}
        if len(codes) == 1:
            found.append(Name(Span(hit.start, hit.end), codes.pop()))
    return found


def read(document: Document, stmts: Sequence[Statement]) -> Reading:
    """A text with names and statements marked; statements are numbered by their first words."""
    text = document.text
    ordered = sorted(stmts, key=lambda stmt: (min(e.span.start for e in stmt.evidence), stmt.id))
    reading = Reading(ordered)
    marks = [(e.span, number, stmt) for number, stmt in enumerate(ordered, 1) for e in stmt.evidence]
    named = names(text, document.published)
    cuts = {0, len(text)}
    for span in (*(span for span, _, _ in marks), *(name.span for name in named)):
        cuts.update((min(span.start, len(text)), min(span.end, len(text))))
    cuts.update(place + 1 for place, char in enumerate(text) if char == "\n")
    seen: set[str] = set()
    paragraph: list[Piece] = []
    for start, end in pairwise(sorted(cuts)):
        over = [(number, stmt) for span, number, stmt in marks if span.start <= start and end <= span.end]
        first = [stmt.id for span, _, stmt in marks if span.start == start and stmt.id not in seen]
        seen.update(first)
        piece = Piece(
            text[start:end].rstrip("\n"),
            tuple(stmt for _, stmt in over),
            tuple(dict.fromkeys(first)),
            tuple(sorted({number for span, number, _ in marks if span.end == end})),
            next((name.code for name in named if name.span.start <= start and end <= name.span.end), None),
        )
        if piece.text or piece.ends:
            paragraph.append(piece)
        if text[end - 1] == "\n" and paragraph:
            reading.paragraphs.append(paragraph)
            paragraph = []
    if paragraph:
        reading.paragraphs.append(paragraph)
    return reading


def quoted(evidence: Evidence) -> tuple[str, str, str]:
    """A sentence in three parts: before, within and after the words that make the statement."""
    spot = quote_in_sentence(evidence)
    return (
        evidence.sentence[: spot.start],
        evidence.sentence[spot.start : spot.end],
        evidence.sentence[spot.end :],
    )

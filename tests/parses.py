"""Parses and mentions written by hand, so that rules are tested without a model.

One word is `form=lemma@CODE.role/POS:TAG/relation/distance to its head`. `=lemma` is left out where it is
the form in lower case, `:TAG` except for verbs, `@CODE.role` where the word heads no mention, and `.role`
where that is "name". "^" glues a word to the one before, "@AFG+IND" makes two mentions of one word.
"""

from __future__ import annotations

import spacy
from spacy.tokens import Doc

from kg.model import Document, Mention, ParsedDocument, Span

VOCAB = spacy.blank("en").vocab


def by_hand(parse: str) -> tuple[ParsedDocument, list[Mention]]:
    """The document with the parse and the mentions that the notation gives."""
    rows = [row.rsplit("/", 3) for row in parse.split()]
    words, lemmas, marks = [], [], []
    for row in rows:
        word, _, mark = row[0].removeprefix("^").partition("@")
        word, _, lemma = word.partition("=")
        words.append(word)
        lemmas.append(lemma or word.lower())
        marks.append(mark)
    glued = [row[0].startswith("^") for row in rows]
    doc = Doc(
        VOCAB,
        words=words,
        spaces=[not following for following in [*glued[1:], True]],
        lemmas=lemmas,
        pos=[row[1].partition(":")[0] for row in rows],
        tags=[row[1].partition(":")[2] for row in rows],
        deps=[row[2] for row in rows],
        heads=[index + int(row[3]) for index, row in enumerate(rows)],
    )
    return ParsedDocument(Document("d", doc.text), doc), [
        mention(doc, index, code, mark.partition(".")[2] or "name")
        for index, mark in enumerate(marks)
        if mark
        for code in mark.partition(".")[0].split("+")
    ]


def mention(doc: Doc, index: int, code: str, role: str) -> Mention:
    token = doc[index]
    span = Span(token.idx, token.idx + len(token))
    return Mention(span, token.text, code, role, head=index, first=index, last=index)

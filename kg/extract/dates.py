"""Which time expression dates a predicate, and when the day of the report does.

`when` finds the time expressions of a text and what they mean; here they are tied to what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kg import factuality, when
from kg.model import ParsedDocument, Span, When

if TYPE_CHECKING:
    from datetime import date

    from spacy.tokens import Token

NEAR = 60
"""Words within which another year's date tells that a passage looks back."""


def date_of(token: Token, times: Sequence[when.Time]) -> When | None:
    """The time expression nearest above the predicate in the tree, else the only one of the sentence.

    The time of saying is not the time of what is said: "talks were held in May, officials said on Thursday".
    """
    sent, saying = token.sent, factuality.load_words()["saying.verbs"]
    here = [time for time in times if sent.start <= time.first < sent.end]
    own = [time for time in here if not said_at(token, time, saying)]
    node, steps = token, 0
    while steps < 4:
        for child in node.children:
            for time in own:
                if child.left_edge.i <= time.first <= child.right_edge.i and not has_clause(
                    child, time.first
                ):
                    return time.when
        if node.head == node or node.dep_ == "acl:relcl":
            break
        node, steps = node.head, steps + 1
    return own[0].when if len(own) == 1 else here[0].when if len(here) == 1 else None


def has_clause(token: Token, index: int) -> bool:
    """Whether a clause of its own lies between a dependent and a word inside it."""
    node = token.doc[index]
    while node != token and node.head != node:
        if node.pos_ in {"VERB", "AUX"}:
            return True
        node = node.head
    return token.pos_ in {"VERB", "AUX"}


def said_at(token: Token, time: when.Time, saying: frozenset[str]) -> bool:
    """Whether a time belongs to another verb, which tells when something was said."""
    node = token.doc[time.first]
    while node.pos_ not in {"VERB", "AUX"} and node.head != node:
        node = node.head
    return node != token and node.pos_ == "VERB" and factuality.lemma(node) in saying


def is_news(parsed: ParsedDocument, span: Span, times: Sequence[when.Time], published: date) -> bool:
    """Whether a passage without a time tells the news: in a main clause, and not of another year.

    Texts leave the day of an event out where it is the day of the report: so in four of five such statements
    of the training texts.
    """
    passage = parsed.doc.char_span(span.start, span.end, alignment_mode="expand")
    assert passage is not None
    token = passage.root
    if token.dep_ in {"acl", "acl:relcl", "advcl"} or any(child.lower_ == "had" for child in token.children):
        return False
    if any(token.sent.start <= time.first < token.sent.end for time in times):
        return False
    near = [time for time in times if abs(time.first - token.i) < NEAR]
    return all(abs(time.when.end.year - published.year) <= 1 for time in near)

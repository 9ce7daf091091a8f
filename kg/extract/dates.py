"""Which time expression dates a predicate, and when the day of the report does.

`when` finds the time expressions of a text and what they mean; here they are tied to what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kg import factuality, when
from kg.model import ParsedDocument, Span, Statement, When

if TYPE_CHECKING:
    from datetime import date

    from spacy.tokens import Span as Tokens
    from spacy.tokens import Token

LONGEST = 4
"""Words of a time expression within which its head is looked for."""

RECENT = 10
"""Days before the report within which an act is still told as news."""

ATTRIBUTES = frozenset({"amod", "compound", "nmod:poss", "nummod"})
ARGUMENTS = frozenset({"nsubj", "nsubj:pass", "obj", "iobj"})


def date_of(token: Token, times: Sequence[when.Time]) -> When | None:
    """The time expression nearest above the predicate in the tree, else the only one of the sentence.

    The time of saying is not the time of what is said: "talks were held in May, officials said on Thursday".
    Nor does the time of a thing date what is done to it: "broke the treaty of 1977".
    """
    sent, saying = token.sent, factuality.load_words()["saying.verbs"]
    here = [
        time for time in times if sent.start <= time.first < sent.end and not is_inside(token, time.first)
    ]
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


def is_inside(token: Token, index: int) -> bool:
    """Whether a time dates a thing that the predicate is about, or a clause below the predicate.

    "The 2015 deal" and "the treaty of 1977" date the noun, unless it is the predicate itself or an adjunct
    ("in the war of 1982"); a relative clause dates itself ("a treaty, which was signed in June").
    """
    time = token.doc[index]
    while time.head.i in range(index, index + LONGEST) and time.dep_ in ATTRIBUTES | {"nmod", "flat"}:
        time = time.head  # "July 5, 1977"
    if time.head != token and (
        time.dep_ in ATTRIBUTES or (time.dep_ == "nmod" and any(word.lower_ == "of" for word in time.lefts))
    ):
        return time.head.dep_ in ARGUMENTS
    return any(
        node.dep_ == "acl:relcl" and token in node.ancestors and token != node
        for node in (time, *time.ancestors)
    )


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


def reported(
    stmt: Statement, parsed: ParsedDocument, times: Sequence[when.Time], published: date
) -> When | None:
    """When an act happened of which the text tells no time: as a rule on the day of the report.

    Of such acts in the training texts that have a date, four of five have this one. Where nothing is told of
    that day but that somebody spoke, the act is of the day told before. Plans, demands and allegations are of
    the month of the report; what "had happened" before it stays without a time.
    """
    if stmt.status != "actual":
        return When.month(published.year, published.month)
    roots = [passage.root for proof in stmt.evidence if (passage := words_of(parsed, proof.span))]
    if any(child.lower_ == "had" and child.dep_ == "aux" for root in roots for child in root.children):
        return None
    return told_before(roots[0], times, published) or When(published, published)


def words_of(parsed: ParsedDocument, span: Span) -> Tokens | None:
    """The tokens that a piece of the text touches."""
    return parsed.doc.char_span(span.start, span.end, alignment_mode="expand")


def told_before(token: Token, times: Sequence[when.Time], published: date) -> When | None:
    """The day told last before a word, if it is a `RECENT` one and no act of the text is of the last day."""
    saying = factuality.load_words()["saying.verbs"]
    today = When(published, published)
    if any(time.when == today and not said_at(token, time, saying) for time in times):
        return None
    before = [time.when for time in times if time.first < token.sent.start and time.when != today]
    if before and before[-1].precision == "day" and 0 < (published - before[-1].start).days <= RECENT:
        return before[-1]
    return None

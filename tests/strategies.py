"""Documents and statements as hypothesis makes them, for the property tests of merge, store and files."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st

from kg.model import STATUSES, Document, Evidence, Span, Statement, When

checked = settings(deadline=None, max_examples=40)
"""For properties that build graphs: fewer examples, and no clock, since the machine may be busy."""

CODES = ["AFG", "IND", "PAK", "UNO", "TALIBAN", "IRQ-REB", "XINTL"]
RELATIONS = ["consult", "accuse", "recognizes", "agree", "borders"]

# Anything that is a character: also line breaks, quotes, backslashes, control characters, no character code.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
days = st.dates(date(1999, 12, 30), date(2000, 3, 2))


@st.composite
def whens(draw: st.DrawFn) -> When:
    start = draw(days)
    kind = draw(st.sampled_from(["day", "month", "year"]))
    if kind == "month":
        return When.month(start.year, start.month)
    if kind == "year":
        return When.year(start.year)
    return When(start, start + timedelta(days=draw(st.sampled_from([0, 0, 1, 30]))))


@st.composite
def statements(draw: st.DrawFn, document: Document) -> Statement:
    source, target = draw(st.lists(st.sampled_from(CODES), min_size=2, max_size=2, unique=True))
    start = draw(st.integers(0, 9))
    evidence = [
        Evidence(document.id, Span(start, start + len(quote)), quote, f"«{quote}»", "test 1", draw(texts))
        for quote in draw(st.lists(texts, min_size=1, max_size=2))
    ]
    return Statement(
        source,
        draw(st.sampled_from(RELATIONS)),
        target,
        draw(st.sampled_from(["+", "-"])),
        draw(st.sampled_from(STATUSES)),
        when=draw(st.none() | whens()),
        place=draw(st.none() | texts),
        speaker=draw(st.none() | st.sampled_from(CODES)),
        source_agents=tuple(draw(st.lists(texts, max_size=2))),
        target_agents=tuple(draw(st.lists(texts, max_size=2))),
        confidence=draw(st.integers(0, 1_000_000)) / 1_000_000,
        evidence=tuple(evidence),
    )


@st.composite
def documents(draw: st.DrawFn, id: str) -> Document:
    return Document(
        id,
        draw(texts),
        title=draw(st.none() | texts),
        source=draw(st.none() | texts),
        url=draw(st.none() | texts),
        published=draw(st.none() | days),
    )


@st.composite
def items(draw: st.DrawFn, id: str) -> tuple[Document, list[Statement]]:
    """A document with statements that it makes; some may have the same id."""
    document = draw(documents(id))
    return document, draw(st.lists(statements(document), max_size=4))


@st.composite
def corpora(draw: st.DrawFn, *, min_size: int = 0) -> list[tuple[Document, list[Statement]]]:
    """Documents with different ids."""
    ids = draw(st.lists(texts, min_size=min_size, max_size=3, unique=True))
    return [draw(items(id)) for id in ids]

"""Time expressions of running text, resolved against the day of publication.

Tokens and a publication date go in, `Time` values come out, in the order of the text: which tokens, and which
interval of days. Expressions are found by patterns, whose words are data (`ontologies/time.toml`). Which
Thursday or March is meant follows from the tense of the nearest verb; what "that year" or "two days later"
count from is the time told before. Without a publication date only expressions that name their year, or count
from one that did, are resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kg.model import Precision, When
from kg.when.patterns import Found, find
from kg.when.rules import RELATIVE, Scene
from kg.when.tense import Text, Token

__all__ = ["Time", "resolve_times"]


@dataclass(frozen=True, slots=True)
class Time:
    """A time expression: its first and last token, inclusive, and the interval of days it stands for."""

    first: int
    last: int
    when: When


def resolve_times(tokens: Iterable[Token], published: date | None) -> list[Time]:
    """The time expressions among `tokens` (a `Doc`, a sentence, or any list of tokens), in their order.

    `first` and `last` are the tokens' own indices in their document (`token.i`), or positions in the list for
    tokens without one. "since X" begins with X and ends with `published`. Expressions that the text and the
    publication date do not determine ("recently", "several years ago") are left out. Give whole documents: in
    a lone sentence, "that year" has nothing to count from.

    >>> from types import SimpleNamespace as Word
    >>> words = [Word(text=text, whitespace_=" ") for text in "He left in August 2021".split()]
    >>> [(time.first, time.last, time.when.first) for time in resolve_times(words, None)]
    [(3, 4, '2021-08')]
    """
    text = Text(tokens)
    found = find(text.text)
    published = published or _dateline(text.text, found)
    scene = Scene(published=published, history=_is_history(text.text, found))
    told: list[_Told] = []
    for one in found:
        first, last = text.covering(one.start, one.end)
        sentence = text.sentence(first)
        scene = replace(scene, tense=text.tense(first, last), same=scene.sentence == sentence)
        when = _resolved(one, scene)
        if when is None:
            continue
        told.append(_Told(one.start, one.end, first, last, when, one.has_year))
        if not _within(scene.anchor, when):  # "on 4 November ... that year ... two days later"
            scene = replace(scene, anchor=when, sentence=sentence)
        if one.has_year:
            scene = replace(scene, year=when.start.year)
    return [
        Time(text.index(one.first), text.index(one.last), _open(text.text, one, published))
        for one in _joined(told, text.text)
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    start: int
    end: int
    first: int
    last: int
    when: When
    has_year: bool


def _resolved(one: Found, scene: Scene) -> When | None:
    """What the rule says; None also for days that no calendar has, such as 30 February or the year 0."""
    try:
        return one.rule(one.match, scene)
    except (ValueError, OverflowError):
        return None


def _within(inner: When | None, outer: When) -> bool:
    return inner is not None and inner != outer and outer.start <= inner.start and inner.end <= outer.end


def _dateline(text: str, found: Sequence[Found]) -> date | None:
    """The full date of a dateline: "GAZA CITY, Sept. 7, 2004 - Israeli helicopters attacked on Tuesday"."""
    for one in found[:1]:
        if one.has_year and one.start < 80 and re.match(r"\s?(?:\([^)]*\)\s?)?[-–—:]", text[one.end :]):
            when = _resolved(one, Scene(published=None))
            return when.start if when and when.precision == "day" else None
    return None


def _is_history(text: str, found: Sequence[Found]) -> bool:
    """Whether the text looks back from nowhere in particular: no dateline, no weekday, no "last month"."""
    return not any(one.rule in RELATIVE or re.match(r"\s?[-–—]\s", text[one.end :]) for one in found)


def _joined(told: Sequence[_Told], text: str) -> list[_Told]:
    """Unite the two ends of "from 4 November to 6 December" and "between Monday and Friday"."""
    united: list[_Told] = []
    for one in told:
        last = united[-1] if united else None
        if last and _linked(text[max(0, last.start - 12) : last.start], text[last.end : one.start]):
            start = last.when.start
            if one.has_year and not last.has_year:  # "from 30 November to 2 December 2001"
                start = start.replace(
                    year=one.when.start.year, day=min(start.day, 28 if start.month == 2 else 31)
                )
            if start <= one.when.end:
                order: tuple[Precision, ...] = ("day", "month", "year")
                precision = max(last.when.precision, one.when.precision, key=order.index)
                when = When(start, one.when.end, precision)
                united[-1] = replace(last, end=one.end, last=one.last, when=when, has_year=one.has_year)
                continue
        united.append(one)
    return united


def _linked(before: str, between: str) -> bool:
    before, between = before.lower(), between.strip().lower()
    if re.search(r"\bfrom\s(?:the\s)?$", before):
        return between in ("to", "until", "till", "through", "up to", "-", "–")
    if re.search(r"\bbetween\s(?:the\s)?$", before):
        return between == "and"
    return between in ("-", "–")


def _open(text: str, one: _Told, published: date | None) -> When:
    """ "since X" lasts from X to the day of publication."""
    since = re.search(
        r"\bsince\s(?:at least\s|about\s|around\s|the\s)*$", text[: one.start][-30:], re.IGNORECASE
    )
    if since and published and published > one.when.end:
        return replace(one.when, end=published)
    return one.when

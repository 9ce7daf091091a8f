"""The words of time expressions, from `ontologies/time.toml`, and the pieces of patterns made of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kg.errors import OntologyError
from kg.resources import resource


@dataclass(frozen=True, slots=True)
class Words:
    """`ontologies/time.toml` as maps from lower-case words to values, and as pieces of patterns."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    seasons: Mapping[str, Sequence[int]]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    parts: Mapping[str, str]
    tense: Mapping[str, frozenset[str]]
    feasts: tuple[str, ...]
    pieces: Mapping[str, str]


@lru_cache(maxsize=1)
def words() -> Words:
    """Read the file once; `OntologyError` when it is missing or malformed."""
    path = resource("ontologies", "time.toml")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return _read_words(data)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as exc:
        raise OntologyError(f"{path}: not a table of time words: {exc}") from exc


def _read_words(data: Mapping[str, Any]) -> Words:
    months, weekdays = data["months"], data["weekdays"]
    plain = [name for name in months["names"] if name not in months["ambiguous"]]
    pieces = {
        "MONTH": rf"(?:{_any(months['names'])}\b|{_any(months['short'])}\b\.?)",
        "NAME": rf"(?:{_any(months['names'])})\b",
        "PLAIN": rf"(?:{_any(plain)})\b",
        "SAFE": rf"(?i:{_any(months['safe_before'])})",
        "DAYNAME": rf"(?:{_any(weekdays['names'])})\b",
        "WEEKDAY": rf"(?:(?:{_any([*weekdays['names'], *weekdays['short']])})\b\.?,?\s(?:the\s)?)?",
        "NOPAPER": rf"(?!\s(?:{'|'.join(weekdays['not_before'])})\b)",
        "D": r"(?<![\d.,:])(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?\b(?![.,:/]\d|\s?%)",
        "Y": r"\b(?:1[5-9]|20)\d\d\b(?![.,:]\d|\s?%)",
        "THRU": r"(?:\s?[-–—]\s?|\s(?:to|and|until|till|through)\s)",
        "PART": rf"(?:(?P<p>(?i:{_any(data['parts'])}))[\s-](?:(?:of|in|on)\s)?(?:the\s)?)",
        "N": rf"(?P<n>\d{{1,3}}|(?i:{_any(data['numbers'])}(?:-{_any(data['numbers'])})?))",
        "UNIT": rf"(?P<u>(?i:{_any(data['units'])}))s?\b",
        "HEDGE": _any(data["hedges"]["words"]),
        "ORD": rf"(?P<o>\d\d?(?:st|nd|rd|th)|(?i:{_any(data['ordinals'])}))",
        "SEASON": rf"(?P<s>(?i:{_any(data['seasons'])}))\b",
        "WHOSE": r"(?P<v>(?i:(?:of\s)?(?:that|this|last|next|the\ssame)\syear))\b",
        "COUNTED": rf"(?!\s(?:{_any(data['counted']['nouns'])})\b)",
    }
    return Words(
        months={name.lower(): place for place, name in enumerate(months["names"], start=1)}
        | {name.lower(): place for name, place in months["short"].items()},
        weekdays={name.lower(): place for place, name in enumerate(weekdays["names"])},
        seasons=data["seasons"],
        numbers=data["numbers"],
        ordinals=data["ordinals"],
        parts=data["parts"],
        tense={name: frozenset(words) for name, words in data["tense"].items()},
        feasts=tuple(weekdays["not_after"]),
        pieces=pieces,
    )


def _any(words: Iterable[str]) -> str:
    return (
        "(?:" + "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))) + ")"
    )

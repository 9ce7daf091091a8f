"""The patterns of time expressions, and what they find in a text.

`<NAME>` stands for a piece of `words`. The group `core` is the expression itself, without its preposition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kg.when import rules
from kg.when.rules import Match, Rule
from kg.when.words import words

_IN = r"(?i:in|since|until|till|by|during|throughout|through|from|after|for"

PATTERNS: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (rules.iso, (r"(?<![\d-])(?P<core>(?P<y>(?:1[5-9]|20)\d\d)-\d\d-\d\d)(?![\d-])",)),
    (
        rules.day,
        (
            r"(?P<core><WEEKDAY>(?P<d><D>)(?:<THRU>(?P<e><D>))?\s(?:of\s)?(?P<m><MONTH>)"
            r"(?:,?\s(?:(?P<y><Y>)|<WHOSE>))?)",
            r"(?P<core><WEEKDAY>\b(?P<m><MONTH>)\s(?:the\s)?(?P<d><D>)(?:<THRU>(?P<e><D>))?"
            r"(?:,?\s(?:(?P<y><Y>)|<WHOSE>))?)<COUNTED>",
        ),
    ),
    (
        rules.month,
        (
            r"\b(?P<core><PART>?(?P<m><MONTH>)(?:<THRU>(?P<e><NAME>))?,?\s(?:of\s)?(?P<y><Y>))<COUNTED>",
            r"\b(?P<core><PART>?(?P<m><NAME>)\s<WHOSE>)",
            r"\b(?i:from|between|in|during)\s(?P<core>(?P<m><NAME>)<THRU>(?P<e><NAME>))(?!\s\d)",
            rf"\b(?:{_IN}|the|its|their|his|her|our|a)\s)(?P<core>(?P<m><PLAIN>))(?!\s\d)",
            r"\b<SAFE>[\s-](?P<core>(?P<m><NAME>))(?!\s\d)",
            r"['’]s\s(?P<core>(?P<m><PLAIN>))(?!\s\d)",
            r"\b(?P<core><PART>(?P<m><NAME>))(?!\s\d)",
            r"\b(?P<core>(?P<w>(?i:last|next|this|that|coming|the following|the previous))\s(?P<m><NAME>))"
            r"(?!\s\d)",
        ),
    ),
    (
        rules.year,
        (
            r"(?P<core>(?P<y><Y>)(?:\s?[-–—/]\s?|\s(?:to|until|till|through)\s)(?P<e>(?:1[5-9]|20)?\d\d))\b"
            r"(?![-\d]|[.,:]\d)",
            r"\b(?i:between)\s(?P<core>(?P<y><Y>)\sand\s(?P<e><Y>))",
            r"\b(?P<core><PART>(?P<y><Y>))<COUNTED>",
            rf"\b{_IN}|around|circa|about|of)\s(?:(?:the year|calendar|fiscal)\s)?"
            r"(?P<core>(?P<y><Y>))<COUNTED>",
            r"(?<=\d\d\d\d\sand\s)(?P<core>(?P<y><Y>))<COUNTED>",
            # "its disputed 2003 invasion", "Albania's 2009 accession"
            r"(?:\b(?i:the|a|an|its|his|her|their|our|this|that)|['’]s)\s(?:[a-z]+\s)?(?P<core>(?P<y><Y>))<COUNTED>"
            r"(?=\s[A-Za-z]|-)",
            r"\((?P<core>(?P<y><Y>))\)",
        ),
    ),
    (rules.decade, (r"(?<!\w)(?P<core><PART>?(?P<y>(?:1[5-9]|20)\d0|['’]\d0)s)\b",)),
    (rules.century, (r"\b(?P<core><PART>?<ORD>[\s-](?i:century))\b",)),
    (
        rules.season,
        (
            r"\b(?P<core><PART>?<SEASON>,?\s(?:of\s)?(?P<y><Y>))",
            r"\b(?P<core>(?P<w>(?i:last|next|this|that))\s<SEASON>)",
        ),
    ),
    (
        rules.quarter,
        (
            r"\b(?P<core>(?P<o>(?i:first|second|third|fourth|last|final))[\s-](?P<q>(?i:quarter|half))\s"
            r"(?:of|in)\s(?P<y><Y>))",
        ),
    ),
    (
        rules.weekday,
        (
            r"\b(?P<core>(?:(?P<w>(?i:last|next|this past|this coming|this|that|the following|"
            r"the previous|the same))\s)?(?:(?i:early|late)\s)?(?P<d><DAYNAME>)"
            r"(?:\s(?P<v>(?i:(?:of )?(?:last|this|next) week)))?)<NOPAPER>",
        ),
    ),
    (
        rules.day_word,
        (
            r"\b(?P<core>(?P<k>(?i:the day before yesterday|the day after tomorrow|yesterday|today|tomorrow|"
            r"tonight|last night|this (?:morning|afternoon|evening))))\b",
        ),
    ),
    (
        rules.period,
        (
            r"\b(?P<core>(?:(?P<p>(?i:earlier|later|early|late|mid|end|beginning|start|middle))[\s-]"
            r"(?:(?:of|in)\s)?)?(?P<w>(?i:this past|this coming|last|this|next|that|"
            r"(?:the )?(?:past|coming|previous|following|same)))\s(?P<u>(?i:weekend|week|month|year)))\b",
        ),
    ),
    (
        rules.anchored_day,
        (r"\b(?P<core>(?P<w>(?i:that|the (?:same|next|following|previous)))\s(?i:day|night|morning))\b",),
    ),
    (rules.ago, (r"\b(?P<core><N>\s<UNIT>\sago)\b",)),
    (
        rules.apart,
        (r"\b(?P<core><N>\s<UNIT>\s(?P<k>(?i:earlier|previously|later|afterwards|before|after)))\b",),
    ),
    (rules.stretch, (r"\b(?P<core>(?P<w>(?i:past|last|next|coming))\s<N>\s<UNIT>)",)),
    (rules.after, (r"\b(?i:after)\s(?:(?i:<HEDGE>)\s)?(?P<core><N>\s<UNIT>)\sof\b",)),
)
"""Rule and patterns; where two patterns find the same words, the earlier one counts."""


@dataclass(frozen=True, slots=True)
class Found:
    """Words that look like a time expression: characters `start` to `end` of the text."""

    match: Match
    rule: Rule

    @property
    def start(self) -> int:
        """First character of the expression."""
        return self.match.start("core")

    @property
    def end(self) -> int:
        """Character after its last one."""
        return self.match.end("core")

    @property
    def has_year(self) -> bool:
        """Whether the expression names its year."""
        return bool(self.match.groupdict().get("y"))


@lru_cache(maxsize=1)
def _compiled() -> tuple[tuple[re.Pattern[str], Rule], ...]:
    pieces = words().pieces
    return tuple(
        (re.compile(re.sub(r"<([A-Z]+)>", lambda piece: pieces[piece[1]], pattern)), rule)
        for rule, patterns in PATTERNS
        for pattern in patterns
    )


def find(text: str) -> list[Found]:
    """The longest matches that do not overlap, in the order of the text."""
    found = [Found(match, rule) for pattern, rule in _compiled() for match in pattern.finditer(text)]
    taken: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(one.end <= other.start or one.start >= other.end for other in taken):
            taken.append(one)
    return sorted(taken, key=lambda one: one.start)

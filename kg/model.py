"""The values that flow from stage to stage: documents, mentions, statements and their evidence.

Everything here is frozen and compares by content. Ids are hashes of content, so the same text read
twice gives the same ids, on any machine and in any order.
"""

from __future__ import annotations

import calendar
import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from spacy.tokens import Doc

Polarity = Literal["+", "-"]
Status = Literal["actual", "alleged", "intended", "requested"]
Precision = Literal["day", "month", "year"]
ActorKind = Literal["state", "organisation", "armed_group", "collective"]

STATUSES: tuple[Status, ...] = ("actual", "alleged", "intended", "requested")


def content_id(*parts: object) -> str:
    """16 hexadecimal digits that depend on the parts and nothing else.

    >>> content_id("a", None) == content_id("a", None) != content_id("a", "None")
    True
    """
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open character range [start, end) in `Document.text`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One text as it was published. `text` is never changed after reading; all offsets point into it."""

    id: str
    text: str
    title: str | None = None
    source: str | None = None
    url: str | None = None
    published: date | None = None
    language: str = "en"

    @property
    def content_hash(self) -> str:
        """Changes when anything about the document does; decides whether it must be processed again."""
        return content_id(
            self.id, self.text, self.title, self.source, self.url, self.published, self.language
        )


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document, or a piece of input, that gave nothing; `reason` is a sentence for the user."""

    document: str
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document with its parse. Token offsets of `doc` are offsets in `document.text`."""

    document: Document
    doc: Doc


@dataclass(frozen=True, slots=True)
class When:
    """An interval of whole days, and how exactly the text gave it.

    `precision` is the unit in which the ends are known: "August 2021" is 2021-08-01 to 2021-08-31 with
    precision "month"; "the 1990s" is 1990-01-01 to 1999-12-31 with precision "year".
    """

    start: date
    end: date
    precision: Precision = "day"

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"interval ends before it starts: {self.start} > {self.end}")

    @classmethod
    def month(cls, year: int, month: int) -> When:
        """The calendar month.

        >>> When.month(2024, 2).end
        datetime.date(2024, 2, 29)
        """
        return cls(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month")

    @classmethod
    def year(cls, year: int, last: int | None = None) -> When:
        """The calendar year, or the years `year` to `last`."""
        return cls(date(year, 1, 1), date(last or year, 12, 31), "year")

    def _cut(self, day: date) -> str:
        return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.precision]]

    @property
    def first(self) -> str:
        """ISO 8601 start, cut to the precision.

        >>> When.month(2021, 8).first
        '2021-08'
        """
        return self._cut(self.start)

    @property
    def last(self) -> str | None:
        """ISO 8601 end, cut to the precision; None when it says no more than `first`."""
        return None if self._cut(self.end) == self.first else self._cut(self.end)


@dataclass(frozen=True, slots=True)
class Mention:
    """A piece of text that stands for an international actor.

    `actor` is the principal's code (`AFG`, `UNO`, `PAK-REB`); `agent` the person or body named, when it is
    not the principal itself ("Amir Khan Muttaqi"); `role` the kind of noun phrase (see `link`); `head` the
    index in the parse of the phrase's syntactic head, `first` and `last` (inclusive) the tokens it covers;
    `why` a short reason for the reader.
    """

    span: Span
    text: str
    actor: str
    role: str
    head: int
    first: int
    last: int
    agent: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a text makes a statement: `quote` is `Document.text[span.start:span.end]`, exactly.

    `sentence` is the whole sentence around it, `extractor` the extractor's name and version, `rule` the rule
    or reason that made the statement.
    """

    document: str
    span: Span
    quote: str
    sentence: str
    extractor: str
    rule: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim of one document about two different international actors.

    `source`, `target`: actor codes. `relation`: name of a relation in the ontology. `polarity` "-" where the
    text says that it does not hold. `speaker`: code of the actor whose claim is reported, if it is not the
    text's own. `confidence`: 0 to 1, the share of statements like this one that were right when
    measured on annotated texts. `evidence` is never empty, and all of it stands in one document.
    """

    source: str
    relation: str
    target: str
    polarity: Polarity = "+"
    status: Status = "actual"
    when: When | None = None
    place: str | None = None
    speaker: str | None = None
    source_agents: tuple[str, ...] = ()
    target_agents: tuple[str, ...] = ()
    confidence: float = 1.0
    evidence: tuple[Evidence, ...] = field(default=())

    @property
    def document(self) -> str:
        """Id of the document that makes the statement."""
        return self.evidence[0].document

    @property
    def id(self) -> str:
        """Depends on what is said, when, and in which document, not on how well it was understood."""
        when = (self.when.first, self.when.last) if self.when else None
        return content_id(
            self.document, self.source, self.relation, self.target, self.polarity, self.status, when
        )

    @property
    def is_plain(self) -> bool:
        """Affirmed and actual: the only kind that may become a plain triple, if confident enough."""
        return self.polarity == "+" and self.status == "actual"

    def as_json(self) -> dict[str, Any]:
        """The row of `kg extract`: plain values, evidence of the first mention."""
        first = self.evidence[0]
        return {
            "source": self.source,
            "relation": self.relation,
            "target": self.target,
            "polarity": self.polarity,
            "status": self.status,
            "date": self.when.first if self.when else None,
            "date_end": self.when.last if self.when else None,
            "place": self.place,
            "speaker": self.speaker,
            "source_agents": list(self.source_agents),
            "target_agents": list(self.target_agents),
            "confidence": round(self.confidence, 3),
            "evidence": first.quote,
            "start": first.span.start,
            "end": first.span.end,
            "rule": first.rule,
        }

    def __str__(self) -> str:
        marks = " ".join(
            part
            for part in (
                "not" if self.polarity == "-" else "",
                "" if self.status == "actual" else self.status,
                self.when.first if self.when else "",
            )
            if part
        )
        return f"{self.source} {self.relation} {self.target}" + (f" ({marks})" if marks else "")

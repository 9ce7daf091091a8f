"""How well statements that were extracted agree with those that careful readers wrote down.

Two JSON lines files go in, gold and predicted, one object per text: `{"id": ..., "statements": [...]}` as
`kg extract` writes it. Out come precision, recall and F1 on four levels, micro-averaged over the texts, and
how often status and date of a statement that was found are right.

* `strict`: source, relation, target and polarity;
* `typed`: without polarity;
* `quad`: the pair of actors and the quad class of the event, or the state of affairs;
* `dyad`: the pair of actors, whatever is said about it.

The ontology says in which relations direction does not count. Gold statements marked `optional` are neither
rewarded nor punished.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kg.errors import InputError
from kg.model import Statement
from kg.ontology import load_ontology


@dataclass(frozen=True, slots=True)
class Row:
    """One statement of a gold or predicted file: only what is scored, and the words that show it.

    `status` and `date` are None when the file does not say; a predicted statement then counts as actual.
    `date` is an ISO date, or as much of one as is known (`2021-08`).
    """

    source: str
    relation: str
    target: str
    polarity: str = "+"
    status: str | None = None
    date: str | None = None
    evidence: str = ""
    optional: bool = False

    @classmethod
    def of(cls, stmt: Statement) -> Row:
        """The row of an extracted statement."""
        return cls(
            source=stmt.source,
            relation=stmt.relation,
            target=stmt.target,
            polarity=stmt.polarity,
            status=stmt.status,
            date=stmt.when.first if stmt.when else None,
            evidence=stmt.evidence[0].quote if stmt.evidence else "",
        )


Rows = Mapping[str, tuple[Row, ...]]
"""The statements of each text, by its id."""


@dataclass(frozen=True, slots=True)
class Level:
    """Counts of statements found, found wrongly, and missed, and the shares that follow from them.

    >>> Level(right=3, wrong=1, missed=3).f1
    0.6
    """

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of the found statements that are right; 0 when nothing was found."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of the wanted statements that were found; 0 when none is wanted."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 when both are."""
        return _share(2 * self.precision * self.recall, self.precision + self.recall)

    def as_json(self) -> dict[str, float]:
        """Shares and counts under the names that the field uses."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "tp": self.right,
            "fp": self.wrong,
            "fn": self.missed,
        }


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often something was right among the `n` strict matches for which gold gives it."""

    right: int = 0
    n: int = 0

    @property
    def share(self) -> float:
        """From 0 to 1; 0 when there is nothing to compare."""
        return _share(self.right, self.n)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A statement that is wrong, or was missed, on the strict level."""

    document: str
    kind: Literal["wrong", "missed"]
    row: Row

    def __str__(self) -> str:
        row = self.row
        said = f"{row.source} {row.relation} {row.target} {row.polarity}"
        return f"{self.kind:6} {self.document}: {said}  | {row.evidence}"


@dataclass(frozen=True, slots=True)
class Scores:
    """The result of `score`. `relations`: strict counts by relation; `mistakes`: in text order."""

    texts: int
    strict: Level
    typed: Level
    quad: Level
    dyad: Level
    status: Accuracy
    date: Accuracy
    relations: Mapping[str, Level]
    mistakes: tuple[Mistake, ...]

    def as_json(self) -> dict[str, Any]:
        """Everything but the mistakes, as plain values."""
        return {
            "texts": self.texts,
            **{name: getattr(self, name).as_json() for name in LEVELS},
            "status_accuracy": self.status.share,
            "status_n": self.status.n,
            "date_accuracy": self.date.share,
            "date_n": self.date.n,
            "relations": {name: level.as_json() for name, level in self.relations.items()},
        }

    def as_text(self, *, mistakes: int = 0) -> str:
        """A table to read, without a line break at its end, and the first so many mistakes."""
        lines = []
        for name in LEVELS:
            level: Level = getattr(self, name)
            lines.append(
                f"{name:7} precision {level.precision:.3f}  recall {level.recall:.3f}  F1 {level.f1:.3f}  "
                f"({level.right} right, {level.wrong} wrong, {level.missed} missed)"
            )
        lines.append(
            f"status  accuracy {self.status.share:.3f} of {self.status.n}    "
            f"date accuracy {self.date.share:.3f} of {self.date.n}"
        )
        lines += [
            f"  {name:20} P {level.precision:.2f}  R {level.recall:.2f}  F1 {level.f1:.2f}  "
            f"({level.right}/{level.wrong}/{level.missed})"
            for name, level in self.relations.items()
        ]
        return "\n".join([*lines, *map(str, self.mistakes[:mistakes])])

    def __str__(self) -> str:
        return self.as_text()


def score(gold: Rows, predicted: Rows, *, ids: str = "") -> Scores:
    """Compare predicted with gold statements, text by text.

    Only texts of `gold` whose id starts with `ids` count; a text that `predicted` lacks has no statements.
    A statement given twice for one text counts once.
    """
    texts = {document: rows for document, rows in gold.items() if document.startswith(ids)}
    levels = {name: _compare(texts, predicted, key) for name, key in LEVELS.items() if name != "strict"}
    strict = _Strict()
    for document, wanted in texts.items():
        strict.add(document, wanted, predicted.get(document, ()))
    return Scores(
        texts=len(texts),
        strict=_level(strict.counts),
        typed=levels["typed"],
        quad=levels["quad"],
        dyad=levels["dyad"],
        status=Accuracy(strict.status["right"], strict.status.total()),
        date=Accuracy(strict.date["right"], strict.date.total()),
        relations={name: _level(counts) for name, counts in sorted(strict.relations.items())},
        mistakes=tuple(strict.mistakes),
    )


def _pair(row: Row) -> tuple[str, ...]:
    return tuple(sorted((row.source, row.target)))


def _ends(row: Row) -> tuple[str, ...]:
    relation = load_ontology().relations.get(row.relation)
    return _pair(row) if relation and relation.direction_free else (row.source, row.target)


def _class(row: Row) -> str:
    relation = load_ontology().relations.get(row.relation)
    return (relation.quad if relation else None) or row.relation


LEVELS: Mapping[str, Callable[[Row], Hashable]] = {
    "strict": lambda row: (_ends(row), row.relation, row.polarity),
    "typed": lambda row: (_ends(row), row.relation),
    "quad": lambda row: (_pair(row), _class(row)),
    "dyad": _pair,
}
"""What two statements must share to count as the same, by level."""


class _Matched:
    """The statements of one text by key; of several with one key the last stands for all."""

    def __init__(self, wanted: Iterable[Row], found: Iterable[Row], key: Callable[[Row], Hashable]) -> None:
        wanted = tuple(wanted)
        self.required = {key(row): row for row in wanted if not row.optional}
        self.got = {key(row): row for row in found}
        allowed = {key(row) for row in wanted}
        self.right = [k for k in self.got if k in self.required]
        self.wrong = [k for k in self.got if k not in allowed]
        self.missed = [k for k in self.required if k not in self.got]


def _compare(gold: Rows, predicted: Rows, key: Callable[[Row], Hashable]) -> Level:
    counts: Counter[str] = Counter()
    for document, wanted in gold.items():
        match = _Matched(wanted, predicted.get(document, ()), key)
        counts.update(right=len(match.right), wrong=len(match.wrong), missed=len(match.missed))
    return _level(counts)


class _Strict:
    """Everything that is counted over strict matches, filled text by text."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.relations: dict[str, Counter[str]] = {}
        self.status: Counter[str] = Counter()
        self.date: Counter[str] = Counter()
        self.mistakes: list[Mistake] = []

    def add(self, document: str, wanted: Iterable[Row], found: Iterable[Row]) -> None:
        match = _Matched(wanted, found, LEVELS["strict"])
        for key in match.right:
            self._count("right", match.got[key])
            self._facts(match.required[key], match.got[key])
        for key in match.wrong:
            self._count("wrong", match.got[key])
            self.mistakes.append(Mistake(document, "wrong", match.got[key]))
        for key in match.missed:
            self._count("missed", match.required[key])
            self.mistakes.append(Mistake(document, "missed", match.required[key]))

    def _count(self, kind: str, row: Row) -> None:
        self.counts[kind] += 1
        self.relations.setdefault(row.relation, Counter())[kind] += 1

    def _facts(self, wanted: Row, found: Row) -> None:
        if wanted.status:
            self.status["right" if (found.status or "actual") == wanted.status else "wrong"] += 1
        if wanted.date:
            # "2021-08" is met by "2021-08" and by every day of that month.
            met = (found.date or "").startswith(wanted.date[:10])
            self.date["right" if met else "wrong"] += 1


def _level(counts: Mapping[str, int]) -> Level:
    return Level(counts.get("right", 0), counts.get("wrong", 0), counts.get("missed", 0))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def read_rows(path: Path | str) -> dict[str, tuple[Row, ...]]:
    """The statements of a JSON lines file by text id; empty lines are skipped.

    Raises `InputError` for a file that cannot be read and, with its number, for a line that is not
    such an object or repeats an id.
    """
    found: dict[str, tuple[Row, ...]] = {}
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: cannot be read as UTF-8 text: {exc}") from exc
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            document, rows = _parse(line)
        except ValueError as exc:
            raise InputError(f"{path}:{number}: {exc}; write one JSON object per line") from exc
        if document in found:
            raise InputError(f"{path}:{number}: id {document!r} comes twice; put its statements on one line")
        found[document] = rows
    return found


def _parse(line: str) -> tuple[str, tuple[Row, ...]]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as exc:
        raise ValueError(f"not JSON at column {exc.colno}: {exc.msg}") from exc
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise ValueError('an object with a text "id" is needed')
    statements = value.get("statements")
    if not isinstance(statements, list):
        raise ValueError(f'{value["id"]!r} needs a list "statements"')
    return value["id"], tuple(_row(item, place) for place, item in enumerate(statements, start=1))


def _row(item: object, place: int) -> Row:
    if not isinstance(item, dict):
        raise ValueError(f"statement {place} is not an object")
    for name in ("source", "relation", "target"):
        if not isinstance(item.get(name), str):
            raise ValueError(f"statement {place} needs a text {name!r}")
    for name in ("status", "date"):
        if not isinstance(item.get(name), str | None):
            raise ValueError(f"statement {place} has {item[name]!r} as {name}; a text or null is needed")
    polarity = item.get("polarity", "+")
    if polarity not in ("+", "-"):
        raise ValueError(f'statement {place} has {polarity!r} as polarity; "+" or "-" is needed')
    return Row(
        source=item["source"],
        relation=item["relation"],
        target=item["target"],
        polarity=polarity,
        status=item.get("status"),
        date=item.get("date"),
        evidence=str(item.get("evidence") or ""),
        optional=bool(item.get("optional")),
    )

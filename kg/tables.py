"""Tab-separated tables of `seeds/`: rows with their place, so that a complaint names file, line and column.

A table is a UTF-8 file with `#` comment lines and one line of column names. Which columns a table may have,
and which of them every row must fill, is said here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kg.errors import OntologyError

COLUMNS: dict[str, tuple[str, ...]] = {
    "states": (
        "code", "name", "kind", "official", "aliases", "adjectives", "nationals", "capital", "nouns",
        "iso2", "cow", "wikidata", "geonames", "from", "to", "source",
    ),
    "metonyms": ("code", "text", "from", "to", "source"),
    "organisations": (
        "code", "name", "kind", "aliases", "adjectives", "nouns", "wikidata", "from", "to", "source",
    ),
    "memberships": ("code", "member", "from", "to", "source"),
    "armed_groups": (
        "code", "group", "name", "aliases", "home", "governed", "wikidata", "from", "to", "source",
    ),
    "leaders": ("code", "name", "aliases", "surnames", "role", "from", "to", "source"),
    "cities": ("code", "text", "source"),
    "roles": ("class", "words", "source"),
    "not_actors": ("rule", "text", "beside", "source"),
}  # fmt: skip
"""Columns of each table. In a table of your own those that are not `REQUIRED` may be left out."""

REQUIRED = frozenset(
    {"code", "name", "text", "class", "words", "rule", "kind", "group", "home", "role", "member"}
)
CODE = re.compile(r"[A-Z0-9_]{2,14}(-REB|-OPP)?\Z")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its cells by column name, and where it stands."""

    path: Path
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def many(self, column: str) -> list[str]:
        """Values of a cell that holds a list, separated by `|`."""
        return [value.strip() for value in self[column].split("|") if value.strip()]

    def fail(self, column: str, what: str) -> OntologyError:
        """An error that names file, line and column."""
        return OntologyError(f"{self.path}:{self.line}: column {column!r}: {what}")

    def day(self, column: str, *, last: bool = False) -> date | None:
        """A cell with `YYYY`, `YYYY-MM` or `YYYY-MM-DD` as its first (or last) day; None when empty."""
        return self.day_of(column, self[column], last=last)

    def day_of(self, column: str, value: str, *, last: bool) -> date | None:
        """The same for a value that is a part of the cell."""
        if not value:
            return None
        match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", value)
        try:
            if match is None:
                raise ValueError(value)
            year, month, day = (int(part) if part else None for part in match.groups())
            if year is None:
                raise ValueError(value)
            if day is not None and month is not None:
                return date(year, month, day)
            if not last:
                return date(year, month or 1, 1)
            following = date(year + 1, 1, 1) if month in (None, 12) else date(year, (month or 0) + 1, 1)
            return date.fromordinal(following.toordinal() - 1)
        except ValueError as exc:
            raise self.fail(column, f"{value!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD") from exc


def read_table(path: Path, columns: Sequence[str] = ()) -> Iterator[Row]:
    """Rows of a table; lines that are empty or begin with `#` are passed over.

    Raises `OntologyError` with file, line and column when the file cannot be read, a column is unknown or
    missing, a row is too long or too short, or a required cell is empty.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise OntologyError(f"{path}: cannot be read as UTF-8 text: {exc}") from exc
    head: list[str] | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if head is None:
            head = cells
            for name in (name for name in columns if name in REQUIRED and name not in cells):
                raise OntologyError(f"{path}:{number}: column {name!r} is missing; found {', '.join(cells)}")
            continue
        if len(cells) != len(head):
            raise OntologyError(
                f"{path}:{number}: column {len(cells)}: {len(cells)} cells where the head has {len(head)};"
                " separate cells by one tab"
            )
        row = Row(path, number, dict(zip(head, (cell.strip() for cell in cells), strict=True)))
        for name in head:
            if name in REQUIRED and not row[name]:
                raise row.fail(name, "is empty; it must be given")
        code = row["code"]
        if "code" in head and not CODE.match(code):
            raise row.fail("code", f"{code!r} is no actor code; write e.g. AFG, UNO, TALIBAN or IRQ-REB")
        since, until = row.day("from"), row.day("to", last=True)
        if since and until and since > until:
            raise row.fail("to", f"{row['to']} lies before {row['from']}")
        yield row


def table_of(path: Path) -> str:
    """Which table a user's file extends, by its name or else its columns; `OntologyError` when it is none.

    A table's required columns must be there, the others may be left out.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as exc:
        raise OntologyError(
            f"{path}: no actor table found; give a tab-separated file with a line of column names"
        ) from exc
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            found = set(line.split("\t"))
            fitting = [name for name, all_ in COLUMNS.items() if REQUIRED & set(all_) <= found <= set(all_)]
            if path.stem in fitting:
                return path.stem
            if fitting:
                return fitting[0]
            known = "; ".join(f"{table}: {', '.join(columns)}" for table, columns in COLUMNS.items())
            raise OntologyError(
                f"{path}:{number}: its columns fit no actor table; use those of one ({known})"
            )
    raise OntologyError(
        f"{path}: no actor table found; give a tab-separated file with a line of column names"
    )

"""The actor tables of `seeds/`, read and checked: rows in, actors and the ways to write them out.

A table is a tab-separated UTF-8 file with `#` comment lines and one line of column names. A row that cannot
be used stops the reading with its file, line and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from kg.errors import OntologyError
from kg.model import ActorKind

Form = Literal[
    "name",
    "adjective",
    "national",
    "capital",
    "metonym",
    "place",
    "organ",
    "group",
    "leader",
    "surname",
    "quality",
    "none",
]
"""How an alias stands for its actor. "quality" counts only before a role noun ("Western diplomats"); "none"
blocks a longer phrase that only looks like an actor."""

FIRST, LAST = date.min, date.max

COLUMNS: dict[str, tuple[str, ...]] = {
    "states": (
        "code", "name", "kind", "official", "aliases", "adjectives", "nationals", "capital", "nouns",
        "iso2", "cow", "wikidata", "from", "to", "source",
    ),
    "metonyms": ("code", "text", "from", "to", "source"),
    "organisations": (
        "code", "name", "kind", "aliases", "adjectives", "nouns", "wikidata", "from", "to", "source",
    ),
    "armed_groups": ("code", "group", "name", "aliases", "home", "governed", "from", "to", "source"),
    "leaders": ("code", "name", "aliases", "surnames", "role", "from", "to", "source"),
    "cities": ("code", "text", "source"),
    "roles": ("class", "words", "source"),
    "not_actors": ("rule", "text", "beside", "source"),
}  # fmt: skip

REQUIRED = {"code", "name", "text", "class", "words", "rule", "kind", "group", "home", "role"}
KINDS = ("state", "territory", "historical", "organisation", "collective")
CODE = re.compile(r"[A-Z0-9_]{2,14}(-REB|-OPP)?\Z")


@dataclass(frozen=True, slots=True)
class Actor:
    """An international actor of the tables: `code` as in statements, English `name`, other `labels`.

    `since` and `until` are the first and last day of its existence where the tables give them; `words` the
    common nouns that may stand for it ("kingdom", "island").
    """

    code: str
    name: str
    kind: ActorKind
    labels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    home: str | None = None
    since: date | None = None
    until: date | None = None
    iso2: str | None = None
    cow: str | None = None
    wikidata: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to write an actor. `agent` is the person or body named when it is not the principal itself.

    `since` and `until` bound the days on which it holds (inclusive; `date.min`, `date.max` when open).
    """

    text: str
    code: str
    form: Form
    role: str
    since: date = FIRST
    until: date = LAST
    agent: str | None = None
    source: str = ""

    def holds(self, on: date | None) -> bool:
        """True on days inside the validity, and always when no day is given."""
        return on is None or self.since <= on <= self.until


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
        return _day(self, column, self[column], last=last)


def _day(row: Row, column: str, value: str, *, last: bool) -> date | None:
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
        raise row.fail(column, f"{value!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD") from exc


def read_table(path: Path, columns: Sequence[str] = ()) -> Iterator[Row]:
    """Rows of a tab-separated table with `#` comment lines and one line of column names.

    Raises `OntologyError` with file, line and column when the file cannot be read, a column is unknown or
    missing, a row is too long or too short, or a required cell is empty.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
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


class Tables:
    """Collects actors, their aliases, role nouns and exclusions while tables are read."""

    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}
        self.aliases: set[Alias] = set()
        self.groups: set[Actor] = set()
        self.roles: dict[str, set[str]] = {}
        self.rules: dict[str, set[tuple[str, str]]] = {}

    def _alias(
        self,
        row: Row,
        text: str,
        code: str,
        form: Form,
        role: str,
        *,
        agent: str | None = None,
        dated: bool = False,
    ) -> None:
        since = row.day("from") if dated else None
        until = row.day("to", last=True) if dated else None
        self.aliases.add(
            Alias(
                text, code, form, role, since or FIRST, until or LAST, agent, row["source"] or row.path.name
            )
        )

    def _states(self, row: Row) -> None:
        code, kind = row["code"], row["kind"]
        if kind in ("organisation", "collective"):  # a user's file may mix them with states
            self._organisations(row)
            return
        if kind not in KINDS:
            raise row.fail("kind", f"{kind!r} is not one of {', '.join(KINDS)}")
        names = [row["name"], *row.many("official"), *row.many("aliases")]
        if kind != "historical":
            self._add(
                row, code, "state", names[1:], words=tuple(row.many("nouns")),
                iso2=row["iso2"] or None, cow=row["cow"] or None, wikidata=row["wikidata"] or None,
            )  # fmt: skip
        for name in names:
            self._alias(row, name, code, "name", "historical state" if kind == "historical" else "state")
        for text in row.many("adjectives"):
            self._alias(row, text, code, "adjective", "demonym")
        for text in row.many("nationals"):
            single, _, plural = text.partition("/")
            endings = (plural,) if plural else () if re.search(r"(ese|ss|ish)$", single) else (f"{single}s",)
            for noun in (single, *endings):
                self._alias(row, noun, code, "national", "national")
        for text in row.many("capital"):
            form: Form = "place" if kind == "territory" else "capital"
            self._alias(row, text, code, form, "capital", dated=kind == "historical" or bool(row["to"]))

    def _add(self, row: Row, code: str, kind: ActorKind, labels: Iterable[str], **more: Any) -> None:
        since, until = row.day("from"), row.day("to", last=True)
        actor = Actor(
            code,
            row["name"],
            kind,
            tuple(sorted(set(labels))),
            since=since,
            until=until,
            source=row["source"],
            **more,
        )
        known = self.actors.setdefault(code, actor)
        if known != actor and code == row["code"] and row.cells.get("group", code) == code:
            raise row.fail("code", f"{code!r} is already used for {known.name!r}; one row must give way")

    def _metonyms(self, row: Row) -> None:
        self._alias(row, row["text"], row["code"], "metonym", "metonym", agent=row["text"], dated=True)

    def _organisations(self, row: Row) -> None:
        kind: ActorKind = "collective" if row["kind"] == "collective" else "organisation"
        more = {"words": tuple(row.many("nouns")), "wikidata": row["wikidata"] or None}
        self._add(row, row["code"], kind, row.many("aliases"), **more)
        for name in (row["name"], *row.many("aliases")):
            self._alias(row, name, row["code"], "organ", kind)
        for text in row.many("adjectives"):
            self._alias(row, text, row["code"], "quality", kind)

    def _armed_groups(self, row: Row) -> None:
        code, names = row["code"], [row["name"], *row.many("aliases")]
        if code == row["group"]:
            self._add(row, code, "armed_group", names[1:], home=row["home"])
        since, until = row.day("from"), row.day("to", last=True)
        self.groups.add(
            Actor(
                code, row["name"], "armed_group", tuple(sorted(names[1:])), home=row["home"],
                since=since, until=until, source=row["source"],
            )
        )  # fmt: skip
        terms = []
        for term in row.many("governed"):
            match = re.fullmatch(r"([A-Z]{3}):([\d-]+)/([\d-]*)", term)
            if match is None:
                raise row.fail("governed", f"{term!r} is no term of government; write AFG:2021-08-15/")
            state, start, end = match.groups()
            terms.append((_day(row, "governed", start, last=False) or FIRST, end, state))
        cursor, source = FIRST, row["source"]
        for start, end, state in sorted(terms):
            stop = _day(row, "governed", end, last=True) or LAST
            for name in names:
                agent = row["name"]
                if cursor < start:
                    before = date.fromordinal(start.toordinal() - 1)
                    self.aliases.add(Alias(name, code, "group", "armed group", cursor, before, agent, source))
                self.aliases.add(Alias(name, state, "group", "governing group", start, stop, agent, source))
            cursor = date.fromordinal(stop.toordinal() + 1) if stop < LAST else LAST
        if cursor < LAST:
            for name in names:
                self.aliases.add(Alias(name, code, "group", "armed group", cursor, LAST, row["name"], source))

    def _leaders(self, row: Row) -> None:
        name, code, role = row["name"], row["code"], row["role"]
        full = [name, *row.many("aliases")]
        parts = name.split()
        if len(parts) > 2 and any(re.fullmatch(r"[A-Z]\.?", part) for part in parts[1:-1]):
            full.append(" ".join(part for part in parts if not re.fullmatch(r"[A-Z]\.?", part)))
        for text in full:
            self._alias(row, text, code, "leader" if " " in text else "surname", role, agent=name, dated=True)
        for text in row.many("surnames"):
            self._alias(row, text, code, "surname", role, agent=name, dated=True)

    def _cities(self, row: Row) -> None:
        self._alias(row, row["text"], row["code"], "place", "place")

    def _roles(self, row: Row) -> None:
        self.roles.setdefault(row["class"], set()).update(row.many("words"))

    def _not_actors(self, row: Row) -> None:
        rule, text, beside = row["rule"], row["text"], row["beside"]
        if rule == "phrase":
            self.aliases.add(Alias(text, "-", "none", "not an actor", source=row["source"]))
        elif rule in ("first_name", "surname", "beside"):
            self.rules.setdefault(rule, set()).add((text, beside))
        else:
            raise row.fail("rule", f"{rule!r} is not one of phrase, first_name, surname, beside")

    def read(self, path: Path, table: str) -> None:
        """Reads one file as a table of that name (a key of `COLUMNS`)."""
        reader = getattr(self, f"_{table}")
        for row in read_table(path, COLUMNS[table]):
            reader(row)


def table_of(path: Path) -> str:
    """Which table a user's file extends, by its name or else its columns; `OntologyError` when it is none.

    A table's required columns must be there, the others may be left out.
    """
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else ():
        if line.strip() and not line.startswith("#"):
            found = set(line.split("\t"))
            fitting = [name for name, all_ in COLUMNS.items() if REQUIRED & set(all_) <= found <= set(all_)]
            if path.stem in fitting:
                return path.stem
            if fitting:
                return fitting[0]
            known = "; ".join(f"{table}: {', '.join(columns)}" for table, columns in COLUMNS.items())
            raise OntologyError(f"{path}: its columns fit no actor table; use those of one ({known})")
    raise OntologyError(
        f"{path}: no actor table found; give a tab-separated file with a line of column names"
    )

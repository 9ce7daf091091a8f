"""Whom a name stands for, at a date: states, organisations, armed groups, and those who speak for them.

The tables in `seeds/*.tsv` come in; out comes an `ActorTable` that resolves a string ("the Iranian foreign
ministry", "Ashraf Ghani", "Kremlin") and finds all names in a text. One idea: every way to write an actor is
an `Alias` with a validity; a name that fits several actors at the date stands for none.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kg.errors import OntologyError
from kg.model import ActorKind
from kg.resources import resource

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
    "none",
]
"""How an alias stands for its actor; "none" blocks a longer phrase that only looks like one."""

FIRST, LAST = date.min, date.max

COLUMNS: dict[str, tuple[str, ...]] = {
    "states": (
        "code", "name", "kind", "official", "aliases", "adjectives", "nationals", "capital", "nouns",
        "iso2", "cow", "wikidata", "from", "to", "source",
    ),
    "metonyms": ("code", "text", "from", "to", "source"),
    "organisations": ("code", "name", "kind", "aliases", "wikidata", "from", "to", "source"),
    "armed_groups": ("code", "group", "name", "aliases", "home", "governed", "from", "to", "source"),
    "leaders": ("code", "name", "aliases", "surnames", "role", "from", "to", "source"),
    "cities": ("code", "text", "source"),
    "roles": ("class", "words", "source"),
    "not_actors": ("rule", "text", "beside", "source"),
}  # fmt: skip

REQUIRED = {"code", "name", "text", "class", "words", "rule", "kind", "group", "home", "role"}
KINDS = ("state", "territory", "historical", "organisation", "collective")
CODE = re.compile(r"[A-Z0-9_]{2,14}(-REB|-OPP)?\Z")
TOKEN = re.compile(r"\w+|[^\w\s]")
EXCLUSIVE = ("head of state", "head of government", "foreign minister", "defence minister")


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


@dataclass(frozen=True, slots=True, order=True)
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
class Resolution:
    """Whom a string stands for at a date: principal's `code`, in what `role`, how long, from where, and why."""

    text: str
    code: str
    kind: ActorKind
    role: str
    since: date | None
    until: date | None
    source: str
    why: str
    form: Form = "name"
    agent: str | None = None


class Hit(NamedTuple):
    """Aliases that match `text[start:end]`; several when the name is ambiguous."""

    start: int
    end: int
    aliases: tuple[Alias, ...]


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Key of a word: without case and accents, straight apostrophe.

    >>> fold("Élysée"), fold("’")
    ('elysee', "'")
    """
    plain = unicodedata.normalize("NFKD", word.casefold().replace("’", "'").replace("ı", "i"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Words and single marks of a text, folded."""
    return [fold(word) for word in TOKEN.findall(text)]


def _case_fits(alias: str, found: str) -> bool:
    """Abbreviations match in capitals only ("US", not "us"), names with their capitals ("Chad", "CHAD")."""
    if alias.isupper() and len(alias) <= 6 and "." not in alias:
        return found.isupper()
    for want, got in zip(TOKEN.findall(alias), TOKEN.findall(found), strict=False):
        if want[:1].isupper() and not got[:1].isupper():
            return False
    return True


class _Order:
    """Precedence when one string is an alias in several tables: the surer reading first."""

    rank: dict[Form, int] = {  # noqa: RUF012 - a constant
        "none": 0, "name": 1, "adjective": 1, "national": 1, "organ": 2, "group": 2, "metonym": 2,
        "capital": 3, "leader": 4, "place": 5, "surname": 6,
    }  # fmt: skip


def pick(aliases: Iterable[Alias], on: date | None = None, years: Sequence[int] = ()) -> Alias | None:
    """The alias that decides, or None when none holds at the date or two principals remain.

    `years` are years that the sentence speaks of: a leader out of office at the date still stands for the
    state in a sentence about the time in office ("In 1972 Nixon visited China").
    """
    held = [alias for alias in aliases if alias.holds(on)]
    if on is not None and years and not any(alias.form in ("leader", "surname") for alias in held):
        held += [
            alias
            for alias in aliases
            if alias not in held and any(alias.since.year <= year <= alias.until.year for year in years)
        ]
    if not held:
        return None
    best = min(_Order.rank[alias.form] for alias in held)
    held = [alias for alias in held if _Order.rank[alias.form] == best]
    if held[0].form == "none" or len({alias.code for alias in held}) > 1:
        return None
    return min(held, key=lambda alias: (alias.form in ("adjective", "national"), alias))


@dataclass(frozen=True)
class ActorTable:
    """All actors and all their names. Build it with `load_actors`; the order of rows never matters."""

    actors: dict[str, Actor]
    aliases: tuple[Alias, ...]
    roles: dict[str, frozenset[str]]
    """Classes of role nouns (`force`, `official`, `rebel` ...) and their words, singular and plural, folded."""
    not_actors: dict[str, frozenset[tuple[str, str]]]
    """Rules `first_name`, `surname`, `beside`: pairs (folded text, folded neighbour or "")."""
    _trie: dict[str, Any] = field(repr=False, compare=False)

    def find(self, text: str) -> Iterator[Hit]:
        """Names in a text, longest first, left to right, without overlap; ambiguous ones with all readings."""
        spans = [(match.start(), match.end()) for match in TOKEN.finditer(text)]
        keys = [fold(text[start:end]) for start, end in spans]
        index, count, root = 0, len(keys), self._trie
        while index < count:
            node = root.get(keys[index])
            if node is None:
                index += 1
                continue
            stop, found = index, ()
            ahead = index + 1
            while True:
                entries = node.get("")
                if entries:
                    piece = text[spans[index][0] : spans[ahead - 1][1]]
                    fitting = tuple(alias for alias in entries if _case_fits(alias.text, piece))
                    if fitting:
                        stop, found = ahead, fitting
                node = node.get(keys[ahead]) if ahead < count else None
                if node is None:
                    break
                ahead += 1
            if found:
                yield Hit(spans[index][0], spans[stop - 1][1], found)
                index = stop
            else:
                index += 1

    def lookup(self, text: str) -> tuple[Alias, ...]:
        """Every alias written exactly so, apart from accents; empty for an unknown string."""
        node = self._trie
        for key in words(text):
            node = node.get(key)  # type: ignore[assignment]
            if node is None:
                return ()
        return tuple(alias for alias in node.get("", ()) if _case_fits(alias.text, text))

    def kind(self, code: str) -> ActorKind:
        """Kind of an actor code, also of `<ISO3>-REB` and `<ISO3>-OPP`, which have no row of their own."""
        return self.actors[code].kind if code in self.actors else "armed_group"

    def role_class(self, noun: str) -> str | None:
        """Class of a role noun or noun phrase ("destroyer": `force`), None for other nouns."""
        return self._classes.get(fold(noun))

    @property
    def _classes(self) -> dict[str, str]:
        return _class_index(tuple(sorted((name, words) for name, words in self.roles.items())))

    def resolve(self, text: str, on: date | None = None) -> Resolution | None:
        """Whom a string stands for on a day, or None when it stands for no international actor then.

        A title, "the" and a possessive ending are ignored; a phrase with a role noun stands for the one actor
        that its other words name ("the Iranian foreign ministry": IRN, "Iraqi insurgents": IRQ-REB). Former
        office holders, firms, clubs, and names that fit two principals give None. Without a day, an office
        holder of any time counts, if all who bear the name served one principal.
        """
        clean = re.sub(r"\s+", " ", text.replace("’", "'")).strip(" .,;:\"'")
        clean = re.sub(r"'s?$", "", clean)
        if re.match(r"(the )?(former|ex|late|then)\b", clean, re.IGNORECASE):
            return None
        for form in dict.fromkeys((clean, re.sub(r"^[Tt]he ", "", clean))):
            aliases = self.lookup(form)
            if aliases:
                return self._answer(text, pick(aliases, on), on)
        return self._by_parts(text, clean, on)

    def _answer(self, text: str, alias: Alias | None, on: date | None) -> Resolution | None:
        if alias is None or alias.form == "none":
            return None
        who = f"{alias.agent}, {alias.role}" if alias.agent else alias.role
        day = f" on {on}" if on else ""
        why = f"{alias.text}: {who} of {alias.code}{day}"
        since = None if alias.since == FIRST else alias.since
        until = None if alias.until == LAST else alias.until
        kind = self.kind(alias.code)
        return Resolution(
            text, alias.code, kind, alias.role, since, until, alias.source, why, alias.form, alias.agent
        )

    def _by_parts(self, text: str, clean: str, on: date | None) -> Resolution | None:
        hits = [(hit, pick(hit.aliases, on)) for hit in self.find(clean)]
        if any(alias is None for _, alias in hits):
            return None
        found = [(hit, alias) for hit, alias in hits if alias is not None]
        if not found:
            return None
        first, last = found[0], found[-1]
        rest = clean[: first[0].start] + " " + clean[last[0].end :]
        persons = [pair for pair in found if pair[1].form in ("leader", "surname")]
        if persons:  # "President Ashraf Ghani", "US President Bush": the person decides, at the date
            outside = clean[: persons[0][0].start]
            trailing = clean[persons[0][0].end :].strip()
            known = all(
                self.role_class(word) or self.lookup(word) or word.islower() for word in outside.split()
            )
            if trailing or not (known or self.role_class(outside.strip())):
                return None
            return self._answer(text, persons[0][1], on)
        codes = {alias.code for _, alias in found}
        role = self._last_role(rest)
        if len(codes) != 1 or role is None:
            return None
        alias = first[1]
        answer = self._answer(text, alias, on)
        if answer is None or role in ("company", "pair"):
            return None
        code = answer.code
        if role in ("rebel", "opposition") and self.kind(code) == "state":
            code += "-REB" if role == "rebel" else "-OPP"
        why = f"{role} of {answer.code} ({alias.text})"
        return Resolution(
            text, code, self.kind(code), role, answer.since, answer.until, answer.source, why, answer.form
        )

    def _last_role(self, rest: str) -> str | None:
        """Class of the longest role phrase in the words around a name; the last one when several are equal."""
        tokens = re.sub(r"\b(of|the|to|for|in|and|'s|s)\b|[^\w\s-]", " ", rest).split()
        for size in range(min(4, len(tokens)), 0, -1):
            for start in range(len(tokens) - size, -1, -1):
                found = self.role_class(" ".join(tokens[start : start + size]))
                if found:
                    return found
        return None

    def suggest(self, text: str, count: int = 3) -> list[str]:
        """Known names that are written most like an unknown one, nearest first."""
        names = _spellings(self.aliases)
        return [names[key] for key in difflib.get_close_matches(fold(text), list(names), count, 0.7)]


@lru_cache(maxsize=8)
def _class_index(roles: tuple[tuple[str, frozenset[str]], ...]) -> dict[str, str]:
    return {word: name for name, members in reversed(roles) for word in members}


@lru_cache(maxsize=4)
def _spellings(aliases: tuple[Alias, ...]) -> dict[str, str]:
    return {fold(alias.text): alias.text for alias in reversed(aliases) if alias.form != "none"}


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
            for name in (name for name in columns if name not in cells):
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


class _Builder:
    """Collects actors and aliases while tables are read."""

    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}
        self.aliases: set[Alias] = set()
        self.roles: dict[str, set[str]] = {}
        self.rules: dict[str, set[tuple[str, str]]] = {}

    def alias(
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

    def states(self, row: Row) -> None:
        code, kind = row["code"], row["kind"]
        if kind not in KINDS:
            raise row.fail("kind", f"{kind!r} is not one of {', '.join(KINDS)}")
        names = [row["name"], *row.many("official"), *row.many("aliases")]
        if kind != "historical":
            self.add(
                row, code, "state", names[1:], words=tuple(row.many("nouns")),
                iso2=row["iso2"] or None, cow=row["cow"] or None, wikidata=row["wikidata"] or None,
            )  # fmt: skip
        for name in names:
            self.alias(row, name, code, "name", "historical state" if kind == "historical" else "state")
        for text in row.many("adjectives"):
            self.alias(row, text, code, "adjective", "demonym")
        for text in row.many("nationals"):
            single, _, plural = text.partition("/")
            endings = (plural,) if plural else () if re.search(r"(ese|ss|ish)$", single) else (f"{single}s",)
            for noun in (single, *endings):
                self.alias(row, noun, code, "national", "national")
        for text in row.many("capital"):
            self.alias(row, text, code, "capital", "capital")

    def add(self, row: Row, code: str, kind: ActorKind, labels: Iterable[str], **more: Any) -> None:
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

    def metonyms(self, row: Row) -> None:
        self.alias(row, row["text"], row["code"], "metonym", "metonym", agent=row["text"], dated=True)

    def organisations(self, row: Row) -> None:
        kind: ActorKind = "collective" if row["kind"] == "collective" else "organisation"
        self.add(row, row["code"], kind, row.many("aliases"), wikidata=row["wikidata"] or None)
        for name in (row["name"], *row.many("aliases")):
            self.alias(row, name, row["code"], "organ", kind)

    def armed_groups(self, row: Row) -> None:
        code, names = row["code"], [row["name"], *row.many("aliases")]
        if code == row["group"]:
            self.add(row, code, "armed_group", names[1:], home=row["home"])
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

    def leaders(self, row: Row) -> None:
        name, code, role = row["name"], row["code"], row["role"]
        full = [name, *row.many("aliases")]
        parts = name.split()
        if len(parts) > 2 and any(re.fullmatch(r"[A-Z]\.?", part) for part in parts[1:-1]):
            full.append(" ".join(part for part in parts if not re.fullmatch(r"[A-Z]\.?", part)))
        for text in full:
            self.alias(row, text, code, "leader" if " " in text else "surname", role, agent=name, dated=True)
        for text in row.many("surnames"):
            self.alias(row, text, code, "surname", role, agent=name, dated=True)

    def cities(self, row: Row) -> None:
        self.alias(row, row["text"], row["code"], "place", "place")

    def table_roles(self, row: Row) -> None:
        self.roles.setdefault(row["class"], set()).update(fold(word) for word in row.many("words"))

    def table_not_actors(self, row: Row) -> None:
        rule, text, beside = row["rule"], row["text"], fold(row["beside"])
        if rule == "phrase":
            self.aliases.add(Alias(text, "-", "none", "not an actor", source=row["source"]))
        elif rule in ("first_name", "surname", "beside"):
            self.rules.setdefault(rule, set()).add((fold(text), beside))
        else:
            raise row.fail("rule", f"{rule!r} is not one of phrase, first_name, surname, beside")

    def read(self, path: Path, table: str) -> None:
        reader = getattr(self, {"roles": "table_roles", "not_actors": "table_not_actors"}.get(table, table))
        for row in read_table(path, COLUMNS[table]):
            reader(row)

    def table(self) -> ActorTable:
        trie: dict[str, Any] = {}
        ordered = tuple(sorted(self.aliases, key=lambda alias: (alias.text, alias.code, repr(alias))))
        for alias in ordered:
            node = trie
            for key in words(alias.text):
                node = node.setdefault(key, {})
            node.setdefault("", []).append(alias)
        return ActorTable(
            dict(sorted(self.actors.items())),
            ordered,
            {name: frozenset(members) for name, members in sorted(self.roles.items())},
            {name: frozenset(pairs) for name, pairs in sorted(self.rules.items())},
            trie,
        )


@lru_cache(maxsize=8)
def _load(extra: tuple[Path, ...]) -> ActorTable:
    builder = _Builder()
    for table in COLUMNS:
        builder.read(resource("seeds", f"{table}.tsv"), table)
    for path in extra:
        builder.read(path, _table_of(path))
    return builder.table()


def _table_of(path: Path) -> str:
    """Which table a user's file extends: told by its column names."""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else ():
        if line.strip() and not line.startswith("#"):
            for table, columns in COLUMNS.items():
                if set(columns) <= set(line.split("\t")):
                    return table
            known = "; ".join(f"{table}: {', '.join(columns)}" for table, columns in COLUMNS.items())
            raise OntologyError(f"{path}: its columns fit no actor table; use those of one ({known})")
    raise OntologyError(
        f"{path}: no actor table found; give a tab-separated file with a line of column names"
    )


def load_actors(extra: Sequence[Path] = ()) -> ActorTable:
    """The shipped actor tables, extended by tables of your own in the same formats (read once, then kept).

    Raises `OntologyError` with file, line and column for a malformed row, and when a code is used twice.
    """
    return _load(tuple(Path(path) for path in extra))


def check_tables(table: ActorTable | None = None) -> list[str]:
    """Problems of the data, one sentence each: two people in one exclusive office for more than 31 days."""
    terms: dict[tuple[str, str], dict[str, list[Alias]]] = {}
    for alias in (table or load_actors()).aliases:
        if alias.form == "leader" and alias.role in EXCLUSIVE and alias.agent == alias.text:
            terms.setdefault((alias.code, alias.role), {}).setdefault(alias.text, []).append(alias)
    problems = []
    for (code, role), people in sorted(terms.items()):
        spells = sorted((alias for held in people.values() for alias in held), key=lambda alias: alias.since)
        for index, one in enumerate(spells):
            for other in spells[index + 1 :]:
                shared = (min(one.until, other.until) - max(one.since, other.since)).days
                if one.agent != other.agent and shared > 31:
                    problems.append(f"{code}: {one.agent} and {other.agent} both {role}, {shared} days")
    return problems

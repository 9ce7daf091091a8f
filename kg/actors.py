"""Whom a name stands for, at a date: states, organisations, armed groups, and those who speak for them.

The tables in `seeds/*.tsv` come in; out comes an `ActorTable` that resolves a string ("the Iranian foreign
ministry", "Ashraf Ghani", "Kremlin") and finds all names in a text. One idea: every way to write an actor is
an `Alias` with a validity; a name that fits several actors at the date stands for none.
"""

from __future__ import annotations

import difflib
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from kg.audit import problems
from kg.model import ActorKind, content_id
from kg.resolve import Reading, Resolution, pick
from kg.resolve import resolve as _resolve
from kg.resources import resource
from kg.roster import FIRST, LAST, Actor, Alias, Facts, Tables
from kg.spelling import TOKEN, People, fold, words
from kg.tables import COLUMNS, table_of

__all__ = [
    "Actor",
    "ActorTable",
    "Alias",
    "Hit",
    "Reading",
    "Resolution",
    "check_tables",
    "fold",
    "load_actors",
    "pick",
    "resolve",
]

logger = logging.getLogger(__name__)

RECENT = date(1985, 1, 1)
# Classes of `roles.tsv` whose words keep their other class, too: "ally" may mean the other state.
MARKS = frozenset(
    {
        "fighter",
        "pair",
        "other",
        "own",
        "say",
        "no bare",
        "abstract",
        "former",
        "particle",
        "private",
        "sport",
        "play",
    }
)


class Hit(NamedTuple):
    """Aliases that match `text[start:end]`; several when the name is ambiguous."""

    start: int
    end: int
    aliases: tuple[Alias, ...]


def _case_fits(alias: str, found: str) -> bool:
    """Abbreviations match in capitals only ("US", not "us"), names with their capitals ("Chad", "CHAD")."""
    if alias.isupper() and len(alias) <= 6 and "." not in alias:
        return found.isupper()
    for want, got in zip(TOKEN.findall(alias), TOKEN.findall(found), strict=False):
        if want[:1].isupper() and not got[:1].isupper():
            return False
    return True


@dataclass(frozen=True, eq=False)
class ActorTable:
    """All actors and all their names. Build it with `load_actors`; the order of rows never matters."""

    actors: dict[str, Actor]
    aliases: tuple[Alias, ...]
    roles: dict[str, str]
    """Class (`force`, `official`, `rebel` ...) of every role noun, singular and plural, folded."""
    marks: dict[str, frozenset[str]]
    """Words that the reading of references needs to know, folded, by their mark (see `roles.tsv`)."""
    groups: tuple[Actor, ...]
    """Every armed group by itself, also those whose code is the `<ISO3>-REB` of their `home`."""
    not_actors: dict[str, frozenset[tuple[str, str]]]
    """Rules `first_name`, `surname`, `beside`: pairs (folded text, folded neighbour or "")."""
    _trie: dict[str, Any] = field(repr=False)
    facts: Facts = field(default_factory=Facts, repr=False)
    """Terms of office, memberships and former states, with their days."""
    version: str = ""
    """A hash of the content of tables of one's own; empty for the shipped tables alone."""

    def find(self, text: str) -> Iterator[Hit]:
        """Names in a text, longest first, left to right, without overlap, each with all its readings."""
        spans = [(match.start(), match.end()) for match in TOKEN.finditer(text)]
        keys = [fold(text[start:end]) for start, end in spans]
        index, count = 0, len(keys)
        while index < count:
            stop, found = self._longest(text, spans, keys, index)
            # "the World" must not hide "World Bank".
            if found and keys[index] == "the" and index + 1 < count:
                further, longer = self._longest(text, spans, keys, index + 1)
                if longer and further > stop:
                    index, stop, found = index + 1, further, longer
            if found:
                yield Hit(spans[index][0], spans[stop - 1][1], found)
            index = stop if found else index + 1

    def _longest(
        self, text: str, spans: list[tuple[int, int]], keys: list[str], index: int
    ) -> tuple[int, tuple[Alias, ...]]:
        """End and aliases of the longest name that starts at a word; no aliases when there is none."""
        node = self._trie.get(keys[index])
        found: tuple[Alias, ...] = ()
        stop, ahead = index, index + 1
        while node is not None:
            entries = node.get("")
            if entries:
                piece = text[spans[index][0] : spans[ahead - 1][1]]
                fitting = tuple(alias for alias in entries if _case_fits(alias.text, piece))
                if fitting:
                    stop, found = ahead, fitting
            node = node.get(keys[ahead]) if ahead < len(keys) else None
            ahead += 1
        return stop, found

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

    def name(self, code: str) -> str:
        """English name of an actor; the code itself where the tables have no row for it."""
        return self.actors[code].name if code in self.actors else code

    def homes(self, on: date | None = None) -> Counter[str]:
        """How many armed groups are based in each state on a day; without one, of the last decades."""
        return Counter(
            group.home
            for group in self.groups
            if group.home
            and not group.code.endswith("-OPP")
            and (group.until or LAST) >= (on or RECENT)
            and (on is None or (group.since or FIRST) <= on)
        )

    def marked(self, word: str, mark: str) -> bool:
        """True for a word with a mark of `roles.tsv` ("rebels" is a `fighter`, "recall" is `own`)."""
        return fold(word) in self.marks.get(mark, ())

    def role_class(self, noun: str) -> str | None:
        """Class of a role noun or noun phrase ("destroyer": `force`), None for other nouns."""
        return self.roles.get(fold(noun))

    def resolve(self, text: str, on: date | None = None) -> Resolution | None:
        """Whom a string stands for on a day, or None when it stands for no international actor then.

        `kg.resolve` tells how strings are read. A name that fits two principals on the day gives None.
        """
        return self.read(text, on).answer

    def read(self, text: str, on: date | None = None) -> Reading:
        """Whom a string stands for on a day, or why for nobody."""
        return _resolve(self, text, on)

    @cached_property
    def people(self) -> People:
        """The full names of office holders, to be found in any spelling."""
        return People(self.aliases, self.marks.get("particle", frozenset()))

    def suggest(self, text: str, count: int = 3) -> list[str]:
        """Known names that are written most like an unknown one, nearest first."""
        names = _spellings(self.aliases)
        return [names[key] for key in difflib.get_close_matches(fold(text), list(names), count, 0.7)]


@lru_cache(maxsize=4)
def _spellings(aliases: tuple[Alias, ...]) -> dict[str, str]:
    return {fold(alias.text): alias.text for alias in reversed(aliases) if alias.form != "none"}


def build(tables: Tables, version: str = "") -> ActorTable:
    """A table of actors from the rows read, the same for every order of rows."""
    trie: dict[str, Any] = {}
    ordered = tuple(sorted(tables.aliases, key=lambda alias: (alias.text, alias.code, repr(alias))))
    for alias in ordered:
        node = trie
        for key in words(alias.text):
            node = node.setdefault(key, {})
        node.setdefault("", []).append(alias)
    rules = {
        name: frozenset((fold(text), fold(beside)) for text, beside in pairs)
        for name, pairs in sorted(tables.rules.items())
    }
    classes: dict[str, str] = {}
    plurals: dict[str, str] = {}
    marks: dict[str, frozenset[str]] = {}
    for name, members in sorted(tables.roles.items(), reverse=True):
        if name in MARKS:
            marks[name] = frozenset(fold(word) for word in members)
        else:
            classes.update((fold(word), name) for word in members)
            plurals.update((f"{fold(word)}s", name) for word in members if not word.endswith("s"))
    groups = tuple(sorted(tables.groups, key=lambda group: (group.code, group.name)))
    return ActorTable(
        dict(sorted(tables.actors.items())),
        ordered,
        plurals | classes,
        marks,
        groups,
        rules,
        trie,
        tables.facts,
        version,
    )


@lru_cache(maxsize=8)
def _load(extra: tuple[Path, ...]) -> ActorTable:
    tables, own = Tables(), Tables()
    for table in COLUMNS:
        tables.read(resource("seeds", f"{table}.tsv"), table)
    own.actors = dict(tables.actors)  # so that a code of theirs in an own table is an error
    for path in extra:
        own.read(path, table_of(path))
    before = set(problems(tables.facts, tables.actors)) if extra else set()
    for conflict in tables.overlay(own):
        logger.warning("%s", conflict)
    tables.check_codes()
    for problem in problems(tables.facts, tables.actors) if extra else ():
        if problem not in before:
            logger.warning("%s", problem)
    return build(
        tables, content_id(*sorted(path.read_text(encoding="utf-8") for path in extra)) if extra else ""
    )


def load_actors(extra: Sequence[Path | str] = ()) -> ActorTable:
    """The shipped actor tables, with tables of your own in the same formats on top (read once, then kept).

    A name that an own table gives to another actor stands for that one on the days of the row, and a warning
    says so; another tells of two holders of one exclusive office. Raises `OntologyError` with file, line and
    column for a malformed row, for an actor code used twice, and for a code that is in no table.
    """
    return _load(tuple(sorted(Path(path) for path in extra)))


def resolve(text: str, on: date | None = None) -> Resolution | None:
    """Whom a string stands for on a day, by the shipped tables (see `ActorTable.resolve`).

    >>> resolve("Ashraf Ghani", date(2019, 5, 1)).code
    'AFG'
    >>> resolve("Ashraf Ghani", date(2022, 5, 1)) is None
    True
    """
    return load_actors().resolve(text, on)


def check_tables(table: ActorTable | None = None) -> list[str]:
    """Problems of the tables' facts, one sentence each (see `kg.audit`); of the shipped ones by default."""
    table = table or load_actors()
    return problems(table.facts, table.actors)

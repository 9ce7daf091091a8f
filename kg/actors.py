"""Whom a name stands for, at a date: states, organisations, armed groups, and those who speak for them.

The tables in `seeds/*.tsv` come in; out comes an `ActorTable` that resolves a string ("the Iranian foreign
ministry", "Ashraf Ghani", "Kremlin") and finds all names in a text. One idea: every way to write an actor is
an `Alias` with a validity; a name that fits several actors at the date stands for none.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from kg.model import ActorKind
from kg.resources import resource
from kg.roster import COLUMNS, FIRST, LAST, Actor, Alias, Form, Tables, table_of

__all__ = [
    "Actor",
    "ActorTable",
    "Alias",
    "Hit",
    "Resolution",
    "check_tables",
    "fold",
    "load_actors",
    "pick",
    "resolve",
]

RECENT = date(1985, 1, 1)
TOKEN = re.compile(r"\w+|[^\w\s]")
EXCLUSIVE = ("head of state", "head of government", "foreign minister", "defence minister")
# Classes of `roles.tsv` whose words keep their other class, too: "ally" may mean the other state.
MARKS = frozenset({"fighter", "pair", "other", "own", "say", "no bare", "abstract"})
# Precedence when one string is an alias in several tables: the surer reading first.
RANK: dict[Form, int] = {
    "none": 0, "name": 1, "adjective": 1, "national": 1, "organ": 2, "group": 2, "metonym": 3,
    "capital": 2, "leader": 4, "place": 5, "surname": 6, "quality": 7,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resolution:
    """Whom a string stands for at a date: principal's `code`, `role`, how long, from where, and why."""

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


def pick(aliases: Iterable[Alias], on: date | None = None, years: Sequence[int] = ()) -> Alias | None:
    """The alias that decides, or None when none holds at the date or two principals remain.

    `years` are years that the sentence speaks of: a leader out of office at the date still stands for the
    state in a sentence about the time in office ("In 1972 Nixon visited China").
    """
    aliases = tuple(aliases)
    held = [alias for alias in aliases if alias.holds(on)]
    if on is None and any(alias.role == "armed group" for alias in held):
        held = [alias for alias in held if alias.role != "governing group"]
    if on is not None and years and not any(alias.form in ("leader", "surname") for alias in held):
        held += [
            alias
            for alias in aliases
            if alias not in held and any(alias.since.year <= year <= alias.until.year for year in years)
        ]
    if not held:
        return None
    best = min(RANK[alias.form] for alias in held)
    held = [alias for alias in held if RANK[alias.form] == best]
    if held[0].form == "none" or len({alias.code for alias in held}) > 1:
        return None
    return min(held, key=lambda alias: (alias.form in ("adjective", "national"), alias.text, repr(alias)))


@dataclass(frozen=True)
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
    _trie: dict[str, Any] = field(repr=False, compare=False)

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

    def homes(self, on: date | None = None) -> Counter[str]:
        """How many armed groups are based in each state on a day; without one, of the last decades."""
        return Counter(
            group.home
            for group in self.groups
            if group.home
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

        A title, "the" and a possessive ending are ignored; a phrase with a role noun stands for the one actor
        that its other words name ("the Iranian foreign ministry": IRN, "Iraqi insurgents": IRQ-REB). Former
        office holders, firms, clubs, and names that fit two principals give None. Without a day, an office
        holder of any time counts, if all who bear the name served one principal.
        """
        plain = re.sub(r"\s+", " ", text.replace("’", "'")).strip()
        clean = re.sub(r"'s?$", "", plain.strip(" .,;:\"'"))
        if re.match(r"(the )?(former|ex|late|then)\b", clean, re.IGNORECASE):
            return None
        bare = re.sub(r"^[Tt]he ", "", clean)
        for form in dict.fromkeys((plain, clean, bare)):
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
        # "India's ambassador to Qatar": who sends decides, not who receives.
        sender = re.match(r"(.+?) (?:to|in|at) ", clean)
        if sender and self._last_role(sender[1]) in ("official", "mission") and any(self.find(sender[1])):
            clean = sender[1]
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
            if trailing or not self._introduces(outside, persons[0][1]):
                return None
            return self._answer(text, persons[0][1], on)
        codes = {alias.code for _, alias in found}
        role = self._last_role(rest)
        if role is None and last[1].form in ("group", "organ") and not rest.strip():
            return self._answer(text, last[1], on)  # "Lebanese Hezbollah"
        if len(codes) != 1 or role is None:
            return None
        alias = first[1]
        answer = self._answer(text, alias, on)
        if answer is None or role == "company":
            return None
        code = answer.code
        if role in ("rebel", "opposition") and self.kind(code) == "state":
            code += "-REB" if role == "rebel" else "-OPP"
        why = f"{role} of {answer.code} ({alias.text})"
        return Resolution(
            text, code, self.kind(code), role, answer.since, answer.until, answer.source, why, answer.form
        )

    def _introduces(self, words_before: str, person: Alias) -> bool:
        """True for titles and first names of the person before a surname ("US President", "Mikhail S.")."""
        rest = re.sub(r"[^\w\s-]", " ", words_before).split()
        for size in (4, 3, 2, 1):
            for start in range(len(rest) - size, -1, -1):
                phrase = " ".join(rest[start : start + size])
                if self.role_class(phrase) or self.lookup(phrase):
                    rest[start : start + size] = []
        names = [word for word in rest if len(word) > 1 and not word.islower()]
        own = {fold(part)[:3] for part in (person.agent or "").split()}
        return not names or fold(names[0])[:3] in own or fold(names[-1])[:3] in own

    def _last_role(self, rest: str) -> str | None:
        """Class of the longest role phrase in the words around a name; the last one of several."""
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


@lru_cache(maxsize=4)
def _spellings(aliases: tuple[Alias, ...]) -> dict[str, str]:
    return {fold(alias.text): alias.text for alias in reversed(aliases) if alias.form != "none"}


def build(tables: Tables) -> ActorTable:
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
        dict(sorted(tables.actors.items())), ordered, plurals | classes, marks, groups, rules, trie
    )


@lru_cache(maxsize=8)
def _load(extra: tuple[Path, ...]) -> ActorTable:
    tables = Tables()
    for table in COLUMNS:
        tables.read(resource("seeds", f"{table}.tsv"), table)
    for path in extra:
        tables.read(path, table_of(path))
    return build(tables)


def load_actors(extra: Sequence[Path] = ()) -> ActorTable:
    """The shipped actor tables, extended by tables of your own in the same formats (read once, then kept).

    Raises `OntologyError` with file, line and column for a malformed row, and when a code is used twice.
    """
    return _load(tuple(Path(path) for path in extra))


def resolve(text: str, on: date | None = None) -> Resolution | None:
    """Whom a string stands for on a day, by the shipped tables (see `ActorTable.resolve`).

    >>> resolve("Ashraf Ghani", date(2019, 5, 1)).code
    'AFG'
    >>> resolve("Ashraf Ghani", date(2022, 5, 1)) is None
    True
    """
    return load_actors().resolve(text, on)


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

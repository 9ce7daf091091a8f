"""The actor tables of `seeds/`: rows in, actors, the ways to write them, and dated facts about them out.

A row that cannot be used stops the reading with its file, line and column. Tables of one's own come on top:
on the days on which they give a name to another actor than the shipped ones, they win (`Tables.overlay`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from kg.model import ActorKind
from kg.tables import COLUMNS, Row, read_table

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
KINDS = ("state", "territory", "historical", "organisation", "collective")


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
    geonames: str | None = None


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
class Term:
    """One person's term in an office of a principal.

    `since` and `until` are the first and last day it can have had; `begun` is the day by which it had surely
    begun, `over` the one before which it had surely not ended: they differ where a table gives a year only.
    """

    code: str
    name: str
    role: str
    since: date = FIRST
    until: date = LAST
    begun: date = FIRST
    over: date = LAST
    source: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """`member` belongs to the organisation `code`, with days as in `Term`."""

    code: str
    member: str
    since: date = FIRST
    until: date = LAST
    begun: date = FIRST
    over: date = LAST
    source: str = ""


@dataclass(frozen=True, slots=True)
class Former:
    """A state, or the name of a state, of former days; `code` is the state that stands for it since."""

    code: str
    name: str
    labels: tuple[str, ...] = ()
    since: date = FIRST
    until: date = LAST
    source: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tables say of actors besides their names, in a fixed order."""

    terms: tuple[Term, ...] = ()
    memberships: tuple[Membership, ...] = ()
    formers: tuple[Former, ...] = ()


class Tables:
    """Collects actors, their aliases and facts, role nouns and exclusions while tables are read."""

    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}
        self.aliases: dict[Alias, Row] = {}
        self.groups: set[Actor] = set()
        self.roles: dict[str, set[str]] = {}
        self.rules: dict[str, set[tuple[str, str]]] = {}
        self.terms: set[Term] = set()
        self.memberships: set[Membership] = set()
        self.formers: set[Former] = set()
        self._codes: dict[tuple[str, str], Row] = {}

    @property
    def facts(self) -> Facts:
        """The dated facts, sorted."""
        return Facts(
            tuple(sorted(self.terms, key=lambda term: (term.code, term.role, term.since, repr(term)))),
            tuple(sorted(self.memberships, key=lambda one: (one.code, one.member, one.since, repr(one)))),
            tuple(sorted(self.formers, key=lambda former: (former.code, former.since, repr(former)))),
        )

    def _put(self, row: Row, alias: Alias) -> None:
        known = self.aliases.get(alias, row)
        self.aliases[alias] = min(known, row, key=lambda one: (str(one.path), one.line))

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
        source = row["source"] or row.path.name
        self._put(row, Alias(text, code, form, role, since or FIRST, until or LAST, agent, source))

    def _states(self, row: Row) -> None:
        code, kind = row["code"], row["kind"]
        if kind in ("organisation", "collective"):  # a user's file may mix them with states
            self._organisations(row)
            return
        if kind not in KINDS:
            raise row.fail("kind", f"{kind!r} is not one of {', '.join(KINDS)}")
        names = [row["name"], *row.many("official"), *row.many("aliases")]
        if kind == "historical":
            since, until = row.day("from") or FIRST, row.day("to", last=True) or LAST
            labels = tuple(sorted(set(names[1:])))
            self.formers.add(Former(code, row["name"], labels, since, until, row["source"]))
        else:
            self._add(
                row, code, "state", names[1:], words=tuple(row.many("nouns")),
                iso2=row["iso2"] or None, cow=row["cow"] or None, wikidata=row["wikidata"] or None,
                geonames=row["geonames"] or None,
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
            self._add(row, code, "armed_group", names[1:], home=row["home"], wikidata=row["wikidata"] or None)
        since, until = row.day("from"), row.day("to", last=True)
        self.groups.add(
            Actor(
                code, row["name"], "armed_group", tuple(sorted(names[1:])), home=row["home"],
                since=since, until=until, wikidata=row["wikidata"] or None, source=row["source"],
            )
        )  # fmt: skip
        self._uses(row, "home", row["home"])
        terms = []
        for term in row.many("governed"):
            match = re.fullmatch(r"([A-Z]{3}):([\d-]+)/([\d-]*)", term)
            if match is None:
                raise row.fail("governed", f"{term!r} is no term of government; write AFG:2021-08-15/")
            state, start, end = match.groups()
            terms.append((row.day_of("governed", start, last=False) or FIRST, end, state))
            self._uses(row, "governed", state)
        cursor, source = FIRST, row["source"]
        for start, end, state in sorted(terms):
            stop = row.day_of("governed", end, last=True) or LAST
            for name in names:
                agent = row["name"]
                if cursor < start:
                    before = date.fromordinal(start.toordinal() - 1)
                    self._put(row, Alias(name, code, "group", "armed group", cursor, before, agent, source))
                self._put(row, Alias(name, state, "group", "governing group", start, stop, agent, source))
            cursor = date.fromordinal(stop.toordinal() + 1) if stop < LAST else LAST
        if cursor < LAST:
            for name in names:
                self._put(row, Alias(name, code, "group", "armed group", cursor, LAST, row["name"], source))

    def _memberships(self, row: Row) -> None:
        self._uses(row, "member", row["member"])
        self.memberships.add(Membership(row["code"], row["member"], *_days(row), row["source"]))

    def _leaders(self, row: Row) -> None:
        name, code, role = row["name"], row["code"], row["role"]
        self.terms.add(Term(code, name, role, *_days(row), row["source"]))
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
            self._put(row, Alias(text, "-", "none", "not an actor", source=row["source"]))
        elif rule in ("first_name", "surname", "beside"):
            self.rules.setdefault(rule, set()).add((text, beside))
        else:
            raise row.fail("rule", f"{rule!r} is not one of phrase, first_name, surname, beside")

    def read(self, path: Path, table: str) -> None:
        """Reads one file as a table of that name (a key of `COLUMNS`)."""
        reader = getattr(self, f"_{table}")
        for row in read_table(path, COLUMNS[table]):
            if "code" in row.cells:
                self._uses(row, "code", row["code"])
            reader(row)

    def _uses(self, row: Row, column: str, code: str) -> None:
        known = self._codes.get((code, column), row)
        self._codes[code, column] = min(known, row, key=lambda one: (str(one.path), one.line))

    def check_codes(self) -> None:
        """Raises `OntologyError`, with place and column, for a code that no table has an actor for."""
        for (code, column), row in sorted(self._codes.items()):
            home = re.sub(r"-(REB|OPP)$", "", code)
            if home not in self.actors:
                raise row.fail(
                    column,
                    f"{code!r} is no known actor; mend it, or give it a row in states or organisations",
                )

    def overlay(self, own: Tables) -> Iterator[str]:
        """Lays tables of one's own over these, and tells every name that then stands for another actor.

        Where both give one name to different actors, the own reading holds on its days, and what is left of
        the other on the days before and after.
        """
        by_name: dict[str, list[Alias]] = {}
        for alias in self.aliases:
            by_name.setdefault(alias.text.casefold(), []).append(alias)
        for alias, row in sorted(
            own.aliases.items(), key=lambda item: (str(item[1].path), item[1].line, repr(item))
        ):
            known = by_name.setdefault(alias.text.casefold(), [])
            for other in [one for one in known if one.code != alias.code and _meet(one, alias)]:
                known.remove(other)
                place = self.aliases.pop(other)
                for piece in _without(other, alias):
                    self.aliases[piece] = place
                    known.append(piece)
                yield (
                    f"{row.path}:{row.line}: {alias.text!r} stands for {alias.code}{_span(alias)},"
                    f" no longer for {other.code} ({place.path.name}:{place.line})"
                )
        self.aliases |= own.aliases
        self.groups |= own.groups
        self.terms |= own.terms
        self.memberships |= own.memberships
        self.formers |= own.formers
        self.actors |= own.actors
        for name, words in own.roles.items():
            self.roles.setdefault(name, set()).update(words)
        for rule, pairs in own.rules.items():
            self.rules.setdefault(rule, set()).update(pairs)
        for use, row in own._codes.items():
            self._codes.setdefault(use, row)


def _days(row: Row) -> tuple[date, date, date, date]:
    """`since`, `until`, `begun` and `over` of a row (see `Term`)."""
    return (
        row.day("from") or FIRST,
        row.day("to", last=True) or LAST,
        row.day("from", last=True) or FIRST,
        row.day("to") or LAST,
    )


def _meet(one: Alias, other: Alias) -> bool:
    return one.since <= other.until and other.since <= one.until


def _without(alias: Alias, own: Alias) -> Iterator[Alias]:
    """What is left of an alias outside the days of another."""
    if alias.since < own.since:
        yield replace(alias, until=date.fromordinal(own.since.toordinal() - 1))
    if alias.until > own.until:
        yield replace(alias, since=date.fromordinal(own.until.toordinal() + 1))


def _span(alias: Alias) -> str:
    since = f" from {alias.since}" if alias.since > FIRST else ""
    return since + (f" to {alias.until}" if alias.until < LAST else "")

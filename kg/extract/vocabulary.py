"""The vocabulary of relations: `ontologies/vocabulary.toml` read into patterns that the rules can match.

The file's header documents the notation; this module is its only reader.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.errors import OntologyError
from kg.model import Polarity
from kg.resources import resource

FILE = "vocabulary.toml"
SLOTS = ("S&T", "S", "T")
POLARITIES: dict[str, Polarity] = {"patterns": "+", "denies": "-"}
SUBJECT_OF_NOUN = frozenset({"poss", "mod", "by", "light", "is"})
"""Where the source of a nominal event stands if its pattern does not say (see `clauses`)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a party stands: roles of a predicate's arguments (prepositions, `obj`, `subj`, `comp` ...).

    `kind` restricts the mention: "force", "person", "place", "organisation", "protester" or "" for any.
    """

    roles: frozenset[str]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One construction of the vocabulary.

    `lemmas` are the predicate's lemmas, "verb_particle" for particle verbs; `objects` the nouns of which the
    verb must govern one; `qualities` the words of which one must be said of the noun. A joint pattern has one
    slot for both parties; else `source` and `target` are separate.
    """

    relation: str
    text: str
    polarity: Polarity
    verbal: bool
    lemmas: frozenset[str]
    objects: frozenset[str] = frozenset()
    qualities: frozenset[str] = frozenset()
    source: Slot | None = None
    target: Slot | None = None
    joint: Slot | None = None
    needs: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Identifies the pattern as the rule behind a statement."""
        return f"{self.relation}: {self.text}"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All patterns, and those a predicate lemma can open."""

    patterns: tuple[Pattern, ...]
    by_lemma: Mapping[str, tuple[Pattern, ...]]


class _Notation:
    """Reads the notation of one file; `where` is named in errors."""

    def __init__(self, words: Mapping[str, str], path: Path) -> None:
        self.words = words
        self.path = path
        self.prepositions = self.alternatives("$prepositions", "[words]")

    def error(self, where: str, problem: str) -> OntologyError:
        return OntologyError(f"{self.path}: {where}: {problem}; see the notation at the head of the file")

    def alternatives(self, text: str, where: str) -> frozenset[str]:
        """`a|b` or `$name` as a set of words."""
        found: set[str] = set()
        for word in text.split("|"):
            if word.startswith("$"):
                if word[1:] not in self.words:
                    raise self.error(where, f"[words] has no list {word[1:]!r}")
                found |= self.alternatives(self.words[word[1:]], where)
            elif word:
                found.add(word)
        if not found:
            raise self.error(where, f"no word in {text!r}")
        return frozenset(found)

    def pattern(self, relation: str, text: str, polarity: Polarity) -> Pattern:
        """Read one pattern; raises `OntologyError` naming it when it makes no sense."""
        where = f"relation {relation}, pattern {text!r}"
        tokens = text.split()
        if len(tokens) < 2:
            raise self.error(where, "needs a predicate and a slot")
        slots: dict[str, Slot] = {}
        verbal = tokens[0].split(".")[0] in SLOTS
        if verbal:
            self.slot(slots, tokens.pop(0), frozenset({"subj"}), where)
        head, _, quality = tokens.pop(0).partition("{")
        lemmas = self.alternatives(head, where)
        qualities = self.alternatives(quality.rstrip("}"), where) if quality else frozenset()
        objects: frozenset[str] = frozenset()
        roles: frozenset[str] = frozenset()
        for token in tokens:
            if token == "...":  # noqa: S105
                roles = frozenset({"comp"})
            elif token.split(".")[0] in SLOTS:
                self.slot(slots, token, roles or frozenset({"obj"}), where)
                roles = frozenset()
            elif (words := self.alternatives(token, where)) <= self.prepositions:
                roles = words
            else:
                objects, roles = words, frozenset()
        if not verbal and "S&T" in slots:
            slots["S&T"] = Slot(slots["S&T"].roles | SUBJECT_OF_NOUN, slots["S&T"].kind)
        elif not verbal:
            slots.setdefault("S", Slot(SUBJECT_OF_NOUN))
        if set(slots) not in ({"S", "T"}, {"S&T"}):
            raise self.error(where, "needs either S and T or S&T")
        return Pattern(
            relation,
            text,
            polarity,
            verbal,
            lemmas,
            objects,
            qualities,
            slots.get("S"),
            slots.get("T"),
            slots.get("S&T"),
            needs=roles,
        )

    def slot(self, slots: dict[str, Slot], token: str, roles: frozenset[str], where: str) -> None:
        """Add the slot that a token opens."""
        letter, _, kind = token.partition(".")
        if letter in slots:
            raise self.error(where, f"slot {letter} stands twice")
        slots[letter] = Slot(roles, kind)


def read_vocabulary(path: Path, relations: Iterable[str]) -> Vocabulary:
    """Read a vocabulary file. `relations` are the names that it must cover, one table each.

    Raises `OntologyError` for bad TOML, an unknown or missing relation, or a pattern that makes no sense.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise OntologyError(f"{path}: cannot be read as TOML ({exc})") from exc
    notation = _Notation(data.get("words", {}), path)
    tables = {table["name"]: table for table in data.get("relation", ())}
    if odd := set(tables) ^ set(relations):
        raise OntologyError(f"{path}: relations {sorted(odd)} stand in only one of vocabulary and ontology")
    patterns = tuple(
        notation.pattern(name, text, polarity)
        for name, table in tables.items()
        for key, polarity in POLARITIES.items()
        for text in table.get(key, ())
    )
    by_lemma: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        for lemma in pattern.lemmas:
            by_lemma.setdefault(lemma, []).append(pattern)
    return Vocabulary(patterns, {lemma: tuple(found) for lemma, found in sorted(by_lemma.items())})


@cache
def load_vocabulary() -> Vocabulary:
    """The shipped vocabulary, covering exactly the relations of the ontology."""
    from kg.ontology import load_ontology

    return read_vocabulary(resource("ontologies", FILE), load_ontology().relations)

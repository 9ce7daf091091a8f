"""The names in a parsed text that mean an actor, apart from those that only look like one.

"Chad Smith" is no state, "Jeb Bush" not the president, "Jordan" after "Michael Jordan" no kingdom, and who
"beat Germany 2-0" no actor; "Kurdish forces" in a text about Raqqa are those of Syria.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kg.actors import ActorTable, Alias, Hit, fold, pick
from kg.model import ParsedDocument
from kg.resolve import PERSONS

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

# Prepositions that make a country a place. Not "to", "from", "on": "aid to Iraq", "pressure on Iran".
INSIDE = frozenset(
    {"in", "into", "inside", "within", "near", "outside", "across", "throughout", "around", "via", "through"}
    | {"toward", "towards"}
)
SCORE = re.compile(r"(?<![\d-])\d{1,3}-\d{1,3}(?![\d-])")
YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")


@dataclass(frozen=True, slots=True)
class Name:
    """A name found in the text, with the tokens that it covers and its head among them."""

    alias: Alias
    first: int
    last: int
    head: int
    start: int
    end: int


def relation_of(token: Token) -> tuple[str, Token]:
    """Dependency relation and governor of a phrase, seen through coordination."""
    seen = 0
    while token.dep_ == "conj" and seen < 8:
        token, seen = token.head, seen + 1
    return str(token.dep_), token.head


def is_name(token: Token) -> bool:
    """A word of a proper name."""
    return bool(token.pos_ == "PROPN" and token.text[:1].isalpha())


def _first_name(word: str, agent: str) -> bool:
    """True for another spelling of one of a person's names ("Viktor Yanukovich" for Yanukovych)."""
    return any(fold(part)[:3] == fold(word)[:3] for part in agent.split())


class Names:
    """The names of one document; keeps what the steps of linking share."""

    def __init__(self, parsed: ParsedDocument, actors: ActorTable) -> None:
        self.doc: Doc = parsed.doc
        self.text = parsed.document.text
        self.actors = actors
        self.on = parsed.document.published
        self.hits = list(actors.find(self.text))
        self.homes = actors.homes(self.on)
        self._places: list[tuple[int, str, bool]] | None = None
        self._cases: dict[int, str] = {}
        # What every step asks of every word, in one pass: to make a token costs more than to read it.
        self.starts: list[int] = []
        self.words: list[str] = []
        self.pos: list[str] = []
        for token in self.doc:
            self.starts.append(token.idx)
            self.words.append(fold(token.text))
            self.pos.append(token.pos_)
            if token.dep_ == "case" and token.i < token.head.i and token.lower_ not in ("'s", "'"):
                self._cases.setdefault(token.head.i, str(token.lower_))
        self.folded = frozenset(self.words)
        self._left_office = self.folded & actors.marks.get("former", frozenset())
        self._sporting = self.folded & (
            actors.marks.get("sport", frozenset()) | actors.marks.get("play", frozenset())
        )
        self._bearers: set[str] = set()
        self._roles: dict[int, str | None] = {}
        self._sentences: list[tuple[list[int], frozenset[str], bool]] = []

    def case_of(self, token: Token) -> str:
        """The preposition of a noun, lower case, or an empty string; in a coordination that of the first."""
        chain = []
        while token.i not in self._cases and token.dep_ == "conj" and token.head.i < token.i:
            chain.append(token.i)
            token = token.head
        case = self._cases.setdefault(token.i, "")
        for index in chain:  # each conjunct is walked once, however long the list
            self._cases[index] = case
        return case

    def _token_at(self, offset: int) -> int:
        return max(0, bisect_right(self.starts, offset) - 1)

    def read(self) -> Iterator[Name]:
        """Names with their heads, in text order."""
        doc = self.doc
        surnames = self.actors.not_actors.get("surname", frozenset())
        for hit in self.hits:
            first, last = self._token_at(hit.start), self._token_at(hit.end - 1)
            head = self.root(first, last)
            years = self._years(doc[head])
            day = self._day(hit, years)
            alias = pick(self._seats(hit.aliases, doc[head]), day, years if day == self.on else [])
            if alias is None and all(alias.form == "group" for alias in hit.aliases):
                alias = self._by_home(hit)
            elif alias is None and any(alias.form in PERSONS for alias in hit.aliases):
                alias = pick(self._told_by_title(hit), day)
            if alias is None or alias.form == "none":
                if hit.aliases[0].form == "none" and (fold(doc[last].text), "") in surnames:
                    self._bearers.add(fold(doc[last].text))  # "Michael Jordan"
                continue
            if self._looks_only(alias, first, last):
                self._bearers.add(fold(alias.text))
                continue
            if self._borne(alias) or (self._sporting and self._plays(doc[head])):
                continue
            yield Name(alias, first, last, head, hit.start, hit.end)

    def _borne(self, alias: Alias) -> bool:
        """True for a name that a person of the text bears ("Michael Jordan") and nothing of its state."""
        if fold(alias.text) not in self._bearers:
            return False
        others = (other for hit in self.hits for other in hit.aliases if other.text != alias.text)
        return all(other.code != alias.code for other in others)

    def _plays(self, token: Token) -> bool:
        """True in a sentence about a game: a word of sport, and one of play ("striker") or a score."""
        _, found, score = self._sentence(token)
        play = found & self.actors.marks.get("play", frozenset())
        return score or (bool(play) and len(found) > 1)

    def _told_by_title(self, hit: Hit) -> tuple[Alias, ...]:
        """Of several bearers of a name those whom the state or office beside it fits.

        "King Abdullah of Jordan", "Jordan's King Abdullah"; "Secretary General Perez de Cuellar".
        """
        persons = [alias for alias in hit.aliases if alias.form in PERSONS]
        before, after = self.text[max(0, hit.start - 60) : hit.start], self.text[hit.end : hit.end + 40]
        owner = re.match(r" of (?:the )?", after)
        codes: set[str] = set()
        near = slice(bisect_left(self.hits, (hit.start - 60,)), bisect_left(self.hits, (hit.end + 40,)))
        for other in self.hits[near]:
            behind = owner is not None and other.start == hit.end + owner.end()
            ahead = re.fullmatch(r"(?:'s)?(?: [\w-]+){0,3} ?", self.text[other.end : hit.start])
            if behind or (ahead and other.end <= hit.start):
                codes = {alias.code for alias in other.aliases}
            if behind:
                break
        fitting = [alias for alias in persons if alias.code in codes]
        if not fitting:
            told = frozenset(re.findall(r"\w+", fold(before + after)))
            fitting = [alias for alias in persons if set(re.findall(r"\w+", fold(alias.role))) <= told]
        return tuple(fitting) or hit.aliases

    def _seats(self, aliases: tuple[Alias, ...], token: Token) -> tuple[Alias, ...]:
        """ "Brussels denied": the Union where the text names it, else Belgium."""
        forms = {alias.form for alias in aliases}
        if forms != {"capital", "metonym"}:
            return aliases
        seated = {alias.code for alias in aliases if alias.form == "metonym"}
        named = any(
            alias.code in seated for hit in self.hits for alias in hit.aliases if hit.aliases != aliases
        )
        wanted = "metonym" if named and self.case_of(token) not in INSIDE else "capital"
        return tuple(alias for alias in aliases if alias.form == wanted)

    def _by_home(self, hit: Hit) -> Alias | None:
        """The group of a people in several states ("Kurdish forces") whose state is named nearest."""
        homes = {alias.code[:3]: alias for alias in hit.aliases if alias.holds(self.on)}
        scores = self.war_scores(hit.start)
        codes = [code for code in sorted(homes) if scores.get(code)]
        return homes[max(codes, key=lambda code: scores[code])] if codes else None

    def war_scores(self, offset: int) -> dict[str, float]:
        """How strongly the text places fighting in each state with armed groups; places count most.

        A place ("in Syria", "Aleppo") counts 1 anywhere in the document and 4 within 200 characters, another
        name 0.2 and 1; less in states with few groups.
        """
        scores: dict[str, float] = {}
        for start, code, place in self._ground():
            weight = 1.0 if place else 0.2
            if abs(start - offset) < 200:
                weight += 3.0 if place else 0.8
            groups = self.homes[code]
            scores[code] = scores.get(code, 0.0) + weight * min(1.0, 0.4 + 0.15 * groups)
        return scores

    def _ground(self) -> list[tuple[int, str, bool]]:
        """Offset and state of every name of a state with armed groups, and whether it is a place there."""
        if self._places is None:
            self._places = []
            for hit in self.hits:
                alias = pick(hit.aliases, self.on)
                if alias is not None and alias.code in self.homes:
                    token = self.doc[self._token_at(hit.end - 1)]
                    local = self.case_of(token) in INSIDE or (alias.form == "capital" and token.is_upper)
                    place = alias.form == "place" or (local and alias.form in ("name", "capital"))
                    self._places.append((hit.start, alias.code, place))
        return self._places

    def _day(self, hit: Hit, years: list[int]) -> date | None:
        """The day at which a name is read: for a group that governed at times, the past year that is told.

        "It sheltered the Taliban after they lost power in late 2001": not the government of today.
        """
        group = any(alias.form == "group" for alias in hit.aliases)
        if group and self.on is not None and years and max(years) < self.on.year - 1:
            return date(max(years), 12, 31)
        return self.on

    def _years(self, token: Token) -> list[int]:
        """Years that the sentence of a token tells; none where the document has no day of its own."""
        if self.on is None or not token.has_head():
            return []
        return self._sentence(token)[0]

    def _sentence(self, token: Token) -> tuple[list[int], frozenset[str], bool]:
        """Years, words of sport and whether a score stands in the sentence; found once for each."""
        if not self._sentences:
            for sent in self.doc.sents:
                sporting = self._sporting and self._sporting & {fold(word.text) for word in sent}
                years = [int(year) for year in YEAR.findall(sent.text)]
                score = bool(sporting) and SCORE.search(sent.text) is not None
                self._sentences.extend([(years, sporting, score)] * len(sent))
        return self._sentences[token.i]

    def root(self, first: int, last: int) -> int:
        """The token of a span whose head lies outside it; the last such token when the parse is torn."""
        for index in range(first, last + 1):
            head = self.doc[index].head.i
            if not first <= head <= last or head == index:
                return index
        return last

    def _looks_only(self, alias: Alias, first: int, last: int) -> bool:
        """True for a name that is part of another name, or of something that is no actor."""
        doc, key = self.doc, fold(alias.text)
        rules = self.actors.not_actors
        if any(text == key and other in self.folded for text, other in rules.get("beside", ())):
            return True
        before = doc[first - 1] if first else None
        after = doc[last + 1] if last + 1 < len(doc) else None
        if alias.form == "surname":
            return self._other_person(before, doc[last], after, alias.agent or "")
        if alias.form in ("leader", "adjective", "national"):
            return False
        if (
            (key, "") in rules.get("first_name", ())
            and after is not None
            and after.is_title
            and is_name(after)
        ):
            known = self.actors.role_class(after.text) or self.actors.lookup(after.text)
            if not known and (after.head.i == first or doc[first].head.i == after.i):
                return True
        listed = (key, "") in rules.get("surname", ()) or alias.form in ("place", "capital")
        if listed and before is not None and is_name(before):
            known = self.actors.role_class(before.text) or self.actors.lookup(before.text)
            tied = before.head.i == first or doc[first].head.i == before.i
            joined = tied and doc[first].dep_.startswith(("flat", "compound"))
            if not known and (joined or (alias.form == "place" and before.is_sent_start)):
                return True
        return False

    def _other_person(self, before: Token | None, token: Token, after: Token | None, agent: str) -> bool:
        """A surname beside an unknown first or last name is somebody else's ("Jeb Bush")."""
        while before is not None and re.fullmatch(r"[A-Z]\.?", before.text):  # "John B. Williams"
            before = before.nbor(-1) if before.i else None
        if before is not None and before.text[:1].isupper() and before.text.isalpha() and not before.is_stop:
            if before.is_sent_start and before.pos_ != "PROPN":
                return False
            known = self.actors.role_class(before.text) or any(
                alias.form not in ("surname", "leader") for alias in self.actors.lookup(before.text)
            )
            if not known and not _first_name(before.text, agent):
                return True
        if after is None or after.pos_ != "PROPN" or not after.text[:1].isupper():
            return False
        return after.dep_.startswith("flat") or (
            after.head.i == token.i or (token.head.i == after.i and token.dep_ in ("compound", "flat"))
        )

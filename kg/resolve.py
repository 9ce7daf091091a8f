"""Whom a string by itself stands for on a day: a name, or a noun phrase read from its head word.

A head that is a name decides ("NATO member Turkey", "Iran-backed Houthis"); a role noun as head takes the
nearest name before it ("US-backed Syrian rebels") or, after "of", behind it ("the government of Sudan"). Any
other head makes the phrase something else ("Swiss cheese"). What follows "in", "to", "for" is left aside
("India's ambassador to Qatar"). A string that stands for nobody comes back with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from kg.model import ActorKind
from kg.roster import FIRST, LAST, Alias, Form
from kg.spelling import fold, words

if TYPE_CHECKING:
    from kg.actors import ActorTable, Hit

# Precedence when one string is an alias in several tables: the surer reading first.
RANK: dict[Form, int] = {
    "none": 0, "name": 1, "adjective": 1, "national": 1, "organ": 2, "group": 2, "metonym": 3,
    "capital": 2, "leader": 4, "place": 5, "surname": 6, "quality": 7,
}  # fmt: skip
UNKNOWN = "no name of an actor in it is known"
PERSONS: tuple[Form, ...] = ("leader", "surname")
# A possessor or a place after the head noun; "of" and "for" may also belong to an office.
LINKS = re.compile(r" (of|from|for|to|in|at|on|near|with|against|inside|between|over|under|by)(?: the)? ")
OWNING = ("of", "from", "for")
# Participles that leave the name before them no part in the phrase: "US-backed rebels" are not American.
LEADS = ("led", "run", "commanded")
DETERMINER = re.compile(r"^(?:(?:the|an?|some|several|many|both|all|two|three|four|five|\d[\d,.]*) )+", re.I)
WORD = re.compile(r"[\w’'.&-]+")
# Roles that these kinds of names lend themselves to; the others fit any.
CARRIES: dict[Form, tuple[str, ...]] = {
    "place": ("rebel", "national"),
    "capital": ("government", "official", "rebel"),
    "quality": ("official", "government", "force"),
    "leader": ("government", "official", "force"),
    "surname": ("government", "official", "force"),
}
ACTING = ("government", "official", "force", "rebel", "opposition", "national", "mission")


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What a string was found to be: an `answer`, or None and `why` not."""

    answer: Resolution | None
    why: str


def pick(aliases: Iterable[Alias], on: date | None = None, years: Sequence[int] = ()) -> Alias | None:
    """The alias that decides, or None when none holds at the date or two principals remain.

    `years` are years that the sentence speaks of: a leader out of office at the date still stands for the
    state in a sentence about the time in office ("In 1972 Nixon visited China").
    """
    aliases = tuple(aliases)
    held = [alias for alias in aliases if alias.holds(on)]
    if on is None and any(alias.role == "armed group" for alias in held):
        held = [alias for alias in held if alias.role != "governing group"]
    if on is not None and years and not any(alias.form in PERSONS for alias in held):
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


def resolve(table: ActorTable, text: str, on: date | None = None) -> Reading:
    """Whom a string stands for on a day, or why for nobody.

    Articles, numbers, titles and a possessive ending are passed over. A phrase with a role noun stands for
    the actor that its other words name ("the Iranian foreign ministry": IRN, "Iraqi rebels": IRQ-REB). Former
    office holders, firms, clubs, and names that fit two principals give no answer. Without a day, an office
    holder of any time counts, if all who bear the name served one principal.
    """
    return _Reader(table, text, on).read()


class _Reader:
    """Reads one string at one day; keeps the reason why a reading failed."""

    def __init__(self, table: ActorTable, text: str, on: date | None) -> None:
        self.table, self.text, self.on = table, text, on
        self.why = UNKNOWN
        self.state: str | None = None
        """Code of the state that follows: "King Abdullah of Jordan"."""

    def read(self) -> Reading:
        plain = re.sub(r"\s+", " ", self.text.replace("’", "'")).strip(' ,;:"')
        plain = re.sub(r" ?([-/]) | ([-/]) ?", r"\1\2", plain)
        phrase = re.sub(r"(?<=[a-zé]) 's?$|'s?$|(?<!\.\w)\.$", "", plain)
        answer = self._exact((plain, phrase, DETERMINER.sub("", plain), DETERMINER.sub("", phrase)))
        if answer is None and self.why == UNKNOWN and not self._left_office(phrase):
            answer = self._inverted(phrase) or self._phrase(phrase)
        return Reading(answer, "" if answer else self.why)

    # --- whole names -----------------------------------------------------------------------------------

    def _exact(self, forms: Sequence[str]) -> Resolution | None:
        for form in dict.fromkeys(forms):
            aliases = self.table.lookup(form)
            if aliases:
                alias = self._pick(aliases)
                if alias is None and all(one.form in PERSONS for one in aliases):
                    alias = next(iter(self.table.people.find(form, self.on)), None)
                return self._answer(alias) if alias else self._none(aliases)
        return None

    def _pick(self, aliases: Sequence[Alias]) -> Alias | None:
        """The alias that decides on the day, by the state named after it when several do."""
        beside = self.table.not_actors.get("beside", frozenset())
        here = set(words(self.text))
        for one in aliases:
            if any(fold(one.text) == name and other in here for name, other in beside):
                self.why = f"{one.text}: not an actor in these words"
                return None
        alias = pick(aliases, self.on)
        if alias is None and self.state:
            alias = pick((one for one in aliases if one.code == self.state), self.on)
        return alias

    def _none(self, aliases: Sequence[Alias]) -> Resolution | None:
        """None, keeping why none of the aliases counts on the day."""
        held = [alias for alias in aliases if alias.holds(self.on)]
        if self.why != UNKNOWN:
            return None
        if any(alias.form == "none" for alias in held or aliases):
            self.why = f"{aliases[0].text}: not an actor"
        elif held:
            codes = sorted({alias.code for alias in held})
            self.why = f"{aliases[0].text} may stand for {' or '.join(codes)} then"
        else:
            terms = sorted({(alias.since, alias.until, alias.role, alias.code) for alias in aliases})
            told = (
                f"{role} of {code}"
                f"{f' from {since}' if since > FIRST else ''}{f' to {until}' if until < LAST else ''}"
                for since, until, role, code in terms
            )
            over = self.on is not None and all(until < self.on for _, until, _, _ in terms)
            early = self.on is not None and all(since > self.on for since, _, _, _ in terms)
            state = "no longer " if over else "not yet " if early else "not then "
            self.why = f"{aliases[0].agent or aliases[0].text}: {state}" + "; ".join(told)
        return None

    def _left_office(self, phrase: str) -> bool:
        """True for "former President X", "ex-premier X"; keeps that as the reason."""
        first = re.match(r"(?:the )?([a-z]+(?:-time)?)[\s-]", phrase, re.I)
        if first is None or not self.table.marked(first[1], "former"):
            return False
        self.why = f"{first[1]}: who has left office speaks for nobody"
        return True

    def _inverted(self, phrase: str) -> Resolution | None:
        """ "Korea, Republic of", and the "Military (Vietnam)" of event data."""
        turned = re.fullmatch(r"([^,]+), ([^,]+ of(?: the)?)", phrase)
        if turned:
            return self._exact((f"{turned[2]} {turned[1]}",))
        framed = re.fullmatch(r"([^()]+?) ?\((.+)\)", phrase)
        if framed is None:
            return None
        owner = _Reader(self.table, framed[2], self.on).read().answer
        roles = [self._role(part.strip()) for part in re.split(r"[/-]", framed[1])]
        role = next((role for role in roles if role), None) or self._role(framed[1])
        if owner is None or role not in ACTING:
            self.why = "no known role" if owner else UNKNOWN
            return None
        return self._with_role(owner, role)

    # --- phrases ---------------------------------------------------------------------------------------

    def _phrase(self, phrase: str) -> Resolution | None:
        if self.why != UNKNOWN:
            return None
        before, comma, after = phrase.partition(", ")
        if comma:  # "Ali Test, the Iranian president"; but "Atlanta, Georgia" is a place
            found = _Reader(self.table, before, self.on)._noun_phrase(before)
            role = _Reader(self.table, after, self.on)._phrase(after)
            titled = role is not None and role.role == "official"
            return (found or role) if titled else None
        start, end, link = self._link(phrase)
        return self._linked(phrase[:start], link, phrase[end:]) if link else self._noun_phrase(phrase)

    def _linked(self, head: str, preposition: str, rest: str) -> Resolution | None:
        """A head with what follows its preposition: the head's own actor, else that of the rest."""
        owner = _Reader(self.table, rest, self.on)
        rest = rest[: self._link(rest)[0]]
        named = owner._noun_phrase(rest)
        self.state = named.code if named and preposition == "of" else None
        found = self._noun_phrase(head)
        if found is not None or self.why != UNKNOWN:
            return found
        role = self._head_role(head)
        owning = preposition in OWNING or (
            preposition == "in" and role in ("government", "rebel", "opposition")
        )
        if role not in ACTING or not owning or self._private(head):
            return None
        self.why = owner.why
        return self._with_role(named, role) if named else None

    def _link(self, phrase: str) -> tuple[int, int, str]:
        """Start, end and word of the first preposition outside names and offices; the end when none."""
        spans = [(hit.start, hit.end) for hit in self.table.find(phrase)]
        for link in LINKS.finditer(phrase):
            if any(start < link.end() - 1 and link.start() < end for start, end in spans):
                continue
            left, right = phrase[: link.start()].split()[-2:], phrase[link.end() :].split()[:2]
            pieces = (" ".join((*left[-a:], link[1], *right[:b])) for a in (1, 2) for b in (1, 2))
            if not any(self.table.role_class(piece) for piece in pieces):  # "House of Representatives"
                return link.start(), link.end(), link[1]
        return len(phrase), len(phrase), ""

    def _noun_phrase(self, phrase: str) -> Resolution | None:
        """A phrase without prepositions: a name at its end, or a role noun that takes the nearest name."""
        phrase = DETERMINER.sub("", phrase.strip())
        exact = self._exact((phrase,))
        if exact is not None or self.why != UNKNOWN:
            return exact
        hits = [(hit, self._pick(hit.aliases)) for hit in self.table.find(phrase)]
        if not hits:
            return self._person(phrase)
        if self._several(phrase, hits):
            return None
        last, alias = hits[-1]
        tail = phrase[last.end :]
        if not tail.strip(" '"):
            return self._named(phrase, hits)
        role = self._head_role(tail) if tail else None
        owners = [(hit, found) for hit, found in hits if self._owns(phrase[hit.end :])] or [
            (hit, found) for hit, found in hits if not re.match(r"-[a-z]", phrase[hit.end :])
        ]
        if role not in ACTING or not owners:
            return self._person(phrase)
        hit, alias = owners[-1]
        if alias is None:
            return self._none(hit.aliases)
        if role not in CARRIES.get(alias.form, ACTING) or self._private(tail):
            return None
        if alias.form == "capital" and tail.strip()[:1].isupper():
            return None  # "Washington Capitals"
        return self._with_role(self._answer(alias), role)

    def _several(self, phrase: str, hits: Sequence[tuple[Hit, Alias | None]]) -> bool:
        """True for "the US and Britain", "Russian and Chinese ships"; keeps that as the reason."""
        for (one, first), (other, second) in pairwise(hits):
            joined = re.fullmatch(r"(?:,? and|,? or|,|/|-) ?(?:the )?", phrase[one.end : other.start])
            if joined and first and second and first.code != second.code:
                self.why = f"several actors: {first.code}, {second.code}"
                return True
        return False

    def _owns(self, after: str) -> bool:
        """False for a name in "US-backed", True in "US-led" and for every other name."""
        tail = re.match(r"-([a-z]+)", after)
        return tail is None or tail[1] in LEADS

    def _private(self, phrase: str) -> bool:
        """ "Communist Party", "Football Federation": a proper name of something that is no government's."""
        found = WORD.findall(phrase)
        return len(found) > 1 and found[-1][:1].isupper() and self.table.marked(found[-1], "private")

    def _named(self, phrase: str, hits: Sequence[tuple[Hit, Alias | None]]) -> Resolution | None:
        """A phrase that ends with a name: it decides, unless unknown capitalised words go before it."""
        hit, alias = hits[-1]
        before = phrase[: hit.start]
        persons = [alias for alias in hit.aliases if alias.form in PERSONS]
        if persons and (alias is None or alias.form in PERSONS):
            fitting = [one for one in persons if self._introduces(before, one)]
            if not fitting:
                return self._person(phrase)
            chosen = self._pick(self._titled(before, fitting))
            if chosen is None and self._title(before) == "official":
                chosen = next(iter(self.table.people.titled(phrase[hit.start :], self.on)), None)
            if chosen is None:  # whom the text itself calls "Polish Foreign Minister" is believed
                return self._introduced(self._split_title(phrase)[1]) or self._none(fitting)
            return self._answer(chosen)
        if alias is None:
            return self._none(hit.aliases)
        # "Federal Republic of Cameroon": the style of a state may be longer than the table has it.
        styled = any(self._role(word) == "government" for word in alias.text.split())
        for word in WORD.findall("" if styled else before):
            plain = re.sub(r"'s?$", "", word)
            known = plain.islower() or self._role(plain) or any(self.table.find(plain))
            if not known and not re.fullmatch(r".+-[a-z]+", plain):
                return None
        return self._answer(alias)

    # --- persons ---------------------------------------------------------------------------------------

    def _person(self, phrase: str) -> Resolution | None:
        """An office holder whose name is spelled in another way; or whom title and state introduce."""
        names, before = self._split_title(phrase)
        found = self.table.people.find(names, self.on)
        if not found and self._title(before) == "official":
            found = self.table.people.titled(names, self.on)
        if found:
            return self._answer(found[0])
        answer = self._introduced(before) if names and names != phrase else None
        former = self.table.people.find(names)
        return answer or (self._none(former) if former else None)

    def _introduced(self, before: str) -> Resolution | None:
        """The state in a title before a name ("Chinese foreign ministry spokeswoman")."""
        return self._noun_phrase(before) if self._title(before) == "official" else None

    def _split_title(self, phrase: str) -> tuple[str, str]:
        """The capitalised words at the end that are no title and no actor, and what goes before them."""
        found = phrase.split()
        start = len(found)
        while start > 0:
            word = re.sub(r"'s$", "", found[start - 1])
            lower = word.islower() and not self.table.marked(word, "particle")
            if lower or self.table.role_class(word) or self._adjective(word):
                break
            start -= 1
        while start < len(found) and found[start].islower():
            start += 1
        return " ".join(found[start:]), " ".join(found[:start])

    def _adjective(self, word: str) -> bool:
        return any(alias.form in ("adjective", "name", "organ") for alias in self.table.lookup(word))

    def _title(self, phrase: str) -> str | None:
        """Class of the title that ends some words ("Foreign Minister")."""
        return self._role(" ".join(phrase.split()[-4:]))

    def _introduces(self, before: str, person: Alias) -> bool:
        """True for titles and first names of the person before a surname ("US President", "Mikhail S.")."""
        rest = re.sub(r"[^\w\s-]", " ", re.sub(r"'s\b", "", before)).split()
        for size in (4, 3, 2, 1):
            for start in range(len(rest) - size, -1, -1):
                phrase = " ".join(rest[start : start + size])
                if self.table.role_class(phrase) or self.table.lookup(phrase):
                    rest[start : start + size] = []
        names = [word for word in rest if len(word) > 1 and not word.islower()]
        own = {fold(part)[:3] for part in (person.agent or "").split()}
        return not names or fold(names[0])[:3] in own or fold(names[-1])[:3] in own

    def _titled(self, before: str, persons: list[Alias]) -> list[Alias]:
        """Of several bearers of a name those whom a state or office before it fits ("King Abdullah")."""
        codes = {alias.code for hit in self.table.find(before) for alias in hit.aliases}
        return [person for person in persons if person.code in codes] or persons

    # --- roles -----------------------------------------------------------------------------------------

    def _head_role(self, phrase: str) -> str | None:
        """Class of the role noun that ends some words, or that a capitalised name follows as its title."""
        role = self._role(phrase)
        if role:
            return role
        found = WORD.findall(phrase)
        while found and found[-1][:1].isupper():
            found.pop()
            if self._role(" ".join(found)) == "official":
                return "official"
        return None

    def _role(self, phrase: str) -> str | None:
        """Class of the longest role phrase that ends some words; a word before it may tell whose side."""
        found = WORD.findall(re.sub(r"(?<=\w)'s?(?=\s|$)", " ", phrase))
        for size in range(min(4, len(found)), 0, -1):
            role = self.table.role_class(" ".join(found[-size:]))
            if role and role not in ("title",):
                side = self.table.role_class(found[-size - 1]) if len(found) > size else None
                return side if side in ("rebel", "opposition") else role
        return None

    # --- answers ---------------------------------------------------------------------------------------

    def _answer(self, alias: Alias) -> Resolution:
        who = f"{alias.agent}, {alias.role}" if alias.agent else alias.role
        day = f" on {self.on}" if self.on else ""
        since = None if alias.since == FIRST else alias.since
        until = None if alias.until == LAST else alias.until
        kind = self.table.kind(alias.code)
        return Resolution(
            self.text, alias.code, kind, alias.role, since, until, alias.source,
            f"{alias.text}: {who} of {alias.code}{day}", alias.form, alias.agent,
        )  # fmt: skip

    def _with_role(self, owner: Resolution, role: str) -> Resolution:
        """The officials, troops or rebels of an actor."""
        code = owner.code
        if role in ("rebel", "opposition") and self.table.kind(code) == "state":
            code += "-REB" if role == "rebel" else "-OPP"
        return Resolution(
            self.text, code, self.table.kind(code), role, owner.since, owner.until, owner.source,
            f"{role} of {owner.code} ({owner.why.partition(':')[0]})", owner.form,
        )  # fmt: skip

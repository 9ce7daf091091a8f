"""Noun phrases that carry their actor themselves: names, and nouns that a modifier makes act for one.

A modifier passes its actor to a head noun that can act ("an American destroyer"), a preposition makes a place
("in Beijing"), a title and a name are one person ("British Foreign Secretary Jack Straw").
"""

from __future__ import annotations

import calendar
import re
from enum import StrEnum
from typing import TYPE_CHECKING

from kg.actors import Alias
from kg.model import Mention, Span
from kg.names import INSIDE, Name, Names, relation_of

if TYPE_CHECKING:
    from spacy.tokens import Token


class Role(StrEnum):
    """The kind of noun phrase that a mention is; extractors weigh and admit mentions by it."""

    NAME = "name"  # "Iran", "the Soviet Union"
    DEMONYM = "demonym"  # "the Russians", "the British" as a people or government
    CAPITAL = "capital"  # a city or building that acts: "Beijing said", "the Kremlin"
    ORGANISATION = "organisation"  # "NATO", "the Security Council", "the international community"
    GROUP = "group"  # an armed group by name
    LEADER = "leader"  # an office holder known from the tables at the date
    PERSON = "person"  # a person whom the text itself introduced as an actor's
    OFFICIAL = "official"  # "the Iranian president", "Kenya's envoy"
    GOVERNMENT = "government"  # "the Chadian government", "the Saudi court"
    FORCE = "force"  # troops, police, ships, aircraft
    REBEL = "rebel"  # rebels, militants, gunmen of a state: <ISO3>-REB
    OPPOSITION = "opposition"  # unnamed opposition of a state: <ISO3>-OPP
    NATIONAL = "national"  # citizens: "two Turkish truck drivers"
    MISSION = "mission"  # "the Egyptian embassy": its sender
    COMPANY = "company"  # a firm or club of a country; no actor, unless it is the victim of a state
    PLACE = "place"  # "in Beijing", "to Moscow", a dateline
    MODIFIER = "modifier"  # head is the modifier itself: "US-Russia talks", "the Afghan border"
    POSSESSOR = "possessor"  # "India's engagement"
    PRONOUN = "pronoun"  # "it", "his", "they"
    DESCRIPTION = "description"  # "the kingdom", "both sides", a bare "the government"


ACTING = {
    "government": Role.GOVERNMENT,
    "official": Role.OFFICIAL,
    "force": Role.FORCE,
    "rebel": Role.REBEL,
    "opposition": Role.OPPOSITION,
    "national": Role.NATIONAL,
    "mission": Role.MISSION,
    "company": Role.COMPANY,
}
FORMS = {
    "name": Role.NAME,
    "organ": Role.ORGANISATION,
    "group": Role.GROUP,
    "metonym": Role.CAPITAL,
    "capital": Role.CAPITAL,
    "leader": Role.LEADER,
    "surname": Role.LEADER,
    "place": Role.PLACE,
    "national": Role.NATIONAL,
    "adjective": Role.DEMONYM,
}
# A city after these is a place: "flew to Moscow", "the fall of Kabul"; not after with, between, by.
AT_CITY = INSIDE | {"at", "to", "from", "of", "off", "over", "on", "beyond", "past"}
# "U.S.-led forces" act for the first word; "US-backed rebels" do not.
LEADS = ("led", "run", "commanded")
OF = frozenset({"of", "from", "for"})
CALENDAR = frozenset({*calendar.month_name, *calendar.day_name}) - {""}


class Phrases(Names):
    """Turns the names of one document into mentions."""

    def names(self) -> list[Mention]:
        """Mentions that carry their actor themselves, or in a modifier."""
        found: list[Mention] = []
        for name in self.read():
            found.extend(self._mentions_of(name))
        return self._without_nested(found)

    def _mentions_of(self, name: Name) -> list[Mention]:
        doc, alias = self.doc, name.alias
        token = doc[name.head]
        if token.dep_ == "dep" and token.pos_ == "X":  # a dateline, which the parser never saw
            return [self._mention(name, Role.PLACE)]
        tail = self._hyphen_tail(name)
        if (tail is not None and tail not in LEADS) or self._hyphen_head(name):
            found = [self._mention(name, Role.MODIFIER)] if alias.form != "quality" else []
            if self._hyphen_head(name) == "anti" and alias.code in self.homes:
                found += [m for m in self._climb(name) if m.role == Role.REBEL]
            return found
        if alias.form in ("leader", "surname"):
            if self._former(token):
                return []
            return [self._with_title(name)]
        climbed = self._climb(name)
        if climbed:
            return climbed
        if alias.form == "quality":
            return self._quality(name, token)
        relation, governor = relation_of(token)
        if relation == "nmod:poss":
            return [self._mention(name, Role.PLACE if alias.form == "place" else Role.POSSESSOR)]
        if relation in ("amod", "compound") and governor.i not in range(name.first, name.last + 1):
            return [self._mention(name, Role.MODIFIER)]
        return [self._mention(name, self._role(name, token))]

    def _role(self, name: Name, token: Token) -> Role:
        form, case = name.alias.form, self.case_of(token)
        relation = relation_of(token)[0]
        if form == "place":
            return Role.PLACE
        if form == "capital" and (
            case in AT_CITY
            or not (relation.startswith(("nsubj", "obj", "iobj", "obl", "nmod", "conj", "root", "ROOT")))
        ):
            return Role.PLACE
        if form == "capital" and relation in ("obl", "nmod") and not case:
            return Role.PLACE
        if form in ("name", "group", "organ") and (case in INSIDE or (case == "at" and form == "organ")):
            return Role.PLACE
        if form == "adjective":
            return self._bare_adjective(token)
        if form == "national":
            counted = any(
                child.dep_ in ("nummod", "det") and child.lower_ != "the" for child in token.children
            )
            definite = any(child.lower_ == "the" for child in token.children)
            return Role.DEMONYM if definite and not counted else Role.NATIONAL
        return FORMS[form]

    def _bare_adjective(self, token: Token) -> Role:
        """ "the British" acts; "a Russian" is a person; an adjective without its noun only modifies."""
        before = self.doc[token.i - 1].lower_ if token.i else ""
        if before in ("a", "an", "one") or any(child.dep_ == "nummod" for child in token.children):
            return Role.NATIONAL
        if before == "the" or (
            token.pos_ in ("NOUN", "PROPN") and token.dep_.startswith(("nsubj", "obl:agent"))
        ):
            return Role.DEMONYM
        return Role.MODIFIER

    def _quality(self, name: Name, token: Token) -> list[Mention]:
        """ "Western sanctions", but not "western Iraq", "western city" or "European markets"."""
        relation, governor = relation_of(token)
        capital = self.text[name.start].isupper() and name.alias.code.startswith("X")
        if capital and relation in ("amod", "compound") and governor.pos_ == "NOUN":
            return [self._mention(name, Role.MODIFIER)]
        return []

    def _hyphen_tail(self, name: Name) -> str | None:
        match = re.match(r"['’]?-([a-z]{2,})\b", self.text[name.end : name.end + 24])
        return match.group(1) if match else None

    def _hyphen_head(self, name: Name) -> str | None:
        """ "anti-American", "pro-Russian", but not the second half of "US-Russia"."""
        match = re.search(
            r"\b(anti|pro|non|ex|former|cross|mid|intra|trans|inner)[-–]$",
            self.text[: name.start][-12:],
            re.I,
        )
        return match.group(1).lower() if match else None

    def _former(self, token: Token) -> bool:
        """Who has left office speaks for nobody ("former President Clinton", "ex-premier")."""
        if not self._left_office:
            return False
        window = self.text[max(0, self.doc[token.left_edge.i].idx - 12) : token.idx]
        return any(self.actors.marked(word, "former") for word in re.findall(r"[\w-]+", window)) and any(
            self.actors.marked(child.text, "former") for child in token.subtree if child.i <= token.i
        )

    # --- modifiers -------------------------------------------------------------------------------------

    def _climb(self, name: Name) -> list[Mention]:
        """Mentions of the nouns that a modifier makes act for it, from the nearest outwards."""
        result: list[Mention] = []
        token, inner = self.doc[name.head], name
        alias = name.alias
        for _ in range(4):
            governor = self._governor(token, name if not result else None)
            near = self._neighbour(name) if not result else None
            if near is not None and (governor is None or self._passed_over(governor, near)):
                governor = near
            if governor is None:
                break
            kind = self.role_of(governor)
            if kind in ("official", "government") and self.once(governor):
                break
            if kind == "rebel" and not result and self._foreign(alias):
                kind = "national"
            if kind not in ACTING or not self._carries(alias, kind, token):
                break
            if result and kind not in ("official", "government", "force", "mission"):
                break  # "student militants of the American embassy" are not American
            code = result[-1].actor if result else self._code(alias, kind)
            if any(mention.head == governor.i for mention in result):
                break
            result.append(
                self.noun_phrase(
                    governor, code, ACTING[kind], f"{alias.text}: {governor.text}", inner.first, inner.last
                )
            )
            token = governor
        return result

    def _passed_over(self, governor: Token, near: Token) -> bool:
        """True where the parse ties "Indian" to Swaraj in "his Indian counterpart Sushma Swaraj".

        "Palestinian refugee camps" are no refugees: there the noun near by only modifies another.
        """
        modifies = near.dep_ in ("compound", "amod", "nmod:desc") and near.head.pos_ == "NOUN"
        return not modifies and self.role_of(governor) not in ACTING

    def once(self, noun: Token) -> bool:
        """True for "former US president", "ousted premier", "the former Soviet republic"."""
        if not self._left_office:
            return False
        nouns = (noun, noun.head) if noun.dep_ in ("compound", "flat", "nmod:desc", "appos") else (noun,)
        return any(self.actors.marked(child.text, "former") for one in nouns for child in one.lefts)

    def _foreign(self, alias: Alias) -> bool:
        """ "British jihadists" are British, since no armed group is based in Britain then."""
        return alias.form in ("adjective", "name") and (
            self.actors.kind(alias.code) == "state" and alias.code not in self.homes
        )

    def _carries(self, alias: Alias, kind: str, token: Token) -> bool:
        case = self.case_of(token) if token.dep_ in ("nmod", "conj") else ""
        if alias.form == "quality" and kind not in ("official", "government", "force"):
            return False
        if kind in ("company", "national") and alias.form == "organ" and token.dep_ == "nmod":
            return False
        if case in ("in", "inside"):  # "rebels in Chad"; but "the US embassy in Kabul", "troops in Iraq"
            return kind == "rebel"
        if alias.form in ("place", "capital"):
            return kind in ("rebel", "national") or (
                alias.form == "capital" and kind in ("government", "official")
            )
        return True

    def _code(self, alias: Alias, kind: str) -> str:
        if self.actors.kind(alias.code) == "state" and kind in ("rebel", "opposition"):
            return f"{alias.code}-REB" if kind == "rebel" else f"{alias.code}-OPP"
        return alias.code

    def _neighbour(self, name: Name) -> Token | None:
        """The role noun right after a modifier, whatever the parse says ("Khartoum and Darfur rebels")."""
        index = name.last + 1
        tail = self._hyphen_tail(name)
        if tail is not None:  # "the Saudi-led coalition"
            index = self._token_at(name.end + len(tail) + 1) + 1
            while index < len(self.doc) and self.doc[index].pos_ == "ADJ":
                index += 1
        if name.alias.form in ("organ", "group", "metonym", "national") or index >= len(self.doc):
            return None
        following = self.doc[index]
        near = tail is not None or self.text[name.end :][:1] == " "
        return following if near and following.pos_ == "NOUN" else None

    def _governor(self, token: Token, name: Name | None) -> Token | None:
        """The noun that a modifier belongs to: amod, compound, possessive, or "of"."""
        relation, governor = relation_of(token)
        # "the ministers of Kenya and Uganda", where the parse joins Uganda to the ministers.
        if token.dep_ == "conj" and token.pos_ == "PROPN" and token.head.pos_ == "NOUN":
            between = (child for child in token.head.rights if child.i < token.i and child.pos_ == "PROPN")
            if any(child.dep_ == "nmod" and self.case_of(child) in OF for child in between):
                return token.head
        if governor.i == token.i or governor.pos_ not in ("NOUN", "PROPN", "ADJ"):
            return None
        if name is not None and name.first <= governor.i <= name.last:
            return None
        if relation in ("amod", "compound", "nmod:poss", "nmod:desc", "flat"):
            return governor
        if relation == "nmod":
            case = self.case_of(token)
            if case in OF or case in ("in", "inside"):
                return governor
        return None

    def role_of(self, token: Token) -> str | None:
        """Class of a role noun, read with the words before it ("truck drivers", "foreign minister")."""
        if token.i not in self._roles:
            self._roles[token.i] = self._read_role(token)
        return self._roles[token.i]

    def _read_role(self, token: Token) -> str | None:
        doc, role_class = self.doc, self.actors.role_class
        if self.words[token.i + 1 : token.i + 2] == ["of"]:  # "House of Representatives"
            found = role_class(doc[token.i : token.i + 3].text)
            if found in ACTING:
                return found
        for size in (3, 2, 1):
            start = token.i - size + 1
            if start < 0:
                continue
            phrase = doc[start : token.i + 1].text if size > 1 else token.text
            if size > 2 and self.words[token.i - 1] == "of":
                continue  # "Ministry of Defence" is no defence
            found = role_class(phrase) or (role_class(token.lemma_) if size == 1 else None)
            if found in ACTING:
                if found in ("official", "force", "government") and token.i:
                    # "rebel leaders", "opposition spokesman": the word before tells whose.
                    side = role_class(doc[token.i - size].text) if token.i >= size else None
                    if side in ("rebel", "opposition"):
                        return side
                return found
        return None

    def noun_phrase(
        self, head: Token, code: str, role: Role, why: str, low: int, high: int, agent: str | None = None
    ) -> Mention:
        """A mention of the phrase around `head` that covers the tokens `low` to `high`, too."""
        first, last = min(head.i, low), max(head.i, high)
        for child in head.lefts:
            if child.dep_ in ("amod", "compound", "nummod", "det", "nmod:poss", "nmod:desc"):
                first = min(first, child.left_edge.i)
        return self.mention(code, role, head.i, first, last, why, agent)

    # --- persons ---------------------------------------------------------------------------------------

    def _with_title(self, name: Name) -> Mention:
        """A person with the title before the name; the head is that of title and name together."""
        first, last = name.first, name.last
        doc = self.doc
        while first > 0:
            left = doc[first - 1]
            tied = first <= left.head.i <= last or any(
                doc[index].head.i == left.i
                and doc[index].dep_ in ("flat", "appos", "nmod:desc", "compound", "nmod")
                for index in range(first, last + 1)
            )
            if not tied or left.pos_ not in ("PROPN", "NOUN", "ADJ") or left.dep_ == "conj":
                break
            if left.text in CALENDAR:
                break  # "In May Narendra Modi visited Nepal"
            first -= 1
        for size in (2, 3) if first > 1 and doc[first - 1].lower_ == "of" else ():
            # "Secretary of State Rice"
            if first >= size and self.actors.role_class(doc[first - size : first + 1].text) == "official":
                first -= size
                while first and doc[first - 1].pos_ in ("PROPN", "ADJ") and doc[first - 1].head.i == first:
                    first -= 1
        head = self.root(first, last)
        alias = name.alias
        why = f"{alias.agent}, {alias.role}"
        return self.mention(alias.code, Role.LEADER, head, first, last, why, alias.agent)

    # --- building --------------------------------------------------------------------------------------

    def _mention(self, name: Name, role: Role) -> Mention:
        alias = name.alias
        why = f"{alias.text}: {alias.role}"
        if alias.agent and alias.agent != alias.text:
            why = f"{alias.text}: {alias.agent}, {alias.role}"
        return self.mention(alias.code, role, name.head, name.first, name.last, why, alias.agent)

    def mention(
        self, code: str, role: Role, head: int, first: int, last: int, why: str, agent: str | None = None
    ) -> Mention:
        """A mention of the tokens `first` to `last`, with offsets in the document's text."""
        doc = self.doc
        start, end = doc[first].idx, doc[last].idx + len(doc[last].text)
        return Mention(
            Span(start, end), self.text[start:end], code, role.value, head, first, last, agent, why
        )

    def _without_nested(self, mentions: list[Mention]) -> list[Mention]:
        """A person's mention swallows that of the title: "British Foreign Secretary Jack Straw" is one."""
        heads: dict[int, Mention] = {}
        result = []
        for mention in mentions:
            if mention.role == Role.LEADER:
                heads[mention.head] = mention
        for mention in mentions:
            leader = heads.get(mention.head)
            if leader is not None and leader is not mention and leader.actor == mention.actor:
                continue
            result.append(mention)
        return result

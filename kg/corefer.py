"""Words that stand for an actor named elsewhere: "it", "his", "both sides", "the kingdom", a bare "the army".

A conservative, documented step, left to right over one document:

- "he", "his", "she", "her", "him": the nearest person in this or the previous sentence, subjects first;
- "it", "its": the nearest state, organisation, group or government before, subjects first;
- "they", "their", "them": the members of the nearest coordinated or plural mention before;
- "both sides", "the two countries": the last two different states (or organisations and groups) named;
- "the kingdom", "the island", "the alliance": the last actor that the noun fits;
- "the government", "the army", "officials": the actor of the same noun before, else the nearest state in the
  sentence, else in the previous one, else the dateline's, else the one named most;
- "militants", "gunmen": the same, but places count first, and the code is `<ISO3>-REB`.

Nothing is guessed for a pronoun without a fitting antecedent.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kg.actors import fold
from kg.model import Mention
from kg.names import relation_of
from kg.phrases import Phrases, Role

if TYPE_CHECKING:
    from spacy.tokens import Token

PERSON = frozenset({"he", "his", "him", "she", "her", "himself", "herself"})
THING = frozenset({"it", "its", "itself"})
MANY = frozenset({"they", "their", "them", "themselves"})
PERSONS = frozenset({Role.LEADER, Role.PERSON, Role.OFFICIAL})
THINGS = frozenset(
    {
        Role.NAME,
        Role.CAPITAL,
        Role.ORGANISATION,
        Role.GROUP,
        Role.GOVERNMENT,
        Role.DESCRIPTION,
        Role.POSSESSOR,
    }
)
PLURALS = frozenset(
    {Role.FORCE, Role.REBEL, Role.NATIONAL, Role.DEMONYM, Role.GROUP, Role.OFFICIAL, Role.OPPOSITION}
)
NAMED = frozenset(
    {
        Role.NAME, Role.DEMONYM, Role.CAPITAL, Role.ORGANISATION, Role.GROUP, Role.LEADER, Role.PERSON,
        Role.OFFICIAL, Role.GOVERNMENT, Role.FORCE, Role.POSSESSOR, Role.MODIFIER, Role.NATIONAL,
        Role.MISSION,
    }
)  # fmt: skip
BARE = frozenset({"government", "force", "rebel", "opposition"})
GENERIC = frozenset({"country", "kingdom", "island", "emirate", "organisation", "group"})
# Nouns that may stand for fighters of the place by themselves.
AGAIN = frozenset(
    {
        "rebel", "insurgent", "militant", "gunman", "guerrilla", "guerilla", "kidnapper", "captor",
        "abductor", "attacker", "assailant", "separatist", "militiaman", "hostage-taker", "bomber",
        "rebels", "insurgents", "militants", "gunmen", "guerrillas", "kidnappers", "attackers",
    }
)  # fmt: skip
# "regards it as a terrorist organisation", "a decades-long insurgency": no fighters of a place.
ABSTRACT = frozenset({"organisation", "organization", "group", "insurgency", "rebellion", "uprising"})
NO_HEAD = frozenset(
    {"side", "state", "nation", "country", "republic", "capital", "party", "court", "team", "bloc"}
)


def corefer(phrases: Phrases, mentions: list[Mention]) -> list[Mention]:
    """The mentions given, and those that refer back to them, in order of their heads."""
    return _Reader(phrases, mentions).read()


class _Reader:
    def __init__(self, phrases: Phrases, mentions: list[Mention]) -> None:
        self.phrases = phrases
        self.doc = phrases.doc
        self.actors = phrases.actors
        self.mentions = sorted(mentions, key=lambda m: (m.head, m.actor))
        self.covered = {index for m in mentions for index in range(m.first, m.last + 1)}
        self.heads = {m.head for m in mentions}
        self.added: list[Mention] = []
        self.sents = {token.i: number for number, sent in enumerate(self.doc.sents) for token in sent}
        self.states = [m for m in self.mentions if self._state(m)]
        counts = Counter(m.actor for m in self.states)
        self.main = min(counts, key=lambda code: (-counts[code], code)) if counts else None
        first = next(
            (m for m in self.mentions if m.role == Role.PLACE and self.doc[m.head].dep_ == "dep"), None
        )
        self.dateline = first.actor if first else None
        self.openers = frozenset(
            phrase.split()[0] for phrase, kind in self.actors.roles.items() if kind == "pair"
        )

    def read(self) -> list[Mention]:
        for token in self.doc:
            if token.i in self.heads or token.dep_ == "dep":
                continue
            lower = fold(token.text)
            if lower in PERSON or lower in THING or lower in MANY:
                self._pronoun(token, lower)
            elif lower in self.openers or lower in ("the", "that", "this"):
                self._description(token)
            if token.pos_ in ("NOUN", "PROPN") and token.i not in self.covered:
                self._bare(token)
        return self.mentions + self.added

    # --- antecedents -----------------------------------------------------------------------------------

    def _state(self, mention: Mention) -> bool:
        return self.actors.kind(mention.actor) == "state"

    def _before(self, index: int, roles: frozenset[Role], reach: int = 1) -> list[Mention]:
        """Mentions before a token, at most `reach` sentences back: nearest sentence first, there subjects
        before the rest, then the nearest."""
        here = self.sents.get(index, 0)
        found = [
            m
            for m in [*self.mentions, *self.added]
            if m.head < index and m.role in roles and 0 <= here - self.sents.get(m.head, -9) <= reach
        ]

        def order(mention: Mention) -> tuple[int, bool, int]:
            subject = relation_of(self.doc[mention.head])[0].startswith("nsubj")
            return (
                here - self.sents[mention.head],
                not subject,
                -mention.head if not subject else mention.head,
            )

        return sorted(found, key=order)

    def _pronoun(self, token: Token, lower: str) -> None:
        if lower in PERSON:
            chosen = self._before(token.i, PERSONS)[:1]
        elif lower in THING:
            if lower == "it" and (token.dep_ == "expl" or token.head.lemma_ in ("be", "seem", "appear")):
                return
            chosen = self._before(token.i, THINGS)[:1]
        else:
            nearest = self._before(token.i, PLURALS | THINGS | PERSONS)
            chosen = []
            for mention in nearest:
                group = self._coordinated(mention, nearest)
                if len(group) > 1 or (mention.role in PLURALS and self._plural(mention)):
                    chosen = group
                    break
        for mention in chosen:
            why = f"{token.text}: {mention.text}"
            self.added.append(
                self.phrases.mention(
                    mention.actor, Role.PRONOUN, token.i, token.i, token.i, why, mention.agent
                )
            )

    def _plural(self, mention: Mention) -> bool:
        number = self.doc[mention.head].morph.get("Number", [])
        return "Plur" in number or mention.role in (Role.GROUP, Role.DEMONYM)

    def _coordinated(self, mention: Mention, others: list[Mention]) -> list[Mention]:
        first = self.doc[mention.head]
        while first.dep_ == "conj":
            first = first.head
        members = {first.i, *(child.i for child in first.children if child.dep_ == "conj")}
        found = {m.actor: m for m in others if m.head in members}
        return [found[code] for code in sorted(found)]

    # --- descriptions ----------------------------------------------------------------------------------

    def _description(self, token: Token) -> None:
        doc = self.doc
        for size in (4, 3, 2, 1):
            last = token.i + size - 1
            if last >= len(doc):
                continue
            kind = self.actors.role_class(doc[token.i : last + 1].text)
            head = doc[last]
            if kind == "pair":
                self._pair(token.i, last)
                return
            if kind in GENERIC and head.i not in self.heads and head.pos_ in ("NOUN", "PROPN"):
                mention = self._generic(head, kind)
                if mention is not None:
                    why = f"{doc[token.i : last + 1].text}: {mention.text}"
                    self.added.append(
                        self.phrases.mention(
                            mention.actor, Role.DESCRIPTION, last, token.i, last, why, mention.agent
                        )
                    )
                    self.covered.update(range(token.i, last + 1))
                return

    def _pair(self, first: int, last: int) -> None:
        if last in self.covered:
            return
        found: dict[str, Mention] = {}
        nearest = self._before(first, NAMED | {Role.PLACE}, reach=3)
        for mention in sorted(nearest, key=lambda m: not self._state(m)):
            if len(found) < 2 and not mention.actor.startswith("X"):
                found.setdefault(mention.actor, mention)
        if len(found) < 2:
            return
        for mention in found.values():
            why = f"{self.doc[first : last + 1].text}: {mention.text}"
            self.added.append(self.phrases.mention(mention.actor, Role.DESCRIPTION, last, first, last, why))
        self.covered.update(range(first, last + 1))

    def _generic(self, head: Token, kind: str) -> Mention | None:
        for mention in self._before(head.i, NAMED | {Role.PLACE, Role.REBEL}, reach=3):
            actor = self.actors.actors.get(mention.actor)
            nature = self.actors.kind(mention.actor)
            if kind in ("kingdom", "island", "emirate"):
                fits = actor is not None and any(word.startswith(kind[:6]) for word in actor.words)
            elif kind == "country":
                fits = nature == "state"
            elif kind == "organisation":
                fits = nature == "organisation"
            else:
                fits = nature == "armed_group"
            if fits:
                return mention
        return None

    # --- role nouns without an actor -------------------------------------------------------------------

    def _bare(self, token: Token) -> None:
        kind = self.phrases.role_of(token)
        definite = any(
            child.lower_ in ("the", "this", "that") or child.dep_ == "nmod:poss" for child in token.children
        )
        official = kind == "official" and definite
        if (kind not in BARE and not official) or token.lemma_.lower() in NO_HEAD:
            return
        side = kind in ("rebel", "opposition")
        if token.dep_ in ("compound", "amod", "flat", "appos"):
            if not (side and (token.head.pos_ == "PROPN" or token.head.pos_ == "NOUN")):
                return
            modifies = token.head.pos_ == "NOUN" and self.phrases.role_of(token.head) not in BARE
            if not modifies and token.head.pos_ == "NOUN":
                return
        if side and token.lemma_.lower() in ABSTRACT:
            return
        code, why = self._country(token, kind or "")
        if code is None:
            return
        nature = self.actors.kind(code)
        if kind in ("rebel", "opposition") and nature == "state":
            code += "-REB" if kind == "rebel" else "-OPP"
        role = Role.REBEL if kind == "rebel" else Role.DESCRIPTION
        if token.dep_ in ("compound", "amod") and token.head.pos_ == "NOUN":
            role = Role.MODIFIER
        self.added.append(
            self.phrases.noun_phrase(token, code, role, f"{token.text}: {why}", token.i, token.i)
        )
        self.heads.add(token.i)

    def _country(self, token: Token, kind: str) -> tuple[str | None, str]:
        for child in token.children:
            if child.dep_ == "nmod:poss":
                owner = next((m for m in reversed(self.added) if m.head == child.i), None)
                return (owner.actor, f"of {owner.text}") if owner else (None, "")
        if kind == "rebel":
            return self._rebels(token)
        earlier = [m for m in [*self.mentions, *self.added] if m.head < token.i and m.role in NAMED]
        for mention in sorted(earlier, key=lambda m: -m.head):
            if self.doc[mention.head].lemma_.lower() == token.lemma_.lower():
                return mention.actor, f"as {mention.text}"
        here = self.sents.get(token.i, 0)
        same = [m for m in self.states if self.sents[m.head] == here and m.head < token.i]
        ahead = [m for m in same if m.role != Role.PLACE] or same
        if ahead:
            near = max(ahead, key=lambda m: m.head)
            return near.actor, f"beside {near.text}"
        for mention in self._before(token.i, NAMED | {Role.PLACE}, reach=2):
            if self._state(mention):
                return mention.actor, f"after {mention.text}"
        if self.dateline:
            return self.dateline, "dateline"
        return self.main, "named most in the text"

    def _rebels(self, token: Token) -> tuple[str | None, str]:
        """The state of nameless rebels: one that has armed groups, named near as a place, or else named most.

        "Rebels" again means the same ones as before; "terrorists" or "gangs" need a place near by.
        """
        earlier = [m for m in [*self.mentions, *self.added] if m.head < token.i]
        definite = any(child.lower_ in ("the", "these", "those") for child in token.children)
        for mention in sorted(earlier, key=lambda m: -m.head):
            same_noun = self.doc[mention.head].lemma_.lower() == token.lemma_.lower()
            if mention.actor.endswith("-REB") and (same_noun or definite):
                return mention.actor, f"as {mention.text}"
            if mention.role == Role.GROUP and definite and token.lemma_.lower() in AGAIN:
                return mention.actor, f"as {mention.text}"
        here = self.sents.get(token.i, 0)
        if any(m.actor == "PSE" and self.sents[m.head] == here for m in self.states):
            return "PSE", "Palestinian in this sentence"
        scores = dict(self.phrases.war_scores(token.idx))
        for mention in self.states:  # "Qatar, which backed the rebels": not those of Qatar
            if self.doc[mention.head].dep_.startswith("nsubj") and self.doc[mention.head].head == token.head:
                scores[mention.actor] = scores.get(mention.actor, 0.0) - 2.0
        if self.dateline in self.phrases.homes:
            scores[str(self.dateline)] = scores.get(str(self.dateline), 0.0) + 1.0
        best = max(sorted(scores), key=lambda code: scores[code], default=None)
        if best is None or scores[best] <= 0 or (not self._again(token) and scores[best] < 4):
            return None, ""
        return best, f"fighting is placed in {best}"

    def _again(self, token: Token) -> bool:
        """Nouns, or nouns after such a noun, that mean the fighters of the place ("rebel leaders")."""
        before = self.doc[token.i - 1].lemma_.lower() if token.i else ""
        return token.lemma_.lower() in AGAIN or before in AGAIN

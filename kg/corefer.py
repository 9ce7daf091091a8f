"""Words that stand for an actor named elsewhere: "it", "his", "both sides", "the kingdom", "its neighbour".

A conservative, documented step, left to right over one document:

- "he", "his", "she", "her", "him": the nearest person in this or the previous sentence, subjects first;
- "it", "its": the nearest state, organisation, group or government before, subjects first;
- "they", "their", "them": the members of the nearest coordinated or plural mention before; as a subject, else
  the two persons whom the sentence before joins ("Mogherini met Zarif. They agreed");
- "we", "our", "us": who is speaking in the sentence, or spoke in the one before;
- "both sides", "the two countries": the two most present states (or else organisations and groups);
- "its neighbour", "his ally": the most present state that is not the owner;
- "the kingdom", "the island", "the alliance": the most present actor that the noun fits;
- a surname: who bore it with first name or title before (see `persons`); role nouns ("the army"): see `bare`.

An object or description never means the subject of its own clause. Nothing is guessed for a pronoun without a
fitting antecedent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.bare import bare
from kg.context import NAMED, Context
from kg.model import Mention
from kg.phrases import Phrases, Role

if TYPE_CHECKING:
    from spacy.tokens import Token

PERSON = frozenset({"he", "his", "him", "she", "her", "himself", "herself"})
THING = frozenset({"it", "its", "itself"})
MANY = frozenset({"they", "their", "them", "themselves"})
SPEAKER = frozenset({"we", "our", "us", "i", "my", "me"})
PRONOUNS = PERSON | THING | MANY | SPEAKER
QUANTIFIERS = frozenset({"both", "two", "either", "neither", "each"})
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
REACH = 20
"""Sentences back in which the two of "both sides" may be named."""
GENERIC = frozenset({"country", "kingdom", "island", "emirate", "organisation", "group"})


def corefer(phrases: Phrases, mentions: list[Mention]) -> list[Mention]:
    """The mentions given, and those that refer back to them."""
    context = Context(phrases, mentions)
    for index, (lower, pos) in enumerate(zip(phrases.words, phrases.pos, strict=True)):
        refers = lower in PRONOUNS or lower in QUANTIFIERS
        if index in context.by_head or not (refers or pos in ("NOUN", "PROPN", "ADJ")):
            continue
        token = context.doc[index]
        if token.dep_ == "dep":
            continue
        if lower in PRONOUNS:
            if len(lower) < 2 or not token.is_upper:  # "US"
                _pronoun(context, token, lower)
        elif lower in QUANTIFIERS:
            _quantified(context, token, lower)
        elif token.i in context.covered:
            continue
        elif pos == "ADJ":
            if context.actors.marked(token.text, "fighter"):
                bare(context, token)  # "the rebel enclave"
        elif pos == "PROPN" and lower in context.people:
            _add(context, [context.people[lower]], Role.PERSON, token.i, token.i, token.i)
        elif not _description(context, token):
            bare(context, token)
    return context.mentions


def _add(context: Context, found: list[Mention], role: Role, head: int, first: int, last: int) -> None:
    text = context.doc[first : last + 1].text
    for mention in found:
        why = f"{text}: {mention.text}"
        context.add(context.phrases.mention(mention.actor, role, head, first, last, why, mention.agent))


def _pronoun(context: Context, token: Token, lower: str) -> None:
    barred = frozenset() if token.dep_ == "nmod:poss" else context.clause_subjects(token)
    found: list[Mention] = []
    if lower in SPEAKER:
        found = _speaker(context, token)
    elif lower in PERSON:
        found = [m for m in context.before(token.i, PERSONS) if m.actor not in barred][:1]
    elif lower in THING:
        if lower == "it" and (token.dep_ == "expl" or token.head.lemma_ in ("be", "seem", "appear")):
            return
        # "The world refused to recognise the regime over its restrictions": the regime's, not the world's.
        nearest = [m for m in context.before(token.i, THINGS) if m.actor not in barred]
        found = sorted(nearest, key=lambda m: context.actors.kind(m.actor) == "collective")[:1]
    else:
        nearest = [m for m in context.before(token.i, PLURALS | THINGS | PERSONS) if m.actor not in barred]
        for mention in nearest:
            group = _coordinated(context, mention, nearest)
            if len(group) > 1 or (mention.role in PLURALS and _plural(context, mention)):
                found = group
                break
        else:
            found = _two_persons(context, token)
    _add(context, found, Role.PRONOUN, token.i, token.i, token.i)


def _two_persons(context: Context, token: Token) -> list[Mention]:
    """Subject and object of the sentence before: "Mogherini met Zarif. They agreed"."""
    if not token.dep_.startswith("nsubj"):
        return []
    persons = [m for m in context.beside(token.i, -1) if m.role in (Role.LEADER, Role.PERSON)]
    found = {m.actor: m for m in persons if context.doc[m.head].dep_.startswith(("nsubj", "obj", "obl"))}
    verbs = {context.doc[m.head].head.i for m in found.values()}
    return [found[code] for code in sorted(found)] if len(found) == 2 and len(verbs) == 1 else []


def _speaker(context: Context, token: Token) -> list[Mention]:
    """Subjects of a verb of saying in this sentence, or the one before."""
    for further in (0, -1):
        for mention in context.beside(token.i, further):
            head = context.doc[mention.head]
            if (
                head.dep_.startswith("nsubj")
                and mention.head != token.i
                and context.actors.marked(head.head.lemma_, "say")
            ):
                return [mention]
    return []


def _plural(context: Context, mention: Mention) -> bool:
    number = context.doc[mention.head].morph.get("Number", [])
    return "Plur" in number or mention.role in (Role.GROUP, Role.DEMONYM)


def _coordinated(context: Context, mention: Mention, others: list[Mention]) -> list[Mention]:
    first = context.doc[mention.head]
    while first.dep_ == "conj":
        first = first.head
    members, rest = set(), [first]
    while rest:
        member = rest.pop()
        members.add(member.i)
        rest.extend(child for child in member.children if child.dep_ == "conj")
    found = {m.actor: m for m in others if m.head in members}
    return [found[code] for code in sorted(found)]


# --- descriptions --------------------------------------------------------------------------------------


def _quantified(context: Context, token: Token, lower: str) -> None:
    """ "both sides", "the two Nordic countries", "either country", "the two", "each other"."""
    doc, last = context.doc, token.i
    following = doc[token.i + 1] if token.i + 1 < len(doc) else None
    if lower == "each" and following is not None and following.lower_ == "other":
        last = token.i + 1
    elif token.dep_ in ("det", "nummod", "det:predet", "cc:preconj") and token.head.i > token.i:
        last = token.head.i
        if not context.actors.marked(doc[last].text, "pair") or last - token.i > 4 or last in context.by_head:
            return
    elif lower in ("two", "each") or token.dep_.startswith(("cc", "advmod", "compound", "nummod")):
        if not (lower == "two" and token.i and doc[token.i - 1].lower_ == "the" and token.pos_ == "NUM"):
            return
        if token.dep_ in ("nummod", "compound"):
            return
    first = token.i - 1 if token.i and doc[token.i - 1].lower_ in ("the", "these", "those") else token.i
    if any(index in context.covered for index in range(first, last + 1)):
        return
    barred = frozenset() if lower == "each" and last > token.i else context.clause_subjects(doc[last])
    found = _most_present(context, first, barred, 2)
    neutral = doc[last].lemma_ in ("side", "party", "other", "both", "two")
    if len(found) == 2 and (neutral or all(context.is_state(m) for m in found)):
        _add(context, found, Role.DESCRIPTION, last, first, last)


def _most_present(
    context: Context, index: int, barred: frozenset[str], count: int, roles: frozenset[Role] = NAMED
) -> list[Mention]:
    """The last mentions of the actors that weigh most before a token: states, then others."""
    weights = context.weights(index, roles | {Role.PLACE, Role.PRONOUN}, REACH)
    codes = [code for code in weights if code not in barred and not code.startswith("X")]
    codes.sort(key=lambda code: (context.actors.kind(code) != "state", -weights[code], code))
    return [next(context.back("actor", code, index)) for code in codes[:count]]


def _description(context: Context, token: Token) -> bool:
    """ "the kingdom", "its neighbour": True when the noun is one, whether or not its actor is known."""
    doc = context.doc
    if context.actors.marked(token.lemma_, "other"):
        owners = [child for child in token.children if child.dep_ == "nmod:poss" and child.pos_ == "PRON"]
        known = {m.actor for child in owners for m in context.by_head.get(child.i, ())}
        single = "Plur" not in token.morph.get("Number", []) or context.actors.marked(token.text, "other")
        if known and single:
            first = token.left_edge.i
            found = _most_present(context, first, frozenset(known), 1)
            _add(context, found, Role.DESCRIPTION, token.i, first, token.i)
        if known:
            return True
    if context.actors.role_class(f"the {token.lemma_}") == "country":  # "his country"
        for child in token.children:
            if child.dep_ == "nmod:poss" and child.pos_ == "PRON":
                _add(
                    context, context.by_head.get(child.i, [])[:1], Role.DESCRIPTION, token.i, child.i, token.i
                )
                return True
    if context.phrases.once(token):
        return False  # "the former republic"
    for start in range(token.i - 1, max(token.i - 5, -1), -1):
        if context.phrases.words[start] not in ("the", "that", "this"):
            continue
        kind = context.actors.role_class(f"the {doc[start + 1 : token.i + 1].text}") or (
            context.actors.role_class(f"the {token.text}")
        )
        if kind not in GENERIC or token.dep_ in ("compound", "amod", "flat"):
            return False
        found = _generic(context, token, kind)
        _add(context, found, Role.DESCRIPTION, token.i, start, token.i)
        return bool(found)
    return False


def _generic(context: Context, head: Token, kind: str) -> list[Mention]:
    barred = context.clause_subjects(head)
    weights = context.weights(head.i, NAMED | {Role.PLACE, Role.REBEL, Role.PRONOUN})
    noun = head.lemma_.lower()
    groups = {m.actor for m in context.back("fighters", "", head.i) if m.role == Role.GROUP}

    def fits(code: str) -> bool:
        actor, nature = context.actors.actors.get(code), context.actors.kind(code)
        if kind in ("kingdom", "island", "emirate"):
            return actor is not None and any(word.startswith(kind[:6]) for word in actor.words)
        if kind == "organisation":
            return nature == "organisation" and actor is not None and noun in (actor.words or (noun,))
        return nature == "state" if kind == "country" else nature == "armed_group" or code in groups

    codes = [code for code in sorted(weights) if fits(code) and code not in barred]
    codes.sort(key=lambda code: -weights[code])
    return [next(context.back("actor", code, head.i)) for code in codes[:1]]

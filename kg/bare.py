"""Role nouns without an actor of their own: "the army", "Foreign Minister X said", "militants".

Government, army, officials: those of the owner ("its army"), else of the same noun before, else of the
nearest state in the sentence that is not the subject acting on them, else of the one before, the dateline.
Rebels: those named before, else of the state with armed groups where the text places the fighting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.actors import fold
from kg.context import NAMED, Context
from kg.names import is_name
from kg.phrases import Role

if TYPE_CHECKING:
    from spacy.tokens import Token

BARE = frozenset({"government", "force", "rebel", "opposition"})


def bare(context: Context, token: Token) -> None:
    """Adds the mention of a noun phrase that stands for an actor by its role alone, if there is one."""
    phrases, doc = context.phrases, context.doc
    kind = phrases.role_of(token)
    side = kind in ("rebel", "opposition")
    owned = kind == "force" and any(child.dep_ == "nmod:poss" for child in token.children)
    if kind is None or (context.actors.marked(token.lemma_, "no bare") and not side and not owned):
        return
    if kind in ("official", "government") and phrases.once(token):
        return
    definite = any(
        child.lower_ in ("the", "this", "that") or child.dep_ == "nmod:poss" for child in token.children
    )
    named = token.i + 1 < len(doc) and is_name(doc[token.i + 1]) and token.text[:1].isupper()
    if kind not in BARE and not (kind == "official" and (definite or named)):
        return
    if side and context.actors.marked(token.lemma_, "abstract"):
        return
    role = Role.REBEL if kind == "rebel" else Role.DESCRIPTION
    if token.dep_ == "amod" and any(m.role == Role.GROUP for m in context.by_head.get(token.head.i, ())):
        return  # "the insurgent Taliban" are one party
    if token.dep_ in ("compound", "amod", "flat", "appos"):
        modifies = token.head.pos_ == "NOUN" and phrases.role_of(token.head) not in BARE
        held = token.i + 1 < len(doc) and doc[token.i + 1].text == "-"  # "rebel-held"
        attack = kind == "government" and phrases.role_of(token.head) is None and token.dep_ == "compound"
        if ((side or attack) and modifies and token.dep_ != "appos") or (side and held):
            role = Role.MODIFIER
        elif not (named or (side and token.head.pos_ == "PROPN")):
            return
    code, why = _rebels(context, token) if kind == "rebel" else _country(context, token, named)
    owner = _owner(context, token) or (_owner(context, token.head) if named else None)
    if owner is not None:
        code, why = owner
    if code is None:
        return
    if side and context.actors.kind(code) == "state":
        code += "-REB" if kind == "rebel" else "-OPP"
    last, agent = token.i, None
    if named:
        while last + 1 < len(doc) and is_name(doc[last + 1]):
            last += 1
        if any(index in context.covered for index in range(token.i, last + 1)):
            return
        agent = doc[token.i + 1 : last + 1].text
    head = phrases.root(token.i, last) if named else token.i
    mention = phrases.noun_phrase(doc[head], code, role, f"{token.text}: {why}", token.i, last, agent)
    if agent is not None:
        context.people[fold(doc[last].text)] = mention
    if role != Role.MODIFIER or mention.first == mention.last:
        context.add(mention)
    else:
        context.add(phrases.mention(code, role, token.i, token.i, token.i, mention.why))


def _owner(context: Context, token: Token) -> tuple[str | None, str] | None:
    """The actor of "its" in "its army"; None as code when the owner is unknown."""
    for child in token.children:
        if child.dep_ == "nmod:poss":
            index = child.i
            if child.lower_ == "whose":  # "Australia, whose police helped"
                verb = token.head if token.head.dep_ == "acl:relcl" else token.head.head
                index = verb.head.i if verb.dep_ == "acl:relcl" else index
            owner = next(iter(context.at(index)), None)
            return (owner.actor, f"of {owner.text}") if owner else (None, "")
    return None


def _country(context: Context, token: Token, named: bool) -> tuple[str | None, str]:
    lemma = token.lemma_.lower()
    barred = frozenset() if named else context.clause_subjects(token)
    verb = token.head.lemma_
    if context.actors.marked(verb, "own"):  # "recalled the ambassador": its own
        barred = frozenset()
    if context.phrases.role_of(token) == "government":
        for child in token.rights:  # "the regime in N'Djamena"
            if (
                child.dep_ == "nmod"
                and context.phrases.case_of(child) == "in"
                and context.by_head.get(child.i)
            ):
                return context.by_head[child.i][0].actor, f"in {child.text}"
    if not named:
        for mention in context.back("noun", lemma, token.i):
            if mention.role in NAMED and mention.actor not in barred:
                return mention.actor, f"as {mention.text}"
        for mention in context.before(token.i, frozenset({Role.LEADER, Role.PERSON}), reach=99):
            # "Prince X ... the prince"
            if lemma in fold(mention.text).split() and mention.actor not in barred:
                return mention.actor, f"as {mention.text}"
    same = [
        m
        for m in context.beside(token.i)
        if context.is_state(m)
        and m.head < token.i
        and m.actor not in barred
        and m.role not in (Role.PRONOUN, Role.DESCRIPTION)
    ]
    ahead = [m for m in same if m.role != Role.PLACE] or same
    if ahead:
        near = min(ahead, key=lambda m: m.head) if named else max(ahead, key=lambda m: m.head)
        return near.actor, f"beside {near.text}"
    if named and context.dateline:
        return context.dateline, "dateline"
    for mention in context.before(token.i, NAMED | {Role.PLACE}, reach=2):
        if context.is_state(mention) and mention.actor not in barred:
            return mention.actor, f"after {mention.text}"
    if context.dateline:
        return context.dateline, "dateline"
    weights = context.weights(token.i, NAMED | {Role.PLACE}, reach=99)
    states = sorted(code for code in weights if context.actors.kind(code) == "state")
    best = max(states, key=lambda code: weights[code], default=None)
    return best, "named most in the text"


def _rebels(context: Context, token: Token) -> tuple[str | None, str]:
    """The state of nameless rebels.

    "Rebels" again, or in the same sentence, means the same ones; "terrorists" or "gangs" need a place near.
    """
    before = context.doc[token.i - 1] if token.i else None
    fighters = _fighters(context, token) or (before is not None and _fighters(context, before))
    definite = any(child.lower_ in ("the", "these", "those") for child in token.children)
    sentence = context.sents.get(token.i)
    for mention in context.back("fighters", "", token.i):
        same_noun = context.doc[mention.head].lemma_.lower() == token.lemma_.lower()
        beside = context.sents.get(mention.head) == sentence
        if mention.actor.endswith("-REB") and (same_noun or definite or beside):
            return mention.actor, f"as {mention.text}"
        if mention.role == Role.GROUP and definite and fighters:
            return mention.actor, f"as {mention.text}"
    if any(m.actor == "PSE" for m in context.beside(token.i)):
        return "PSE", "Palestinian in this sentence"
    scores = dict(context.phrases.war_scores(token.idx))
    if context.dateline in context.phrases.homes:
        scores[str(context.dateline)] = scores.get(str(context.dateline), 0.0) + 1.0
    best = max(sorted(scores), key=lambda code: scores[code], default=None)
    if best is None or scores[best] <= 0 or (not fighters and scores[best] < 4):
        return None, ""
    return best, f"fighting is placed in {best}"


def _fighters(context: Context, token: Token) -> bool:
    """Nouns that by themselves mean the fighters of the place ("rebel", "gunmen"; not "terrorists")."""
    pair = context.doc[max(0, token.i - 1) : token.i + 1].text
    return any(context.actors.marked(word, "fighter") for word in (token.lemma_, token.text, pair))

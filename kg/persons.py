"""Persons whom a text introduces as an actor's: "its envoy, Fikri Cassidy, said", then "Cassidy" alone.

A title that already stands for an actor lends it to the name beside it; the surname keeps it to the end of
the document. Office holders of the day are known by their full name in any romanisation, and then by surname
("May", but not "in May"). Whoever is neither stands for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.actors import fold
from kg.model import Mention
from kg.names import is_name
from kg.phrases import Phrases, Role

if TYPE_CHECKING:
    from spacy.tokens import Token

TIMES = frozenset({"in", "since", "until", "till", "during", "on", "around"})
TITLES = frozenset({Role.OFFICIAL, Role.NATIONAL, Role.FORCE, Role.REBEL, Role.OPPOSITION})


def persons(phrases: Phrases, mentions: list[Mention]) -> list[Mention]:
    """The mentions given, the names of officials, nationals and office holders, and the same again."""
    doc = phrases.doc
    covered = {index for m in mentions for index in range(m.first, m.last + 1)}
    memory: dict[str, Mention] = {}
    result: list[Mention] = []
    for mention in mentions:
        run = _name_beside(phrases, mention) if mention.role in TITLES else None
        if run is not None:
            first, last = run
            agent = doc[first : last + 1].text
            mention = replace(mention, agent=agent)
            head = phrases.root(first, last)
            if head != mention.head:
                why = f"{agent}: {mention.text}"
                result.append(phrases.mention(mention.actor, Role.PERSON, head, first, last, why, agent))
            covered.update(range(first, last + 1))
            memory.setdefault(fold(doc[last].text), mention)
        elif mention.role == Role.LEADER and is_name(doc[mention.last]) and " " in (mention.agent or ""):
            memory.setdefault(fold(doc[mention.last].text), mention)
        result.append(mention)
    for mention in _respelled(phrases, covered):
        memory.setdefault(fold(doc[mention.last].text), mention)
        result.append(mention)
    for index, (word, pos) in enumerate(zip(phrases.words, phrases.pos, strict=True)):
        known = memory.get(word) if pos == "PROPN" and index not in covered else None
        if known is None or known.head >= index:
            continue
        token = doc[index]
        if token.text[:1].isupper() and not _of_time(phrases, token):
            role = Role.LEADER if known.role == Role.LEADER else Role.PERSON
            why = f"{known.agent}, named before"
            result.append(phrases.mention(known.actor, role, token.i, token.i, token.i, why, known.agent))
    return result


def _of_time(phrases: Phrases, token: Token) -> bool:
    """True for "in May", "since May", "last May": the month, not the person."""
    return phrases.case_of(token) in TIMES or any(child.lower_ in ("last", "next") for child in token.lefts)


def _respelled(phrases: Phrases, covered: set[int]) -> Iterator[Mention]:
    """Office holders of the day whose full name is spelled in another way than in the tables."""
    doc, index = phrases.doc, 0
    while phrases.on is not None and index < len(doc):
        proper = phrases.pos[index] == "PROPN" and index not in covered
        run = _proper_run(phrases, index) if proper else None
        if run is None:
            index += 1
            continue
        first, last = run
        index = last + 1
        names = [token for token in doc[first : last + 1] if not phrases.actors.role_class(token.text)]
        if len(names) < 2 or any(at in covered for at in range(first, last + 1)):
            continue
        name = doc[names[0].i : last + 1].text
        known = next(iter(phrases.actors.people.find(name, phrases.on)), None)
        if known is not None:
            covered.update(range(first, last + 1))
            why = f"{known.agent}, {known.role}"
            head = phrases.root(first, last)
            yield phrases.mention(known.code, Role.LEADER, head, first, last, why, known.agent)


def _name_beside(phrases: Phrases, mention: Mention) -> tuple[int, int] | None:
    """Tokens of the name beside a title: "Foreign Minister X Y", "its envoy, X Y,", "X Y, the envoy"."""
    doc, after = phrases.doc, mention.last + 1
    edge = min(doc[mention.head].right_edge.i, mention.last + 8)
    # "China's ambassador to Australia, Cheng Jingye,": what belongs to the title may stand between.
    while after < edge and doc[after].text != "," and not is_name(doc[after]) and doc[after].dep_ == "case":
        after += 2
    if after + 1 < len(doc) and doc[after].text == ",":
        run = _proper_run(phrases, after + 1)
        if run is not None and run[1] > run[0]:
            following = doc[run[1] + 1].text if run[1] + 1 < len(doc) else "."
            if following in (",", ".", ";"):
                return run
    run = _proper_run(phrases, after)
    if run is not None:
        return run
    before = mention.first - 1
    if before > 1 and doc[before].text == "," and is_name(doc[before - 1]):
        first = before - 1
        while first > 0 and is_name(doc[first - 1]):
            first -= 1
        if before - 1 > first and not phrases.actors.lookup(doc[first:before].text):
            return first, before - 1
    return None


def _proper_run(phrases: Phrases, start: int) -> tuple[int, int] | None:
    doc, last = phrases.doc, start
    while last < len(doc) and is_name(doc[last]):
        last += 1
    if last == start or (last == start + 1 and phrases.actors.lookup(doc[start].text)):
        return None
    return start, last - 1

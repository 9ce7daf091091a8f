"""What is wrong with the dated facts of the actor tables: facts in, sentences for those who edit them out.

Found are two holders of one exclusive office at a time, memberships told twice, memberships in what is no
organisation or outside the days of one. Where a table gives a year only, nothing is found that some day of
that year would put right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby, pairwise

from kg.roster import FIRST, LAST, Actor, Facts, Membership, Term

EXCLUSIVE = frozenset({"head of state", "head of government", "foreign minister", "defence minister"})
"""Offices that one person at a time holds; what several share has another name in the tables."""

HANDOVER = 31
"""Days for which two terms may overlap: sources differ on the day of a change by up to a month."""


def problems(facts: Facts, actors: Mapping[str, Actor]) -> list[str]:
    """All that is wrong with the facts, sorted; empty when all is well."""
    return sorted({*_offices(facts.terms), *_memberships(facts.memberships, actors)})


def _offices(terms: Iterable[Term]) -> Iterator[str]:
    """Two terms in one office that surely overlap by more than `HANDOVER` days."""

    def office(term: Term) -> tuple[str, str]:
        return term.code, term.role

    held = sorted(
        (term for term in terms if term.role in EXCLUSIVE), key=lambda t: (office(t), t.begun, repr(t))
    )
    for (code, role), group in groupby(held, key=office):
        for one, other in _overlapping(list(group)):
            days = (min(one.over, other.over) - max(one.begun, other.begun)).days
            if days > HANDOVER:
                who = one.name if one.name == other.name else f"{one.name} and {other.name}"
                twice = "twice" if one.name == other.name else "both"
                when = _span(max(one.begun, other.begun), min(one.over, other.over))
                yield f"{code}: {who} {twice} {role} {when}; mend the days in leaders.tsv"


def _overlapping(terms: list[Term]) -> Iterator[tuple[Term, Term]]:
    """Pairs of terms, sorted by begin, of which the second begins before the first ends."""
    for index, one in enumerate(terms):
        for other in terms[index + 1 :]:
            if other.begun >= one.over:
                break
            yield one, other


def _memberships(memberships: Iterable[Membership], actors: Mapping[str, Actor]) -> Iterator[str]:
    def pair(one: Membership) -> tuple[str, str]:
        return one.code, one.member

    held = sorted(memberships, key=lambda one: (pair(one), one.begun, repr(one)))
    for (code, member), group in groupby(held, key=pair):
        spells = list(group)
        organisation = actors.get(code)
        if organisation is None or organisation.kind != "organisation":
            yield f"{code}: has members in memberships.tsv, but is no organisation"
        elif organisation.until and spells[-1].until > organisation.until:
            yield f"{code}: {member} is a member after {organisation.until}, the last day of {code}"
        if organisation and organisation.since and spells[0].until < organisation.since:
            yield f"{code}: {member} left before {organisation.since}, the first day of {code}"
        for one, other in pairwise(spells):
            if other.begun < one.over:
                when = _span(other.begun, min(one.over, other.over))
                yield f"{code}: {member} is a member twice {when}; mend the days in memberships.tsv"


def _span(since: date, until: date) -> str:
    first = f"from {since}" if since > FIRST else ""
    return f"{first} {f'to {until}' if until < LAST else 'on'}".strip()

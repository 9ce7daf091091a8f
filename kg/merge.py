"""Statements in, one per claim out: what a document says twice is one claim with two pieces of evidence.

The key is (document, source, relation, target, polarity, status) and the time. A vaguer time is taken for a
more exact one of the same key when only one fits: "in August 2021" and "on 15 August 2021" are one claim, and
so are a dated and an undated mention. Where several exact times fit, the vague mention stays by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from kg.model import Statement, When
from kg.ontology import load_ontology

# Finer first: of two equal intervals the one known to the day says more.
_FINENESS = {"day": 0, "month": 1, "year": 2}


def merge(stmts: Iterable[Statement]) -> list[Statement]:
    """One statement per claim and document, whatever the order of the input; merging again changes nothing.

    Evidence and agents are united and sorted. Confidence is the highest of the parts: mentions in one text
    are not independent, so they do not add up. Of several places or speakers the one that the text gives
    first is kept; an actual statement that the text also makes in its own voice has no speaker. Statements
    of a symmetric relation are written with the two codes in alphabetical order.

    Raises `InputError` for a relation that the ontology does not have. An empty input gives an empty list.
    The result is sorted by document and position in the text.
    """
    groups: dict[tuple[str, ...], list[Statement]] = defaultdict(list)
    for stmt in map(_normalised, stmts):
        key = (stmt.document, stmt.source, stmt.relation, stmt.target, stmt.polarity, stmt.status)
        groups[key].append(stmt)
    merged = [unite(part) for group in groups.values() for part in _by_time(group)]
    return sorted(merged, key=lambda stmt: (stmt.document, reading_order(stmt)))


def unite(stmts: Iterable[Statement]) -> Statement:
    """One statement with the evidence and agents of all, the highest confidence and the most exact time.

    The statements must stand in one document and agree in actors, relation, polarity and status.
    """
    parts = sorted(stmts, key=lambda stmt: (reading_order(stmt), repr(stmt)))
    first = parts[0]
    speakers = [stmt.speaker for stmt in parts if stmt.speaker is not None]
    own_voice = first.status == "actual" and len(speakers) < len(parts)
    return replace(
        first,
        when=min((stmt.when for stmt in parts if stmt.when), key=_exactness, default=None),
        place=next((stmt.place for stmt in parts if stmt.place is not None), None),
        speaker=None if own_voice or not speakers else speakers[0],
        source_agents=tuple(sorted({agent for stmt in parts for agent in stmt.source_agents})),
        target_agents=tuple(sorted({agent for stmt in parts for agent in stmt.target_agents})),
        confidence=max(stmt.confidence for stmt in parts),
        evidence=tuple(
            sorted(
                {evidence for stmt in parts for evidence in stmt.evidence},
                key=lambda ev: (ev.span.start, ev.span.end, ev.extractor, ev.rule, ev.quote, ev.sentence),
            )
        ),
    )


def reading_order(stmt: Statement) -> tuple[int, int, str]:
    """Sorts the statements of one document as a reader meets them: by the first evidence, then by id."""
    start, end = min((evidence.span.start, evidence.span.end) for evidence in stmt.evidence)
    return start, end, stmt.id


def _normalised(stmt: Statement) -> Statement:
    """A symmetric statement with its two sides in alphabetical order; any other as it is."""
    if stmt.source <= stmt.target or not load_ontology().relation(stmt.relation).symmetric:
        return stmt
    return replace(
        stmt,
        source=stmt.target,
        target=stmt.source,
        source_agents=stmt.target_agents,
        target_agents=stmt.source_agents,
    )


def _by_time(group: list[Statement]) -> list[list[Statement]]:
    """Split the statements of one key into claims, each with times that mean the same occasion."""
    times = sorted({stmt.when for stmt in group if stmt.when}, key=_exactness)
    exact = {_label(time): time for time in times if not any(_covers(time, other) for other in times)}
    parts: dict[tuple[str, ...], list[Statement]] = defaultdict(list)
    for stmt in group:
        fitting = [label for label, time in exact.items() if stmt.when is None or _covers(stmt.when, time)]
        parts[fitting[0] if len(fitting) == 1 else _label(stmt.when)].append(stmt)
    return list(parts.values())


def _label(when: When | None) -> tuple[str, ...]:
    """How a time enters the id of a statement: what the text said of it."""
    return (when.first, when.last or "") if when else ()


def _covers(vague: When, exact: When) -> bool:
    """Whether `vague` says less than `exact` and agrees with it."""
    if (vague.start, vague.end) == (exact.start, exact.end):
        return _FINENESS[vague.precision] > _FINENESS[exact.precision]
    return vague.start <= exact.start and exact.end <= vague.end


def _exactness(when: When) -> tuple[int, int, int]:
    """Sorts times from the most exact to the vaguest, equal ones from early to late."""
    return (when.end - when.start).days, _FINENESS[when.precision], when.start.toordinal()

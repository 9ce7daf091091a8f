"""What views of pairs count: the options that they share, and the pair sums that these mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Literal, TypedDict

from kg.errors import InputError
from kg.model import Statement
from kg.views.sums import Pairs, aggregate
from kg.views.table import Published, Table, Window, window

Source = Iterable[Statement] | Table
Ends = Literal["states", "all"] | Collection[str]


class Selection(TypedDict, total=False):
    """Options that all views of pairs share.

    `since`, `until`: first and last day that count; `at`: the day to which events age (and the last day, if
    `until` is not given). Defaults: see `table.window`. `half_life`: days in which the weight of an event
    halves, None for no fading. `actors`: "states" (both ends are states), "all", or codes. `alleged`: weight
    of alleged events, 0 to 1.
    """

    at: date | None
    since: date | None
    until: date | None
    half_life: float | None
    actors: Ends
    alleged: float


def allowed(actors: Ends) -> frozenset[str] | None:
    """Codes that may be ends of an edge; None for all of them."""
    if actors == "all":
        return None
    if actors == "states":
        return frozenset(state_codes())
    if isinstance(actors, str):
        raise InputError(f"actors are {actors!r}; choose 'states', 'all', or a list of codes")
    return frozenset(actors)


def state_codes() -> list[str]:
    """Codes of the states and territories in the table of actors."""
    from kg.actors import load_actors

    return sorted(code for code, actor in load_actors().actors.items() if actor.kind == "state")


def sovereign(span: Window) -> list[str]:
    """Codes of the members of the state system (those with a Correlates of War code) during a window."""
    from kg.actors import load_actors

    return sorted(
        code
        for code, actor in load_actors().actors.items()
        if actor.kind == "state"
        and actor.cow
        and (actor.since is None or actor.since <= span.until)
        and (actor.until is None or actor.until >= span.since)
    )


def name_of(code: str) -> str:
    """The name of an actor, or its code if the table of actors does not have it."""
    from kg.actors import load_actors

    actor = load_actors().actors.get(code)
    return actor.name if actor else code


def prepare(
    stmts: Source,
    published: Published | None,
    selection: Selection,
    *,
    all_pairs: bool = False,
    neutral: bool = False,
) -> Pairs:
    """The pair sums that a selection means; raises `InputError` for an option that makes no sense."""
    table = stmts if isinstance(stmts, Table) else Table.from_statements(stmts, published)
    try:
        span = window(
            table,
            at=selection.get("at"),
            since=selection.get("since"),
            until=selection.get("until"),
            half_life=selection.get("half_life"),
        )
        codes = allowed(selection.get("actors", "states"))
        if all_pairs:
            if selection.get("actors", "states") == "states":
                table, codes = table.with_actors(sovereign(span)), frozenset(sovereign(span))
            elif codes is not None:
                table = table.with_actors(codes)
        return aggregate(
            table,
            span,
            alleged=selection.get("alleged", 0.0),
            actors=codes,
            silent=all_pairs,
            neutral=neutral,
        )
    except ValueError as exc:
        raise InputError(str(exc)) from exc


def parameters(pairs: Pairs, selection: Selection) -> dict[str, Any]:
    """What was counted, as the view reports it; None for what was not asked for."""
    span, actors = pairs.window, selection.get("actors", "states")
    return {
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "at": span.at.isoformat() if span.at != span.until else None,
        "half_life": f"{span.half_life:g} days" if span.half_life else None,
        "actors": actors if isinstance(actors, str) else " ".join(sorted(actors)),
        "alleged": selection.get("alleged") or None,
        "events": int(pairs.conflict.n.sum() + pairs.cooperation.n.sum()),
    }

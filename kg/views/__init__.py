"""Views: what many statements say about pairs of actors, as networkx graphs, tables and pictures.

Each view is a function from statements (and the days their documents were published) to a `View`. `VIEWS`
lists them by name; `make_view` calls one by name with only the options that it knows. The formulas are in
`measures`. Statements that are denied, planned or requested never count; alleged ones only where asked for.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kg.errors import InputError
from kg.model import Document, Statement
from kg.views.claims import claims, disputed
from kg.views.networks import balance, brokers, signed
from kg.views.pairs import alignment, ego, engagement, tension
from kg.views.readings import Period, aid, missions, presence, sanctions, states, visits
from kg.views.selection import Selection
from kg.views.series import actions, alerts, overview, timeline
from kg.views.table import Published, Table
from kg.views.view import View

__all__ = [
    "VIEWS",
    "Period",
    "Selection",
    "Table",
    "View",
    "make_view",
    "publication_dates",
    "takes_table",
    "view_options",
]

VIEWS: Mapping[str, Callable[..., View]] = {
    "actions": actions,
    "aid": aid,
    "alerts": alerts,
    "alignment": alignment,
    "balance": balance,
    "brokers": brokers,
    "claims": claims,
    "disputed": disputed,
    "ego": ego,
    "engagement": engagement,
    "missions": missions,
    "overview": overview,
    "presence": presence,
    "sanctions": sanctions,
    "signed": signed,
    "states": states,
    "tension": tension,
    "timeline": timeline,
    "visits": visits,
}
"""All views by name."""


def publication_dates(documents: Iterable[Document]) -> Published:
    """Document id to day of publication, as the views take it."""
    return {document.id: document.published for document in documents}


def takes_table(name: str) -> bool:
    """Whether a view is added up from a flat table alone; others read statements with their sentences."""
    return name in VIEWS and "Source" in str(inspect.signature(VIEWS[name]).parameters["stmts"].annotation)


def view_options(name: str) -> tuple[str, ...]:
    """Names of the options that a view takes; raises `InputError` for an unknown view."""
    if name not in VIEWS:
        raise InputError(f"there is no view {name!r}; choose one of {', '.join(VIEWS)}")
    found: list[str] = []
    for parameter in list(inspect.signature(VIEWS[name]).parameters.values())[2:]:
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            shared = Period if "Period" in str(parameter.annotation) else Selection
            found.extend(shared.__annotations__)
        else:
            found.append(parameter.name)
    return tuple(sorted(found))


def make_view(
    name: str, stmts: Iterable[Statement] | Table, published: Published | None = None, **options: Any
) -> View:
    """The view called `name`. Options that are None count as not given.

    Raises `InputError` for an unknown view, for an option that the view does not have, and for one that it
    needs and did not get.
    """
    known = view_options(name)
    given = {key: value for key, value in options.items() if value is not None}
    for key in given:
        if key not in known:
            raise InputError(f"the view {name!r} has no option {key!r}; it has {', '.join(known)}")
    needed = [
        parameter.name
        for parameter in list(inspect.signature(VIEWS[name]).parameters.values())[2:]
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.default is inspect.Parameter.empty
    ]
    for key in needed:
        if key not in given:
            raise InputError(f"the view {name!r} needs the option {key!r}")
    return VIEWS[name](stmts, published, **given)

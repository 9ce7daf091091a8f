"""Pictures and HTML of views, documents and statements: offline, and the same bytes for the same input.

`picture` draws any view; which kinds of picture a view can have is in `KINDS`. All colours mean the same
everywhere: red is tension, blue is engagement, grey is no data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kg.errors import InputError
from kg.show.html import card, highlight, table
from kg.show.style import Picture, Viewed, settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["KINDS", "Picture", "card", "highlight", "overview", "picture", "render", "table"]

_BOTH = ("quadrant", "network", "matrix")

KINDS: Mapping[str, tuple[str, ...]] = {
    "actions": ("network",),
    "aid": ("network",),
    "alerts": ("network",),
    "alignment": _BOTH,
    "balance": ("network",),
    "brokers": ("network",),
    "claims": ("claims", "ledger", "network"),
    "disputed": ("ledger", "network"),
    "ego": ("network", "map", "quadrant", "matrix"),
    "engagement": ("ranking", "network", "map"),
    "missions": ("map", "network", "ledger"),
    "overview": ("overview", *_BOTH),
    "presence": ("network",),
    "sanctions": ("network",),
    "signed": ("network",),
    "states": ("ledger", "network"),
    "tension": ("ranking", "network", "map"),
    "timeline": ("timeline",),
    "visits": ("ledger", "network"),
}
"""The kinds of picture of each view; the first is the default."""


def picture(view: Viewed, kind: str | None = None, **options: Any) -> Picture:
    """The picture of a view. `kind` is one of `KINDS[view.name]`; options are those of the kind (`top` ...).

    Raises `InputError` for a kind that the view does not have.
    """
    from kg.show import charts, ledger, maps, networks

    draw: Mapping[str, Callable[..., Figure]] = {
        "ranking": charts.ranking,
        "quadrant": charts.quadrant,
        "ledger": ledger.ledger,
        "matrix": charts.matrix,
        "timeline": charts.timeline,
        "network": networks.network,
        "overview": networks.overview,
        "claims": ledger.claims,
        "map": {"ego": maps.ego_map, "missions": maps.mission_map}.get(view.name, maps.choropleth),
    }
    kinds = KINDS.get(view.name, ("network",))
    chosen = kind or kinds[0]
    if chosen not in kinds:
        raise InputError(f"the view {view.name!r} has no picture {chosen!r}; it has {', '.join(kinds)}")
    with settings():
        return Picture(draw[chosen](view, **options))


def overview(view: Viewed, **options: Any) -> Picture:
    """The view "overview" as one picture: network of all pairs and time lines of the busiest."""
    return picture(view, "overview", **options)


def render(
    view: Viewed, form: str = "png", *, dpi: int = 150, kind: str | None = None, **options: Any
) -> bytes:
    """The picture of a view as the bytes of a "png" or "svg" file."""
    return picture(view, kind, **options).to_bytes(form, dpi=dpi)

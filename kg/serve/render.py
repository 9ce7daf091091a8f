"""Pages as HTML: templates that escape everything, and what they may use."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from kg import __version__
from kg.actors import load_actors
from kg.explain import name_of
from kg.ontology import ACT, ID, REL, load_ontology
from kg.rdf import short
from kg.serve import draw, words
from kg.serve.index import Index

STATUS = {
    "actual": "told as done",
    "alleged": "alleged",
    "intended": "planned",
    "requested": "asked for",
}
"""What a status is called on pages."""


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of `templates/`; an unknown variable is an error, and all text is escaped."""
    env = Environment(
        loader=PackageLoader("kg.serve"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    env.globals.update(
        version=__version__,
        draw=draw,
        look=words.look,
        quoted=words.quoted,
        status_names=STATUS,
        kind_of=kind_of,
        marks=marks,
    )
    env.filters.update(
        called=called, verb=verb, safe_url=safe_url, number=number, level=level, short=short,
        path_of=path_of, segment=lambda text: quote(str(text), safe=""),
    )  # fmt: skip
    return env


def page(
    request: Request, template: str, index: Index | None, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page with the frame that all have."""
    text = render(request, template, index, **context)
    return HTMLResponse(text, status, {"vary": "accept"})


def render(request: Request, template: str, index: Index | None, **context: Any) -> str:
    """The HTML of a page."""
    return environment().get_template(template).render(index=index, here=request.url.path, **context)


def kept(request: Request, template: str, index: Index, make: Any) -> HTMLResponse:
    """A page that depends on its address and the graph alone: made once for each state of the graph."""
    key = (request.url.path, request.url.query)
    text = index.kept(key, lambda: render(request, template, index, **make()))
    return HTMLResponse(text, 200, {"vary": "accept"})


def called(code: str) -> str:
    """The name of an actor."""
    home, _, kind = code.rpartition("-")
    if code not in load_actors().actors and kind in ("REB", "OPP"):
        return f"{name_of(home)}: {'rebels' if kind == 'REB' else 'opposition'}"
    return name_of(code)


def kind_of(code: str) -> str:
    """What an actor is, in words."""
    return load_actors().kind(code).replace("_", " ")


def verb(relation: str) -> str:
    """A relation as words: "has mission in"."""
    found = load_ontology().relations.get(relation)
    return found.label if found else relation.replace("_", " ")


def marks(polarity: str, status: str) -> list[tuple[str, str]]:
    """Badges of a statement, class and words: denied, alleged, planned, asked for; told as done if none."""
    found = [("denied", "denied")] if polarity == "-" else []
    if status != "actual":
        found.append((status, STATUS[status]))
    return found or [("actual", STATUS["actual"])]


def safe_url(url: str | None) -> str | None:
    """An address that may stand in a link: http or https, never a script."""
    if url is None:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else None


def number(value: int) -> str:
    """A count with a thin space between thousands."""
    return f"{value:,}".replace(",", "\u202f")


def level(value: float | None) -> str:
    """A level with one decimal, or a dash."""
    return "–" if value is None else f"{value:.1f}"


def path_of(node: str) -> str | None:
    """Where this server has a page for an IRI; None when it has none."""
    if code := ACT.local(node):
        return f"/actor/{quote(code, safe='')}"
    if name := REL.local(node):
        return f"/relation/{quote(name, safe='')}"
    local = ID.local(node) or ""
    if local.startswith(("stmt/", "doc/", "ev/")):
        return f"/id/{quote(local)}"
    return None

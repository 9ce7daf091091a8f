"""Text about diplomacy in, a trustworthy graph of who did what to whom out.

Sources are read into documents (`read`), parsed (`parse`), searched for actors (`link`) and times (`when`),
and turned into statements with polarity and status (`extract`), one per claim (`merge`). The `store` keeps
them as a graph that can be asked, written (`files`), checked (`check`), viewed (`views`) and explained.
`build` is the whole path; `cli` puts it on the command line.

    >>> import kg
    >>> g = kg.build("seeds/articles")                      # doctest: +SKIP
    >>> g.explain("IND", "AFG")                             # doctest: +SKIP
    >>> g.tension(at="2024-12-31").to_frame()               # doctest: +SKIP

Names are loaded when they are first used, so `import kg` costs next to nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.actors import Actor, ActorTable, Resolution, load_actors
    from kg.build import Step, build, extract
    from kg.errors import ExtractorError, InputError, KgError, OntologyError, QueryError
    from kg.extract import load_extractor
    from kg.graph import Graph
    from kg.model import Document, Evidence, Skipped, Span, Statement, When
    from kg.ontology import load_ontology
    from kg.views import View

    open = Graph.load

__version__ = "0.1.0"

# fmt: off
LAYERS = (
    "errors", "resources", "model", "ontology", "tables", "roster", "audit", "spelling", "resolve", "actors",
    "english", "admit",
    "read", "lemmas", "parse", "when", "names", "phrases", "persons", "context", "bare", "corefer", "link",
    "factuality", "merge", "extract", "rdf", "reference", "sparql", "derive", "store", "rows", "files",
    "queries", "check", "geo", "show", "views", "score", "events", "exchange", "explain", "graph", "validate",
    "build", "serve", "cli", "__main__",
)
# fmt: on
"""The modules from the ground up: each imports only from those before it."""

_NAMES = {
    **dict.fromkeys(("Actor", "ActorTable", "Resolution", "load_actors"), "actors"),
    **dict.fromkeys(("Step", "build", "extract"), "build"),
    **dict.fromkeys(("ExtractorError", "InputError", "KgError", "OntologyError", "QueryError"), "errors"),
    **dict.fromkeys(("Document", "Evidence", "Skipped", "Span", "Statement", "When"), "model"),
    **{"Graph": "graph", "View": "views", "load_extractor": "extract", "load_ontology": "ontology"},
}
"""Public names, and the modules that have them."""

__all__ = [
    "Actor",
    "ActorTable",
    "Document",
    "Evidence",
    "ExtractorError",
    "Graph",
    "InputError",
    "KgError",
    "OntologyError",
    "QueryError",
    "Resolution",
    "Skipped",
    "Span",
    "Statement",
    "Step",
    "View",
    "When",
    "__version__",
    "build",
    "extract",
    "load_actors",
    "load_extractor",
    "load_ontology",
    "open",
]


def __getattr__(name: str) -> Any:
    if name == "open":
        value = import_module("kg.graph").Graph.load
    elif name in _NAMES:
        value = getattr(import_module(f"kg.{_NAMES[name]}"), name)
    elif name in LAYERS:
        return import_module(f"kg.{name}")  # `kg.actors.resolve(...)` after nothing but `import kg`
    else:
        raise AttributeError(f"module 'kg' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """The package, where `build` and `extract` stay functions when the modules of that name are imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _NAMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

"""The graph as users hold it: the store, with views, explanations, checks and files as its methods."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kg import store
from kg.errors import InputError
from kg.model import Skipped
from kg.rdf import document_graph

if TYPE_CHECKING:
    import networkx as nx

    from kg.check import Problem
    from kg.explain import Explanation
    from kg.sparql import Result
    from kg.views import View
    from kg.views.table import Table


class Graph(store.Graph):
    """Who did what to whom, by which document: to be asked with SPARQL, viewed, explained and written.

    Views take the options of `kg.views`; days may be given as text ("2024-12-31"). They are made anew from
    the statements each time, so they always show what the graph holds.
    """

    skipped: tuple[Skipped, ...] = ()
    """What the build that made this graph left out, and why; empty for a graph that was opened."""

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """A graph from a file (Turtle, N-Triples, N-Quads, TriG, JSON-LD) or, read-only, a store's folder.

        Raises `InputError` when there is none, or when it cannot be read.
        """
        from kg.files import read_graph

        path = Path(path)
        if not path.exists():
            raise InputError(
                f"{path}: no such graph; give a Turtle, N-Quads or TriG file, or a store's folder"
            )
        plain = store.Graph.open(path, read_only=True) if path.is_dir() else read_graph(path)
        graph = cls.__new__(cls)
        graph.__dict__.update(plain.__dict__)
        return graph

    def query(self, name: str, **values: str | date) -> Result:
        """The answer to one of the named queries (`kg.queries.named_queries`), with parameters given.

        Raises `QueryError` for an unknown query or parameter, and for a value that is not of its kind.
        """
        from kg.queries import fill

        return self.sparql(fill(name, **values))

    def origins(self) -> list[str]:
        """Where the graph's statements come from: "text", and the formats of imported event data."""
        from kg.events.tables import origins
        from kg.views.flat import origins as documents

        return sorted({*documents(self), *(origins(self.folder) if self.folder else ())})

    def table(self, origin: str | None = None) -> Table:
        """The flat table of events that the views of pairs are made of (see `kg.views.table`).

        `origin`: one of `origins`, or "all". By default what texts say; in a graph without texts, the event
        data. Raises `InputError` for another origin, and where the choice is not clear.
        """
        from kg.events.tables import origins, read_table, united
        from kg.views.flat import from_graph

        origin = self._origin(origin)
        files = origins(self.folder) if self.folder else {}
        wanted = [path for name, paths in files.items() if origin in (name, "all") for path in paths]
        imported = [read_table(path) for path in wanted]
        # Beside a table of imported events the graph has them once more.
        others = [origin] if origin != "all" else ["text"] if files else ["all"]
        return united([*imported, *(from_graph(self, name) for name in others if name not in files)])

    def _origin(self, origin: str | None) -> str:
        known = self.origins()
        if origin is not None and origin not in (*known, "all"):
            raise InputError(f"nothing here is of origin {origin!r}; choose all or one of {', '.join(known)}")
        if origin is None and "text" not in known and len(known) > 1:
            raise InputError(f"choose the event data to count, by origin: all or one of {', '.join(known)}")
        return origin or ("text" if "text" in known or not known else known[0])

    def view(self, name: str, *, origin: str | None = None, **options: Any) -> View:
        """The view called `name` (see `kg.views.VIEWS`) of what texts say.

        `origin`: see `table`; event data never mixes with texts unless "all" asks for it.
        Raises `InputError` for an unknown view or option, and for a day that is not written YYYY-MM-DD.
        """
        from kg.views import make_view, takes_table
        from kg.views.flat import documents_of

        for key in ("at", "since", "until"):
            if isinstance(options.get(key), str):
                options[key] = _day(key, options[key])
        origin = self._origin(origin)
        try:
            if takes_table(name):
                return make_view(name, self.table(origin), **options)
            wanted = documents_of(self, origin)
            documents = [d for d in self.documents() if document_graph(d.id).value in wanted]
            stmts = (stmt for document in documents for stmt in self.statements(document.id))
            return make_view(name, stmts, {d.id: d.published for d in documents}, **options)
        except ValueError as exc:
            raise InputError(f"view {name!r}: {exc}") from exc

    def tension(self, **options: Any) -> View:
        """Hostile acts between pairs of countries, on a log2 scale of severity points per 30 days."""
        return self.view("tension", **options)

    def engagement(self, **options: Any) -> View:
        """Cooperative acts between pairs of countries, on the same scale as `tension`."""
        return self.view("engagement", **options)

    def timeline(self, a: str, b: str, **options: Any) -> View:
        """Tension and engagement of one pair of countries, week by week."""
        from kg.explain import code_of

        return self.view("timeline", pair=(code_of(a), code_of(b)), **options)

    def explain(self, a: str, b: str) -> Explanation:
        """All statements between two actors, given by code or name, with the sentences behind them."""
        from kg.explain import explain

        return explain(self, a, b)

    def check(self, *, shapes: bool = False) -> list[Problem]:
        """What breaks the rules of the ontology, and plain triples without support; [] when all is well.

        `shapes=True` asks pySHACL as well, which is slow and needs the extra `check`.
        """
        from kg.check import check

        return check(self, shapes=shapes)

    def write(self, path: Path | str) -> Path:
        """Write the graph to a file in the format of its suffix: whole or not at all, and always alike."""
        from kg.files import write

        return write(self, path)

    def to_networkx(self) -> nx.MultiDiGraph:
        """All statements as a multigraph: an edge from source to target for each, whatever its status."""
        from kg.files import to_networkx

        return to_networkx(self)


def _day(name: str, written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as exc:
        raise InputError(f"{name} {written!r} is not a day; write it like 2024-12-31") from exc

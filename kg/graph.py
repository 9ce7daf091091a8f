"""The graph as users hold it: the store, with views, explanations, checks and files as its methods."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kg import store
from kg.errors import InputError
from kg.model import Skipped

if TYPE_CHECKING:
    import networkx as nx

    from kg.check import Problem
    from kg.explain import Explanation
    from kg.sparql import Result
    from kg.views import View


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

    def view(self, name: str, **options: Any) -> View:
        """The view called `name` (see `kg.views.VIEWS`) of all statements.

        Raises `InputError` for an unknown view or option, and for a day that is not written YYYY-MM-DD.
        """
        from kg.views import make_view, publication_dates

        for key in ("at", "since", "until"):
            if isinstance(options.get(key), str):
                options[key] = _day(key, options[key])
        published = publication_dates(self.documents())
        try:
            return make_view(name, self.statements(), published, **options)
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

"""A graph over HTTP: pages to explore it, a SPARQL endpoint, resolvable resources and a small JSON API.

Everything only reads. Pages and the API are made in the server itself from an index (`index`) that follows
the store; queries and views of a user's making run in processes of their own (`pool`, `worker`), which are
killed when they take too long or too much. `guard` stands before all of it. Needs the extra `serve`.
"""

from __future__ import annotations

from kg.serve.settings import Settings

__all__ = ["Settings", "run"]


def run(settings: Settings) -> None:
    """Serve a graph until Ctrl-C; raises `InputError` for a graph or an address that cannot be used."""
    from kg.errors import InputError

    try:
        from kg.serve.server import run as serve
    except ModuleNotFoundError as exc:
        raise InputError(
            f"kg serve needs the package {exc.name}; run: pip install 'bilateral-kg[serve]'"
        ) from exc
    serve(settings)

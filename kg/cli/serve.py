"""The command that serves a graph over HTTP."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import click

from kg.cli.talk import graph_argument, talking


@click.command()
@graph_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any free one."
)
@click.option(
    "--token-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Holds the token that readers need; so does the variable KG_TOKEN.",
)
@click.option("--seconds", default=10.0, show_default=True, help="How long a query may run.")
@click.option("--workers", default=2, show_default=True, help="How many queries run at once.")
@talking
def serve(graph: str, host: str, port: int, token_file: Path | None, seconds: float, workers: int) -> None:
    """Explore a graph in the browser, and query it over HTTP.

    Only reads; what a later build changes is shown without a restart. Needs the extra `serve`. An address
    that other machines can reach needs a token, which readers give as password; it is sent unencrypted, so
    put a server with TLS in front.

    \b
    Example:  kg serve graph.ttl --port 8000
    """
    from kg.serve import Settings, run
    from kg.serve.settings import read_token

    token = read_token(token_file) if token_file else os.environ.get("KG_TOKEN") or None
    settings = Settings(Path(graph), host, port, token, seconds=seconds, workers=workers)
    if not settings.is_local:
        click.echo(
            f"Warning: {host} can be reached from other machines. Readers need the token; without TLS in"
            " front, others in the network can read it on its way.",
            err=True,
        )
    logging.getLogger("kg.serve").setLevel(logging.INFO)
    run(settings)

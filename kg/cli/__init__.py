"""The command `kg`: options in, one public function called, its result written out.

Data goes to standard output, talk to standard error. Nothing heavy is imported before a command needs it, so
that `kg --help` answers at once.
"""

from __future__ import annotations

import click

from kg import __version__
from kg.cli.ask import actors, check, explain, query, score, view
from kg.cli.bring import import_, score_views
from kg.cli.make import build, export, extract
from kg.cli.serve import serve
from kg.cli.talk import Commands

__all__ = ["main"]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kg")
def main() -> None:
    """Text about diplomacy in, a graph of who did what to whom out.

    SOURCE is a file or folder of text, Markdown, JSON lines, CSV, HTML, feeds or web archives, or - for
    standard input. GRAPH is a Turtle, N-Quads or TriG file, or the folder of a store.

    Data goes to standard output, everything else to standard error. NO_COLOR turns colours off.

    \b
    Exit codes:
      0    fine
      1    a check failed, or there is nothing to show
      2    wrong usage, or input that cannot be used
      3    done, but documents were skipped
      130  stopped by Ctrl-C

    \b
    Example:  kg build articles -o graph.ttl
    """


for _command in (
    *(build, extract, import_, query, export, view, explain, actors, check),
    *(serve, score, score_views),
):
    main.add_command(_command)

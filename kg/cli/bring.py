"""Commands for event data: import, score-views."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from kg.cli.talk import FAILED, SKIPPED, Day, format_option, plural, talking

FORMATS = ("icews", "polecat", "gdelt", "phoenix", "quadruples", "ucdp", "acled")


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="Layout of the files.")
@click.option("--store", metavar="DIR", required=True, help="Put the events into this store.")
@click.option("--entities", metavar="FILE", help="Names of the actors in quadruples, with their numbers.")
@click.option("--relations", metavar="FILE", help="Names of the relations in quadruples, with their numbers.")
@click.option("--start", type=Day(), help="The day at which the clock of quadruples starts.")
@click.option(
    "--unit",
    type=click.Choice(("minutes", "hours", "days")),
    default="hours",
    help="Its steps.  [default: hours]",
)
@click.option("--nationals", is_flag=True, help="Private persons and bodies count for their state, too.")
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Share of rows that are right, if known: from the graph's threshold on they become plain triples.",
)
@click.option(
    "--table-only", is_flag=True, help="Only the table that views of pairs need: for millions of rows."
)
@click.option("--rejects", metavar="FILE", help="Where rows left out go.  [default: DIR-rejects-FORMAT.tsv]")
@talking
@click.pass_context
def import_(ctx: click.Context, /, files: tuple[str, ...], form: str, store: str, **options: Any) -> None:
    """Bring event data that others coded.

    Files may be packed with gzip or zip. Imported events are marked with their origin, and views count them
    apart from what texts say. Exit code 3 when rows could not be read; rows that are no act between two
    international actors do not count as such.

    \b
    Example:  kg import events.tab --format icews --store store
    """
    from kg.events import import_events

    folder = Path(store)
    rejects = options.pop("rejects") or folder.with_name(f"{folder.name}-rejects-{form}.tsv")
    report = import_events(files, store, format=form, rejects=rejects, progress=ctx.obj.rows, **options)
    ctx.obj.rows(report, done=True)
    if ctx.obj.level >= 0:
        for reason, count in report.rejected.most_common(None if ctx.obj.level else 8):
            example = report.examples[reason]
            value = f", as in {example.path}:{example.number} {example.column} {example.value!r}"
            click.echo(f"left out {count}: {reason}{value if example.value else ''}", err=True)
        click.echo(f"{report} -> {store}, {rejects}", err=True)
    ctx.exit(SKIPPED if report.broken else 0)


@click.command("score-views")
@click.argument("graph", metavar="DIR")
@click.option("--truth", metavar="FOLDER", required=True, help="Folder with the data to compare with.")
@click.option("--year", type=int, default=2014, show_default=True, help="The year to compare.")
@click.option("--check", is_flag=True, help="Exit with 1 when a figure is below its bar.")
@format_option("text", "json")
@talking
def score_views(graph: str, truth: str, year: int, check: bool, form: str | None) -> None:
    """Compare views with what others collected.

    Tension with strategic rivalries and militarised disputes, engagement with visits, and the signed network
    of alliances and rivalries with chance; FOLDER is described in kg/validate.py.

    \b
    Example:  kg score-views store --truth truth --year 2018
    """
    from kg.graph import Graph
    from kg.validate import validate

    figures = validate(Graph.load(graph), truth, year=year)
    if form == "json":
        click.echo(json.dumps([figure.as_json() for figure in figures], indent=1))
    else:
        for figure in figures:
            click.echo(str(figure))
    if check and (low := [figure for figure in figures if not figure.holds]):
        click.echo(f"{plural(len(low), 'figure')} below the bar", err=True)
        sys.exit(FAILED)

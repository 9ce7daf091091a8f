"""Commands that ask a graph, or the tables behind it: query, view, explain, actors, check, score."""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.talk import (
    FAILED,
    SKIPPED,
    Day,
    HalfLife,
    actors_option,
    emit,
    form_of,
    format_option,
    graph_argument,
    load,
    output_option,
    plural,
    talking,
)
from kg.errors import InputError

if TYPE_CHECKING:
    from kg.actors import ActorTable, Reading
    from kg.sparql import TableFormat

RESULTS: tuple[TableFormat, ...] = ("table", "csv", "tsv", "json", "ttl")
VIEWED = ("table", "csv", "json", "graphml", "gexf", "html", "svg", "png")
EXPLAINED = ("text", "json", "csv", "html")


@click.command()
@click.argument("graph", metavar="GRAPH", required=False)
@click.argument("query", metavar="QUERY", required=False)
@click.option(
    "--list", "listing", is_flag=True, help="List the named queries; GRAPH and QUERY may be left out."
)
@click.option("--param", "params", metavar="NAME=VALUE", multiple=True, help="Fix a variable of the query.")
@output_option
@format_option(*RESULTS)
@talking
def query(
    graph: str | None,
    query: str | None,
    listing: bool,
    params: tuple[str, ...],
    output: str,
    form: str | None,
) -> None:
    """Ask a graph with SPARQL.

    QUERY is the text of a query, a file that holds one, or the name of a named query.

    \b
    Example:  kg query graph.ttl "SELECT ?a ?b { ?a rel:accuse ?b } ORDER BY ?a ?b" --format csv
    """
    from kg.queries import named_queries

    if listing:
        for found in named_queries().values():
            params_of = " ".join(f"{parameter.name}=<{parameter.kind}>" for parameter in found.parameters)
            click.echo(f"{found.name:24} {found.title}  {params_of}".rstrip())
        return
    if graph is None or query is None:
        raise click.UsageError("name a graph and a query: kg query graph.ttl talks; --list names the queries")
    text, bindings = filled(query, dict(parameter(written) for written in params))
    emit(load(graph).sparql(text, bindings=bindings).format(form_of(form, output, RESULTS)), output)


def filled(query: str, values: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """The text of a query with its parameters given, and the values of variables that are no parameters."""
    from kg.explain import code_of
    from kg.queries import fill, named_queries, read_query

    if Path(query).is_file():
        found = read_query(query)
    elif query in named_queries():
        found = named_queries()[query]
    elif re.fullmatch(r"[\w-]+", query):
        return fill(query), {}  # raises, and tells which names there are
    else:
        return query, {name: value_of(value) for name, value in values.items()}
    if not found.parameters:
        return found.text, {name: value_of(value) for name, value in values.items()}
    actors = {parameter.name for parameter in found.parameters if parameter.kind == "actor"}
    given = {name: code_of(value) if name in actors else value for name, value in values.items()}
    return fill(found, **given), {}


def value_of(written: str) -> Any:
    """The value of a variable: an IRI (`act:IND`, `<https://...>`), a number, a day, or text."""
    from kg.rdf import PREFIXES
    from kg.sparql import Iri

    prefix, sign, local = written.partition(":")
    if sign and prefix in PREFIXES:
        return Iri(PREFIXES[prefix] + local)
    if re.fullmatch(r"<[^<>\s]+>", written):
        return Iri(written[1:-1])
    if re.fullmatch(r"-?\d+(\.\d+)?", written):
        return float(written) if "." in written else int(written)
    return date.fromisoformat(written) if re.fullmatch(r"\d{4}-\d\d-\d\d", written) else written


def parameter(written: str) -> tuple[str, str]:
    """Name and value of `NAME=VALUE`."""
    name, sign, value = written.partition("=")
    if not sign:
        raise InputError(f"--param {written!r}: write NAME=VALUE")
    return name.removeprefix("?"), value


@click.command()
@click.argument("name", metavar="NAME", required=False)
@click.argument("graph", metavar="GRAPH", required=False)
@click.option("--list", "listing", is_flag=True, help="List the views; NAME and GRAPH may be left out.")
@click.option("--at", type=Day(), help="The day as of which events age.")
@click.option("--since", type=Day(), help="Only what happened on this day or later.")
@click.option("--until", type=Day(), help="Only what happened on this day or earlier.")
@click.option("--half-life", type=HalfLife(), help="Days in which the weight of an event halves, or none.")
@click.option(
    "--origin", help="What to count: text, a format of imported event data, or all.  [default: text]"
)
@click.option("--actors", metavar="WHO", help="states, all, or codes and names separated by commas.")
@click.option("--alleged", type=click.FloatRange(0, 1), help="Weight of alleged events.")
@click.option(
    "--all-pairs", is_flag=True, default=None, help="Also pairs without events (tension, engagement)."
)
@click.option("--center", metavar="ACTOR", help="The actor in the middle (ego).")
@click.option("--pair", nargs=2, metavar="A B", help="The two actors (timeline).")
@click.option("--kind", help="The kind of picture, for svg and png.")
@output_option
@format_option(*VIEWED)
@talking
def view(
    name: str | None,
    graph: str | None,
    listing: bool,
    kind: str | None,
    output: str,
    form: str | None,
    **options: Any,
) -> None:
    """Sum a graph up: tension, engagement, missions and more.

    \b
    Example:  kg view tension graph.ttl --since 2016-01-01 --format csv
    """
    if listing:
        from kg.views import VIEWS

        for title, function in VIEWS.items():
            told = " ".join((function.__doc__ or "").split("\n\n")[0].split())
            click.echo(f"{title:12} {told}")
        return
    if name is None or graph is None:
        raise click.UsageError(
            "name a view and a graph, as in: kg view tension graph.ttl; --list names the views"
        )
    chosen = form_of(form, output, VIEWED)
    given = {key: value for key, value in options.items() if value is not None}
    if given.get("half_life") == float("inf"):
        if name in ("timeline", "alerts", "overview"):
            raise InputError(f"the view {name!r} follows levels through time; give --half-life in days")
        del given["half_life"]  # no fading is what the other views do by default
    made = load(graph).view(name, **codes(given))
    if chosen == "table":
        from kg.sparql import Result

        rows = [tuple(cell(row.get(column)) for column in made.columns) for row in made.rows]
        emit(Result(made.columns, rows).format("table"), output)
        click.echo(str(made), err=True)
    else:
        emit(made.render(chosen, **({"kind": kind} if kind else {})), output)


def codes(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a view with the codes of the actors that they name."""
    from kg.explain import code_of

    found = dict(options)
    if "center" in options:
        found["center"] = code_of(options["center"])
    if "pair" in options:
        found["pair"] = tuple(code_of(end) for end in options["pair"])
    if "actors" in options and options["actors"] not in ("states", "all"):
        found["actors"] = [code_of(name) for name in options["actors"].split(",")]
    return found


def cell(value: Any) -> Any:
    """A value of a view as one cell of a table: lists are joined by blanks."""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value


@click.command()
@graph_argument
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@output_option
@format_option(*EXPLAINED)
@talking
def explain(graph: str, a: str, b: str, output: str, form: str | None) -> None:
    """Show the sentences behind a pair of actors.

    Each with date, status, confidence and source. A and B are codes or names. Exit code 1 when the graph
    says nothing about them.

    \b
    Example:  kg explain graph.ttl Iran "Saudi Arabia"
    """
    chosen = form_of(form, output, EXPLAINED)
    found = load(graph).explain(a, b)
    emit(getattr(found, f"to_{chosen}")(), output)
    if not found:
        sys.exit(FAILED)


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--date", "on", type=Day(), help="The day on which the name is used.")
@actors_option
@format_option("text", "json")
@talking
def actors(name: str, on: date | None, actors: tuple[str, ...], form: str | None) -> None:
    """Say whom a name stands for on a day, and why.

    With - for NAME, lines of name, tab and date are read from standard input, and each gives a JSON object.
    Exit code 1 when NAME stands for no international actor.

    \b
    Example:  kg actors "Ashraf Ghani" --date 2019-05-01
    """
    from kg.actors import load_actors
    from kg.resolve import UNKNOWN

    table = load_actors(actors)
    if name == "-":
        sys.exit(resolve_lines(table, on))
    reading = table.read(name, on)
    found = reading.answer
    if form == "json":
        click.echo(json.dumps(described(name, on, reading), ensure_ascii=False))
    elif found:
        since, until = found.since or "always", found.until or "today"
        click.echo(f"{name}: {found.code} ({table.name(found.code)}, {found.kind.replace('_', ' ')})")
        click.echo(f"  role    {found.role}\n  valid   {since} to {until}\n  why     {found.why}")
        click.echo(f"  source  {found.source}")
    if found is None:
        near = table.suggest(name) if reading.why == UNKNOWN else []
        day = f" on {on}" if on else ""
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        click.echo(f"{name!r} stands for no international actor{day} ({reading.why}){hint}", err=True)
        sys.exit(FAILED)


def resolve_lines(table: ActorTable, on: date | None) -> int:
    """A JSON object for every line of standard input; the exit code, 3 when a line had no valid date."""
    code = 0
    for number, data in enumerate(sys.stdin.buffer, 1):
        name, _, written = data.decode("utf-8-sig", "replace").rstrip("\r\n").partition("\t")
        if not name.strip():
            continue
        try:
            day = date.fromisoformat(written.strip()) if written.strip() else on
        except ValueError:
            click.echo(f"line {number}: {written!r} is not a day; write it like 2024-12-31", err=True)
            day, code = None, SKIPPED
            row = described(name, None, None) | {"date": written, "why": "the date is not a day"}
        else:
            row = described(name, day, table.read(name, day))
        click.echo(json.dumps(row, ensure_ascii=False))
    return code


def described(name: str, on: date | None, reading: Reading | None) -> dict[str, str | None]:
    """The row of `kg actors -`; its `why` also says why a name stands for nobody."""
    found = reading.answer if reading else None
    return {
        "name": name,
        "date": on.isoformat() if on else None,
        "code": found.code if found else None,
        "kind": found.kind if found else None,
        "role": found.role if found else None,
        "from": found.since.isoformat() if found and found.since else None,
        "to": found.until.isoformat() if found and found.until else None,
        "source": found.source if found else None,
        "why": found.why if found else reading.why if reading else None,
    }


@click.command()
@graph_argument
@click.option("--shapes", is_flag=True, help="Ask pySHACL for a second opinion: slow, needs the extra check.")
@talking
@click.pass_context
def check(ctx: click.Context, /, graph: str, shapes: bool) -> None:
    """Check a graph against the ontology.

    Found are nodes that break a shape, and plain triples that no statement supports. Exit code 1 when
    something is wrong.

    \b
    Example:  kg check graph.ttl
    """
    problems = load(graph).check(shapes=shapes)
    for problem in problems:
        click.echo(str(problem))
    if ctx.obj.level >= 0:
        click.echo(f"{graph}: {plural(len(problems), 'problem')}", err=True)
    if problems:
        sys.exit(FAILED)


@click.command()
@click.argument("gold", metavar="GOLD")
@click.argument("predicted", metavar="PREDICTED")
@click.option("--ids", default="", metavar="PREFIX", help="Only texts whose id begins so.")
@click.option("--errors", default=0, metavar="N", help="Show the first N mistakes.")
@click.option("--at-least", type=click.FloatRange(0, 1), metavar="F1", help="Exit 1 if strict F1 is lower.")
@format_option("text", "json")
@talking
def score(gold: str, predicted: str, ids: str, errors: int, at_least: float | None, form: str | None) -> None:
    """Compare extracted statements with gold ones.

    GOLD and PREDICTED are JSON lines, as kg extract writes them.

    \b
    Example:  kg score gold.jsonl statements.jsonl --at-least 0.3
    """
    from kg.score import read_rows
    from kg.score import score as run

    scores = run(read_rows(gold), read_rows(predicted), ids=ids)
    if form == "json":
        click.echo(json.dumps(scores.as_json(), indent=1))
    else:
        click.echo(scores.as_text(mistakes=errors))
    if at_least is not None and scores.strict.f1 < at_least:
        click.echo(f"strict F1 {scores.strict.f1:.3f} is below {at_least}", err=True)
        sys.exit(FAILED)

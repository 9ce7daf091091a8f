"""Commands that make something of texts or of a graph: build, extract, export."""

from __future__ import annotations

import json
from typing import Any

import click

from kg.cli.talk import (
    check_target,
    extraction_options,
    form_of,
    format_option,
    graph_argument,
    load,
    output_option,
    sources_argument,
    talking,
    writing,
)

FORMS = ("ttl", "nt", "nq", "trig", "jsonld", "csv", "tsv", "parquet", "graphml", "gexf")
EVENTS = ("polecat", "dyads")


@click.command()
@sources_argument
@click.option("-o", "--output", "outputs", metavar="FILE", multiple=True, help="Write the graph; repeatable.")
@click.option("--store", metavar="DIR", help="Keep the graph in this folder; later builds add to it.")
@click.option(
    "--threshold", type=click.FloatRange(0, 1), help="Least confidence of a plain triple.  [default: 0.5]"
)
@click.option("--refresh", is_flag=True, help="Extract anew also from documents that have not changed.")
@extraction_options
@talking
@click.pass_context
def build(ctx: click.Context, /, sources: tuple[str, ...], outputs: tuple[str, ...], **options: Any) -> None:
    """Make a graph of texts.

    The suffix of FILE decides: ttl, nt, nq, trig, jsonld, csv, tsv, parquet, graphml or gexf; -o - writes
    Turtle to standard output. With --store, documents that have not changed are passed over.

    \b
    Example:  kg build articles -o graph.ttl
    """
    if not outputs and not options["store"]:
        raise click.UsageError("say where the graph goes: -o FILE, or --store DIR")
    for target in outputs:
        check_target(target, FORMS)
    from kg.build import build as run
    from kg.files import write

    graph = run(sources, progress=ctx.obj.document, **options)
    for target in outputs:
        with writing(target) as out:
            write(graph, out, form_of(None, target, FORMS))
    graph.close()
    places = [options["store"] or "", *outputs]
    ctx.exit(
        ctx.obj.end(", ".join("standard output" if place == "-" else place for place in places if place))
    )


@click.command()
@sources_argument
@output_option
@extraction_options
@talking
@click.pass_context
def extract(ctx: click.Context, /, sources: tuple[str, ...], output: str, **options: Any) -> None:
    """Write the statements of texts as JSON lines.

    \b
    Example:  kg extract articles -o statements.jsonl
    """
    from kg.build import Step
    from kg.build import extract as run
    from kg.model import Skipped

    found = run(sources, **options)
    with writing(output) as out:
        for item in found:
            if isinstance(item, Skipped):
                ctx.obj.document(item)
                continue
            doc, stmts = item
            row = {"id": doc.id, "statements": [stmt.as_json() for stmt in stmts]}
            out.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
            out.flush()
            ctx.obj.document(Step(doc.id, "added", len(stmts)))
    ctx.exit(ctx.obj.end("standard output" if output == "-" else output))


@click.command()
@graph_argument
@output_option
@format_option(*FORMS, *EVENTS)
@click.option(
    "--period",
    type=click.Choice(("day", "week", "month", "quarter", "year")),
    default="year",
    help="Of dyads.  [default: year]",
)
@click.option("--origin", help="Of dyads: text, a format of event data, or all.  [default: text]")
@talking
def export(graph: str, output: str, form: str | None, period: Any, origin: str | None) -> None:
    """Write a graph in another form.

    As polecat, acts are a table with POLECAT's columns; as dyads, counts for each directed pair and period,
    with ISO and Correlates of War codes.

    \b
    Example:  kg export graph.ttl -o graph.graphml
    """
    from kg.exchange import write_dyads, write_polecat
    from kg.files import write

    chosen = form if form in EVENTS else form_of(form, output, FORMS)
    held = load(graph)
    with writing(output) as out:
        if chosen == "polecat":
            write_polecat(held, out)
        elif chosen == "dyads":
            write_dyads(held.table(origin), out, period=period)
        else:
            write(held, out, chosen)

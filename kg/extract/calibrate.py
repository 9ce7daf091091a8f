"""Measure how often each rule is right on annotated texts, and write the counts that confidence rests on.

    python -m kg.extract.calibrate FOLDER train passages demo

FOLDER holds `NAME.texts.jsonl` and `NAME.gold.jsonl` for each name. Optional gold statements count as neither
right nor wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from kg.actors import load_actors
from kg.extract.confidence import FILE, count
from kg.extract.rules import RuleReader
from kg.link import link
from kg.model import Document
from kg.ontology import load_ontology
from kg.parse import load_pipeline, parse
from kg.resources import resource

Key = tuple[str, str, str, str]

HEADER = """\
# How often each rule was right on the annotated training texts; written by `python -m kg.extract.calibrate`.
# Source: own measurement. Licence: Apache-2.0. Columns: rule, how its parties were found, statements made, right.
"""


def read_texts(folder: Path, name: str) -> Iterator[tuple[Document, list[dict[str, object]]]]:
    """Texts of one set with their gold statements."""
    from kg.read import parse_date

    gold = {row["id"]: row["statements"] for row in map(json.loads, (folder / f"{name}.gold.jsonl").open())}
    for row in map(json.loads, (folder / f"{name}.texts.jsonl").open()):
        published = parse_date(row["date"]) if row.get("date") else None
        yield Document(row["id"], row["text"], row.get("title"), published=published), gold[row["id"]]


def outcomes(
    pairs: Iterable[tuple[Document, list[dict[str, object]]]], *, model: str | None = None
) -> Iterator[tuple[str, str, bool]]:
    """(rule, way, right?) for every statement that the rules make on the texts, whatever its confidence."""
    symmetric = {name for name, relation in load_ontology().relations.items() if relation.symmetric}
    pairs = list(pairs)
    reader, actors = RuleReader(floor=0.0), load_actors()

    def key(source: str, relation: str, target: str, polarity: str) -> Key:
        if relation in symmetric:
            source, target = sorted((source, target))
        return source, relation, target, polarity

    for parsed, (_, gold) in zip(parse((d for d, _ in pairs), load_pipeline(model)), pairs, strict=True):
        wanted = {
            key(*(str(row[name]) for name in ("source", "relation", "target", "polarity"))): bool(row["optional"])
            for row in gold
        }
        for stmt, pattern, how in reader.all_matches(parsed, link(parsed, actors)):
            found = key(stmt.source, stmt.relation, stmt.target, stmt.polarity)
            if not wanted.get(found, False):
                yield pattern.name, how, found in wanted


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("names", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write; default: the shipped file.")
def main(folder: Path, names: tuple[str, ...], output: Path | None) -> None:
    """Count right and wrong statements of every rule on the sets NAMES in FOLDER."""
    pairs = [pair for name in names for pair in read_texts(folder, name)]
    rows = count(outcomes(pairs))
    path = output or resource("ontologies", FILE)
    lines = (f"{name}\t{how}\t{made}\t{right}\n" for (name, how), (made, right) in rows.items())
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    click.echo(f"{path}: {len(rows)} rules counted", err=True)


if __name__ == "__main__":
    main()

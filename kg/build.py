"""The whole path on one page: sources are read, statements extracted, and the graph kept.

One document that cannot be read, or that breaks the extractor, does not stop the others: it comes out as
`Skipped`. A document that the graph holds already, made in the same way, is passed over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Literal

from kg.actors import ActorTable, load_actors
from kg.errors import ExtractorError, KgError, OntologyError
from kg.extract import DEFAULT, Extractor, load_extractor
from kg.graph import Graph
from kg.model import Document, Skipped, Statement
from kg.rdf import Run
from kg.read import Source, read

logger = logging.getLogger(__name__)

BATCH = 32
"""Documents that are handed to the extractor, and held in memory, at a time."""

Extracted = tuple[Document, list[Statement]]


@dataclass(frozen=True, slots=True)
class Step:
    """What a build did with one document: `replaced` means that it was there, in another form."""

    document: str
    outcome: Literal["added", "replaced", "unchanged"]
    statements: int = 0


Progress = Callable[[Step | Skipped], None]
"""Is told of every document as soon as it is done."""


def extract(
    sources: Source | Iterable[Source],
    *,
    extractor: str | Extractor = DEFAULT,
    model: str | None = None,
    actors: Sequence[Path | str] = (),
) -> Iterator[Extracted | Skipped]:
    """Documents with their statements, in the order of the sources, and what was skipped.

    `sources`: paths of files and folders, `-` for standard input, or `Document`s. `model`: an installed spaCy
    pipeline with Universal Dependencies instead of the embedded one. `actors`: actor tables of your own (see
    `load_actors`), for an extractor that is given by name.

    Raises `InputError` at once for a source that does not exist, `OntologyError` for an actor table that
    cannot be used, and `ExtractorError` at the first document when the extractor cannot be loaded.
    """
    return in_batches(read(sources), loader(extractor, model, tables(actors, extractor)))


def build(
    sources: Source | Iterable[Source],
    *,
    store: Path | str | None = None,
    extractor: str | Extractor = DEFAULT,
    model: str | None = None,
    actors: Sequence[Path | str] = (),
    threshold: float | None = None,
    refresh: bool = False,
    progress: Progress | None = None,
) -> Graph:
    """The graph of what the sources say: in memory, or in the folder `store`, where a later build goes on.

    `threshold`: confidence, 0 to 1, from which an affirmed, actual statement also becomes a plain triple; by
    default that of the store, or 0.5. `actors`: actor tables of your own (see `load_actors`), for an
    extractor that is given by name; documents that were read with other such tables are extracted anew.
    `refresh`: extract anew also from documents that the store holds unchanged. `progress` is told of every
    document.

    `Graph.skipped` says what was left out, and why. Raises `InputError` for a source that does not exist or a
    store that cannot be opened, `OntologyError` for an actor table that cannot be used, `ExtractorError` for
    an extractor or model that cannot be loaded, and `ValueError` for a threshold outside 0 to 1.
    """
    table = tables(actors, extractor)
    found = read(sources)
    graph = Graph(threshold=threshold) if store is None else Graph.open(store, threshold=threshold)
    graph.actors = table
    engine = loader(extractor, model, table)
    tell: Progress = progress or (lambda step: None)
    skipped: list[Skipped] = []

    def changed() -> Iterator[Document | Skipped]:
        for item in found:
            if isinstance(item, Document) and not refresh and graph.has(item, run=run_of(engine())):
                tell(Step(item.id, "unchanged"))
            else:
                yield item

    for item in in_batches(changed(), engine):
        step = item if isinstance(item, Skipped) else put(graph, *item, run=run_of(engine()))
        if isinstance(step, Skipped):
            skipped.append(step)
        tell(step)
    graph.skipped = tuple(skipped)
    if skipped and progress is None:
        logger.warning("%d documents were skipped; Graph.skipped says why", len(skipped))
    return graph


def put(graph: Graph, document: Document, stmts: list[Statement], *, run: Run) -> Step | Skipped:
    """Put one document into the graph, or say why the graph refused it."""
    there = document.id in graph
    try:
        count = graph.add(document, stmts, run=run)
    except ValueError as exc:
        return Skipped(document.id, f"its statements do not fit into the graph ({exc})")
    return Step(document.id, "replaced" if there else "added", count)


def tables(actors: Sequence[Path | str], extractor: str | Extractor) -> ActorTable | None:
    """The actor tables with one's own on top; None for the shipped ones alone."""
    if not actors:
        return None
    if not isinstance(extractor, str):
        raise ValueError("an extractor of your own takes no actor tables; give them to it when you make it")
    return load_actors(actors)


def loader(
    extractor: str | Extractor, model: str | None, table: ActorTable | None = None
) -> Callable[[], Extractor]:
    """Gives the extractor, which is loaded when it is first asked for."""
    if isinstance(extractor, str):
        return cache(lambda: load_extractor(extractor, model=model, actors=table))
    return lambda: extractor


def run_of(engine: Extractor) -> Run:
    """How statements of this extractor are made, for the provenance of the graph."""
    meta = getattr(getattr(engine, "nlp", None), "meta", None)
    model = f"{meta['lang']}_{meta['name']} {meta['version']}" if meta else None
    version = getattr(getattr(engine, "actors", None), "version", "")
    return Run(engine.name, model, (("actors", version),) if version else ())


def in_batches(
    items: Iterable[Document | Skipped], engine: Callable[[], Extractor]
) -> Iterator[Extracted | Skipped]:
    """Extract from documents, many at a time; everything comes out in the order in which it came in."""
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        docs = [item for item in batch if isinstance(item, Document)]
        found = attempt(engine(), docs) if docs else {}
        for item in batch:
            yield item if isinstance(item, Skipped) else found[item.id]


def attempt(engine: Extractor, docs: list[Document]) -> dict[str, Extracted | Skipped]:
    """The statements of each document by its id. If a batch breaks, each of its documents is tried alone."""
    try:
        return {doc.id: (doc, stmts) for doc, stmts in engine.extract(docs)}
    except (ExtractorError, OntologyError):
        raise  # not the document's fault: the next one would fail in the same way
    except Exception as exc:
        if len(docs) > 1:
            return {id: found for doc in docs for id, found in attempt(engine, [doc]).items()}
        logger.debug("%s: the extractor failed", docs[0].id, exc_info=True)
        reason = str(exc) if isinstance(exc, KgError) else f"{type(exc).__name__}: {exc}"
        return {docs[0].id: Skipped(docs[0].id, f"the extractor failed on it ({reason})")}

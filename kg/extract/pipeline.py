"""The shipped extractors from end to end: parse, link, read statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.actors import ActorTable, load_actors
from kg.extract.encoder import load_encoder
from kg.extract.learned import ScoredReader
from kg.extract.rules import RuleReader
from kg.link import link
from kg.model import Document, Statement
from kg.parse import load_pipeline, parse


def make_reader(name: str) -> RuleReader:
    """The reader behind one of the names "full", "fast" and "rules"."""
    if name == "rules":
        return RuleReader()
    return ScoredReader(encoder=load_encoder() if name == "full" else None)


class PipelineExtractor:
    """Rules and learners, or rules alone, over the UD parse; actors are resolved at the document's date."""

    def __init__(self, name: str, *, model: str | None = None, actors: ActorTable | None = None) -> None:
        self.nlp = load_pipeline(model)
        self.actors = actors or load_actors()
        self.reader = make_reader(name)

    @property
    def name(self) -> str:
        """Name and version of the reader."""
        return self.reader.name

    def extract(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[Statement]]]:
        """Documents with their merged statements, in order."""
        for parsed in parse(documents, self.nlp):
            yield parsed.document, self.reader.read(parsed, link(parsed, self.actors))

"""The shipped extractors from end to end: parse, link, read statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.actors import ActorTable, load_actors
from kg.extract.learned import ScoredReader
from kg.extract.rules import RuleReader
from kg.link import link
from kg.model import Document, Statement
from kg.parse import load_pipeline, parse


class PipelineExtractor:
    """Rules, with or without the scorer, over the UD parse; actors are resolved at the document's date."""

    def __init__(self, name: str, *, model: str | None = None, actors: ActorTable | None = None) -> None:
        self.nlp = load_pipeline(model)
        self.actors = actors or load_actors()
        self.reader = ScoredReader() if name == "fast" else RuleReader()

    @property
    def name(self) -> str:
        """Name and version of the reader."""
        return self.reader.name

    def extract(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[Statement]]]:
        """Documents with their merged statements, in order."""
        for parsed in parse(documents, self.nlp):
            yield parsed.document, self.reader.read(parsed, link(parsed, self.actors))

"""The default extractor: parse, link, read by rules, merge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.actors import ActorTable, load_actors
from kg.extract.rules import VERSION, RuleReader
from kg.link import link
from kg.merge import merge
from kg.model import Document, Statement
from kg.parse import load_pipeline, parse


class RulesExtractor:
    """Grammar rules over the UD parse, with the actors resolved at the document's date."""

    name = VERSION

    def __init__(self, *, model: str | None = None, actors: ActorTable | None = None) -> None:
        self.nlp = load_pipeline(model)
        self.actors = actors or load_actors()
        self.reader = RuleReader()

    def extract(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[Statement]]]:
        """Documents with their merged statements, in order."""
        for parsed in parse(documents, self.nlp):
            mentions = link(parsed, self.actors)
            yield parsed.document, merge(self.reader.read(parsed, mentions))

"""Text to statements. Every extractor satisfies `Extractor`; `load_extractor` makes one by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from kg.errors import ExtractorError
from kg.model import Document, Statement

if TYPE_CHECKING:
    from kg.actors import ActorTable

EXTRACTORS = {
    "full": "rules, the learned scorer and a small transformer (default)",
    "fast": "rules and the learned scorer",
    "rules": "grammar rules alone, nothing learned but how often each rule is right",
}
DEFAULT = "full"


class Extractor(Protocol):
    """What the pipeline needs of an extractor."""

    @property
    def name(self) -> str:
        """Name and version; stands in the evidence and in the provenance of a graph."""
        ...

    def extract(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[Statement]]]:
        """Documents with their statements, in the order of the documents."""
        ...


def load_extractor(
    name: str = DEFAULT, *, model: str | None = None, actors: ActorTable | None = None
) -> Extractor:
    """Make one of `EXTRACTORS`. `model`: an installed spaCy pipeline with UD labels, instead of ours.

    Raises `ExtractorError` for an unknown name or a model that cannot be used.
    """
    if name not in EXTRACTORS:
        raise ExtractorError(f"extractor {name!r}: unknown; choose one of {', '.join(EXTRACTORS)}")
    from kg.extract.pipeline import PipelineExtractor

    return PipelineExtractor(name, model=model, actors=actors)

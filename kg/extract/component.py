"""The extraction stage as a spaCy component: `nlp.add_pipe("kg_statements")`, then `doc._.statements`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from kg.actors import load_actors
from kg.extract import DEFAULT
from kg.extract.pipeline import make_reader
from kg.lemmas import mend_lemmas, mend_verbs
from kg.link import link
from kg.model import Document, ParsedDocument, content_id
from kg.parse import check_labels

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


class StatementsComponent:
    """Reads statements off a UD-parsed `Doc`; `doc.user_data["published"]` may hold the publication date."""

    def __init__(self, nlp: Language) -> None:
        check_labels(nlp, nlp.meta.get("name", "this pipeline"))
        self.actors = load_actors()
        self.reader = make_reader(DEFAULT)

    def __call__(self, doc: Doc) -> Doc:
        """Set `doc._.mentions` and `doc._.statements`."""
        mend_verbs(doc)
        mend_lemmas(doc)
        published = doc.user_data.get("published")
        document = Document(
            content_id(doc.text), doc.text, published=published if isinstance(published, date) else None
        )
        parsed = ParsedDocument(document, doc)
        mentions = link(parsed, self.actors)
        doc._.mentions = mentions
        doc._.statements = self.reader.read(parsed, mentions)
        return doc


def make_component(nlp: Language, name: str) -> StatementsComponent:
    """The factory behind `kg_statements`."""
    return StatementsComponent(nlp)


def register() -> None:
    """Tell spaCy about the component, `doc._.mentions` and `doc._.statements`; safe to call twice."""
    from spacy.language import Language
    from spacy.tokens import Doc

    Language.factory("kg_statements", func=make_component)
    for extension in ("mentions", "statements"):
        if not Doc.has_extension(extension):
            Doc.set_extension(extension, default=())


register()

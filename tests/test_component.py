"""The extraction stage as a spaCy component."""

from __future__ import annotations

from datetime import date

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from kg.errors import ExtractorError
from kg.extract import DEFAULT, EXTRACTORS, component, load_extractor
from kg.model import Document

TEXT = "Norway condemned Iran on Monday. Sweden will visit Egypt."


def test_registering_twice_changes_nothing() -> None:
    component.register()
    component.register()
    assert Doc.has_extension("statements") and Doc.has_extension("mentions")


def test_a_pipeline_that_parses_otherwise_is_refused() -> None:
    component.register()
    with pytest.raises(ExtractorError, match="has no dependency parser"):
        spacy.blank("en").add_pipe("kg_statements")


def test_an_unknown_extractor_is_named() -> None:
    with pytest.raises(ExtractorError, match="extractor 'magic': unknown; choose one of full, fast, rules"):
        load_extractor("magic")


def test_the_default_extractor_exists() -> None:
    assert DEFAULT in EXTRACTORS and all(EXTRACTORS.values())


@pytest.fixture(scope="module")
def pipeline() -> Language:
    from kg.parse import load_pipeline

    nlp = load_pipeline()
    nlp.add_pipe("kg_statements")
    return nlp


@pytest.mark.model
def test_statements_hang_on_the_doc(pipeline: Language) -> None:
    doc = pipeline(TEXT)
    found = {(stmt.source, stmt.relation, stmt.target, stmt.status) for stmt in doc._.statements}
    assert ("NOR", "accuse", "IRN", "actual") in found
    assert [mention.actor for mention in doc._.mentions] == ["NOR", "IRN", "SWE", "EGY"]
    for stmt in doc._.statements:
        for evidence in stmt.evidence:
            assert doc.text[evidence.span.start : evidence.span.end] == evidence.quote


@pytest.mark.model
def test_the_publication_date_counts(pipeline: Language) -> None:
    doc = pipeline.make_doc("Norway condemned Iran on Monday.")
    doc.user_data["published"] = date(2024, 11, 7)
    (stmt,) = (stmt for stmt in pipeline(doc)._.statements if stmt.relation == "accuse")
    assert stmt.when is not None and stmt.when.first == "2024-11-04"


@pytest.mark.model
def test_no_text_no_statements(pipeline: Language) -> None:
    assert not pipeline("")._.statements


@pytest.mark.model
def test_the_component_says_what_the_extractor_says(pipeline: Language) -> None:
    ((_, stmts),) = load_extractor().extract([Document("d", TEXT)])

    def key(stmt):
        return stmt.source, stmt.relation, stmt.target, stmt.polarity, stmt.status, stmt.confidence

    assert sorted(map(key, pipeline(TEXT)._.statements)) == sorted(map(key, stmts))

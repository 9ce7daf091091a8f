"""Cutting texts into pieces and joining their parses: no character is lost, whatever the text."""

from __future__ import annotations

from functools import cache

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from kg.errors import ExtractorError
from kg.model import Document
from kg.parse import UD_LABELS, check_labels, load_pipeline, parse, pieces

# Prose, line breaks, datelines, curly quotes, odd blanks and any other character, in any order.
scraps = st.sampled_from(
    [
        *("KABUL (Reuters) - ", "DUBAI, Jan 5 -- ", "AP - ", "GAZA/CAIRO, Nov. 7 (AFP) — "),
        *("Norway condemned Iran.", " ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u2028", "\x0b", "\x1c"),
        *("“Yes,” he said.", "don’t", "U.S.-led", "e\u0301", "\u200b", "😀", "中文", "\x00", "-", "(", "’"),
    ]
)
texts = st.lists(scraps | st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=12).map(
    "".join
)


@cache
def parser() -> Language:
    """A pipeline that parses without a model: every word depends on the first of its text."""
    nlp = spacy.blank("en")
    nlp.add_pipe("flat_parse")
    return nlp


@Language.component("flat_parse")
def flat_parse(doc: Doc) -> Doc:
    for token in doc:
        token.head, token.dep_ = doc[0], "dep" if token.i else "ROOT"
    return doc


@given(texts)
def test_pieces_cover_the_text(text: str) -> None:
    found = pieces(text)
    assert "".join(text[piece.start : piece.end] for piece in found) == text
    assert all(piece.start < piece.end for piece in found)


@given(texts)
def test_prose_has_neither_line_breaks_nor_blanks_around_it(text: str) -> None:
    for piece in pieces(text):
        if piece.prose:
            part = text[piece.start : piece.end]
            assert "\n" not in part and part == part.strip()


@settings(deadline=None)
@given(texts)
def test_tokens_quote_the_text(text: str) -> None:
    (parsed,) = parse([Document("d", text)], parser())
    assert len(parsed.doc.text) == len(text)
    for token in parsed.doc:
        there = text[token.idx : token.idx + len(token)]
        assert len(there) == len(token.text) and (there == token.text or not there.isascii())


@settings(deadline=None, max_examples=30)
@given(st.lists(texts, max_size=4))
def test_every_document_comes_out_in_its_place(many: list[str]) -> None:
    documents = [Document(str(number), text) for number, text in enumerate(many)]
    assert [parsed.document for parsed in parse(documents, parser())] == documents


DATELINES = [
    pytest.param("KABUL (Reuters) - Iran left.", "KABUL (Reuters) - ", id="agency"),
    pytest.param("DUBAI, Jan 5 - Iran left.", "DUBAI, Jan 5 - ", id="day"),
    pytest.param(
        "UNITED NATIONS, New York -- Iran left.", "UNITED NATIONS, New York -- ", id="two words, state"
    ),
    pytest.param("AP - Iran left.", "AP - ", id="agency alone"),
    pytest.param("TOKYO — Iran left.", "TOKYO — ", id="long dash"),
    pytest.param("GAZA/CAIRO (AFP) - Iran left.", "GAZA/CAIRO (AFP) - ", id="two places"),
    pytest.param("BEIJING (AFP) Iran left.", "BEIJING (AFP) ", id="no dash"),
    pytest.param(
        "US - Iran talks began.",
        "",
        id="a state in capitals is no place",
    ),
    pytest.param("Kabul (Reuters) was named.", "", id="no capitals, no dateline"),
    pytest.param("NATO left Kabul.", "", id="capitals alone are a name"),
]


@pytest.mark.parametrize("text, dateline", DATELINES)
def test_datelines_are_not_parsed(text: str, dateline: str) -> None:
    first = pieces(text)[0]
    assert (text[: first.end] if not first.prose else "") == dateline


def test_paragraphs_are_sentences_of_their_own() -> None:
    (parsed,) = parse([Document("d", "Iran left\n\nNorway stayed")], parser())
    assert [sent.text.strip() for sent in parsed.doc.sents if sent.text.strip()] == [
        "Iran left",
        "Norway stayed",
    ]


def test_curly_quotes_reach_the_parser_straight() -> None:
    (parsed,) = parse([Document("d", "Iran’s “yes”")], parser())
    assert parsed.doc.text == 'Iran\'s "yes"'
    assert parsed.document.text == "Iran’s “yes”"


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t \n"])
def test_texts_without_words(text: str) -> None:
    (parsed,) = parse([Document("d", text)], parser())
    assert parsed.doc.text == text and not [token for token in parsed.doc if not token.is_space]


def with_labels(*labels: str) -> Language:
    nlp = spacy.blank("en")
    component = nlp.add_pipe("parser")
    for label in labels:
        component.add_label(label)
    return nlp


def test_a_pipeline_with_other_labels_is_refused() -> None:
    with pytest.raises(
        ExtractorError, match=r"model other: its parser has no label .*Universal Dependencies"
    ):
        check_labels(with_labels("nsubj", "dobj", "pobj", "prep", "nsubjpass"), "other")


def test_a_pipeline_without_a_parser_is_refused() -> None:
    with pytest.raises(ExtractorError, match="model mine: has no dependency parser"):
        check_labels(spacy.blank("en"), "mine")


def test_a_pipeline_with_our_labels_is_taken() -> None:
    check_labels(with_labels(*UD_LABELS), "mine")


def test_a_missing_pipeline_is_named() -> None:
    with pytest.raises(ExtractorError, match="model no_such_model: cannot be loaded"):
        load_pipeline("no_such_model")

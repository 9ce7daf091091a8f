"""Documents to spaCy parses whose token offsets are the offsets of the original text.

The parser sees one paragraph at a time, without agency datelines ("KABUL (Reuters) -") and with curly quotes
made straight; the pieces are then joined again, so that `doc.text` has the length of `document.text` and a
token's `idx` points into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kg.english import PIPELINE
from kg.errors import ExtractorError
from kg.lemmas import mend_lemmas, mend_verbs
from kg.model import Document, ParsedDocument

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

UD_LABELS = frozenset({"nsubj", "obj", "obl", "nmod", "case", "nsubj:pass"})
"""Relations that every UD-trained parser of English uses, and none of the ClearNLP-labelled ones all have."""

BATCH = 64
"""Documents that are held in memory at a time."""

# Character for character, so that offsets stay: the treebanks were written with straight quotes.
STRAIGHT = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " ", "\u202f": " "}
)

PLACE = (
    # "US - Iran talks" is no dateline, though two capitals and a dash.
    r"(?!(?:U\.?S|U\.?N|E\.?U|U\.?K|NATO)\b)[A-Z][A-Z.'\u2019\-]+(?:[ /][A-Z][A-Z.'\u2019\-]+)*"
    r"(?:,\s+[A-Z][A-Za-z.\-]+(?: [A-Z][A-Za-z.\-]+)?)?"
)
DAY = r"(?:,?\s+(?:\d{1,2}\s+)?[A-Z][a-z]{2,8}\.?(?:\s+\d{1,2})?\.?(?:,?\s+\d{4})?)?"
AGENCY = r"(?:Reuters|REUTERS|AFP|AP|UPI|dpa|DPA|Xinhua|XINHUA|TASS|ANSA|Kyodo|Bloomberg|VOA)"
# "KABUL (Reuters) -", "DUBAI, Jan 5 -", "GAZA --", "AP -", "TOKYO \u2014"
DATELINE = re.compile(
    rf"(?:(?:{PLACE}{DAY}\s*(?:\({AGENCY}[^)]*\))?|{AGENCY})\s*(?:--?|\u2013|\u2014)\s+|{PLACE}{DAY}\s*\({AGENCY}\)\s*)"
)


class Piece(NamedTuple):
    """A stretch of text: either prose that is parsed, or a gap or dateline that is only tokenised."""

    start: int
    end: int
    prose: bool


def load_pipeline(name: str | None = None) -> Language:
    """The embedded English pipeline, or any other installed spaCy pipeline trained on Universal Dependencies.

    Raises `ExtractorError` when the pipeline is not installed, or has labels of another scheme.
    """
    import spacy

    try:
        nlp = spacy.load(name or PIPELINE)
    except OSError as exc:
        raise ExtractorError(f"model {name or PIPELINE}: cannot be loaded ({exc}); is it installed?") from exc
    check_labels(nlp, name or "embedded")
    return nlp


def check_labels(nlp: Language, name: str) -> None:
    """Raise `ExtractorError` unless the pipeline's parser speaks Universal Dependencies."""
    if "parser" not in nlp.pipe_names:
        raise ExtractorError(f"model {name}: has no dependency parser; choose a pipeline with one")
    parser: Any = nlp.get_pipe("parser")
    missing = UD_LABELS - set(parser.labels)
    if missing:
        raise ExtractorError(
            f"model {name}: its parser has no label {', '.join(sorted(missing))}, so it does not"
            " use Universal Dependencies (the en_core_web_* family does not); leave --model out or name a UD"
            " pipeline"
        )


def pieces(text: str) -> list[Piece]:
    """Cut a text into paragraphs, datelines and the gaps between, without losing a character.

    >>> text = "KABUL (Reuters) - Hi.\\n\\nBye."
    >>> [text[piece.start : piece.end] for piece in pieces(text)]
    ['KABUL (Reuters) - ', 'Hi.', '\\n\\n', 'Bye.']
    """
    found: list[Piece] = []
    position = 0
    for match in re.finditer(r"\S[^\n]*\S|\S", text):
        start = match.start()
        line = DATELINE.match(text, start, match.end())
        if line and line.end() < match.end():
            start = line.end()
        if start > position:
            found.append(Piece(position, start, prose=False))
        found.append(Piece(start, match.end(), prose=True))
        position = match.end()
    if position < len(text):
        found.append(Piece(position, len(text), prose=False))
    return found


def parse(documents: Iterable[Document], nlp: Language) -> Iterator[ParsedDocument]:
    """Parse documents in batches, in their order. An empty text gives an empty parse."""
    rest = iter(documents)
    while batch := list(islice(rest, BATCH)):
        cuts = [pieces(document.text) for document in batch]
        prose = (
            document.text[piece.start : piece.end].translate(STRAIGHT)
            for document, cut in zip(batch, cuts, strict=True)
            for piece in cut
            if piece.prose
        )
        parsed = nlp.pipe(prose)
        for document, cut in zip(batch, cuts, strict=True):
            yield ParsedDocument(document, join(document.text, cut, parsed, nlp))


def join(text: str, cut: list[Piece], parsed: Iterator[Doc], nlp: Language) -> Doc:
    """Put the parses of a document's paragraphs and the unparsed pieces between them together again."""
    from spacy.tokens import Doc

    docs: list[Doc] = []
    for piece in cut:
        if piece.prose:
            docs.append(next(parsed))
        else:
            docs.append(unparsed(text[piece.start : piece.end].translate(STRAIGHT), nlp))
    if not docs:
        return Doc(nlp.vocab)
    doc = Doc.from_docs(docs, ensure_whitespace=False, exclude=["tensor"])  # type: ignore[call-arg]
    assert doc is not None and len(doc.text) == len(text)
    mend_verbs(doc)
    mend_lemmas(doc)
    return doc


def unparsed(text: str, nlp: Language) -> Doc:
    """A gap (one whitespace token) or a dateline (a flat sentence of its own)."""
    from spacy.tokens import Doc

    if text.isspace():
        return Doc(nlp.vocab, words=[text], spaces=[False], heads=[0], deps=["dep"], pos=["SPACE"])
    doc = nlp.make_doc(text)
    for token in doc:
        token.head, token.dep_, token.pos_ = doc[0], "dep", "X"
    return doc

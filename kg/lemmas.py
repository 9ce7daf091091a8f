"""Lemmas that the vocabularies know, for words whose lemma the pipeline gets wrong.

A trained lemmatizer invents base forms for words that its treebank lacks ("condemned" -> "condemne"). Where
its lemma is in no vocabulary, but an English base form of the word is, the base form is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from kg.resources import resource

if TYPE_CHECKING:
    from spacy.tokens import Doc

FILES = ("vocabulary.toml", "factuality.toml")
INFLECTED = frozenset({"VERB", "NOUN", "ADJ", "AUX"})
ENDINGS = (("ied", "y"), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("es", ""))


def mend_lemmas(doc: Doc) -> None:
    """Set better lemmas in a parse of our own."""
    for token in doc:
        if token.pos_ in INFLECTED and (base := known_base(token.lower_, token.lemma_.lower())):
            token.lemma_ = base


@cache
def known_base(form: str, lemma: str) -> str | None:
    """The base form of a word that a vocabulary has, None when its lemma is known already or none is.

    >>> known_base("condemned", "condemne"), known_base("expelled", "expelle"), known_base("ties", "ty")
    ('condemn', 'expel', 'tie')
    >>> known_base("condemned", "condemn") is None and known_base("bananas", "banana") is None
    True
    """
    if lemma in words():
        return None
    return next((base for base in base_forms(form) if base in words()), None)


def base_forms(form: str) -> Iterator[str]:
    """What a regularly inflected English form can come from, the likeliest first."""
    for ending, restored in ENDINGS:
        if form.endswith(ending) and len(form) > len(ending) + 2:
            stem = form.removesuffix(ending)
            yield stem + restored
            if not restored and stem[-1] == stem[-2]:
                yield stem[:-1]
    if form.endswith("s"):
        yield form[:-1]


@cache
def words() -> frozenset[str]:
    """Every word of the vocabulary files."""
    text = "\n".join(resource("ontologies", name).read_text(encoding="utf-8") for name in FILES)
    listed = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    return frozenset(re.findall(r"[a-z][a-z'-]+", listed))

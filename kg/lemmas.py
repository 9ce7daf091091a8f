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


def mend_verbs(doc: Doc) -> None:
    """Read a noun beside a bare verb as the verb that it must be: "the group harbor and support rebels".

    Nouns are not coordinated with bare verbs. The noun's modifier becomes the subject, the noun phrase after
    the second verb the object of both, and a noun before "that" what governs the clause.
    """
    for noun in doc:
        verb = next((c for c in noun.rights if c.dep_ == "conj" and c.tag_ in {"VB", "VBP"}), None)
        subject = next((c for c in reversed(list(noun.lefts)) if c.dep_ == "compound"), None)
        if noun.tag_ != "NN" or verb is None or subject is None or verb.i - noun.i > 2:
            continue
        noun.pos_, noun.tag_, subject.dep_ = "VERB", "VBP", "nsubj"
        mark = noun.head
        if noun.dep_ == "fixed" and mark.i > 0 and doc[mark.i - 1].pos_ == "NOUN":
            noun.head, noun.dep_, mark.head = doc[mark.i - 1], "acl", noun
        elif noun.dep_ == "obj":
            noun.dep_ = "ccomp"
        if not any(child.dep_ == "obj" for child in verb.rights) and verb.i + 1 < len(doc):
            thing = doc[verb.i + 1]
            while thing.dep_ in {"amod", "det", "compound", "nummod", "nmod:poss"} and thing.head.i > thing.i:
                thing = thing.head
            if thing.dep_ == "nsubj" and thing.head.i > thing.i:
                clause = thing.head
                thing.head, thing.dep_, clause.head, clause.dep_ = verb, "obj", thing, "acl"


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

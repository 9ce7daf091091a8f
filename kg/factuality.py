"""How far a text stands behind a claim: polarity, status and speaker of a predicate.

Negation, modality, plans, requests, allegations and refusals are read off the predicate and off everything
that governs it in the parse. The words are data: `ontologies/factuality.toml`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kg.errors import OntologyError
from kg.model import Polarity, Status
from kg.resources import resource

if TYPE_CHECKING:
    from spacy.tokens import Token

# Relations through which a governing word decides about what it governs.
GOVERNED = frozenset({"xcomp", "ccomp", "obj", "obl", "nmod", "conj", "nsubj", "nsubj:pass", "acl", "advcl"})
CONTENT_MARKS = frozenset({"to", "of", "that", "for", "from", "whether", "if"})


@dataclass(frozen=True, slots=True)
class Reading:
    """`keep` is False where the claim is refused or ended: only the refusal or the end is a statement."""

    polarity: Polarity = "+"
    status: Status = "actual"
    speaker: Token | None = None
    keep: bool = True


@cache
def load_words() -> dict[str, frozenset[str]]:
    """The word lists as `section.name` to lemmas; raises `OntologyError` when the file is malformed."""
    path = resource("ontologies", "factuality.toml")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return {
            f"{section}.{name}": frozenset(text.split("|"))
            for section, lists in data.items()
            for name, text in lists.items()
        }
    except (tomllib.TOMLDecodeError, AttributeError) as exc:
        raise OntologyError(f"{path}: needs sections with lists joined by '|' ({exc})") from exc


def lemma(token: Token) -> str:
    """Lower-case lemma, with the particle of a particle verb ("call_off")."""
    for child in token.children:
        if child.dep_ == "compound:prt":
            return f"{token.lemma_.lower()}_{child.lower_}"
    return str(token.lemma_.lower())


def read(predicate: Token) -> Reading:
    """Read polarity, status and speaker of a predicate (a verb, adjective or event noun)."""
    words = load_words()
    negated, status, speaker = is_negated(predicate, words), local_status(predicate, words), None
    token, steps = predicate, 0
    while token.dep_ in GOVERNED and token.head != token and steps < 8:
        link, governor, steps = token.dep_, token.head, steps + 1
        marks = {child.lower_ for child in token.children if child.dep_ in {"mark", "case"}}
        nominal = link in {"obj", "obl", "nmod", "nsubj", "nsubj:pass"}
        if link == "conj":
            shared = local_status(governor, words)
            bare = token.tag_ == "VB" and not any(child.dep_ == "aux" for child in token.children)
            if bare or shared == "alleged":
                # "will visit and thank", "allegedly harboured and supported"
                status = status or shared
        elif link == "advcl" and not marks & CONTENT_MARKS:
            # "after X attacked Y" and the like are told as facts, whatever the main clause says.
            break
        elif link == "acl" and not marks & CONTENT_MARKS:
            break
        else:
            name = lemma(governor)
            if marks & words["local.conditions"]:
                status = status or "intended"
            ended = link in {"obj", "nsubj:pass"} or (
                link == "nsubj" and lemma(token) in words["local.lasting"]
            )
            if ended and name in words["governing.ended"]:
                return Reading("-" if negated else "+", status or "actual", speaker, keep=False)
            if name in words["governing.refused"] and link != "nsubj":
                return Reading("-" if negated else "+", status or "actual", speaker, keep=False)
            if name in words["governing.negated"] and link not in {"nsubj", "obl", "nmod"}:
                negated = not negated
            elif link not in {"nsubj", "nmod"} or marks & CONTENT_MARKS:
                status = status or governed_status(name, governor, link, marks, words)
            if not nominal and name in words["saying.verbs"] and speaker is None:
                speaker = next((c for c in governor.children if c.dep_ == "nsubj"), None)
            if nominal and governor.pos_ in {"VERB", "AUX", "ADJ"}:
                negated = negated != is_negated(governor, words, skip=token)
                status = status or local_status(governor, words)
            elif link == "xcomp":
                negated = negated != is_negated(governor, words)
                if status != "requested":
                    status = status or local_status(governor, words)
        if link in {"nmod", "obl"} and not marks & CONTENT_MARKS:
            break
        token = governor
    speaker = speaker or parenthetical_speaker(predicate, words)
    return Reading("-" if negated else "+", status or "actual", speaker)


def governed_status(
    name: str, governor: Token, link: str, marks: set[str], words: dict[str, frozenset[str]]
) -> Status | None:
    """What a governing word makes of the clause or noun below it."""
    has_object = any(child.dep_ in {"obj", "iobj"} for child in governor.children)
    if name in words["governing.alleged"]:
        return "alleged"
    if name in words["governing.requested"] and (
        has_object or name not in words["governing.intended"] or link == "obj"
    ):
        return "requested"
    if name in words["governing.intended"] and (link in {"xcomp", "acl"} or marks & {"to"}):
        return "intended"
    if name in words["governing.foreseen"] and link == "obj":
        return "intended"
    if marks & {"to"} and link in {"advcl", "acl"}:
        return "intended"
    return None


def is_negated(token: Token, words: dict[str, frozenset[str]], skip: Token | None = None) -> bool:
    """Whether predicate, subject or object is negated ("did not", "no country", "no talks")."""
    negators = words["local.negators"]
    for child in token.children:
        if child.lower_ in negators and child.dep_ in {
            "advmod",
            "det",
            "case",
            "mark",
            "cc:preconj",
            "neg",
            "discourse",
        }:
            return True
        if child.dep_ in {"nsubj", "nsubj:pass", "obj"} and child != skip:
            if child.lower_ in {"none", "nobody", "neither"}:
                return True
            if any(
                det.lower_ in {"no", "neither"} and det.dep_ in {"det", "advmod"} for det in child.children
            ):
                return True
    return False


def local_status(token: Token, words: dict[str, frozenset[str]]) -> Status | None:
    """Status from auxiliaries, adverbs and adjectives of the predicate itself."""
    for child in token.children:
        word = child.lower_
        if child.dep_ in {"advmod", "amod"} and word in words["local.alleged"]:
            return "alleged"
        if child.dep_ == "amod" and word in words["local.planned"]:
            return "intended"
        if child.dep_ in {"mark", "advmod"} and word in words["local.conditions"]:
            return "intended"
        if child.dep_ == "aux" and word in words["local.requested"]:
            return "requested"
        if child.dep_ == "aux" and word in words["local.intended"]:
            return "intended"
    return None


def parenthetical_speaker(predicate: Token, words: dict[str, frozenset[str]]) -> Token | None:
    """The subject of a saying verb that hangs on the clause: "..., officials said"."""
    for child in predicate.children:
        if (
            child.dep_ in {"parataxis", "ccomp"}
            and lemma(child) in words["saying.verbs"]
            and child.i > predicate.i
        ):
            return next((c for c in child.children if c.dep_ == "nsubj"), None)
    return None

"""What is mended in a parse before it is read."""

from __future__ import annotations

from parses import by_hand

from kg.lemmas import mend_verbs


def mended(parse: str) -> dict[str, tuple[str, str, str]]:
    """Each word with its part of speech, relation and head after mending."""
    doc = by_hand(parse)[0].doc
    mend_verbs(doc)
    return {token.text: (token.pos_, token.dep_, token.head.text) for token in doc}


def test_a_noun_beside_a_bare_verb_is_a_verb() -> None:
    words = mended(
        "The/DET/det/2 group/NOUN:NN/compound/1 harbor/NOUN:NN/ROOT/0 and/CCONJ/cc/1"
        " support/VERB:VBP/conj/-2 rebels/NOUN:NNS/obj/-1 ^./PUNCT/punct/-4"
    )
    assert words["harbor"] == ("VERB", "ROOT", "harbor")
    assert words["group"] == ("NOUN", "nsubj", "harbor")
    assert words["rebels"] == ("NOUN", "obj", "support")


def test_the_noun_before_that_governs_the_clause_and_the_thing_after_the_verb_is_its_object() -> None:
    words = mended(
        "Ties/NOUN:NNS/nsubj/1 suffered/VERB:VBD/ROOT/0 over/ADP/case/1 allegations/NOUN:NNS/obl/-2"
        " that/SCONJ/mark/7 the/DET/det/2 militia/PROPN:NNP/compound/1 harbor/NOUN:NN/fixed/-3"
        " and/CCONJ/cc/1"
        " support/VERB:VB/conj/-2 rebels/NOUN:NNS/nsubj/1 responsible/VERB:VBP/acl:relcl/-8"
        " ^./PUNCT/punct/-11"
    )
    assert words["harbor"] == ("VERB", "acl", "allegations")
    assert words["militia"] == ("PROPN", "nsubj", "harbor")
    assert words["rebels"] == ("NOUN", "obj", "support")
    assert words["responsible"][1:] == ("acl", "rebels")


def test_nouns_beside_nouns_and_inflected_verbs_stay() -> None:
    parse = (
        "The/DET/det/2 harbor/NOUN:NN/compound/1 fire/NOUN:NN/nsubj/3 and/CCONJ/cc/1 theft/NOUN:NN/conj/-2"
        " worried/VERB:VBD/ROOT/0 Oman/PROPN:NNP/obj/-1"
    )
    assert mended(parse)["fire"] == ("NOUN", "nsubj", "worried")
    parse = (
        "Trade/NOUN:NN/compound/1 talk/NOUN:NN/ROOT/0 and/CCONJ/cc/1 helped/VERB:VBD/conj/-2"
        " Oman/PROPN/obj/-1"
    )
    assert mended(parse)["talk"][0] == "NOUN"

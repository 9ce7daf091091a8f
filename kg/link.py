"""Which noun phrases of a parsed text stand for international actors, and with which head word.

Names are found on the characters of the text (so that "U.S." inside "U.S.-led" is found whatever the
tokeniser does) in `names`, read in their syntax in `phrases`, given to the persons introduced in the text in
`persons`, and to words without an actor of their own ("the government", "it", "both sides") in `corefer`.
"""

from __future__ import annotations

from kg.actors import ActorTable
from kg.corefer import corefer
from kg.model import Mention, ParsedDocument
from kg.persons import persons
from kg.phrases import Phrases, Role

__all__ = ["Role", "link"]


def link(parsed: ParsedDocument, actors: ActorTable) -> list[Mention]:
    """All mentions of international actors in a text, in text order; empty for a text without any.

    Every mention's `role` is one of `Role`; its `head` is the token whose dependency relation the phrase has.
    A coordination gives one mention per member; "both sides" gives two mentions with the same head. Leaders
    and armed groups are read at the document's date; an undated text takes them as of any time, if that
    leaves one principal.
    """
    phrases = Phrases(parsed, actors)
    mentions = corefer(phrases, persons(phrases, phrases.names()))
    ordered = sorted(mentions, key=lambda m: (m.role != Role.MODIFIER, -m.first))
    unique = {(m.head, m.actor): m for m in ordered}
    return sorted(unique.values(), key=lambda m: (m.span.start, m.span.end, m.actor, m.role))

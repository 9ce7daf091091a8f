"""Who stands where around a predicate: the arguments of verbs, adjectives and event nouns in a UD parse.

A *role* is `subj` or `obj` with the voice undone ("Kabul was visited by X" has subj X), a preposition,
`poss`, `mod` (modifier: "US-Russia talks"), `light`
(subject of the verb that governs a noun: "Russia launched an
attack"), `is` (what a noun is said of: "Y, an ally of"), `self` (a noun that itself names an actor: "British
soldiers") or `comp` (anywhere in the clause that a verb governs). *Fillers* are the mentions found there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kg.factuality import CONTENT_MARKS
from kg.model import Mention

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token
    from spacy.tokens import Span as Sentence

SUBJECTS = frozenset({"nsubj", "nsubj:pass", "nsubj:outer", "csubj"})
OBJECTS = frozenset({"obj", "iobj"})
MODIFIERS = frozenset({"amod", "compound", "nmod:desc", "nmod:unmarked"})
CLAUSES = frozenset({"xcomp", "ccomp", "advcl", "acl", "parataxis"})
RELATIVES = frozenset({"who", "which", "that", "whom"})
CONTEXT_BARRED = frozenset({"company", "national", "force", "rebel", "pronoun"})
PARTITIVES = frozenset(
    {
        "one",
        "some",
        "group",
        "number",
        "dozen",
        "hundred",
        "thousand",
        "member",
        "team",
        "many",
        "most",
        "two",
        "three",
    }
)
"""Nouns and numerals that pass their role on to what they count: "dozens of Russian tanks"."""


@dataclass(frozen=True, slots=True)
class Filler:
    """A mention in a role; `how`: "direct", "shared" (by another verb), "inner" (in another noun phrase)."""

    mention: Mention
    how: str


class Frame:
    """The arguments of one predicate, computed when asked for."""

    def __init__(self, token: Token, scene: Scene) -> None:
        self.token = token
        self.scene = scene

    @cached_property
    def objects(self) -> dict[str, Token]:
        """Lemma to token of the nouns that a verb governs as object, passive subject, or oblique."""
        found: dict[str, Token] = {}
        for child in self.token.children:
            if child.dep_ in OBJECTS or child.dep_ in {"nsubj:pass", "xcomp", "obl", "nmod", "compound:prt"}:
                for noun in (child, *child.conjuncts):
                    found.setdefault(noun.lemma_.lower(), noun)
        subject, passive = self.scene.subject(self.token)
        if subject is not None and passive:
            found.setdefault(subject.lemma_.lower(), subject)
        if (antecedent := self.scene.object_gap(self.token)) is not None:
            found.setdefault(antecedent.lemma_.lower(), antecedent)
        return found

    @cached_property
    def words(self) -> frozenset[str]:
        """Lemmas of particles, marks and prepositions that depend on the predicate or on its dependents."""
        return frozenset(
            word.lower_
            for child in self.token.children
            for word in (child, *child.children)
            if word.dep_ in {"compound:prt", "mark", "case", "advmod", "advcl"} or word.pos_ == "ADP"
        )

    @cached_property
    def verbal(self) -> dict[str, list[Filler]]:
        """Fillers by role for a verb or predicate adjective: its arguments, and "comp"."""
        roles = defaultdict(list, self.arguments)
        for child in self.token.children:
            if child.dep_ in CLAUSES and is_content(child):
                roles["comp"] += self.scene.below(child)
        return roles

    @cached_property
    def arguments(self) -> dict[str, list[Filler]]:
        """The same without "comp", the arguments of object nouns included."""
        scene, roles = self.scene, defaultdict[str, list[Filler]](list)
        subject, passive = scene.subject(self.token)
        if subject is not None:
            how = "direct" if subject.head == self.token else "shared"
            roles["obj" if passive else "subj"] += scene.fillers(subject, how)
            if passive:
                self.noun_arguments(subject, roles)
        for child in self.token.children:
            if child.dep_ in OBJECTS:
                roles["obj"] += scene.fillers(child, "direct")
                self.noun_arguments(child, roles)
            elif child.dep_ == "obl:agent" or (passive and child.dep_ == "obl" and scene.case(child) == "by"):
                roles["subj"] += scene.fillers(child, "direct")
            elif child.dep_.split(":")[0] in {"obl", "nmod"}:
                roles[scene.case(child)] += scene.fillers(child, "direct")
                self.noun_arguments(child, roles)
            elif child.dep_ in {"xcomp", "advcl", "acl"} and child.pos_ in {"NOUN", "PROPN", "ADJ"}:
                self.noun_arguments(child, roles)
                if case := scene.case(child):
                    roles[case] += scene.fillers(child, "direct")
        if (antecedent := scene.object_gap(self.token)) is not None:
            roles["obj"] += scene.fillers(antecedent, "shared")
        if not roles["obj"] and (shared := self.shared_object()) is not None:
            roles["obj"] += scene.fillers(shared, "shared")
        return roles

    def shared_object(self) -> Token | None:
        """The object that a coordinated verb states for both: "harbour and support militants"."""
        if any(child.dep_ in OBJECTS or child.dep_ in CLAUSES for child in self.token.children):
            return None
        for other in conjuncts(self.token):
            if not any(child.dep_ in SUBJECTS or child.dep_.startswith("obl") for child in other.children):
                return next((child for child in other.children if child.dep_ == "obj"), None)
        return None

    @cached_property
    def context(self) -> list[Filler]:
        """A party that was named before and is left out here: "recalled its ambassador".

        The last state or organisation before the predicate's clause that is not its subject; the sentence
        before counts too.
        """
        scene, token = self.scene, self.token
        subject, _ = scene.subject(token)
        own = (
            {filler.mention.actor for filler in scene.fillers(subject, "direct")}
            if subject is not None
            else set()
        )
        edge = min(token.i, subject.left_edge.i if subject is not None else token.i)
        for index in range(edge - 1, max(-1, token.sent.start - 60), -1):
            for mention in scene.by_head.get(index, ()):
                if mention.actor not in own and mention.role not in CONTEXT_BARRED:
                    return [Filler(mention, "shared" if index >= token.sent.start else "inner")]
        return []

    @cached_property
    def nominal(self) -> dict[str, list[Filler]]:
        """Fillers by role for an event noun: "the attack by X on Y", "X launched an attack on Y"."""
        scene, roles = self.scene, defaultdict[str, list[Filler]](list)
        noun = self.token
        roles["self"] += scene.at(noun, "direct")
        self.noun_arguments(noun, roles)
        governor = noun.head
        while noun.dep_ == "conj" and governor != noun:
            self.noun_arguments(governor, roles, only={"poss", "mod"})
            noun, governor = governor, governor.head
        if governor.pos_ in {"VERB", "AUX"} and noun.dep_ in {"obj", "obl", "nsubj:pass", "xcomp", "advcl"}:
            subject, passive = scene.subject(governor)
            # "X condemned Y's attack on Z": the attack has a possessor, so it is not X's.
            if subject is not None and not passive and subject != noun and not roles["poss"]:
                roles["light"] += scene.fillers(subject, "direct")
            for child in governor.children:
                if child.dep_.startswith("obl") and child != noun:
                    role = "light" if child.dep_ == "obl:agent" else scene.case(child)
                    roles[role] += scene.fillers(child, "shared")
        elif governor.pos_ in {"VERB", "AUX", "ADJ"} and noun.dep_ in SUBJECTS:
            for child in governor.children:
                if child.dep_ == "obl":
                    roles[scene.case(child)] += scene.fillers(child, "shared")
        self.predication(roles)
        return roles

    def predication(self, roles: dict[str, list[Filler]]) -> None:
        """Add what a noun is said of: copular subject, apposition, or neighbour name ("US ally Pakistan")."""
        scene, noun = self.scene, self.token
        for child in noun.children:
            if child.dep_ in SUBJECTS:
                roles["is"] += scene.fillers(child, "direct")
            elif child.dep_ in {"appos", "flat", "nmod:desc"}:
                roles["is"] += scene.at(child, "direct")
        if noun.dep_ in {"appos", "flat", "compound", "nmod:desc", "acl:relcl"}:
            roles["is"] += scene.at(noun.head, "direct")
        elif (noun.dep_ == "xcomp" and not scene.case(noun)) or scene.case(noun) == "as":
            roles["is"] += [f for role in ("subj", "obj") for f in scene.frame(noun.head).verbal[role]]

    def noun_arguments(
        self, noun: Token, roles: dict[str, list[Filler]], only: Iterable[str] = (), depth: int = 2
    ) -> None:
        """Add the possessor, modifiers and prepositional dependents of a noun."""
        scene = self.scene
        for child in noun.children:
            if child.dep_ == "nmod:poss":
                role = "poss"
            elif child.dep_ in MODIFIERS:
                role = "mod"
            elif child.dep_.split(":")[0] in {"nmod", "obl"}:
                role = scene.case(child)
            elif child.dep_ == "acl" and child.tag_ in {"VBG", "VBN"} and depth:
                # "sanctions imposed on Iran": the dependents of the participle belong to the noun.
                for grandchild in child.children:
                    if grandchild.dep_.startswith("obl"):
                        name = "by" if grandchild.dep_ == "obl:agent" else scene.case(grandchild)
                        roles[name] += scene.fillers(grandchild, "direct")
                continue
            else:
                continue
            if only and role not in only:
                continue
            roles[role] += scene.fillers(child, "direct")
            if depth and role not in {"poss", "mod"}:
                self.noun_arguments(child, roles, only, depth - 1)


class Scene:
    """A parsed text with its mentions, and the frames of its predicates."""

    def __init__(self, doc: Doc, mentions: Sequence[Mention]) -> None:
        self.doc = doc
        self.by_head: dict[int, list[Mention]] = defaultdict(list)
        self.covering: dict[int, list[Mention]] = defaultdict(list)
        for mention in mentions:
            self.by_head[mention.head].append(mention)
            for index in range(mention.first, mention.last + 1):
                self.covering[index].append(mention)
        self.words: dict[int, str] = {}
        self._frames: dict[int, Frame] = {}
        self._below: dict[int, list[Filler]] = {}

    def sentences(self) -> Iterator[Sentence]:
        """The sentences that mention at least two different actors."""
        for sent in self.doc.sents if len(self.doc) else ():
            if len({m.actor for i in range(sent.start, sent.end) for m in self.by_head.get(i, ())}) > 1:
                yield sent

    def frame(self, token: Token) -> Frame:
        """The frame of a predicate, made once."""
        if token.i not in self._frames:
            self._frames[token.i] = Frame(token, self)
        return self._frames[token.i]

    def at(self, token: Token, how: str) -> list[Filler]:
        """Mentions whose head is this token, or that cover it when it is the head of their phrase."""
        found = self.by_head.get(token.i) or [
            mention
            for mention in self.covering.get(token.i, ())
            if not mention.first <= token.head.i <= mention.last or token.head == token
        ]
        return [Filler(mention, how) for mention in found]

    def fillers(self, token: Token, how: str) -> list[Filler]:
        """Mentions at a noun phrase: at its head, its conjuncts, what it counts, else inside it ("inner")."""
        found: list[Filler] = []
        for noun in (token, *conjuncts(token)):
            here = self.at(noun, how)
            if not here and (noun.lemma_.lower() in PARTITIVES or noun.pos_ == "NUM"):
                here = [
                    f for child in noun.children if child.dep_ == "nmod" for f in self.fillers(child, how)
                ]
            found += here
        return found or self.inside(token)

    def inside(self, token: Token, depth: int = 2) -> list[Filler]:
        """Mentions in a phrase whose head is none: possessor, else modifiers, else "of" and the like."""
        groups: dict[int, list[Filler]] = defaultdict(list)
        for child in token.children:
            base = child.dep_.split(":")[0]
            rank = (
                0
                if child.dep_ == "nmod:poss"
                else 1
                if child.dep_ in MODIFIERS
                else 2
                if base == "nmod"
                else None
            )
            if rank is not None:
                for noun in (child, *conjuncts(child)):
                    groups[rank] += self.at(noun, "inner") or (self.inside(noun, depth - 1) if depth else [])
        return groups[min(rank for rank in groups if groups[rank])] if any(groups.values()) else []

    def below(self, token: Token) -> list[Filler]:
        """Mentions in a clause, not its subject: "shared" for arguments of its verb, "inner" if deeper."""
        if token.i not in self._below:
            near = {
                filler.mention.head
                for name, fillers in self.frame(token).arguments.items()
                if name not in {"subj", "comp"}
                for filler in fillers
                if filler.how != "inner"
            }
            indices = {token.i}
            for child in token.children:
                if child.dep_ not in SUBJECTS:
                    indices.update(t.i for t in child.subtree)
            self._below[token.i] = [
                Filler(mention, "shared" if index in near else "inner")
                for index in sorted(indices)
                for mention in self.by_head.get(index, ())
            ]
        return self._below[token.i]

    def case(self, token: Token) -> str:
        """The preposition of a noun phrase, "" without one; "on behalf" counts as one word."""
        for child in token.children:
            if child.dep_ == "case" and child.lower_ not in {"'s", "'"}:
                fixed = [word.lower_ for word in child.children if word.dep_ == "fixed"]
                return "on_behalf" if "behalf" in fixed else child.lower_
        if token.dep_ == "conj":
            return self.case(token.head)
        return ""

    def subject(self, verb: Token, depth: int = 4) -> tuple[Token | None, bool]:
        """The subject of a predicate, also where grammar leaves it out, and whether it is passive."""
        passive = is_passive(verb)
        for child in verb.children:
            if child.dep_ in SUBJECTS:
                if verb.dep_ == "acl:relcl" and child.lower_ in RELATIVES:
                    return verb.head, passive
                return child, passive
        if depth == 0 or verb.dep_ == "ROOT":
            return None, passive
        head = verb.head
        if verb.dep_ in {"acl:relcl", "acl"}:
            if verb.dep_ == "acl" and verb.tag_ in {"VB", "TO"}:
                return self.controller(head, depth), passive
            if verb.dep_ == "acl" and any(
                child.dep_ == "mark" and child.lower_ == "of" for child in verb.children
            ):
                return self.controller(head, depth), passive
            return head, passive or verb.tag_ == "VBN"
        if verb.dep_ == "xcomp":
            for child in head.children:
                if child.dep_ in OBJECTS and child != verb:
                    return child, passive
            return self.subject(head, depth - 1)[0], passive
        if verb.dep_ == "advcl":
            # "accused Y of supporting Z": the accused is the one who supports.
            if any(
                child.dep_ == "mark" and child.lower_ in {"of", "for", "from", "as"}
                for child in verb.children
            ):
                for child in head.children:
                    if child.dep_ in OBJECTS:
                        return child, passive
            return self.subject(head, depth - 1)[0], passive
        if verb.dep_ == "conj" and (stray := stray_subject(verb)) is not None:
            return stray, passive
        if verb.dep_ in {"conj", "ccomp", "parataxis"} and head.pos_ in {"VERB", "AUX", "ADJ", "NOUN"}:
            return self.subject(head, depth - 1)[0], passive
        return None, passive

    def controller(self, noun: Token, depth: int) -> Token | None:
        """Who is to do what a noun plans ("its plan to"): its possessor, else the subject of its verb."""
        for child in noun.children:
            if child.dep_ == "nmod:poss" and self.at(child, "direct"):
                return child
        if noun.pos_ == "PROPN" or self.at(noun, "direct"):
            return noun
        if noun.dep_ in {"obj", "obl", "xcomp"} and noun.head.pos_ in {"VERB", "AUX"}:
            return self.subject(noun.head, depth - 1)[0]
        return None

    def object_gap(self, verb: Token) -> Token | None:
        """The antecedent that is the object of a relative clause: "the diplomats (that) Russia expelled"."""
        if verb.dep_ != "acl:relcl" or any(
            child.dep_ == "obj" and child.lower_ not in RELATIVES for child in verb.children
        ):
            return None
        own = [child for child in verb.children if child.dep_ in SUBJECTS]
        if own and not is_passive(verb) and all(child.lower_ not in RELATIVES for child in own):
            return verb.head
        return None


def is_content(clause: Token) -> bool:
    """Whether a clause is what its governor is about: "agreed to", "accused of", not ", saying that"."""
    if clause.dep_ in {"xcomp", "ccomp"}:
        return True
    return any(child.dep_ in {"mark", "case"} and child.lower_ in CONTENT_MARKS for child in clause.children)


def stray_subject(verb: Token) -> Token | None:
    """The subject of a second clause that the parser took for one more noun of the first.

    "No state has recognised the ruler, but several countries, among them X, have kept their embassies": the
    noun phrase with a conjunction of its own that ends just before the verb is its subject.
    """
    if verb.tag_ in {"VB", "VBG"} or not any(child.dep_.startswith("aux") for child in verb.children):
        return None
    index = verb.left_edge.i - 1
    while index > verb.head.i and verb.doc[index].dep_ == "punct":
        index -= 1
    noun = verb.doc[index]
    while noun.i > verb.head.i and noun.head != noun:
        if noun.dep_ == "conj" and any(
            c.dep_ == "cc" and c.lower_ in {"but", "while"} for c in noun.children
        ):
            return noun
        noun = noun.head
    return None


def is_passive(verb: Token) -> bool:
    """Whether a predicate is passive: by its subject, its auxiliary, or as a participle after a noun."""
    if any(child.dep_ in {"nsubj:pass", "aux:pass"} for child in verb.children):
        return True
    if verb.tag_ != "VBN":
        return False
    if verb.dep_ == "acl":
        return True
    return verb.dep_ == "advcl" and not any(
        child.dep_ == "aux" or child.dep_ in SUBJECTS for child in verb.children
    )


def conjuncts(token: Token) -> Iterator[Token]:
    """The tokens coordinated below a token, in order ("A, B and C" gives B and C for A)."""
    waiting = [token]
    while waiting:
        # The parser takes the last of "the United States and NATO troops" for an apposition at times.
        below = [
            child
            for child in waiting.pop().children
            if child.dep_ == "conj" or (child.dep_ == "appos" and child.left_edge.dep_ == "cc")
        ]
        yield from below
        waiting += reversed(below)

"""Mentions and parse to statements, by matching the vocabulary's patterns on the arguments of predicates.

Each verb, adjective or noun that opens a pattern is looked up once; the parties found in the pattern's slots
give candidate statements, `factuality` says how far the text stands behind them, `when` dates them, and the
measured precision of the rule is their confidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import TYPE_CHECKING

from kg import factuality, when
from kg.extract.clauses import OBJECTS, Filler, Frame, Scene
from kg.extract.confidence import FLOOR, Confidence, load_confidence
from kg.extract.dates import date_of, reported
from kg.extract.vocabulary import SUBJECT_OF_NOUN, Pattern, Slot, Vocabulary, load_vocabulary
from kg.merge import merge
from kg.model import Evidence, Mention, ParsedDocument, Span, Statement
from kg.ontology import load_ontology

if TYPE_CHECKING:
    from spacy.tokens import Token

VERSION = "rules 1.0"
MOST = 30
"""Fillers of one slot that are looked at, so that a page of names costs no more than a long sentence."""

MAX_PARTIES = 4
"""Lists with more parties than this are coded with a hub only, not every pair (coding rule 4)."""

KINDS: dict[str, frozenset[str]] = {
    "force": frozenset({"force", "rebel", "group", "name"}),
    "person": frozenset(
        {
            "leader",
            "person",
            "official",
            "name",
            "capital",
            "government",
            "demonym",
            "pronoun",
            "description",
            "organisation",
        }
    ),
    "place": frozenset({"place", "name", "capital", "description", "pronoun", "modifier"}),
    "organisation": frozenset({"organisation"}),
    "mission": frozenset({"mission", "official"}),
    "protester": frozenset({"national", "demonym", "opposition", "person"}),
}
"""Kinds of slots in the vocabulary, as roles of mentions (see `link`)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pattern matched at a predicate; `how` its parties were found, the weaker of the two ways."""

    pattern: Pattern
    predicate: Token
    source: Mention
    target: Mention
    how: str

    @property
    def lends(self) -> bool:
        """Whether the target comes from the context, so that no words of the sentence join the two."""
        return self.pattern.target is not None and "context" in self.pattern.target.roles

    @property
    def rule(self) -> str:
        """The rule as the reader of a graph sees it."""
        return self.pattern.name + ("" if self.how == "direct" else f" [{self.how}]")


class RuleReader:
    """Reads statements from parsed documents with linked mentions."""

    name = VERSION

    def __init__(
        self,
        vocabulary: Vocabulary | None = None,
        confidence: Confidence | None = None,
        *,
        floor: float = FLOOR,
    ) -> None:
        self.vocabulary = vocabulary or load_vocabulary()
        self.confidence = confidence or load_confidence()
        self.floor = floor
        self.events = frozenset(relation.name for relation in load_ontology().events)

    def read(self, parsed: ParsedDocument, mentions: Sequence[Mention]) -> list[Statement]:
        """The statements of a document that are confident enough, one for each claim."""
        scene = Scene(parsed.doc, mentions)
        times = when.resolve_times(parsed.doc, parsed.document.published)
        best: dict[tuple[str, ...], Statement] = {}
        for sent in scene.sentences():
            for candidate in self.candidates(scene, sent):
                stmt = self.statement(candidate, scene, parsed, times)
                if stmt is None or stmt.confidence < self.floor:
                    continue
                first = stmt.evidence[0]
                key = (first.sentence, stmt.source, stmt.relation, stmt.target, stmt.polarity, stmt.status)
                if key not in best or stmt.confidence > best[key].confidence:
                    best[key] = stmt
        return self.finish(list(best.values()), parsed, times)

    def candidates(self, scene: Scene, tokens: Iterable[Token]) -> Iterator[Candidate]:
        """All pattern matches in a sentence, with parties of different actors."""
        for token in tokens:
            for pattern in self.vocabulary.by_lemma.get(factuality.lemma(token), ()):
                if pattern.verbal != is_verbal(token):
                    continue
                if pattern.verbal and token.pos_ == "ADJ" and token.dep_ == "amod":
                    continue
                yield from match(pattern, scene.frame(token))

    def statement(
        self, candidate: Candidate, scene: Scene, parsed: ParsedDocument, times: Sequence[when.Time]
    ) -> Statement | None:
        """Turn a match into a statement, or None where the text refuses the claim."""
        pattern, token = candidate.pattern, candidate.predicate
        reading = factuality.read(token)
        if not reading.keep:
            return None
        negated = (reading.polarity == "-") != (pattern.polarity == "-")
        source, target = candidate.source, candidate.target
        speaker = (
            [f.mention.actor for f in scene.fillers(reading.speaker, "direct")] if reading.speaker else []
        )
        return Statement(
            source=source.actor,
            relation=pattern.relation,
            target=target.actor,
            polarity="-" if negated else "+",
            status=reading.status,
            when=date_of(token, times),
            place=place_of(scene.frame(token)),
            speaker=speaker[0] if speaker else None,
            source_agents=(source.agent,) if source.agent else (),
            target_agents=(target.agent,) if target.agent else (),
            confidence=self.confidence.of(pattern, candidate.how),
            evidence=(evidence(candidate, parsed, self.name),),
        )

    def finish(
        self, stmts: Sequence[Statement], parsed: ParsedDocument, times: Sequence[when.Time]
    ) -> list[Statement]:
        """One statement a claim; acts without a time of their own get that of the report."""
        published = parsed.document.published
        if published is None:
            return merge(stmts)
        return [
            replace(stmt, when=reported(stmt, parsed, times, published))
            if stmt.when is None and stmt.relation in self.events
            else stmt
            for stmt in merge(stmts)
        ]


def is_verbal(token: Token) -> bool:
    """Whether a word predicates: verbs, adjectives, and what the tagger took for a noun but has an object."""
    return token.pos_ in {"VERB", "AUX", "ADJ"} or any(child.dep_ in OBJECTS for child in token.children)


def match(pattern: Pattern, frame: Frame) -> Iterator[Candidate]:
    """The parties that fill a pattern's slots at one predicate."""
    roles = frame.verbal if pattern.verbal else frame.nominal
    if pattern.objects and not pattern.objects & frame.objects.keys():
        return
    if pattern.needs and not pattern.needs & frame.words:
        return
    if pattern.qualities and not pattern.qualities & said_of(frame.token):
        return
    if pattern.joint is not None:
        yield from joint(pattern, pattern.joint, frame, roles)
        return
    assert pattern.source is not None and pattern.target is not None
    if "context" in pattern.target.roles:
        # Only where the text does not name the place: "closed their embassies", not "closed embassies in X".
        if any(roles.get(preposition) for preposition in ("in", "to", "from", "at", "with")):
            return
        roles = {**roles, "context": frame.context}
    for source, target in product(fill(pattern.source, roles), fill(pattern.target, roles)):
        if (
            source.mention.actor != target.mention.actor
            and source.mention.span != target.mention.span
            and not reflexive(frame.scene, source.mention, target.mention)
        ):
            yield Candidate(pattern, frame.token, source.mention, target.mention, weaker(source, target))


def reflexive(scene: Scene, first: Mention, second: Mention) -> bool:
    """Whether one mention is a word for several that include the other ("A and B ... their embassies")."""
    return any(
        other.actor == one.actor and other.role == "pronoun"
        for one, word in ((first, second), (second, first))
        for other in scene.by_head.get(word.head, ())
    )


def joint(pattern: Pattern, slot: Slot, frame: Frame, roles: dict[str, list[Filler]]) -> Iterator[Candidate]:
    """Pairs among the parties of a symmetric pattern: every pair of a short list, else a hub with each."""
    groups = {
        role: fill(Slot(frozenset({role}), slot.kind), roles)
        for role in sorted(slot.roles)
        if roles.get(role)
    }
    parties: dict[str, tuple[str, Filler]] = {}
    for role, fillers in groups.items():
        for filler in fillers:
            parties.setdefault(filler.mention.actor, (role, filler))
    if not pattern.verbal and len(groups) > 1 and groups.keys() <= SUBJECT_OF_NOUN:
        # "US-Russia talks" joins two modifiers; "Britain's Iraq meeting" does not say who meets.
        return
    between = {actor: party for actor, party in parties.items() if party[0] == "between"}
    ordered = list((between if len(between) > 1 else parties).values())
    pairs = list(combinations(ordered, 2))
    if len(ordered) > MAX_PARTIES:
        hubs = {role for role, _ in ordered if sum(r == role for r, _ in ordered) == 1}
        pairs = [(a, b) for a, b in pairs if a[0] != b[0] and hubs & {a[0], b[0]}]
    for (_, first), (_, second) in pairs:
        if first.mention.span != second.mention.span or first.mention.role == "description":
            yield Candidate(pattern, frame.token, first.mention, second.mention, weaker(first, second))


def fill(slot: Slot, roles: dict[str, list[Filler]]) -> list[Filler]:
    """The fillers of a slot, of the kind it asks for."""
    wanted = KINDS.get(slot.kind)
    return [
        filler
        for role in sorted(slot.roles)
        for filler in roles.get(role, ())
        if wanted is None or filler.mention.role in wanted
    ][:MOST]


def weaker(first: Filler, second: Filler) -> str:
    """The less certain way of the two in which parties were found."""
    order = ("direct", "shared", "inner")
    return max((first.how, second.how), key=order.index)


def said_of(noun: Token) -> set[str]:
    """Lemmas that describe a noun: its adjectives and participles, and what is predicated of it."""
    found = {
        word for child in noun.children if child.dep_ in {"amod", "compound", "acl"} for word in forms(child)
    }
    if noun.dep_ in {"nsubj", "nsubj:pass", "obj"}:
        found |= set(forms(noun.head))
        found |= {w for c in noun.head.children if c.dep_ in {"xcomp", "advmod", "conj"} for w in forms(c)}
    elif noun.dep_ == "conj":
        found |= said_of(noun.head)
    return found


def forms(token: Token) -> Iterator[str]:
    """The word as written and its lemma, and the same of words coordinated with it."""
    yield token.lower_
    yield token.lemma_.lower()
    for child in token.children:
        if child.dep_ == "conj":
            yield from forms(child)


def place_of(frame: Frame) -> str | None:
    """Where it happened: a place after "in", "at" or "near" that depends on the predicate."""
    roles = frame.verbal if frame.token.pos_ in {"VERB", "AUX", "ADJ"} else frame.nominal
    for preposition in ("in", "at", "near"):
        for filler in roles.get(preposition, ()):
            if filler.mention.role in KINDS["place"] and filler.how != "inner":
                return filler.mention.text
    return None


def evidence(candidate: Candidate, parsed: ParsedDocument, extractor: str) -> Evidence:
    """The stretch of text from the first to the last of predicate and parties, inside its sentence."""
    doc, token = parsed.doc, candidate.predicate
    sent = token.sent
    indices = [token.i] + [
        index
        for mention in (candidate.source, candidate.target)
        for index in (mention.first, mention.last)
        if sent.start <= index < sent.end
    ]
    first, last = doc[min(indices)], doc[max(indices)]
    span = Span(first.idx, last.idx + len(last))
    text = parsed.document.text
    return Evidence(
        document=parsed.document.id,
        span=span,
        quote=text[span.start : span.end],
        sentence=text[sent.start_char : sent.end_char],
        extractor=extractor,
        rule=candidate.rule,
    )

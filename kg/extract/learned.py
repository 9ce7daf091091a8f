"""Rules and learners together: the learners decide which relations hold, the rules and the parse say how.

Every pair of actors in a sentence is judged by the scorer and, unless it is left out, by the encoder; a
relation above the threshold becomes a statement, anchored at the predicate of the rule that fired for it,
else at the word that the encoder attended to most, or the word of the tree path that speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg import factuality, when
from kg.extract.clauses import Scene, conjuncts
from kg.extract.confidence import FLOOR
from kg.extract.encoder import Encoder, Opinion
from kg.extract.features import Unit, ancestors, relations_of, units
from kg.extract.rules import Candidate, RuleReader, reflexive
from kg.extract.scorer import Scorer, load_scorer, undirected
from kg.extract.vocabulary import Pattern, Vocabulary
from kg.model import Mention, ParsedDocument, Statement

if TYPE_CHECKING:
    from spacy.tokens import Span as Sentence
    from spacy.tokens import Token

SURE = 0.6
"""Probability from which the encoder overrules the grammar on status and polarity."""

LEAST = 0.1
"""Share of the attention from which a word counts as what a statement rests on."""

CONTENT = frozenset({"VERB", "NOUN", "ADJ"})

VERSIONS = {"full": "full 1.0", "fast": "fast 1.1"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A relation that holds for a pair of actors; `rules` that say so, best first, may be none."""

    relation: str
    unit: Unit
    chance: float
    rules: list[Candidate]
    opinion: Opinion | None


class ScoredReader(RuleReader):
    """Reads statements by rules, scorer and encoder; confidence is what was measured on held-out texts."""

    def __init__(self, scorer: Scorer | None = None, encoder: Encoder | None = None) -> None:
        super().__init__()
        self.scorer = scorer or load_scorer()
        self.encoder = encoder
        self.name = VERSIONS["full" if encoder else "fast"]
        self.weighing = encoder.weighing if encoder else self.scorer.weighing
        self.undirected = undirected()

    def read(self, parsed: ParsedDocument, mentions: Sequence[Mention]) -> list[Statement]:
        """The statements of a document, each with the sentence that makes it, in text order."""
        scene = Scene(parsed.doc, mentions)
        found: list[Statement] = []
        times = when.resolve_times(parsed.doc, parsed.document.published)
        for sent in scene.sentences():
            for verdict in self.decide(scene, sent):
                stmt = self.tell(verdict, scene, sent, parsed, times)
                if stmt is not None:
                    found.append(stmt)
        return self.finish(found, parsed, times)

    def tell(
        self,
        verdict: Verdict,
        scene: Scene,
        sent: Sentence,
        parsed: ParsedDocument,
        times: Sequence[when.Time],
    ) -> Statement | None:
        """The statement of a verdict, or None where the text refuses the claim."""
        confidence = self.weighing.confidence(verdict.chance)
        candidates, reason = verdict.rules, ""
        if not candidates:
            anchored, reason = self.anchor(verdict, scene, sent)
            candidates = [anchored]
        # "Closed their embassies": the noun alone is refused, the next rule is right.
        readings = (self.statement(candidate, scene, parsed, times) for candidate in candidates)
        stmt = next((stmt for stmt in readings if stmt is not None), None)
        if stmt is None:
            return None
        if verdict.opinion is not None:
            stmt = self.settle(stmt, verdict.opinion, told=bool(verdict.rules))
        proof = (
            replace(stmt.evidence[0], rule=f"{verdict.relation}: {reason}") if reason else stmt.evidence[0]
        )
        return replace(stmt, confidence=confidence, evidence=(proof,))

    def settle(self, stmt: Statement, opinion: Opinion, *, told: bool) -> Statement:
        """Status and polarity after both the grammar and the encoder were asked; `told`: a rule made it.

        The encoder overrules the grammar where it is `SURE` of another status, but what the grammar reads as
        an allegation stays one; and on polarity where no rule knows what the predicate means ("severed").
        """
        column = self.scorer.relations.index(stmt.relation)
        status, chance = opinion.status_of(column)
        if chance >= SURE and stmt.status != "alleged":
            stmt = replace(stmt, status=status)
        polarity, chance = opinion.polarity_of(column)
        if not told and chance >= SURE:
            stmt = replace(stmt, polarity=polarity)
        return stmt

    def decide(self, scene: Scene, sent: Sentence) -> Iterator[Verdict]:
        """The relations that hold for each pair of actors in a sentence."""
        matches = list(self.candidates(scene, sent))
        found = list(units(scene, sent, matches, self.vocabulary))
        opinions: list[Opinion | None] = [None] * len(found)
        if self.encoder and found:
            opinions = self.encoder.read(sent.text, [list(unit.places(sent.start_char)) for unit in found])
        best: dict[tuple[str, str, str], Verdict] = {}
        for unit, opinion in zip(found, opinions, strict=True):
            for verdict in self.judge(scene, unit, opinion):
                pair = (unit.source, unit.target)
                relation = verdict.relation
                key = (relation, *(sorted(pair) if relation in self.undirected else pair))
                if key not in best or verdict.chance > best[key].chance:
                    best[key] = verdict
        for (relation, first, second), verdict in best.items():
            reverse = best.get((relation, second, first))
            if not verdict.rules and reverse and reverse.rules and relation not in self.undirected:
                continue  # a rule has read who did it to whom; the learners alone do not turn that round
            yield verdict

    def judge(self, scene: Scene, unit: Unit, opinion: Opinion | None) -> Iterator[Verdict]:
        """The relations that are probable enough for one pair."""
        weighing = self.weighing if opinion is not None else self.scorer.weighing
        fired = self.by_relation(unit)
        abreast_all = all(abreast(scene, pair) for pair in unit.pairs)
        logits = self.scorer.logits(unit.features)
        for column, relation in enumerate(self.scorer.relations):
            rules = fired.get(relation, [])
            trust = self.trust(rules[0]) if rules else None
            said = float(opinion.logits[column]) if opinion is not None else 0.0
            chance = weighing.chance(float(logits[column]), trust, said)
            lent = trust is not None and trust >= FLOOR and rules[0].lends  # learners cannot see why
            if not lent and not weighing.accepts(chance, trust):
                continue
            if not rules and abreast_all and relation not in self.undirected:
                continue
            yield Verdict(relation, unit, max(chance, trust or 0.0), rules, opinion)

    def anchor(self, verdict: Verdict, scene: Scene, sent: Sentence) -> tuple[Candidate, str]:
        """The mention pair and the predicate of a verdict that no rule found, and what spoke for it."""
        relation, opinion = verdict.relation, verdict.opinion
        if opinion is not None:
            words = attended(scene, sent, opinion, self.scorer.relations.index(relation))
            place = opinion.place_of(self.scorer.relations.index(relation))
            pairs = zip(verdict.unit.places(sent.start_char), verdict.unit.pairs, strict=True)
            source, target = next(pair for at, pair in pairs if at == place)
            if words:
                pattern = Pattern(relation, "encoder", "+", verbal=True, lemmas=frozenset())
                reason = ", ".join(f'"{token.text}"' for token in words[:3])
                return Candidate(
                    pattern, words[0], source, target, "shared"
                ), f"encoder (attends to {reason})"
        reasons = ", ".join(name for name, _ in self.scorer.reasons(verdict.unit.features, relation))
        return anchor(scene, relation, verdict.unit, self.vocabulary), f"scorer ({reasons})"

    def by_relation(self, unit: Unit) -> dict[str, list[Candidate]]:
        """The rules that fired for a pair by relation, the most trusted first."""
        found: dict[str, list[Candidate]] = {}
        for candidate in sorted(unit.rules, key=self.trust, reverse=True):
            found.setdefault(candidate.pattern.relation, []).append(candidate)
        return found

    def trust(self, candidate: Candidate) -> float:
        """Confidence of the rule alone."""
        return self.confidence.of(candidate.pattern, candidate.how)


def attended(scene: Scene, sent: Sentence, opinion: Opinion, relation: int) -> list[Token]:
    """Content words outside of names that got `LEAST` of the attention or more, the most attended first."""
    start = sent.start_char
    by_character = {i - start: token for token in sent for i in range(token.idx, token.idx + len(token))}
    shares: dict[int, float] = {}
    for piece, share in opinion.attended(relation):
        token = by_character.get(piece.start)
        if token is not None and token.pos_ in CONTENT and token.i not in scene.covering:
            shares[token.i] = shares.get(token.i, 0.0) + share
    order = sorted(shares, key=lambda index: (-shares[index], index))
    return [scene.doc[index] for index in order if shares[index] >= LEAST]


def abreast(scene: Scene, pair: tuple[Mention, Mention]) -> bool:
    """Whether two parties are named in one breath ("the United States and NATO"): they act together."""
    first, second = (scene.doc[mention.head] for mention in pair)
    return (
        first == second or second in conjuncts(first) or first in conjuncts(second) or reflexive(scene, *pair)
    )


def anchor(scene: Scene, relation: str, unit: Unit, vocabulary: Vocabulary) -> Candidate:
    """The mention pair and the predicate that speak for a relation no rule found: nearest pair, path word."""
    best: tuple[int, int, Mention, Mention, Token] | None = None
    for source, target in unit.pairs:
        s, t = scene.doc[source.head], scene.doc[target.head]
        up, down = ancestors(s), ancestors(t)
        meet = next((token for token in up if token in down), None)
        path = (
            [*up[1:], *down[1:]]
            if meet is None
            else [meet, *up[1 : up.index(meet)], *down[1 : down.index(meet)]]
        )
        speaking = [
            token
            for token in path
            if token not in (s, t) and relation in relations_of(factuality.lemma(token), vocabulary)
        ]
        token = speaking[0] if speaking else meet or t.head
        rank = (0 if speaking else 1, abs(source.head - target.head))
        if best is None or rank < best[:2]:
            best = (*rank, source, target, token)
    assert best is not None
    pattern = Pattern(relation, "scorer", "+", verbal=True, lemmas=frozenset())
    return Candidate(pattern, best[4], best[2], best[3], "shared")

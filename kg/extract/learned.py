"""Rules and scorer together: the scorer decides which relations hold, the rules and the parse say how.

Every pair of actors in a sentence is scored; a relation above the threshold becomes a statement, anchored at
the predicate of the rule that fired for it, else at the word of the tree path that speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kg import factuality, when
from kg.extract.clauses import Scene
from kg.extract.features import Unit, ancestors, relations_of, units
from kg.extract.rules import Candidate, RuleReader
from kg.extract.scorer import Scorer, load_scorer, undirected
from kg.extract.vocabulary import Pattern, Vocabulary
from kg.model import Mention, ParsedDocument, Statement

if TYPE_CHECKING:
    from spacy.tokens import Span as Sentence
    from spacy.tokens import Token

VERSION = "fast 1.0"


class ScoredReader(RuleReader):
    """Reads statements by rules and scorer; confidence is the scorer's probability."""

    name = VERSION

    def __init__(self, scorer: Scorer | None = None) -> None:
        super().__init__()
        self.scorer = scorer or load_scorer()
        self.undirected = undirected()

    def read(self, parsed: ParsedDocument, mentions: Sequence[Mention]) -> list[Statement]:
        """The statements of a document, each with the sentence that makes it, in text order."""
        scene = Scene(parsed.doc, mentions)
        found: list[Statement] = []
        times = when.resolve_times(parsed.doc, parsed.document.published)
        for sent in scene.sentences():
            for candidate, probability, reason in self.decide(scene, sent):
                stmt = self.statement(candidate, scene, parsed, times)
                if stmt is not None:
                    evidence = replace(stmt.evidence[0], rule=reason)
                    found.append(replace(stmt, confidence=probability, evidence=(evidence,)))
        return self.finish(found, parsed, times)

    def decide(self, scene: Scene, sent: Sentence) -> Iterator[tuple[Candidate, float, str]]:
        """Relations above the threshold for each pair, with their probability and the reason."""
        candidates = list(self.candidates(scene, sent))
        scored: dict[tuple[str, str, str], tuple[float, Unit, Candidate | None]] = {}
        for unit in units(scene, sent, candidates, self.vocabulary):
            rules = self.best_rules(unit)
            for relation, logit in zip(self.scorer.relations, self.scorer.logits(unit.features), strict=True):
                rule = rules.get(relation)
                trust = None if rule is None else self.confidence.of(rule.pattern, rule.how)
                chance = self.scorer.chance(float(logit), trust)
                if not self.scorer.accepts(chance, trust):
                    continue
                chance = max(chance, trust or 0.0)
                pair = (unit.source, unit.target)
                key = (relation, *(sorted(pair) if relation in self.undirected else pair))
                if key not in scored or chance > scored[key][0]:
                    scored[key] = (chance, unit, rule)
        for (relation, _, _), (chance, unit, rule) in scored.items():
            if rule is not None:
                yield rule, chance, rule.rule
            else:
                candidate = anchor(scene, relation, unit, self.vocabulary)
                reasons = ", ".join(name for name, _ in self.scorer.reasons(unit.features, relation))
                yield candidate, chance, f"{relation}: scorer ({reasons})"

    def best_rules(self, unit: Unit) -> dict[str, Candidate]:
        """The most trusted rule that fired for a pair, by relation."""
        best: dict[str, Candidate] = {}
        for candidate in sorted(unit.rules, key=lambda c: self.confidence.of(c.pattern, c.how)):
            best[candidate.pattern.relation] = candidate
        return best


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

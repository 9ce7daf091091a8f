"""Rules and scorer together: the scorer decides which relations hold, the rules and the parse say how.

Every pair of actors in a sentence is scored; a relation above the threshold becomes a statement, anchored at
the predicate of the rule that fired for it, else at the word of the tree path that speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kg import factuality, when
from kg.extract.clauses import Scene, conjuncts
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
    """Reads statements by rules and scorer; confidence is what cross-validation measured."""

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
            for candidates, chance, reason in self.decide(scene, sent):
                # "Closed their embassies": the noun alone is refused, the next rule is right.
                readings = (self.statement(candidate, scene, parsed, times) for candidate in candidates)
                stmt = next((stmt for stmt in readings if stmt is not None), None)
                if stmt is not None:
                    proof = replace(stmt.evidence[0], rule=reason) if reason else stmt.evidence[0]
                    found.append(replace(stmt, confidence=self.scorer.confidence(chance), evidence=(proof,)))
        return self.finish(found, parsed, times)

    def decide(self, scene: Scene, sent: Sentence) -> Iterator[tuple[list[Candidate], float, str]]:
        """The relations that hold for each pair: rules that say so, best first, or an anchor and a reason."""
        matches = list(self.candidates(scene, sent))
        scored: dict[tuple[str, str, str], tuple[float, Unit, list[Candidate]]] = {}
        for unit in units(scene, sent, matches, self.vocabulary):
            fired = self.by_relation(unit)
            for relation, logit in zip(self.scorer.relations, self.scorer.logits(unit.features), strict=True):
                rules = fired.get(relation, [])
                trust = self.trust(rules[0]) if rules else None
                chance = self.scorer.chance(float(logit), trust)
                if not self.scorer.accepts(chance, trust):
                    continue
                if (
                    not rules
                    and relation not in self.undirected
                    and all(abreast(scene, pair) for pair in unit.pairs)
                ):
                    continue
                chance = max(chance, trust or 0.0)
                pair = (unit.source, unit.target)
                key = (relation, *(sorted(pair) if relation in self.undirected else pair))
                if key not in scored or chance > scored[key][0]:
                    scored[key] = (chance, unit, rules)
        for (relation, first, second), (chance, unit, rules) in scored.items():
            reverse = scored.get((relation, second, first))
            if not rules and reverse is not None and reverse[2] and relation not in self.undirected:
                continue  # a rule has read who did it to whom; the scorer alone does not turn that round
            if rules:
                yield rules, chance, ""
            else:
                reasons = ", ".join(name for name, _ in self.scorer.reasons(unit.features, relation))
                yield (
                    [anchor(scene, relation, unit, self.vocabulary)],
                    chance,
                    f"{relation}: scorer ({reasons})",
                )

    def by_relation(self, unit: Unit) -> dict[str, list[Candidate]]:
        """The rules that fired for a pair by relation, the most trusted first."""
        found: dict[str, list[Candidate]] = {}
        for candidate in sorted(unit.rules, key=self.trust, reverse=True):
            found.setdefault(candidate.pattern.relation, []).append(candidate)
        return found

    def trust(self, candidate: Candidate) -> float:
        """Confidence of the rule alone."""
        return self.confidence.of(candidate.pattern, candidate.how)


def abreast(scene: Scene, pair: tuple[Mention, Mention]) -> bool:
    """Whether two parties are named in one breath ("the United States and NATO"): they act together."""
    first, second = (scene.doc[mention.head] for mention in pair)
    return first == second or second in conjuncts(first) or first in conjuncts(second)


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

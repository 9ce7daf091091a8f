"""How opinions on held-out texts are weighed best: weights, thresholds and calibration, see `weighing`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from kg.extract.confidence import Confidence
from kg.extract.material import Example, Key, Material, wanted_keys
from kg.extract.weighing import Weighing, log_odds

LEVELS = [step / 50 for step in range(3, 31)]
SLACK = 0.002
"""Of settings whose F1 differs by less, the most precise is better: readers must be able to believe."""

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Judged:
    """An example with the log-odds that learners gave it which had not seen its text, one per relation.

    `trust` is the confidence of the best rule that fired, by relation, counted on other texts.
    """

    example: Example
    features: Array
    trust: dict[str, float]
    encoder: Array | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that could be made of a text: best chances with and without a rule, and the rule's trust."""

    backed: float = 0.0
    alone: float = 0.0
    trust: float = 0.0

    @property
    def told(self) -> float:
        """The chance with which it would be reported."""
        return max(self.backed, self.alone, self.trust)

    def reported(self, weighing: Weighing) -> bool:
        """Whether it would be reported."""
        return self.backed >= weighing.backed or self.alone >= weighing.alone or self.trust >= weighing.floor


def trust_of(example: Example, confidence: Confidence) -> dict[str, float]:
    """Confidence of the best rule that fired for each relation."""
    best: dict[str, float] = {}
    for relation, name, how in example.rules:
        best[relation] = max(best.get(relation, 0.0), confidence.of_rule(relation, name, how))
    return best


def tune(
    judged: Sequence[Judged], material: Material, relations: Sequence[str], texts: Iterable[int]
) -> tuple[Weighing, dict[str, float]]:
    """The best weighing on these texts, and its precision, recall and F1 on (source, relation, target)."""
    required, allowed = wanted_keys(material)
    texts = set(texts)
    required = {key for key in required if key[0] in texts}
    weighing = fit_weights(judged, material, relations, required, allowed)
    claims = claims_of(judged, material, relations, weighing)
    weighing, scores = best_levels(claims, required, allowed, weighing)
    reported = [
        (claim.told, key in required)
        for key, claim in sorted(claims.items())
        if claim.reported(weighing) and (key in required or key not in allowed)
    ]
    slope, offset = calibrate(reported)
    return replace(weighing, slope=slope, offset=offset), scores


def best_levels(
    claims: dict[Key, Claim], required: set[Key], allowed: set[Key], weighing: Weighing
) -> tuple[Weighing, dict[str, float]]:
    """Thresholds: of the settings within `SLACK` of the best F1 the most precise one."""
    close = [
        (claim.trust, claim.backed, claim.alone, key in required, key not in allowed)
        for key, claim in claims.items()
        if claim.told >= LEVELS[0]
    ]
    trust, by_rule, by_learner, good, bad = np.array(close, dtype=np.float64).T
    results = []
    for backed, alone in product(LEVELS, LEVELS):
        found = (trust >= weighing.floor) | (by_rule >= backed) | (by_learner >= alone)
        right, wrong = float(good[found].sum()), float(bad[found].sum())
        precision, recall = right / max(1.0, right + wrong), right / max(1, len(required))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        results.append((f1, precision, recall, (backed, alone)))
    least = max(results)[0] - SLACK
    precision, f1, recall, (backed, alone) = max((p, f, r, x) for f, p, r, x in results if f >= least)
    scores = {"precision": precision, "recall": recall, "f1": f1}
    return replace(weighing, backed=backed, alone=alone), scores


def fit_weights(
    judged: Sequence[Judged],
    material: Material,
    relations: Sequence[str],
    required: set[Key],
    allowed: set[Key],
) -> Weighing:
    """Weights of the opinions: logistic regression on whether the gold has the claim (stacking)."""
    from sklearn.linear_model import LogisticRegression

    rows, right = [], []
    for one in judged:
        for column, relation in enumerate(relations):
            key = key_of(one.example, relation, material)
            if key in allowed and key not in required:
                continue
            trust = one.trust.get(relation)
            rows.append(
                (
                    one.features[column],
                    0.0 if one.encoder is None else one.encoder[column],
                    0.0 if trust is None else 1.0,
                    0.0 if trust is None else log_odds(trust, 0.01),
                )
            )
            right.append(key in required)
    learner = LogisticRegression(C=1e3).fit(np.maximum(np.array(rows, dtype=np.float64), -10.0), right)
    features, encoder, rule, trusted = (float(weight) for weight in learner.coef_[0])
    return Weighing(features, encoder, rule, trusted, float(learner.intercept_[0]))


def claims_of(
    judged: Sequence[Judged], material: Material, relations: Sequence[str], weighing: Weighing
) -> dict[Key, Claim]:
    """The best opinions on every claim that could be made."""
    claims: dict[Key, Claim] = {}
    for one in judged:
        for column, relation in enumerate(relations):
            trust = one.trust.get(relation)
            said = 0.0 if one.encoder is None else float(one.encoder[column])
            chance = weighing.chance(float(one.features[column]), trust, said)
            key = key_of(one.example, relation, material)
            known = claims.get(key, Claim())
            if trust is None:
                claims[key] = replace(known, alone=max(known.alone, chance))
            else:
                claims[key] = replace(known, backed=max(known.backed, chance), trust=max(known.trust, trust))
    return claims


def key_of(example: Example, relation: str, material: Material) -> Key:
    """The claim that a relation of an example makes."""
    source, target = example.source, example.target
    if relation in material.undirected:
        source, target = sorted((source, target))
    return example.text, source, relation, target


def calibrate(reported: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Slope and offset that turn the chances of what would be reported into shares that are right."""
    from sklearn.linear_model import LogisticRegression

    chance = np.clip([[value] for value, _ in reported], 0.001, 0.999)
    fitted = LogisticRegression(C=1e6).fit(np.log(chance / (1 - chance)), [right for _, right in reported])
    return float(fitted.coef_[0][0]), float(fitted.intercept_[0])

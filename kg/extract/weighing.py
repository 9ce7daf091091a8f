"""How the opinions on a pair of actors become one probability, and from which one a relation is reported."""

from __future__ import annotations

import math
from dataclasses import dataclass


def log_odds(chance: float, edge: float) -> float:
    """log(p / (1 - p)), p kept `edge` away from 0 and 1."""
    sure = min(max(chance, edge), 1 - edge)
    return math.log(sure / (1 - sure))


def sigmoid(logit: float) -> float:
    """1 / (1 + exp(-x)), x kept within -30 and 30."""
    return 1 / (1 + math.exp(-min(max(logit, -30.0), 30.0)))


@dataclass(frozen=True, slots=True)
class Weighing:
    """Weights of the opinions in log-odds, thresholds, and the map to measured confidence.

    `features` and `encoder` weigh the log-odds of the two learners; a rule that fired adds `rule` and
    `trust` times the log-odds of its own confidence. A relation is reported from probability `backed` where
    a rule fired, from `alone` where none did, and whatever the learners say where the rule's own confidence
    is at least `floor`: a rule that is right often enough stands by itself. `slope` and `offset` turn
    probabilities into confidence.
    """

    features: float = 1.0
    encoder: float = 0.0
    rule: float = 2.0
    trust: float = 1.0
    bias: float = 0.0
    floor: float = 0.4
    backed: float = 0.5
    alone: float = 0.5
    slope: float = 1.0
    offset: float = 0.0

    def chance(self, features: float, rule: float | None, encoder: float = 0.0) -> float:
        """Probability from the learners' log-odds and the confidence of a rule that fired, if one did.

        sigmoid of the weighted sum, the rule's log-odds taken of its confidence within 0.01 and 0.99.
        """
        logit = self.features * features + self.encoder * encoder + self.bias
        if rule is not None:
            logit += self.rule + self.trust * log_odds(rule, 0.01)
        return sigmoid(logit)

    def confidence(self, chance: float) -> float:
        """The share of statements with such a probability that were right on texts not learnt from, 0 to 1.

        sigmoid(slope * log(p / (1 - p)) + offset), p kept within 0.001 and 0.999 (Platt 1999).
        """
        return sigmoid(self.slope * log_odds(chance, 0.001) + self.offset)

    def accepts(self, chance: float, rule: float | None) -> bool:
        """Whether a relation is reported."""
        if rule is None:
            return chance >= self.alone
        return rule >= self.floor or chance >= self.backed

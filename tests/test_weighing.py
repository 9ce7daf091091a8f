"""How opinions become a probability, a decision and a confidence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extract.weighing import Weighing, log_odds, sigmoid

PLAIN = Weighing(features=1.0, encoder=0.5, rule=2.0, trust=1.0, bias=-1.0, floor=0.7, backed=0.4, alone=0.6)


def test_opinions_add_up_in_log_odds() -> None:
    assert PLAIN.chance(1.0, None) == 0.5
    assert PLAIN.chance(1.0, None, 2.0) == pytest.approx(1 / (1 + math.exp(-1)))
    assert PLAIN.chance(1.0, 0.8) == pytest.approx(1 / (1 + math.exp(-(math.log(4) + 2))))
    assert PLAIN.chance(0.0, 0.2) < PLAIN.chance(0.0, 0.8)


@pytest.mark.parametrize(
    "chance, rule, reported",
    [
        (0.61, None, True),
        (0.59, None, False),
        (0.41, 0.2, True),
        (0.39, 0.2, False),
        (0.01, 0.7, True),  # a rule that is nearly always right needs no one else
        (0.01, 0.69, False),
    ],
)
def test_what_is_reported(chance: float, rule: float | None, reported: bool) -> None:
    assert PLAIN.accepts(chance, rule) is reported


@given(st.floats(-1e6, 1e6), st.none() | st.floats(0, 1), st.floats(-1e6, 1e6))
def test_chances_and_confidence_are_shares(features: float, rule: float | None, encoder: float) -> None:
    chance = PLAIN.chance(features, rule, encoder)
    assert 0 <= chance <= 1 and 0 <= PLAIN.confidence(chance) <= 1


@given(st.floats(0.01, 0.99))
def test_log_odds_and_sigmoid_undo_each_other(chance: float) -> None:
    assert sigmoid(log_odds(chance, 0.001)) == pytest.approx(chance)


def test_confidence_follows_the_calibration() -> None:
    even = Weighing(slope=1.0, offset=0.0)
    assert even.confidence(0.3) == pytest.approx(0.3)
    modest = Weighing(slope=0.5, offset=0.0)
    assert 0.5 < modest.confidence(0.9) < 0.9

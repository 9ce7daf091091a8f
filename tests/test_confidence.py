"""How often rules were right: estimates from counts, and the file of counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import OntologyError
from kg.extract.confidence import WEIGHT, Confidence, count, load_confidence, read_confidence
from kg.extract.vocabulary import Pattern, load_vocabulary


def pattern(relation: str, text: str) -> Pattern:
    return Pattern(relation, text, "+", verbal=True, lemmas=frozenset())


def test_nothing_counted_is_even_odds() -> None:
    assert Confidence.from_counts({}).of(pattern("accuse", "S blame T"), "direct") == 0.5


def test_an_unseen_rule_is_as_good_as_its_relation() -> None:
    counts = Confidence.from_counts(
        {("accuse: S blame T", "direct"): (96, 48), ("aid: S feed T", "direct"): (4, 4)}
    )
    overall = 52 / 100
    expected = (48 + WEIGHT * overall) / (96 + WEIGHT)
    assert counts.of(pattern("accuse", "S fault T"), "direct") == pytest.approx(expected)


def test_an_unseen_relation_is_as_good_as_the_average() -> None:
    counts = Confidence.from_counts({("accuse: S blame T", "direct"): (10, 7)})
    assert counts.of(pattern("aid", "S feed T"), "direct") == pytest.approx(0.7)


def test_ways_are_counted_apart() -> None:
    rule = pattern("accuse", "S blame T")
    counts = Confidence.from_counts({(rule.name, "direct"): (100, 90), (rule.name, "inner"): (100, 10)})
    assert counts.of(rule, "direct") == pytest.approx(0.9) and counts.of(rule, "inner") == pytest.approx(0.1)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["aid: a", "aid: b", "agree: c"]), st.sampled_from(["direct", "inner"])),
        st.integers(1, 500).flatmap(lambda made: st.tuples(st.just(made), st.integers(0, made))),
    )
)
def test_confidence_is_a_share(counts: dict[tuple[str, str], tuple[int, int]]) -> None:
    confidence = Confidence.from_counts(counts)
    for text in "ab":
        for how in ("direct", "shared", "inner"):
            assert 0 <= confidence.of(pattern("aid", text), how) <= 1


def test_more_right_answers_never_lower_the_confidence() -> None:
    rule = pattern("aid", "S feed T")
    found = [
        Confidence.from_counts({(rule.name, "direct"): (20, right)}).of(rule, "direct") for right in range(21)
    ]
    assert found == sorted(found) and found[0] < found[-1]


def test_outcomes_are_counted() -> None:
    outcomes = [("b", "direct", True), ("a", "inner", False), ("b", "direct", False)]
    assert count(outcomes) == {("a", "inner"): (1, 0), ("b", "direct"): (2, 1)}
    assert count([]) == {}


def test_file(tmp_path) -> None:
    path = tmp_path / "confidence.tsv"
    path.write_text("# a note\n\naid: S feed T\tdirect\t10\t5\n", encoding="utf-8")
    assert read_confidence(path).counts == {("aid: S feed T", "direct"): (10, 5)}


@pytest.mark.parametrize("line", ["aid\tdirect\t10", "aid\tdirect\tten\t5", "aid\tdirect\t1\t1\t1"])
def test_a_malformed_line_is_named(tmp_path, line: str) -> None:
    path = tmp_path / "confidence.tsv"
    path.write_text(f"# a note\n{line}\n", encoding="utf-8")
    with pytest.raises(OntologyError, match=r"confidence\.tsv:2: needs rule, way, made, right"):
        read_confidence(path)


def test_shipped_counts_belong_to_shipped_rules() -> None:
    names = {pattern.name for pattern in load_vocabulary().patterns}
    counts = load_confidence().counts
    assert {name for name, _ in counts} <= names
    assert all(0 <= right <= made and made > 0 for made, right in counts.values())


def test_shipped_rules_were_measured() -> None:
    assert sum(made for made, _ in load_confidence().counts.values()) > 1000

"""The vocabulary file and its notation."""

from __future__ import annotations

import pytest

from kg.errors import OntologyError
from kg.extract.vocabulary import load_vocabulary, read_vocabulary
from kg.ontology import load_ontology

WORDS = '[words]\nprepositions = "in|with|between|on|poss|is"\ntalks = "talk|meeting"\n'


def vocabulary(tmp_path, patterns, name="consult"):
    path = tmp_path / "vocabulary.toml"
    path.write_text(f'{WORDS}\n[[relation]]\nname = "{name}"\npatterns = {patterns!r}\n', encoding="utf-8")
    return read_vocabulary(path, ["consult"])


def test_every_relation_of_the_ontology_has_patterns():
    named = {pattern.relation for pattern in load_vocabulary().patterns}
    assert named == set(load_ontology().relations)


def test_every_pattern_can_be_found_by_each_of_its_lemmas():
    vocabulary = load_vocabulary()
    for pattern in vocabulary.patterns:
        for lemma in pattern.lemmas:
            assert pattern in vocabulary.by_lemma[lemma]


def test_no_pattern_stands_twice():
    names = [pattern.name for pattern in load_vocabulary().patterns]
    assert sorted(names) == sorted(set(names))


def test_verb_pattern(tmp_path):
    (pattern,) = vocabulary(tmp_path, ["S hold|open $talks with T"]).patterns
    assert pattern.verbal and pattern.lemmas == {"hold", "open"} and pattern.objects == {"talk", "meeting"}
    assert pattern.source.roles == {"subj"} and pattern.target.roles == {"with"}


def test_noun_pattern_finds_its_source_around_the_noun(tmp_path):
    (pattern,) = vocabulary(tmp_path, ["attack on T"]).patterns
    assert (
        not pattern.verbal
        and pattern.target.roles == {"on"}
        and {"poss", "by", "light"} <= pattern.source.roles
    )


def test_joint_pattern(tmp_path):
    (pattern,) = vocabulary(tmp_path, ["$talks{peace} between|with S&T"]).patterns
    assert pattern.joint is not None and {"between", "with", "poss"} <= pattern.joint.roles
    assert pattern.qualities == {"peace"} and pattern.source is None


def test_complement_pattern(tmp_path):
    (pattern,) = vocabulary(tmp_path, ["S promise ... T"]).patterns
    assert pattern.target.roles == {"comp"}


def test_kind_of_slot(tmp_path):
    (pattern,) = vocabulary(tmp_path, ["S.force enter T.place"]).patterns
    assert (pattern.source.kind, pattern.target.kind) == ("force", "place")


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        pytest.param("S", "needs a predicate", id="no predicate"),
        pytest.param("S meet", "needs either S and T", id="no target"),
        pytest.param("S meet T T", "stands twice", id="target twice"),
        pytest.param("S $unknown T", "no list 'unknown'", id="unknown list"),
        pytest.param("S&T meet T", "needs either S and T or S&T", id="joint and single"),
    ],
)
def test_a_pattern_that_makes_no_sense_is_named(tmp_path, pattern, problem):
    with pytest.raises(OntologyError, match=problem) as caught:
        vocabulary(tmp_path, [pattern])
    assert repr(pattern) in str(caught.value) and "vocabulary.toml" in str(caught.value)


def test_relation_unknown_to_the_ontology_is_named(tmp_path):
    with pytest.raises(OntologyError, match="befriend"):
        vocabulary(tmp_path, ["S meet T"], name="befriend")


def test_bad_toml_is_named(tmp_path):
    path = tmp_path / "vocabulary.toml"
    path.write_text("[words", encoding="utf-8")
    with pytest.raises(OntologyError, match="cannot be read as TOML"):
        read_vocabulary(path, [])

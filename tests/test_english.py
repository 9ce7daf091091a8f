"""The embedded English pipeline: what is shipped, how well it parses, and how it is made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import spacy

from kg.english import PIPELINE
from kg.errors import InputError
from kg.parse import UD_LABELS

CARD = PIPELINE.parent / "MODEL_CARD.md"

# A multiword token whose parts add up, one whose parts do not, an empty node, and two documents.
TREEBANK = """\
# newdoc id = first
# sent_id = n01-1
# text = Norway doesn't know.
1\tNorway\tNorway\tPROPN\tNNP\tNumber=Sing\t4\tnsubj\t_\t_
2-3\tdoesn't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdoes\tdo\tAUX\tVBZ\t_\t4\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t4\tadvmod\t_\t_
4\tknow\tknow\tVERB\tVB\tVerbForm=Inf\t0\troot\t_\tSpaceAfter=No
5\t.\t.\tPUNCT\t.\t_\t4\tpunct\t_\t_

# sent_id = w01-2
# text = It dont.
1\tIt\tit\tPRON\tPRP\t_\t2\tnsubj\t_\t_
2-3\tdont\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
2\tdo\tdo\tVERB\tVBP\t_\t0\troot\t_\t_
3\tnot\tnot\tPART\tRB\t_\t2\tadvmod\t_\t_
3.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t0:root\t_
4\t.\t.\tPUNCT\t.\t_\t2\tpunct\t_\t_

# newdoc id = second
# sent_id = n02-1
# text = Iran left.
1\tIran\tIran\tPROPN\tNNP\tNumber=Sing\t2\tnsubj\t_\t_
2\tleft\tleave\tVERB\tVBD\t_\t0\troot\t_\tSpaceAfter=No
3\t.\t_\tPUNCT\t.\t_\t2\tpunct\t_\t_

"""


@pytest.fixture
def meta() -> dict[str, object]:
    return json.loads((PIPELINE / "meta.json").read_text(encoding="utf-8"))


def test_pipeline_is_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in PIPELINE.rglob("*") if path.is_file()) <= 20_000_000


def test_pipeline_says_what_it_is(meta) -> None:
    assert (meta["lang"], meta["license"]) == ("en", "CC BY-SA 4.0")
    assert {"tagger", "parser", "trainable_lemmatizer", "morphologizer"} <= set(meta["pipeline"])
    assert set(meta["labels"]["parser"]) >= UD_LABELS
    assert not {"dobj", "pobj", "nsubjpass"} & set(meta["labels"]["parser"])


def test_pipeline_names_no_place_of_its_making() -> None:
    for name in ("meta.json", "config.cfg"):
        text = (PIPELINE / name).read_text(encoding="utf-8")
        assert "/tmp" not in text and "/home" not in text and "/work" not in text


def test_model_card() -> None:
    text = CARD.read_text(encoding="utf-8")
    for word in ("EWT", "GUM", "PUD", "CC BY-SA 4.0", "LAS"):
        assert word in text, f"MODEL_CARD.md does not tell {word}"


@pytest.mark.model
def test_pipeline_loads_as_an_ordinary_spacy_folder() -> None:
    doc = spacy.load(PIPELINE)("Norway condemned Iran.")
    assert [(token.pos_, token.dep_, token.head.text) for token in doc] == [
        ("PROPN", "nsubj", "condemned"),
        ("VERB", "ROOT", "condemned"),
        ("PROPN", "obj", "condemned"),
        ("PUNCT", "punct", "condemned"),
    ]


@pytest.mark.model
def test_weights_have_16_bit_precision() -> None:
    nlp = spacy.load(PIPELINE)
    for _, component in nlp.components:
        for node in component.model.walk():
            for name in node.param_names:
                values = node.get_param(name)
                assert np.array_equal(values, values.astype(np.float16).astype(np.float32))


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.shared
def test_pipeline_parses_news_and_encyclopedia_text(shared: Path) -> None:
    """UD English PUD, from raw text: no sentence of it was seen in training."""
    pytest.importorskip("conllu")
    from spacy.training import Example

    from kg.english.train import make_docs

    nlp = spacy.load(PIPELINE)
    docs = make_docs(nlp, [shared / "data" / "ud" / "en_pud-test.conllu"], join=1)
    scores = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in docs])
    assert 100 * scores["dep_las"] >= 84.0


@pytest.fixture
def treebank(tmp_path) -> Path:
    pytest.importorskip("conllu")
    path = tmp_path / "en.conllu"
    path.write_text(TREEBANK, encoding="utf-8")
    return path


def test_words_are_spelled_and_spaced_as_in_the_text(treebank: Path) -> None:
    from kg.english.train import read_sentences, surface_tokens

    found = [surface_tokens(sent) for _, sent in read_sentences(treebank)]
    assert [[token["form"] for token in tokens] for tokens in found] == [
        ["Norway", "does", "n't", "know", "."],
        ["It", "do", "nt", "."],
        ["Iran", "left", "."],
    ]
    joined = ["".join(t["form"] + " " * t["space"] for t in tokens).strip() for tokens in found]
    assert joined == ["Norway doesn't know.", "It dont.", "Iran left."]


def test_sentences_of_one_document_are_joined(treebank: Path) -> None:
    from kg.english.train import make_docs

    docs = make_docs(spacy.blank("en"), [treebank], join=8)
    texts = [doc.text.strip() for doc in docs]
    assert "".join(texts).replace(" ", "") == "Norwaydoesn'tknow.Itdont.Iranleft."
    assert texts[-1] == "Iran left." and len(docs) < 4
    first = docs[0]
    assert [token.dep_ for token in first][:5] == ["nsubj", "aux", "advmod", "ROOT", "punct"]
    assert all(token.head.sent == token.sent for doc in docs for token in doc)
    assert docs[-1][2].lemma_ == "."


def test_documents_are_joined_alike_each_time(treebank: Path) -> None:
    from kg.english.train import make_docs

    nlp = spacy.blank("en")
    assert [d.text for d in make_docs(nlp, [treebank])] == [d.text for d in make_docs(nlp, [treebank])]


def test_sentences_can_be_chosen_by_id(treebank: Path) -> None:
    from kg.english.train import make_docs

    texts = [doc.text.strip() for doc in make_docs(spacy.blank("en"), [treebank], join=1, only="n0")]
    assert texts == ["Norway doesn't know.", "Iran left."]


def test_a_treebank_that_cannot_be_read_is_named(tmp_path) -> None:
    pytest.importorskip("conllu")
    from kg.english.train import read_sentences

    with pytest.raises(InputError, match=r"absent\.conllu: cannot read this treebank"):
        list(read_sentences(tmp_path / "absent.conllu"))
    path = tmp_path / "bad.conllu"
    path.write_text("this is not CoNLL-U\n\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.conllu: cannot read this treebank"):
        list(read_sentences(path))


def test_weights_are_rounded() -> None:
    from kg.english.train import round_weights

    nlp = spacy.blank("en")
    tagger = nlp.add_pipe("tagger")
    tagger.add_label("NN")
    tagger.add_label("VB")
    nlp.initialize()
    nodes = [
        (node, name) for node in tagger.model.walk() for name in node.param_names if node.has_param(name)
    ]
    for node, name in nodes:
        node.set_param(name, np.full_like(node.get_param(name), 1 / 3))
    round_weights(nlp)
    assert nodes
    for node, name in nodes:
        values = node.get_param(name)
        assert values.dtype == np.float32 and np.all(values == np.float32(np.float16(1 / 3)))

"""Train the embedded English pipeline from Universal Dependencies treebanks, and score it.

    python -m kg.english.train TREEBANKS -o kg/english/pipeline
    python -m kg.english.train TREEBANKS --score-only -o kg/english/pipeline

TREEBANKS is a folder with `en_ewt-{train,dev,test}.conllu` (UD English EWT),
`en_gum-free-{train,dev,test}.conllu` (the freely licensed documents of GUM) and
`en_pud-test.conllu` (UD English PUD, never trained on).
Same files and spaCy version in, same weights out; about half an hour on one core. Needs the extra `[train]`.
"""

from __future__ import annotations

import logging
import random
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.english import PIPELINE
from kg.errors import InputError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

CONFIG = Path(__file__).parent / "config.cfg"
SENTENCES_PER_DOC = 8
"""Sentences of one document are joined, 1 to this many at random, so that the parser learns boundaries."""

logger = logging.getLogger(__name__)


def read_sentences(path: Path) -> Iterator[tuple[bool, Any]]:
    """Sentences of a CoNLL-U file, each with whether it opens a document. Raises `InputError`."""
    try:
        import conllu
    except ImportError as exc:
        raise InputError("training needs the package `conllu`; install `bilateral-kg[train]`") from exc
    try:
        with path.open(encoding="utf-8") as lines:
            for sent in conllu.parse_incr(lines):
                yield any(key.startswith("newdoc") for key in sent.metadata), sent
    except (OSError, conllu.exceptions.ParseException) as exc:
        raise InputError(f"{path}: cannot read this treebank ({exc}); expected CoNLL-U") from exc


def surface_tokens(sent: Any) -> list[dict[str, Any]]:
    """Syntactic words with the spelling and the spacing of the raw text.

    UD writes "don't" as a range line 1-2 over "do" and "n't", and puts SpaceAfter on the range line only;
    where the parts are spelled otherwise than the text ("dont" = "do" + "not"), the text wins.
    """
    tokens: list[dict[str, Any]] = []
    last, space, surface = 0, True, ""
    parts: list[dict[str, Any]] = []
    for row in sent:
        no_space = (row["misc"] or {}).get("SpaceAfter") == "No"
        if isinstance(row["id"], tuple):
            if row["id"][1] == "-":
                last, space, surface, parts = row["id"][2], not no_space, row["form"], []
            continue
        token = {**row, "space": not no_space}
        tokens.append(token)
        if row["id"] <= last:
            token["space"] = False
            parts.append(token)
        if row["id"] == last:
            token["space"] = space
            respell(parts, surface)
    return [token for token in tokens if token["form"]]


def respell(parts: list[dict[str, Any]], surface: str) -> None:
    """Make the spelling of a two-part multiword token add up to its surface form."""
    if "".join(part["form"] for part in parts) == surface or len(parts) != 2:
        return
    first, second = parts
    if surface.startswith(first["form"]):
        second["form"] = surface[len(first["form"]) :]
    elif surface.endswith(second["form"]):
        first["form"] = surface[: -len(second["form"])]


def make_doc(nlp: Language, sents: list[list[dict[str, Any]]]) -> Doc:
    """One gold spaCy `Doc` from consecutive sentences."""
    from spacy.tokens import Doc

    columns: dict[str, list[Any]] = {
        name: [] for name in ("words", "spaces", "tags", "pos", "morphs", "lemmas", "heads", "deps")
    }
    for tokens in sents:
        offset = len(columns["words"])
        place = {token["id"]: offset + i for i, token in enumerate(tokens)}
        for i, token in enumerate(tokens):
            root = token["head"] not in place
            feats = token["feats"] or {}
            columns["words"].append(token["form"].replace(" ", "\u00a0"))
            columns["spaces"].append(token["space"] or i == len(tokens) - 1)
            columns["tags"].append(token["xpos"])
            columns["pos"].append(token["upos"])
            columns["morphs"].append("|".join(f"{key}={value}" for key, value in feats.items()))
            columns["lemmas"].append(token["form"] if token["lemma"] == "_" else token["lemma"])
            columns["heads"].append(offset + i if root else place[token["head"]])
            columns["deps"].append("ROOT" if root else token["deprel"])
    return Doc(nlp.vocab, **columns)  # type: ignore[arg-type]


def make_docs(
    nlp: Language, paths: Iterable[Path], *, join: int = SENTENCES_PER_DOC, only: str = ""
) -> list[Doc]:
    """Gold documents of some treebank files; `only` keeps sentences whose sent_id contains it."""
    rng = random.Random(0)  # noqa: S311 - groups sentences, guards nothing
    docs: list[Doc] = []
    for path in paths:
        waiting: list[list[dict[str, Any]]] = []
        limit = rng.randint(1, join)
        for opens, sent in read_sentences(path):
            if only not in sent.metadata.get("sent_id", ""):
                continue
            if waiting and (opens or len(waiting) >= limit):
                docs.append(make_doc(nlp, waiting))
                waiting, limit = [], rng.randint(1, join)
            waiting.append(surface_tokens(sent))
        if waiting:
            docs.append(make_doc(nlp, waiting))
    return docs


def train(treebanks: Path, output: Path) -> None:
    """Train on EWT and free GUM, stop on their dev parts, write a spaCy folder to `output`."""
    import spacy
    from spacy.tokens import DocBin
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train as train_loop
    from spacy.util import load_config

    blank = spacy.blank("en")
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for part in ("train", "dev"):
            files = [treebanks / f"en_ewt-{part}.conllu", treebanks / f"en_gum-free-{part}.conllu"]
            docs = make_docs(blank, files)
            logger.info("%s: %d documents, %d tokens", part, len(docs), sum(map(len, docs)))
            paths[f"paths.{part}"] = str(Path(folder, f"{part}.spacy"))
            DocBin(docs=docs).to_disk(paths[f"paths.{part}"])
        nlp = init_nlp(load_config(CONFIG, overrides=paths, interpolate=False))
        # Only what the loop saves has the averaged weights of the best step; what it returns has neither.
        train_loop(nlp, Path(folder))
        nlp = spacy.load(Path(folder, "model-best"))
    round_weights(nlp)
    for name in nlp.config["paths"]:
        nlp.config["paths"][name] = None
    nlp.meta.update(
        name="kg_ud",
        version="1.0.0",
        description="English UD pipeline trained on UD English EWT and the freely licensed documents of GUM",
        license="CC BY-SA 4.0",
    )
    nlp.to_disk(output)


def round_weights(nlp: Language) -> None:
    """Round every weight to 16-bit precision: the folder stays plain spaCy, but compresses to half.

    Measured on UD English PUD this moves LAS by about 0.01.
    """
    import numpy

    for _, component in nlp.components:
        for node in component.model.walk() if hasattr(component, "model") else ():
            for name in node.param_names:
                if node.has_param(name):
                    node.set_param(name, node.get_param(name).astype(numpy.float16).astype(numpy.float32))


def score(nlp: Language, treebanks: Path) -> dict[str, dict[str, float]]:
    """Scores of 0 to 100 on raw text by test set; LAS counts full labels and ignores punctuation."""
    from spacy.training import Example

    tests = {
        "PUD": make_docs(nlp, [treebanks / "en_pud-test.conllu"], join=1),
        "PUD news": make_docs(nlp, [treebanks / "en_pud-test.conllu"], join=1, only="n0"),
        "GUM news": make_docs(
            nlp, [treebanks / f"en_gum-free-{p}.conllu" for p in ("dev", "test")], only="_news_"
        ),
        "GUM test": make_docs(nlp, [treebanks / "en_gum-free-test.conllu"]),
        "EWT test": make_docs(nlp, [treebanks / "en_ewt-test.conllu"]),
    }
    keys = {"UPOS": "pos_acc", "lemma": "lemma_acc", "UAS": "dep_uas", "LAS": "dep_las", "sents": "sents_f"}
    table = {}
    for name, docs in tests.items():
        scores = nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in docs])
        table[name] = {label: 100 * scores[key] for label, key in keys.items()}
    return table


@click.command()
@click.argument("treebanks", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=PIPELINE, show_default="inside the package"
)
@click.option("--score-only", is_flag=True, help="Score the pipeline in OUTPUT instead of training it.")
def main(treebanks: Path, output: Path, score_only: bool) -> None:
    """Train the English pipeline from the treebanks in TREEBANKS, then print its scores."""
    import spacy

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if not score_only:
        train(treebanks, output)
    for name, row in score(spacy.load(output), treebanks).items():
        print(f"{name:9}", "  ".join(f"{label} {value:5.2f}" for label, value in row.items()))


if __name__ == "__main__":
    main()

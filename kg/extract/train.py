"""Learn from annotated texts: how often each rule is right, the weights of the scorer, and the encoder.

    python -m kg.extract.train FOLDER train passages demo

FOLDER holds `NAME.texts.jsonl` and `NAME.gold.jsonl` for each name; the texts in `kg/extract/gold` are always
learnt from. Texts are parsed and linked once. Rule counts and the scorer take five minutes on one core (extra
`[train]`), the encoder most of an hour on two (extra `[encoder]`); `--part` does one of them. How opinions
are weighed is learnt on texts that the learners had not seen: five folds for the scorer, one for the encoder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from kg.extract.confidence import FILE, Confidence, count
from kg.extract.encoder import FOLDER as ENCODER
from kg.extract.material import FOLDS, Example, Material, read_texts
from kg.extract.scorer import WEIGHTS, Scorer
from kg.extract.tune import Judged, trust_of, tune
from kg.extract.weighing import Weighing
from kg.ontology import load_ontology
from kg.resources import resource

MIN_COUNT = 3
"""Features seen in fewer units are left out."""

STRENGTH = 0.2
"""Inverse regularisation (C) of the logistic regression; chosen by cross-validation."""

GOLD = Path(__file__).parent / "gold"
"""Annotated texts of this project's own, learnt from in any case; not part of the installed package."""

HEADER = """\
# How often each rule was right on the annotated training texts; written by `python -m kg.extract.train`.
# Source: own measurement. Licence: Apache-2.0. Columns: rule, way, made, right.
"""


def fit(examples: Sequence[Example], relations: Sequence[str]) -> Scorer:
    """One logistic regression a relation over binary features; features must occur `MIN_COUNT` times."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    seen = Counter(name for example in examples for name in example.features)
    index = {
        name: row for row, name in enumerate(sorted(n for n, times in seen.items() if times >= MIN_COUNT))
    }
    columns = [[index[name] for name in example.features if name in index] for example in examples]
    pointers = np.cumsum([0, *map(len, columns)])
    matrix = csr_matrix(
        (
            np.ones(pointers[-1], dtype=np.float32),
            np.concatenate([np.array(c, dtype=int) for c in columns]),
            pointers,
        ),
        shape=(len(examples), len(index)),
    )
    weights, bias = (
        np.zeros((len(index), len(relations)), dtype=np.float32),
        np.full(len(relations), -12, dtype=np.float32),
    )
    for column, relation in enumerate(relations):
        mass = np.array([e.holds[relation].weight if relation in e.holds else 0.0 for e in examples])
        if mass.max(initial=0) == 0:
            continue
        learner = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0, max_iter=200)
        learner.fit(matrix, mass > 0, sample_weight=np.where(mass > 0, mass, 1.0))
        weights[:, column], bias[column] = learner.coef_[0], learner.intercept_[0]
    return prune(Scorer(tuple(relations), index, weights, bias))


def prune(scorer: Scorer, least: float = 0.03) -> Scorer:
    """Drop negligible weights, and features that have no other."""
    weights = np.where(np.abs(scorer.weights) < least, 0.0, scorer.weights).astype(np.float16)
    kept = np.flatnonzero(np.abs(weights).max(axis=1) > 0)
    names = sorted(scorer.index, key=scorer.index.__getitem__)
    index = {names[row]: i for i, row in enumerate(kept)}
    return replace(scorer, index=index, weights=weights[kept].astype(np.float32))


def held_out(material: Material, relations: Sequence[str], fold: int) -> list[Judged]:
    """The examples of a fold, judged by weights and counts learnt on the others."""
    learnt = fit([example for example in material.examples if example.fold != fold], relations)
    trust = Confidence.from_counts(count(rule for text, *rule in material.rules if text % FOLDS != fold))
    return [
        Judged(example, learnt.logits(example.features), trust_of(example, trust))
        for example in material.examples
        if example.fold == fold
    ]


def learn_scorer(material: Material, relations: Sequence[str], output: Path | None) -> None:
    """Write rule counts and scorer weights."""
    rows = count(rule for _, *rule in material.rules)
    lines = (f"{name}\t{how}\t{made}\t{right}\n" for (name, how), (made, right) in rows.items())
    counts = output / FILE if output else resource("ontologies", FILE)
    counts.write_text(HEADER + "".join(lines), encoding="utf-8")
    print(f"{len(rows)} rules counted in {counts}")
    judged = [one for fold in range(FOLDS) for one in held_out(material, relations, fold)]
    weighing, scores = tune(judged, material, relations, range(len(material.gold)))
    report("scorer, cross-validated", weighing, scores)
    final = replace(fit(material.examples, relations), weighing=weighing)
    weights = output / WEIGHTS.name if output else WEIGHTS
    final.save(weights)
    print(f"{len(final.index)} features in {weights} ({weights.stat().st_size / 1e6:.1f} MB)")


def learn_encoder(material: Material, relations: Sequence[str], output: Path | None) -> None:
    """Train on four folds to weigh the opinions on the fifth, then on all, and export."""
    from kg.extract.export import export
    from kg.extract.train_encoder import Trainer, pretrained

    trainer = Trainer(material, relations)
    said = trainer.judge(trainer.train(without=0), fold=0)
    judged = [replace(one, encoder=said[id(one.example)]) for one in held_out(material, relations, 0)]
    texts = range(0, len(material.gold), FOLDS)
    weighing, scores = tune(judged, material, relations, texts)
    report("encoder, scorer and rules, held-out fifth", weighing, scores)
    folder = output / ENCODER.name if output else ENCODER
    words = pretrained() / "tokenizer.json"
    drift = export(trainer.train(), words, trainer.roles, list(relations), weighing, folder)
    print(f"{folder}; 8-bit weights move log-odds by {drift:.2f} on average")


def report(what: str, weighing: Weighing, scores: dict[str, float]) -> None:
    """Print scores and thresholds."""
    figures = ", ".join(f"{name} {value:.3f}" for name, value in scores.items())
    print(f"{what}: {figures}; reported from {weighing.backed} with a rule, {weighing.alone} without")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("names", nargs=-1, required=True)
@click.option("--model", help="Installed spaCy pipeline with UD labels; default: the embedded one.")
@click.option("--part", type=click.Choice(["all", "scorer", "encoder"]), default="all", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Write the files there instead."
)
def main(folder: Path, names: tuple[str, ...], model: str | None, part: str, output: Path | None) -> None:
    """Learn from the sets NAMES in FOLDER."""
    own = sorted(path.name.removesuffix(".gold.jsonl") for path in GOLD.glob("*.gold.jsonl"))
    sets = [(folder, name) for name in names] + [(GOLD, name) for name in own]
    material = Material([pair for place, name in sets for pair in read_texts(place, name)], model=model)
    print(f"{len(material.gold)} texts, {len(material.examples)} pairs")
    relations = sorted(load_ontology().relations)
    if part != "encoder":
        learn_scorer(material, relations, output)
    if part != "scorer":
        learn_encoder(material, relations, output)


if __name__ == "__main__":
    main()

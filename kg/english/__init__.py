"""The embedded English pipeline: tokens, tags, lemmas, Universal Dependencies, sentence boundaries.

`PIPELINE` is an ordinary spaCy folder, so `spacy.load(kg.english.PIPELINE)` works without the
rest of this package. `python -m kg.english.train` builds it again from the treebanks; MODEL_CARD.md
tells data, licences, scores and limits.
"""

from pathlib import Path

PIPELINE = Path(__file__).parent / "pipeline"

__all__ = ["PIPELINE"]

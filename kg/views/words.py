"""The words of `ontologies/readings.toml` as patterns: what makes a visit, and how high a mission ranks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from kg.errors import OntologyError
from kg.resources import resource


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    path = resource("ontologies", "readings.toml")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as exc:
        raise OntologyError(f"{path}: not readable as TOML: {exc}") from exc


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words)


@lru_cache(maxsize=1)
def visit() -> re.Pattern[str]:
    """Finds a word that says that somebody travelled or was received."""
    return re.compile(rf"\b({_any(_data()['visits']['words'])})\b", re.IGNORECASE)


@lru_cache(maxsize=1)
def towards() -> re.Pattern[str]:
    """Finds at the end of a text what stands before the place visited."""
    return re.compile(rf"\b({_any(_data()['visits']['towards'])}) (the )?$", re.IGNORECASE)


@lru_cache(maxsize=1)
def missions() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Levels of a mission, the highest first, each with what finds its words."""
    return tuple(
        (row["level"], re.compile(rf"\b({_any(row['words'])})\b", re.IGNORECASE))
        for row in _data()["missions"]
    )

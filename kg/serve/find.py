"""Words of a reader in, actors, pairs and documents of a graph out."""

from __future__ import annotations

import re

from kg.actors import fold, load_actors
from kg.serve.index import Index, Pair, Paper, pair_of
from kg.serve.render import called

MOST = 20
"""Most finds of one kind."""


def actors_like(index: Index, text: str) -> list[str]:
    """Codes of actors of the graph: the one for which the text stands, then those whose names hold it."""
    if not text:
        return []
    wanted = fold(text)
    found = [code for code in (_read(text),) if code and code in index.by_actor]
    names = {code: fold(called(code)) for code in index.by_actor}
    inside = [code for code, name in names.items() if wanted in name or wanted == code.lower()]
    inside.sort(key=lambda code: (not names[code].startswith(wanted), -len(index.by_actor[code]), code))
    if not found and not inside:
        near = (_read(name) for name in load_actors().suggest(text))
        inside = [code for code in near if code and code in index.by_actor]
    return list(dict.fromkeys([*found, *inside]))[:MOST]


def pair_in(index: Index, text: str) -> Pair | None:
    """The pair that two names mean: "India Pakistan", "Iran and Saudi Arabia", "USA, China"; else None."""
    if _exact(text):
        return None
    parts = re.split(r"\s*(?:,|;|/|–|—| and | vs\.? | - )\s*", text)
    words = text.split()
    cuts = [(_exact(" ".join(words[:i])), _exact(" ".join(words[i:]))) for i in range(1, len(words))]
    if len(parts) == 2:
        cuts.insert(0, (_read(parts[0]), _read(parts[1])))
    for a, b in cuts:
        if a and b and a != b and pair_of(a, b) in index.by_pair:
            return pair_of(a, b)
    return None


def papers_like(index: Index, text: str) -> list[Paper]:
    """Documents whose title or publisher has all the words, the latest first."""
    words = fold(text).split()
    if not words:
        return []
    found = (p for p in index.newest if all(word in fold(f"{p.title} {p.publisher or ''}") for word in words))
    return [paper for paper, _ in zip(found, range(MOST), strict=False)]


def _exact(text: str) -> str | None:
    """The actor whose code or name is written so, with or without capitals, if it is one."""
    table = load_actors()
    if text.strip().upper() in table.actors:
        return text.strip().upper()
    for written in (text, text.title()):
        codes = {alias.code for alias in table.lookup(written)}
        if len(codes) == 1:
            return codes.pop()
    return None


def _read(text: str) -> str | None:
    """The actor for whom a text stands, also by a leader or a capital."""
    found = _exact(text) or load_actors().resolve(text.strip() or "?")
    return found if found is None or isinstance(found, str) else found.code

"""Where states lie: their outlines for maps, and how far they are from each other.

Both are read from `ontologies/outlines.json` and `ontologies/distances.tsv`, which `kg.geo.reduce` makes of
Natural Earth (public domain). States too small for that map are points (`ontologies/small_states.tsv`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from kg.errors import OntologyError
from kg.resources import resource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["distances", "outlines", "places", "table_rows"]

Ring = tuple[tuple[float, float], ...]
"""A closed line of (longitude, latitude) in degrees."""


def table_rows(name: str) -> list[list[str]]:
    """Cells of a tab-separated table in `ontologies/`, without comment lines and the line of column names.

    `OntologyError` with file and line where a row has another number of cells than the head.
    """
    path = resource("ontologies", name)
    rows: list[list[str]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if rows and len(cells) != len(rows[0]):
            raise OntologyError(f"{path}:{number}: {len(cells)} cells where the head has {len(rows[0])}")
        rows.append(cells)
    return rows[1:]


@lru_cache(maxsize=1)
def outlines() -> Mapping[str, tuple[Ring, ...]]:
    """Outlines by code of the state (ISO 3166-1 alpha-3, XKX), simplified to about 0.1 degrees."""
    held = json.loads(resource("ontologies", "outlines.json").read_text(encoding="utf-8"))
    return {
        code: tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings)
        for code, rings in held["outlines"].items()
    }


@lru_cache(maxsize=1)
def places() -> Mapping[str, tuple[float, float]]:
    """Where a map puts the mark of each state, (longitude, latitude): the middle of its largest part."""
    found = {code: (float(lon), float(lat)) for code, lat, lon in table_rows("small_states.tsv")}
    for code, rings in outlines().items():
        found[code] = _middle(max(rings, key=lambda ring: abs(_area(ring))))
    return dict(sorted(found.items()))


def _area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def _middle(ring: Ring) -> tuple[float, float]:
    """Centre of gravity of an outline."""
    area = _area(ring)
    x = y = 0.0
    for a, b in pairwise(ring):
        cross = a[0] * b[1] - b[0] * a[1]
        x += (a[0] + b[0]) * cross
        y += (a[1] + b[1]) * cross
    return round(x / (6 * area), 2), round(y / (6 * area), 2)


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, int], NDArray[np.float64]]:
    import numpy as np

    rows = table_rows("distances.tsv")
    full = np.zeros((len(rows), len(rows)))
    for i, (_, cells) in enumerate(rows):
        full[i, :i] = np.array(cells.split(), dtype=np.float64)
    return {code: i for i, (code, _) in enumerate(rows)}, full + full.T


def distances(codes: Sequence[str] | Iterable[str]) -> NDArray[np.float64]:
    """Kilometres between the nearest points of each two actors, as a square matrix in the order of `codes`.

    0 for neighbours and for an actor with itself; nan where an actor is no place (an organisation, an armed
    group). Outlines are coarse: take a distance below 100 km as "near".

    >>> distances(["IND", "PAK", "UNO"])[0, 1:].tolist()
    [0.0, nan]
    """
    import numpy as np

    place, full = _table()
    wanted = list(codes)
    index = np.array([place.get(code, -1) for code in wanted], dtype=np.int64)
    found = full[np.ix_(index, index)]
    known = index >= 0
    return np.where(known[:, None] & known[None, :], found, np.nan)

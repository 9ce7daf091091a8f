"""Make `ontologies/outlines.json` and `ontologies/distances.tsv` of Natural Earth's 1:110m countries.

    python -m kg.geo.reduce FOLDER     # the folder that holds ne_110m_admin_0_countries.shp and .dbf

The same files give the same bytes.
"""

from __future__ import annotations

import json
import struct
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.errors import InputError
from kg.geo import table_rows
from kg.resources import resource

Points = NDArray[np.float64]

_CODES = {"KOS": "XKX", "PSX": "PSE", "SDS": "SSD", "SOL": "SOM", "CYN": "CYP", "SAH": "ESH"}
"""Codes of Natural Earth that are not those of this package. Parts not widely recognised join the state."""

_RADIUS = 6371.0
_TOLERANCE = 0.08
_SAME = 8.0  # outlines share their points exactly; single precision does not keep them so


def records(path: Path) -> list[dict[str, str]]:
    """Rows of a dBASE file."""
    data = path.read_bytes()
    count, header, length = struct.unpack("<IHH", data[4:12])
    fields, at = [], 32
    while data[at] != 0x0D:
        fields.append((data[at : at + 11].split(b"\0")[0].decode(), data[at + 16]))
        at += 32
    rows = []
    for i in range(count):
        begin, row = header + i * length + 1, {}
        for name, size in fields:
            row[name] = data[begin : begin + size].decode("utf-8").strip("\0 ")
            begin += size
        rows.append(row)
    return rows


def polygons(path: Path) -> list[list[Points]]:
    """Rings of each shape of a shapefile of polygons."""
    data, at, found = path.read_bytes(), 100, []
    while at < len(data):
        size = struct.unpack(">II", data[at : at + 8])[1] * 2
        shape = data[at + 8 : at + 8 + size]
        at += 8 + size
        if struct.unpack("<I", shape[:4])[0] != 5:
            raise InputError(f"{path}: holds something else than polygons; take ne_110m_admin_0_countries")
        parts, total = struct.unpack("<II", shape[36:44])
        starts = [*struct.unpack(f"<{parts}I", shape[44 : 44 + 4 * parts]), total]
        points = np.frombuffer(shape[44 + 4 * parts : 44 + 4 * parts + 16 * total], "<f8").reshape(-1, 2)
        found.append([points[a:b] for a, b in pairwise(starts)])
    return found


def simplify(ring: Points, tolerance: float = _TOLERANCE) -> Points:
    """Fewer points, none further than `tolerance` degrees from the line (Douglas and Peucker 1973)."""
    keep = np.zeros(len(ring), dtype=bool)
    keep[[0, -1]] = True
    middle = int(np.argmax(np.hypot(*(ring - ring[0]).T)))  # a closed ring has no chord of its own
    keep[middle] = True
    waiting = [(0, middle), (middle, len(ring) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        chord, inner = ring[last] - ring[first], ring[first + 1 : last] - ring[first]
        length = float(np.hypot(*chord))
        away = (
            np.abs(inner[:, 0] * chord[1] - inner[:, 1] * chord[0]) / length
            if length
            else np.hypot(inner[:, 0], inner[:, 1])
        )
        worst = int(np.argmax(away))
        if away[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return ring[keep]


def spheres(points: Points) -> NDArray[np.float32]:
    """Unit vectors of (longitude, latitude) in degrees."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], 1).astype(np.float32)


def main(folder: str) -> None:
    """Read the map in `folder` and write both files."""
    base = Path(folder) / "ne_110m_admin_0_countries"
    if not base.with_suffix(".shp").is_file():
        raise InputError(f"{base}.shp: is not there; name the folder of Natural Earth's 1:110m countries")
    rings: dict[str, list[Points]] = {}
    for row, shape in zip(records(base.with_suffix(".dbf")), polygons(base.with_suffix(".shp")), strict=True):
        code = _CODES.get(row["ADM0_A3"], row["ADM0_A3"])
        rings.setdefault(code, []).extend(shape)
    points = {code: spheres(np.concatenate(parts)) for code, parts in rings.items()}
    for code, lat, lon in table_rows("small_states.tsv"):
        points.setdefault(code, spheres(np.array([[float(lon), float(lat)]])))
    write_outlines(rings)
    write_distances(points)


def write_outlines(rings: dict[str, list[Points]]) -> None:
    """The outlines, simplified, in hundredths of a degree."""
    held: dict[str, Any] = {
        "source": "Natural Earth 1:110m admin 0 countries, https://www.naturalearthdata.com",
        "licence": "public domain",
        "made by": "python -m kg.geo.reduce FOLDER",
        "outlines": {
            code: [[[round(float(x), 2), round(float(y), 2)] for x, y in simplify(ring)] for ring in parts]
            for code, parts in sorted(rings.items())
        },
    }
    text = json.dumps(held, separators=(",", ":")).replace('],"', '],\n"') + "\n"
    (resource("ontologies") / "outlines.json").write_text(text, encoding="utf-8")


def write_distances(points: dict[str, NDArray[np.float32]]) -> None:
    """The distances as a lower triangle, in whole kilometres."""
    codes = sorted(points)
    every = np.concatenate([points[code] for code in codes])
    starts = np.cumsum([0, *(len(points[code]) for code in codes)])[:-1]
    lines = [
        "# Kilometres between the nearest points of the outlines of each two states, neighbours 0",
        "# Source: Natural Earth 1:110m countries, small_states.tsv; made by: python -m kg.geo.reduce FOLDER",
        "# Licence: public domain. Version date: 2026-11-22.",
        "# Each line has the distances to the states of the lines before it, in their order.",
        "code\tkm",
    ]
    for i, code in enumerate(codes):
        nearest = np.maximum.reduceat((every @ points[code].T).max(axis=1), starts)[:i]
        km = _RADIUS * np.arccos(np.clip(nearest.astype(np.float64), -1, 1))
        cells = " ".join(f"{0 if value < _SAME else round(float(value))}" for value in km)
        lines.append(f"{code}\t{cells}")
    (resource("ontologies") / "distances.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])

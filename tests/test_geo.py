"""Where states lie: outlines, places, distances, and the map that they were made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kg.actors import load_actors
from kg.geo import distances, outlines, places
from kg.geo.reduce import simplify

NATURAL_EARTH = Path(__file__).resolve().parents[2] / "shared/data/geo"


def sovereign():
    actors = load_actors().actors.items()
    return [code for code, actor in actors if actor.kind == "state" and actor.cow and not actor.until]


def test_every_sovereign_state_has_a_place_and_distances():
    codes = sovereign()
    assert [code for code in codes if code not in places()] == []
    assert not np.isnan(distances(codes)).any()


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [
        ("IND", "PAK", 0, 0),
        ("DEU", "FRA", 0, 0),
        ("GBR", "FRA", 20, 80),
        ("RUS", "USA", 40, 120),
        ("CHL", "NOR", 9_000, 12_000),
        ("BHR", "QAT", 10, 100),
    ],
)
def test_distances(one, two, low, high):
    found = distances([one, two])
    assert low <= found[0, 1] == found[1, 0] <= high
    assert found[0, 0] == 0


def test_what_is_no_place_has_no_distance():
    assert np.isnan(distances(["UNO", "IND"])[0, 1])


def test_places_lie_inside_the_bounds_of_their_state():
    for code, rings in outlines().items():
        largest = max(rings, key=len)
        lon, lat = places()[code]
        xs, ys = zip(*(point for ring in rings for point in ring), strict=True)
        assert min(xs) <= lon <= max(xs), code
        assert min(ys) <= lat <= max(ys), code
        assert largest[0] == largest[-1], code


def test_simplifying_keeps_the_shape():
    angles = np.linspace(0, 2 * np.pi, 400)
    ring = np.stack([10 * np.cos(angles), 10 * np.sin(angles)], axis=1)
    ring[-1] = ring[0]
    found = simplify(ring, 0.1)
    assert 10 < len(found) < 80
    assert (found[0] == found[-1]).all()
    assert np.abs(np.hypot(*found.T) - 10).max() < 1e-9


@pytest.mark.shared
@pytest.mark.skipif(not NATURAL_EARTH.is_dir(), reason="needs the map beside the checkout")
def test_the_files_are_those_that_the_map_gives(monkeypatch, tmp_path):
    from kg.geo import reduce

    real = reduce.resource
    written = {name: real("ontologies", name).read_bytes() for name in ("outlines.json", "distances.tsv")}
    monkeypatch.setattr(reduce, "resource", lambda folder, name="": tmp_path)
    reduce.main(str(NATURAL_EARTH))
    for name, data in written.items():
        assert (tmp_path / name).read_bytes() == data

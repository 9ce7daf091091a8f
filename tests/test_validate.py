"""The comparison with data of others: ranks, areas, and a small world whose truth is known."""

from __future__ import annotations

import csv
import itertools
from datetime import date

import numpy as np
import pytest

from kg.errors import InputError
from kg.graph import Graph
from kg.model import Document, Evidence, Span, Statement, When
from kg.validate import Figure, auc, ranks, spearman, validate

STATES = {"IND": 750, "PAK": 770, "CHN": 710, "USA": 2, "RUS": 365, "FRA": 220, "BRA": 140, "NGA": 475}


@pytest.fixture
def truth(tmp_path):
    def write(name, *rows):
        with (tmp_path / name).open("w", newline="") as out:
            csv.writer(out).writerows(rows)

    states = [[code, 1950, 2016] for code in STATES.values()]
    write("peacesciencer_cow_states.csv", ["ccode", "styear", "endyear"], *states)
    write("peacesciencer_tss_rivalries.csv", ["ccode1", "ccode2", "start", "end"], [750, 770, 1947, 2020])
    write(
        "peacesciencer_cow_mid_ddydisps_2010on.csv",
        ["ccode1", "ccode2", "year", "cowmidongoing"],
        [750, 770, 2014, 1], [710, 750, 2014, 1], [2, 365, 2013, 1],
    )  # fmt: skip
    write(
        "peacesciencer_atop_alliance_2012on.csv", ["ccode1", "ccode2", "year", "atop_defense"],
        [2, 220, 2014, 1], [2, 140, 2014, 1], [220, 140, 2014, 1],
    )  # fmt: skip
    write(
        "historyatstate_visits_travels.csv",
        ["kind", "start", "end", "person", "country_id", "country", "remarks"],
        ["visit_to_usa", "2014-03-01", "", "", "", "France", ""],
        ["president_trip", "2014-04-01", "", "", "", "France", ""],
        ["president_trip", "2013-04-01", "", "", "", "India", ""],
    )  # fmt: skip
    return tmp_path


@pytest.fixture
def graph():
    rng = np.random.default_rng(2)
    acts = {("IND", "PAK"): ("accuse", 30), ("CHN", "IND"): ("mobilize", 9), ("FRA", "USA"): ("consult", 40)}
    held, stmts = Graph(), []
    for a, b in itertools.combinations(sorted(STATES), 2):
        relation, many = acts.get((a, b), ("consult", 2))
        for k in range(many):
            day = date.fromordinal(date(2014, 1, 1).toordinal() + int(rng.integers(365)))
            words = f"{a} {relation} {b} {k}"
            evidence = Evidence("d", Span(0, len(words)), words, words, "hand 1", "by hand")
            stmts.append(Statement(a, relation, b, when=When(day, day), evidence=(evidence,)))
    held.add(Document("d", "text", published=date(2014, 12, 31)), stmts)
    return held


def test_ranks_and_areas_by_hand():
    assert ranks([3, 1, 2, 2]).tolist() == [4, 1, 2.5, 2.5]
    assert auc([1, 2, 3], [False, False, True]) == 1
    assert auc([1, 1], [False, True]) == 0.5
    assert auc([1, 2], [True, True]) is None
    assert spearman([1, 2, 3], [3, 2, 1]) == -1
    assert spearman([1, 1, 1], [1, 2, 3]) is None


def test_a_small_world(graph, truth):
    figures = {figure.name.partition(":")[0]: figure for figure in validate(graph, truth)}
    rivals = figures["tension finds strategic rivals"]
    assert (rivals.value, rivals.cases, rivals.n) == (1, 1, 28)
    assert figures["tension finds militarised disputes"].value == 1
    visits = figures["engagement goes with visits to and from the United States"]
    assert visits.n == 7
    assert visits.value > 0.3


def test_a_year_without_events_and_a_folder_without_files(graph, truth, tmp_path):
    with pytest.raises(InputError, match="no event between states in 1999"):
        validate(graph, truth, year=1999)
    with pytest.raises(InputError, match=r"peacesciencer_cow_states.csv: cannot be read"):
        validate(graph, tmp_path / "none")


def test_figures_hold_or_not():
    assert Figure("x", 0.7396, 0.74, 10).holds
    assert not Figure("x", 0.739, 0.74, 10).holds
    assert not Figure("x", None, 0.74, 10).holds
    assert str(Figure("x", 0.5, 0.74, 10, 2)) == "LOW   0.500 (bar 0.74)  x, 2 of 10 pairs"

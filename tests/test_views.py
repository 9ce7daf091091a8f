"""The formulas by hand, the views on small sets of statements, and what must hold for any set."""

from __future__ import annotations

import itertools
import json
import math
from datetime import date, timedelta

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import InputError
from kg.model import Document, Evidence, Span, Statement, When
from kg.ontology import load_ontology
from kg.views import VIEWS, Selection, make_view, measures, publication_dates, view_options
from kg.views.gamma import gamma_cdf, gamma_quantile, log_gamma
from kg.views.sums import aggregate
from kg.views.table import Table, window

DAY = date(2024, 6, 1)


def say(source, relation, target, day=DAY, *, doc="d1", quote="words", polarity="+", status="actual", **more):
    """A statement; `day` is a date, an interval or None."""
    when = When(day, day) if isinstance(day, date) else day
    evidence = Evidence(doc, Span(0, len(quote)), quote, f"{quote}.", "hand 1", more.pop("rule", "by hand"))
    return Statement(source, relation, target, polarity, status, when, evidence=(evidence,), **more)


def only(view):
    assert len(view.rows) == 1, view.rows
    return view.rows[0]


def edges(view):
    return {(a, b): data for a, b, data in view.graph.edges(data=True)}


# --- Formulas ------------------------------------------------------------------------------------------


def test_decay_halves():
    assert measures.decay([0, 45, 90], 90).tolist() == pytest.approx([1, 2**-0.5, 0.5])
    assert measures.decay([0, 1e6], None).tolist() == [1, 1]


@pytest.mark.parametrize("half_life", [0, -1, float("nan")])
def test_decay_refuses_a_half_life_that_is_none(half_life):
    with pytest.raises(ValueError, match="half-life"):
        measures.decay(1, half_life)


def test_exposure_is_the_sum_of_the_weights():
    # Days of a window, each at its middle, weighed one by one.
    by_hand = sum(2 ** (-(k + 0.5) / 90) for k in range(365))
    assert measures.exposure(365, 90) == pytest.approx(by_hand, rel=1e-4)
    assert measures.exposure(365, 90, lead=90) == pytest.approx(by_hand / 2, rel=1e-4)


def test_expected_events_of_all_pairs_add_up_to_the_total():
    m = np.array([3.5, 1.5, 0.5, 7.5])
    one, two = np.triu_indices(4, 1)
    found = measures.expected(11.0, m[one], m[two], m)
    assert found.sum() == pytest.approx(11)
    assert found[0] == pytest.approx(11 * 3.5 * 1.5 / sum(a * b for a, b in itertools.combinations(m, 2)))


def test_level_by_hand():
    # 4 events of severity 3 in 90 days: 4 points a month; log2(1 + 4).
    assert measures.level(4, 3, 90) == pytest.approx(math.log2(5))
    assert measures.level(0, 9, 90) == 0


def test_severity_is_shrunk_by_three_pseudo_events():
    assert measures.severity_mean(18, 2, 4) == pytest.approx((18 + 12) / 5)
    assert measures.severity_mean(0, 0, 4) == pytest.approx(4)


def test_surprise_is_none_when_as_expected():
    assert measures.surprise(2.5, 2.5) == 0
    assert measures.surprise(0.7, 0.1) == pytest.approx(2)


def test_share_without_a_basis_for_a_prior_is_laplace():
    assert measures.share([3], [1]).tolist() == pytest.approx([4 / 6])


def test_share_with_prior_by_moments():
    conflict, cooperation = [1, 5, 9, 0], [9, 5, 1, 1]
    p = np.array([0.1, 0.5, 0.9])
    weight = p.mean() * (1 - p.mean()) / p.var() - 1
    alpha = p.mean() * weight
    assert measures.share(conflict, cooperation)[3] == pytest.approx(alpha / (1 + weight))


def test_alignment_compares_thick_pairs_only():
    n = [5, 5, 5, 1]
    found = measures.alignment([1, 2, 3, 9], [3, 2, 1, 9], n)
    z = math.sqrt(1.5)
    assert found[:3].tolist() == pytest.approx([-2 * z, 0, 2 * z])
    assert measures.alignment([1, 2, 3], [3, 2, 1], [5, 5, 4]) is None
    assert measures.alignment([1, 1, 1], [3, 2, 1], [5, 5, 5]) is None


def test_reciprocity_and_initiative():
    assert measures.reciprocity([2, 0, 3], [2, 4, 1]).tolist() == pytest.approx([1, 0, 0.5])
    assert measures.initiative([2, 0, 3], [2, 4, 1]).tolist() == pytest.approx([0, -1, 0.5])
    assert np.isnan(measures.reciprocity([0], [0])).all()


@pytest.mark.parametrize("x", [1e-3, 0.5, 1, 1.5, 2, 7.25, 50, 1e4])
def test_log_gamma_agrees_with_the_standard_library(x):
    assert log_gamma(x) == pytest.approx(math.lgamma(x), rel=1e-12, abs=1e-12)


# Tables of the chi-squared distribution: a quantile of df degrees of freedom is twice that of Gamma(df / 2).
@pytest.mark.parametrize(
    ("p", "df", "chi2"),
    [
        (0.95, 1, 3.841459),
        (0.95, 2, 5.991465),
        (0.05, 10, 3.940299),
        (0.95, 10, 18.307038),
        (0.95, 100, 124.342113),
    ],
)
def test_gamma_quantiles_of_printed_tables(p, df, chi2):
    assert 2 * gamma_quantile(p, df / 2) == pytest.approx(chi2, rel=1e-6)


@pytest.mark.parametrize("shape", [0.02, 0.3, 1, 4.5, 80, 3000])
def test_quantile_inverts_the_distribution(shape):
    for p in (0.05, 0.5, 0.95):
        assert gamma_cdf(gamma_quantile(p, shape), shape) == pytest.approx(p, rel=1e-7)


def negative_binomial(a, c, counts, expectations):
    """Log-likelihood of counts, written out with the standard library."""
    total = 0.0
    for k, e in zip(counts, expectations, strict=True):
        q = c * e / (a + c * e)
        total += (
            math.lgamma(a + k) - math.lgamma(a) - math.lgamma(k + 1) + k * math.log(q) + a * math.log(1 - q)
        )
    return total


def test_prior_is_the_maximum_of_the_likelihood():
    counts = [9, 1, 2, 0, 0, 14, 0, 3, 0, 1]
    expectations = [4.0, 2.0, 2.5, 1.0, 0.5, 6.0, 3.0, 2.0, 1.0, 0.7]
    seen = [i for i, k in enumerate(counts) if k]
    prior = measures.fit_prior(
        [counts[i] for i in seen],
        [expectations[i] for i in seen],
        [e for k, e in zip(counts, expectations, strict=True) if not k],
    )
    best = negative_binomial(prior.a, prior.c, counts, expectations)
    for a in np.geomspace(0.01, 100, 60):
        for c in np.geomspace(0.1, 10, 60):
            assert negative_binomial(a, c, counts, expectations) <= best + 1e-9


def test_nearness_falls_with_distance_and_is_neutral_where_unknown():
    assert measures.nearness([0, 100, 300], 1).tolist() == pytest.approx([1, 0.5, 0.25])
    assert measures.nearness([0, 700], 0).tolist() == [1, 1]
    assert measures.nearness([0, 300, float("nan")], 1).tolist() == pytest.approx([1, 0.25, 0.625])


def test_distance_counts_only_where_the_events_ask_for_it():
    rng = np.random.default_rng(4)
    km = rng.choice([0.0, 500.0, 4000.0, 9000.0], 400)
    expectation = rng.gamma(1, 1, 400)
    far = rng.poisson(expectation)
    near = rng.poisson(expectation * 6 * measures.nearness(km, 0.9))
    none = np.zeros(0)
    assert measures.fit_nearness(far, expectation, km, none, none) == 0
    assert measures.fit_nearness(near, expectation, km, none, none) == pytest.approx(0.9, abs=0.15)
    assert measures.fit_nearness(near, expectation, np.full(400, np.nan), none, none) == 0


def test_no_event_no_prior():
    assert measures.fit_prior([], [], [1.0, 2.0]) is None


def test_posterior_lies_between_data_and_prior():
    prior = measures.Prior(a=2.0, c=1.0)
    # (a + K) / (a / E + 1) = (2 + 6) / (2 / 2 + 1)
    assert prior.mean(6, 2) == pytest.approx(4)
    assert 2 < prior.mean(6, 2) < 6
    assert 0 < prior.mean(0, 2) < 2


def test_interval_widens_with_dispersion():
    narrow, wide = measures.interval(10, 1, 1.0), measures.interval(10, 1, 2.3)
    assert wide[0] < narrow[0] < 10 < narrow[1] < wide[1]
    assert 2 * narrow[1] == pytest.approx(31.410433, rel=1e-6)  # chi-squared, 20 degrees of freedom, 0.95


def test_dispersion_is_pooled_and_falls_back():
    rows = np.array([[4, 0] * 5] * 5)
    assert measures.dispersion(rows) == pytest.approx(np.var([4, 0] * 5, ddof=1) / 2)
    assert measures.dispersion(rows[:4]) == measures.DISPERSION
    assert measures.dispersion(np.ones((5, 10))) == 1.0


def test_tail_by_hand():
    # One event in 3 weeks: P(0) = 3/4, P(1) = 3/4 * 1/4.
    assert measures.tail(0, 1, 3) == 1
    assert measures.tail(1, 1, 3) == pytest.approx(1 / 4)
    assert measures.tail(2, 1, 3) == pytest.approx(1 / 16)
    assert measures.tail(3, 2.5, 10) < measures.tail(2, 2.5, 10)


def test_change_points_are_where_the_level_breaks():
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.2, 60)
    level = np.repeat([0.0, 3.0, 1.0], 20)
    assert measures.change_points(level + noise) == [20, 40]
    assert measures.change_points(noise) == []
    assert measures.change_points(np.ones(60)) == []
    assert measures.change_points(level[15:25] + noise[:10]) == []  # too short for two segments of 6


def test_change_points_are_those_of_pelt():
    ruptures = pytest.importorskip("ruptures")
    rng = np.random.default_rng(8)
    for _ in range(20):
        level = np.repeat(rng.integers(0, 4, 5), rng.integers(6, 30, 5)).astype(float)
        series = level + rng.normal(0, 0.4, len(level))
        noise = float(np.mean(np.diff(series) ** 2)) / 2
        penalty = 2 * math.log(len(series)) * noise
        pelt = ruptures.Pelt(model="l2", min_size=6, jump=1).fit(series).predict(pen=penalty)
        assert measures.change_points(series) == pelt[:-1]


# --- The table -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "published", "expected"),
    [
        pytest.param(DAY, date(2024, 6, 3), DAY, id="own date"),
        pytest.param(None, date(2024, 6, 3), date(2024, 6, 3), id="no date: day of publication"),
        pytest.param(When.year(2023), date(2024, 6, 3), date(2023, 7, 2), id="a year: its middle"),
        pytest.param(When.year(2024), date(2024, 3, 1), date(2024, 3, 1), id="not after it was reported"),
        pytest.param(DAY, date(2024, 5, 1), date(2024, 5, 1), id="dated later than the report"),
        pytest.param(When.month(2023, 6), None, date(2023, 6, 15), id="no publication"),
    ],
)
def test_day_of_an_event(day, published, expected):
    table = Table.from_statements([say("IND", "consult", "AFG", day)], {"d1": published})
    assert date.fromordinal(int(table.day[0])) == expected


def test_window_starts_with_the_year_of_the_first_publication():
    stmts = [say("IND", "consult", "AFG", date(1971, 3, 1)), say("IND", "consult", "AFG", doc="d2")]
    published = {"d1": date(2023, 5, 1), "d2": date(2024, 6, 2)}
    view = make_view("engagement", stmts, published)
    assert (view.parameters["since"], view.parameters["until"]) == ("2023-01-01", "2024-06-01")
    assert view.left_out["outside the window"] == 1
    assert only(view)["n"] == 1


def test_statements_that_do_not_count_are_counted_by_reason():
    stmts = [
        say("IND", "consult", "PAK"),
        say("IND", "accuse", "PAK", status="alleged"),
        say("IND", "assault", "PAK", polarity="-"),
        say("IND", "sanction", "PAK", status="intended"),
        say("IND", "aid", "PAK", None),
        say("IND", "aid", "UNO"),
        say("IND", "aid", "PAK", date(2020, 1, 1)),
        say("IND", "borders", "PAK"),
    ]
    view = make_view("engagement", stmts, since=date(2024, 1, 1))
    assert view.left_out == {
        "not affirmed and actual": 3,
        "not between the chosen actors": 1,
        "undated": 1,
        "outside the window": 1,
    }
    assert view.parameters["events"] == 1


def test_records_are_one_a_day_and_keep_all_their_statements():
    stmts = [
        say("IND", "accuse", "PAK", doc="d1"),
        say("IND", "accuse", "PAK", doc="d2"),
        say("IND", "accuse", "PAK", DAY + timedelta(1), doc="d3"),
        say("PAK", "accuse", "IND", doc="d4"),
        say("IND", "consult", "PAK", doc="d5"),
        say("PAK", "consult", "IND", doc="d6"),
    ]
    pairs = aggregate(table := Table.from_statements(stmts), window(table))
    assert (pairs.conflict.n.tolist(), pairs.cooperation.n.tolist()) == ([3], [1])
    assert (pairs.conflict.forth.tolist(), pairs.conflict.back.tolist()) == ([2], [1])
    assert (pairs.cooperation.forth.tolist(), pairs.cooperation.back.tolist()) == ([0.5], [0.5])
    assert set(pairs.statements(0)) == {stmt.id for stmt in stmts}
    assert set(pairs.statements(0, "cooperation")) == {stmts[4].id, stmts[5].id}


# --- Pairs ---------------------------------------------------------------------------------------------


def severity(relation):
    return load_ontology().relations[relation].severity


def test_tension_by_hand():
    stmts = [say("IND", "accuse", "PAK", DAY), say("PAK", "assault", "IND", DAY + timedelta(59))]
    row = only(make_view("tension", stmts, since=DAY, until=DAY + timedelta(89)))
    points = severity("accuse") + severity("assault")
    assert row["tension"] == pytest.approx(math.log2(1 + 30 * points / 90), abs=1e-4)
    assert (row["n_conflict"], row["n"], row["thin"]) == (2, 2, True)
    assert (row["first"], row["last"]) == ("2024-06-01", "2024-07-30")
    assert row["material_share"] == 0.5
    assert row["top_types"] == "accuse:1 assault:1"


def test_tension_of_the_only_pair_is_what_was_counted():
    # The only pair there is: E = K and a at its limit, so rate and severity stay as they are.
    stmts = [say("IND", "sanction", "PAK", DAY + timedelta(i)) for i in range(4)]
    row = only(make_view("tension", stmts, since=DAY, until=DAY + timedelta(29)))
    assert row["expected"] == pytest.approx(4)
    assert row["tension"] == pytest.approx(math.log2(1 + 4 * severity("sanction")), abs=1e-3)
    assert row["relative"] == pytest.approx(0, abs=1e-3)


def test_tension_fades():
    stmts = [say("IND", "sanction", "PAK", DAY)]
    fresh = only(make_view("tension", stmts, since=DAY, until=DAY + timedelta(29), half_life=30))
    points = severity("sanction") * 2 ** (-29 / 30)
    worth = 30 / math.log(2) * (1 - 2 ** (-30 / 30))
    assert fresh["tension"] == pytest.approx(math.log2(1 + 30 * points / worth), abs=1e-4)


def test_engagement_by_hand():
    stmts = [
        say("IND", "aid", "AFG", DAY),
        say("AFG", "consult", "IND", DAY + timedelta(1)),
        say("IND", "accuse", "AFG", DAY + timedelta(2)),
    ]
    row = only(make_view("engagement", stmts, since=DAY, until=DAY + timedelta(29)))
    assert row["engagement"] == pytest.approx(math.log2(1 + severity("aid") + severity("consult")), abs=1e-4)
    assert row["n_coop"] == 2
    assert row["active_weeks"] == 1  # Saturday and Sunday of one week
    assert row["reciprocity"] == pytest.approx(2 * 0.5 / 2)


def test_no_data_is_no_row_and_silence_is_not_zero():
    stmts = [say("IND", "accuse", "PAK"), say("CHN", "accuse", "USA")]
    view = make_view("tension", stmts)
    assert {(row["source"], row["target"]) for row in view.rows} == {("IND", "PAK"), ("CHN", "USA")}
    ring = ["CHN", "IND", "PAK", "USA", "RUS", "IRN", "CHN"]
    stmts = [
        say(a, "accuse", b, DAY + timedelta(9 * k)) for a, b in itertools.pairwise(ring) for k in range(9)
    ]
    every = make_view("tension", stmts, all_pairs=True)
    states = {end for row in every.rows for end in (row["source"], row["target"])}
    assert len(states) > 180
    assert len(every.rows) == len(states) * (len(states) - 1) / 2
    silent = next(row for row in every.rows if (row["source"], row["target"]) == ("CHN", "PAK"))
    quiet = next(row for row in every.rows if (row["source"], row["target"]) == ("CHL", "FJI"))
    assert 0 < quiet["tension"] < silent["tension"] < every.rows[0]["tension"]
    assert silent["share"] is None
    assert silent["first"] is None


def test_only_requests_between_two_states_are_no_tension():
    assert make_view("tension", [say("IND", "request", "PAK")]).rows == []


def test_alleged_acts_count_half_if_asked_for():
    stmts = [say("IND", "sanction", "PAK"), say("PAK", "sanction", "IND", status="alleged")]
    plain = only(make_view("tension", stmts))
    half = only(make_view("tension", stmts, alleged=0.5))
    assert (plain["n_conflict"], half["n_conflict"]) == (1, 2)
    assert 2 ** half["tension"] - 1 == pytest.approx(1.5 * (2 ** plain["tension"] - 1), rel=1e-3)


def test_states_are_the_default_and_others_can_be_chosen():
    stmts = [say("IND", "accuse", "PAK"), say("UNO", "accuse", "PAK"), say("IND", "accuse", "TTP")]
    assert len(make_view("tension", stmts)) == 1
    assert len(make_view("tension", stmts, actors="all")) == 3
    assert only(make_view("tension", stmts, actors=["UNO", "PAK"]))["target"] == "UNO"


def many():
    """Five pairs of four states with enough events of both kinds to compare."""
    found = []
    for i, (a, b) in enumerate(itertools.combinations(["CHN", "IND", "PAK", "USA"], 2)):
        for k in range(4 + 3 * i):
            relation = ("accuse", "consult", "aid", "sanction", "support")[(i * k + i) % 5]
            found.append(say(a, relation, b, DAY + timedelta(5 * k + i), doc=f"d{k}"))
    return found


def test_alignment_has_both_axes_and_ranks_the_closest_first():
    view = make_view("alignment", many())
    assert [row["alignment"] for row in view if not row["thin"]] == sorted(
        (row["alignment"] for row in view if not row["thin"]), reverse=True
    )
    assert [row["thin"] for row in view] == sorted(row["thin"] for row in view)
    data = view.graph.edges["CHN", "IND"]
    assert {"tension", "engagement", "share", "alignment", "n", "statements"} <= set(data)


def test_ego_is_the_part_of_alignment_around_one_actor():
    whole = {(row["source"], row["target"]): row for row in make_view("alignment", many())}
    view = make_view("ego", many(), center="USA")
    assert len(view) == 3
    for row in view:
        assert "USA" in (row["source"], row["target"])
        assert row == whole[row["source"], row["target"]]
    with pytest.raises(InputError, match="FJI"):
        make_view("ego", many(), center="FJI")


def test_actions_by_hand():
    stmts = [
        say("IND", "accuse", "PAK"),
        say("IND", "accuse", "PAK", DAY + timedelta(1)),
        say("PAK", "sanction", "IND"),
        say("PAK", "consult", "IND"),
    ]
    view = make_view("actions", stmts)
    forth, back = view.graph.edges["IND", "PAK"], view.graph.edges["PAK", "IND"]
    assert (forth["n_accuse"], forth["n_consult"], back["n_sanction"], back["n_consult"]) == (2, 1, 1, 1)
    assert forth["severity"] == 2 * severity("accuse")
    assert forth["initiative"] == -back["initiative"] == pytest.approx((2.5 - 1.5) / 4)
    assert view.graph.nodes["IND"]["out_conflict"] == 2
    assert view.graph.nodes["IND"]["in_conflict"] == 1
    assert set(forth["statements"]) == {stmts[0].id, stmts[1].id, stmts[3].id}


def test_timeline_by_hand():
    stmts = [say("IND", "sanction", "PAK", DAY), say("IND", "aid", "PAK", DAY + timedelta(10))]
    view = make_view("timeline", stmts, pair=("PAK", "IND"), since=DAY, until=DAY + timedelta(13))
    assert [row["week"] for row in view] == ["2024-06-07", "2024-06-14"]
    worth = 90 / math.log(2)
    first, second = view.rows
    points = severity("sanction") * 2 ** (-6 / 90)
    assert first["tension"] == pytest.approx(math.log2(1 + 30 * points / worth), abs=1e-4)
    assert (first["engagement"], first["n_conflict"], second["n_conflict"], second["n_coop"]) == (0, 1, 0, 1)
    points = severity("aid") * 2 ** (-3 / 90)
    assert second["engagement"] == pytest.approx(math.log2(1 + 30 * points / worth), abs=1e-4)
    assert second["tension"] < first["tension"]
    with pytest.raises(InputError, match="IND and USA"):
        make_view("timeline", stmts, pair=("IND", "USA"))


def test_an_unusual_week_is_surprising():
    calm = [say("IND", "accuse", "PAK", DAY + timedelta(28 * k)) for k in range(12)]
    last = DAY + timedelta(28 * 12)
    storm = [
        say("IND", kind, "PAK", last - timedelta(k)) for k in range(3) for kind in ("assault", "threaten")
    ]
    weeks = make_view("timeline", calm + storm, pair=("IND", "PAK"), until=last).rows
    assert weeks[-1]["n_conflict"] == 6
    assert weeks[-1]["p_surprise"] < 0.001
    assert min(row["p_surprise"] for row in weeks[20:-2] if row["p_surprise"] is not None) > 0.001


def test_alerts_find_surges_and_breaks():
    calm = [say("IND", "accuse", "PAK", DAY + timedelta(14 * k)) for k in range(26)]
    storm = [
        say("IND", kind, "PAK", DAY + timedelta(14 * 26 + 2 * k), doc=f"s{k}")
        for k in range(40)
        for kind in ("assault", "threaten", "coerce", "reject")
    ]
    view = make_view("alerts", calm + storm, since=DAY, until=DAY + timedelta(14 * 26 + 79))
    surges = [row for row in view if row["kind"] == "surge"]
    changes = [row["week"] for row in view if row["kind"] == "change"]
    began = DAY + timedelta(14 * 26)
    assert {(row["source"], row["target"], row["axis"]) for row in surges} == {("IND", "PAK", "tension")}
    first = min(row["week"] for row in surges)
    assert began <= date.fromisoformat(first) < began + timedelta(14)
    assert len(changes) == 1
    assert abs((date.fromisoformat(changes[0]) - began).days) <= 14
    assert make_view("alerts", calm).rows == []


def test_overview_tells_of_pairs_that_share_no_actor():
    stmts = many() + [say("JPN", "accuse", "KOR", DAY + timedelta(k)) for k in range(6)]
    parts = make_view("overview", stmts).parts
    told = [end for part in parts for end in (part.rows[0]["source"], part.rows[0]["target"])]
    assert len(told) == len(set(told)) == 6


# --- Readings ------------------------------------------------------------------------------------------


def test_states_keep_denied_and_alleged_readings_apart():
    stmts = [
        say("IND", "has_mission_in", "AFG", date(2021, 8, 31), polarity="-", doc="d1"),
        say("IND", "has_mission_in", "AFG", date(2024, 11, 5), doc="d2"),
        say("PAK", "present_in", "AFG", status="alleged"),
    ]
    view = make_view("states", stmts)
    assert sorted(view.graph.edges(keys=True)) == [
        ("IND", "AFG", "has_mission_in"),
        ("IND", "AFG", "not has_mission_in"),
        ("PAK", "AFG", "alleged present_in"),
    ]
    holds = {(row["relation"], row["polarity"]): row["holds"] for row in view}
    assert holds == {
        ("has_mission_in", "+"): True,
        ("has_mission_in", "-"): False,
        ("present_in", "+"): False,
    }
    before = make_view("states", stmts, at=date(2022, 1, 1))
    assert only(before)["holds"] is True
    assert only(before)["polarity"] == "-"


def test_symmetric_states_are_one_edge():
    stmts = [say("PAK", "borders", "AFG", doc="d1"), say("AFG", "borders", "PAK", doc="d2")]
    row = only(make_view("states", stmts))
    assert (row["source"], row["target"], row["n"]) == ("AFG", "PAK", 2)


def test_missions():
    stmts = [
        say("IND", "has_mission_in", "AFG", date(2013, 1, 1), quote="its embassy in Kabul", doc="d1"),
        say("IND", "has_mission_in", "AFG", date(2021, 8, 15), polarity="-", doc="d2"),
        say("AFG", "has_mission_in", "IND", date(2024, 11, 1), quote="the consulate in Mumbai", doc="d3"),
        say("USA", "has_mission_in", "AFG", status="intended", doc="d4"),
    ]
    view = make_view("missions", stmts)
    assert set(edges(view)) == {("IND", "AFG"), ("AFG", "IND")}
    india = view.graph.edges["IND", "AFG"]
    assert (india["open"], india["since"], india["until"]) == (False, "2013-01-01", "2021-08-15")
    assert india["level"] == "embassy"
    assert india["reciprocated"] is True
    assert view.graph.edges["AFG", "IND"]["level"] == "consulate"
    assert view.graph.edges["AFG", "IND"]["reciprocated"] is False
    assert (view.graph.nodes["IND"]["n_out"], view.graph.nodes["IND"]["n_in"]) == (0, 1)


def test_visits_go_to_the_place():
    stmts = [
        say("AFG", "consult", "IND", quote="a visit to Kabul", place="Kabul", target_agents=("J. P. Singh",)),
        say("FRA", "consult", "DEU", quote="visited", doc="d2"),
        say("SAU", "consult", "USA", quote="he flew to Jeddah", target_agents=("Mike Pompeo",), doc="d5"),
        say("USA", "consult", "CHN", quote="held talks", doc="d3"),
        say("USA", "consult", "JPN", quote="will visit", status="intended", doc="d4"),
    ]
    view = make_view("visits", stmts)
    rows = {(row["source"], row["target"]): row for row in view}
    assert set(rows) == {("IND", "AFG"), ("FRA", "DEU"), ("USA", "SAU")}
    assert rows["USA", "SAU"]["person"] == "Mike Pompeo"
    assert rows["IND", "AFG"]["person"] == "J. P. Singh"
    assert (rows["IND", "AFG"]["host_known"], rows["FRA", "DEU"]["host_known"]) == (True, False)


@pytest.mark.parametrize(
    ("view", "relation"), [("sanctions", "sanction"), ("aid", "aid"), ("presence", "present_in")]
)
def test_deeds_in_force(view, relation):
    stmts = [
        say("USA", relation, "IRN", date(2018, 5, 8), doc="d1"),
        say("USA", relation, "IRN", date(2019, 6, 1), doc="d2"),
        say("IRN", relation, "USA", polarity="-", doc="d3"),
    ]
    row = only(make_view(view, stmts))
    assert (row["source"], row["since"], row["until"], row["n"]) == ("USA", "2018-05-08", "2019-06-01", 2)


def test_disputed_names_who_says_and_who_denies():
    stmts = [
        say("AFG", "aid", "TTP", status="alleged", speaker="PAK"),
        say("AFG", "reject", "PAK"),
        say("IND", "consult", "PAK", polarity="-", doc="d2"),
        say("IND", "consult", "PAK", DAY + timedelta(9), doc="d3"),
        say("USA", "has_mission_in", "CUB", date(1970, 1, 1), polarity="-", doc="d4"),
        say("USA", "has_mission_in", "CUB", date(2016, 1, 1), doc="d5"),
        say("USA", "aid", "UKR", doc="d6"),
    ]
    rows = {(row["source"], row["target"], row["polarity"]): row for row in make_view("disputed", stmts)}
    assert set(rows) == {("AFG", "TTP", "+"), ("IND", "PAK", "+"), ("IND", "PAK", "-")}
    assert (rows["AFG", "TTP", "+"]["speaker"], rows["AFG", "TTP", "+"]["denied_by"]) == ("PAK", "AFG")
    assert rows["IND", "PAK", "-"]["why"] == "denied"
    assert rows["IND", "PAK", "+"]["why"] == "affirmed"


# --- Structure -----------------------------------------------------------------------------------------


def camps():
    """Two camps of three, friends inside, foes between."""
    left, right = ["AUS", "JPN", "USA"], ["CHN", "IRN", "RUS"]
    found = [say(a, "allied_with", b) for camp in (left, right) for a, b in itertools.combinations(camp, 2)]
    return found + [say(a, "at_odds_with", b) for a in left for b in right]


def test_signed_network_and_its_blocs():
    view = make_view("signed", camps())
    assert {data["sign"] for data in edges(view).values()} == {1, -1}
    blocs = dict(view.graph.nodes(data="bloc"))
    assert blocs == {"AUS": 1, "JPN": 1, "USA": 1, "CHN": 2, "IRN": 2, "RUS": 2}
    assert view.report["frustration"] == 0


def test_two_camps_are_balanced_beyond_chance():
    view = make_view("balance", camps())
    report = view.report
    assert (report["+++"], report["++-"], report["+--"], report["---"]) == (2, 0, 18, 0)
    assert (report["triads"], report["strong"], report["weak"]) == (20, 1.0, 1.0)
    assert report["z"] > 3
    assert len(view) == 20
    assert make_view("balance", camps()[::-1]).report == report


def test_a_pair_with_both_signs_is_marked():
    stmts = [
        say("AUS", "at_odds_with", "CHN", date(2021, 5, 1), doc="d1"),
        say("AUS", "friendly_with", "CHN", date(2023, 11, 6), doc="d2"),
        say("AUS", "friendly_with", "USA", polarity="-", doc="d3"),
    ]
    row = only(make_view("signed", stmts))
    assert (row["sign"], row["conflict"], row["basis"]) == (1, True, "state")


def test_tense_pairs_join_the_signed_network():
    stmts = [say("IND", "assault", "PAK", DAY + timedelta(k)) for k in range(6)]
    row = only(make_view("signed", stmts))
    assert (row["sign"], row["basis"]) == (-1, "event")
    assert len(make_view("signed", stmts[:2])) == 0  # two events say too little


def test_go_betweens_talk_to_both_sides():
    stmts = [
        say("IRN", "assault", "SAU"),
        say("IRN", "accuse", "SAU"),
        say("CHN", "consult", "IRN", doc="d2"),
        say("CHN", "consult", "SAU", doc="d2"),
        say("OMN", "consult", "IRN", doc="d3"),
    ]
    view = make_view("brokers", stmts, since=DAY, until=DAY + timedelta(29))
    china = next(row for row in view if row["actor"] == "CHN")
    assert view.rows[0] == china
    engaged = make_view("engagement", stmts, since=DAY, until=DAY + timedelta(29))
    level = {(row["source"], row["target"]): row["engagement"] for row in engaged}
    weaker = min(level["CHN", "IRN"], level["CHN", "SAU"])
    assert china["go_between"] == pytest.approx(math.log1p(weaker), abs=1e-3)
    assert (china["mediates"], china["mediated"]) == (1, "IRN-SAU")
    assert all(row["go_between"] == 0 for row in view if row["actor"] in ("IRN", "OMN", "SAU"))


# --- What every view is --------------------------------------------------------------------------------


def everything():
    mixed = [
        say("IND", "has_mission_in", "AFG", quote="embassy"),
        say("AFG", "aid", "TTP", status="alleged", speaker="PAK"),
        say("IND", "consult", "AFG", quote="visit", place="Kabul"),
        say("USA", "present_in", "JPN"),
        say("RUS", "recognizes", "AFG", polarity="-"),
    ]
    quarrel = [
        say("IRN", kind, "SAU", DAY + timedelta(220)) for kind in ("assault", "accuse", "coerce", "reject")
    ]
    lone = [say("IRN", "accuse", "SAU", DAY), say("IRN", "threaten", "SAU", DAY + timedelta(220))]
    return many() + camps() + mixed + quarrel + lone


def options_for(name):
    if name == "claims":
        return {"pair": ("IND", "PAK")}
    return {"center": "USA"} if name == "ego" else {}


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_every_edge_opens_to_its_statements(name):
    stmts = everything()
    ids = {stmt.id for stmt in stmts}
    view = make_view(name, stmts, **options_for(name))
    assert view.graph.number_of_edges() > 0
    for a, b, data in view.graph.edges(data=True):
        assert data["statements"]
        assert set(data["statements"]) <= ids
        assert set(data["statements"]) <= set(view.statements(a, b))


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_every_view_can_be_written(name, tmp_path):
    view = make_view(name, everything(), **options_for(name))
    for form in ("csv", "json", "graphml", "gexf", "html"):
        path = view.save(tmp_path / f"view.{form}")
        assert path.read_bytes() == view.render(form)
    assert json.loads((tmp_path / "view.json").read_text())["rows"]
    again = nx.read_graphml(tmp_path / "view.graphml")
    assert set(again) == set(view.graph)
    assert (tmp_path / "view.csv").read_text().count("\n") == len(view) + 1
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_views_do_not_depend_on_the_order_of_the_input(name):
    stmts = everything()
    one = make_view(name, stmts, **options_for(name))
    two = make_view(name, stmts[::-1], **options_for(name))
    assert one.to_json() == two.to_json()
    assert one.to_graphml() == two.to_graphml()


@pytest.mark.parametrize("name", sorted(set(VIEWS) - {"ego", "timeline"}))
def test_views_of_nothing_are_empty(name):
    view = make_view(name, [], **options_for(name))
    assert view.rows == []
    assert view.graph.number_of_edges() == 0


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_views_are_documented(name):
    text = VIEWS[name].__doc__
    assert text
    assert len(text.splitlines()[0]) > 20


def test_options_are_checked():
    assert set(Selection.__annotations__) <= set(view_options("tension"))
    with pytest.raises(InputError, match="no view 'tensions'"):
        make_view("tensions", [])
    with pytest.raises(InputError, match="half_life"):
        make_view("states", [], half_life=90)
    with pytest.raises(InputError, match="needs the option 'center'"):
        make_view("ego", [])
    with pytest.raises(InputError, match="empty"):
        make_view("tension", many(), since=date(2025, 1, 1), until=date(2024, 1, 1))
    with pytest.raises(InputError, match="half-life"):
        make_view("tension", many(), half_life=-1.0)
    with pytest.raises(InputError, match="between 0 and 1"):
        make_view("tension", many(), alleged=2.0)
    assert make_view("tension", many(), half_life=None, since=None)


def test_files_of_unknown_kinds_are_refused(tmp_path):
    view = make_view("tension", many())
    with pytest.raises(InputError, match="xlsx"):
        view.save(tmp_path / "view.xlsx")
    with pytest.raises(InputError, match="cannot be written"):
        view.save(tmp_path / "missing" / "view.csv")


def test_publication_dates():
    documents = [Document("a", "text", published=DAY), Document("b", "text")]
    assert publication_dates(documents) == {"a": DAY, "b": None}


def test_frames_have_the_columns_of_the_rows():
    pytest.importorskip("pandas")
    view = make_view("tension", many())
    assert list(view.to_frame().columns) == view.columns
    assert len(view.to_frame()) == len(view)


def test_a_hundred_thousand_rows_take_seconds():
    import time

    rng = np.random.default_rng(1)
    codes = np.array([f"S{i:03d}" for i in range(180)])
    events = [relation.name for relation in load_ontology().events]
    size = 100_000
    source, target = rng.integers(0, 180, size), rng.integers(0, 179, size)
    target = np.where(target >= source, target + 1, target)
    table = Table.from_columns(
        codes[source].tolist(),
        codes[target].tolist(),
        [events[i] for i in rng.integers(0, len(events), size)],
        (DAY.toordinal() + rng.integers(0, 365, size)).tolist(),
        [0] * size,
        [f"{i:08x}" for i in range(size)],
    )
    start = time.perf_counter()
    view = make_view("tension", table, actors="all")
    assert len(view) > 10_000
    assert time.perf_counter() - start < 10  # about 0.5 s on an idle core


# --- Properties ----------------------------------------------------------------------------------------

CODES = ["AFG", "CHN", "IND", "PAK", "USA"]
EVENTS = [relation.name for relation in load_ontology().events]
STATEMENTS = st.lists(
    st.builds(
        lambda ends, relation, offset, doc, status, polarity: say(
            *(ends[0], relation, ends[1], DAY + timedelta(offset)), doc=doc, status=status, polarity=polarity
        ),
        st.permutations(CODES),
        st.sampled_from(EVENTS),
        st.integers(0, 200),
        st.sampled_from(["d1", "d2", "d3"]),
        st.sampled_from(["actual", "actual", "actual", "alleged", "intended"]),
        st.sampled_from(["+", "+", "+", "-"]),
    ),
    max_size=25,
)
AXES = st.sampled_from(["tension", "engagement"])
FIXED = {"since": DAY, "until": DAY + timedelta(200)}


@settings(max_examples=40, deadline=None)
@given(stmts=STATEMENTS, name=AXES, half_life=st.sampled_from([None, 30.0, 400.0]))
def test_levels_lie_in_their_intervals(stmts, name, half_life):
    for row in make_view(name, stmts, half_life=half_life, **FIXED):
        assert row[name] >= 0
        assert row["lo"] - 1e-4 <= row[name] <= row["hi"] + 1e-4
        assert row["source"] < row["target"]


@settings(max_examples=30, deadline=None)
@given(stmts=STATEMENTS, name=AXES)
def test_reprints_change_no_level(stmts, name):
    again = [
        say(s.source, s.relation, s.target, s.when, doc="reprint", polarity=s.polarity, status=s.status)
        for s in stmts
    ]
    before, after = make_view(name, stmts, **FIXED), make_view(name, stmts + again, **FIXED)
    assert before.rows == after.rows


@settings(max_examples=30, deadline=None)
@given(stmts=STATEMENTS)
def test_requests_change_no_tension(stmts):
    asked = [say("USA", "request", code, DAY + timedelta(7), doc="asked") for code in ("CHN", "IND", "PAK")]
    assert make_view("tension", stmts, **FIXED).rows == make_view("tension", stmts + asked, **FIXED).rows


@settings(max_examples=30, deadline=None)
@given(stmts=STATEMENTS, name=AXES)
def test_pairs_are_undirected(stmts, name):
    turned = [
        say(s.target, s.relation, s.source, s.when, doc=s.document, polarity=s.polarity, status=s.status)
        for s in stmts
    ]
    keys = ("source", "target", name, "lo", "hi", "n")
    one, two = (make_view(name, given_, **FIXED).rows for given_ in (stmts, turned))
    assert [[row[key] for key in keys] for row in one] == [[row[key] for key in keys] for row in two]


@settings(max_examples=30, deadline=None)
@given(stmts=STATEMENTS, data=st.data())
def test_any_order_gives_the_same_bytes(stmts, data):
    mixed = data.draw(st.permutations(stmts))
    assert (
        make_view("alignment", stmts, **FIXED).to_json() == make_view("alignment", mixed, **FIXED).to_json()
    )


@settings(max_examples=30, deadline=None)
@given(stmts=STATEMENTS)
def test_one_more_hostile_act_never_lowers_tension(stmts):
    more = [*stmts, say("IND", "assault", "PAK", DAY + timedelta(100), doc="new")]
    level = {(r["source"], r["target"]): r["tension"] for r in make_view("tension", stmts, **FIXED)}
    after = {(r["source"], r["target"]): r["tension"] for r in make_view("tension", more, **FIXED)}
    assert after["IND", "PAK"] >= level.get(("IND", "PAK"), 0)

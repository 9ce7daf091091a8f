"""The formulas behind the views: numbers in, numbers out, nothing about graphs or texts.

Every function works on single numbers and on arrays alike. Two axes, conflict and cooperation, are always
measured apart: a net score cannot tell a pair that quarrels and trades from a pair that does neither.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kg.views.gamma import Floats, gamma_quantile, log_gamma

THIN = 5
"""Pairs with fewer events than this are marked thin: their numbers say little."""

MONTH = 30.0
"""Days in the unit of time of tension and engagement."""

DISPERSION = 2.3
"""Variance over mean of weekly counts, for data too small to tell: the median of pairs in ICEWS 2012-2015."""

NEAR = 100.0
"""Kilometres that still count as near: about the error of the outlines that distances are measured on."""

_ENOUGH_PAIRS = 2_500
_PSEUDO_EVENTS = 3.0
_MIN_SHAPE, _MAX_SHAPE = 1e-3, 1e3


def decay(age: ArrayLike, half_life: float | None) -> Floats:
    """Weight of an event that is `age` days old: `w = 2 ** (-age / half_life)`.

    Range (0, 1] for ages >= 0; `half_life` is in days, None means that nothing fades (all weights 1).

    >>> decay([0, 90, 180], 90).tolist()
    [1.0, 0.5, 0.25]
    """
    days = np.asarray(age, dtype=np.float64)
    if half_life is None:
        return np.ones_like(days)
    if not half_life > 0:
        raise ValueError(f"half-life must be a number of days above 0, not {half_life}")
    return np.asarray(np.exp2(-days / half_life))


def exposure(days: float, half_life: float | None, lead: float = 0.0) -> float:
    """How many full-weight days a window of `days` is worth: `D = h / ln 2 * (1 - 2 ** (-days / h))`.

    It turns a decayed sum into a rate, so that numbers of different windows and half-lives compare. Without
    decay it is `days`. `lead` is the number of days between the end of the window and the day on which the
    ages are counted (usually 0); it scales D by `2 ** (-lead / h)`.

    >>> exposure(365, None)
    365.0
    >>> round(exposure(365, 90), 2)
    122.03
    """
    if half_life is None:
        return float(days)
    return half_life / math.log(2) * (1 - 2 ** (-days / half_life)) * 2 ** (-lead / half_life)


def expected(total: float, attention_a: ArrayLike, attention_b: ArrayLike, attention: ArrayLike) -> Floats:
    """Events that attention alone predicts for a pair: `E_ij = K m_i m_j / sum_{k<l} m_k m_l`.

    `attention` holds `m_k = interactions of k + 0.5` for every actor, `total` is K, the (decayed) number of
    events of all pairs. The "gravity" expectation: the closed form of the additive sender and receiver
    effects in AME models (Hoff 2005; Minhas, Hoff and Ward 2019, Political Analysis 27:208).

    >>> expected(6, [1], [1], [1, 1, 1]).tolist()
    [2.0]
    """
    m = np.asarray(attention, dtype=np.float64)
    mass = (m.sum() ** 2 - (m**2).sum()) / 2
    product = np.asarray(attention_a, dtype=np.float64) * np.asarray(attention_b, dtype=np.float64)
    return np.asarray(total * product / mass) if mass > 0 else np.zeros_like(product)


@dataclass(frozen=True, slots=True)
class Prior:
    """Rates of pairs before looking at them: `lambda_ij ~ Gamma(shape a, rate a / (c E_ij))`, mean `c E_ij`.

    E is what attention predicts (`expected`), times `nearness` where that explains the counts better.
    `a`: how closely pairs follow their attention (0.001 to 1000, high is closely); `c`: a scale near 1.
    """

    a: float
    c: float

    def mean(self, count: ArrayLike, expectation: ArrayLike) -> Floats:
        """Expected events of a pair given `count` seen ones: `(a + K) / (a / (c E) + 1)`, at least 0.

        It lies between what was seen and what attention predicts; a silent pair of two busy actors gets a
        small number, not 0.
        """
        shape, rate = self.posterior(count, expectation)
        return shape / rate

    def posterior(self, count: ArrayLike, expectation: ArrayLike) -> tuple[Floats, Floats]:
        """Shape and rate of the gamma posterior of a pair's events in the window."""
        k = np.asarray(count, dtype=np.float64)
        e = np.maximum(np.asarray(expectation, dtype=np.float64), 1e-12)
        return self.a + k, self.a / (self.c * e) + 1


def fit_prior(count: ArrayLike, expectation: ArrayLike, silent: ArrayLike = ()) -> Prior | None:
    """The prior `a, c` that makes the observed counts most likely (negative binomial marginal).

    `count` and `expectation` are K and E of the pairs with events, `silent` the E of the pairs without;
    empirical Bayes, by golden-section search over `log a` with `c` solved for each `a`. None when no pair
    has an event. With counts no more spread than Poisson, `a` ends at its upper limit 1000.
    """
    k = np.asarray(count, dtype=np.float64)
    if k.sum() <= 0:
        return None
    return _most_likely(k, _above_zero(expectation), _above_zero(silent), 1e-5)[0]


def _above_zero(values: ArrayLike) -> Floats:
    return np.maximum(np.asarray(values, dtype=np.float64), 1e-12)


def _most_likely(k: Floats, seen: Floats, quiet: Floats, precision: float) -> tuple[Prior, float]:
    """The best prior and its log-likelihood, up to a constant of the counts; `precision` is that of log a."""
    start = 1.0

    def scale(a: float) -> float:
        # The score in log c falls steadily, so bisection with a Newton step inside cannot miss the root.
        low, high, x = math.log(1e-4), math.log(1e4), math.log(start)
        for _ in range(60):
            cs, cq = math.exp(x) * seen, math.exp(x) * quiet
            score = float((a * (k - cs) / (a + cs)).sum() - (a * cq / (a + cq)).sum())
            slope = -float((a * cs * (a + k) / (a + cs) ** 2).sum() + (a * a * cq / (a + cq) ** 2).sum())
            low, high = (x, high) if score > 0 else (low, x)
            step = x - score / slope if slope else low
            after = step if low < step < high else (low + high) / 2
            if abs(after - x) < precision * 1e-5:
                break
            x = after
        return math.exp(x)

    def likelihood(log_a: float) -> float:
        nonlocal start
        a = math.exp(log_a)
        start = c = scale(a)
        part = log_gamma(a + k) - log_gamma(np.array([a])) + k * np.log(c * seen / (a + c * seen))
        return float((part - a * np.log1p(c * seen / a)).sum() - (a * np.log1p(c * quiet / a)).sum())

    a, best = _golden(likelihood, math.log(_MIN_SHAPE), math.log(_MAX_SHAPE), precision)
    return Prior(math.exp(a), scale(math.exp(a))), best


def _golden(
    function: Callable[[float], float], low: float, high: float, precision: float
) -> tuple[float, float]:
    """Where a function with one peak is highest, and how high (golden-section search)."""
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = function(left), function(right)
    while high - low > precision:
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = function(right)
        else:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = function(left)
    return (low + high) / 2, max(at_left, at_right)


def nearness(km: ArrayLike, exponent: float) -> Floats:
    """How much more neighbours deal with each other than the distant do: `g = (1 + km / 100) ** -exponent`.

    Range (0, 1], 1 for neighbours. The loss-of-strength gradient (Boulding 1962) in the form of gravity
    models (Tinbergen 1962); `km` is the distance between borders (Weidmann, Kuse and Gleditsch 2010). Where
    it is unknown (nan) the result is the mean of the others.

    >>> nearness([0, 300], 0.5).tolist()
    [1.0, 0.5]
    """
    found = (1 + np.asarray(km, dtype=np.float64) / NEAR) ** -exponent
    known = ~np.isnan(found)
    return np.where(known, found, found[known].mean() if known.any() else 1.0)


def fit_nearness(
    count: ArrayLike, expectation: ArrayLike, km: ArrayLike, silent: ArrayLike, silent_km: ArrayLike
) -> float:
    """The exponent of `nearness` that makes the counts of all pairs most likely, 0 to 3, to about 0.05.

    Arguments as in `fit_prior`, with the distances of both kinds of pairs. 0, that is attention alone, unless
    distance explains the counts better by the Bayesian information criterion: twice the gain in
    log-likelihood must exceed the logarithm of the number of pairs. Nothing but the counts decides. With many
    pairs an even selection of them is enough.
    """
    k, seen, quiet = np.asarray(count, dtype=np.float64), _above_zero(expectation), _above_zero(silent)
    d, e = np.asarray(km, dtype=np.float64), np.asarray(silent_km, dtype=np.float64)
    if k.sum() <= 0 or np.isnan(np.concatenate([d, e])).all():
        return 0.0
    one, two = (slice(None, None, max(1, len(x) // _ENOUGH_PAIRS)) for x in (k, quiet))
    k, seen, d, quiet, e = k[one], seen[one], d[one], quiet[two], e[two]

    def likelihood(exponent: float) -> float:
        near = nearness(np.concatenate([d, e]), exponent)
        mean = (near * np.concatenate([seen, quiet])).sum() / (seen.sum() + quiet.sum())
        return _most_likely(k, seen * near[: len(k)] / mean, quiet * near[len(k) :] / mean, 1e-2)[1]

    best, highest = _golden(likelihood, 0.0, 3.0, 0.1)
    return best if 2 * (highest - likelihood(0.0)) > math.log(len(k) + len(quiet)) else 0.0


def severity_mean(severity: ArrayLike, count: ArrayLike, overall: float) -> Floats:
    """Mean severity of a pair's events, pulled to the overall mean by 3 pseudo-events.

    `s = (sum of w * severity + 3 * overall) / (K + 3)`; unit: points of the PLOVER scale, 0 to 10.

    >>> severity_mean([9.0], [1.0], 5.0).tolist()
    [6.0]
    """
    total = np.asarray(severity, dtype=np.float64) + _PSEUDO_EVENTS * overall
    return np.asarray(total / (np.asarray(count, dtype=np.float64) + _PSEUDO_EVENTS))


def level(events: ArrayLike, severity: ArrayLike, days: float) -> Floats:
    """Tension or engagement: `log2(1 + 30 * events * severity / days)`.

    Unit: severity points per 30 days on a log2 scale, so +1 is about twice as much. Range: 0 and up; 0 to
    about 7 in world news. `events` is the (posterior mean) number of events in a window worth `days` days of
    exposure, `severity` their mean severity.

    >>> level(1, 3, 30).tolist()
    2.0
    """
    points = np.asarray(events, dtype=np.float64) * np.asarray(severity, dtype=np.float64)
    return np.asarray(np.log2(1 + MONTH * points / days))


def surprise(events: ArrayLike, expectation: ArrayLike) -> Floats:
    """How much more a pair does than attention predicts: `log2((lambda + 0.1) / (E + 0.1))`.

    0: as expected from how much both are in the news; +1: twice as much; -1: half. Any sign.

    >>> surprise(0.3, 0.1).tolist()
    1.0
    """
    seen = np.asarray(events, dtype=np.float64) + 0.1
    return np.asarray(np.log2(seen / (np.asarray(expectation, dtype=np.float64) + 0.1)))


def share(conflict: ArrayLike, cooperation: ArrayLike) -> Floats:
    """Conflict among all of a pair's events, shrunk: `(K- + alpha) / (K- + K+ + alpha + beta)`.

    Range (0, 1). alpha and beta are the method-of-moments Beta prior over the pairs with at least 5 events;
    with fewer than 3 such pairs, or with no spread among them, both are 1.

    >>> share([1.0, 0.0], [1.0, 2.0]).tolist()
    [0.5, 0.25]
    """
    k, total = np.asarray(conflict, dtype=np.float64), np.add(conflict, cooperation)
    alpha = beta = 1.0
    thick = total >= THIN
    if thick.sum() >= 3:
        p = k[thick] / total[thick]
        mean, spread = float(p.mean()), float(p.var())
        if 0 < spread < mean * (1 - mean):
            weight = mean * (1 - mean) / spread - 1
            alpha, beta = mean * weight, (1 - mean) * weight
    return np.asarray((k + alpha) / (total + alpha + beta))


def alignment(engagement_surprise: ArrayLike, tension: ArrayLike, count: ArrayLike) -> Floats | None:
    """Standing of a pair, derived from the two axes: `A = z(surprise of engagement) - z(tension)`.

    The means and deviations of the z scores are those of pairs with at least 5 events (`count`). Unit:
    standard deviations; above 0 closer than usual, below 0 more hostile. None when fewer than 3 pairs have 5
    events or when they do not differ: then there is nothing to compare with.
    """
    e, t = np.asarray(engagement_surprise, dtype=np.float64), np.asarray(tension, dtype=np.float64)
    thick = np.asarray(count, dtype=np.float64) >= THIN
    if thick.sum() < 3 or e[thick].std() < 1e-9 or t[thick].std() < 1e-9:
        return None
    return np.asarray((e - e[thick].mean()) / e[thick].std() - (t - t[thick].mean()) / t[thick].std())


def reciprocity(forth: ArrayLike, back: ArrayLike) -> Floats:
    """How even two directions are: `2 min(K_ij, K_ji) / (K_ij + K_ji)`; nan if silent.

    Range: 0 (one-sided) to 1 (even).

    >>> reciprocity([3.0], [1.0]).tolist()
    [0.5]
    """
    return _balance(2 * np.minimum(forth, back), forth, back)


def initiative(forth: ArrayLike, back: ArrayLike) -> Floats:
    """Who acts: `(K_ij - K_ji) / (K_ij + K_ji)`, 1 (only i) to -1 (only j); nan when nobody does.

    >>> initiative([3.0], [1.0]).tolist()
    [0.5]
    """
    return _balance(np.subtract(forth, back), forth, back)


def _balance(top: ArrayLike, forth: ArrayLike, back: ArrayLike) -> Floats:
    both = np.asarray(np.add(forth, back), dtype=np.float64)
    out = np.full(both.shape, np.nan)
    return np.asarray(np.divide(top, both, out=out, where=both > 0))


def interval(
    shape: ArrayLike, rate: ArrayLike, dispersion: float = 1.0, mass: float = 0.90
) -> tuple[Floats, Floats]:
    """Central interval of a gamma posterior, widened: quantiles of `Gamma(shape / phi, rate / phi)`.

    `dispersion` is phi, the variance over the mean of weekly counts: events come in bursts, so an interval
    with phi = 1 would be too narrow. It states the rate *of this window*; it is not a forecast.
    """
    k = np.asarray(shape, dtype=np.float64) / dispersion
    r = np.asarray(rate, dtype=np.float64) / dispersion
    tail = (1 - mass) / 2
    return gamma_quantile(tail, k) / r, gamma_quantile(1 - tail, k) / r


def dispersion(weekly: ArrayLike) -> float:
    """Variance over mean of weekly counts, pooled over pairs (rows): `sum of variances / sum of means`, >= 1.

    Rows with fewer than 10 events say nothing about bursts and are left out; with fewer than 5 rows left,
    or fewer than 8 weeks, the value measured on ICEWS 2012-2015 (`DISPERSION`) stands in.
    """
    counts = np.asarray(weekly, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[1] < 8:
        return DISPERSION
    counts = counts[counts.sum(axis=1) >= 10]
    if len(counts) < 5:
        return DISPERSION
    return max(1.0, float(counts.var(axis=1, ddof=1).sum() / counts.mean(axis=1).sum()))


def tail(count: int, shape: float, weeks: float) -> float:
    """P(X >= count) in one week, after a history worth `shape` events in `weeks` weeks.

    Negative binomial: Poisson with a rate from Gamma(shape, weeks). Small is surprising; 1.0 for no event.

    >>> round(tail(1, 1.0, 1.0), 6)
    0.5
    """
    chance = 1 / (weeks + 1)
    below, term = 0.0, (1 - chance) ** shape
    for x in range(count):
        below += term
        term *= (shape + x) / (x + 1) * chance
    return max(0.0, 1 - below)


def change_points(series: ArrayLike, *, least: int = 6) -> list[int]:
    """Where the mean level of a series changes: first indices of the segments after the first.

    The segmentation with the smallest sum of squares plus `2 ln(n) * var` per change, in segments of `least`
    values and more: optimal partitioning, which PELT (Killick, Fearnhead and Eckley 2012) makes faster. The
    variance is that of differences of neighbours, halved, so that the changes themselves do not inflate it.
    """
    y = np.asarray(series, dtype=np.float64)
    n = len(y)
    noise = float(np.mean(np.diff(y) ** 2)) / 2 if n > 1 else 0.0
    if n < 2 * least or noise <= 0:
        return []
    one, two = np.concatenate([[0.0], np.cumsum(y)]), np.concatenate([[0.0], np.cumsum(y**2)])
    penalty = 2 * math.log(n) * noise
    best, last = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=np.int64)
    best[0] = -penalty
    for end in range(least, n + 1):
        begin = np.arange(0, end - least + 1)
        inside = two[end] - two[begin] - (one[end] - one[begin]) ** 2 / (end - begin)
        cost = best[begin] + inside + penalty
        last[end] = int(np.argmin(cost))
        best[end] = float(cost[last[end]])
    found, end = [], n
    while end > 0:
        end = int(last[end])
        if end:
            found.append(end)
    return found[::-1]

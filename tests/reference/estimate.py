#!/usr/bin/env python3
"""Independent reference values for estimates of one period (src/comparison/estimate.rs).

Run with the packages pinned in requirements.txt:

    python -I tests/reference/estimate.py > tests/reference/estimate.json

Output
------
One JSON object with sorted keys, one case per line, numbers rounded to 12
significant digits.  Random data come from numpy's PCG64 with the seeds below.

  shares   {cells: [[of, sum]], usual, ratios, count, of, value, naive: [low,
           high], linearised, bootstrap, own, kish, freedom, design_effect,
           effective, standard_error, interval: [low, high]}
  means    {cells: [[of, sum]], values: {mean, variance, count}, ratios, value,
           naive: [low, high], linearised, bootstrap, freedom, design_effect,
           effective, standard_error, interval: [low, high]}

A cell is one post: its comments and how many of them count, or what their
values add up to.  `ratios` are 60 replicates of a bootstrap over the posts, so
that everything after them can be compared digit for digit (1e-9).

Which call made which number
----------------------------
naive          statsmodels.stats.proportion.proportion_confint(method="wilson")
               for shares, scipy.stats.t.interval for means
linearised     the standard error of statsmodels.api.OLS(y, 1).fit(
               cov_type="cluster"): y are the comments, groups the posts.  Its
               small-sample factor is G / (G - 1) * (N - 1) / (N - K), which is
               G / (G - 1) for the one column K = 1.  The same is computed by
               Cochran's formula in numpy, and the script fails if they differ.
bootstrap      the standard error by numpy: spread of the ratio over 40,000
               multinomial draws of the posts, times sqrt(K / (K - 1)).  No
               library has it.  Compare with a tolerance of a few per cent.
kish           (sum of)^2 / sum of^2, by numpy (Kish 1965, section 11.7).
own            the design effect before it is bounded below.
freedom        2 (sum u^2)^2 / (sum u^4 - (sum u^2)^2 / G), u = sum - value * of,
               at most kish - 1, by numpy.  It is Satterthwaite's (1946) degrees
               of freedom with the variance of the sum of squares estimated from
               its terms; checked here against scipy.stats.moment.
interval       shares: proportion_confint(value * n, n, method="wilson") with the
               effective number n = effective * (z / t)^2, at most `of`; means:
               scipy.stats.t.interval(freedom, mean, standard_error), cut to -1..1.
"""

import json
import sys

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

Z = stats.norm.ppf(0.975)
REPLICATES = 60


def require(condition, message):
    if not condition:
        raise AssertionError(message)


def ratios_of(of, total, replicates, rng):
    weights = rng.multinomial(len(of), np.full(len(of), 1 / len(of)), size=replicates)
    return (weights @ total) / (weights @ of)


def linearised(of, total, comments, posts):
    """The cluster-robust standard error of a ratio, by statsmodels and by hand."""
    fit = sm.OLS(comments, np.ones(len(comments))).fit(
        cov_type="cluster", cov_kwds={"groups": posts}
    )
    residuals = total - total.sum() / of.sum() * of
    groups = len(of)
    by_hand = np.sqrt(groups / (groups - 1) * (residuals**2).sum()) / of.sum()
    require(abs(fit.bse[0] - by_hand) < 1e-12, f"{fit.bse[0]} {by_hand}")
    return float(fit.bse[0])


def freedom_of(of, total, kish):
    """The degrees of freedom of a standard error over posts."""
    residuals = total - total.sum() / of.sum() * of
    squares = residuals**2
    groups = len(of)
    # Residuals add up to 0, so that moments about the mean are plain ones.
    variance = groups * stats.moment(squares, order=2)
    second = (residuals**4).sum() - squares.sum() ** 2 / groups
    require(abs(variance - second) <= 1e-9 * (residuals**4).sum(), "moments")
    if variance <= 0:
        return kish - 1
    return min(kish - 1, 2 * squares.sum() ** 2 / variance)


def common(of, total, comments, rng):
    posts = np.repeat(np.arange(len(of)), of)
    kish = of.sum() ** 2 / (of**2).sum()
    ratios = ratios_of(of, total, REPLICATES, rng)
    many = ratios_of(of, total, 40_000, rng)
    factor = np.sqrt(kish / (kish - 1))
    return {
        "ratios": ratios,
        "kish": kish,
        "linearised": linearised(of, total, comments, posts),
        "bootstrap": many.std(ddof=1) * factor,
        "spread": ratios.std(ddof=1) * factor,
    }


def share_case(of, count, usual, rng):
    of, count = np.array(of), np.array(count)
    comments = np.concatenate([np.repeat([1.0, 0.0], [c, n - c]) for n, c in zip(of, count)])
    case = common(of, count, comments, rng)
    n, value = of.sum(), count.sum() / of.sum()
    naive = value * (1 - value) / n
    if naive == 0:
        own, freedom, effect, error = None, case["kish"] - 1, max(usual, 1), None
    else:
        own = case["spread"] ** 2 / naive
        freedom = freedom_of(of, count, case["kish"])
        effect = max(own, usual, 1)
        error = np.sqrt(naive * effect)
    effective = n / effect
    adjusted = min(n, effective * (Z / stats.t.ppf(0.975, freedom)) ** 2)
    case.pop("spread")
    return case | {
        "cells": [[int(a), int(b)] for a, b in zip(of, count)],
        "usual": usual,
        "count": int(count.sum()),
        "of": int(n),
        "value": value,
        "naive": proportion_confint(int(count.sum()), int(n), method="wilson"),
        "own": own,
        "freedom": freedom,
        "design_effect": effect,
        "effective": effective,
        "standard_error": error,
        "interval": proportion_confint(value * adjusted, adjusted, method="wilson"),
    }


def mean_case(groups, rng):
    comments = np.concatenate(groups)
    of = np.array([len(group) for group in groups])
    total = np.array([group.sum() for group in groups])
    case = common(of, total, comments, rng)
    n, value, variance = len(comments), comments.mean(), comments.var(ddof=1)
    freedom = freedom_of(of, total, case["kish"])
    effect = max(case["spread"] ** 2 / (variance / n), 1)
    error = np.sqrt(variance / n * effect)
    case.pop("spread")
    cut = lambda ends: [float(np.clip(end, -1, 1)) for end in ends]
    return case | {
        "cells": [[int(a), float(b)] for a, b in zip(of, total)],
        "values": {"count": n, "mean": value, "variance": variance},
        "value": value,
        "naive": cut(stats.t.interval(0.95, n - 1, value, np.sqrt(variance / n))),
        "freedom": freedom,
        "design_effect": effect,
        "effective": n / effect,
        "standard_error": error,
        "interval": cut(stats.t.interval(0.95, freedom, value, error)),
    }


def sizes(rng, posts, spread=1.2, mean=25):
    return np.maximum(1, np.rint(rng.lognormal(np.log(mean) - spread**2 / 2, spread, posts))).astype(int)


def share_cases():
    rng = np.random.default_rng(20250101)
    cases = []
    for posts, prevalence, correlation, usual in [
        (30, 0.1, 0.1, 1.0), (30, 0.03, 0.2, 6.0), (60, 0.3, 0.05, 2.5),
        (200, 0.03, 0.1, 1.0), (9, 0.5, 0.2, 1.0), (40, 0.3, 0.001, 1.0),
    ]:
        rest = (1 - correlation) / correlation
        of = sizes(rng, posts)
        count = rng.binomial(of, rng.beta(prevalence * rest, (1 - prevalence) * rest, posts))
        cases.append(share_case(of, count, usual, rng))
    # All posts of one size, all alike: less spread than independent comments would have.
    cases.append(share_case([10] * 12, [3] * 11 + [4], 1.0, rng))
    # Nothing, and everything.
    cases.append(share_case([20] * 10, [0] * 10, 3.0, rng))
    cases.append(share_case([5, 9, 20, 31, 4, 8, 11, 12, 40], [5, 9, 20, 31, 4, 8, 11, 12, 40], 0.5, rng))
    return cases


def mean_cases():
    rng = np.random.default_rng(20250202)
    cases = []
    for posts, centre, between, within in [(40, -0.1, 0.2, 0.4), (12, 0.3, 0.0, 0.3), (10, 0.95, 0.05, 0.05)]:
        groups = [
            np.clip(rng.normal(rng.normal(centre, between), within, n), -1, 1).round(6)
            for n in np.maximum(5, sizes(rng, posts))
        ]
        cases.append(mean_case(groups, rng))
    return cases


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return 0.0 if abs(value) < 1e-15 else float(f"{value:.12g}")
    if isinstance(value, np.integer):
        return int(value)
    return value


def main():
    output = {"means": mean_cases(), "shares": share_cases()}
    lines = []
    for key, cases in sorted(output.items()):
        rows = ",\n".join("  " + json.dumps(plain(case), sort_keys=True) for case in cases)
        lines.append(f"{json.dumps(key)}: [\n{rows}\n]")
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Independent reference values for trends over periods.

Run with the packages pinned in requirements.txt:

    python -I tests/reference/trend.py > tests/reference/trend.json

Output: one JSON object with sorted keys, one case per line, numbers rounded to
12 significant digits.  Compare with an absolute tolerance of 1e-9.  Random data
come from numpy's PCG64 with a fixed seed.

  trend  {values (null: a period without a figure), score, tau, p, slope, low,
         high}

What made each number
---------------------
* score: plain counting over all pairs; for more than 60 periods also
  pymannkendall.original_test(values).s.
* tau: scipy.stats.kendalltau(places, values).statistic (tau-b).
* p, up to 60 periods: scipy.stats.kendalltau(method="exact") where no values
  are tied; with ties the share of all orders that differ, each as likely as any
  other, counted one by one (n <= 12).
* p, more than 60 periods: pymannkendall.original_test(values).p, which corrects
  for ties and for continuity.
* slope: scipy.stats.theilslopes(values, places).slope.
* low, high: the lowest and the highest slope of a pair between which
  scipy.stats.kendalltau(places, values - slope * places) does not reject at
  0.05: the test is run at middles of gaps between two neighbouring slopes,
  found by bisection, method="exact" up to 60 periods; for more, pymannkendall's
  test.  Null
  where no slope is rejected on either side, or where the interval and p disagree
  (which ties can do).

Sources
-------
* H. B. Mann (1945). Nonparametric tests against trend. Econometrica 13(3),
  245-259.
* M. G. Kendall (1975). Rank Correlation Methods, 4th ed.
* P. K. Sen (1968). Estimates of the regression coefficient based on Kendall's
  tau. J. Am. Stat. Assoc. 63(324), 1379-1389.
* M. Hollander, D. A. Wolfe and E. Chicken (2014). Nonparametric Statistical
  Methods, 3rd ed., section 9.3.
"""

import bisect
import collections
import itertools
import json
import math

import numpy as np
import pymannkendall
from scipy import stats

SEED = 20240909


def require(condition, message):
    """Like assert, but not switched off by `python -O`."""
    if not condition:
        raise AssertionError(message)


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [rounded(item) for item in value]
    if value is None or isinstance(value, int):
        return value
    return 0.0 if abs(value) < 1e-15 else float(f"{value:.12g}")


def score_of(values):
    return sum(int(np.sign(b - a)) for a, b in itertools.combinations(values, 2))


def orders_of(left, placed, score):
    """The score of every order of the values `left`, a count for each, after those placed."""
    if not any(left.values()):
        yield score
    for value, count in left.items():
        if count:
            left[value] -= 1
            gained = sum(many * int(np.sign(value - other)) for other, many in placed.items())
            placed[value] += 1
            yield from orders_of(left, placed, score + gained)
            placed[value] -= 1
            left[value] += 1


def p_of(places, values):
    if len(values) > 60:
        found = pymannkendall.original_test(values)
        require(found.s == score_of(values), "score")
        return float(found.p)
    if len(set(values)) == len(values):
        return float(stats.kendalltau(places, values, method="exact").pvalue)
    require(len(values) <= 12, "too many orders")
    left = dict(collections.Counter(values))
    scores = list(orders_of(left, dict.fromkeys(left, 0), 0))
    of_one = math.prod(math.factorial(count) for count in left.values())
    require(len(scores) * of_one == math.factorial(len(values)), "orders")
    return sum(abs(score) >= abs(score_of(values)) for score in scores) / len(scores)


def interval_of(places, values):
    slopes = sorted((values[j] - values[i]) / (places[j] - places[i])
                    for i, j in itertools.combinations(range(len(values)), 2))
    distinct = sorted(set(slopes))
    middles = [distinct[0] - 1] + [(a + b) / 2 for a, b in zip(distinct, distinct[1:])]
    middles.append(distinct[-1] + 1)

    def side(slope):
        """1 where the rest rises too clearly, -1 where it falls too clearly, else 0."""
        rest = [v - slope * x for x, v in zip(places, values)]
        return 0 if p_of(places, rest) >= 0.05 else int(np.sign(score_of(rest)))

    if side(middles[0]) == 0 or side(middles[-1]) == 0:
        return None, None
    # The score falls as the slope rises.
    first = bisect.bisect_left(middles, 0, key=lambda slope: -side(slope))
    last = bisect.bisect_right(middles, 0, key=lambda slope: -side(slope)) - 1
    return distinct[first - 1], distinct[last]


def case(figures):
    places = [x for x, v in enumerate(figures) if v is not None]
    values = [v for v in figures if v is not None]
    p = p_of(places, values)
    low, high = interval_of(places, values)
    if low is not None and (p < 0.05) != (low > 0 or high < 0):
        low = high = None
    tau = float(stats.kendalltau(places, values).statistic)
    return {"values": figures, "score": score_of(values), "p": p, "low": low, "high": high,
            "tau": None if np.isnan(tau) else tau,
            "slope": float(stats.theilslopes(values, places).slope)}


def main():
    rng = np.random.default_rng(SEED)

    def noise(n, drift, spread=0.01):
        return [round(0.1 + drift * x + float(rng.normal(0, spread)), 6) for x in range(n)]

    gaps = noise(12, 0.004)
    gaps[2] = gaps[3] = gaps[8] = None
    lists = [[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1, 0.05], [0.1, 0.3, 0.2, 0.5, 0.4, 0.6],
             noise(6, 0.0), noise(8, 0.01), noise(11, -0.003), noise(15, 0.002), noise(33, 0.0008),
             noise(40, 0.0), gaps,
             # Ties.
             [0.0, 0.0, 0.0, 0.0, 0.1, 0.2], [0.0, 0.0, 0.0, 0.0, 0.1, 0.1, 0.1, 0.1],
             [0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4], [0.3, 0.1, 0.1, 0.2, 0.3, 0.1, 0.05],
             [0.125, 0.0, 0.125, 0.25, 0.25, 0.25, 0.375, 0.5, 0.375],
             [0.0, 0.0, 0.0, 0.0, 0.125, 0.0, 0.0, 0.25, 0.125],
             [0.0, 0.0, 0.125, 0.0, 0.125, 0.25, 0.125, 0.25, 0.25, 0.375, 0.25, 0.375],
             [0.375, 0.125, 0.25, 0.25, 0.0, 0.125, 0.25, 0.125, 0.0, 0.25, 0.0, 0.125],
             # The normal approximation, without and with ties.
             noise(70, 0.0002), [round(v, 2) for v in noise(64, 0.0003)]]
    rows = ",\n".join("  " + json.dumps(rounded(case(values)), sort_keys=True) for values in lists)
    print('{\n "trend": [\n' + rows + "]\n}")


if __name__ == "__main__":
    main()

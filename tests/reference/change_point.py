#!/usr/bin/env python3
"""Independent reference values for changes of level.

Run with the packages pinned in requirements.txt:

    python -I tests/reference/change_point.py > tests/reference/change_point.json

With the word "simulate" behind it, it prints instead how often series without a
change show one, which is what the penalty was chosen by.

Output: one JSON object with sorted keys, one case per line, numbers rounded to
12 significant digits.  Compare with an absolute tolerance of 1e-9.  Random data
come from numpy's PCG64 with a fixed seed.

  partition  {values, weights, penalty, starts}
  levels     {values, freedom, replicates: [one list a period], starts, means,
             same, near, none}

What made each number
---------------------
* starts: no package has this cost with an error of its own for each value.  All
  divisions into levels of two or more are tried one by one (n <= 12), each
  costed with numpy.average(weights=...).  Where all weights are the same, the
  result is checked against ruptures.Pelt(model="l2", min_size=2, jump=1) on the
  scaled values.
* levels: the errors, the penalty and the shares of resamplings written out
  again with numpy (numpy.var(ddof=1), numpy.median, scipy.stats.chi2.median(1)).

Sources
-------
* B. Jackson et al. (2005). An algorithm for optimal partitioning of data on an
  interval. IEEE Signal Processing Letters 12(2), 105-108.
* R. Killick, P. Fearnhead and I. A. Eckley (2012). Optimal detection of
  changepoints with a linear computational cost. J. Am. Stat. Assoc. 107(500),
  1590-1598.
* C. Truong, L. Oudre and N. Vayatis (2020). Selective review of offline change
  point detection methods. Signal Processing 167, 107299 (ruptures).
* G. Schwarz (1978). Estimating the dimension of a model. Ann. Statist. 6(2),
  461-464.
* J. von Neumann (1941). Distribution of the ratio of the mean square successive
  difference to the variance. Ann. Math. Statist. 12(4), 367-395.
"""

import itertools
import json
import sys

import numpy as np
import ruptures
from scipy import stats

SEED = 20241010


def require(condition, message):
    """Like assert, but not switched off by `python -O`."""
    if not condition:
        raise AssertionError(message)


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [rounded(item) for item in value]
    if isinstance(value, (int, np.integer)):
        return int(value)
    return 0.0 if abs(value) < 1e-15 else float(f"{value:.12g}")


def divisions(n):
    for count in range(n // 2):
        for starts in itertools.combinations(range(2, n - 1), count):
            ends = [0, *starts, n]
            if all(b - a >= 2 for a, b in zip(ends, ends[1:])):
                yield list(starts)


def means_of(values, weights, starts):
    ends = [0, *starts, len(values)]
    return [float(np.average(values[a:b], weights=weights[a:b])) for a, b in zip(ends, ends[1:])]


def best(values, weights, penalty):
    values, weights = np.array(values), np.array(weights)
    # The cost within each stretch, once.
    within = {}
    for a, b in itertools.combinations(range(len(values) + 1), 2):
        mean = np.average(values[a:b], weights=weights[a:b])
        within[a, b] = float(np.sum(weights[a:b] * (values[a:b] - mean) ** 2))

    def cost(starts):
        ends = [0, *starts, len(values)]
        return sum(within[pair] for pair in zip(ends, ends[1:])) + penalty * len(starts)

    found = min(divisions(len(values)), key=cost)
    if np.ptp(weights) == 0:
        scaled = (values * np.sqrt(weights[0])).reshape(-1, 1)
        other = ruptures.Pelt(model="l2", min_size=2, jump=1).fit(scaled).predict(pen=penalty)
        require(other[:-1] == found, f"{other} {found}")
    return found


def penalty_of(n):
    return 3.5 + 1.5 * np.log(n)


def partition_cases():
    rng = np.random.default_rng(SEED)
    cases = []
    for n, jumps, even, penalty in [
        (4, [2], True, 3.0), (5, [], True, 2.0), (8, [3], True, 4.0), (8, [3], False, 4.0),
        (10, [4, 7], False, 5.0), (12, [5], False, 6.0), (12, [2, 10], False, 3.0),
        (12, [], False, 1.0), (11, [4, 6, 9], True, 2.5), (12, [6], False, 50.0),
    ]:
        level = sum(np.where(np.arange(n) >= jump, (-1) ** place * 4.0, 0.0)
                    for place, jump in enumerate(jumps)) + np.zeros(n)
        weights = np.full(n, 1.5) if even else np.exp(rng.normal(0, 0.8, n))
        values = level + rng.normal(size=n) / np.sqrt(weights)
        values, weights = values.round(6).tolist(), weights.round(6).tolist()
        cases.append({"values": values, "weights": weights, "penalty": penalty,
                      "starts": best(values, weights, penalty)})
    return cases


def weights_of(values, replicates, freedom):
    posts = np.array(freedom) + 1
    errors = np.var(replicates, axis=1, ddof=1) * posts / np.array(freedom)
    errors = np.average(errors * posts, weights=posts) / posts
    squares = np.diff(values) ** 2 / (errors[1:] + errors[:-1])
    return 1 / (errors * max(1.0, np.median(squares) / stats.chi2.median(1)))


def level_cases():
    rng = np.random.default_rng(SEED + 1)
    cases = []
    for n, jump, wobble in [(4, 8, 0), (7, 3.0, 0), (8, 0, 0), (9, 3.5, 1), (6, 5, 0)]:
        freedom = rng.integers(10, 90, n)
        spread = 0.1 / np.sqrt(freedom)
        values = 0.2 + np.where(np.arange(n) >= n // 2, jump * 0.02, 0.0)
        values = (values + rng.normal(0, spread * (1 + wobble))).round(6)
        replicates = (values[:, None] + rng.normal(0, spread[:, None], (n, 40))).round(6)
        weights, penalty = weights_of(values, replicates, freedom), penalty_of(n)
        starts = best(values, weights, penalty)
        again = [best(column, weights, penalty) for column in replicates.T]
        cases.append({
            "values": values, "freedom": freedom, "replicates": replicates, "starts": starts,
            "means": means_of(values, weights, starts),
            "none": float(np.mean([not other for other in again])),
            "same": [float(np.mean([start in other for other in again])) for start in starts],
            "near": [float(np.mean([any(abs(start - place) <= 1 for place in other)
                                    for other in again])) for start in starts]})
    return cases


def gains(values, weights):
    """The greatest gain per change, for each row: with a lesser penalty it shows one."""
    rows, n = values.shape
    of = np.concatenate([np.zeros((rows, 1)), np.cumsum(weights, 1)], 1)
    sums = np.concatenate([np.zeros((rows, 1)), np.cumsum(weights * values, 1)], 1)

    def fit(a, b):
        return (sums[:, b] - sums[:, a]) ** 2 / (of[:, b] - of[:, a])

    reached = {end: fit(0, end) for end in range(2, n + 1)}
    whole, greatest = reached[n], np.zeros(rows)
    for changes in range(1, min(n // 2, 7)):
        reached = {end: np.max([reached[a] + fit(a, end) for a in range(2 * changes, end - 1)], 0)
                   for end in range(2 * changes + 2, n + 1)}
        greatest = np.maximum(greatest, (reached[n] - whole) / changes)
    return greatest


def simulate():
    rng = np.random.default_rng(SEED + 2)
    print("periods  95% quantile  penalty  alarms known  alarms estimated  alarms of 2 ln n")
    for n in [4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30]:
        values = rng.normal(size=(20000, n))
        plain = gains(values, np.ones_like(values))
        squares = np.diff(values) ** 2 / 2
        wider = np.maximum(1, np.median(squares, axis=1) / stats.chi2.median(1))
        widened = gains(values, np.ones_like(values) / wider[:, None])
        print(f"{n:7} {np.quantile(plain, 0.95):13.2f} {penalty_of(n):8.2f}"
              f" {np.mean(plain > penalty_of(n)):13.3f} {np.mean(widened > penalty_of(n)):17.3f}"
              f" {np.mean(plain > 2 * np.log(n)):17.3f}")


def main():
    if sys.argv[1:] == ["simulate"]:
        simulate()
        return
    parts = {"partition": partition_cases(), "levels": level_cases()}
    lines = []
    for key in sorted(parts):
        rows = ",\n".join("  " + json.dumps(rounded(case), sort_keys=True) for case in parts[key])
        lines.append(f' "{key}": [\n{rows}]')
    print("{\n" + ",\n".join(lines) + "\n}")


if __name__ == "__main__":
    main()

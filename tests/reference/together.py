#!/usr/bin/env python3
"""Independent reference values for themes that travel together.

Run with the packages pinned in requirements.txt:

    python -I tests/reference/together.py > tests/reference/together.json

The comments are made up with numpy's PCG64 and a fixed seed: 160 posts of uneven
size, themes that posts differ in, and two periods; some threads run through both.

Top-level keys:

  comments  a list of [post, period, [themes]]
  lifts     {period, first, second, comments, a, b, both, posts, lift, log_error,
            freedom, low, high} for every pair of themes with at least 20 comments
            together
  shifts    {first, second, ratio, log_error, freedom, low, high, p_value}, the
            second period over the first

How the numbers were made
-------------------------
* lift: pandas.crosstab of the two themes' columns, then
  P(A and B) / (P(A) * P(B)), which is mlxtend.frequent_patterns.association_rules'
  "lift" = confidence / support of the consequent; both forms are computed and must
  agree.
* log_error: no library has it.  It is the linearised (delta method) error of
  ln lift with posts as clusters: post g contributes
      u_g = both_g / both + n_g / n - a_g / a - b_g / b,
  and the variance is G / (G - 1) * sum u_g^2 over the G posts with comments in the
  period (sum u_g = 0).  The script also leaves out one post at a time (jackknife) and
  fails where that differs by more than 15%.  A bootstrap differs from both by its
  own noise and by terms of second order: compare with a tolerance of a tenth.
* freedom: (sum both_g)^2 / sum both_g^2 - 1.
* low, high: exp(ln lift -+ scipy.stats.t.ppf(0.975, freedom) * log_error).
* shifts: the same with u_g of the second period less u_g of the first, over all posts;
  G of the period with fewer posts; the smaller freedom; p value by
  2 * scipy.stats.t.sf(|ln ratio| / log_error, freedom).

Sources
-------
* S. Brin, R. Motwani, J. D. Ullman, S. Tsur (1997). Dynamic itemset counting and
  implication rules for market basket data. SIGMOD '97, 255-264.
* L. Kish (1965). Survey Sampling. Wiley. Section 11.7.
* K. M. Wolter (2007). Introduction to Variance Estimation, 2nd ed. Springer.
  Chapters 4 (jackknife) and 6 (Taylor series).
"""

import json
import sys

import numpy as np
import pandas as pd
from scipy import stats

THEMES = 4
POSTS = 160


def require(condition, message):
    if not condition:
        sys.exit(f"together.py: {message}")


def comments():
    rng = np.random.default_rng(20267)
    rows = []
    for post in range(POSTS):
        size = int(np.clip(np.round(rng.lognormal(2.8, 0.5)), 4, 60))
        chance = rng.beta([3, 3, 2, 1], [6, 7, 8, 9])
        for _ in range(size):
            # Threads of the posts in the middle run on into the second period.
            late = post >= 85 or (post >= 65 and rng.random() < 0.4)
            themes = rng.random(THEMES) < chance
            # 0 brings 1 with it, more so later on.
            if themes[0] and rng.random() < (0.5 if late else 0.15):
                themes[1] = True
            rows.append((post, int(late), *[bool(value) for value in themes]))
    return pd.DataFrame(rows, columns=["post", "period", *range(THEMES)])


def sums(frame, first, second):
    """Per post: comments, those with the first, with the second, with both."""
    table = pd.DataFrame(
        {
            "n": 1.0,
            "a": frame[first].astype(float),
            "b": frame[second].astype(float),
            "both": (frame[first] & frame[second]).astype(float),
        }
    )
    by_post = table.groupby(frame["post"]).sum()
    return by_post.reindex(range(POSTS), fill_value=0.0)


def log_lift(total):
    return np.log(total["both"] * total["n"] / (total["a"] * total["b"]))


def jackknife(posts, function):
    left_out = np.array([function(post) for post in posts])
    count = len(posts)
    return np.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())


def interval(log, error, freedom):
    half = stats.t.ppf(0.975, freedom) * error
    return {"low": float(np.exp(log - half)), "high": float(np.exp(log + half))}


def one(frame, period, first, second):
    frame = frame[frame["period"] == period]
    table = pd.crosstab(frame[first], frame[second])
    both, a, b = table.loc[True, True], table.loc[True].sum(), table[True].sum()
    n = table.to_numpy().sum()
    lift = (both / n) / ((a / n) * (b / n))
    confidence, support = both / a, b / n
    require(abs(lift - confidence / support) < 1e-12, "lift")
    if both < 20:
        return None
    by_post = sums(frame, first, second)
    total = by_post.sum()
    require(abs(np.exp(log_lift(total)) - lift) < 1e-12, "sums")
    u = by_post["both"] / both + by_post["n"] / n - by_post["a"] / a - by_post["b"] / b
    posts = by_post.index[by_post["n"] > 0]
    count = len(posts)
    error = np.sqrt(count / (count - 1) * (u**2).sum())
    other = jackknife(posts, lambda post: log_lift(total - by_post.loc[post]))
    require(abs(other / error - 1) < 0.15, f"the jackknife differs: {other} and {error}")
    freedom = by_post["both"].sum() ** 2 / (by_post["both"] ** 2).sum() - 1
    found = {
        "period": period,
        "first": first,
        "second": second,
        "comments": int(n),
        "a": int(a),
        "b": int(b),
        "both": int(both),
        "posts": int((by_post["both"] > 0).sum()),
        "lift": float(lift),
        "log_error": float(error),
        "freedom": float(freedom),
        **interval(np.log(lift), error, freedom),
    }
    return found, u, count


def main():
    frame = comments()
    lifts, shifts = [], []
    for first in range(THEMES):
        for second in range(first + 1, THEMES):
            before, after = (one(frame, period, first, second) for period in (0, 1))
            lifts += [found[0] for found in (before, after) if found]
            if not before or not after:
                continue
            log = np.log(after[0]["lift"] / before[0]["lift"])
            count = min(before[2], after[2])
            error = np.sqrt(count / (count - 1) * ((after[1] - before[1]) ** 2).sum())
            freedom = min(before[0]["freedom"], after[0]["freedom"])
            shifts.append(
                {
                    "first": first,
                    "second": second,
                    "ratio": float(np.exp(log)),
                    "log_error": float(error),
                    "freedom": float(freedom),
                    **interval(log, error, freedom),
                    "p_value": float(2 * stats.t.sf(abs(log) / error, freedom)),
                }
            )
    rows = [
        [int(row[0]), int(row[1]), [theme for theme in range(THEMES) if row[2 + theme]]]
        for row in frame.itertuples(index=False)
    ]
    require(len(shifts) >= 4, "too few pairs")
    tidy = lambda case: {k: float(f"{v:.12g}") if isinstance(v, float) else v for k, v in case.items()}
    lines = ",\n".join("  " + json.dumps(rows[at : at + 12])[1:-1] for at in range(0, len(rows), 12))
    block = lambda cases: ",\n".join("  " + json.dumps(tidy(case), sort_keys=True) for case in cases)
    text = (
        f'{{\n "comments": [\n{lines}\n ],\n "lifts": [\n{block(lifts)}\n ],\n'
        f' "shifts": [\n{block(shifts)}\n ]\n}}\n'
    )
    json.loads(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()

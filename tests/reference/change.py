#!/usr/bin/env python3
"""Independent reference values for differences between periods.

Run with the packages pinned in requirements.txt:

    python -I tests/reference/change.py > tests/reference/change.json

Output: one JSON object with sorted keys, one case per line, numbers rounded to
12 significant digits.  Compare with an absolute tolerance of 1e-9; two_sided
with a relative one.  Random data come from numpy's PCG64 with a fixed seed.

  change              {later, earlier: {value, low, high, replicates, freedom},
                      value, low, high, p}
  two_sided           {t, freedom, p}
  benjamini_hochberg  {p, adjusted}

What made each number
---------------------
* change: no package has this interval with a correlation.  It is written out
  here with numpy.corrcoef as a quadratic form, margin = sqrt(m' R m), with
  m = (own margin, -other margin) and R the correlation matrix of the
  replicates (Zou 2007, equation 15; Zou and Donner 2008).  Where the replicates
  of a side are constant, R is the unit matrix; those cases are checked against
  statsmodels' confint_proportions_2indep(method="newcomb", compare="diff").
  The sides' intervals are statsmodels' proportion_confint(method="wilson").
  p = 2 * scipy.stats.t.sf(|value| / margin towards 0 * scipy.stats.t.ppf(0.975,
  freedom), freedom), with the lower of the two degrees of freedom (Altman and
  Bland 2011).
* two_sided: 2 * scipy.stats.t.sf.
* benjamini_hochberg: statsmodels' multipletests(method="fdr_bh"), checked
  against scipy.stats.false_discovery_control(method="bh").

Sources
-------
* G. Y. Zou (2007). Toward using confidence intervals to compare correlations.
  Psychological Methods 12(4), 399-413.
* G. Y. Zou and A. Donner (2008). Construction of confidence limits about effect
  measures: a general approach. Stat. Med. 27(10), 1693-1702.
* R. G. Newcombe (1998). Interval estimation for the difference between
  independent proportions. Stat. Med. 17(8), 873-890.
* D. G. Altman and J. M. Bland (2011). How to obtain the P value from a
  confidence interval. BMJ 343, d2304.
* Y. Benjamini and Y. Hochberg (1995). Controlling the false discovery rate.
  J. R. Stat. Soc. B 57(1), 289-300.
"""

import json

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

SEED = 20240808


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
    return 0.0 if abs(value) < 1e-300 else float(f"{value:.12g}")


def side(successes, trials, replicates, freedom):
    low, high = proportion_confint(successes, trials, method="wilson")
    value = successes / trials
    return {"value": value, "low": low, "high": high, "freedom": freedom,
            "replicates": [None if r is None else round(value + r, 6) for r in replicates]}


def difference(later, earlier):
    pairs = [(a, b) for a, b in zip(later["replicates"], earlier["replicates"])
             if a is not None and b is not None]
    one, two = np.array(pairs).T
    matrix = np.eye(2) if np.ptp(one) == 0 or np.ptp(two) == 0 else np.corrcoef(one, two)

    def margin(own, other):
        both = np.array([own, -other])
        return float(np.sqrt(both @ matrix @ both))

    value = later["value"] - earlier["value"]
    below = margin(later["value"] - later["low"], earlier["high"] - earlier["value"])
    above = margin(later["high"] - later["value"], earlier["value"] - earlier["low"])
    freedom = min(later["freedom"], earlier["freedom"])
    t = abs(value) / (below if value > 0 else above) * stats.t.ppf(0.975, freedom)
    return {"later": later, "earlier": earlier, "value": value, "low": value - below,
            "high": value + above, "p": 2 * stats.t.sf(t, freedom)}


def change_cases():
    rng = np.random.default_rng(SEED)
    cases = []
    still = [0.0] * 20
    for x1, n1, x2, n2 in [(56, 70, 48, 80), (0, 10, 0, 20), (10, 10, 0, 20), (5, 56, 0, 29),
                           (1, 400, 30, 400), (0, 400, 12, 300)]:
        case = difference(side(x1, n1, still, 29), side(x2, n2, still, 11))
        published = confint_proportions_2indep(x1, n1, x2, n2, method="newcomb", compare="diff")
        require(np.allclose([case["low"], case["high"]], published, atol=1e-12), f"{x1}/{n1}")
        cases.append(case)
    for x1, n1, x2, n2, share, holes in [(30, 100, 20, 100, 0.5, 0), (3, 90, 14, 110, -0.4, 2),
                                         (70, 75, 90, 130, 0.9, 1), (15, 800, 33, 900, 0.1, 0)]:
        common = rng.normal(0, 0.02, 40)
        first = common * share + rng.normal(0, 0.02, 40) * (1 - abs(share))
        first = [None if place < holes else r for place, r in enumerate(first)]
        cases.append(difference(side(x1, n1, first, 44.5), side(x2, n2, common, 31)))
    return cases


def two_sided_cases():
    pairs = [(0.0, 7), (0.3, 1), (2.0, 2.5), (2.364624251, 7), (4.0, 30), (6.0, 199.5),
             (9.0, 29), (1.96, 1e5), (5.0, 1e6), (40.0, 60)]
    return [{"t": t, "freedom": f, "p": 2 * stats.t.sf(t, f)} for t, f in pairs]


def adjusted_cases():
    rng = np.random.default_rng(SEED + 1)
    lists = [[0.03], [0.0, 1.0], [0.05, 0.05, 0.05], [0.04, 0.01, 0.03, 0.02],
             # The fifteen of Benjamini and Hochberg (1995, section 3.2).
             [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
              0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0],
             [round(float(p), 6) for p in rng.uniform(size=30) ** 3],
             [round(float(p), 1) for p in rng.uniform(size=20)]]
    cases = []
    for p in lists:
        adjusted = multipletests(p, method="fdr_bh")[1]
        require(np.allclose(adjusted, stats.false_discovery_control(p, method="bh"), atol=1e-12), p)
        cases.append({"p": p, "adjusted": adjusted})
    return cases


def main():
    parts = {"change": change_cases(), "two_sided": two_sided_cases(),
             "benjamini_hochberg": adjusted_cases()}
    lines = []
    for key in sorted(parts):
        rows = ",\n".join("  " + json.dumps(rounded(case), sort_keys=True) for case in parts[key])
        lines.append(f' "{key}": [\n{rows}]')
    print("{\n" + ",\n".join(lines) + "\n}")


if __name__ == "__main__":
    main()

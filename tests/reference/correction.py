#!/usr/bin/env python3
"""Independent reference values for shares corrected for a classifier's errors.

Run with the packages pinned in requirements.txt:

    python -I tests/reference/correction.py > tests/reference/correction.json

A case is a sample by strata of equal weight (each with the numbers of rows that are found, missed, unfounded or neither)
and a raw share with its 95% interval, that of Wilson (statsmodels proportion_confint) for `of` independent comments.

  sensitivity, specificity  sklearn.metrics.recall_score with sample_weight, for the class and for its absence
  ..._interval              of either rate: scipy.stats.beta.ppf with the right and the wrong rows, half a row more each
                            (Jeffreys' interval: Brown, Cai and DasGupta 2001), and as far as the rate where that lies
                            outside; where the right rows weigh u each and the wrong ones v, its quantile q stands for
                            the rate uq / (uq + v(1 - q))
  ..._error                 of both its ends: the standard deviation of such a quantile among 2,000 draws, from where the
                            same distribution has one standard deviation of the share of the draws more and less
  rogan_gladen              (share + specificity - 1) / (sensitivity + specificity - 1), by hand: no package in use here has it
  deviation                 its standard deviation by the delta method, Rogan and Gladen (1978), where all weights are equal:
                            sqrt(share(1-share)/of + p^2 se(1-se)/with + (1-p)^2 sp(1-sp)/without) / (se + sp - 1)
  lang_reiczigel            the interval of Lang and Reiczigel (2014), by hand, where all weights are equal
  double_sampling           statsmodels WLS of the label on the prediction, asked for the raw share: its line through two
                            points is the precision at 1 and the share missed at 0
  own_deviation             its standard deviation: the raw one divided by (se + sp - 1), and binomial ones of both ends
  drawn, own_drawn          intervals from 400,000 draws made in another way than the program's: numbers of the gamma
                            distribution of shape rows + 1/2 for whole strata (scipy.stats.gamma), and split normal ones;
                            only where a stratum holds one kind of prediction, or all weights are equal

Numbers that are null have no meaning for a sample of unequal weights. Seed: 20261.
"""

import json

import numpy as np
import statsmodels.api as sm
from scipy import stats
from sklearn.metrics import recall_score
from statsmodels.stats.proportion import proportion_confint

Z = stats.norm.ppf(0.975)
KINDS = ["found", "missed", "unfounded", "neither"]
DRAWS = 2000  # of the program


def lang_reiczigel(positive, of, se, with_it, sp, without):
    of_, share_ = of + Z**2, (positive + Z**2 / 2) / (of + Z**2)
    with_, se_ = with_it + 2, (se * with_it + 1) / (with_it + 2)
    without_, sp_ = without + 2, (sp * without + 1) / (without + 2)
    p = (share_ + sp_ - 1) / (se_ + sp_ - 1)
    a, b = se_ * (1 - se_) / with_, sp_ * (1 - sp_) / without_
    shift = 2 * Z**2 * (p * a - (1 - p) * b)
    error = np.sqrt(share_ * (1 - share_) / of_ + p**2 * a + (1 - p) ** 2 * b) / (se_ + sp_ - 1)
    return [float(np.clip(p + shift + side * error, 0, 1)) for side in (-Z, Z)]


def jeffreys(right, wrong, right_weight, wrong_weight, value):
    """The interval of a rate of so many rows, and how well quantiles of draws know its ends."""

    def rate(share):
        q = stats.beta.ppf(share, right + 0.5, wrong + 0.5)
        return right_weight * q / (right_weight * q + wrong_weight * (1 - q))

    interval, errors = [], []
    for share in (0.025, 0.975):
        step = np.sqrt(share * (1 - share) / DRAWS)
        interval.append(float(rate(share)))
        errors.append(float(rate(share + step) - rate(share - step)) / 2)
    return [min(interval[0], float(value)), max(interval[1], float(value))], errors


def case(rng, strata, positive, of):
    kinds = np.array([[s[k] for k in KINDS] for s in strata])
    weight = np.array([s["weight"] for s in strata], float)
    predicted = np.tile([1, 0, 1, 0], len(strata)).repeat(kinds.ravel())
    labelled = np.tile([1, 1, 0, 0], len(strata)).repeat(kinds.ravel())
    weights = np.repeat(weight, kinds.sum(axis=1))
    se = recall_score(labelled, predicted, sample_weight=weights)
    sp = recall_score(labelled, predicted, sample_weight=weights, pos_label=0)
    share = positive / of
    low, high = proportion_confint(positive, of, method="wilson")
    corrected = (share + sp - 1) / (se + sp - 1)
    line = sm.WLS(labelled, sm.add_constant(predicted.astype(float)), weights=weights).fit()
    own = float(line.params @ [1, share])
    plain = len(set(weight)) == 1
    with_it, without = labelled.sum(), (1 - labelled).sum()
    raw = share * (1 - share) / of
    out = {
        "strata": strata, "share": share, "low": low, "high": high, "sensitivity": se, "specificity": sp,
        "rogan_gladen": corrected, "double_sampling": own,
        "deviation": None, "own_deviation": None, "lang_reiczigel": None,
    }
    if plain:
        errors = corrected**2 * se * (1 - se) / with_it + (1 - corrected) ** 2 * sp * (1 - sp) / without
        out["deviation"] = float(np.sqrt(raw + errors) / (se + sp - 1))
        out["lang_reiczigel"] = lang_reiczigel(positive, of, se, with_it, sp, without)
        ends = 0.0
        for kind, factor in ((1, share), (0, 1 - share)):
            p, n = labelled[predicted == kind].mean(), (predicted == kind).sum()
            ends += factor**2 * p * (1 - p) / n
        out["own_deviation"] = float(np.sqrt(raw / (se + sp - 1) ** 2 + ends))
    draws = 400_000
    sums, weighs = {}, {}
    for place, kind in enumerate(KINDS):
        rows = kinds[:, place]
        of_kind = kinds[:, [0, 2]] if place in (0, 2) else kinds[:, [1, 3]]
        used = of_kind.sum(axis=1) > 0
        assert len(set(weight[used])) == 1, "one weight for each prediction"
        weighs[kind] = weight[used][0]
        sums[kind] = weighs[kind] * stats.gamma.rvs(rows.sum() + 0.5, size=draws, random_state=rng)
    z = stats.norm.rvs(size=draws, random_state=rng) / Z
    moved = np.clip(share + np.where(z > 0, z * (high - share), z * (share - low)), 0, 1) - share
    false = sums["unfounded"] / (sums["unfounded"] + sums["neither"])
    youden = np.maximum(sums["found"] / (sums["found"] + sums["missed"]) - false, 1e-9)
    drawn = np.clip((share + moved - false) / youden, 0, 1)
    out["drawn"] = [float(v) for v in np.quantile(drawn, [0.025, 0.975])]
    precision = sums["found"] / (sums["found"] + sums["unfounded"])
    missed = sums["missed"] / (sums["missed"] + sums["neither"])
    drawn = np.clip(share * precision + (1 - share) * missed + moved / youden, 0, 1)
    out["own_drawn"] = [float(v) for v in np.quantile(drawn, [0.025, 0.975])]
    rows = dict(zip(KINDS, kinds.sum(axis=0)))
    for name, value, right, wrong in (
        ("sensitivity", se, "found", "missed"),
        ("specificity", sp, "neither", "unfounded"),
    ):
        found = jeffreys(rows[right], rows[wrong], weighs[right], weighs[wrong], value)
        out[name + "_interval"], out[name + "_error"] = found
    return out


def stratum(weight, found, missed, unfounded, neither):
    return {"weight": weight, "found": found, "missed": missed, "unfounded": unfounded, "neither": neither}


def tidy(value):
    if isinstance(value, dict):
        return {k: tidy(v) for k, v in value.items()}
    if isinstance(value, list):
        return [tidy(v) for v in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


def main():
    rng = np.random.default_rng(20261)
    cases = [
        # Plain samples: a large one, where the formulas for many rows hold, and a usual one.
        case(rng, [stratum(1.0, 400, 100, 150, 1350)], 500, 2500),
        case(rng, [stratum(3.0, 45, 15, 12, 228)], 180, 800),
        # Half from those predicted: 60 that stand for 2 each, 90 that stand for 15.
        case(rng, [stratum(2.0, 42, 0, 18, 0), stratum(15.0, 0, 3, 0, 87)], 90, 900),
        # None missed.
        case(rng, [stratum(1.0, 30, 0, 10, 160)], 60, 600),
    ]
    lines = ",\n".join("  " + json.dumps(tidy(one), sort_keys=True) for one in cases)
    print('{"cases": [\n' + lines + "\n]}")


if __name__ == "__main__":
    main()

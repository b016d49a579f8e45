#!/usr/bin/env python3
"""Independent reference values for the program's intervals, quantiles, scores and fits.

The other scripts here have those of the comparison of periods.

Run with the packages pinned in requirements.txt:

    python -I tests/reference/statistics.py > tests/reference/statistics.json

(`-I` keeps this directory off the module search path; without it this file
would shadow the standard library's `statistics` module for the packages it
imports.  The script also guards against that itself, see below.)

Every number is computed by a published package (statsmodels, scipy,
scikit-learn) or by plain counting, AND checked inside this script against a
second computation; the script fails rather than print values that disagree.

Output
------
One JSON object with sorted keys, one case per line, numbers rounded to 12
significant digits.  Magnitudes below 1e-15 are printed as 0.0 (they are
rounding residue of values that are exactly zero, such as the lower Wilson
limit for 0 successes).  Random data come from numpy's PCG64 with the fixed
seeds below.

Because the printed numbers carry 12 significant digits and interval limits may
be small differences of larger numbers, compare with an absolute tolerance
(1e-9 is comfortable), not bit for bit.

Top-level keys, each a list of cases:

  wilson          {successes, trials, low, high}
  mean_interval   {values, mean, low, high}
  t_quantile      {freedom, quantile}: the 97.5% quantile of Student's t
  quantile        {values, share, quantile}: values ascend
  percentile_interval
                  {values, low, high}: from their 2.5% to their 97.5% quantile
  classification  {labels, gold, predicted, accuracy, macro_f1_present,
                   macro_recall, per_class: {label: {precision, recall, f1,
                   support}}, confusion}
  multilabel      {themes, gold, either_way, predicted,
                   per_theme: {theme: {tp, fp, fn, precision, recall, f1}},
                   micro: {precision, recall, f1}, macro_f1_present}
  average_precision
                  {scores, labels, average_precision}
  calibration     {confidence, right, bins: [{count, low, high, confidence,
                   right}], error}
  temperature     {logits: [[three]], labels: [index], temperature}
  logistic        {x, y, slope, intercept}
  ridge           {features, offsets, labels, penalty, weights, bias}
  weighted        {gold, predicted, weights, accuracy, precision, recall, f1,
                   scores, labels, average_precision}
  confident       {labels, probabilities, suspects}: places of suspect labels
  weighted_calibration
                  {confidence, right, weights, bins: [{count, low, high,
                   confidence, right}], error}
  evaluation      {texts: [{label, probabilities, weight, stratum}], accuracy,
                   macro_f1, macro_recall, error, low, high}: a stratified sample;
                   low and high are those of the accuracy

Conventions
-----------
* All intervals are two-sided 95% intervals.

* Wilson: score interval WITHOUT continuity correction, z = 1.959963984540054.

* Mean: Student's t with n - 1 degrees of freedom and the standard error
  s / sqrt(n), s taken with ddof = 1.  Limits are not clipped to [-1, 1].  When
  all values are equal the interval has zero width: low = mean = high.
  n is always at least 2.  Values have at most 6 decimals, hence are exact
  integers of millionths.

* Quantiles of a list lie on straight lines between neighbours: of n values the
  first is the quantile of 0, the last that of 1 (type 7 of Hyndman and Fan).

* Undefined ratios are null:
    precision = tp / (tp + fp)             null when nothing was predicted
    recall    = tp / (tp + fn)             null when there is no gold
    f1        = 2 tp / (2 tp + fp + fn)    null when that denominator is 0
  The same three rules hold for micro averages, on the summed counts.  So f1 may
  be 0.0 where precision or recall is null: a class that is in gold but never
  predicted has precision null, recall 0, f1 0; one predicted but absent from
  gold has precision 0, recall null, f1 0; one in neither has three nulls.

* classification: macro_f1_present and macro_recall are unweighted means over
  the classes that OCCUR IN GOLD (for those, recall and f1 are always defined;
  scikit-learn is run with zero_division=0).  A class that is only predicted
  does not enter the mean, but its false positives count against accuracy.
  per_class lists every entry of labels.  support is the number of gold rows.
  confusion[i][j] counts rows with gold labels[i] and predicted labels[j].

* multilabel: each row has a set of gold themes, a set of "either way" themes
  and a set of predicted themes.  An either-way theme of a row counts neither as
  gold nor as predicted IN THAT ROW: the cell (row, theme) is left out of tp, fp
  and fn alike.  That also holds if the theme is listed as gold of the same row
  (only the last of the random cases has such rows).
  macro_f1_present is the unweighted mean of f1 over themes with at least one
  gold occurrence that counts (tp + fn > 0); null if there is no such theme.

* average_precision: the sum of (recall_n - recall_{n-1}) * precision_n over the
  distinct scores, highest first, without interpolation.  Rows of the same score
  are found at once, so their order does not matter.  Null where no label is
  true (scikit-learn warns and answers 0).

* calibration: the predictions are sorted by confidence, those of the same
  confidence all counting as right by the share of them that is, and cut by
  numpy.array_split into 15
  parts, or into as many as there are predictions if that is fewer: equal sizes,
  the first parts one larger where the number does not divide.  low and high are
  the lowest and the highest confidence of a bin, confidence their mean, right
  the share that is right.  error is the expected calibration error: the mean
  over the predictions of |confidence - right| of their bin.

* weighted_calibration: the same bins, with the same number of predictions in each;
  means, and the shares of equal confidences, are weighted.

* evaluation: low and high are the 2.5% and 97.5% quantiles of the bootstrap of Rao
  and Wu over 20,000 samples; another one of 1,000 samples differs by less than 0.01.

* temperature: the T > 0 that minimises the negative log likelihood of the labels
  under softmax(logits / T).  It is printed as the root of the derivative with
  respect to 1 / T; a minimiser that only looks at the likelihood finds it to
  half the digits (rounding hides the rest), so expect no more of another one.

* logistic: the maximum of the likelihood of P(y) = 1 / (1 + exp(-(slope * x +
  intercept))), without a penalty.  No case is separable, so the maximum exists.

Sources
-------
* E. B. Wilson (1927). Probable inference, the law of succession, and
  statistical inference. J. Am. Stat. Assoc. 22(158), 209-212.
* R. G. Newcombe (1998). Two-sided confidence intervals for the single
  proportion: comparison of seven methods. Stat. Med. 17(8), 857-872.
  (Table I, method 3: published Wilson limits.)
* Student (1908). The probable error of a mean. Biometrika 6(1), 1-25.
* R. J. Hyndman and Y. Fan (1996). Sample quantiles in statistical packages.
  Am. Stat. 50(4), 361-365.
* C. J. van Rijsbergen (1979). Information Retrieval, 2nd ed., ch. 7
  (precision, recall and the F measure).
* C. D. Manning, P. Raghavan and H. Schütze (2008). Introduction to Information
  Retrieval, ch. 8 (average precision).
* K. Nguyen and B. O'Connor (2015). Posterior calibration and exploratory analysis
  for natural language processing models. EMNLP 2015 (bins of equal mass).
* M. P. Naeini, G. F. Cooper and M. Hauskrecht (2015). Obtaining well calibrated
  probabilities using Bayesian binning. AAAI 2015 (expected calibration error).
* J. N. K. Rao and C. F. J. Wu (1988). Resampling inference with complex survey
  data. J. Am. Stat. Assoc. 83(401), 231-241 (the bootstrap of strata).
* C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger (2017). On calibration of modern
  neural networks. ICML 2017 (temperature scaling).
* J. Platt (1999). Probabilistic outputs for support vector machines and
  comparisons to regularized likelihood methods. In: Advances in Large Margin
  Classifiers, 61-74 (the logistic curve).
* statsmodels: proportion.proportion_confint(method="wilson"),
  weightstats.DescrStatsW.tconfint_mean,
  discrete.discrete_model.Logit.
* scipy: stats.t.interval, stats.t.ppf, stats.sem, stats.mstats.mquantiles,
  optimize.brentq, optimize.minimize_scalar, special.log_softmax, special.softmax.
* numpy: quantile.
* scikit-learn: metrics.accuracy_score, average_precision_score,
  confusion_matrix, f1_score, recall_score, precision_recall_fscore_support;
  linear_model.LogisticRegression.
"""

import os
import sys

# This file is called statistics.py.  Python puts a script's directory first on
# the module path, so `import statistics` (done by the standard library's
# `random`, among others) would load this file.  Drop the directory first.
_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [p for p in sys.path if os.path.abspath(p or os.curdir) != _HERE]

import json
import math
import statistics as stdlib_statistics
import warnings
from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
from cleanlab.count import compute_confident_joint
from scipy import optimize, special, stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
    recall_score,
)
from statsmodels.discrete.discrete_model import Logit
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

getcontext().prec = 60

SEED_MEAN = 20240101
SEED_CLASSIFICATION = 20240202
SEED_MULTILABEL = 20240303
SEED_RANKING = 20240404
SEED_CALIBRATION = 20240505
SEED_TEMPERATURE = 20240606
SEED_LOGISTIC = 20240707
SEED_QUANTILES = 20260707

ALPHA = 0.05
Z = 1.959963984540054
AGREE = 1e-12  # what two computations of the same number may differ by


def agree(a, b, tolerance=AGREE):
    """True when two numbers (or two undefined values) are the same."""
    if a is None or b is None:
        return a is None and b is None
    return abs(float(a) - float(b)) <= tolerance


def require(condition, message):
    """Like assert, but not switched off by `python -O`."""
    if not condition:
        raise AssertionError(message)


# The stated z is the 97.5% point of the standard normal distribution.
require(agree(stats.norm.ppf(1 - ALPHA / 2), Z, 2e-15), "z")


# ---------------------------------------------------------------------------
# Proportions
# ---------------------------------------------------------------------------


def wilson_by_hand(successes, trials):
    """Wilson (1927), without continuity correction, in 60-digit decimals.

        (2 n p + z^2 -+ z sqrt(z^2 + 4 n p (1 - p))) / (2 (n + z^2))
    """
    x, n, z = Decimal(successes), Decimal(trials), Decimal(Z)
    p = x / n
    root = z * (z * z + 4 * n * p * (1 - p)).sqrt()
    bottom = 2 * (n + z * z)
    return (2 * x + z * z - root) / bottom, (2 * x + z * z + root) / bottom


WILSON_CASES = [
    # The edges.
    (0, 1), (1, 1), (0, 2), (1, 2), (2, 2), (1, 3), (2, 3),
    (0, 10), (1, 10), (5, 10), (9, 10), (10, 10),
    # The four published examples of Newcombe (1998).
    (81, 263), (15, 148), (0, 20), (1, 29),
    # Common sizes.
    (7, 20), (28, 29), (50, 100), (95, 100), (137, 1000),
    # Large.
    (0, 100000), (1, 100000), (50000, 100000), (99999, 100000), (100000, 100000),
    (123456, 1000000),
]

# Newcombe (1998), Table I, method 3, to four decimals.
WILSON_PUBLISHED = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0000, 0.1611),
    (1, 29): (0.0061, 0.1718),
}


def wilson_cases():
    cases = []
    for x, n in WILSON_CASES:
        low, high = (float(v) for v in proportion_confint(x, n, alpha=ALPHA, method="wilson"))
        hand = wilson_by_hand(x, n)
        require(agree(low, hand[0]) and agree(high, hand[1]), f"wilson {x}/{n}")
        if (x, n) in WILSON_PUBLISHED:
            published = WILSON_PUBLISHED[x, n]
            require(
                agree(low, published[0], 5.1e-5) and agree(high, published[1], 5.1e-5),
                f"wilson {x}/{n}: {low} {high} is not the published {published}",
            )
        cases.append({"successes": x, "trials": n, "low": low, "high": high})
    return cases


# ---------------------------------------------------------------------------
# Mean
# ---------------------------------------------------------------------------


def mean_values():
    """The samples: lists of numbers in [-1, 1] with at most 6 decimals."""
    rng = np.random.default_rng(SEED_MEAN)

    def uniform(n, low=-1.0, high=1.0):
        return [round(float(v), 6) for v in rng.uniform(low, high, n)]

    yield [-1.0, 1.0]  # the widest interval possible, far outside [-1, 1]
    yield [0.25, 0.250001]  # one millionth apart
    yield [0.1, 0.1, 0.1]  # all equal, not exact in binary
    yield [0.0] * 10  # all zero
    yield [-0.333333] * 200  # all equal, many
    yield [-1.0, 0.0, 1.0]  # mean exactly zero
    yield uniform(3)
    yield uniform(5, 0.8, 1.0)  # near the upper edge
    yield uniform(12)
    yield uniform(30, -0.05, 0.05)  # a mean near zero
    yield [round(float(v), 6) for v in rng.choice([-1.0, 0.0, 1.0], 60)]  # three levels
    yield uniform(101, -1.0, 0.2)
    yield [round(float(np.clip(v, -1, 1)), 6) for v in rng.normal(0.4, 0.5, 200)]  # clipped


def mean_interval_cases():
    cases = []
    for values in mean_values():
        n = len(values)
        require(2 <= n <= 200, "sample size")
        require(all(-1 <= v <= 1 for v in values), "range")
        # Exact arithmetic on integers of millionths.
        micro = [round(v * 1_000_000) for v in values]
        require(all(m / 1_000_000 == v for m, v in zip(micro, values)), "not exact in millionths")
        mean = float(Fraction(sum(micro), n * 1_000_000))
        if len(set(micro)) == 1:
            # scipy answers nan for a scale of 0; the interval is the point.
            require(mean == values[0], "mean of equal values")
            low = high = mean
        else:
            low, high = (
                float(v)
                for v in stats.t.interval(
                    1 - ALPHA, df=n - 1, loc=mean, scale=stats.sem(values, ddof=1)
                )
            )
            # Second computation: statsmodels.
            other = DescrStatsW(np.array(values)).tconfint_mean(alpha=ALPHA)
            require(agree(low, other[0], 1e-11) and agree(high, other[1], 1e-11), f"mean n={n}")
            # Third: the standard library's exact standard deviation.
            half = stats.t.ppf(1 - ALPHA / 2, n - 1) * stdlib_statistics.stdev(
                [Fraction(m, 1_000_000) for m in micro]
            ) / math.sqrt(n)
            require(agree(low, mean - half, 1e-11) and agree(high, mean + half, 1e-11), f"mean n={n}")
        cases.append({"values": values, "mean": mean, "low": low, "high": high})
    return cases


# ---------------------------------------------------------------------------
# Quantiles
# ---------------------------------------------------------------------------


def t_quantile_cases():
    cases = []
    # The program has one way up to 10,000 and another beyond.
    for freedom in [1.0, 1.3, 2.0, 2.5, 3.7, 7.0, 11.0, 30.0, 199.5, 9999.0, 10000.0, 10001.0,
                    20000.0, 1e6, 1e9]:
        quantile = float(stats.t.ppf(1 - ALPHA / 2, freedom))
        require(agree(stats.t.cdf(quantile, freedom), 1 - ALPHA / 2), f"t of {freedom}")
        cases.append({"freedom": freedom, "quantile": quantile})
    # These two have formulas.
    require(agree(cases[0]["quantile"], math.tan(math.pi * (0.5 - ALPHA / 2)), 1e-11), "t of 1")
    by_hand = (1 - ALPHA) / math.sqrt(ALPHA * (1 - ALPHA / 2))
    require(agree(cases[2]["quantile"], by_hand), "t of 2")
    return cases


def quantile_of(values, share):
    found = float(np.quantile(values, share, method="linear"))
    other = stats.mstats.mquantiles(values, share, alphap=1, betap=1)[0]
    require(agree(found, other), f"quantile {share}")
    return found


def drawn_values():
    rng = np.random.default_rng(SEED_QUANTILES)
    yield [7.0]
    yield [4.0, 1.0]
    yield [1.0, 4.0, 2.0]
    yield [0.0, 1.0, 0.0, 0.0]
    for n in (40, 41, 200):
        yield [round(float(v), 6) for v in rng.normal(0.3, 1.0, n)]


def quantile_cases():
    return [
        {"values": sorted(values), "share": share, "quantile": quantile_of(values, share)}
        for values in drawn_values()
        for share in (0.0, 0.025, 0.5, 0.8, 0.975, 1.0)
        if len(values) < 100
    ]


def percentile_interval_cases():
    return [
        {
            "values": values,
            "low": quantile_of(values, ALPHA / 2),
            "high": quantile_of(values, 1 - ALPHA / 2),
        }
        for values in drawn_values()
    ]


# ---------------------------------------------------------------------------
# Classification, one label per row
# ---------------------------------------------------------------------------


def ratio(top, bottom):
    """top / bottom, or None where that is 0/0."""
    return None if bottom == 0 else top / bottom


def prf(tp, fp, fn):
    """Precision, recall and f1 from counts, under the conventions above."""
    return {
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
    }


def classification_data():
    """Yields (labels, gold, predicted)."""
    rng = np.random.default_rng(SEED_CLASSIFICATION)

    def draw(labels, n, gold_weights, keep, noise_weights):
        """Gold by weight; predicted is gold with probability keep, else noise."""
        gold_weights = np.array(gold_weights, float) / sum(gold_weights)
        noise_weights = np.array(noise_weights, float) / sum(noise_weights)
        gold = rng.choice(len(labels), n, p=gold_weights)
        noise = rng.choice(len(labels), n, p=noise_weights)
        predicted = np.where(rng.random(n) < keep, gold, noise)
        # A weight of 0 in the noise means: never predicted.
        never = [i for i, w in enumerate(noise_weights) if w == 0]
        predicted = np.where(np.isin(predicted, never), noise, predicted)
        return labels, [labels[i] for i in gold], [labels[i] for i in predicted]

    # 1. Three classes, all of them in gold and predicted.
    yield draw(["negative", "neutral", "positive"], 50, [3, 4, 3], 0.6, [1, 1, 1])
    # 2. "mixed" is in gold but never predicted.
    yield draw(["negative", "neutral", "positive", "mixed"], 60, [4, 2, 5, 2], 0.7, [1, 1, 1, 0])
    # 3. "d" is predicted but absent from gold.
    yield draw(["a", "b", "c", "d"], 45, [5, 3, 2, 0], 0.65, [1, 1, 1, 2])
    # 4. All at once, uneven: "rare" never predicted, "ghost" only predicted,
    #    "unused" in neither; labels not in alphabetical order.
    yield draw(
        ["main", "rare", "ghost", "unused", "also"], 80, [10, 1, 0, 0, 4], 0.75, [3, 0, 1, 0, 2]
    )


def classification_cases():
    cases = []
    for labels, gold, predicted in classification_data():
        confusion = confusion_matrix(gold, predicted, labels=labels)
        precision, recall, f1, support = precision_recall_fscore_support(
            gold, predicted, labels=labels, average=None, zero_division=0
        )
        per_class = {}
        for i, label in enumerate(labels):
            # Second computation: plain counting.
            tp = sum(g == label and p == label for g, p in zip(gold, predicted))
            fp = sum(g != label and p == label for g, p in zip(gold, predicted))
            fn = sum(g == label and p != label for g, p in zip(gold, predicted))
            entry = prf(tp, fp, fn)
            # scikit-learn says 0 where the ratio is undefined; here that is null.
            for name, values in (("precision", precision), ("recall", recall), ("f1", f1)):
                require(agree(entry[name] or 0.0, values[i]), f"{label} {name}")
            require(support[i] == tp + fn == confusion[i].sum(), f"{label} support")
            require(confusion[:, i].sum() == tp + fp, f"{label} column")
            per_class[label] = {**entry, "support": tp + fn}

        present = [label for label in labels if label in gold]
        accuracy = accuracy_score(gold, predicted)
        macro_f1 = f1_score(gold, predicted, labels=present, average="macro", zero_division=0)
        macro_recall = recall_score(
            gold, predicted, labels=present, average="macro", zero_division=0
        )
        require(agree(accuracy, np.trace(confusion) / len(gold)), "accuracy")
        require(agree(macro_f1, np.mean([per_class[c]["f1"] for c in present])), "macro f1")
        require(agree(macro_recall, np.mean([per_class[c]["recall"] for c in present])), "recall")
        cases.append(
            {
                "labels": labels,
                "gold": gold,
                "predicted": predicted,
                "accuracy": float(accuracy),
                "macro_f1_present": float(macro_f1),
                "macro_recall": float(macro_recall),
                "per_class": per_class,
                "confusion": confusion.tolist(),
            }
        )
    # The cases show what their comments say.
    require(cases[1]["per_class"]["mixed"]["precision"] is None, "mixed is never predicted")
    require(cases[1]["per_class"]["mixed"]["support"] > 0, "mixed is in gold")
    require(cases[2]["per_class"]["d"]["recall"] is None, "d is absent from gold")
    require(cases[2]["per_class"]["d"]["precision"] == 0, "d is predicted")
    four = cases[3]["per_class"]
    require(four["rare"]["precision"] is None and four["rare"]["support"] > 0, "rare")
    require(four["ghost"]["recall"] is None and four["ghost"]["precision"] == 0, "ghost")
    require(four["unused"]["f1"] is None, "unused")
    return cases


# ---------------------------------------------------------------------------
# Multi-label
# ---------------------------------------------------------------------------

THEMES = ["access", "cost", "delay", "quality", "safety", "staff"]


def multilabel_data():
    """Yields (themes, gold, either_way, predicted), the last three boolean
    arrays of shape (rows, themes)."""
    rng = np.random.default_rng(SEED_MULTILABEL)
    shape = (60, len(THEMES))

    def draw(gold_rate, either_rate, hit_rate, false_rate, overlap=False):
        """Rates are per theme.  Unless overlap is set, no theme is gold and
        either way in the same row."""
        gold = rng.random(shape) < np.array(gold_rate)
        either = rng.random(shape) < np.array(either_rate)
        if not overlap:
            either &= ~gold
        # A plausible prediction hits gold often, either-way themes half the
        # time and others seldom.
        chance = np.where(gold, hit_rate, np.where(either, 0.5, false_rate))
        predicted = rng.random(shape) < chance
        return gold, either, predicted

    # 1. Ordinary.
    gold, either, predicted = draw([0.3] * 6, [0.1] * 6, 0.7, 0.1)
    yield THEMES, gold, either, predicted

    # 2. Uneven: "delay" is never gold but is predicted (recall null); "staff"
    #    is gold but never predicted (precision null).
    gold, either, predicted = draw(
        [0.5, 0.3, 0.0, 0.2, 0.1, 0.15], [0.15] * 6, 0.65, 0.12
    )
    predicted[:, 5] = False
    yield THEMES, gold, either, predicted

    # 3. Sparse: many empty rows; "quality" is neither gold nor predicted (all
    #    null); "cost" is gold nowhere, and predicted only where it is either
    #    way (all null too, although it does occur among the predictions).
    gold, either, predicted = draw(
        [0.08, 0.0, 0.1, 0.0, 0.05, 0.12], [0.05, 0.3, 0.05, 0.05, 0.05, 0.05], 0.6, 0.03
    )
    predicted[:, 1] = either[:, 1]
    predicted[:, 3] = False
    yield THEMES, gold, either, predicted

    # 4. Dense, many either-way themes, some of which are listed as gold too;
    #    they count neither way all the same.
    gold, either, predicted = draw([0.5] * 6, [0.35] * 6, 0.75, 0.3, overlap=True)
    yield THEMES, gold, either, predicted

    # 5. Degenerate, three rows: gold, but not one prediction that counts.
    gold = np.zeros((3, 6), bool)
    either = np.zeros((3, 6), bool)
    gold[0, 0] = gold[0, 3] = gold[2, 0] = True
    either[1, 4] = True
    yield THEMES, gold, either, either.copy()

    # 6. Degenerate, three rows: neither gold nor prediction; everything null.
    nothing = np.zeros((3, 6), bool)
    yield THEMES, nothing, nothing, nothing


def or_none(x):
    """scikit-learn with zero_division=nan says nan where a ratio is undefined."""
    return None if math.isnan(x) else float(x)


def check_with_sklearn(entry, gold, predicted, what):
    """Compares precision, recall and f1 with scikit-learn on the counted cells."""
    if len(gold) == 0:
        require(all(entry[k] is None for k in ("precision", "recall", "f1")), what)
        return
    precision, recall, f1, _ = precision_recall_fscore_support(
        gold.astype(int),
        predicted.astype(int),
        labels=[1],
        average=None,
        zero_division=np.nan,
    )
    for name, values in (("precision", precision), ("recall", recall), ("f1", f1)):
        require(agree(entry[name], or_none(values[0])), f"{what} {name}")


def multilabel_cases():
    cases = []
    for themes, gold, either, predicted in multilabel_data():
        counted = ~either  # the cells that count
        tp = (counted & gold & predicted).sum(axis=0)
        fp = (counted & ~gold & predicted).sum(axis=0)
        fn = (counted & gold & ~predicted).sum(axis=0)

        per_theme = {}
        for i, theme in enumerate(themes):
            counts = {"tp": int(tp[i]), "fp": int(fp[i]), "fn": int(fn[i])}
            entry = {**counts, **prf(**counts)}
            # Second computation: scikit-learn on the rows where the theme counts.
            mask = counted[:, i]
            g, p = gold[mask, i], predicted[mask, i]
            check_with_sklearn(entry, g, p, theme)
            if len(g):
                matrix = confusion_matrix(g.astype(int), p.astype(int), labels=[0, 1])
                require(
                    (matrix[1, 1], matrix[0, 1], matrix[1, 0]) == (tp[i], fp[i], fn[i]),
                    f"{theme} counts",
                )
            per_theme[theme] = entry

        # Micro: the counts of all themes summed; checked on all counted cells.
        micro = prf(int(tp.sum()), int(fp.sum()), int(fn.sum()))
        check_with_sklearn(micro, gold[counted], predicted[counted], "micro")

        # Macro: over the themes with gold; checked with scikit-learn per theme.
        present = [i for i in range(len(themes)) if tp[i] + fn[i] > 0]
        macro = None
        if present:
            macro = float(np.mean([per_theme[themes[i]]["f1"] for i in present]))
            other = np.mean(
                [
                    f1_score(gold[counted[:, i], i], predicted[counted[:, i], i], zero_division=0)
                    for i in present
                ]
            )
            require(agree(macro, other), "macro f1")

        def names(array):
            return [[t for t, on in zip(themes, row) if on] for row in array]

        cases.append(
            {
                "themes": themes,
                "gold": names(gold),
                "either_way": names(either),
                "predicted": names(predicted),
                "per_theme": per_theme,
                "micro": micro,
                "macro_f1_present": macro,
            }
        )

    # The cases show what their comments say.
    two, three, four = (cases[i]["per_theme"] for i in (1, 2, 3))
    require(two["delay"]["recall"] is None and two["delay"]["fp"] > 0, "delay")
    require(two["staff"]["precision"] is None and two["staff"]["fn"] > 0, "staff")
    require(three["quality"]["f1"] is None and three["cost"]["f1"] is None, "all null")
    require(any("cost" in row for row in cases[2]["predicted"]), "cost is predicted")
    require(any(not row for row in cases[2]["gold"]), "empty rows")
    for number, case in enumerate(cases):
        overlap = any(set(g) & set(e) for g, e in zip(case["gold"], case["either_way"]))
        require(overlap == (number == 3), "overlap of gold and either way")
        # An either-way theme that was predicted must occur for the rule to matter.
        if number < 4:
            require(
                any(set(p) & set(e) for p, e in zip(case["predicted"], case["either_way"])),
                "either way and predicted",
            )
    require(all(v["tp"] + v["fn"] > 0 for v in four.values()), "case 4 has gold everywhere")
    require(cases[4]["micro"] == {"precision": None, "recall": 0.0, "f1": 0.0}, "case 5")
    require(set(cases[5]["micro"].values()) == {None}, "case 6")
    return cases


# ---------------------------------------------------------------------------
# Ranking
# ---------------------------------------------------------------------------


def average_precision_by_hand(scores, labels):
    """The definition, in exact fractions: each distinct score as a threshold."""
    positives = sum(labels)
    if positives == 0:
        return None
    total, recall_before = Fraction(0), Fraction(0)
    for threshold in sorted(set(scores), reverse=True):
        found = [label for score, label in zip(scores, labels) if score >= threshold]
        recall = Fraction(sum(found), positives)
        total += (recall - recall_before) * Fraction(sum(found), len(found))
        recall_before = recall
    return total


def average_precision_data():
    """Yields (scores, labels)."""
    # Ties: right and wrong at the same score, in both orders of the rows.
    yield [0.9, 0.9, 0.4, 0.4, 0.1], [True, False, True, False, True]
    yield [0.9, 0.9, 0.4, 0.4, 0.1], [False, True, False, True, True]
    yield [0.1, 0.4, 0.4, 0.9, 0.9, 0.9], [True, False, True, False, False, True]
    # Ties of right ones only, of wrong ones only, and the best score wrong.
    yield [0.8, 0.8, 0.5, 0.5, 0.2], [True, True, False, False, True]
    yield [1.0, 0.7, 0.7, 0.7, 0.0, 0.0], [False, True, True, False, False, False]
    # All tied: the share of positives.
    yield [0.5] * 8, [True, False, False, True, False, False, False, True]
    # One positive: first, in the middle, last; and alone.
    yield [0.9, 0.6, 0.3, 0.2], [True, False, False, False]
    yield [0.9, 0.6, 0.3, 0.2], [False, False, True, False]
    yield [0.9, 0.6, 0.3, 0.2], [False, False, False, True]
    yield [0.3], [True]
    # All positive, in no order.
    yield [0.2, 0.8, 0.5], [True, True, True]
    # None positive.
    yield [0.9, 0.6, 0.3], [False, False, False]
    yield [0.3], [False]

    # Random: up to 40 rows, positives rare to frequent, scores that mean
    # something or not, with one decimal (many ties) to four (hardly any).
    rng = np.random.default_rng(SEED_RANKING)
    for number in range(50):
        n = int(rng.integers(2, 41))
        labels = rng.random(n) < rng.uniform(0.05, 0.8)
        labels[int(rng.integers(n))] = True
        scores = special.expit(rng.normal(0, 1.5, n) + rng.uniform(0, 3) * labels)
        decimals = 1 + number % 4
        yield [round(float(s), decimals) for s in scores], [bool(y) for y in labels]


def average_precision_cases():
    cases = []
    tied = 0
    for scores, labels in average_precision_data():
        hand = average_precision_by_hand(scores, labels)
        with warnings.catch_warnings():
            # "No positive class found in y_true": that is the case of null.
            warnings.simplefilter("ignore", UserWarning)
            value = float(average_precision_score(labels, scores))
        if not any(labels):
            require(value == 0 and hand is None, "average precision of nothing")
            value = None
        require(agree(value, hand), f"average precision of {scores} {labels}")
        tied += any(
            labels[i] != labels[j] and scores[i] == scores[j]
            for i in range(len(scores))
            for j in range(i)
        )
        cases.append({"scores": scores, "labels": labels, "average_precision": value})
    # The cases show what their comments say.
    require(agree(cases[0]["average_precision"], cases[1]["average_precision"]), "order of ties")
    require(agree(cases[5]["average_precision"], 3 / 8), "all tied")
    require(sum(case["average_precision"] is None for case in cases) == 2, "none positive")
    require(tied >= 20, "ties of right and wrong")
    return cases


# ---------------------------------------------------------------------------
# Calibration
# ---------------------------------------------------------------------------

BINS = 15


def calibration_data():
    """Yields (confidence, right), the confidence in thousandths."""
    rng = np.random.default_rng(SEED_CALIBRATION)

    def draw(n, step, optimism):
        """Confidence in steps of `step` thousandths; the share that is right is
        smaller than it says if optimism is positive."""
        confidence = rng.integers(333 // step, 1000 // step + 1, n) * step
        right = rng.random(n) < confidence / 1000 - optimism
        return [int(c) for c in confidence], [bool(r) for r in right]

    yield draw(7, 1, 0.1)  # fewer than bins: each its own bin
    yield draw(15, 1, 0.1)  # as many as bins
    yield draw(100, 50, 0.15)  # few distinct confidences: ties across the cuts
    yield draw(997, 1, 0.08)  # seven bins of 67, eight of 66


def calibration_cases():
    cases = []
    for thousandths, right in calibration_data():
        n = len(thousandths)
        of_equals = {
            c: Fraction(
                sum(r for other, r in zip(thousandths, right) if other == c),
                thousandths.count(c),
            )
            for c in set(thousandths)
        }
        pairs = sorted((c, of_equals[c]) for c in thousandths)
        # numpy's own grouping, for the first computation.
        c = np.sort(np.array(thousandths))
        values, place_of = np.unique(np.array(thousandths), return_inverse=True)
        shares = np.bincount(place_of, weights=right) / np.bincount(place_of)
        parts = np.array_split(
            np.column_stack([c, shares[np.searchsorted(values, c)]]), min(BINS, n)
        )
        bins = [
            {
                "count": len(part),
                "low": float(part[0, 0] / 1000),
                "high": float(part[-1, 0] / 1000),
                "confidence": float(np.mean(part[:, 0] / 1000)),
                "right": float(np.mean(part[:, 1])),
            }
            for part in parts
        ]
        error = float(
            np.average(
                [abs(b["confidence"] - b["right"]) for b in bins],
                weights=[b["count"] for b in bins],
            )
        )

        # Second computation: the bins dealt out one prediction at a time, in
        # exact fractions.
        size, larger = divmod(n, len(bins))
        place, total = 0, Fraction(0)
        for number, entry in enumerate(bins):
            members = []
            for _ in range(size + 1 if number < larger else size):
                members.append(pairs[place])
                place += 1
            said = Fraction(sum(c for c, _ in members), 1000)
            true = sum(r for _, r in members)
            require(entry["count"] == len(members), "count")
            require(entry["low"] == min(c for c, _ in members) / 1000, "low")
            require(entry["high"] == max(c for c, _ in members) / 1000, "high")
            require(agree(entry["confidence"], said / len(members)), "confidence")
            require(agree(entry["right"], true / len(members)), "right")
            total += abs(said - true)
        require(place == n, "every prediction is in a bin")
        require(agree(error, total / n), f"calibration error n={n}")

        cases.append(
            {
                "confidence": [c / 1000 for c in thousandths],
                "right": right,
                "bins": bins,
                "error": error,
            }
        )
    # The cases show what their comments say.
    require([len(c["right"]) for c in cases] == [7, 15, 100, 997], "sizes")
    require([len(c["bins"]) for c in cases] == [7, 15, 15, 15], "numbers of bins")
    # Ties lie across cuts, and there it matters that they share what is right.
    ties = cases[2]["bins"]
    require(sum(a["high"] == b["low"] for a, b in zip(ties, ties[1:])) >= 5, "ties across cuts")
    wrong_first = sorted(zip(cases[2]["confidence"], cases[2]["right"]))
    other_way = np.array_split([right for _, right in wrong_first], len(ties))
    differ = sum(not agree(entry["right"], np.mean(o)) for entry, o in zip(ties, other_way))
    require(differ >= 5, "equals share")
    return cases


# ---------------------------------------------------------------------------
# Temperature
# ---------------------------------------------------------------------------


def temperature_cases():
    rng = np.random.default_rng(SEED_TEMPERATURE)
    cases = []
    # Rows, the spread of the logits, the temperature the labels are drawn at:
    # overconfident, underconfident, about right.
    for n, spread, drawn_at in ((60, 4.0, 3.0), (120, 1.0, 0.5), (200, 2.0, 1.0)):
        logits = np.round(rng.normal(0, spread, (n, 3)) + np.array([0.5, 0.0, -0.5]), 3)
        chances = special.softmax(logits / drawn_at, axis=1)
        labels = np.array([int(rng.choice(3, p=p)) for p in chances])
        own = logits[np.arange(n), labels]

        def loss(log_temperature):
            scaled = special.log_softmax(logits / math.exp(log_temperature), axis=1)
            return -scaled[np.arange(n), labels].sum()

        def slope(inverse):
            """The derivative of the loss with respect to 1 / T: what the logits are
            expected to be, less what those of the labels are.  It only rises."""
            expected = (special.softmax(logits * inverse, axis=1) * logits).sum(axis=1)
            return (expected - own).sum()

        temperature = 1 / optimize.brentq(slope, 0.05, 20, xtol=1e-15, rtol=1e-14)
        # Second computation: the minimum itself.
        found = optimize.minimize_scalar(
            loss, bounds=(math.log(0.05), math.log(20)), method="bounded", options={"xatol": 1e-9}
        )
        require(found.success, "the minimum was not found")
        require(agree(math.exp(found.x) / temperature, 1, 1e-6), f"temperature n={n}")
        require(0.2 <= temperature <= 5, f"the optimum {temperature} is at the edge")
        cases.append(
            {"logits": logits.tolist(), "labels": labels.tolist(), "temperature": temperature}
        )
    # The cases show what their comment says.
    first, second, third = (case["temperature"] for case in cases)
    require(first > 2 and second < 0.7 and 0.8 < third < 1.25, "temperatures")
    return cases


# ---------------------------------------------------------------------------
# Logistic curve
# ---------------------------------------------------------------------------


def logistic_cases():
    rng = np.random.default_rng(SEED_LOGISTIC)
    cases = []
    # Points, where x lies, the curve that y is drawn from: a gentle one, a steep
    # one with few positives like those over cosines, a falling one, and a steep
    # one far from 0, where Newton's first steps go astray.
    for n, middle, spread, slope, intercept in (
        (80, 1.0, 1.5, 1.0, -1.5),
        (300, 0.35, 0.15, 12.0, -6.0),
        (150, 0.0, 2.0, -0.7, 1.0),
        (300, 0.4, 0.12, 20.0, -10.0),
    ):
        x = np.round(rng.normal(middle, spread, n), 4)
        y = rng.random(n) < special.expit(slope * x + intercept)
        # Not separable: both labels lie on both sides of some point.
        require(
            min(x[y]) < max(x[~y]) and min(x[~y]) < max(x[y]),
            "the labels can be told apart without error",
        )
        design = np.column_stack([x, np.ones(n)])
        fit = Logit(y.astype(float), design).fit(method="newton", tol=1e-14, disp=False)
        require(fit.mle_retvals["converged"], "Logit did not converge")
        slope, intercept = (float(v) for v in fit.params)
        # Second computation: scikit-learn without a penalty.
        other = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=1000)
        other.fit(x[:, None], y)
        require(
            agree(other.coef_[0, 0] / slope, 1, 1e-8)
            and agree(other.intercept_[0] / intercept, 1, 1e-8),
            f"logistic n={n}",
        )
        # Third: the derivatives of the likelihood are zero there.
        residuals = y - special.expit(slope * x + intercept)
        require(agree(residuals.sum(), 0, 1e-10), f"logistic n={n}, intercept")
        require(agree((residuals * x).sum(), 0, 1e-10), f"logistic n={n}, slope")
        cases.append(
            {
                "x": x.tolist(),
                "y": [bool(v) for v in y],
                "slope": slope,
                "intercept": intercept,
            }
        )
    return cases


# ---------------------------------------------------------------------------
# Ridge logistic regression with offsets
# ---------------------------------------------------------------------------


def ridge_cases():
    """Minimised by scipy; without offsets and with only the hint of a penalty on the bias, scikit-learn's."""
    rng = np.random.default_rng(20261)
    cases = []
    for rows, columns, penalty, bias_penalty, with_offsets in [
        (12, 3, 1.0, 1e-4, False),
        (40, 6, 0.3, 0.7, True),
        (60, 4, 30.0, 0.3, True),
        (25, 40, 3.0, 1e-4, False),
    ]:
        x = rng.normal(size=(rows, columns))
        offsets = rng.normal(size=rows) if with_offsets else np.zeros(rows)
        y = rng.random(rows) < 1 / (1 + np.exp(-(x[:, 0] - x[:, 1] + offsets + 0.5)))
        penalties = np.append(np.full(columns, penalty), bias_penalty)

        def loss(p):
            z = x @ p[:-1] + p[-1] + offsets
            return np.logaddexp(0, z).sum() - z[y].sum() + (penalties * p * p).sum() / 2

        def gradient(p):
            z = x @ p[:-1] + p[-1] + offsets
            residual = 1 / (1 + np.exp(-z)) - y
            return np.append(x.T @ residual, residual.sum()) + penalties * p

        found = optimize.minimize(
            loss, np.zeros(columns + 1), jac=gradient, method="BFGS", options={"gtol": 1e-10}
        ).x
        # BFGS stops near; Newton steps finish.
        for _ in range(5):
            z = x @ found[:-1] + found[-1] + offsets
            p = 1 / (1 + np.exp(-z))
            full = np.column_stack([x, np.ones(rows)])
            hessian = full.T @ (full * (p * (1 - p))[:, None]) + np.diag(penalties)
            found = found - np.linalg.solve(hessian, gradient(found))
        require(np.abs(gradient(found)).max() < 1e-9, "the minimum was not found")
        if not with_offsets:
            theirs = LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=10000).fit(x, y)
            require(np.abs(theirs.coef_[0] - found[:-1]).max() < 1e-2, "scikit-learn differs")
            require(abs(theirs.intercept_[0] - found[-1]) < 1e-2, "scikit-learn differs")
        cases.append(
            {
                "features": x.tolist(),
                "offsets": offsets.tolist(),
                "labels": [bool(v) for v in y],
                "penalty": penalty,
                "bias_penalty": bias_penalty,
                "weights": found[:-1].tolist(),
                "bias": float(found[-1]),
            }
        )
    return cases


# ---------------------------------------------------------------------------
# Weighted figures
# ---------------------------------------------------------------------------


def weighted_cases():
    """Accuracy, precision, recall, F1 and average precision with sample weights, by scikit-learn."""
    rng = np.random.default_rng(20262)
    cases = []
    for count in (8, 50):
        gold = rng.integers(0, 3, count)
        predicted = np.where(rng.random(count) < 0.6, gold, rng.integers(0, 3, count))
        weights = np.where(rng.random(count) < 0.5, 1.0, 7.5)
        scores = np.round(rng.random(count), 1)
        labels = rng.random(count) < scores
        labels[0] = True
        precision, recall, f1, _ = precision_recall_fscore_support(
            gold, predicted, labels=[0, 1, 2], sample_weight=weights, zero_division=np.nan
        )
        accuracy = accuracy_score(gold, predicted, sample_weight=weights)
        by_hand = weights[gold == predicted].sum() / weights.sum()
        require(abs(accuracy - by_hand) < 1e-12, "accuracy")
        ranked = average_precision_score(labels, scores, sample_weight=weights)
        # The definition.
        total, last = 0.0, 0.0
        for cut in sorted(set(scores), reverse=True):
            at = scores >= cut
            found = weights[at & labels].sum()
            now = found / weights[labels].sum()
            total += (now - last) * found / weights[at].sum()
            last = now
        require(abs(total - ranked) < 1e-12, "average precision")
        none = lambda v: None if math.isnan(v) else float(v)
        cases.append(
            {
                "gold": gold.tolist(),
                "predicted": predicted.tolist(),
                "weights": weights.tolist(),
                "accuracy": float(accuracy),
                "precision": [none(v) for v in precision],
                "recall": [none(v) for v in recall],
                "f1": [none(v) for v in f1],
                "scores": scores.tolist(),
                "labels": [bool(v) for v in labels],
                "average_precision": float(ranked),
            }
        )
    return cases


def weighted_calibration_cases():
    rng = np.random.default_rng(20263)
    cases = []
    for count in (4, 40, 100):
        confidence = np.round(rng.random(count), 1 if count == 40 else 3)
        right = rng.random(count) < confidence
        weights = np.where(rng.random(count) < 0.5, 1.0, 6.5)
        values, place = np.unique(confidence, return_inverse=True)
        shares = np.bincount(place, weights=weights * right) / np.bincount(place, weights=weights)
        # Those of one confidence cannot be told apart: each counts their mean weight.
        means = np.bincount(place, weights=weights) / np.bincount(place)
        order = np.argsort(confidence, kind="stable")
        rows = np.column_stack([confidence, shares[place], means[place]])[order]
        parts = np.array_split(rows, min(BINS, count))
        bins = [
            {
                "count": len(part),
                "low": float(part[0, 0]),
                "high": float(part[-1, 0]),
                "confidence": float(np.average(part[:, 0], weights=part[:, 2])),
                "right": float(np.average(part[:, 1], weights=part[:, 2])),
            }
            for part in parts
        ]
        of_bins = [part[:, 2].sum() for part in parts]
        require(abs(sum(of_bins) - weights.sum()) < 1e-9, "weights")
        gaps = [abs(b["confidence"] - b["right"]) for b in bins]
        error = float(np.average(gaps, weights=of_bins))
        # Without weights it would be another figure: a program that ignores them must differ.
        shares = np.bincount(place, weights=right) / np.bincount(place)
        plain = [abs(p[:, 0].mean() - p[:, 1].mean()) for p in np.array_split(
            np.column_stack([confidence, shares[place]])[order], min(BINS, count))]
        require(abs(np.average(plain, weights=[len(p) for p in parts]) - error) > 1e-3, "weights matter")
        cases.append(
            {
                "confidence": confidence.tolist(),
                "right": [bool(v) for v in right],
                "weights": weights.tolist(),
                "bins": bins,
                "error": error,
            }
        )
    return cases


def evaluation_cases():
    """A stratified sample of few texts a stratum, one of them with a single text."""
    rng = np.random.default_rng(20264)
    sizes, weights = [2] * 40 + [1], np.round(rng.uniform(1, 8, 41), 2)
    names = ["negative", "neutral", "positive"]
    strata = np.repeat(np.arange(41), sizes)
    weight = np.repeat(weights, sizes)
    label = rng.integers(0, 3, strata.size)
    logits = rng.normal(size=(strata.size, 3))
    # Easy strata and hard ones, so that it matters that the sample was drawn from each.
    logits[np.arange(strata.size), label] += np.where(strata % 3 == 0, -1.0, 2.5)
    probabilities = np.round(special.softmax(logits, axis=1), 6)
    probabilities[:, 1] += 1 - probabilities.sum(axis=1)
    found = probabilities.argmax(axis=1)
    right = (found == label).astype(float)
    accuracy = accuracy_score(label, found, sample_weight=weight)
    require(abs(accuracy - (weight * right).sum() / weight.sum()) < 1e-12, "accuracy")
    options = {"average": "macro", "sample_weight": weight, "zero_division": 0}
    # The bootstrap; the stratum of one text goes with its neighbour.
    merged = np.minimum(strata, 39)
    drawn = np.zeros((20000, strata.size))
    for stratum in range(40):
        members = np.flatnonzero(merged == stratum)
        m = members.size
        drawn[:, members] = rng.multinomial(m - 1, np.full(m, 1 / m), 20000) * m / (m - 1)
    drawn *= weight
    low, high = np.quantile((drawn @ right) / drawn.sum(axis=1), [0.025, 0.975])
    confidence = probabilities.max(axis=1)
    order = np.argsort(confidence)
    require(np.unique(confidence).size == confidence.size, "no two are equally sure")
    error = 0.0
    for part in np.array_split(order, BINS):
        w = weight[part]
        gap = np.average(confidence[part], weights=w) - np.average(right[part], weights=w)
        error += w.sum() / weight.sum() * abs(gap)
    return [
        {
            "texts": [
                {
                    "label": names[label[row]],
                    "probabilities": probabilities[row].tolist(),
                    "weight": float(weight[row]),
                    "stratum": f"year {strata[row]:02}",
                }
                for row in range(strata.size)
            ],
            "accuracy": float(accuracy),
            "macro_f1": float(f1_score(label, found, **options)),
            "macro_recall": float(recall_score(label, found, **options)),
            "error": float(error),
            "low": float(low),
            "high": float(high),
        }
    ]


# ---------------------------------------------------------------------------
# Confident learning
# ---------------------------------------------------------------------------


def confident_cases():
    """The off-diagonal of cleanlab's confident joint."""
    rng = np.random.default_rng(20263)
    cases = []
    for count, classes in [(30, 2), (120, 3)]:
        truth = rng.integers(0, classes, count)
        given = np.where(rng.random(count) < 0.85, truth, rng.integers(0, classes, count))
        logits = rng.normal(size=(count, classes)) + 2.0 * np.eye(classes)[truth]
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        _, indices = compute_confident_joint(
            given, probabilities, calibrate=False, return_indices_of_off_diagonals=True
        )
        thresholds = [probabilities[given == c, c].mean() for c in range(classes)]
        own = []
        for place in range(count):
            confident = [c for c in range(classes) if probabilities[place, c] >= thresholds[c]]
            if confident and max(confident, key=lambda c: probabilities[place, c]) != given[place]:
                own.append(place)
        require(sorted(int(i) for i in indices) == own, "cleanlab differs")
        cases.append(
            {"labels": given.tolist(), "probabilities": probabilities.tolist(), "suspects": own}
        )
    return cases


# ---------------------------------------------------------------------------
# Output
# ---------------------------------------------------------------------------


def tidy(value):
    """Rounds every float to 12 significant digits; residue of zero becomes 0.0."""
    if isinstance(value, dict):
        return {str(k): tidy(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [tidy(v) for v in value]
    if isinstance(value, float):
        require(math.isfinite(value), "a number is not finite")
        return 0.0 if abs(value) < 1e-15 else float(f"{value:.12g}")
    require(value is None or isinstance(value, (int, str)), f"unexpected {type(value)}")
    return value


def render(document):
    """JSON with sorted keys, one case per line."""
    parts = []
    for key in sorted(document):
        lines = ",\n".join(
            "  " + json.dumps(case, sort_keys=True, allow_nan=False) for case in document[key]
        )
        parts.append(f" {json.dumps(key)}: [\n{lines}\n ]")
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    require(json.loads(text) == document, "the output does not read back")
    return text


def main():
    document = tidy(
        {
            "wilson": wilson_cases(),
            "mean_interval": mean_interval_cases(),
            "t_quantile": t_quantile_cases(),
            "quantile": quantile_cases(),
            "percentile_interval": percentile_interval_cases(),
            "classification": classification_cases(),
            "multilabel": multilabel_cases(),
            "average_precision": average_precision_cases(),
            "calibration": calibration_cases(),
            "temperature": temperature_cases(),
            "logistic": logistic_cases(),
            "ridge": ridge_cases(),
            "weighted": weighted_cases(),
            "confident": confident_cases(),
            "weighted_calibration": weighted_calibration_cases(),
            "evaluation": evaluation_cases(),
        }
    )
    sys.stdout.write(render(document))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Independent reference values for the words that set groups of comments apart.

Run with the packages pinned in requirements.txt:

    python -I tests/reference/words.py > tests/reference/words.json

Output
------
One JSON object, one case per line, numbers rounded to 12 significant digits.

  unshrunk  {posts: [[count, of, other count, other of]], log_odds,
             design_effect}: one word on two sides that share posts, prior 0.
             By statsmodels: a logistic regression of using the word on the side
             (GLM, Binomial), whose slope is the log odds ratio; the design
             effect is its variance clustered by post (cov_type="cluster",
             use_correction=False) times g / (g - 1), by its ordinary variance,
             at least 1; g is the number of posts of the side with fewer.
  corpora   {comments: [{post, author, text, period, themes}], periods: [group],
             themes: [group]} with group = {comments, others, judged, words:
             [{word, comments, elsewhere, posts, log_odds, z, design_effect,
             corrected_z, beyond_chance}]}: whole corpora.  No library has this;
             it is computed from dense arrays of numpy, post by post, without the
             shortcuts of the program.  scipy.stats.t.sf has the tails.

Conventions
-----------
* A word counts once a comment.  n is the sum of the counts of all words.
* With y and n of the group, y' and n' of the rest, a = min(n, n') and
  b = a (y + y') / (n + n'):

      log odds ratio = log((y + b) / (n + a - y - b)) - log((y' + b) / (n' + a - y' - b))
      variance       = 1 / (y + b) + 1 / (y' + b)

* The design effect: with d = 1 / (y + b) + 1 / (n + a - y - b), p = y / n, and
  the residual e = d (y_k - p n_k) - d' (y'_k - p' n'_k) of post k, it is
  g / (g - 1) times the sum of e^2 by d^2 n p (1 - p) + d'^2 n' p' (1 - p'), at
  least 1.
* A word is judged in at least 5 comments and 3 posts of the group.  It is shown
  where its corrected z is at least 1.96 and no named author wrote more than half
  of its comments; at most 20 words are shown.
* A word is beyond chance where 2 P(t_{g-1} > corrected z) times the number of
  words judged is at most 0.05.

Sources
-------
* B. L. Monroe, M. P. Colaresi and K. M. Quinn (2008). Fightin' Words: lexical
  feature selection and evaluation for identifying the content of political
  conflict. Political Analysis 16(4), 372-403 (equations 15, 16, 22).
* J. N. K. Rao and A. J. Scott (1992). A simple method for the analysis of
  clustered binary data. Biometrics 48(2), 577-585.
"""

import json

import numpy as np
import statsmodels.api as sm
from scipy import stats

SEED = 20240808


def rounded(value):
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.12g}")
    return int(value)


def require(condition, message):
    if not condition:
        raise AssertionError(message)


def by_hand(y, n, other_y, other_n, prior):
    """Log odds ratio, z and design effect from arrays by post."""
    sides = []
    both = (y.sum() + other_y.sum()) / (n.sum() + other_n.sum())
    for count, of in ((y, n), (other_y, other_n)):
        top = count.sum() + prior * both
        bottom = of.sum() + prior - top
        share = count.sum() / of.sum()
        slope = 1 / top + 1 / bottom
        sides.append(
            {
                "log_odds": np.log(top / bottom),
                "variance": 1 / top,
                "residuals": slope * (count - share * of),
                "binomial": slope**2 * of.sum() * share * (1 - share),
                "posts": int((of > 0).sum()),
            }
        )
    one, other = sides
    g = min(one["posts"], other["posts"])
    log_odds = one["log_odds"] - other["log_odds"]
    between = ((one["residuals"] - other["residuals"]) ** 2).sum()
    effect = g / (g - 1) * between / (one["binomial"] + other["binomial"])
    return log_odds, log_odds / np.sqrt(one["variance"] + other["variance"]), max(effect, 1.0), g


def by_statsmodels(y, n, other_y, other_n):
    """Log odds ratio and design effect without a prior, as a clustered logistic regression."""
    counts = np.concatenate([y, other_y])
    totals = np.concatenate([n, other_n])
    side = np.concatenate([np.ones(len(y)), np.zeros(len(y))])
    posts = np.concatenate([np.arange(len(y)), np.arange(len(y))])
    kept = totals > 0
    model = sm.GLM(
        np.column_stack([counts, totals - counts])[kept],
        sm.add_constant(side)[kept],
        family=sm.families.Binomial(),
    )
    plain = model.fit(tol=1e-14, maxiter=200)
    clustered = model.fit(
        tol=1e-14,
        maxiter=200,
        cov_type="cluster",
        cov_kwds={"groups": posts[kept], "use_correction": False},
    )
    g = min((n > 0).sum(), (other_n > 0).sum())
    effect = g / (g - 1) * clustered.cov_params()[1, 1] / plain.cov_params()[1, 1]
    return plain.params[1], max(effect, 1.0)


def unshrunk(rng, posts, apart):
    """One word whose use varies from post to post; `apart`: each post has one side only."""
    n = rng.integers(5, 80, posts)
    other_n = rng.integers(5, 120, posts)
    if apart:
        first = np.arange(posts) < posts // 3
        n, other_n = np.where(first, n, 0), np.where(first, 0, other_n)
    chance = rng.beta(1.0, 12.0, posts)
    y = rng.binomial(n, np.minimum(1.0, chance * 1.7))
    other_y = rng.binomial(other_n, chance)
    log_odds, effect = by_statsmodels(y, n, other_y, other_n)
    hand = by_hand(y, n, other_y, other_n, 0.0)
    require(abs(log_odds - hand[0]) < 1e-9, "log odds")
    require(abs(effect - hand[2]) < 1e-8 * effect, "design effect")
    rows = [[int(v) for v in row] for row in zip(y, n, other_y, other_n)]
    return {"posts": rows, "log_odds": rounded(log_odds), "design_effect": rounded(effect)}


def group(comments, vocabulary, uses, inside, compared):
    """The distinctive words of the comments `inside` against the others `compared`."""
    posts = 1 + max(comment["post"] for comment in comments)
    place = np.array([comment["post"] for comment in comments])
    lengths = uses.sum(axis=1)
    outside = compared & ~inside

    def by_post(values, mask):
        return np.array([values[mask & (place == post)].sum() for post in range(posts)])

    n, other_n = by_post(lengths, inside), by_post(lengths, outside)
    judged, found = 0, []
    for column, word in enumerate(vocabulary):
        used = uses[:, column]
        y, other_y = by_post(used, inside), by_post(used, outside)
        if y.sum() < 5 or (y > 0).sum() < 3:
            continue
        judged += 1
        names = [
            comment["author"]
            for comment, here in zip(comments, inside & (used > 0))
            if here and comment["author"] != "Anonymous"
        ]
        if any(2 * names.count(name) > y.sum() for name in set(names)):
            continue
        prior = min(n.sum(), other_n.sum())
        log_odds, z, effect, g = by_hand(y, n, other_y, other_n, prior)
        corrected = z / np.sqrt(effect)
        if corrected >= 1.96:
            found.append([word, y.sum(), other_y.sum(), (y > 0).sum(), log_odds, z, effect, corrected, g])
    found.sort(key=lambda row: (-row[7], row[0]))
    keys = ["comments", "elsewhere", "posts", "log_odds", "z", "design_effect", "corrected_z"]
    words = []
    for row in found[:20]:
        beyond = 2 * stats.t.sf(row[7], row[8] - 1) * judged <= 0.05
        words.append(
            {"word": row[0]}
            | {key: rounded(value) for key, value in zip(keys, row[1:8])}
            | {"beyond_chance": bool(beyond)}
        )
    return {
        "comments": int(inside.sum()),
        "others": int(outside.sum()),
        "judged": judged,
        "words": words,
    }


def corpus(rng, posts, size, words):
    """Comments whose words depend on their period, their themes, their post and their author."""
    letters = "bcdfghjklm"
    vocabulary = [f"z{letters[k // 10]}{letters[k % 10]}" for k in range(words)]
    base = 1.0 / (3.0 + np.arange(words))
    of_period = np.exp(rng.normal(0, 0.7, (3, words)))
    of_theme = np.exp(rng.normal(0, 0.8, (2, words)))
    of_post = np.exp(rng.normal(0, 0.6, (posts, words)))
    habit = np.exp(rng.normal(0, 1.2, (4, words)))
    comments, rows = [], []
    for post in np.sort(rng.integers(0, posts, size)):
        # Posts run on into the next period; some comments have none.
        period = min(2, int(3 * (post + rng.random() * 4) / posts))
        period = None if rng.random() < 0.05 else period
        themes = [theme for theme in range(2) if rng.random() < (0.3, 0.12)[theme]]
        author = int(rng.integers(0, 12))
        weights = base * of_post[post]
        if period is not None:
            weights = weights * of_period[period]
        for theme in themes:
            weights = weights * of_theme[theme]
        if author < 4:
            weights = weights * habit[author]
        chosen = rng.choice(words, rng.integers(2, 12), p=weights / weights.sum())
        row = np.zeros(words, dtype=int)
        row[chosen] = 1
        rows.append(row)
        comments.append(
            {
                "post": int(post),
                "author": f"Author {author}" if author < 4 else "Anonymous",
                "text": " ".join(vocabulary[k] for k in chosen),
                "period": period,
                "themes": themes,
            }
        )
    uses = np.array(rows)
    period = np.array([-1 if c["period"] is None else c["period"] for c in comments])
    everything = np.ones(size, dtype=bool)
    return {
        "comments": comments,
        "periods": [group(comments, vocabulary, uses, period == k, period >= 0) for k in range(3)],
        "themes": [
            group(comments, vocabulary, uses, np.array([k in c["themes"] for c in comments]), everything)
            for k in range(2)
        ],
    }


def main():
    rng = np.random.default_rng(SEED)
    cases = {
        "corpora": [corpus(rng, 24, 260, 70), corpus(rng, 60, 500, 90)],
        "unshrunk": [unshrunk(rng, 12, False), unshrunk(rng, 40, False), unshrunk(rng, 40, True)],
    }
    lines = []
    for key, values in sorted(cases.items()):
        rows = ",\n".join("    " + json.dumps(value, sort_keys=True) for value in values)
        lines.append(f'  "{key}": [\n{rows}\n  ]')
    print("{\n" + ",\n".join(lines) + "\n}")


main()

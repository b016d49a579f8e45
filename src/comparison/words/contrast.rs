//! How much more often one side uses a word than the other, and how sure that is.

/// How often a word was used on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Use {
    /// How many comments use it.
    pub count: u64,
    /// How many uses of any word there are, counted alike: each word once a comment. Never less than `count`.
    pub of: u64,
}

impl Use {
    /// Less some of it.
    pub fn less(self, part: Self) -> Self {
        Self {
            count: self.count.saturating_sub(part.count),
            of: self.of.saturating_sub(part.of),
        }
    }

    fn share(self) -> f64 {
        if self.of == 0 {
            return 0.0;
        }
        self.count as f64 / self.of as f64
    }

    /// Of one post: how many more comments use the word than the side's share of it has one expect.
    fn residual(self, share: f64) -> f64 {
        self.count as f64 - share * self.of as f64
    }
}

/// One word on two sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Contrast {
    one: Use,
    other: Use,
    /// By how much the log odds of each side rise with one more use.
    slopes: [f64; 2],
    /// The log of the ratio of the word's odds on the two sides; above 0 where the first uses it more.
    pub log_odds: f64,
    /// The log odds ratio by its standard deviation.
    pub z: f64,
}

/// How the words of two sides lie in the posts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Spread {
    /// Over all posts, the sums of: the square of the first side's words, the product of both, the square of the other's.
    pub sums: [f64; 3],
    /// How many posts the side with fewer of them has.
    pub posts: u64,
}

impl Contrast {
    /// The log odds ratio of a word under an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin'
    /// Words", equations 15, 16 and 22), the prior being the share of the word on both sides together times `prior`.
    ///
    /// As in the paper, of the variance the two terms of the word itself are kept, those of all other words left out.
    /// None where no side uses the word, where a side uses no word, or where there is no other word.
    pub fn new(one: Use, other: Use, prior: f64) -> Option<Self> {
        let both = Use {
            count: one.count + other.count,
            of: one.of + other.of,
        };
        if one.of == 0 || other.of == 0 || both.count == 0 || both.count == both.of {
            return None;
        }
        let pseudo = prior * both.share();
        let with = |side: Use| {
            let uses = side.count as f64 + pseudo;
            (uses, side.of as f64 + prior - uses)
        };
        let (first, second) = (with(one), with(other));
        let log_odds = (first.0 / first.1).ln() - (second.0 / second.1).ln();
        Some(Self {
            one,
            other,
            slopes: [first, second].map(|(uses, rest)| 1.0 / uses + 1.0 / rest),
            log_odds,
            z: log_odds / (1.0 / first.0 + 1.0 / second.0).sqrt(),
        })
    }

    /// By how much the variance of the log odds ratio is greater than if every use of the word were independent of the
    /// others: comments of one post take words from the post and from each other.
    ///
    /// It is the variance between posts, linearised, by that of the binomial (Rao and Scott 1992, "A simple method for the
    /// analysis of clustered binary data", section 2), for the difference of two sides that may share posts. Never below
    /// 1: a handful of posts that happen to agree prove nothing. `posts` has the uses of both sides in each post that
    /// uses the word. None where a side has fewer than two posts.
    pub fn design_effect(
        &self,
        spread: &Spread,
        posts: impl Iterator<Item = (Use, Use)>,
    ) -> Option<f64> {
        if spread.posts < 2 {
            return None;
        }
        let [rise, fall] = self.slopes;
        let shares = (self.one.share(), self.other.share());
        let shift =
            |one: Use, other: Use| rise * one.residual(shares.0) - fall * other.residual(shares.1);
        // A post that does not use the word is off by what its length has one expect: all posts are taken for such, ...
        let (a, b) = (rise * shares.0, fall * shares.1);
        let [ones, products, others] = spread.sums;
        let mut between = a * a * ones - 2.0 * a * b * products + b * b * others;
        // ... and those that do use it are put right.
        for (one, other) in posts {
            let silent = |side: Use| Use { count: 0, ..side };
            between += shift(one, other).powi(2) - shift(silent(one), silent(other)).powi(2);
        }
        let binomial = |side: Use, share: f64| side.of as f64 * share * (1.0 - share);
        let independent = rise * rise * binomial(self.one, shares.0)
            + fall * fall * binomial(self.other, shares.1);
        let posts = spread.posts as f64;
        let effect = posts / (posts - 1.0) * between / independent;
        (independent > 0.0 && effect.is_finite()).then(|| effect.max(1.0))
    }
}

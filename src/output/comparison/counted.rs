//! What the figures of each period are taken over, whether there is enough for a figure or not.

use super::Compared;
use crate::comparison::{Days, Measure};

/// Comments, and the posts they stand under.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Base {
    pub comments: u64,
    pub posts: u64,
    /// The post of the last comment that was counted. Comments are ordered by post.
    last: Option<usize>,
}

impl Base {
    fn add(&mut self, post: usize) {
        self.comments += 1;
        if self.last != Some(post) {
            self.last = Some(post);
            self.posts += 1;
        }
    }
}

/// The comments of a stretch of time.
#[derive(Debug, Clone, Default)]
struct Bases {
    all: Base,
    /// Those with each theme.
    themes: Vec<Base>,
}

impl Bases {
    fn add(&mut self, post: usize, themes: &[(usize, f64)]) {
        self.all.add(post);
        for (theme, _) in themes {
            if let Some(with) = self.themes.get_mut(*theme) {
                with.add(post);
            }
        }
    }

    fn of(&self, measure: Measure) -> Base {
        match measure {
            Measure::MeanOf(theme) => self.themes.get(theme).copied().unwrap_or_default(),
            Measure::Theme(_) | Measure::Sentiment(_) | Measure::Mean => self.all,
        }
    }
}

/// The comments of every period, and of the part that the unfinished one is compared with.
pub(super) struct Counts {
    periods: Vec<Bases>,
    part: Bases,
}

impl Counts {
    /// Counts once.
    pub(super) fn new(of: &Compared<'_>) -> Self {
        let none = Bases {
            all: Base::default(),
            themes: vec![Base::default(); of.observations.themes.len()],
        };
        let last = of.periods.all().last();
        let part: Option<Days> = last.and_then(|last| last.unfinished?.same_part);
        let mut counts = Self {
            periods: vec![none.clone(); of.periods.all().len()],
            part: none,
        };
        let comments = of.observations.comments.iter();
        for (comment, period) in comments.zip(&of.whole.period) {
            let period = period.and_then(|period| counts.periods.get_mut(period));
            if let Some(period) = period {
                period.add(comment.post, &comment.themes);
            }
            if comment
                .day
                .zip(part)
                .is_some_and(|(day, part)| part.contains(day))
            {
                counts.part.add(comment.post, &comment.themes);
            }
        }
        counts
    }

    /// What a figure of a period, by its place, is taken over.
    pub(super) fn of_period(&self, measure: Measure, period: usize) -> Base {
        let period = self.periods.get(period);
        period.map_or_else(Base::default, |bases| bases.of(measure))
    }

    /// What a figure of that part is taken over.
    pub(super) fn of_part(&self, measure: Measure) -> Base {
        self.part.of(measure)
    }
}

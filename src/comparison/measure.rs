//! What is followed over the periods: shares of comments and mean sentiments, added up by post.

use super::observation::{Observation, Observations};
use super::period::{Days, Periods, Place};
use super::sums::{Cell, Cells};
use crate::aggregation::MeanSum;
use crate::model::Sentiment;
use crate::statistics::Moments;

/// What is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The share of the comments that have a theme, by its place in the taxonomy.
    Theme(usize),
    /// The share of the comments with this sentiment.
    Sentiment(Sentiment),
    /// The mean sentiment of all comments, from -1 to 1.
    Mean,
    /// The mean sentiment of the comments that have a theme.
    MeanOf(usize),
}

impl Measure {
    /// All that is followed under a taxonomy of `themes` themes: themes, sentiments, means.
    pub fn all(themes: usize) -> Vec<Self> {
        let sentiments = Sentiment::ALL.into_iter().map(Self::Sentiment);
        (0..themes)
            .map(Self::Theme)
            .chain(sentiments)
            .chain([Self::Mean])
            .chain((0..themes).map(Self::MeanOf))
            .collect()
    }

    /// Whether it is a share: something that a comment has or has not, and that can be labelled so.
    pub fn is_share(self) -> bool {
        matches!(self, Self::Theme(_) | Self::Sentiment(_))
    }

    /// What a comment adds: 0 or 1 to a share, its sentiment to a mean; None where the comment is not among those that it
    /// is about.
    pub(super) fn value(self, comment: &Observation<'_>) -> Option<f64> {
        let has = |theme: usize| comment.themes.iter().any(|(place, _)| *place == theme);
        let share = |holds: bool| Some(f64::from(u8::from(holds)));
        let attitude = comment.attitude as f64 / 1e6;
        match self {
            Self::Theme(theme) => share(has(theme)),
            Self::Sentiment(sentiment) => share(comment.sentiment == sentiment),
            Self::Mean => Some(attitude),
            Self::MeanOf(theme) => has(theme).then_some(attitude),
        }
    }
}

/// Which periods each comment counts in. One beyond the periods is the part of the last but one that the unfinished last
/// one is compared with.
pub(super) struct Slots {
    /// The period of each comment; None for those outside all of them.
    pub period: Vec<Option<usize>>,
    /// How many periods there are.
    pub periods: usize,
    part: Option<Days>,
}

impl Slots {
    pub fn new(observations: &Observations<'_>, periods: &Periods) -> Self {
        let comments = observations.comments.iter();
        let period = comments.map(|comment| match periods.place(comment.day) {
            Place::In(place) => Some(place),
            Place::Outside | Place::Undated => None,
        });
        let last = periods.all().last();
        Self {
            period: period.collect(),
            periods: periods.all().len(),
            part: last.and_then(|last| last.unfinished?.same_part),
        }
    }

    /// The periods, and that part where there is one.
    pub fn count(&self) -> usize {
        self.periods + usize::from(self.part.is_some())
    }

    /// The place of that part, if there is one.
    pub fn part(&self) -> Option<usize> {
        self.part.map(|_| self.periods)
    }

    fn of(&self, place: usize, comment: &Observation<'_>) -> impl Iterator<Item = usize> {
        let in_part = self
            .part
            .is_some_and(|part| comment.day.is_some_and(|day| part.contains(day)));
        let part = self.part().filter(|_| in_part);
        let period = self.period.get(place).copied().flatten();
        period.into_iter().chain(part)
    }

    /// The cells of a measure, and the moments of its values, of each slot.
    pub fn sums(
        &self,
        observations: &Observations<'_>,
        measure: Measure,
    ) -> Vec<(Cells, Option<Moments>)> {
        let mut sums = vec![(Cells::new(), MeanSum::default()); self.count()];
        for (place, comment) in observations.comments.iter().enumerate() {
            let Some(value) = measure.value(comment) else {
                continue;
            };
            for slot in self.of(place, comment) {
                let Some((cells, moments)) = sums.get_mut(slot) else {
                    continue;
                };
                moments.add(comment.attitude);
                match cells.last_mut().filter(|cell| cell.post == comment.post) {
                    Some(cell) => {
                        cell.of += 1;
                        cell.sum += value;
                    }
                    None => cells.push(Cell {
                        post: comment.post,
                        of: 1,
                        sum: value,
                    }),
                }
            }
        }
        let moments = |(cells, sum): (Cells, MeanSum)| (cells, sum.moments());
        sums.into_iter().map(moments).collect()
    }
}

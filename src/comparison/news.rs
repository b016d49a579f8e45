//! What is new since the run before: comments that came, went or were edited, and judgements that changed without that.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Sentiment;

/// A comment as a run judged it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedComment {
    /// The id of its post.
    pub post: String,
    /// Its id.
    pub id: String,
    /// Its author, if there is one.
    pub author: Option<String>,
    /// Its text, as the run published it.
    pub text: String,
    /// The year it counts in, if any.
    pub year: Option<i16>,
    /// Whether it counts in the figures.
    pub counts: bool,
    /// Its sentiment.
    pub sentiment: Sentiment,
    /// Its themes, by id.
    pub themes: BTreeSet<String>,
}

/// How two runs differ, comment by comment. Numbers are places among the comments of the earlier or the later run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// Comments of the later run that the earlier one had not.
    pub added: Vec<usize>,
    /// Comments of the earlier run that are gone.
    pub removed: Vec<usize>,
    /// Comments whose text, author or year is another one: earlier and later.
    pub edited: Vec<(usize, usize)>,
    /// Comments that are what they were, but are judged otherwise: earlier and later.
    pub rejudged: Vec<(usize, usize)>,
    /// Comments that are what they were and are judged as they were.
    pub unchanged: usize,
}

/// What a figure counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// All comments.
    Comments,
    /// Those of a sentiment, by its place in [`Sentiment::ALL`].
    Sentiment(usize),
    /// Those with a theme.
    Theme(String),
}

/// How a count came from what it was to what it is: `before + by_comments + by_judgement = after`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Movement {
    /// In the earlier run.
    pub before: i64,
    /// What comments that came, went or were edited brought or took.
    pub by_comments: i64,
    /// What other judgements of comments that stayed as they were brought or took: another model, other themes, other
    /// settings.
    pub by_judgement: i64,
    /// In the later run.
    pub after: i64,
}

/// Finds what is new. Comments are recognised by post, author, text and year; what is left, by post and id, was edited. A
/// comment that moved within its post, and so has another id, is no news.
pub fn news(before: &[JudgedComment], after: &[JudgedComment]) -> News {
    let mut found = News::default();
    let mut by_content: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (place, comment) in before.iter().enumerate().rev() {
        by_content.entry(content(comment)).or_default().push(place);
    }
    let mut left_after = Vec::new();
    let mut pairs = Vec::new();
    for (place, comment) in after.iter().enumerate() {
        // The first of equal ones before goes with the first after.
        match by_content.get_mut(&content(comment)).and_then(Vec::pop) {
            Some(earlier) => pairs.push((earlier, place)),
            None => left_after.push(place),
        }
    }
    let mut by_id: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut left_before: BTreeSet<usize> = by_content.into_values().flatten().collect();
    for place in &left_before {
        let comment = &before[*place];
        by_id.insert((&comment.post, &comment.id), *place);
    }
    for place in left_after {
        let comment = &after[place];
        match by_id.remove(&(comment.post.as_str(), comment.id.as_str())) {
            Some(earlier) => {
                left_before.remove(&earlier);
                found.edited.push((earlier, place));
            }
            None => found.added.push(place),
        }
    }
    found.removed = left_before.into_iter().collect();
    for (earlier, later) in pairs {
        let (was, is) = (&before[earlier], &after[later]);
        let same =
            (was.counts, was.sentiment, &was.themes) == (is.counts, is.sentiment, &is.themes);
        if same {
            found.unchanged += 1;
        } else {
            found.rejudged.push((earlier, later));
        }
    }
    found
}

/// What a comment is recognised by.
fn content(comment: &JudgedComment) -> (&str, Option<&str>, &str, Option<i16>) {
    (
        &comment.post,
        comment.author.as_deref(),
        &comment.text,
        comment.year,
    )
}

/// How every count of every year moved; years and counts that did not are left out.
pub fn movements(
    before: &[JudgedComment],
    after: &[JudgedComment],
    news: &News,
) -> BTreeMap<(Option<i16>, Counted), Movement> {
    let mut all: BTreeMap<(Option<i16>, Counted), Movement> = BTreeMap::new();
    let mut add = |comment: &JudgedComment, change: &dyn Fn(&mut Movement)| {
        if !comment.counts {
            return;
        }
        let themes = comment.themes.iter().cloned().map(Counted::Theme);
        let counted = [
            Counted::Comments,
            Counted::Sentiment(comment.sentiment as usize),
        ];
        for what in counted.into_iter().chain(themes) {
            change(all.entry((comment.year, what)).or_default());
        }
    };
    for comment in before {
        add(comment, &|movement| movement.before += 1);
    }
    for comment in after {
        add(comment, &|movement| movement.after += 1);
    }
    let gone = news
        .removed
        .iter()
        .chain(news.edited.iter().map(|(was, _)| was));
    for place in gone {
        add(&before[*place], &|movement| movement.by_comments -= 1);
    }
    for place in news
        .added
        .iter()
        .chain(news.edited.iter().map(|(_, is)| is))
    {
        add(&after[*place], &|movement| movement.by_comments += 1);
    }
    for (was, is) in &news.rejudged {
        add(&before[*was], &|movement| movement.by_judgement -= 1);
        add(&after[*is], &|movement| movement.by_judgement += 1);
    }
    all.retain(|_, movement| movement.by_comments != 0 || movement.by_judgement != 0);
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{Counted, JudgedComment, Movement, movements, news};
    use crate::model::Sentiment;

    fn comment(id: &str, text: &str, sentiment: Sentiment, themes: &[&str]) -> JudgedComment {
        JudgedComment {
            post: "p".to_owned(),
            id: id.to_owned(),
            author: None,
            text: text.to_owned(),
            year: Some(2020),
            counts: true,
            sentiment,
            themes: themes.iter().map(|theme| (*theme).to_owned()).collect(),
        }
    }

    #[test]
    fn what_came_went_was_edited_or_judged_anew_is_told_apart() {
        use Sentiment::{Negative, Neutral, Positive};
        let before = [
            comment("1", "stays", Negative, &["pay"]),
            comment("2", "goes", Negative, &["pay"]),
            comment("3", "is edited", Neutral, &[]),
            comment("4", "is judged anew", Neutral, &["pay"]),
        ];
        let after = [
            comment("1", "comes first now", Positive, &["unions"]),
            comment("2", "stays", Negative, &["pay"]),
            comment("3", "was edited", Negative, &[]),
            comment("4", "is judged anew", Negative, &["pay", "unions"]),
        ];
        let found = news(&before, &after);
        // Comment 2 is another one now, so it cannot be told from an edited one; the first is new.
        assert_eq!(found.added, [0]);
        assert_eq!(found.removed, [1]);
        assert_eq!(found.edited, [(2, 2)]);
        assert_eq!(found.rejudged, [(3, 3)]);
        assert_eq!(found.unchanged, 1);

        let moved = movements(&before, &after, &found);
        let of = |what| moved.get(&(Some(2020), what)).copied();
        let movement = |before, by_comments, by_judgement, after| {
            Some(Movement {
                before,
                by_comments,
                by_judgement,
                after,
            })
        };
        assert_eq!(of(Counted::Comments), None);
        assert_eq!(of(Counted::Sentiment(0)), movement(2, 0, 1, 3));
        assert_eq!(of(Counted::Sentiment(1)), movement(2, -1, -1, 0));
        assert_eq!(of(Counted::Theme("pay".to_owned())), movement(3, -1, 0, 2));
        assert_eq!(
            of(Counted::Theme("unions".to_owned())),
            movement(0, 1, 1, 2)
        );
    }

    fn some_comments() -> impl Strategy<Value = Vec<JudgedComment>> {
        let one = (
            0_usize..3,
            0_usize..4,
            0_usize..3,
            any::<bool>(),
            2019_i16..2021,
        );
        prop::collection::vec(one, 0..12).prop_map(|all| {
            let number = |(place, (post, text, sentiment, counts, year))| JudgedComment {
                post: format!("post {post}"),
                id: format!("{place}"),
                author: None,
                text: format!("text {text}"),
                year: Some(year),
                counts,
                sentiment: Sentiment::ALL[sentiment],
                themes: BTreeSet::from([format!("theme {sentiment}")]),
            };
            all.into_iter().enumerate().map(number).collect()
        })
    }

    proptest! {
        #[test]
        fn every_comment_is_accounted_for_once(before in some_comments(), after in some_comments()) {
            let found = news(&before, &after);
            let both = found.edited.len() + found.rejudged.len() + found.unchanged;
            prop_assert_eq!(found.removed.len() + both, before.len());
            prop_assert_eq!(found.added.len() + both, after.len());
            for movement in movements(&before, &after, &found).values() {
                let sum = movement.before + movement.by_comments + movement.by_judgement;
                prop_assert_eq!(sum, movement.after);
            }
            prop_assert_eq!(news(&after, &after).unchanged, after.len());
        }
    }
}

//! What comparisons go by: the comments that count, as a run published them.

use jiff::civil::Date;

use crate::cleaning::redaction::Personal;
use crate::model::Sentiment;

/// A post, as comparisons see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedPost {
    /// Its id.
    pub id: String,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Its address, if it has one.
    pub url: Option<String>,
    /// The day it was published, if that is known.
    pub day: Option<Date>,
}

/// A comment that counts. Its texts are those that were published, redacted where that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation<'a> {
    /// The place of its post among the posts.
    pub post: usize,
    /// Its id, unique within the post.
    pub id: &'a str,
    /// Its author, if it names one.
    pub author: Option<&'a str>,
    /// The day it counts on: its own, else its post's; None if neither is known.
    pub day: Option<Date>,
    /// Its text.
    pub text: &'a str,
    /// How it is quoted, if it has at least eight words of its writer's own: at most 200 characters of them.
    pub quote: Option<&'a str>,
    /// Its most probable sentiment.
    pub sentiment: Sentiment,
    /// Probability of positive less that of negative, in millionths, from -1,000,000 to 1,000,000.
    pub attitude: i64,
    /// Its themes, by place in the taxonomy, ascending, each with its probability.
    pub themes: Vec<(usize, f64)>,
    /// The greatest of probability less threshold over all themes: below 0 where it has none, and the further below the
    /// less any of them claims it.
    pub margin: f64,
}

/// What stands where a name should be: the first is what the blog writes, the last what it makes of deleted profiles.
const NAMELESS: [&str; 3] = ["anonymous", "anon", "unknown"];

impl<'a> Observation<'a> {
    /// The name of its author as published, without white space around it; None for those who give none ("Anonymous",
    /// "Anon", "Unknown", in any case), and where redaction took a name, or a part of one, out: many people are `[name]`.
    ///
    /// Two people may use one name, and one person two; nothing here can tell. [`Self::author_key`] is what to compare.
    pub fn named_author(&self) -> Option<&'a str> {
        let name = self.author?.trim();
        let is_nameless = !name.contains(char::is_alphanumeric)
            || NAMELESS
                .iter()
                .any(|nameless| name.eq_ignore_ascii_case(nameless))
            || Personal::ALL.iter().any(|kind| name.contains(kind.label()));
        (!is_nameless).then_some(name)
    }

    /// What tells its author from others: [`Self::named_author`] in lower case, because people do not always write their
    /// name the same way. None for those who give no name.
    pub fn author_key(&self) -> Option<String> {
        self.named_author().map(str::to_lowercase)
    }
}

/// Everything that is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Observations<'a> {
    /// The ids of the themes, in the order of the taxonomy.
    pub themes: Vec<String>,
    /// The posts, with or without comments.
    pub posts: Vec<ObservedPost>,
    /// The comments, ordered by post.
    pub comments: Vec<Observation<'a>>,
}

#[cfg(test)]
mod tests {
    use super::{Observation, Sentiment};

    fn by(author: Option<&str>) -> Observation<'_> {
        Observation {
            post: 0,
            id: "1",
            author,
            day: None,
            text: "",
            quote: None,
            sentiment: Sentiment::Neutral,
            attitude: 0,
            themes: Vec::new(),
            margin: -1.0,
        }
    }

    #[test]
    fn only_names_that_tell_people_apart_are_names() {
        let named = |author| by(author).named_author();
        assert_eq!(named(Some(" Getafix ")), Some("Getafix"));
        assert_eq!(named(Some("Anonymous Bosch")), Some("Anonymous Bosch"));
        for nameless in [
            "Anonymous",
            "anon",
            "UNKNOWN",
            " ",
            "...",
            "[name]",
            "Jo [name]",
        ] {
            assert_eq!(named(Some(nameless)), None, "{nameless}");
        }
        assert_eq!(named(None), None);
    }

    #[test]
    fn names_are_compared_whatever_their_case() {
        let key = |author| by(Some(author)).author_key();
        assert_eq!(key(" GETAFIX"), key("Getafix"));
        assert_ne!(key("Getafix"), key("Geriatrix"));
        assert_eq!(key("Anon"), None);
    }
}

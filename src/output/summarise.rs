//! From sums to records.

use std::borrow::Cow;

use super::findings::{cleaning_record, finding_records};
use super::number::{Figure, Probability, ends};
use super::records::{
    AttitudeFigures, CommentCounts, CommentRecord, FigureSet, FoundFigures, Header, Mean,
    PostEntry, PostFile, PostIdentity, ScoreRecord, Scoring, SentimentFigures, SentimentRecord,
    Share, SummaryFile, TellingComment, ThemeFigures, ThemeSetting, YearEntry, YearFile,
};
use crate::aggregation::{Collector, MeanSum, ScoredComment, ScoredPost};
use crate::cleaning::redaction::Redactor;
use crate::inference::{Scores, most_probable};
use crate::statistics::{mean_interval, wilson};

/// Makes records under one taxonomy and one setting of the model.
pub struct Summariser<'a> {
    themes: &'a [ThemeSetting],
    scoring: &'a Scoring,
    redactor: Option<&'a Redactor>,
}

impl<'a> Summariser<'a> {
    /// `themes` is the taxonomy the collectors were filled under; `redactor` redacts whole texts and authors, if they
    /// are to be redacted.
    pub fn new(
        themes: &'a [ThemeSetting],
        scoring: &'a Scoring,
        redactor: Option<&'a Redactor>,
    ) -> Self {
        Self {
            themes,
            scoring,
            redactor,
        }
    }

    /// The record of one post; `file` is its page relative to the corpus folder.
    pub fn post(&self, scored: &ScoredPost, file: &str, collector: &Collector) -> PostFile {
        let post = &scored.post;
        PostFile {
            header: Header::new("post", self.scoring),
            post: PostIdentity {
                id: post.id.clone(),
                file: file.to_owned(),
                title: post.title.clone(),
                published: post.published.map(|date| date.to_string()),
                url: post.url.clone(),
            },
            copy_of: scored.copy_of.clone(),
            body: score_record(self.themes, &scored.body),
            body_findings: finding_records(&post.body, &scored.cleaning.findings, |range| range),
            figures: self.figures(collector),
            warnings: post.warnings.clone(),
        }
    }

    /// A post's row in the summary; `file` is the post's file in the set.
    pub fn post_entry(
        &self,
        scored: &ScoredPost,
        file: String,
        collector: &Collector,
    ) -> PostEntry {
        PostEntry {
            id: scored.post.id.clone(),
            title: scored.post.title.clone(),
            published: scored.post.published.map(|date| date.to_string()),
            url: scored.post.url.clone(),
            file,
            copy_of: scored.copy_of.clone(),
            comments: counts(collector),
            sentiment: mean(&collector.attitude),
            themes: self
                .themes
                .iter()
                .zip(&collector.themes)
                .filter(|(_, sum)| sum.count > 0)
                .map(|(theme, sum)| (theme.id.clone(), sum.count))
                .collect(),
        }
    }

    /// The record of one year.
    pub fn year(&self, year: Option<i16>, posts: u64, collector: &Collector) -> YearFile {
        YearFile {
            header: Header::new("year", self.scoring),
            year,
            posts,
            figures: self.figures(collector),
        }
    }

    /// A year's row in the summary; `file` is the year's file in the set.
    pub fn year_entry(
        &self,
        year: Option<i16>,
        posts: u64,
        file: String,
        collector: &Collector,
    ) -> YearEntry {
        YearEntry {
            year,
            file,
            posts,
            comments: counts(collector),
            negative: share(collector.sentiment[0], collector.comments),
            sentiment: mean(&collector.attitude),
            themes: self
                .themes
                .iter()
                .zip(&collector.themes)
                .map(|(theme, sum)| (theme.id.clone(), share(sum.count, collector.comments)))
                .collect(),
        }
    }

    /// The summary of the whole corpus.
    pub fn summary(
        &self,
        collector: &Collector,
        by_year: Vec<YearEntry>,
        by_post: Vec<PostEntry>,
    ) -> SummaryFile {
        SummaryFile {
            header: Header::new("summary", self.scoring),
            posts: by_post.len() as u64,
            figures: self.figures(collector),
            by_year,
            by_post,
            taxonomy: self.themes.to_vec(),
        }
    }

    /// A line of `comments.jsonl`.
    pub fn comment<'c>(
        &self,
        post: &'c ScoredPost,
        scored: &'c ScoredComment,
    ) -> CommentRecord<'c> {
        let comment = &scored.comment;
        let cleaned = &scored.cleaning.cleaned;
        let (text, findings) = match self.redactor {
            None => (
                Cow::Borrowed(comment.text.as_str()),
                finding_records(&comment.text, &cleaned.findings, |range| range),
            ),
            Some(redactor) => {
                let redacted = redactor.redact(&comment.text);
                let findings = finding_records(redacted.text(), &cleaned.findings, |range| {
                    redacted.range(range)
                });
                (Cow::Owned(redacted.into_text()), findings)
            }
        };
        let author = comment.author.as_deref().map(|author| match self.redactor {
            None => Cow::Borrowed(author),
            Some(redactor) => Cow::Owned(redactor.redact(author).into_text()),
        });
        CommentRecord {
            id: &comment.id,
            post: &post.post.id,
            parent: comment.parent.as_deref(),
            author,
            published: comment.published.map(|date| date.to_string()),
            year: post.year_of(comment),
            text,
            quote: scored.quote.as_deref(),
            cleaning: cleaning_record(&scored.cleaning, findings),
            scores: score_record(self.themes, &scored.scores),
        }
    }

    fn figures(&self, collector: &Collector) -> FigureSet {
        let of = collector.comments;
        let [negative, neutral, positive] = collector.sentiment.map(|count| share(count, of));
        FigureSet {
            comments: counts(collector),
            sentiment: SentimentFigures {
                negative,
                neutral,
                positive,
                quoted_only: share(collector.quoted_only, of),
                mean: mean(&collector.attitude),
            },
            themes: self
                .themes
                .iter()
                .zip(&collector.themes)
                .map(|(theme, sum)| {
                    let telling = sum.telling().iter().map(|telling| TellingComment {
                        id: telling.id.clone(),
                        quote: telling.quote.clone(),
                        score: Probability::new(telling.probability as f64 / 1e6),
                    });
                    let [negative, neutral, positive] =
                        sum.attitudes.map(|count| share(count, sum.count));
                    let figures = ThemeFigures {
                        comments: share(sum.count, of),
                        sentiment: mean(&sum.sentiment),
                        attitude: AttitudeFigures {
                            negative,
                            neutral,
                            positive,
                            mean: mean(&sum.attitude),
                        },
                        trained: theme.trained,
                        telling: telling.collect(),
                    };
                    (theme.id.clone(), figures)
                })
                .collect(),
            found: collector
                .found
                .iter()
                .map(|(kind, found)| {
                    let figures = FoundFigures {
                        comments: found.comments,
                        stretches: found.stretches,
                    };
                    (*kind, figures)
                })
                .collect(),
        }
    }
}

/// The scores of one text as outputs show them; `themes` is the taxonomy it was scored under.
pub fn score_record(themes: &[ThemeSetting], scores: &Scores) -> ScoreRecord {
    let probabilities = scores.themes.iter().copied().map(Probability::new);
    let assigned = themes
        .iter()
        .zip(&scores.assigned)
        .zip(&scores.attitudes)
        .filter(|((_, assigned), _)| **assigned);
    ScoreRecord {
        sentiment: sentiment_record(&scores.sentiment),
        attitudes: assigned
            .clone()
            .map(|((theme, _), to_theme)| (theme.id.clone(), sentiment_record(to_theme)))
            .collect(),
        themes_assigned: assigned.map(|((theme, _), _)| theme.id.clone()).collect(),
        themes: themes
            .iter()
            .map(|theme| theme.id.clone())
            .zip(probabilities)
            .collect(),
    }
}

fn sentiment_record(probabilities: &[f64; 3]) -> SentimentRecord {
    let [negative, neutral, positive] = probabilities.map(Probability::new);
    SentimentRecord {
        label: most_probable(probabilities),
        negative,
        neutral,
        positive,
    }
}

fn counts(collector: &Collector) -> CommentCounts {
    CommentCounts {
        total: collector.comments,
        replies: collector.replies,
        quoted_only: collector.quoted_only,
        duplicates: collector.duplicates,
        other_languages: collector.other_languages,
    }
}

fn share(count: u64, of: u64) -> Share {
    Share {
        count,
        of,
        share: (of > 0).then(|| Figure::new(count as f64 / of as f64)),
        interval: wilson(count, of).map(|interval| ends(interval, 1.0)),
    }
}

fn mean(sum: &MeanSum) -> Mean {
    let moments = sum.moments();
    Mean {
        mean: moments.map(|moments| Figure::new(moments.mean)),
        interval: moments
            .as_ref()
            .and_then(mean_interval)
            .map(|interval| ends(interval, 1.0)),
        of: moments.map_or(0, |moments| moments.count),
    }
}

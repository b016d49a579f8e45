//! A made-up set of results of any size, as a run would have written it: what comparisons are tested and timed on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use undertone::aggregation::Collector;
use undertone::cleaning::Rules;
use undertone::model::{Precision, Sentiment};
use undertone::output::{
    CleaningRecord, CommentCounts, CommentRecord, Header, Mean, OutputFolder, PostEntry,
    Probability, RunRecord, ScoreRecord, Scoring, SentimentRecord, Summariser, TextsRecord,
    ThemeSetting,
};
use undertone::themes::Taxonomy;

/// The first day of the first post.
const FIRST: Date = date(2012, 1, 1);

/// The last post is as many days later: on the last day of 2023.
const DAYS: u64 = 4382;

/// The name of the set.
const NAME: &str = "2024-01-01T03-00-00Z";

/// Comments under a post, on average.
const A_POST: u64 = 60;

/// Fewer posts would be too few for a year.
const FEWEST_POSTS: u64 = 600;

/// Names that comments are signed with; most are the work of few.
const AUTHORS: f64 = 2000.0;

/// What comments are made of.
const WORDS: &str = "the a our their this that every some many no officers managers cases targets hours court prison \
    hostel region union ballot offer pay pension contract company inspectors report risk training computer system office \
    team partnership service people public ministers headquarters staff colleagues meeting email policy change years weeks \
    support supervision programme licence recall victims families money work lost found left stayed promised asked told";

/// The share of comments with the planted theme in the first year and in the last; the first theme of the taxonomy has it,
/// the shares of all others stay what they are.
pub const PLANTED: [f64; 2] = [0.08, 0.24];

struct Lots(ChaCha8Rng);

impl Lots {
    /// From 0, up to but not 1.
    fn share(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }

    /// Nearly normal, with mean 0 and deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

/// Writes a set of about so many comments into a folder of results, over twelve years, under posts of very unlike sizes, by
/// authors some of whom write a lot. Comments of one post are alike. The same number gives the same bytes.
pub fn write_results(folder: &Path, comments: u64) -> Result<(), Box<dyn Error>> {
    let taxonomy = Taxonomy::shipped()?;
    let themes: Vec<ThemeSetting> = taxonomy
        .themes()
        .iter()
        .map(|theme| ThemeSetting {
            id: theme.id.clone(),
            title: theme.title.clone(),
            description: theme.description.clone(),
            threshold: Probability::new(0.5),
            threshold_from: "model".to_owned(),
            trained: true,
            labels: 0,
        })
        .collect();
    let scoring = Scoring {
        model: "made up".to_owned(),
        model_sha256: "ab".repeat(32),
        sentiment_model: None,
        sentiment_model_sha256: None,
        precision: Precision::F32,
        themes_sha256: "cd".repeat(32),
        overlay_sha256: None,
        cleaning: Rules::default(),
    };
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut lots = Lots(ChaCha8Rng::seed_from_u64(comments));
    let posts = (comments / A_POST).max(FEWEST_POSTS);
    let weights: Vec<f64> = (0..posts).map(|_| (0.9 * lots.normal()).exp()).collect();
    let all: f64 = weights.iter().sum();

    let out = OutputFolder::open(folder)?;
    let mut set = out.begin(NAME)?;
    let mut lines = set.create("comments.jsonl")?;
    let mut entries = Vec::new();
    for (place, weight) in (0..posts).zip(&weights) {
        let day = FIRST.checked_add(((place * DAYS / (posts - 1)) as i64).days())?;
        let count = (weight / all * comments as f64).round() as u64;
        let post = format!("post-{place:06}");
        let odds: Vec<f64> = themes
            .iter()
            .enumerate()
            .map(|(theme, _)| {
                let years = f64::from(day.year() - 2012) / 11.0;
                let share = match theme {
                    0 => PLANTED[0] + (PLANTED[1] - PLANTED[0]) * years,
                    _ => 0.02 + 0.01 * theme as f64,
                };
                (share / (1.0 - share)).ln() + 0.4 * lots.normal()
            })
            .collect();
        let mut spoken_of: BTreeMap<String, u64> = BTreeMap::new();
        for number in 0..count {
            let text: Vec<&str> = (0..12 + (lots.share() * 30.0) as usize)
                .map(|_| words[(lots.share() * words.len() as f64) as usize])
                .collect();
            let text = text.join(" ");
            let author = (lots.share() > 0.4)
                .then(|| format!("Author {}", (AUTHORS * lots.share().powi(3)) as u32));
            let quote: String = text.chars().take(200).collect();
            let id = format!("{post}#{number}");
            let record = CommentRecord {
                id: &id,
                post: &post,
                parent: None,
                author: Some(author.map_or(Cow::Borrowed("Anonymous"), Cow::Owned)),
                published: None,
                year: Some(day.year()),
                text: Cow::Borrowed(&text),
                quote: Some(&quote),
                cleaning: CleaningRecord {
                    counted: true,
                    duplicate_of: None,
                    language: Some("en".to_owned()),
                    quoted_only: false,
                    words: 12,
                    own_words: 12,
                    findings: Vec::new(),
                },
                scores: scores(&themes, &odds, &mut lots),
            };
            for theme in &record.scores.themes_assigned {
                *spoken_of.entry(theme.clone()).or_default() += 1;
            }
            serde_json::to_writer(&mut lines, &record)?;
            lines.write_all(b"\n")?;
        }
        entries.push(PostEntry {
            id: post,
            title: Some(format!("Post {place}")),
            published: Some(day.to_string()),
            url: Some(format!("https://example.org/{place}")),
            file: format!("posts/{place}.json"),
            copy_of: None,
            comments: CommentCounts {
                total: count,
                replies: 0,
                quoted_only: 0,
                duplicates: 0,
                other_languages: 0,
            },
            sentiment: Mean {
                mean: None,
                interval: None,
                of: count,
            },
            themes: spoken_of,
        });
    }
    set.finish(lines)?;
    let summariser = Summariser::new(&themes, &scoring, None);
    let nothing = Collector::new(themes.len());
    set.write_json(
        "summary.json",
        &summariser.summary(&nothing, Vec::new(), entries),
    )?;
    let (schema, schema_version) = RunRecord::schema();
    let record = RunRecord {
        schema,
        schema_version,
        undertone: "0.1.0".to_owned(),
        libtorch: "none".to_owned(),
        started: "2024-01-01T03:00:00Z".to_owned(),
        finished: "2024-01-01T03:00:01Z".to_owned(),
        seconds: BTreeMap::new(),
        settings: BTreeMap::new(),
        scoring: Header::new("run", &scoring).scoring,
        inputs_sha256: String::new(),
        texts: TextsRecord::default(),
        skipped: Vec::new(),
        warnings: 0,
        forgotten: 0,
        inputs: Vec::new(),
        outputs: set.hashes().clone(),
    };
    set.write_json("run.json", &record)?;
    set.publish()?;
    Ok(())
}

fn scores(themes: &[ThemeSetting], odds: &[f64], lots: &mut Lots) -> ScoreRecord {
    let mut record = ScoreRecord {
        sentiment: sentiment(lots),
        themes: BTreeMap::new(),
        themes_assigned: Vec::new(),
        attitudes: BTreeMap::new(),
    };
    for (theme, odds) in themes.iter().zip(odds) {
        let has = lots.share() < 1.0 / (1.0 + (-odds).exp());
        let within = 0.499 * lots.share();
        let probability = if has { 0.5 + within } else { within };
        record
            .themes
            .insert(theme.id.clone(), Probability::new(probability));
        if has {
            record.themes_assigned.push(theme.id.clone());
        }
    }
    record
}

fn sentiment(lots: &mut Lots) -> SentimentRecord {
    let likely = 0.5 + 0.4 * lots.share();
    let rest = (1.0 - likely) / 2.0;
    let label = match lots.share() {
        lot if lot < 0.6 => Sentiment::Negative,
        lot if lot < 0.9 => Sentiment::Neutral,
        _ => Sentiment::Positive,
    };
    let of = |one: Sentiment| Probability::new(if one == label { likely } else { rest });
    SentimentRecord {
        label,
        negative: of(Sentiment::Negative),
        neutral: of(Sentiment::Neutral),
        positive: of(Sentiment::Positive),
    }
}

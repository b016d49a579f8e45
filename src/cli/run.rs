//! `undertone run`: the nightly job, stage by stage.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rayon::prelude::*;
use serde_json::json;

use super::Outcome;
use super::args::RunArgs;
use super::failure::Failure;
use super::settings::{Redaction, ScoringSetup, cleaning_rules, read_limits};
use super::stages::{Pages, clean, read, relative, score};
use super::table::{Table, per_cent};
use crate::aggregation::{Collector, ScoredPost};
use crate::hash::sha256;
use crate::model::LIBTORCH;
use crate::output::{
    Figure, OutputFolder, RunRecord, RunSet, Share, Summariser, SummaryFile, YearEntry,
};
use crate::post::Post;
use crate::progress::Progress;
use crate::reading::Corpus;

/// Themes named per year in the table on stdout.
const THEMES_SHOWN: usize = 2;

pub(super) fn run(args: RunArgs) -> Result<Outcome, Failure> {
    let started = Timestamp::now();
    let progress = Progress::new(args.quiet);
    // What can be refused is refused before the work: the output folder, the model, the themes, the corpus.
    let folder = OutputFolder::open(&args.out)?;
    let redaction = Redaction::load(&args.redaction)?;
    let setup = ScoringSetup::load(&args.scoring, cleaning_rules(&args.cleaning))?;
    let corpus = Corpus::open(&args.corpus, read_limits(&args.reading))?;
    progress.log(&format!(
        "{} pages in {}; model {} in {}, {} threads",
        corpus.len(),
        args.corpus.display(),
        setup.scoring.model,
        setup.scoring.precision,
        setup.threads
    ));

    let mut seconds = BTreeMap::new();
    let Pages {
        posts,
        inputs,
        skipped,
    } = read(
        &corpus,
        &args.corpus,
        &folder.latest(),
        &progress,
        &mut seconds,
    );
    for skipped in &skipped {
        progress.warn(&format!("skipped {}: {}", skipped.source, skipped.reason));
    }
    let mut warnings = 0;
    for post in &posts {
        for warning in &post.warnings {
            warnings += 1;
            progress.log(&format!("warning: {}: {warning}", post.source));
        }
    }
    if posts.is_empty() {
        return Err(Failure::NothingRead(args.corpus.display().to_string()));
    }

    let cleaned = clean(&setup.scoring.cleaning, &posts, &progress, &mut seconds);
    let scored = score(
        &setup,
        posts,
        cleaned,
        redaction.of_quotes(),
        &progress,
        &mut seconds,
    )?;
    let aggregates = aggregate(&scored, setup.themes.len(), &progress, &mut seconds);

    let mut set = folder.begin(&started.strftime("%Y-%m-%dT%H-%M-%SZ").to_string())?;
    let summary = write(
        &mut set,
        &Summariser::new(&setup.themes, &setup.scoring, redaction.of_texts()),
        &args.corpus,
        &scored,
        &aggregates,
        &progress,
        &mut seconds,
    )?;
    let (schema, schema_version) = RunRecord::schema();
    let outcome = if skipped.is_empty() {
        Outcome::Complete
    } else {
        Outcome::SomeSkipped
    };
    let record = RunRecord {
        schema,
        schema_version,
        undertone: env!("CARGO_PKG_VERSION").to_owned(),
        libtorch: LIBTORCH.to_owned(),
        started: started.to_string(),
        finished: Timestamp::now().to_string(),
        seconds: seconds
            .into_iter()
            .map(|(stage, took)| (stage, Figure::new(took)))
            .collect(),
        settings: settings(&args, &setup, &redaction),
        scoring: setup.scoring.clone(),
        skipped,
        warnings,
        inputs,
        outputs: set.hashes().clone(),
    };
    set.write_json("run.json", &record)?;
    let place = set.publish()?;
    let pruned = folder.prune(args.keep as usize);
    for name in &pruned.removed {
        progress.log(&format!("removed the old set {name}"));
    }
    for failure in &pruned.failed {
        progress.warn(&format!("an old set could not be removed: {failure}"));
    }
    progress.log(&format!("wrote {}", place.display()));
    if !args.quiet {
        // The set is in its place: a table that nobody can read changes nothing about that.
        if let Err(error) = show(&summary, &folder.latest())
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            progress.warn(&format!("the table could not be shown: {error}"));
        }
    }
    Ok(outcome)
}

/// Everything that was set, defaults filled in, for `run.json`.
fn settings(
    args: &RunArgs,
    setup: &ScoringSetup,
    redaction: &Redaction,
) -> BTreeMap<String, serde_json::Value> {
    let file_or_built_in = |file: &Option<PathBuf>| {
        file.as_ref()
            .map_or_else(|| "built in".to_owned(), |file| file.display().to_string())
    };
    let bundle = setup.model_dir.display().to_string();
    [
        ("corpus", json!(args.corpus.display().to_string())),
        ("out", json!(args.out.display().to_string())),
        ("keep", json!(args.keep)),
        ("max_page_mb", json!(args.reading.max_page_mb)),
        (
            "model",
            json!(
                args.scoring
                    .model
                    .as_ref()
                    .map_or_else(|| bundle.clone(), ToString::to_string)
            ),
        ),
        ("bundle", json!(bundle)),
        ("offline", json!(args.scoring.offline)),
        ("without_labels", json!(args.scoring.without_labels)),
        ("themes", json!(file_or_built_in(&setup.themes_file))),
        ("redact", json!(redaction.redact)),
        (
            "office_holders",
            json!(file_or_built_in(&redaction.office_holders)),
        ),
        ("precision", json!(setup.scoring.precision)),
        ("threads", json!(setup.threads)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// The sums of a run.
struct Aggregates {
    whole: Collector,
    posts: Vec<Collector>,
    /// By year, with the number of posts dated in it; those without a year under None.
    years: BTreeMap<Option<i16>, (u64, Collector)>,
}

fn aggregate(
    posts: &[ScoredPost],
    themes: usize,
    progress: &Progress,
    seconds: &mut BTreeMap<String, f64>,
) -> Aggregates {
    let stage = progress.stage("aggregating", posts.len() as u64);
    let of_post: Vec<(Collector, BTreeMap<Option<i16>, Collector>)> = posts
        .par_iter()
        .map(|post| {
            let mut whole = Collector::new(themes);
            let mut years: BTreeMap<Option<i16>, Collector> = BTreeMap::new();
            for comment in &post.comments {
                whole.add(comment);
                let year = post.year_of(&comment.comment);
                years
                    .entry(year)
                    .or_insert_with(|| Collector::new(themes))
                    .add(comment);
            }
            stage.advance(1);
            (whole, years)
        })
        .collect();
    let empty = || (0, Collector::new(themes));
    let mut aggregates = Aggregates {
        whole: Collector::new(themes),
        posts: Vec::with_capacity(posts.len()),
        years: BTreeMap::new(),
    };
    for (post, (whole, years)) in posts.iter().zip(of_post) {
        aggregates.whole.merge(&whole);
        aggregates.posts.push(whole);
        let year = post.post.published.map(jiff::civil::Date::year);
        aggregates.years.entry(year).or_insert_with(empty).0 += 1;
        for (year, collector) in years {
            aggregates
                .years
                .entry(year)
                .or_insert_with(empty)
                .1
                .merge(&collector);
        }
    }
    seconds.insert("aggregating".to_owned(), stage.finish());
    aggregates
}

/// Writes every file but `run.json`.
fn write(
    set: &mut RunSet<'_>,
    summariser: &Summariser<'_>,
    corpus: &Path,
    posts: &[ScoredPost],
    aggregates: &Aggregates,
    progress: &Progress,
    seconds: &mut BTreeMap<String, f64>,
) -> Result<SummaryFile, Failure> {
    let stage = progress.stage("writing", (posts.len() + aggregates.years.len()) as u64);
    let mut post_entries = Vec::with_capacity(posts.len());
    let mut lines = set.create("comments.jsonl")?;
    for (post, collector) in posts.iter().zip(&aggregates.posts) {
        let page = relative(&post.post.source, corpus);
        let file = format!("posts/{}.json", file_stem(&post.post, &page));
        set.write_json(&file, &summariser.post(post, &page, collector))?;
        for comment in &post.comments {
            serde_json::to_writer(&mut lines, &summariser.comment(post, comment))
                .map_err(std::io::Error::from)
                .and_then(|()| lines.write_all(b"\n"))
                .map_err(|source| lines.failed(source))?;
        }
        post_entries.push(summariser.post_entry(post, file, collector));
        stage.advance(1);
    }
    set.finish(lines)?;

    let mut year_entries: Vec<YearEntry> = Vec::with_capacity(aggregates.years.len());
    for (year, (count, collector)) in &aggregates.years {
        let before = year
            .and_then(|year| aggregates.years.get(&Some(year - 1)))
            .map(|(_, collector)| collector);
        let file = year.map_or_else(
            || "years/undated.json".to_owned(),
            |year| format!("years/{year:04}.json"),
        );
        set.write_json(&file, &summariser.year(*year, *count, collector, before))?;
        year_entries.push(summariser.year_entry(*year, *count, file, collector));
        stage.advance(1);
    }
    // None sorts before every year; a reader expects it last.
    if year_entries
        .first()
        .is_some_and(|entry| entry.year.is_none())
    {
        year_entries.rotate_left(1);
    }
    let summary = summariser.summary(&aggregates.whole, year_entries, post_entries);
    set.write_json("summary.json", &summary)?;
    seconds.insert("writing".to_owned(), stage.finish());
    Ok(summary)
}

/// `<date>-<slug>-<short id>`: readable, and unique through the id.
fn file_stem(post: &Post, page: &str) -> String {
    let date = post
        .published
        .map_or_else(|| "undated".to_owned(), |date| date.to_string());
    let stem = Path::new(page)
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let name = slug(post.title.as_deref().unwrap_or(&stem));
    let short_id = &sha256(post.id.as_bytes())[..8];
    [date.as_str(), name.as_str(), short_id]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// Lower-case ASCII letters and digits, other runs of characters as one hyphen, at most 60 characters.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().filter(|c| *c != '\'' && *c != '’') {
        if slug.len() >= 60 {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The table on stdout.
fn show(summary: &SummaryFile, latest: &Path) -> std::io::Result<()> {
    let mut table = Table::new(&[
        ">year",
        ">posts",
        ">comments",
        ">negative (95%)",
        "<most spoken of (95%)",
    ]);
    let shown = |share: &Share| {
        per_cent(
            share.share.map(Figure::value),
            share.interval.map(|ends| ends.map(Figure::value)),
        )
    };
    for year in &summary.by_year {
        let mut themes: Vec<(&String, &Share)> = year
            .themes
            .iter()
            .filter(|(_, share)| share.count > 0)
            .collect();
        // Stable: themes of equal count stay in alphabetical order.
        themes.sort_by_key(|(_, share)| std::cmp::Reverse(share.count));
        let themes: Vec<String> = themes
            .into_iter()
            .take(THEMES_SHOWN)
            .map(|(id, share)| format!("{id} {}", shown(share)))
            .collect();
        table.row([
            year.year
                .map_or_else(|| "undated".to_owned(), |year| year.to_string()),
            year.posts.to_string(),
            year.comments.total.to_string(),
            shown(&year.negative),
            themes.join(", "),
        ]);
    }
    let comments = summary.figures.comments;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} posts, {} comments, {} of them replies",
        summary.posts, comments.total, comments.replies
    )?;
    let notes = [
        (
            comments.quoted_only,
            "of them without words of their own, counted as neutral",
        ),
        (
            comments.duplicates,
            "more left out: counted elsewhere already",
        ),
        (comments.other_languages, "more left out: not in English"),
    ];
    for (count, note) in notes.into_iter().filter(|(count, _)| *count > 0) {
        writeln!(out, "{count} {note}")?;
    }
    writeln!(
        out,
        "\n{table}\nThe whole: {}",
        latest.join("summary.json").display()
    )
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slugs_are_short_and_plain() {
        assert_eq!(
            slug("What Future? For Probation!"),
            "what-future-for-probation"
        );
        assert_eq!(slug("It’s the \"end\""), "its-the-end");
        assert_eq!(slug("…"), "");
        assert!(slug(&"a ".repeat(200)).len() <= 60);
    }
}

//! `undertone run`: the nightly job, stage by stage.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rayon::prelude::*;
use serde_json::json;

use super::Outcome;
use super::args::RunArgs;
use super::cache::store_file;
use super::failure::Failure;
use super::forget::forgotten;
use super::quiet::unchanged_since;
use super::settings::{Redaction, ScoringSetup, cleaning_rules, read_limits};
use super::stages::{Pages, clean, read, relative, same_place, score};
use super::table::{Table, per_cent};
use crate::aggregation::{Collector, ScoredPost};
use crate::comparison::JudgedComment;
use crate::hash::sha256;
use crate::model::LIBTORCH;
use crate::output::{
    EarlierSet, Figure, Header, OutputFolder, RunRecord, RunSet, Scoring, Share, Summariser,
    SummaryFile, TextsRecord, YearEntry, causes, changes_file, digest, judged_comment,
};
use crate::post::Post;
use crate::progress::Progress;
use crate::reading::{Corpus, Forgotten};
use crate::store::Store;

/// Themes named per year in the table on stdout.
const THEMES_SHOWN: usize = 2;

pub(super) fn run(args: RunArgs) -> Result<Outcome, Failure> {
    let started = Timestamp::now();
    let progress = Progress::new(args.quiet);
    // What can be refused is refused before the work: the output folder, the model, the themes, the corpus.
    let folder = OutputFolder::open(&args.out)?;
    let forgotten = forgotten(&args.reading, Some(&args.out))?;
    let redaction = Redaction::load(&args.redaction)?;
    let mut store = Store::open(&store_file(args.store.as_ref(), &args.out));
    let rules = cleaning_rules(&args.cleaning);
    let setup = ScoringSetup::load_with(&args.scoring, rules, &mut store);
    // Told even if the run ends here: a store may have been set aside.
    for notice in store.notices() {
        progress.warn(&notice);
    }
    let setup = setup?;
    let corpus = Corpus::open(&args.corpus, read_limits(&args.reading))?;
    // Hashed before anything is read: what changes in between is then seen as news the next time.
    let (schema, schema_version) = RunRecord::schema();
    let mut record = RunRecord {
        schema,
        schema_version,
        undertone: env!("CARGO_PKG_VERSION").to_owned(),
        libtorch: LIBTORCH.to_owned(),
        started: started.to_string(),
        finished: String::new(),
        seconds: BTreeMap::new(),
        settings: settings(&args, &setup, &redaction),
        scoring: setup.scoring.clone(),
        inputs_sha256: fingerprint(&corpus, &args.corpus, &folder.latest(), &forgotten),
        texts: TextsRecord::default(),
        skipped: Vec::new(),
        warnings: 0,
        forgotten: 0,
        inputs: Vec::new(),
        outputs: BTreeMap::new(),
    };
    if !args.anew
        && let Some(unchanged) = unchanged_since(&folder.latest(), &record)
    {
        for (source, reason) in &unchanged.skipped {
            progress.warn(&format!("skipped {source}: {reason}"));
        }
        progress.log(&format!(
            "nothing has changed since {}: no new set",
            unchanged.set
        ));
        remove_old_sets(&folder, args.keep, &progress);
        return Ok(outcome_of(unchanged.skipped.is_empty()));
    }
    let latest = folder.latest_set();
    let earlier = latest.as_deref().and_then(EarlierSet::read);
    if let (Some(latest), None) = (&latest, &earlier) {
        progress.warn(&format!(
            "{}: is not whole, so changes.json and digest.txt cannot tell what is new since it",
            latest.display()
        ));
    }
    let left_out = earlier
        .as_ref()
        .and_then(|set| set.run["forgotten"].as_u64());
    if let (Some(left_out @ 1..), true) = (left_out, forgotten.is_empty()) {
        progress.warn(&format!(
            "comments that are forgotten come back: the latest set left out {left_out} of them, and now there is no list of \
             them; if that is not meant, put forgotten.txt back, or name it with --forgotten"
        ));
    }
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
        forgotten,
    } = read(
        &corpus,
        &args.corpus,
        &folder.latest(),
        &forgotten,
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
    let (scored, recalled) = score(
        &setup,
        &mut store,
        posts,
        cleaned,
        redaction.of_quotes(),
        &progress,
        &mut seconds,
    )?;
    let aggregates = aggregate(&scored, setup.themes.len(), &progress, &mut seconds);

    let mut set = folder.begin(&started.strftime("%Y-%m-%dT%H-%M-%SZ").to_string())?;
    let (summary, judged) = write(
        &mut set,
        &Summariser::new(&setup.themes, &setup.scoring, redaction.of_texts()),
        &args.corpus,
        &scored,
        &aggregates,
        &progress,
        &mut seconds,
    )?;
    let outcome = outcome_of(skipped.is_empty());
    record.finished = Timestamp::now().to_string();
    record.seconds = seconds
        .into_iter()
        .map(|(stage, took)| (stage, Figure::new(took)))
        .collect();
    record.texts = TextsRecord {
        known: recalled.known,
        alike: recalled.alike,
        encoded: recalled.encoded,
    };
    record.skipped = skipped;
    record.warnings = warnings;
    record.forgotten = forgotten;
    record.inputs = inputs;
    tell_changes(
        &mut set,
        &setup.scoring,
        earlier.as_ref(),
        &scored,
        &judged,
        &record,
    )?;
    record.outputs = set.hashes().clone();
    set.write_json("run.json", &record)?;
    let place = set.publish()?;
    remove_old_sets(&folder, args.keep, &progress);
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

/// Removes the sets that are too many, and what killed runs have left behind.
fn remove_old_sets(folder: &OutputFolder, keep: u32, progress: &Progress) {
    let pruned = folder.prune(keep as usize);
    for name in &pruned.removed {
        progress.log(&format!("removed the old set {name}"));
    }
    for failure in &pruned.failed {
        progress.warn(&format!("an old set could not be removed: {failure}"));
    }
}

/// What reading depends on: the corpus, and what is left out of it. The link to the latest set is no part of it.
fn fingerprint(corpus: &Corpus, folder: &Path, latest: &Path, forgotten: &Forgotten) -> String {
    let pages = corpus.fingerprint(
        |path| relative(path, folder),
        |notice| !same_place(Path::new(&notice.source), latest),
    );
    match forgotten.sha256() {
        None => pages,
        Some(forgotten) => sha256(format!("{pages}\n{forgotten}").as_bytes()),
    }
}

fn outcome_of(nothing_skipped: bool) -> Outcome {
    if nothing_skipped {
        Outcome::Complete
    } else {
        Outcome::SomeSkipped
    }
}

/// Writes `changes.json` and `digest.txt`.
fn tell_changes(
    set: &mut RunSet<'_>,
    scoring: &Scoring,
    earlier: Option<&EarlierSet>,
    posts: &[ScoredPost],
    judged: &[JudgedComment],
    record: &RunRecord,
) -> Result<(), Failure> {
    let titles: Vec<(&str, Option<&str>)> = posts
        .iter()
        .map(|post| (post.post.id.as_str(), post.post.title.as_deref()))
        .collect();
    let why = earlier.map_or_else(Vec::new, |earlier| causes(&earlier.run, record));
    let changes = changes_file(
        Header::new("changes", scoring),
        earlier,
        judged,
        why,
        &titles,
    );
    set.write_json("changes.json", &changes)?;
    let mut file = set.create("digest.txt")?;
    file.write_all(digest(&changes).as_bytes())
        .map_err(|source| file.failed(source))?;
    set.finish(file)?;
    Ok(())
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
        (
            "store",
            json!(
                store_file(args.store.as_ref(), &args.out)
                    .display()
                    .to_string()
            ),
        ),
        ("keep", json!(args.keep)),
        ("max_page_mb", json!(args.reading.max_page_mb)),
        (
            "forgotten",
            json!(
                args.reading
                    .forgotten
                    .as_ref()
                    .map(|file| file.display().to_string())
            ),
        ),
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
        (
            "office_holders_sha256",
            json!(redaction.office_holders_sha256),
        ),
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

/// Writes the files about posts, years and the whole; gives the summary and the comments as they were published.
fn write(
    set: &mut RunSet<'_>,
    summariser: &Summariser<'_>,
    corpus: &Path,
    posts: &[ScoredPost],
    aggregates: &Aggregates,
    progress: &Progress,
    seconds: &mut BTreeMap<String, f64>,
) -> Result<(SummaryFile, Vec<JudgedComment>), Failure> {
    let stage = progress.stage("writing", (posts.len() + aggregates.years.len()) as u64);
    let mut post_entries = Vec::with_capacity(posts.len());
    let mut judged = Vec::new();
    let mut lines = set.create("comments.jsonl")?;
    for (post, collector) in posts.iter().zip(&aggregates.posts) {
        let page = relative(&post.post.source, corpus);
        let file = format!("posts/{}.json", file_stem(&post.post, &page));
        set.write_json(&file, &summariser.post(post, &page, collector))?;
        for comment in &post.comments {
            let record = summariser.comment(post, comment);
            serde_json::to_writer(&mut lines, &record)
                .map_err(std::io::Error::from)
                .and_then(|()| lines.write_all(b"\n"))
                .map_err(|source| lines.failed(source))?;
            judged.push(judged_comment(&record));
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
    Ok((summary, judged))
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

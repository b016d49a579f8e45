//! `undertone run`: the nightly job, stage by stage.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;

use super::Outcome;
use super::args::RunArgs;
use super::cache::store_file;
use super::comparing::{ComparisonSetup, compare_run};
use super::failure::Failure;
use super::forget::forgotten;
use super::quiet::unchanged_since;
use super::settings::{Redaction, ScoringSetup, cleaning_rules, read_limits};
use super::stages::{Pages, clean, read, relative, same_place, score};
use super::table::{Table, per_cent};
use super::writing::{Written, aggregate, show_page, tell_changes, write};
use crate::hash::sha256;
use crate::model::LIBTORCH;
use crate::output::{
    EarlierSet, Figure, OutputFolder, RunRecord, Share, Summariser, SummaryFile, TextsRecord,
};
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
    let ids: Vec<&str> = setup.themes.iter().map(|theme| theme.id.as_str()).collect();
    let comparison = ComparisonSetup::load(&args.comparison, &ids, &progress)?;
    comparison.warn_of_learnt(setup.themes_file.as_deref(), &setup.scoring, &progress)?;
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
        settings: settings(&args, &setup, &redaction, &comparison),
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

    let cleaned = clean(&setup.scoring.cleaning, &posts, &progress);
    let (scored, recalled) = score(
        &setup,
        &mut store,
        posts,
        cleaned,
        redaction.of_quotes(),
        &progress,
    )?;
    let aggregates = aggregate(&scored, setup.themes.len(), &progress);

    let mut set = folder.begin(&started.strftime("%Y-%m-%dT%H-%M-%SZ").to_string())?;
    let Written {
        summary,
        judged,
        published,
    } = write(
        &mut set,
        &Summariser::new(&setup.themes, &setup.scoring, redaction.of_texts()),
        &setup.themes,
        &args.corpus,
        &scored,
        &aggregates,
        &progress,
    )?;
    let compared = compare_run(
        &mut set,
        &comparison,
        &setup,
        &mut store,
        &scored,
        &published,
        &progress,
    )?;
    drop(published);
    let outcome = outcome_of(skipped.is_empty());
    record.texts = TextsRecord {
        known: recalled.known,
        alike: recalled.alike,
        encoded: recalled.encoded,
    };
    record.skipped = skipped;
    record.warnings = warnings;
    record.forgotten = forgotten;
    record.inputs = inputs;
    if let Some(compared) = &compared {
        show_page(&mut set, compared, &summary, &record, &progress)?;
    }
    tell_changes(
        &mut set,
        &setup.scoring,
        earlier.as_ref(),
        &scored,
        &judged,
        &record,
    )?;
    record.finished = Timestamp::now().to_string();
    record.seconds = progress
        .seconds()
        .into_iter()
        .map(|(stage, took)| (stage, Figure::new(took)))
        .collect();
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

/// Everything that was set, defaults filled in, for `run.json`.
fn settings(
    args: &RunArgs,
    setup: &ScoringSetup,
    redaction: &Redaction,
    comparison: &ComparisonSetup,
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
    .chain(comparison.settings(&args.comparison))
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
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
    let results = latest.parent().unwrap_or(latest);
    writeln!(
        out,
        "\n{table}\nThese intervals take comments for independent. Those to quote, and what changed: undertone compare --results \
         {}\nThe whole: {}",
        results.display(),
        latest.join("summary.json").display()
    )?;
    // Without dates there is nothing to compare, and no page.
    let page = latest.join("report").join("index.html");
    if page.is_file() {
        writeln!(out, "To look at: {}", page.display())?;
    }
    Ok(())
}

//! `undertone forget`: comments that are left out from now on, and erased where something was kept of them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::Outcome;
use super::args::{ForgetArgs, ReadingArgs};
use super::cache::{open, prune_to, store_file};
use super::failure::Failure;
use super::settings::{ScoringSetup, cleaning_rules, read_limits};
use super::stages::{Pages, read};
use super::table::Table;
use crate::output::OutputFolder;
use crate::post::{Comment, Post};
use crate::progress::{Progress, visible};
use crate::reading::{Corpus, Forgotten, Tombstone};
use crate::store::Prune;

/// The folder of results where no command names one.
const RESULTS: &str = "output";

/// Where the sets of a folder of results lie.
const RUNS: &str = "runs";

/// Characters of a comment that are shown.
const SHOWN: usize = 60;

/// The file of tombstones: the one that is named, or that of a folder of results.
fn forgotten_file(reading: &ReadingArgs, out: &Path) -> PathBuf {
    let named = reading.forgotten.clone();
    named.unwrap_or_else(|| out.join("forgotten.txt"))
}

/// The comments that are to be left out. A file that is named must be there; a command without a folder of results looks in
/// the usual one.
pub(super) fn forgotten(reading: &ReadingArgs, out: Option<&Path>) -> Result<Forgotten, Failure> {
    let file = forgotten_file(reading, out.unwrap_or(Path::new(RESULTS)));
    match Forgotten::read(&file)? {
        None if reading.forgotten.is_some() => {
            Err(Failure::NoForgotten(file.display().to_string()))
        }
        found => Ok(found.unwrap_or_default()),
    }
}

pub(super) fn forget(args: &ForgetArgs) -> Result<Outcome, Failure> {
    let progress = Progress::new(args.quiet);
    // No run may write while traces are looked for.
    let folder = OutputFolder::open(&args.place.out)?;
    let file = forgotten_file(&args.reading, &args.place.out);
    let found = Forgotten::read(&file)?;
    let names_comments =
        !args.id.is_empty() || args.text_matching.is_some() || args.author.is_some();
    if !names_comments && found.is_none() {
        return Err(Failure::NothingToForget);
    }
    let begun = found.clone();
    let before = match found {
        Some(found) => found,
        None => Forgotten::begin()?,
    };
    let corpus = Corpus::open(&args.corpus, read_limits(&args.reading))?;
    let Pages { posts, skipped, .. } = read(
        &corpus,
        &args.corpus,
        &folder.latest(),
        &Forgotten::default(),
        &progress,
    );
    for skipped in &skipped {
        progress.warn(&format!("skipped {}: {}", skipped.source, skipped.reason));
    }
    let mut now = before.clone();
    if names_comments {
        let chosen = chosen(args, &posts, &before)?;
        if chosen.is_empty() {
            let corpus = args.corpus.display();
            writeln!(
                std::io::stdout().lock(),
                "no comment in {corpus} is like that"
            )
            .map_err(Failure::Stdout)?;
            return Ok(Outcome::NothingChanged);
        }
        now.add(chosen);
    }

    let traces = Traces::find(&folder, &args.place.out, &posts, &now);
    for problem in &traces.unclear {
        progress.warn(&format!(
            "{problem}; look yourself whether it holds what is to be forgotten"
        ));
    }
    if args.apply {
        // The folder is locked, but another folder's runs may share the list.
        if Forgotten::read(&file)? != begun {
            return Err(Failure::ForgottenChanged(file.display().to_string()));
        }
        // From here on no run brings the comments back, whatever happens to the rest.
        now.write(&file)?;
    }
    // A list that nobody can read is no reason to leave the work half done.
    let mut told = tell(args, &file, &posts, [&before, &now], &traces);
    if args.apply {
        let left = if args.remove_sets {
            remove(&folder, &args.place.out, &traces)
        } else {
            Vec::new()
        };
        let pruned = forget_vectors(args, posts, &now, &progress);
        told = told.and_then(|()| tell_erased(args, &pruned));
        pruned?;
        if !left.is_empty() {
            return Err(Failure::SetsLeft(left));
        }
    }
    told?;
    Ok(if skipped.is_empty() && traces.unclear.is_empty() {
        Outcome::Complete
    } else {
        Outcome::SomeSkipped
    })
}

/// The tombstones of the comments that arguments name: by all that is given together.
fn chosen(
    args: &ForgetArgs,
    posts: &[Post],
    forgotten: &Forgotten,
) -> Result<BTreeSet<Tombstone>, Failure> {
    let is_named = |post: &Post, comment: &Comment, name: &str| {
        let of_post = name
            .strip_prefix(&post.id)
            .and_then(|rest| rest.strip_prefix('/'));
        name == comment.id || of_post == Some(&comment.id)
    };
    for name in &args.id {
        let mut all = comments(posts);
        if !all.any(|(post, comment)| is_named(post, comment, name)) {
            return Err(Failure::NoSuchComment {
                name: name.clone(),
                corpus: args.corpus.display().to_string(),
            });
        }
    }
    let is_meant = |post: &Post, comment: &Comment| {
        let by_id = args.id.is_empty() || args.id.iter().any(|name| is_named(post, comment, name));
        let by_text = args
            .text_matching
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(&comment.text));
        let by_author = args.author.is_none() || args.author == comment.author;
        by_id && by_text && by_author
    };
    Ok(comments(posts)
        .filter(|(post, comment)| is_meant(post, comment))
        .map(|(_, comment)| forgotten.tombstone(comment.author.as_deref(), &comment.text))
        .collect())
}

fn comments(posts: &[Post]) -> impl Iterator<Item = (&Post, &Comment)> {
    posts
        .iter()
        .flat_map(|post| post.comments.iter().map(move |comment| (post, comment)))
}

/// Where forgotten comments are still to be read.
struct Traces {
    /// Names of sets that hold one, in order.
    sets: Vec<String>,
    /// The name of the latest set, if there is one.
    latest: Option<String>,
    /// Sets of which that cannot be told, with the reason.
    unclear: Vec<String>,
}

impl Traces {
    fn find(folder: &OutputFolder, out: &Path, posts: &[Post], forgotten: &Forgotten) -> Self {
        let latest = folder.latest_set();
        let latest = latest.as_deref().and_then(Path::file_name);
        let mut traces = Self {
            sets: Vec::new(),
            latest: latest.map(|name| name.to_string_lossy().into_owned()),
            unclear: Vec::new(),
        };
        // In sets whose texts were redacted, a comment is known by its id alone.
        let ids: BTreeSet<(&str, &str)> = comments(posts)
            .filter(|(_, comment)| forgotten.holds_comment(comment))
            .map(|(post, comment)| (post.id.as_str(), comment.id.as_str()))
            .collect();
        let entries = match fs::read_dir(out.join(RUNS)) {
            Ok(entries) => entries,
            Err(error) => {
                traces.unclear.push(format!("{RUNS}: {error}"));
                return traces;
            }
        };
        let mut sets: Vec<PathBuf> = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .collect();
        sets.sort();
        for set in sets {
            let name = set.file_name().unwrap_or_default().to_string_lossy();
            // What a killed run has left is removed in any case.
            if name.starts_with('.') {
                continue;
            }
            match holds(&set, forgotten, &ids) {
                Ok(true) => traces.sets.push(name.into_owned()),
                Ok(false) => {}
                Err(problem) => traces.unclear.push(format!("{}: {problem}", set.display())),
            }
        }
        traces
    }

    fn has_latest(&self) -> bool {
        let latest = self.latest.as_ref();
        latest.is_some_and(|latest| self.sets.contains(latest))
    }
}

/// What is read of a line of `comments.jsonl`.
#[derive(Deserialize)]
struct Line {
    id: String,
    post: String,
    author: Option<String>,
    text: String,
}

/// Whether a set has a line about a forgotten comment; an error says what is wrong with the set.
fn holds(set: &Path, forgotten: &Forgotten, ids: &BTreeSet<(&str, &str)>) -> Result<bool, String> {
    let run = fs::read(set.join("run.json")).unwrap_or_default();
    let run: Value = serde_json::from_slice(&run).unwrap_or_default();
    let redact = run.pointer("/settings/redact").and_then(Value::as_str);
    let is_original = matches!(redact, Some("off" | "quotes"));
    let lines = File::open(set.join("comments.jsonl")).map_err(|error| error.to_string())?;
    for (line, number) in BufReader::new(lines).lines().zip(1..) {
        let broken =
            |error: &dyn std::fmt::Display| format!("comments.jsonl, line {number}: {error}");
        let line = line.map_err(|error| broken(&error))?;
        let line: Line = serde_json::from_str(&line).map_err(|error| broken(&error))?;
        let by_id = !is_original && ids.contains(&(line.post.as_str(), line.id.as_str()));
        if by_id || forgotten.holds(line.author.as_deref(), &line.text) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes the sets that hold forgotten comments, and gives those that are still there, with the reason.
fn remove(folder: &OutputFolder, out: &Path, traces: &Traces) -> Vec<String> {
    let mut left = Vec::new();
    if traces.has_latest()
        && let Err(error) = fs::remove_file(folder.latest())
    {
        left.push(format!("{}: {error}", folder.latest().display()));
    }
    for name in &traces.sets {
        let set = out.join(RUNS).join(name);
        // The name of a set that is half removed, or half written: pruning takes it away, if need be the next one.
        let doomed = out.join(RUNS).join(format!(".part-{name}"));
        if let Err(error) = fs::rename(&set, &doomed) {
            left.push(format!("{}: {error}", set.display()));
        }
    }
    left.extend(folder.prune(usize::MAX).failed);
    left
}

/// Removes from the store what the corpus without forgotten comments does not need; None if there is no store.
fn forget_vectors(
    args: &ForgetArgs,
    mut posts: Vec<Post>,
    forgotten: &Forgotten,
    progress: &Progress,
) -> Result<Option<Prune>, Failure> {
    let file = store_file(args.place.store.as_ref(), &args.place.out);
    if !file.is_file() {
        return Ok(None);
    }
    let mut store = open(&file, progress)?;
    let rules = cleaning_rules(&args.cleaning);
    let setup = ScoringSetup::load_with(&args.scoring, rules, &mut store)?;
    forgotten.leave_out(&mut posts);
    let removed = prune_to(&mut store, &file, &setup, &posts, progress)?;
    for copy in damaged_copies(&file) {
        progress.warn(&format!(
            "{}: is a damaged store that was set aside, and may hold vectors of what was forgotten; remove it",
            copy.display()
        ));
    }
    Ok(Some(removed))
}

/// Stores that were set aside beside one.
fn damaged_copies(store: &Path) -> Vec<PathBuf> {
    let begin = store.with_extension("damaged");
    let begin = begin.file_name().unwrap_or_default().to_string_lossy();
    let folder = match store.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut copies: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&*begin))
        .map(|entry| entry.path())
        .collect();
    copies.sort();
    copies
}

/// Says what is or would be forgotten, and where it is still to be read.
fn tell(
    args: &ForgetArgs,
    file: &Path,
    posts: &[Post],
    [before, now]: [&Forgotten; 2],
    traces: &Traces,
) -> Result<(), Failure> {
    let mut table = Table::new(&["<post", "<comment", "<author", "<begins"]);
    let (mut new, mut old) = (0, 0);
    for (post, comment) in comments(posts).filter(|(_, comment)| now.holds_comment(comment)) {
        if before.holds_comment(comment) {
            old += 1;
            continue;
        }
        new += 1;
        let text: Vec<&str> = comment.text.split_whitespace().collect();
        let cells = [
            post.id.clone(),
            comment.id.clone(),
            comment.author.clone().unwrap_or_else(|| "-".to_owned()),
            text.join(" ").chars().take(SHOWN).collect(),
        ];
        // A name or text must not look like a line of ours.
        table.row(cells.map(|cell| visible(&cell.replace('\n', " "))));
    }
    let mut out = std::io::stdout().lock();
    let mut line = |text: String| writeln!(out, "{text}").map_err(Failure::Stdout);
    if old > 0 {
        line(format!("{} forgotten already", are(old)))?;
    }
    if new > 0 {
        let state = if args.apply {
            are(new)
        } else {
            format!("{new} {} would be", noun(new))
        };
        line(format!("{state} forgotten:\n\n{table}"))?;
    }
    if args.apply {
        line(format!(
            "kept for that in {}: hashes, no text and no name",
            file.display()
        ))?;
    }
    if !traces.sets.is_empty() {
        let removed = args.apply && args.remove_sets;
        line(if removed {
            "sets that hold such comments, and are removed:".to_owned()
        } else {
            "sets that hold such comments, and stay unless you add --remove-sets:".to_owned()
        })?;
        for name in &traces.sets {
            let is_latest = traces.latest.as_ref() == Some(name);
            let mark = if is_latest { " (the latest)" } else { "" };
            line(format!("  {RUNS}/{name}{mark}"))?;
        }
        if removed && traces.has_latest() {
            line(
                "the link to the latest set is gone too; the next run makes a new one".to_owned(),
            )?;
        }
    }
    if !args.apply {
        line("nothing was changed; add --apply to forget them".to_owned())?;
    }
    Ok(())
}

/// Says what became of the store.
fn tell_erased(args: &ForgetArgs, pruned: &Result<Option<Prune>, Failure>) -> Result<(), Failure> {
    let Ok(Some(pruned)) = pruned else {
        return Ok(());
    };
    let file = store_file(args.place.store.as_ref(), &args.place.out);
    writeln!(
        std::io::stdout().lock(),
        "{}: {} texts removed that the corpus does not need",
        file.display(),
        pruned.passages
    )
    .map_err(Failure::Stdout)
}

fn are(count: usize) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{count} {} {verb}", noun(count))
}

fn noun(count: usize) -> &'static str {
    if count == 1 { "comment" } else { "comments" }
}

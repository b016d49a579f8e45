//! `undertone cache`: what is kept from one run to the next.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Outcome;
use super::args::{CacheArgs, CacheCommand, PruneArgs, StoreArgs};
use super::failure::Failure;
use super::forget::forgotten;
use super::settings::{ScoringSetup, cleaning_rules, read_limits};
use super::stages::{Pages, clean, passages, read};
use super::table::Table;
use crate::output::OutputFolder;
use crate::passage::Passage;
use crate::post::Post;
use crate::progress::Progress;
use crate::reading::Corpus;
use crate::store::{Prune, Store};

pub(super) fn cache(args: CacheArgs) -> Result<Outcome, Failure> {
    match args.command {
        CacheCommand::Status(args) => status(&args),
        CacheCommand::Verify(args) => verify(&args),
        CacheCommand::Prune(args) => prune(&args),
    }
}

/// Where the store of a folder of results lies, unless another place is named.
pub(super) fn store_file(named: Option<&PathBuf>, out: &Path) -> PathBuf {
    named.cloned().unwrap_or_else(|| out.join("store.sqlite"))
}

/// Opens a store that must be there.
pub(super) fn open(file: &Path, progress: &Progress) -> Result<Store, Failure> {
    let missing = || Failure::NoStore(file.display().to_string());
    if !file.is_file() {
        return Err(missing());
    }
    let mut store = Store::open(file);
    for notice in store.notices() {
        progress.warn(&notice);
    }
    if store.is_open() {
        Ok(store)
    } else {
        Err(missing())
    }
}

fn status(args: &StoreArgs) -> Result<Outcome, Failure> {
    let file = store_file(args.store.as_ref(), &args.out);
    let progress = Progress::new(false);
    let mut store = open(&file, &progress)?;
    let counts = store.count();
    let notices = store.notices();
    for notice in &notices {
        progress.warn(notice);
    }
    let passages: u64 = counts.iter().map(|count| count.passages).sum();
    let bytes = store.bytes();
    let mut table = Table::new(&["<model", "<precision", ">forward", ">texts", ">read as"]);
    for count in counts {
        table.row([
            count.bundle.chars().take(8).collect(),
            count.precision,
            count.forward.to_string(),
            count.passages.to_string(),
            count.texts.to_string(),
        ]);
    }
    let each = bytes.checked_div(passages).unwrap_or(0);
    writeln!(
        std::io::stdout().lock(),
        "{}: {:.1} MB, {each} bytes a text\n\n{table}",
        file.display(),
        bytes as f64 / 1e6
    )
    .map_err(Failure::Stdout)?;
    // What could not be counted is missing from the table.
    Ok(if notices.is_empty() {
        Outcome::Complete
    } else {
        Outcome::Damaged
    })
}

fn verify(args: &StoreArgs) -> Result<Outcome, Failure> {
    let file = store_file(args.store.as_ref(), &args.out);
    let mut store = open(&file, &Progress::new(false))?;
    let found = store.verify();
    let mut out = std::io::stdout().lock();
    let whole = match found {
        None => false,
        Some(found) => {
            writeln!(
                out,
                "{}: {} values, {} of them damaged{}",
                file.display(),
                found.rows,
                found.damaged,
                if found.damaged > 0 {
                    "; these are never used, and the next run makes them anew"
                } else {
                    ""
                }
            )
            .map_err(Failure::Stdout)?;
            for problem in &found.problems {
                writeln!(out, "  {problem}").map_err(Failure::Stdout)?;
            }
            found.damaged == 0 && found.problems.is_empty()
        }
    };
    for notice in store.notices() {
        writeln!(out, "{notice}").map_err(Failure::Stdout)?;
    }
    Ok(if whole {
        Outcome::Complete
    } else {
        Outcome::Damaged
    })
}

fn prune(args: &PruneArgs) -> Result<Outcome, Failure> {
    let progress = Progress::new(args.quiet);
    // No run may write while texts are taken away.
    let folder = OutputFolder::open(&args.place.out)?;
    let file = store_file(args.place.store.as_ref(), &args.place.out);
    let forgotten = forgotten(&args.reading, Some(&args.place.out))?;
    let mut store = open(&file, &progress)?;
    let rules = cleaning_rules(&args.cleaning);
    let setup = ScoringSetup::load_with(&args.scoring, rules, &mut store)?;
    let corpus = Corpus::open(&args.corpus, read_limits(&args.reading))?;
    let Pages { posts, skipped, .. } = read(
        &corpus,
        &args.corpus,
        &folder.latest(),
        &forgotten,
        &progress,
    );
    if let Some(skipped) = skipped.first() {
        // Its comments would be taken for gone.
        return Err(Failure::UnreadableInPrune {
            page: skipped.source.clone(),
            reason: skipped.reason.clone(),
        });
    }
    let removed = prune_to(&mut store, &file, &setup, &posts, &progress)?;
    writeln!(
        std::io::stdout().lock(),
        "{}: {} texts removed that the corpus does not have, or that another model read; {:.1} MB are left",
        file.display(),
        removed.passages,
        store.bytes() as f64 / 1e6
    )
    .map_err(Failure::Stdout)?;
    Ok(Outcome::Complete)
}

/// Removes from a store, which nobody else may use, what a run over these posts would not look up in it.
pub(super) fn prune_to(
    store: &mut Store,
    file: &Path,
    setup: &ScoringSetup,
    posts: &[Post],
    progress: &Progress,
) -> Result<Prune, Failure> {
    if !store.claim() {
        return Err(Failure::StoreBusy(file.display().to_string()));
    }
    let cleaned = clean(&setup.scoring.cleaning, posts, progress);
    let themes = setup.taxonomy.themes().iter();
    let texts: Vec<String> = themes.map(|theme| theme.as_text()).collect();
    let of_corpus = posts.iter().zip(&cleaned).flat_map(|(post, clean)| {
        std::iter::once(clean.body.passage.answering(None)).chain(passages(post, clean))
    });
    let of_themes = texts.iter().map(|text| Passage::whole(text.as_str()));
    let wanted: Vec<Passage<&str>> = of_corpus.chain(of_themes).collect();
    let removed = store.prune(&setup.scorer, &setup.identity, &wanted);
    for notice in store.notices() {
        progress.warn(&notice);
    }
    removed.ok_or_else(|| Failure::NotPruned(file.display().to_string()))
}

//! `undertone sample`: comments for a person to label.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::Outcome;
use super::args::{SampleArgs, Strata};
use super::failure::Failure;
use super::forget::forgotten;
use super::settings::{ScoringSetup, cleaning_rules, read_limits};
use super::stages::{Pages, clean, read, score};
use crate::cleaning::CleanComment;
use crate::post::{Comment, Post};
use crate::progress::Progress;
use crate::reading::Corpus;
use crate::sampling::{Drawn, SampleRow, Thing, draw, write_csv, write_json_lines};
use crate::store::Store;

/// A comment that can be drawn.
struct Candidate {
    row: SampleRow,
    year: Option<i16>,
    /// Whether it has the theme by the model, where one is asked for.
    has_theme: Option<bool>,
}

pub(super) fn sample(args: &SampleArgs) -> Result<Outcome, Failure> {
    let progress = Progress::new(args.quiet);
    let write = form_of(&args.out)?;
    let out = NewFile::create(&args.out)?;
    let rules = cleaning_rules(&args.cleaning);
    // What can be refused is refused before the work.
    let setup = match &args.theme {
        None => None,
        Some(theme) => {
            let setup = ScoringSetup::load(&args.scoring, rules.clone())?;
            let place = setup.themes.iter().position(|known| known.id == *theme);
            Some((
                place.ok_or_else(|| Failure::UnknownTheme(theme.clone()))?,
                setup,
            ))
        }
    };
    let corpus = Corpus::open(&args.corpus, read_limits(&args.reading))?;
    let forgotten = forgotten(&args.reading, None)?;
    let Pages { posts, skipped, .. } =
        read(&corpus, &args.corpus, Path::new(""), &forgotten, &progress);
    for skipped in &skipped {
        progress.warn(&format!("skipped {}: {}", skipped.source, skipped.reason));
    }
    if posts.is_empty() {
        return Err(Failure::NothingRead(args.corpus.display().to_string()));
    }
    let cleaned = clean(&rules, &posts, &progress);
    let mut candidates = Vec::new();
    match setup {
        None => {
            for (post, clean) in posts.iter().zip(&cleaned) {
                let texts = texts(post.comments.iter());
                let comments = post.comments.iter().zip(&clean.comments);
                candidates.extend(
                    comments.filter_map(|(comment, clean)| {
                        candidate(post, comment, &texts, clean, None)
                    }),
                );
            }
        }
        Some((theme, setup)) => {
            let store = &mut Store::none();
            let (all, _) = score(&setup, store, posts, cleaned, None, &progress)?;
            for scored in all {
                let texts = texts(scored.comments.iter().map(|one| &one.comment));
                candidates.extend(scored.comments.iter().filter_map(|one| {
                    let has_theme = Some(one.scores.assigned[theme]);
                    candidate(&scored.post, &one.comment, &texts, &one.cleaning, has_theme)
                }));
            }
        }
    }
    let things: Vec<Thing> = candidates
        .iter()
        .map(|candidate| Thing {
            strata: strata(candidate, args),
            name: format!("{}\n{}", candidate.row.post, candidate.row.id),
        })
        .collect();
    let drawn = draw(&things, args.n as usize, args.seed).map_err(|few| {
        let of = match (args.by, &args.theme) {
            (Some(Strata::Year), None) => "year",
            (None, _) => "kind, with and without the theme",
            (Some(Strata::Year), Some(_)) => "kind, with and without the theme in each year",
        };
        Failure::SampleTooSmall {
            n: args.n,
            needed: few.needed,
            of,
        }
    })?;
    let rows: Vec<SampleRow> = drawn
        .iter()
        .map(|Drawn { place, weight }| {
            let strata = &things[*place].strata;
            let stratum = if strata.is_empty() {
                "all".to_owned()
            } else {
                strata.join(", ")
            };
            SampleRow {
                weight: *weight,
                stratum,
                ..candidates[*place].row.clone()
            }
        })
        .collect();
    out.fill(|file| write(file, &rows, args.theme.as_deref()))?;
    progress.log(&format!(
        "{} of {} comments in {}; fill in {}, then: undertone eval --gold {} --corpus {}",
        rows.len(),
        candidates.len(),
        args.out.display(),
        args.theme.as_ref().map_or_else(
            || "sentiment and themes".to_owned(),
            |theme| format!("theme:{theme}")
        ),
        args.out.display(),
        args.corpus.display()
    ));
    Ok(if skipped.is_empty() {
        Outcome::Complete
    } else {
        Outcome::SomeSkipped
    })
}

/// A file that was not there before, and is there again only once it is whole: an old one may hold hours of somebody's
/// work.
struct NewFile<'p> {
    path: &'p Path,
    file: File,
    is_whole: bool,
}

impl<'p> NewFile<'p> {
    fn create(path: &'p Path) -> Result<Self, Failure> {
        let file = File::create_new(path).map_err(|source| unwritable(path, source))?;
        Ok(Self {
            path,
            file,
            is_whole: false,
        })
    }

    fn fill(
        mut self,
        write: impl FnOnce(&mut BufWriter<&File>) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = BufWriter::new(&self.file);
        let written = write(&mut out).and_then(|()| out.flush());
        drop(out);
        self.is_whole = written.is_ok();
        written.map_err(|source| unwritable(self.path, source))
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            // If it cannot be removed, an empty file stays, which loses nobody anything.
            let _ = std::fs::remove_file(self.path);
        }
    }
}

fn unwritable(path: &Path, source: std::io::Error) -> Failure {
    Failure::Unwritable {
        file: path.display().to_string(),
        source,
    }
}

type WriteSample = fn(&mut BufWriter<&File>, &[SampleRow], Option<&str>) -> std::io::Result<()>;

fn form_of(path: &Path) -> Result<WriteSample, Failure> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(|out, rows, theme| write_csv(out, rows, theme)),
        Some("jsonl") => Ok(|out, rows, theme| write_json_lines(out, rows, theme)),
        _ => Err(Failure::UnknownForm(path.display().to_string())),
    }
}

/// Texts of comments by id.
fn texts<'c>(comments: impl Iterator<Item = &'c Comment>) -> BTreeMap<&'c str, &'c str> {
    comments
        .map(|comment| (comment.id.as_str(), comment.text.as_str()))
        .collect()
}

/// None for a comment that does not count in the figures.
fn candidate(
    post: &Post,
    comment: &Comment,
    texts: &BTreeMap<&str, &str>,
    clean: &CleanComment,
    has_theme: Option<bool>,
) -> Option<Candidate> {
    let published = comment.published.or(post.published);
    let answered = comment.parent.as_deref();
    let answered = answered.and_then(|parent| texts.get(parent));
    clean.counted.then(|| Candidate {
        row: SampleRow {
            id: comment.id.clone(),
            post: post.id.clone(),
            published: published.map(|day| day.to_string()),
            answers: answered.map(|text| (*text).to_owned()),
            text: comment.text.clone(),
            weight: 1.0,
            stratum: String::new(),
        },
        year: published.map(jiff::civil::Date::year),
        has_theme,
    })
}

/// What a candidate is drawn among: its year, and within that those with or without the theme.
fn strata(candidate: &Candidate, args: &SampleArgs) -> Vec<String> {
    let mut strata = Vec::new();
    if let Some(Strata::Year) = args.by {
        let year = candidate.year;
        strata.push(year.map_or_else(|| "undated".to_owned(), |year| year.to_string()));
    }
    if let (Some(theme), Some(has)) = (&args.theme, candidate.has_theme) {
        strata.push(format!("{} {theme}", if has { "with" } else { "without" }));
    }
    strata
}

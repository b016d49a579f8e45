//! `undertone doctor`: whether a run can do its job, and what to do where it cannot.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tch::{Device, Kind, TchError, Tensor};

use super::args::{DoctorArgs, RunArgs, ScoringArgs};
use super::cache::store_file;
use super::comparing::ComparisonSetup;
use super::failure::Failure;
use super::forget::forgotten;
use super::layers::Layers;
use super::settings::{Redaction, find_model, read_limits, themes_file};
use super::{Outcome, print_json};
use crate::model::{Bundle, LIBTORCH, Precision, SentimentClassifier};
use crate::output::{OutputError, OutputFolder};
use crate::progress::Progress;
use crate::reading::Corpus;
use crate::store::{Look, look};
use crate::themes::{Overlay, Taxonomy};

/// Free bytes below which a run may not get to its end.
const TOO_LITTLE: u64 = 100_000_000;

/// Free bytes below which somebody should know.
const LITTLE: u64 = 1_000_000_000;

/// What the kernel calls the instructions that bear on speed.
const FEATURES: [&str; 5] = ["avx2", "avx512f", "avx512_bf16", "amx_tile", "amx_bf16"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// A run does its job, but somebody should know.
    Warning,
    /// A run would not do its job.
    Problem,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        })
    }
}

/// What was found of one thing.
#[derive(Debug, Serialize)]
struct Finding {
    state: State,
    /// The thing.
    about: &'static str,
    /// What it is like and, unless all is well, what to do.
    found: String,
}

impl Finding {
    fn ok(about: &'static str, found: impl fmt::Display) -> Self {
        Self::of(State::Ok, about, found)
    }

    fn warning(about: &'static str, found: impl fmt::Display) -> Self {
        Self::of(State::Warning, about, found)
    }

    fn problem(about: &'static str, found: impl fmt::Display) -> Self {
        Self::of(State::Problem, about, found)
    }

    fn of(state: State, about: &'static str, found: impl fmt::Display) -> Self {
        Self {
            state,
            about,
            found: found.to_string(),
        }
    }

    /// All well, or the problem that an error's own words describe.
    fn from<E: fmt::Display>(about: &'static str, found: Result<String, E>) -> Self {
        match found {
            Ok(found) => Self::ok(about, found),
            Err(error) => Self::problem(about, error),
        }
    }
}

pub(super) fn doctor(args: DoctorArgs, layers: &Layers) -> Result<Outcome, Failure> {
    let run = args.run;
    let mut findings = settings(layers);
    findings.push(libtorch());
    findings.push(processor());
    findings.extend(model(&run.scoring));
    findings.push(Finding::from("themes", themes(&run.scoring)));
    findings.push(Finding::from(
        "names",
        Redaction::load(&run.redaction).map(|redaction| {
            redaction.office_holders.map_or_else(
                || "the office-holders built into the program".to_owned(),
                |file| file.display().to_string(),
            )
        }),
    ));
    findings.push(Finding::from("comparison", comparison(&run)));
    findings.push(match Corpus::open(&run.corpus, read_limits(&run.reading)) {
        Err(error) => Finding::problem("pages", error),
        Ok(corpus) => pages(&run.corpus, &corpus),
    });
    let list = forgotten(&run.reading, Some(&run.out));
    findings.push(Finding::from(
        "forgotten",
        list.map(|list| {
            if list.is_empty() {
                "no comment is to be left out".to_owned()
            } else {
                "the list of comments to be left out is whole".to_owned()
            }
        }),
    ));
    findings.push(results(&run.out));
    findings.push(disk(&run.out));
    findings.push(store(&store_file(run.store.as_ref(), &run.out)));

    let count = |state: State| {
        findings
            .iter()
            .filter(|finding| finding.state == state)
            .count()
    };
    let (problems, warnings) = (count(State::Problem), count(State::Warning));
    if args.json {
        print_json(&findings)?;
    } else {
        let mut out = std::io::stdout().lock();
        let mut lines = String::new();
        for Finding {
            state,
            about,
            found,
        } in &findings
        {
            // Some messages show a place in a file on lines of their own.
            let found = found.trim_end().replace('\n', "\n                     ");
            lines.push_str(&format!("{state:<8} {about:<11} {found}\n"));
        }
        writeln!(out, "{lines}\n{problems} problems, {warnings} warnings")
            .map_err(Failure::Stdout)?;
    }
    Ok(if problems > 0 {
        Outcome::Damaged
    } else {
        Outcome::Complete
    })
}

/// Whether the files of eras and of labels can be used.
fn comparison(run: &RunArgs) -> Result<String, Failure> {
    let taxonomy = match themes_file(&run.scoring) {
        Some(file) => Taxonomy::from_file(&file)?,
        None => Taxonomy::shipped()?,
    };
    let ids: Vec<&str> = taxonomy
        .themes()
        .iter()
        .map(|theme| theme.id.as_str())
        .collect();
    let setup = ComparisonSetup::load(&run.comparison, &ids, &Progress::new(true))?;
    let sample = run.comparison.sample.as_ref().map_or_else(
        || "uncorrected: no labelled sample is named".to_owned(),
        |file| format!("corrected by {}", file.display()),
    );
    Ok(format!("by {}, {sample}", setup.division_name()))
}

fn settings(layers: &Layers) -> Vec<Finding> {
    let mut findings: Vec<Finding> = layers
        .problems
        .iter()
        .map(|problem| Finding::problem("settings", problem))
        .collect();
    if findings.is_empty() {
        findings.push(match &layers.file {
            Some(file) => Finding::ok("settings", file.display()),
            None => Finding::ok(
                "settings",
                "no file of settings; `undertone init` writes one",
            ),
        });
    }
    findings.extend(layers.strangers.iter().map(|(name, nearest)| {
        Finding::warning(
            "settings",
            format!("the variable {name} sets nothing; the nearest that does is {nearest}"),
        )
    }));
    findings
}

/// Whether the library computes. If it could not be loaded at all, the program would not have started.
fn libtorch() -> Finding {
    let product = || -> Result<f64, TchError> {
        let ones = Tensor::f_ones([2, 2], (Kind::Float, Device::Cpu))?;
        f64::try_from(ones.f_matmul(&ones)?.f_sum(Kind::Float)?)
    };
    match product() {
        Ok(sum) if (sum - 8.0).abs() < 1e-6 => {
            Finding::ok("libtorch", format!("version {LIBTORCH}, loaded"))
        }
        Ok(sum) => Finding::problem(
            "libtorch",
            format!(
                "version {LIBTORCH} computes wrongly (8 is {sum}); install it again with ./setup"
            ),
        ),
        Err(error) => Finding::problem(
            "libtorch",
            format!("version {LIBTORCH} does not compute ({error}); install it again with ./setup"),
        ),
    }
}

fn processor() -> Finding {
    // The standard library does not detect AMX yet; the kernel lists what it lets programs use.
    let listed = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags: Vec<&str> = listed
        .lines()
        .find(|line| line.starts_with("flags"))
        .map_or_else(Vec::new, |line| line.split_whitespace().collect());
    let has: Vec<&str> = FEATURES
        .into_iter()
        .filter(|feature| flags.contains(feature))
        .collect();
    let precision = Precision::of_this_processor();
    if has.is_empty() {
        return Finding::warning(
            "processor",
            format!(
                "none of {} is known to be there, so scoring is slow; precision auto is {precision}. Use a newer machine for a large corpus",
                FEATURES.join(", ")
            ),
        );
    }
    Finding::ok(
        "processor",
        format!("{}; precision auto is {precision}", has.join(", ")),
    )
}

/// The bundle and, if one is named, the classifier in its place for the sentiment. Nothing is fetched.
fn model(args: &ScoringArgs) -> Vec<Finding> {
    let bundle = |folder: &Path| {
        let found = Bundle::open(folder).and_then(|bundle| {
            bundle.heads()?;
            Ok(format!(
                "{}: {}, every file as its manifest says",
                folder.display(),
                bundle.name()
            ))
        });
        Finding::from("model", found)
    };
    let standard = || match find_model() {
        Ok(folder) => bundle(&folder),
        Err(failure) => Finding::problem("model", failure),
    };
    let Some(named) = &args.model else {
        return vec![standard()];
    };
    match named.find(true, &|_| {}) {
        Err(error) => vec![Finding::problem("model", error)],
        Ok(found) if SentimentClassifier::is_in(&found.folder) => {
            let loaded = SentimentClassifier::load(&found.folder, &found.name, 1);
            let loaded = loaded.map(|_| format!("{named}: loaded, for the sentiment"));
            vec![Finding::from("model", loaded), standard()]
        }
        Ok(found) => vec![bundle(&found.folder)],
    }
}

fn themes(args: &ScoringArgs) -> Result<String, Failure> {
    let Some(file) = themes_file(args) else {
        let themes = Taxonomy::shipped()?.themes().len();
        return Ok(format!("{themes} themes, built into the program"));
    };
    let themes = Taxonomy::from_file(&file)?.themes().len();
    Overlay::read(&Overlay::beside(&file))?;
    Ok(format!("{}: {themes} themes", file.display()))
}

fn pages(folder: &Path, corpus: &Corpus) -> Finding {
    let found = format!("{}: {} pages", folder.display(), corpus.len());
    match corpus.notices() {
        [] => Finding::ok("pages", found),
        [first, others @ ..] => {
            let more = match others.len() {
                0 => String::new(),
                more => format!(" (and {more} more; a run names them all)"),
            };
            Finding::warning(
                "pages",
                format!("{found}; {}: {}{more}", first.source, first.reason),
            )
        }
    }
}

/// Tries the folder as a run does, for a moment; one that is not there is not made.
fn results(out: &Path) -> Finding {
    let about = "results";
    if !out.exists() {
        let above = place_of(out);
        let may = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
        return match rustix::fs::access(&above, may) {
            Ok(()) if above.is_dir() => Finding::ok(
                about,
                format!("{}: is not there yet; a run makes it", out.display()),
            ),
            Ok(()) => Finding::problem(
                about,
                format!(
                    "{}: cannot be made, because {} is no folder; give another with --out",
                    out.display(),
                    above.display()
                ),
            ),
            Err(error) => Finding::problem(
                about,
                format!(
                    "{}: cannot be made in {} ({error}); give a folder you may write to with --out",
                    out.display(),
                    above.display()
                ),
            ),
        };
    }
    match OutputFolder::open(out) {
        Ok(_) => Finding::ok(about, format!("{}: can be written", out.display())),
        Err(error @ OutputError::Busy { .. }) => Finding::warning(about, error),
        Err(error) => Finding::problem(about, error),
    }
}

/// The folder itself, or the nearest above it that is there.
fn place_of(folder: &Path) -> PathBuf {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let there = whole.ancestors().find(|place| place.exists());
    there.unwrap_or(Path::new("/")).to_owned()
}

fn disk(out: &Path) -> Finding {
    let about = "disk";
    let place = place_of(out);
    let free = match rustix::fs::statvfs(&place) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => {
            return Finding::warning(
                about,
                format!(
                    "{}: does not say what is free there ({error}); see to it that {LITTLE} bytes are",
                    place.display()
                ),
            );
        }
    };
    let found = format!("{:.1} GB free for {}", free as f64 / 1e9, out.display());
    let remedy = "free some space, keep fewer sets (--keep), or give another folder with --out";
    if free < TOO_LITTLE {
        Finding::problem(about, format!("{found}; {remedy}"))
    } else if free < LITTLE {
        Finding::warning(about, format!("{found}; {remedy}"))
    } else {
        Finding::ok(about, found)
    }
}

fn store(file: &Path) -> Finding {
    let about = "store";
    let name = file.display();
    if !file.exists() {
        return Finding::ok(about, format!("{name}: is not there yet; a run makes it"));
    }
    match look(file) {
        Look::Fit { layout } => Finding::ok(about, format!("{name}: opens, layout {layout}")),
        Look::Newer { layout, newest } => Finding::warning(
            about,
            format!(
                "{name}: was written by a newer version of undertone (layout {layout}, this one knows {newest}), so a run keeps nothing and computes everything; use that version, or name another place with --store"
            ),
        ),
        Look::Foreign => Finding::warning(
            about,
            format!(
                "{name}: is a database of another program, so a run keeps nothing and computes everything; name another place with --store"
            ),
        ),
        Look::Unreadable { problem } => Finding::warning(
            about,
            format!(
                "{name}: cannot be read ({problem}); if it is damaged, the next run sets it aside and computes everything anew, else make it readable"
            ),
        ),
    }
}

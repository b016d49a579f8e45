//! A comparison as `run` and `compare` make it: what is asked for, the labelled sample, the files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::args::{By, ComparisonArgs};
use super::failure::Failure;
use super::located::is_like;
use super::settings::ScoringSetup;
use super::stages::scored_passages;
use crate::aggregation::ScoredPost;
use crate::comparison::{
    Choice, Discovery, Division, Judged, Lexicon, Observations, Periods, PeriodsError, Wanted,
    Whole, compare_all, days, discover, read_eras,
};
use crate::hash::sha256;
use crate::labelled::{self, Labelled, LabelledFile, check_themes};
use crate::output::{
    Compared, ComparisonFile, Header, PublishedComment, RunSet, SampleNote, Scoring, ThemeSetting,
    TidyRow, comparison_file, observations, observed_post, tidy_rows, write_comparison_csv,
    write_comparison_parquet,
};
use crate::passage::Passage;
use crate::progress::Progress;
use crate::sampling::make_up_for_unused;
use crate::store::{Store, recall};
use crate::themes::Overlay;

/// By what lots the comments are drawn that are looked at for new themes. Any number would do.
const SEED: u64 = 1;

/// What is asked for, read and checked.
pub(super) struct ComparisonSetup {
    division: Division,
    eras_sha256: Option<String>,
    sample: Option<LabelledFile>,
}

impl ComparisonSetup {
    /// Reads the files that arguments name. `themes` are the ids of the taxonomy, which the sample's labels must be of.
    ///
    /// # Errors
    /// A file cannot be read or used, or nothing in the sample is labelled.
    pub(super) fn load(
        args: &ComparisonArgs,
        themes: &[&str],
        progress: &Progress,
    ) -> Result<Self, Failure> {
        let (division, eras_sha256) = division(args)?;
        let sample = args.sample.as_deref().map(labelled::read).transpose()?;
        if let Some(file) = &sample {
            for note in &file.notes {
                progress.warn(note);
            }
            check_themes(file, themes)?;
            if !file.texts.iter().any(Labelled::is_labelled) {
                return Err(Failure::NothingFilledIn {
                    file: file.path.clone(),
                    others: file.other_columns.clone(),
                });
            }
        }
        Ok(Self {
            division,
            eras_sha256,
            sample,
        })
    }

    /// Says so where themes have learnt from the very labels that are to correct their shares. `themes_file` is the file
    /// that defines them.
    pub(super) fn warn_of_learnt(
        &self,
        themes_file: Option<&Path>,
        scoring: &Scoring,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let (Some(sample), Some(file)) = (&self.sample, themes_file) else {
            return Ok(());
        };
        if scoring.overlay_sha256.is_none() {
            return Ok(());
        }
        for theme in Overlay::read(&Overlay::beside(file))?.learnt_from(&sample.sha256) {
            progress.warn(&format!(
                "{theme} was improved by the very labels of {}, which therefore show too few errors: its corrected shares are \
                 too close to the uncorrected ones; correct it by a new sample, or leave --sample out",
                sample.path
            ));
        }
        Ok(())
    }

    /// What is set, for `run.json`.
    pub(super) fn settings(&self, args: &ComparisonArgs) -> [(&'static str, Value); 5] {
        let shown = |path: &Option<std::path::PathBuf>| {
            json!(path.as_ref().map(|path| path.display().to_string()))
        };
        [
            ("by", json!(self.division_name())),
            ("eras", shown(&args.eras)),
            ("eras_sha256", json!(self.eras_sha256)),
            ("sample", shown(&args.sample)),
            (
                "sample_sha256",
                json!(self.sample.as_ref().map(|file| &file.sha256)),
            ),
        ]
    }

    /// What time is divided by.
    pub(super) fn division_name(&self) -> &'static str {
        match self.division {
            Division::Year => "year",
            Division::Quarter => "quarter",
            Division::Month => "month",
            Division::Eras(_) => "eras",
        }
    }

    /// Compares everything.
    ///
    /// # Errors
    /// The periods that are asked for cannot be, or a labelled row does not say which comment it is of.
    pub(super) fn compare<'o>(
        &self,
        observations: &'o Observations<'o>,
        wanted: &Wanted<'_>,
        progress: &Progress,
    ) -> Result<Comparing<'o>, Failure> {
        let periods = Periods::new(&self.division, days(observations), wanted)?;
        let judged = self.sample.as_ref();
        let judged = judged.map(|file| judged_rows(file, observations, progress));
        let (judged, sample) = judged.transpose()?.unzip();
        let words = Lexicon::new(observations);
        let whole = compare_all(observations, &periods, &words, judged.as_deref());
        Ok(Comparing {
            observations,
            periods,
            words,
            whole,
            division: self.division_name(),
            sample,
        })
    }
}

fn division(args: &ComparisonArgs) -> Result<(Division, Option<String>), Failure> {
    let calendar = match (args.by, &args.eras) {
        (Some(By::Year), _) | (None, None) => Division::Year,
        (Some(By::Quarter), _) => Division::Quarter,
        (Some(By::Month), _) => Division::Month,
        (None, Some(file)) => {
            let name = file.display().to_string();
            let text = std::fs::read_to_string(file).map_err(|source| Failure::NoEras {
                file: name.clone(),
                source,
            })?;
            let eras = read_eras(&name, &text)?;
            return Ok((Division::Eras(eras), Some(sha256(text.as_bytes()))));
        }
    };
    Ok((calendar, None))
}

/// A comparison that is done.
pub(super) struct Comparing<'o> {
    pub observations: &'o Observations<'o>,
    pub periods: Periods,
    pub words: Lexicon,
    pub whole: Whole,
    division: &'static str,
    sample: Option<SampleNote>,
}

impl Comparing<'_> {
    /// What of it is written.
    pub(super) fn files(
        &self,
        scoring: &Scoring,
        taxonomy: &[ThemeSetting],
        discovery: Option<(&Choice, &Discovery)>,
    ) -> ComparisonFiles {
        let compared = Compared {
            observations: self.observations,
            periods: &self.periods,
            division: self.division,
            whole: &self.whole,
            taxonomy,
            sample: self.sample.clone(),
            discovery,
        };
        let record = comparison_file(Header::new("comparison", scoring), &compared);
        ComparisonFiles {
            rows: tidy_rows(&record),
            record,
        }
    }
}

/// A comparison as its files have it.
pub(super) struct ComparisonFiles {
    /// That of `comparison.json`.
    pub record: ComparisonFile,
    /// Those of the two tables.
    rows: Vec<TidyRow>,
}

impl ComparisonFiles {
    /// Their names.
    pub(super) const NAMES: [&str; 3] = ["comparison.json", "comparison.csv", "comparison.parquet"];

    /// Writes the file of this name.
    pub(super) fn write(&self, name: &str, out: &mut impl Write) -> std::io::Result<()> {
        if name.ends_with(".csv") {
            write_comparison_csv(out, &self.rows)
        } else if name.ends_with(".parquet") {
            write_comparison_parquet(out, &self.rows)
        } else {
            serde_json::to_writer_pretty(&mut *out, &self.record)?;
            out.write_all(b"\n")
        }
    }
}

/// A stage of a run: compares its periods, looks for themes that nobody asked for, writes the files, and gives the record.
///
/// Dates that cannot be compared by are said on stderr and cost the set its comparison, and nothing else.
pub(super) fn compare_run(
    set: &mut RunSet<'_>,
    comparison: &ComparisonSetup,
    setup: &ScoringSetup,
    store: &mut Store,
    scored: &[ScoredPost],
    published: &[PublishedComment<'_>],
    progress: &Progress,
) -> Result<Option<ComparisonFile>, Failure> {
    let stage = progress.stage("comparing", published.len() as u64);
    let posts = scored.iter().map(|post| observed_post(&post.post));
    let observations = observations(&setup.themes, posts.collect(), published);
    let compared = match comparison.compare(&observations, &Wanted::default(), progress) {
        Err(Failure::Periods(
            problem @ (PeriodsError::Nothing { .. } | PeriodsError::TooMany { .. }),
        )) => {
            progress.warn(&format!(
                "nothing is compared, and no page made: {problem}; dates that are wrong can be set right in posts.csv"
            ));
            return Ok(None);
        }
        compared => compared?,
    };
    let choice = Choice::new(&observations, SEED);
    let vectors = vectors(setup, store, scored, &choice)?;
    let periods = compared.periods.all().len();
    let whole = &compared.whole;
    let discovery = discover(
        &observations,
        &choice,
        &vectors,
        (periods, &whole.period),
        |groups, group| compared.words.of_periods(groups, group),
    );
    // They are an extra: a set without them is whole.
    if let Err(problem) = &discovery {
        progress.warn(&format!("no new themes were looked for: {problem}"));
    }
    let discovery = discovery.as_ref().ok().map(|found| (&choice, found));
    let files = compared.files(&setup.scoring, &setup.themes, discovery);
    for name in ComparisonFiles::NAMES {
        let mut out = set.create(name)?;
        let written = files.write(name, &mut out);
        written.map_err(|source| out.failed(source))?;
        set.finish(out)?;
    }
    stage.advance(published.len() as u64);
    stage.finish();
    Ok(Some(files.record))
}

/// The vectors of the chosen comments. They were computed for the scores: the store has them, unless it cannot be used.
fn vectors(
    setup: &ScoringSetup,
    store: &mut Store,
    scored: &[ScoredPost],
    choice: &Choice,
) -> Result<Vec<Option<Vec<f32>>>, Failure> {
    let chosen: BTreeSet<usize> = choice.places.iter().copied().collect();
    // Comments are compared in this order, those alone that count.
    let counted = scored.iter().flat_map(|post| {
        let passages = post.comments.iter().zip(scored_passages(post));
        passages.filter(|(comment, _)| comment.cleaning.counted)
    });
    let mut found: BTreeMap<usize, Passage<&str>> = counted
        .enumerate()
        .filter(|(place, _)| chosen.contains(place))
        .map(|(place, (_, passage))| (place, passage))
        .collect();
    let places = choice.places.iter();
    let passages: Vec<Passage<&str>> = places.filter_map(|place| found.remove(place)).collect();
    let mut vectors = vec![None; passages.len()];
    recall(
        setup.scorer.engine(),
        &setup.identity,
        store,
        &passages,
        false,
        |place, found| {
            if let (Some(vector), Some(found)) = (vectors.get_mut(place), found) {
                // They are rounded to 16 bits where they are made.
                *vector = Some(found.whole.iter().map(|number| *number as f32).collect());
            }
        },
    )?;
    Ok(vectors)
}

/// The labelled rows of a sample whose comments are compared. Rows of comments that are gone, do not count any more or have
/// become others are left out, and the others of their stratum stand for them.
fn judged_rows(
    file: &LabelledFile,
    observations: &Observations<'_>,
    progress: &Progress,
) -> Result<(Vec<Judged>, SampleNote), Failure> {
    let labelled = file.texts.iter().filter(|text| text.is_labelled());
    let wanted: BTreeSet<&str> = labelled
        .clone()
        .filter_map(|text| text.post.as_deref())
        .collect();
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (place, comment) in observations.comments.iter().enumerate() {
        let post = observations.posts.get(comment.post);
        if let Some(post) = post.filter(|post| wanted.contains(post.id.as_str())) {
            places.insert((&post.id, comment.id), place);
        }
    }
    // By line: no two rows begin on one.
    let mut used: BTreeMap<u64, usize> = BTreeMap::new();
    let (mut rows, mut first_gone) = (0, None);
    for text in labelled {
        let (Some(post), Some(id)) = (&text.post, &text.id) else {
            return Err(Failure::NotLocated {
                file: file.path.clone(),
                place: file.place(text),
                problem: "the text has no post or no id, by which its comment is found".to_owned(),
                remedy: "fill in both as `undertone sample` wrote them, or remove the row",
            });
        };
        rows += 1;
        let found = places.get(&(post.as_str(), id.as_str())).copied();
        let found = found.filter(|place| {
            let comment = observations.comments.get(*place);
            comment.is_some_and(|comment| is_like(&text.text, comment.text))
        });
        match found {
            Some(place) => {
                used.insert(text.line, place);
            }
            None => first_gone = first_gone.or_else(|| Some(file.place(text))),
        }
    }
    if used.is_empty() && rows > 0 {
        progress.warn(&format!(
            "{}: none of its {rows} labelled rows is of a comment of these results, so nothing is corrected; see that sample and \
             results (--results, --out) are of the same pages",
            file.path
        ));
    } else if let Some(first) = first_gone {
        progress.warn(&format!(
            "{}: {} of {rows} labelled rows are left out, the first on {first}: their comments are gone, do not count any \
             more, or have another text; if they are many, draw a new sample",
            file.path,
            rows - used.len()
        ));
    }
    let mut texts = file.texts.clone();
    make_up_for_unused(&mut texts, |text| used.contains_key(&text.line));
    let judged = texts.iter().filter_map(|text| {
        Some(Judged {
            comment: *used.get(&text.line)?,
            weight: text.weight,
            themes: observations
                .themes
                .iter()
                .map(|id| text.has_theme(id))
                .collect(),
            sentiment: text.sentiment,
        })
    });
    let note = SampleNote {
        // Not its folder: outputs must not depend on where it lies.
        file: Path::new(&file.path)
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        rows: rows as u64,
        used: used.len() as u64,
    };
    Ok((judged.collect(), note))
}

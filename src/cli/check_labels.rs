//! `undertone check-labels`: labels that are hard to believe.

use std::io::Write;

use ndarray::{Array1, Array2, Axis};
use rayon::prelude::*;
use serde::Serialize;

use super::Outcome;
use super::args::CheckLabelsArgs;
use super::failure::Failure;
use super::settings::{ScoringSetup, cleaning_rules};
use crate::labelled::{self, Labelled, LabelledFile};
use crate::model::{Sentiment, sigmoid};
use crate::progress::{Progress, visible};
use crate::refinement::{Examples, Groups, Penalty, fit, folds, suspects};

/// Parts of the labels, of which one is judged by what the others teach.
const FOLDS: usize = 5;

/// Labels of a class that it takes.
const FEWEST: usize = 5;

/// What vectors of length 1 are multiplied by, and the penalty that goes with it. How frequent a class is, is learnt freely.
const SCALE: f64 = 10.0;
const PENALTY: Penalty = Penalty {
    weights: 3.0,
    bias: 1e-4,
};

/// Characters of a text that are shown.
const SHOWN: usize = 160;

/// One line of the answer.
#[derive(Serialize)]
struct Doubt<'a> {
    /// The line of the file where the text begins; of a list, its number in it. Counted from 1.
    line: u64,
    id: Option<&'a str>,
    /// `sentiment` or a theme's id.
    label: &'a str,
    given: &'static str,
    suggested: &'static str,
    /// Probability of the suggested less that of the given, rounded to thousandths.
    margin: f64,
    text: &'a str,
}

/// A label of one kind, with its text and vector.
struct Row<'a> {
    class: usize,
    text: &'a Labelled,
    vector: &'a Array1<f64>,
}

/// Labels of one kind.
struct Question<'a> {
    name: &'a str,
    classes: &'static [&'static str],
    rows: Vec<Row<'a>>,
    /// Of each row.
    fold_of: Vec<usize>,
    /// Whether threads and posts are torn apart, because there are too few of them.
    by_text: bool,
    /// Labels that are left out because there are too few of their class.
    left_out: Vec<String>,
}

/// What is found of one kind.
struct Doubts<'a> {
    /// How many labels are hard to believe.
    all: usize,
    /// The hardest of them.
    first: Vec<Doubt<'a>>,
}

pub(super) fn check_labels(args: CheckLabelsArgs) -> Result<Outcome, Failure> {
    let progress = Progress::new(args.quiet);
    let rules = cleaning_rules(&args.cleaning);
    let file = labelled::read(&args.file)?;
    for note in &file.notes {
        progress.warn(note);
    }
    let setup = ScoringSetup::load(&args.scoring, rules.clone())?;
    let known: Vec<&str> = setup.themes.iter().map(|theme| theme.id.as_str()).collect();
    labelled::check_themes(&file, &known)?;
    let cleaned = labelled::clean(&file.texts, &rules);
    let stage = progress.stage("reading vectors", file.texts.len() as u64);
    let passages = labelled::passages(&file.texts, &cleaned);
    let vectors = setup.scorer.vectors(passages, || stage.advance(1))?;
    stage.finish();

    let rows = |of_own: bool, class_of: &dyn Fn(&Labelled) -> Option<usize>| -> Vec<Row<'_>> {
        let texts = file.texts.iter().zip(&vectors);
        let rows = texts.filter_map(|(text, vectors)| {
            let vectors = vectors.as_ref()?;
            Some(Row {
                class: class_of(text)?,
                text,
                vector: if of_own {
                    vectors.own.as_ref()?
                } else {
                    &vectors.whole
                },
            })
        });
        rows.collect()
    };
    let sentiment = rows(true, &|text| text.sentiment.map(|label| label as usize));
    let mut questions = vec![Question::of(
        "sentiment",
        &["negative", "neutral", "positive"],
        sentiment,
    )];
    for theme in &setup.themes {
        let labels = rows(false, &|text| text.has_theme(&theme.id).map(usize::from));
        questions.push(Question::of(&theme.id, &["no", "yes"], labels));
    }
    let counts = questions.iter().filter_map(Question::missing).collect();
    questions.retain(|question| !question.rows.is_empty() || !question.left_out.is_empty());
    if questions.is_empty() {
        return Err(Failure::NothingLabelled(file.path));
    }
    if questions.iter().all(|question| question.rows.is_empty()) {
        return Err(Failure::TooFewToCheck {
            file: file.path,
            counts,
        });
    }
    let stage = progress.stage("checking", questions.len() as u64);
    let doubts: Vec<Doubts<'_>> = questions
        .par_iter()
        .map(|question| {
            let doubts = question.doubts(args.top);
            stage.advance(1);
            doubts
        })
        .collect();
    stage.finish();
    if args.json {
        for missing in &counts {
            progress.warn(missing);
        }
        show_json(&doubts).map_err(Failure::Stdout)?;
    } else {
        let mut out = std::io::stdout().lock();
        show(&mut out, &file, &questions, &doubts).map_err(Failure::Stdout)?;
    }
    Ok(Outcome::Complete)
}

impl<'a> Question<'a> {
    /// The question with the classes that can be asked about: there are enough labels of them, and whatever part is judged,
    /// others are left to teach. Without rows if these are fewer than two classes.
    fn of(name: &'a str, classes: &'static [&'static str], mut rows: Vec<Row<'a>>) -> Self {
        let mut asked: Vec<usize> = (0..classes.len()).collect();
        let mut counts = vec![0; classes.len()];
        for row in &rows {
            counts[row.class] += 1;
        }
        asked.retain(|class| counts[*class] >= FEWEST);
        let (mut fold_of, mut by_text);
        loop {
            rows.retain(|row| asked.contains(&row.class));
            let texts: Vec<(&Labelled, usize)> =
                rows.iter().map(|row| (row.text, row.class)).collect();
            let groups = Groups::of(&texts);
            by_text = groups.by_text;
            let examples: Vec<(String, usize)> = groups
                .names
                .into_iter()
                .zip(rows.iter().map(|row| row.class))
                .collect();
            fold_of = folds(&examples, FOLDS);
            let before = asked.len();
            asked.retain(|class| {
                let of_class = rows.iter().zip(&fold_of);
                let mut of_class = of_class.filter(|(row, _)| row.class == *class);
                let first = of_class.next().map(|(_, fold)| fold);
                of_class.any(|(_, fold)| Some(fold) != first)
            });
            if asked.len() == before {
                break;
            }
        }
        if asked.len() < 2 {
            rows.clear();
            fold_of.clear();
        }
        let is_asked = |class: &usize| !rows.is_empty() && asked.contains(class);
        let left_out = if counts.iter().all(|count| *count == 0) {
            Vec::new()
        } else {
            let missing = (0..classes.len()).rev().filter(|class| !is_asked(class));
            missing
                .filter(|class| rows.is_empty() || counts[*class] > 0)
                .map(|class| format!("{} {}", counts[class], classes[class]))
                .collect()
        };
        Self {
            name,
            classes,
            rows,
            fold_of,
            by_text,
            left_out,
        }
    }

    /// What there are too few of.
    fn missing(&self) -> Option<String> {
        let takes = format!("it takes {FEWEST} of each, and not all of one text");
        let left_out = self.left_out.join(", ");
        (!self.left_out.is_empty()).then(|| format!("{}: {left_out}; {takes}", self.name))
    }

    fn doubts(&self, top: usize) -> Doubts<'a> {
        let labels: Vec<usize> = self.rows.iter().map(|row| row.class).collect();
        let mut found = suspects(&labels, &self.cross_validated());
        // A label may be less confidently found than another and still be the more probable one.
        found.retain(|suspect| suspect.margin > 0.0);
        let first = found.iter().take(top).map(|suspect| {
            let text = self.rows[suspect.place].text;
            Doubt {
                line: text.line,
                id: text.id.as_deref(),
                label: self.name,
                given: self.classes[suspect.given],
                suggested: self.classes[suspect.suggested],
                margin: (suspect.margin * 1000.0).round() / 1000.0,
                text: &text.text,
            }
        });
        Doubts {
            first: first.collect(),
            all: found.len(),
        }
    }

    /// The probability of every class for every label, by one-against-the-rest regressions that have not seen its group. Of
    /// a class that is not asked about it is 0.
    fn cross_validated(&self) -> Vec<Vec<f64>> {
        let columns = self.rows.first().map_or(0, |row| row.vector.len());
        let parts = self.fold_of.iter().max().map_or(0, |last| last + 1);
        let mut probabilities = vec![vec![0.0; self.classes.len()]; self.rows.len()];
        for fold in 0..parts {
            let others = || {
                let rows = self.rows.iter().zip(&self.fold_of);
                rows.filter(|(_, at)| **at != fold).map(|(row, _)| row)
            };
            let mut features = Array2::zeros((others().count(), columns));
            for (mut feature, row) in features.axis_iter_mut(Axis(0)).zip(others()) {
                feature.assign(&(row.vector * SCALE));
            }
            let offsets = vec![0.0; features.nrows()];
            // Of two classes, one says all.
            let first = usize::from(self.classes.len() == 2);
            for class in first..self.classes.len() {
                let labels: Vec<bool> = others().map(|row| row.class == class).collect();
                if !labels.contains(&true) {
                    continue;
                }
                let examples = Examples {
                    features: &features,
                    offsets: &offsets,
                    labels: &labels,
                };
                let fitted = fit(examples, PENALTY, None);
                let judged = self.rows.iter().zip(&self.fold_of).zip(&mut probabilities);
                for ((row, _), of_row) in judged.filter(|((_, at), _)| **at == fold) {
                    of_row[class] = sigmoid(fitted.logit((row.vector * SCALE).view(), 0.0));
                }
            }
        }
        for of_label in &mut probabilities {
            if let [no, yes] = &mut of_label[..] {
                *no = 1.0 - *yes;
            }
            let sum: f64 = of_label.iter().sum();
            of_label
                .iter_mut()
                .for_each(|probability| *probability /= sum);
        }
        probabilities
    }
}

fn show_json(doubts: &[Doubts<'_>]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for doubt in doubts.iter().flat_map(|of_question| &of_question.first) {
        serde_json::to_writer(&mut out, doubt)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn show(
    out: &mut impl Write,
    file: &LabelledFile,
    questions: &[Question<'_>],
    doubts: &[Doubts<'_>],
) -> std::io::Result<()> {
    for (question, Doubts { all, first }) in questions.iter().zip(doubts) {
        if let Some(missing) = question.missing() {
            writeln!(out, "{missing}")?;
        }
        if question.rows.is_empty() {
            continue;
        }
        let shown = match first.len() {
            0 => String::new(),
            few if few < *all => format!(", the first {few}"),
            _ => ", the hardest first".to_owned(),
        };
        writeln!(
            out,
            "{}: {} labels, {all} hard to believe{shown}{}",
            question.name,
            question.rows.len(),
            if question.by_text {
                "; of too few threads or posts to keep these together"
            } else {
                ""
            }
        )?;
        for doubt in first {
            let begin: String = doubt.text.chars().take(SHOWN).collect();
            let more = if begin.len() < doubt.text.len() {
                "…"
            } else {
                ""
            };
            writeln!(
                out,
                "  {}{}  {} → {} ({:+.2})  {}{more}",
                file.form.place(doubt.line),
                doubt
                    .id
                    .map_or_else(String::new, |id| format!(" {}", visible(id))),
                doubt.given,
                doubt.suggested,
                doubt.margin,
                visible(&begin).replace('\n', " ")
            )?;
        }
    }
    Ok(())
}

/// The classes of the sentiment question are those of the model, in its order.
const _: () = assert!(Sentiment::ALL.len() == 3);

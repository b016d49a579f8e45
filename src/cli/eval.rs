//! `undertone eval`: the model against labels.

use std::io::Write;

use super::args::EvalArgs;
use super::failure::Failure;
use super::located::CleanCorpus;
use super::settings::{ScoringSetup, cleaning_rules};
use super::table::Table;
use super::{Outcome, print_json};
use crate::evaluation::evaluate;
use crate::labelled::{self, CleanLabelled, Form, Labelled, check_themes};
use crate::model::Sentiment;
use crate::output::{
    CalibrationRecord, ClassEvaluation, EstimateRecord, EvaluationRecord, Figure, Header,
    ThreeClassEvaluation, Unused, evaluation_record,
};
use crate::passage::Passage;
use crate::progress::{Progress, visible};
use crate::sampling::make_up_for_unused;
use crate::themes::Overlay;

pub(super) fn eval(args: EvalArgs) -> Result<Outcome, Failure> {
    let progress = Progress::new(args.quiet);
    let mut file = labelled::read(&args.gold)?;
    for note in &file.notes {
        progress.warn(note);
    }
    let takes = |text: &Labelled| args.split.takes(text.split);
    let is_used = |text: &Labelled| takes(text) && text.is_labelled();
    let count = |of: &dyn Fn(&Labelled) -> bool| file.texts.iter().filter(|text| of(text)).count();
    let unused = Unused {
        left_out: count(&|text| !takes(text)),
        unlabelled: count(&|text| takes(text) && !text.is_labelled()),
    };
    if count(&Labelled::is_labelled) == 0 {
        return Err(Failure::NothingFilledIn {
            file: file.path,
            others: file.other_columns,
        });
    }
    if count(&is_used) == 0 {
        return Err(Failure::NothingToMeasure(file.path));
    }
    let rules = cleaning_rules(&args.cleaning);
    let setup = ScoringSetup::load(&args.scoring, rules.clone())?;
    let ids: Vec<&str> = setup.themes.iter().map(|theme| theme.id.as_str()).collect();
    check_themes(&file, &ids)?;
    if let Some(overlay) = &setup.overlay_file
        && setup.scoring.overlay_sha256.is_some()
    {
        for theme in Overlay::read(overlay)?.learnt_from(&file.sha256) {
            progress.warn(&format!(
                "{theme} was improved by these very labels, so its figures flatter; measure with others, or with --without-labels"
            ));
        }
    }
    let corpus = args
        .corpus
        .as_ref()
        .map(|folder| CleanCorpus::read(folder, &args.reading, &rules, &progress));
    let corpus = corpus.transpose()?;
    make_up_for_unused(&mut file.texts, is_used);
    let cleaned: Vec<CleanLabelled>;
    let passages: Vec<Passage<&str>> = match &corpus {
        Some(corpus) => {
            let texts: Vec<&Labelled> = file.texts.iter().filter(|text| is_used(text)).collect();
            let located = corpus.locate(&file, &texts)?;
            let texts = file.texts.iter_mut().filter(|text| is_used(text));
            for (text, located) in texts.zip(&located) {
                located.text.clone_into(&mut text.text);
            }
            located.into_iter().map(|one| one.passage).collect()
        }
        None => {
            if file.texts.iter().any(|text| text.post.is_some()) {
                progress.warn(
                    "each text is judged by itself, and not in its thread as `run` does; to change that, name the pages with --corpus",
                );
            }
            cleaned = labelled::clean(&file.texts, &rules);
            let passages = labelled::passages(&file.texts, &cleaned);
            let all = file.texts.iter().zip(passages);
            all.filter(|(text, _)| is_used(text))
                .map(|(_, passage)| passage)
                .collect()
        }
    };
    let texts: Vec<&Labelled> = file.texts.iter().filter(|text| is_used(text)).collect();

    let stage = progress.stage("scoring", texts.len() as u64);
    let scores = setup
        .scorer
        .score_all(passages.into_iter(), || stage.advance(1))?;
    stage.finish();
    let evaluation = evaluate(&texts, &scores, &ids);
    let record = evaluation_record(
        Header::new("evaluation", &setup.scoring),
        args.gold.display().to_string(),
        unused,
        &texts,
        &evaluation,
        &ids,
    );
    if args.json {
        print_json(&record)?;
    } else {
        let mut out = std::io::stdout().lock();
        show(&mut out, &record, file.form, args.errors).map_err(Failure::Stdout)?;
    }
    Ok(Outcome::Complete)
}

fn figure(value: Option<Figure>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{:.3}", value.value()))
}

/// A figure with its interval.
fn estimate(record: &EstimateRecord) -> String {
    let value = figure(record.value);
    match record.interval {
        None => value,
        Some([low, high]) => format!("{value} ({:.3} to {:.3})", low.value(), high.value()),
    }
}

fn show(
    out: &mut impl Write,
    record: &EvaluationRecord,
    form: Form,
    errors: bool,
) -> std::io::Result<()> {
    writeln!(
        out,
        "{}: {} texts, {} left out by --split, {} without a label. In brackets: 95% bootstrap intervals over texts",
        record.gold, record.texts, record.left_out, record.unlabelled
    )?;
    if record.weighted {
        writeln!(
            out,
            "Figures are weighted as the sample was drawn, and speak of what it was drawn from; counts are not"
        )?;
    }
    show_classes(out, "Sentiment", &record.sentiment)?;
    let themes = &record.themes;
    writeln!(
        out,
        "\nThemes: micro F1 {}, macro F1 {}, calibration error {}\n",
        estimate(&themes.micro_f1),
        estimate(&themes.macro_f1),
        calibration_error(&themes.calibration)
    )?;
    let rows: Vec<&ClassEvaluation> = themes.themes.iter().chain([&themes.micro]).collect();
    write!(out, "{}", class_table("<theme", &rows, true))?;
    write!(out, "\n{}", reliability_table(&themes.calibration))?;
    if record.attitudes.judgements > 0 {
        show_classes(out, "Attitude to labelled themes", &record.attitudes)?;
    }
    let misjudged = record.misjudged.len();
    if !errors {
        return writeln!(
            out,
            "\n{misjudged} texts with an error; --errors shows them"
        );
    }
    writeln!(out, "\n{misjudged} texts with an error:")?;
    for one in &record.misjudged {
        let id = one
            .id
            .as_deref()
            .map_or_else(String::new, |id| format!(" {}", visible(id)));
        write!(out, "\n{}{id}:", form.place(one.line))?;
        if let (Some(labelled), Some(predicted)) = (one.labelled, one.predicted) {
            write!(out, " {} taken for {}", labelled.name(), predicted.name())?;
        }
        for (what, themes) in [
            ("missed", &one.themes_missed),
            ("unfounded", &one.themes_unfounded),
        ] {
            if !themes.is_empty() {
                write!(out, " · {what}: {}", themes.join(", "))?;
            }
        }
        writeln!(out, "\n    {}", visible(&one.text).replace('\n', "\n    "))?;
    }
    Ok(())
}

fn show_classes(
    out: &mut impl Write,
    name: &str,
    record: &ThreeClassEvaluation,
) -> std::io::Result<()> {
    writeln!(
        out,
        "\n{name}: accuracy {} ({} of {}), macro F1 {}, macro recall {}, calibration error {}\n",
        estimate(&record.accuracy),
        record.correct,
        record.judgements,
        estimate(&record.macro_f1),
        estimate(&record.macro_recall),
        calibration_error(&record.calibration)
    )?;
    let classes: Vec<&ClassEvaluation> = record.classes.iter().collect();
    write!(out, "{}", class_table("<class", &classes, false))?;
    let mut table = Table::new(&["<labelled", ">as negative", ">as neutral", ">as positive"]);
    for (label, row) in Sentiment::ALL.iter().zip(&record.confusion) {
        let mut cells = vec![label.name().to_owned()];
        cells.extend(row.iter().map(u64::to_string));
        table.row(cells);
    }
    write!(out, "\n{table}\n{}", reliability_table(&record.calibration))
}

fn class_table(heading: &str, classes: &[&ClassEvaluation], ranked: bool) -> Table {
    let mut headings = vec![
        heading,
        ">labelled",
        ">predicted",
        ">both",
        ">precision",
        ">recall",
        ">F1",
    ];
    if ranked {
        headings.push(">avg precision");
    }
    let mut table = Table::new(&headings);
    for class in classes {
        let mut cells = vec![
            class.name.clone(),
            class.labelled.to_string(),
            class.predicted.to_string(),
            class.both.to_string(),
            figure(class.precision),
            figure(class.recall),
            figure(class.f1),
        ];
        if ranked {
            cells.push(figure(class.average_precision));
        }
        table.row(cells);
    }
    table
}

/// The calibration error, beside what chance would make of honest probabilities.
fn calibration_error(calibration: &CalibrationRecord) -> String {
    let error = figure(calibration.error);
    match calibration.by_chance {
        Some([mean, high]) => format!(
            "{error} (by chance alone {:.3}, at most {:.3} in 19 of 20 samples)",
            mean.value(),
            high.value()
        ),
        None => error,
    }
}

/// Where confidence and truth part.
fn reliability_table(calibration: &CalibrationRecord) -> Table {
    let mut table = Table::new(&["<confidence", ">predictions", ">mean", ">right"]);
    for bin in &calibration.reliability {
        let [low, high] = bin.range.map(|end| format!("{:.3}", end.value()));
        table.row([
            format!("{low} to {high}"),
            bin.count.to_string(),
            format!("{:.3}", bin.confidence.value()),
            figure(Some(bin.right)),
        ]);
    }
    table
}

//! `undertone eval`: the model against labels.

use std::collections::BTreeSet;
use std::io::Write;

use super::args::EvalArgs;
use super::failure::Failure;
use super::settings::{ScoringSetup, cleaning_rules};
use super::table::Table;
use super::{Outcome, print_json};
use crate::evaluation::evaluate;
use crate::labelled::{self, Labelled};
use crate::model::Sentiment;
use crate::output::{
    CalibrationRecord, ClassEvaluation, EstimateRecord, EvaluationRecord, Figure, Header,
    ThreeClassEvaluation, evaluation_record,
};
use crate::passage::Passage;
use crate::progress::{Progress, visible};

pub(super) fn eval(args: EvalArgs) -> Result<Outcome, Failure> {
    let progress = Progress::new(args.quiet);
    let texts = labelled::read(&args.gold)?;
    let total = texts.len();
    let rules = cleaning_rules(&args.cleaning);
    let cleaned = labelled::clean(&texts, &rules);
    let (texts, passages): (Vec<&Labelled>, Vec<Passage<&str>>) = texts
        .iter()
        .zip(labelled::passages(&texts, &cleaned))
        .filter(|(text, _)| args.split.takes(text.split))
        .unzip();
    if texts.is_empty() {
        return Err(Failure::NothingToMeasure(args.gold.display().to_string()));
    }
    let setup = ScoringSetup::load(&args.scoring, rules)?;
    let ids: Vec<&str> = setup.themes.iter().map(|theme| theme.id.as_str()).collect();
    let unknown: BTreeSet<&str> = texts
        .iter()
        .flat_map(|text| text.themes.iter().flatten().chain(&text.either_way))
        .map(String::as_str)
        .filter(|theme| !ids.contains(theme))
        .collect();
    if !unknown.is_empty() {
        let names = unknown.into_iter().collect::<Vec<_>>().join(", ");
        progress.warn(&format!(
            "themes in the labels that the taxonomy does not have, not counted: {names}"
        ));
    }

    let stage = progress.stage("scoring", texts.len() as u64);
    let scores = setup
        .scorer
        .score_all(passages.into_iter(), || stage.advance(1))?;
    stage.finish();
    let evaluation = evaluate(&texts, &scores, &ids);
    let record = evaluation_record(
        Header::new("evaluation", &setup.scoring),
        args.gold.display().to_string(),
        total - texts.len(),
        &texts,
        &evaluation,
        &ids,
    );
    if args.json {
        print_json(&record)?;
    } else {
        show(&mut std::io::stdout().lock(), &record, args.errors).map_err(Failure::Stdout)?;
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

fn show(out: &mut impl Write, record: &EvaluationRecord, errors: bool) -> std::io::Result<()> {
    writeln!(
        out,
        "{}: {} texts, {} left out by --split. In brackets: 95% bootstrap intervals over texts",
        record.gold, record.texts, record.left_out
    )?;
    show_classes(out, "Sentiment", &record.sentiment)?;
    let themes = &record.themes;
    writeln!(
        out,
        "\nThemes: micro F1 {}, macro F1 {}, calibration error {}\n",
        estimate(&themes.micro_f1),
        estimate(&themes.macro_f1),
        figure(themes.calibration.error)
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
        write!(out, "\n#{}", one.number)?;
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
        figure(record.calibration.error)
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

//! `undertone eval`: the model against labels.

use std::collections::BTreeSet;
use std::io::Write;

use super::args::EvalArgs;
use super::failure::Failure;
use super::settings::{ScoringSetup, cleaning_rules};
use super::table::Table;
use super::{Outcome, print_json};
use crate::cleaning::{Cleaned, clean_comments, clean_text};
use crate::evaluation::{
    ClassScore, Classification, MultiLabel, ThemeScore, classification, multi_label,
};
use crate::inference::Scores;
use crate::labelled::{self, Labelled};
use crate::model::Sentiment;
use crate::output::{
    ClassEvaluation, EvaluationRecord, Figure, Header, SentimentEvaluation, ThemesEvaluation,
};
use crate::progress::Progress;

pub(super) fn eval(args: EvalArgs) -> Result<Outcome, Failure> {
    let progress = Progress::new(args.quiet);
    let file = labelled::read(&args.gold)?;
    let total = file.texts.len();
    let rules = cleaning_rules(&args.cleaning);
    let all = file.texts.iter().map(|labelled| labelled.text.as_str());
    let cleaned: Vec<Cleaned> = if file.is_thread {
        clean_comments(all, &rules)
    } else {
        all.map(|text| clean_text(text, &rules)).collect()
    };
    let (texts, cleaned): (Vec<Labelled>, Vec<Cleaned>) = file
        .texts
        .into_iter()
        .zip(cleaned)
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
        .score_all(cleaned.iter().map(|cleaned| &cleaned.passage), || {
            stage.advance(1)
        })?;
    stage.finish();
    let sentiment = classification(
        Sentiment::ALL.len(),
        texts
            .iter()
            .zip(&scores)
            .filter_map(|(text, scores)| Some((text.sentiment? as usize, scores.label() as usize))),
    );
    let themes = multi_label(
        ids.len(),
        texts
            .iter()
            .zip(&scores)
            .map(|(text, scores)| compare(text, scores, &ids)),
    );
    let record = EvaluationRecord {
        header: Header::new("evaluation", &setup.scoring),
        gold: args.gold.display().to_string(),
        texts: texts.len() as u64,
        left_out: (total - texts.len()) as u64,
        sentiment: sentiment_record(&sentiment),
        themes: themes_record(&themes, &ids),
    };
    if args.json {
        print_json(&record)?;
    } else {
        show(&mut std::io::stdout().lock(), &record).map_err(Failure::Stdout)?;
    }
    Ok(Outcome::Complete)
}

fn compare(text: &Labelled, scores: &Scores, ids: &[&str]) -> Vec<ThemeScore> {
    let has = |list: &[String], id: &str| list.iter().any(|theme| theme == id);
    ids.iter()
        .zip(&scores.assigned)
        .map(|(id, assigned)| ThemeScore {
            labelled: text
                .themes
                .as_ref()
                .filter(|_| !has(&text.either_way, id))
                .map(|themes| has(themes, id)),
            predicted: *assigned,
        })
        .collect()
}

fn class_record(name: &str, score: &ClassScore) -> ClassEvaluation {
    ClassEvaluation {
        name: name.to_owned(),
        labelled: score.support(),
        predicted: score.true_positives + score.false_positives,
        both: score.true_positives,
        precision: score.precision().map(Figure::new),
        recall: score.recall().map(Figure::new),
        f1: score.f1().map(Figure::new),
    }
}

fn sentiment_record(score: &Classification) -> SentimentEvaluation {
    SentimentEvaluation {
        texts: score.texts(),
        correct: score.correct(),
        accuracy: score.accuracy().map(Figure::new),
        macro_f1: score.macro_f1().map(Figure::new),
        macro_recall: score.macro_recall().map(Figure::new),
        classes: Sentiment::ALL
            .iter()
            .zip(&score.classes)
            .map(|(label, class)| class_record(label.name(), class))
            .collect(),
        confusion: score.confusion.clone(),
    }
}

fn themes_record(score: &MultiLabel, ids: &[&str]) -> ThemesEvaluation {
    ThemesEvaluation {
        micro: class_record("all themes", &score.micro()),
        macro_f1: score.macro_f1().map(Figure::new),
        themes: ids
            .iter()
            .zip(&score.themes)
            .map(|(id, class)| class_record(id, class))
            .collect(),
    }
}

fn show(out: &mut impl Write, record: &EvaluationRecord) -> std::io::Result<()> {
    let figure = |value: Option<Figure>| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{:.3}", value.value()))
    };
    let class_table = |heading: &str, classes: &[&ClassEvaluation]| {
        let mut table = Table::new(&[
            heading,
            ">labelled",
            ">predicted",
            ">both",
            ">precision",
            ">recall",
            ">F1",
        ]);
        for class in classes {
            table.row([
                class.name.clone(),
                class.labelled.to_string(),
                class.predicted.to_string(),
                class.both.to_string(),
                figure(class.precision),
                figure(class.recall),
                figure(class.f1),
            ]);
        }
        table
    };
    writeln!(
        out,
        "{}: {} texts, {} left out by --split",
        record.gold, record.texts, record.left_out
    )?;
    let sentiment = &record.sentiment;
    writeln!(
        out,
        "\nSentiment: accuracy {} ({} of {}), macro F1 {}, macro recall {}\n",
        figure(sentiment.accuracy),
        sentiment.correct,
        sentiment.texts,
        figure(sentiment.macro_f1),
        figure(sentiment.macro_recall)
    )?;
    write!(
        out,
        "{}",
        class_table("<sentiment", &sentiment.classes.iter().collect::<Vec<_>>())
    )?;
    let themes = &record.themes;
    writeln!(
        out,
        "\nThemes: micro F1 {}, macro F1 {}\n",
        figure(themes.micro.f1),
        figure(themes.macro_f1)
    )?;
    let rows: Vec<&ClassEvaluation> = themes.themes.iter().chain([&themes.micro]).collect();
    write!(out, "{}", class_table("<theme", &rows))
}

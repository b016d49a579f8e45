//! What `undertone eval` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::number::{Figure, Probability, ends};
use super::records::Header;
use crate::evaluation::{
    Calibration, ClassScore, Estimate, Evaluation, Misjudged, Themes, ThreeClasses,
};
use crate::labelled::Labelled;
use crate::model::Sentiment;

/// A figure of a sample of texts, with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct EstimateRecord {
    /// The figure, from 0 to 1; null where it is undefined.
    pub value: Option<Figure>,
    /// Its 95% interval by the bootstrap over texts; null for fewer than 10 texts.
    pub interval: Option<[Figure; 2]>,
}

/// How well one class was found.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClassEvaluation {
    /// The sentiment or the theme's id.
    pub name: String,
    /// Texts that have it by their label.
    pub labelled: u64,
    /// Texts that have it by the model.
    pub predicted: u64,
    /// Texts that have it by both.
    pub both: u64,
    /// `both / predicted`, weighted; null where nothing was predicted.
    pub precision: Option<Figure>,
    /// `both / labelled`, weighted; null where nothing was labelled.
    pub recall: Option<Figure>,
    /// Harmonic mean of the two; null where nothing was labelled or predicted.
    pub f1: Option<Figure>,
    /// Average precision over all thresholds; for themes only, null where nothing was labelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_precision: Option<Figure>,
}

/// A row of a reliability table: predictions of like confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ReliabilityBin {
    /// How many predictions.
    pub count: u64,
    /// The lowest and the highest confidence.
    pub range: [Probability; 2],
    /// The mean confidence.
    pub confidence: Probability,
    /// The share of the predictions that is right.
    pub right: Figure,
}

/// Whether probabilities mean what they say.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CalibrationRecord {
    /// The expected calibration error over the table's rows, from 0 to 1; null for no predictions.
    pub error: Option<Figure>,
    /// The error that honest probabilities would show by chance in as many predictions: the mean, and what it exceeds in
    /// one sample of twenty; null for no predictions. An error no greater than these is no sign of dishonesty.
    pub by_chance: Option<[Figure; 2]>,
    /// Fifteen rows with the same number of predictions each, lowest confidence first; fewer for fewer predictions. Means
    /// and shares are weighted.
    pub reliability: Vec<ReliabilityBin>,
}

/// How well negative, neutral and positive were told apart.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ThreeClassEvaluation {
    /// Judgements with a label: texts, or themes of texts.
    pub judgements: u64,
    /// Those with the right prediction.
    pub correct: u64,
    /// `correct / judgements`, weighted.
    pub accuracy: EstimateRecord,
    /// Mean F1 over the classes that occur in the labels.
    pub macro_f1: EstimateRecord,
    /// Mean recall over the classes that occur in the labels.
    pub macro_recall: EstimateRecord,
    /// Negative, neutral, positive.
    pub classes: Vec<ClassEvaluation>,
    /// A row per label, a column per prediction, in the order negative, neutral, positive.
    pub confusion: Vec<Vec<u64>>,
    /// Of the probability of the predicted class.
    pub calibration: CalibrationRecord,
}

/// How well themes were found.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ThemesEvaluation {
    /// All themes' counts together.
    pub micro: ClassEvaluation,
    /// F1 of these counts.
    pub micro_f1: EstimateRecord,
    /// Mean F1 over the themes that occur in the labels.
    pub macro_f1: EstimateRecord,
    /// Per theme, in the order of the taxonomy.
    pub themes: Vec<ClassEvaluation>,
    /// Of the probability of every theme for every text: "right" is that the text has the theme.
    pub calibration: CalibrationRecord,
}

/// A text that the model got wrong, for reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MisjudgedRecord {
    /// Its place among the texts used, counted from 1.
    pub number: usize,
    /// The line of the file where it begins; of a list in JSON, its number in it. Counted from 1.
    pub line: u64,
    /// Its id, or null where it has none.
    pub id: Option<String>,
    /// The text.
    pub text: String,
    /// The labelled sentiment, where the model's differs.
    pub labelled: Option<Sentiment>,
    /// The model's sentiment, where it differs.
    pub predicted: Option<Sentiment>,
    /// Labelled themes that were not found.
    pub themes_missed: Vec<String>,
    /// Themes that were found and are not labelled.
    pub themes_unfounded: Vec<String>,
}

/// What `undertone eval --json` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EvaluationRecord {
    /// What this is.
    #[serde(flatten)]
    pub header: Header,
    /// The labelled file.
    pub gold: String,
    /// Texts used.
    pub texts: u64,
    /// Whether some of them stand for more others than the rest do: then every figure but the counts is weighted by the
    /// weights that the sample was drawn with, and speaks of what it was drawn from.
    pub weighted: bool,
    /// Texts of the file that `--split` left out.
    pub left_out: u64,
    /// Other texts of the file in which nothing is labelled.
    pub unlabelled: u64,
    /// Sentiment.
    pub sentiment: ThreeClassEvaluation,
    /// Themes.
    pub themes: ThemesEvaluation,
    /// Attitudes to labelled themes, whether these were found or not.
    pub attitudes: ThreeClassEvaluation,
    /// The texts whose sentiment or themes are wrong, in their order.
    pub misjudged: Vec<MisjudgedRecord>,
}

/// Texts of a labelled file that were not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unused {
    /// Those that the split leaves out.
    pub left_out: usize,
    /// Others in which nothing is labelled.
    pub unlabelled: usize,
}

/// The record of an evaluation; `themes` are the ids of the taxonomy.
pub fn evaluation_record(
    header: Header,
    gold: String,
    unused: Unused,
    texts: &[&Labelled],
    evaluation: &Evaluation,
    themes: &[&str],
) -> EvaluationRecord {
    let misjudged = evaluation.misjudged.iter();
    EvaluationRecord {
        header,
        gold,
        texts: texts.len() as u64,
        weighted: texts.iter().any(|text| text.weight != texts[0].weight),
        left_out: unused.left_out as u64,
        unlabelled: unused.unlabelled as u64,
        sentiment: three_classes(&evaluation.sentiment),
        themes: of_themes(&evaluation.themes, themes),
        attitudes: three_classes(&evaluation.attitudes),
        misjudged: misjudged
            .map(|one| misjudged_record(one, texts, themes))
            .collect(),
    }
}

fn estimate(estimate: Estimate) -> EstimateRecord {
    EstimateRecord {
        value: estimate.value.map(Figure::new),
        interval: estimate.interval.map(|interval| ends(interval, 1.0)),
    }
}

fn class_record(name: &str, score: &ClassScore, average_precision: Option<f64>) -> ClassEvaluation {
    ClassEvaluation {
        name: name.to_owned(),
        labelled: score.support().count,
        predicted: score.predicted().count,
        both: score.true_positives.count,
        precision: score.precision().map(Figure::new),
        recall: score.recall().map(Figure::new),
        f1: score.f1().map(Figure::new),
        average_precision: average_precision.map(Figure::new),
    }
}

fn calibration(calibration: &Calibration) -> CalibrationRecord {
    CalibrationRecord {
        error: calibration.error.map(Figure::new),
        by_chance: calibration.by_chance.map(|both| both.map(Figure::new)),
        reliability: calibration
            .bins
            .iter()
            .map(|bin| ReliabilityBin {
                count: bin.count,
                range: bin.range.map(Probability::new),
                confidence: Probability::new(bin.confidence),
                right: Figure::new(bin.right),
            })
            .collect(),
    }
}

fn three_classes(measured: &ThreeClasses) -> ThreeClassEvaluation {
    ThreeClassEvaluation {
        judgements: measured.score.texts().count,
        correct: measured.score.correct().count,
        accuracy: estimate(measured.accuracy),
        macro_f1: estimate(measured.macro_f1),
        macro_recall: estimate(measured.macro_recall),
        classes: Sentiment::ALL
            .iter()
            .zip(&measured.score.classes)
            .map(|(label, class)| class_record(label.name(), class, None))
            .collect(),
        confusion: measured.score.confusion.clone(),
        calibration: calibration(&measured.calibration),
    }
}

fn of_themes(measured: &Themes, ids: &[&str]) -> ThemesEvaluation {
    ThemesEvaluation {
        micro: class_record("all themes", &measured.score.micro(), None),
        micro_f1: estimate(measured.micro_f1),
        macro_f1: estimate(measured.macro_f1),
        themes: ids
            .iter()
            .zip(&measured.score.themes)
            .zip(&measured.average_precision)
            .map(|((id, class), precision)| class_record(id, class, *precision))
            .collect(),
        calibration: calibration(&measured.calibration),
    }
}

fn misjudged_record(one: &Misjudged, texts: &[&Labelled], ids: &[&str]) -> MisjudgedRecord {
    let names = |places: &[usize]| places.iter().map(|place| ids[*place].to_owned()).collect();
    MisjudgedRecord {
        number: one.place + 1,
        line: texts[one.place].line,
        id: texts[one.place].id.clone(),
        text: texts[one.place].text.clone(),
        labelled: one.sentiment.map(|(labelled, _)| labelled),
        predicted: one.sentiment.map(|(_, predicted)| predicted),
        themes_missed: names(&one.missed),
        themes_unfounded: names(&one.unfounded),
    }
}

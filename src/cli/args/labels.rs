//! Arguments of the commands about labels: drawing, measuring, learning, explaining.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{CleaningArgs, ReadingArgs, ScoringArgs};
use crate::labelled::Split;

/// Draw comments at random, to be labelled by a person
///
/// Writes a table for a spreadsheet (FILE.csv) or JSON Lines (FILE.jsonl) with
/// comments that count in the figures, in random order. Fill in, or leave empty
/// what you do not want to judge:
///
///   sentiment     negative, neutral or positive
///   themes        theme ids with commas between, or none; workload:negative adds
///                 the attitude to the theme, and unions? counts neither way
///   theme:ID      yes, no or ? (with --theme)
///
/// Leave the other columns as they are. `undertone eval --gold FILE --corpus DIR` then
/// measures the model on it. "weight" is how many comments of the corpus a row stands
/// for.
///
/// Without more, every comment has the same chance. With --by year each year gives
/// as many comments as the others, as far as it has them; with --theme half of them
/// have the theme by the model, because a plain sample has too few. With both, this
/// holds within each year. The same corpus, settings and seed draw the same comments.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct SampleArgs {
    /// Folder with the pages
    #[arg(long, value_name = "DIR", default_value = "corpus/sample")]
    pub corpus: PathBuf,

    /// How many comments
    #[arg(long, short, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    pub n: u32,

    /// Draw half of them from those that have this theme by the model, to judge the theme by
    #[arg(long, value_name = "ID")]
    pub theme: Option<String>,

    /// Draw as many from each year
    #[arg(long, value_name = "WHAT", value_enum)]
    pub by: Option<Strata>,

    /// Another number draws other comments
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// The file to write: .csv, or .jsonl. It must not be there already
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,

    #[command(flatten)]
    pub reading: ReadingArgs,

    #[command(flatten)]
    pub cleaning: CleaningArgs,

    #[command(flatten)]
    pub scoring: ScoringArgs,

    /// No progress on stderr
    #[arg(long, short)]
    pub quiet: bool,
}

/// What a sample can be spread over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Strata {
    /// The years that comments count in
    Year,
}

/// Measure the model against labelled comments
///
/// Scores the texts of a labelled file and compares. The file is a table filled in
/// after `undertone sample` (.csv), JSON Lines, or one JSON object with a list
/// "comments"; each entry has "text" and may have
///
///   "sentiment"   negative, neutral or positive; null counts neither way
///   "themes"      a list of theme ids, or an object with theme ids as keys;
///                 null counts neither way
///   "judged"      an object with theme ids as keys: whether the text has them,
///                 where not all its themes were judged
///   "either_way"  themes that count neither way for this text
///   "post", "id"  where it stands in the corpus, for --corpus
///   "answers"     the text that it answers
///   "weight"      how many comments it stands for, in a sample
///   "split"       train, development or heldout
///
/// Texts are cleaned before they are scored: those of a list "comments" as the
/// thread they are, others each by itself, or beside what it answers. With --corpus
/// they are found in the corpus that a sample was drawn from, and scored as `run`
/// scores them: by the text of the page, cleaned in the light of their thread.
///
/// Rows of a sample in which nothing is labelled are left out, and the others of
/// their stratum stand for them.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct EvalArgs {
    /// The labelled file
    #[arg(long, value_name = "FILE")]
    pub gold: PathBuf,

    /// Folder with the pages that the labelled comments stand on, by "post" and "id"
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,

    /// Which entries to use, by their "split". Entries without one are always used
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = SplitChoice::Heldout)]
    pub split: SplitChoice,

    /// Print JSON instead of tables
    #[arg(long)]
    pub json: bool,

    /// Show the texts that were judged wrongly
    #[arg(long)]
    pub errors: bool,

    #[command(flatten)]
    pub reading: ReadingArgs,

    #[command(flatten)]
    pub cleaning: CleaningArgs,

    #[command(flatten)]
    pub scoring: ScoringArgs,

    /// No progress on stderr
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SplitChoice {
    /// Leave out what models may have learnt from
    Heldout,
    /// Only what models may have learnt from
    Train,
    /// Only what choices in training were made on
    Development,
    /// Everything
    All,
}

impl SplitChoice {
    pub(in crate::cli) fn takes(self, split: Option<Split>) -> bool {
        match (self, split) {
            (Self::All, _) | (_, None) => true,
            (Self::Heldout, Some(split)) => split == Split::Heldout,
            (Self::Train, Some(split)) => split == Split::Train,
            (Self::Development, Some(split)) => split == Split::Development,
        }
    }
}

/// Show which words and sentences moved the scores of a text
///
/// Scores the text, then scores it again without each sentence and each word: a
/// part counts for what is lost without it. Numbers are changes of log odds: +1
/// makes odds of 1 to 1 into 2.7 to 1. Explained are the sentiment and every theme
/// that the text is given. Of a long text, words of the parts that matter most.
///
///   undertone explain "Sixty cases each and no admin. But the team is kind."
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct ExplainArgs {
    /// The text, of at most 30,000 characters; from stdin if it is not given
    pub text: Option<String>,

    /// The text that it answers
    #[arg(long, value_name = "TEXT")]
    pub answers: Option<String>,

    /// Explain this theme too, whether the text is given it or not; can be repeated
    #[arg(long, value_name = "ID")]
    pub theme: Vec<String>,

    /// Print JSON instead
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub cleaning: CleaningArgs,

    #[command(flatten)]
    pub scoring: ScoringArgs,
}

/// List labels that are hard to believe, for a second look
///
/// Learns sentiment and themes from four fifths of the labels at a time, from the
/// model's vectors, and compares the last fifth with what it would have expected
/// (confident learning). What it lists is often a wrong label, and sometimes a hard
/// text. Change labels in the file, not to please the program but where you see that
/// they are wrong. It takes 5 labels of each kind. Texts that the model itself was
/// trained on look more believable than they are.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct CheckLabelsArgs {
    /// The labelled file, in a form that `undertone eval` reads
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// List at most so many for the sentiment and for each theme
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,

    /// Print JSON Lines instead
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub cleaning: CleaningArgs,

    #[command(flatten)]
    pub scoring: ScoringArgs,

    /// No progress on stderr
    #[arg(long, short)]
    pub quiet: bool,
}

/// Improve one theme by your labels, or train a model from labelled texts
///
/// With --theme and --labels: learns from a dozen labels or more how you mean a theme
/// (draw texts with `undertone sample --theme ID`), and shows what that gains, cross-
/// validated: each text is judged by what the others teach. Texts that you chose by
/// hand teach what tells texts apart, not how frequent the theme is; rows with the
/// split heldout teach nothing. Nothing changes until you say --apply; then it is kept
/// in themes.overlay.json beside themes.toml, and --undo takes it back. The model itself
/// stays as it is. Exit code 1: --apply changed nothing, because labels do not help.
///
/// With --config: fine-tunes an encoder together with its heads for sentiment, themes
/// and attitudes, calibrates them, tests them and writes a model bundle. It takes hours,
/// can be killed at any time, and goes on where it was when it is started again. Needs
/// general texts, which are not part of the project; models/README.md says which.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct TrainArgs {
    /// The theme to improve
    #[arg(
        long,
        value_name = "ID",
        conflicts_with = "config",
        required_unless_present = "config"
    )]
    pub theme: Option<String>,

    /// Your labels for it
    #[arg(long, value_name = "FILE", requires = "theme", required_unless_present_any = ["config", "undo"])]
    pub labels: Option<PathBuf>,

    /// Put what was learnt in force
    #[arg(long, requires = "labels")]
    pub apply: bool,

    /// Take back what was last put in force for the theme
    #[arg(long, requires = "theme", conflicts_with = "labels")]
    pub undo: bool,

    /// Folder with the pages that the labelled comments stand on, by "post" and "id": they are read in their threads then
    #[arg(long, value_name = "DIR", requires = "labels")]
    pub corpus: Option<PathBuf>,

    #[command(flatten)]
    pub reading: ReadingArgs,

    #[command(flatten)]
    pub cleaning: CleaningArgs,

    #[command(flatten)]
    pub scoring: ScoringArgs,

    /// Settings of a whole training
    #[arg(long, value_name = "FILE", requires_all = ["data", "encoder", "out", "checkpoints"])]
    pub config: Option<PathBuf>,

    /// Folder of the settings' texts, which are no part of the project
    #[arg(long, value_name = "DIR", requires = "config")]
    pub data: Option<PathBuf>,

    /// Folder of the settings' comments
    #[arg(long, value_name = "DIR", default_value = "corpus/themes")]
    pub comments: PathBuf,

    /// Folder of the encoder to begin with: config.json, tokenizer.json, model.safetensors
    #[arg(long, value_name = "DIR", requires = "config")]
    pub encoder: Option<PathBuf>,

    /// Bundle of the teacher, if the settings have one
    #[arg(long, value_name = "DIR", requires = "config")]
    pub teacher: Option<PathBuf>,

    /// Folder of the new bundle
    #[arg(long, value_name = "DIR", requires = "config")]
    pub out: Option<PathBuf>,

    /// Folder where training leaves where it is, to go on from there when it was broken off
    #[arg(long, value_name = "DIR", requires = "config")]
    pub checkpoints: Option<PathBuf>,

    /// Seconds between checkpoints, which are a few hundred megabytes each
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub checkpoint_every: u64,

    /// No progress on stderr
    #[arg(long, short)]
    pub quiet: bool,
}

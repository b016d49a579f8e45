//! The arguments as typed. Their help is the program's reference.

mod compare;
mod labels;
mod report;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;

pub(in crate::cli) use compare::{By, CompareArgs, ComparisonArgs};
pub(in crate::cli) use labels::{
    CheckLabelsArgs, EvalArgs, ExplainArgs, SampleArgs, Strata, TrainArgs,
};
pub(in crate::cli) use report::ReportArgs;

use crate::cleaning::Step;
use crate::model::{ModelName, Precision};

/// Sentiment and themes of blog comments, per post and per year.
///
/// undertone reads a folder of blog posts with their readers' comments, works out for every comment whether it is
/// negative, neutral or positive and what it is about (workload, bullying, privatisation, ...), and writes JSON
/// summaries per post and per year.
///
/// To begin: `undertone run` scores the sample corpus into output/latest/. Put your own pages in a folder and name it
/// with --corpus. Nothing is sent anywhere: the model runs on this machine.
///
/// `undertone init DIR` begins a folder of your own, and `undertone doctor` says whether all is there that a run needs.
///
/// Exit codes: 0 all well; 1 finished, but some inputs were skipped (each is named on stderr); 2 could not do the job; 3
/// another run is doing it.
#[derive(Debug, Parser)]
#[command(name = "undertone", version, max_term_width = 100)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    pub command: Command,

    /// File that sets options of `undertone run` [default: what UNDERTONE_SETTINGS names, else undertone.toml, here or beside
    /// the program]. Variables like UNDERTONE_CORPUS go before it, and options before both; see `undertone config`
    #[arg(long, global = true, value_name = "FILE")]
    pub settings: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    Run(RunArgs),
    Compare(CompareArgs),
    Report(ReportArgs),
    Ingest(IngestArgs),
    Clean(CleanArgs),
    Sample(SampleArgs),
    Score(ScoreArgs),
    Eval(EvalArgs),
    Explain(ExplainArgs),
    CheckLabels(CheckLabelsArgs),
    Cache(CacheArgs),
    Forget(ForgetArgs),
    Themes(ThemesArgs),
    Schema(SchemaArgs),
    Train(TrainArgs),
    Init(InitArgs),
    Config(ConfigArgs),
    Doctor(DoctorArgs),
}

/// What every command that scores takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct ScoringArgs {
    /// The model [default: the bundle models/standard, here or beside the program]. The folder of a bundle; or a sentiment
    /// classifier of your own, in a folder of a model hub's layout (BERT, RoBERTa, XLM-RoBERTa, DistilBERT, DeBERTa), or
    /// as hf:ORG/NAME@REVISION, which is fetched once from the hub (HF_ENDPOINT) and kept (HF_HOME). Themes stay with the
    /// bundle then
    #[arg(long, value_name = "MODEL")]
    pub model: Option<ModelName>,

    /// Fetch nothing: a model of a hub must have been fetched before
    #[arg(long, env = "HF_HUB_OFFLINE", value_parser = clap::builder::FalseyValueParser::new())]
    pub offline: bool,

    /// File that defines the themes [default: themes.toml, here or beside the program, else the one built in]
    #[arg(long, value_name = "FILE")]
    pub themes: Option<PathBuf>,

    /// Number format of the encoder: auto, f32 or bf16. auto is bf16 where the processor computes it fast, else f32
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub precision: Precision,

    /// Score without what themes have learnt from your labels (`undertone train --theme`)
    #[arg(long)]
    pub without_labels: bool,

    /// Encoders that run side by side, each on one core [default: one per core]. Scores do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// What every command that reads pages takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReadingArgs {
    /// Skip pages larger than this
    #[arg(long, value_name = "MB", default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..))]
    pub max_page_mb: u64,

    /// List of comments that `undertone forget` has forgotten, which are left out [default: forgotten.txt in the folder of
    /// results, which is output where no command names one]. ingest and clean show pages with all that is on them
    #[arg(long, value_name = "FILE")]
    pub forgotten: Option<PathBuf>,
}

/// What every command that cleans texts takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct CleaningArgs {
    /// Steps of cleaning to leave out, with commas between: text, links, furniture, repeats, marks, introduced, blocks,
    /// pasted, tables, paragraphs, duplicates, language; quotation for all about quotations; all for every one
    #[arg(long, value_name = "STEPS", value_delimiter = ',', value_parser = step)]
    pub without: Vec<Steps>,

    /// Words that must agree for a stretch within a sentence to count as repeating the post or an earlier comment
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(3..=1000))]
    pub repeated_words: u16,

    /// Words that must stand in quotation marks for them to count as a quotation
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub marked_words: u16,

    /// Count comments that are not in English too
    #[arg(long)]
    pub count_other_languages: bool,
}

/// What of personal data is redacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum Redact {
    /// Nothing
    Off,
    /// Quotations of comments in the summaries
    Quotes,
    /// These, and texts and authors in comments.jsonl
    All,
}

/// What every command that publishes texts takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct RedactionArgs {
    /// Where e-mail addresses, phone numbers, postcodes, national insurance and prison numbers, and names of persons are
    /// replaced by what they are. Scores see the original
    #[arg(long, value_name = "WHERE", value_enum, default_value_t = Redact::Quotes)]
    pub redact: Redact,

    /// File of the office-holders whose names may be published [default: office-holders.toml, here or beside the
    /// program, else the one built in]
    #[arg(long, value_name = "FILE")]
    pub office_holders: Option<PathBuf>,
}

/// What `--without` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Steps {
    One(Step),
    Quotation,
    All,
}

fn step(name: &str) -> Result<Steps, String> {
    match name {
        "all" => Ok(Steps::All),
        "quotation" => Ok(Steps::Quotation),
        _ => Step::from_str(name, false).map(Steps::One).map_err(|_| {
            let names: Vec<String> = Step::value_variants()
                .iter()
                .filter_map(Step::to_possible_value)
                .map(|value| value.get_name().to_owned())
                .collect();
            format!("there is no such step; the steps are {}; or say quotation for those about quotations, or all", names.join(", "))
        }),
    }
}

/// Score a whole corpus and write summaries per post and per year (the nightly job)
///
/// Reads every page under --corpus, finds whose words are whose, scores every
/// comment, and writes a new folder OUT/runs/<time>/ with
///
///   summary.json    the whole corpus: a row per year and per post
///   years/          one file per year
///   posts/          one file per post
///   comments.jsonl  one line per comment, with its scores
///   report/index.html  all of it to look at, as one page for a browser
///   comparison.json what changed from period to period, and how certain that is
///   changes.json    what is new since the set before, and why figures moved
///   digest.txt      the same, to be read
///   run.json        about this run: times, versions, settings, hashes, skipped
///
/// (comparison.csv for a spreadsheet; comparison.parquet and comments.parquet, which
/// hold what comparison.csv and comments.jsonl do, for data programs)
///
/// and then points the link OUT/latest to it, in one step: readers see the old
/// set or the new one, never half of one. The same corpus, model and settings
/// give the same bytes in every file but run.json, and but changes.json and digest.txt,
/// which tell the difference from the set before. A short table goes to stdout.
///
/// What was scored once is kept and not scored again. If nothing at all has changed
/// since the latest set, no new one is written.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct RunArgs {
    /// Folder with the pages (*.txt and *.json, in subfolders too) and, if you have one, the table posts.csv
    #[arg(long, value_name = "DIR", default_value = "corpus/sample")]
    pub corpus: PathBuf,

    /// Folder the results go to
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub out: PathBuf,

    /// Database of what was computed before, so that nothing is scored twice [default: store.sqlite in the folder of results]
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,

    /// Write a new set even if nothing has changed since the latest
    #[arg(long)]
    pub anew: bool,

    /// How many sets to keep under OUT/runs, the new one included; older ones are removed after a successful run
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: u32,

    #[command(flatten)]
    pub reading: ReadingArgs,

    #[command(flatten)]
    pub cleaning: CleaningArgs,

    #[command(flatten)]
    pub redaction: RedactionArgs,

    #[command(flatten)]
    pub scoring: ScoringArgs,

    #[command(flatten)]
    pub comparison: ComparisonArgs,

    /// No progress, no warnings and no table; skipped inputs are still named on stderr
    #[arg(long, short)]
    pub quiet: bool,
}

/// Look after what is kept from one run to the next
///
/// `undertone run` keeps the vectors of every text it has read, so that nothing is scored twice and a new theme costs no
/// pass of the model. Nobody needs to look after it: it can be deleted at any time, and then costs time alone.
#[derive(Debug, Args)]
pub(in crate::cli) struct CacheArgs {
    #[command(subcommand)]
    pub command: CacheCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CacheCommand {
    /// Show how much is kept, by model; exit code 1 if it cannot be counted
    Status(StoreArgs),
    /// Check every value and the file itself; exit code 1 if something is damaged
    Verify(StoreArgs),
    /// Remove what the corpus does not have any more, and what other models have left
    Prune(PruneArgs),
}

/// Where a store lies.
#[derive(Debug, Args)]
pub(in crate::cli) struct StoreArgs {
    /// Folder of the results
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub out: PathBuf,

    /// The database [default: store.sqlite in the folder of results]
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
}

/// Name corpus, model and settings as for `undertone run`.
#[derive(Debug, Args)]
pub(in crate::cli) struct PruneArgs {
    /// Folder with the pages
    #[arg(long, value_name = "DIR", default_value = "corpus/sample")]
    pub corpus: PathBuf,

    #[command(flatten)]
    pub place: StoreArgs,

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

/// Forget comments: leave them out of every run from now on, and erase what was kept of them
///
/// Shows which comments are meant, and which sets of results hold them. With --apply a
/// hash of each is added to OUT/forgotten.txt, by which every later run leaves it out,
/// on whatever page and under whatever id it comes; what the store has kept of it is
/// removed. Sets under OUT/runs that hold it are named, and with --remove-sets removed,
/// tables and page included. A set that cannot be looked through is named on stderr, and
/// the exit code is 1.
///
/// A comment is meant if all of --id, --text-matching and --author that are given fit
/// it; others with the same author and the same words go with it. With none of the
/// three, what is forgotten already is looked for and erased again.
///
/// Name corpus, model and settings as for `undertone run`: the store is left with what
/// such a run needs. docs/forgetting.md says what this covers and what it cannot.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct ForgetArgs {
    /// Folder with the pages
    #[arg(long, value_name = "DIR", default_value = "corpus/sample")]
    pub corpus: PathBuf,

    #[command(flatten)]
    pub place: StoreArgs,

    /// The comments of these ids, as the list shows them; the post's id and a slash may stand before
    #[arg(long, value_name = "POST/COMMENT", num_args = 1..)]
    pub id: Vec<String>,

    /// Comments with text that this regular expression finds; (?i) at its beginning for capitals and small letters alike
    #[arg(long, value_name = "REGEX", value_parser = regex::Regex::new)]
    pub text_matching: Option<regex::Regex>,

    /// Comments by this author, the name written as the page has it
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,

    /// Forget them; without it they are only shown
    #[arg(long)]
    pub apply: bool,

    /// Remove the sets that hold them as well, the latest too
    #[arg(long, requires = "apply")]
    pub remove_sets: bool,

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

/// Show what is read from pages, as one JSON object per post
///
/// Prints one JSON object per post to stdout:
///
///   {"id", "source", "title", "published", "body",
///    "comments": [{"id", "parent", "author", "published", "text"}],
///    "warnings": []}
///
/// What a page does not state is null. Use it to check that your pages are read
/// as you see them.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct IngestArgs {
    /// Pages, or folders of pages
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// Show what cleaning finds in pages: whose words are whose, what is nobody's, what is there twice
///
/// Prints each comment with what was found in it, coloured on a terminal and in
/// brackets elsewhere, so that you can judge it: quotations, links, furniture of
/// the page, changed characters, duplicates, other languages, and the personal
/// data that would be redacted. Nothing is scored and nothing is changed.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct CleanArgs {
    /// Pages, or folders of pages
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Print one JSON object per post instead
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub reading: ReadingArgs,

    #[command(flatten)]
    pub cleaning: CleaningArgs,

    #[command(flatten)]
    pub redaction: RedactionArgs,
}

/// Score texts from stdin, one JSON object per line
///
/// Reads JSON Lines from stdin, each an object with at least "text", and writes
/// each back, in the same order, with
///
///   "sentiment":       {"label", "negative", "neutral", "positive"}
///   "themes":          {"<theme>": probability, ...}
///   "themes_assigned": ["<theme>", ...]
///   "attitudes":       {"<theme>": {"label", "negative", "neutral", "positive"}}, of those assigned
///   "quoted_only":     true if nothing in the text is its writer's own
///
/// A line may have "answers", the text that it answers. All other fields are kept as
/// they are; fields of these five names are replaced. Each text is cleaned by itself,
/// without its thread. Answers come as soon as they are ready, a fraction of a second after
/// a lone line, and memory does not grow with the input. A line that is no object
/// with a text is answered in its place by {"error": ..., "line": n}.
///
///   echo '{"text": "Sixty cases and no admin."}' | undertone score
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct ScoreArgs {
    #[command(flatten)]
    pub cleaning: CleaningArgs,

    #[command(flatten)]
    pub scoring: ScoringArgs,

    /// Name no bad lines on stderr; they are answered on stdout all the same
    #[arg(long, short)]
    pub quiet: bool,
}

/// Show the themes in force, with their thresholds
///
/// Shows each theme with its threshold, where that comes from, and whether the model was trained on the theme or
/// matches its description.
#[derive(Debug, Args)]
pub(in crate::cli) struct ThemesArgs {
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub scoring: ScoringArgs,
}

/// Print the JSON Schema of an output
///
/// Prints JSON Schema (2020-12) made from the program's own output types.
#[derive(Debug, Args)]
pub(in crate::cli) struct SchemaArgs {
    /// Which output
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(crate::output::SECTIONS), default_value = "summary")]
    pub output: String,
}

/// Begin a folder of your own: settings, themes, a place for pages, and examples for running every night
///
/// Writes undertone.toml with every setting and what it means, pages/ with a description of the forms of page that are
/// read, themes.toml to edit, and nightly/ with a systemd timer, a line for cron, and a script that fetches pages.
#[derive(Debug, Args)]
pub(in crate::cli) struct InitArgs {
    /// The folder. It is made, or must be empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Show every setting of a run, its value, and where that comes from
///
/// Values come from the program's defaults, from undertone.toml (or the file that --settings or UNDERTONE_SETTINGS names),
/// from the environment (UNDERTONE_CORPUS, UNDERTONE_MAX_PAGE_MB and so on) and from options; what comes later in this
/// order goes before. Give the options of `undertone run` that you mean to give it.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigArgs {
    #[command(flatten)]
    pub run: RunArgs,

    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Check whether a run can do its job, and say what to do where it cannot
///
/// Looks at libtorch, the processor, the settings, the model, the themes, the list of office-holders, the periods and the
/// sample of the comparison, the pages, the list of forgotten comments, the folder of results, the free space there, and the
/// store. Nothing is scored or fetched. Each line begins with ok, warning or problem; with a problem the exit code is 1. Give the options of `undertone run` that you mean to give it.
#[derive(Debug, Args)]
pub(in crate::cli) struct DoctorArgs {
    #[command(flatten)]
    pub run: RunArgs,

    /// Print JSON instead
    #[arg(long)]
    pub json: bool,
}

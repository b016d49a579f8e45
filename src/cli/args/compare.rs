//! Arguments of comparisons, and what `undertone run` takes of them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

/// What every command that compares takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct ComparisonArgs {
    /// What is compared: year, quarter or month [default: the eras where a file of them is named, else year]
    #[arg(long, value_name = "PERIOD", value_enum, conflicts_with = "eras")]
    pub by: Option<By>,

    /// File of named eras to compare in place of years; examples/eras.toml shows its form
    #[arg(long, value_name = "FILE", conflicts_with = "by")]
    pub eras: Option<PathBuf>,

    /// Labelled sample of your own comments (`undertone sample`), by which shares are corrected for the model's errors
    #[arg(long, value_name = "FILE")]
    pub sample: Option<PathBuf>,
}

/// A period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum By {
    /// Years
    Year,
    /// Quarters: from January, April, July and October
    Quarter,
    /// Months
    Month,
}

/// Compare periods: what rose, what fell, and what cannot be told
///
/// Reads the latest set of a run and compares its periods, theme by theme. Without
/// --theme a table: the share of each theme in the first and in the last whole period that
/// has enough comments, with 95% intervals, the change, whether it is certain, and the trend. With --theme an
/// answer about one theme, with a sentence to quote:
///
///   undertone compare --theme workload --from 2018 --to 2023
///
/// Intervals allow for comments under one post being alike, and a change is called
/// certain only where it is so among all that were looked at. A period that is not
/// over is compared with the same part of the one before. With --sample, shares are
/// corrected for the model's errors. docs/comparing.md says how to read all of it.
///
/// `undertone run` writes the same as comparison.json, comparison.csv and
/// comparison.parquet, and beside it themes that nobody asked for, which takes the
/// vectors of texts and is left out here.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct CompareArgs {
    /// Folder of the results: what `undertone run` was given as --out
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub results: PathBuf,

    #[command(flatten)]
    pub comparison: ComparisonArgs,

    /// First period to compare, such as 2014, 2014-Q3 or 2014-07, or the name of an era
    #[arg(long, value_name = "PERIOD")]
    pub from: Option<String>,

    /// Last period to compare
    #[arg(long, value_name = "PERIOD")]
    pub to: Option<String>,

    /// Day that the data are complete to, such as 2023-12-31 [default: the latest day found]. A period that ends after it
    /// is not over, and days after it are left out
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,

    /// Theme to answer about, by its id
    #[arg(long, value_name = "ID", conflicts_with = "json")]
    pub theme: Option<String>,

    /// Print everything as JSON: what `run` writes as comparison.json
    #[arg(long)]
    pub json: bool,

    /// Folder to write comparison.json, comparison.csv and comparison.parquet to
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Nothing on stderr but what went wrong
    #[arg(long, short)]
    pub quiet: bool,
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "write year, month and day, such as 2023-12-31".to_owned())
}

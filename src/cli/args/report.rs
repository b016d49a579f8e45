//! Arguments of the report.

use std::path::PathBuf;

use clap::Args;

/// Show a comparison as one page for a browser: what is spoken of, what changed, and how sure that is
///
/// Makes report/index.html from comparison.json, summary.json and run.json of the latest set.
/// The page is one file: it needs no network, can be sent or printed, and can be read without
/// script. Every figure on it stands in these files; none is computed anew.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct ReportArgs {
    /// Folder of the results: what `undertone run` was given as --out
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub results: PathBuf,

    /// File to write [default: report/index.html in the latest set]. A page elsewhere is not removed when comments are
    /// forgotten
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

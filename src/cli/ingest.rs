//! `undertone ingest`: what is read from pages.

use std::io::Write;

use rayon::prelude::*;

use super::Outcome;
use super::args::IngestArgs;
use super::failure::Failure;
use super::settings::read_limits;
use crate::progress::say;
use crate::reading::Corpus;

/// Pages read side by side before their posts are printed, so that memory stays bounded.
const CHUNK: usize = 64;

pub(super) fn ingest(args: &IngestArgs) -> Result<Outcome, Failure> {
    let corpus = Corpus::gather(&args.paths, read_limits(&args.reading))?;
    let mut outcome = Outcome::Complete;
    let mut skip = |source: &str, reason: &str| {
        say(&format!("skipped {source}: {reason}"));
        outcome = Outcome::SomeSkipped;
    };
    for notice in corpus.notices() {
        skip(&notice.source, &notice.reason);
    }
    let mut read = 0;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for begin in (0..corpus.len()).step_by(CHUNK) {
        let end = corpus.len().min(begin + CHUNK);
        let pages: Vec<_> = (begin..end)
            .into_par_iter()
            .filter_map(|index| corpus.read(index))
            .collect();
        for page in pages {
            match page {
                Ok(page) => {
                    serde_json::to_writer(&mut out, &page.post)
                        .map_err(std::io::Error::from)
                        .and_then(|()| out.write_all(b"\n"))
                        .map_err(Failure::Stdout)?;
                    read += 1;
                }
                Err(skipped) => skip(&skipped.source, &skipped.reason),
            }
        }
    }
    out.flush().map_err(Failure::Stdout)?;
    if read == 0 {
        let paths: Vec<String> = args
            .paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(Failure::NothingRead(paths.join(", ")));
    }
    Ok(outcome)
}

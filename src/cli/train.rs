//! `undertone train`: a new bundle from labelled texts.

use std::io::Write;

use super::Outcome;
use super::args::TrainArgs;
use super::failure::Failure;
use super::settings::threads_or_cores;
use crate::progress::Progress;
use crate::training::{self, TrainingConfig};

pub(super) fn train(args: &TrainArgs) -> Result<Outcome, Failure> {
    let config = TrainingConfig::from_file(&args.config)?;
    let progress = Progress::new(args.quiet);
    let report = training::train(
        &config,
        &args.data,
        &args.encoder,
        &args.out,
        threads_or_cores(args.threads),
        &progress,
    )?;
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &report)
        .map_err(std::io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .map_err(Failure::Stdout)?;
    Ok(Outcome::Complete)
}

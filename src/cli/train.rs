//! `undertone train`: a new bundle from labelled texts.

use super::args::TrainArgs;
use super::failure::Failure;
use super::settings::threads_or_cores;
use super::{Outcome, print_json};
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
    print_json(&report)?;
    Ok(Outcome::Complete)
}

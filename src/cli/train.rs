//! `undertone train`: a new bundle from labelled texts.

use std::time::Duration;

use super::args::TrainArgs;
use super::failure::Failure;
use super::settings::threads_or_cores;
use super::{Outcome, print_json};
use crate::progress::Progress;
use crate::training::{self, TrainingConfig, TrainingMeans, TrainingPlaces};

pub(super) fn train(args: &TrainArgs) -> Result<Outcome, Failure> {
    let config = TrainingConfig::from_file(&args.config)?;
    let places = TrainingPlaces {
        data: args.data.clone(),
        comments: args.comments.clone(),
        encoder: args.encoder.clone(),
        teacher: args.teacher.clone(),
        checkpoints: args.checkpoints.clone(),
        out: args.out.clone(),
    };
    let progress = Progress::new(args.quiet);
    let means = TrainingMeans {
        precision: args.precision,
        threads: threads_or_cores(args.threads),
        checkpoint_every: Duration::from_secs(args.checkpoint_every),
    };
    let report = training::train(&config, &places, means, &progress)?;
    print_json(&report)?;
    Ok(Outcome::Complete)
}

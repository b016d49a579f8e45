//! `undertone train`: a new bundle from labelled texts, or one theme improved.

use std::time::Duration;

use super::args::TrainArgs;
use super::failure::Failure;
use super::improve::improve;
use super::settings::threads_or_cores;
use super::{Outcome, print_json};
use crate::progress::Progress;
use crate::training::{self, TrainingConfig, TrainingMeans, TrainingPlaces};

pub(super) fn train(args: TrainArgs) -> Result<Outcome, Failure> {
    // The argument parser lets nothing else through than a theme, or settings with all four places.
    let (Some(config), Some(data), Some(encoder), Some(checkpoints), Some(out)) = (
        &args.config,
        &args.data,
        &args.encoder,
        &args.checkpoints,
        &args.out,
    ) else {
        return improve(args);
    };
    let config = TrainingConfig::from_file(config)?;
    let places = TrainingPlaces {
        data: data.clone(),
        comments: args.comments.clone(),
        encoder: encoder.clone(),
        teacher: args.teacher.clone(),
        checkpoints: checkpoints.clone(),
        out: out.clone(),
    };
    let progress = Progress::new(args.quiet);
    let means = TrainingMeans {
        precision: args.scoring.precision,
        threads: threads_or_cores(args.scoring.threads),
        checkpoint_every: Duration::from_secs(args.checkpoint_every),
    };
    let report = training::train(&config, &places, means, &progress)?;
    print_json(&report)?;
    Ok(Outcome::Complete)
}

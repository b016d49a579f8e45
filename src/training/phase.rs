//! One phase of training: steps over batches, checkpoints, and looks at the development data.

use std::time::Instant;

use tch::{Kind, Tensor};

use super::checkpoint::Checkpoint;
use super::config::{PhaseConfig, TrainingConfig, TrainingError};
use super::examples::Example;
use super::lots::{generator, order};
use super::network::{Dropout, LossWeights, Network, Shown};
use super::optimiser::{Optimiser, schedule};
use super::train::TrainingMeans;
use crate::progress::Progress;

/// The loss that is shown is a mean over about this many steps.
const SHOWN_OVER: f64 = 50.0;

/// What a phase is trained with.
pub(super) struct PhaseRun<'a> {
    pub config: &'a TrainingConfig,
    pub number: usize,
    /// General texts, then comments.
    pub examples: &'a [Example],
    /// How many of them are general texts.
    pub texts: usize,
    pub checkpoint: Checkpoint,
    pub means: TrainingMeans,
    pub progress: &'a Progress,
}

impl PhaseRun<'_> {
    /// Trains `network` in place; `look` measures it on the development data and says what it found.
    pub fn train(
        &self,
        network: &Network,
        look: impl Fn(&Network) -> Result<String, TrainingError>,
    ) -> Result<(), TrainingError> {
        let phase = &self.config.phase[self.number];
        let name = format!("phase {}", self.number + 1);
        if self.checkpoint.load_finished(network)? {
            self.progress.log(&format!("{name}: trained before"));
            return Ok(());
        }
        let groups = [
            (self.texts, phase.texts),
            (self.examples.len() - self.texts, phase.comments),
        ];
        let order = order(&groups, self.config.seed, &name);
        let batches: Vec<&[usize]> = order.chunks(self.config.steps.batch).collect();
        let weights = LossWeights::new(&self.config.loss, self.examples);
        let mut optimiser = Optimiser::new(network, &self.config.steps);
        let begin = self.checkpoint.load(network, &optimiser)?;
        if begin > 0 {
            let steps = batches.len();
            self.progress
                .log(&format!("{name}: goes on after step {begin} of {steps}"));
        }
        let done = (begin * self.config.steps.batch) as u64;
        let stage = self.progress.stage_from(&name, done, order.len() as u64);
        let mut parts: Vec<Network> = (0..self.config.steps.parts)
            .map(|_| {
                let mut place = 0;
                network.map(|tensor| {
                    let trained = place > 0 || self.config.steps.words;
                    place += 1;
                    let copy = tensor.detach().to_kind(self.means.precision.kind());
                    copy.set_requires_grad(trained)
                })
            })
            .collect();
        let mut shown_loss: Option<f64> = None;
        let mut saved = Instant::now();
        for (step, batch) in batches.iter().enumerate().skip(begin) {
            let (loss, gradients) = self.gradients(&mut parts, batch, step, &weights)?;
            let share = schedule(step, batches.len(), phase.warmup);
            optimiser.step(network, gradients, phase, step, share, self.means.threads)?;
            self.refresh(network, &parts)?;
            let mean = loss / batch.len() as f64;
            let smooth = shown_loss.map_or(mean, |old| old + (mean - old) / SHOWN_OVER);
            shown_loss = Some(smooth);
            stage.note(&format!("loss {smooth:.3}"));
            stage.advance(batch.len() as u64);
            let done = step + 1;
            // Looks are spread evenly; the last one is at the end.
            if done * phase.looks / batches.len() > step * phase.looks / batches.len() {
                let found = look(network)?;
                self.progress
                    .log(&format!("{name}, step {done}: loss {smooth:.3}, {found}"));
            }
            if saved.elapsed() >= self.means.checkpoint_every {
                self.checkpoint.save(network, &optimiser, done)?;
                saved = Instant::now();
            }
        }
        stage.finish();
        self.checkpoint.finish(network)
    }

    /// The summed loss of a batch and its mean gradient. The parts of the batch are computed side by side and their
    /// gradients added in order.
    fn gradients(
        &self,
        parts: &mut [Network],
        batch: &[usize],
        step: usize,
        weights: &LossWeights,
    ) -> Result<(f64, Vec<Option<Tensor>>), TrainingError> {
        let mut by_length: Vec<usize> = batch.to_vec();
        by_length.sort_by_key(|place| (self.examples[*place].tokens(), *place));
        let groups: Vec<&[usize]> = by_length.chunks(self.config.steps.together).collect();
        // To and fro, so that no part has all the long ones.
        let count = parts.len();
        let part_of = |group: usize| {
            let (turn, place) = (group / count, group % count);
            if turn % 2 == 0 {
                place
            } else {
                count - 1 - place
            }
        };
        let mut jobs: Vec<(usize, &mut Network)> = parts.iter_mut().enumerate().collect();
        let mut losses = Vec::with_capacity(count);
        // As many at a time as there are threads; which runs when changes nothing.
        while !jobs.is_empty() {
            let now = jobs.drain(..self.means.threads.clamp(1, jobs.len()));
            let results: Vec<Result<f64, TrainingError>> = std::thread::scope(|scope| {
                let running: Vec<_> = now
                    .map(|(part, network)| {
                        let mine = groups.iter().enumerate();
                        let mine = mine.filter(move |(group, _)| part_of(*group) == part);
                        let mine: Vec<(usize, &[usize])> =
                            mine.map(|(group, places)| (group, *places)).collect();
                        scope.spawn(move || self.backward(network, &mine, step, weights))
                    })
                    .collect();
                running
                    .into_iter()
                    .map(|thread| match thread.join() {
                        Ok(result) => result,
                        Err(panic) => std::panic::resume_unwind(panic),
                    })
                    .collect()
            });
            for result in results {
                losses.push(result?);
            }
        }
        let of_parts: Vec<Vec<Tensor>> = parts
            .iter()
            .map(|part| {
                let parameters = part.parameters().into_iter();
                parameters.map(|(_, tensor)| tensor.grad()).collect()
            })
            .collect();
        let parameters = of_parts.first().map_or(0, Vec::len);
        let gradients = (0..parameters)
            .map(|parameter| {
                let mut sum: Option<Tensor> = None;
                for part in &of_parts {
                    let gradient = &part[parameter];
                    if gradient.defined() {
                        let gradient = gradient.f_to_kind(Kind::Float)?;
                        sum = Some(match sum {
                            None => gradient,
                            Some(sum) => sum.f_add(&gradient)?,
                        });
                    }
                }
                sum.map(|sum| sum.f_div_scalar(batch.len() as f64))
                    .transpose()
            })
            .collect::<Result<Vec<_>, tch::TchError>>()?;
        Ok((losses.iter().sum(), gradients))
    }

    /// Runs one part's groups forward and backward; the gradients stay in the part's parameters.
    fn backward(
        &self,
        network: &mut Network,
        groups: &[(usize, &[usize])],
        step: usize,
        weights: &LossWeights,
    ) -> Result<f64, TrainingError> {
        // One core a part, so that sums are split in the same way everywhere.
        tch::set_num_threads(1);
        for (_, tensor) in network.parameters() {
            tensor.shallow_clone().zero_grad();
        }
        let mut sum = 0.0;
        for (group, places) in groups {
            let purpose = format!("phase {}, step {step}, group {group}", self.number + 1);
            let mut generator = generator(self.config.seed, &purpose);
            let alone = |lot: u64| (lot as f64) < self.config.steps.alone * u64::MAX as f64;
            let shown: Vec<Shown<'_>> = places
                .iter()
                .map(|place| Shown {
                    example: &self.examples[*place],
                    alone: alone(rand_chacha::rand_core::RngCore::next_u64(&mut generator)),
                })
                .collect();
            let noise = Dropout::new(self.config.steps.dropout, generator);
            let loss = network.loss(&shown, weights, &noise)?;
            loss.f_backward()?;
            sum += f64::try_from(&loss)?;
        }
        Ok(sum)
    }

    /// Brings the parts' copies of the parameters up to date, where they are copies.
    fn refresh(&self, network: &Network, parts: &[Network]) -> Result<(), TrainingError> {
        if self.means.precision.kind() == Kind::Float {
            // Same memory.
            return Ok(());
        }
        tch::no_grad(|| {
            for part in parts {
                for ((_, copy), (_, parameter)) in
                    part.parameters().iter().zip(network.parameters())
                {
                    copy.shallow_clone().f_copy_(parameter)?;
                }
            }
            Ok(())
        })
    }
}

/// The schedule a phase follows, for the key of its checkpoint.
pub(super) fn describe(phase: &PhaseConfig) -> String {
    // Looks change nothing about the weights.
    let decisive = PhaseConfig {
        looks: 0,
        ..phase.clone()
    };
    format!("{decisive:?}")
}

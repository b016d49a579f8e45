//! One phase of training: steps over batches, checkpoints, and looks at the development data.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use tch::{Kind, Tensor};

use super::checkpoint::Checkpoint;
use super::config::{PhaseConfig, StepConfig, TrainingConfig, TrainingError};
use super::described::DescribedThemes;
use super::dropout::Dropout;
use super::examples::Example;
use super::lots::{generator, order};
use super::network::{Asked, Network};
use super::optimiser::{Optimiser, layer_of, schedule};
use super::teacher::{Opinion, Teacher};
use super::train::TrainingMeans;
use super::weights::{LossWeights, Shown};
use crate::passage::Passage;
use crate::progress::Progress;

/// The loss that is shown is a mean over about this many steps.
const SHOWN_OVER: f64 = 50.0;

/// What a phase's steps work towards.
struct Aims {
    weights: LossWeights,
    /// What the teacher thinks, by example.
    opinions: BTreeMap<usize, Opinion>,
}

/// What a phase is trained with.
pub(super) struct PhaseRun<'a> {
    pub config: &'a TrainingConfig,
    pub number: usize,
    /// General texts, then comments.
    pub examples: &'a [Example],
    /// How many of them are general texts.
    pub texts: usize,
    /// Themes as texts, if they are learnt.
    pub described: Option<&'a DescribedThemes>,
    pub checkpoint: Checkpoint,
    pub means: TrainingMeans,
    pub progress: &'a Progress,
}

impl PhaseRun<'_> {
    fn name(&self) -> String {
        format!("phase {}", self.number + 1)
    }

    /// The places of its examples, in the order in which it goes through them.
    fn order(&self) -> Vec<usize> {
        let phase = &self.config.phase[self.number];
        let groups = [
            (self.texts, phase.texts),
            (self.examples.len() - self.texts, phase.comments),
        ];
        order(&groups, self.config.seed, &self.name())
    }

    /// Trains `network` in place; `teacher` is asked if the phase has one, `look` measures the network on the development
    /// data and says what it found.
    pub fn train(
        &self,
        network: &Network,
        teacher: Option<&Teacher>,
        look: impl Fn(&Network) -> Result<String, TrainingError>,
    ) -> Result<(), TrainingError> {
        let phase = &self.config.phase[self.number];
        let name = self.name();
        if self.checkpoint.load_finished(network)? {
            self.progress.log(&format!("{name}: trained before"));
            return Ok(());
        }
        let order = self.order();
        let batches: Vec<&[usize]> = order.chunks(self.config.steps.batch).collect();
        let aims = Aims {
            weights: LossWeights::new(
                &self.config.loss,
                phase.teacher,
                phase.described,
                self.examples,
            ),
            opinions: self.opinions(teacher, &order)?,
        };
        let mut optimiser = Optimiser::new(network, &self.config.steps);
        let begin = self.checkpoint.load(network, &optimiser)?;
        if begin > 0 {
            let steps = batches.len();
            self.progress
                .log(&format!("{name}: goes on after step {begin} of {steps}"));
        }
        let done = (begin * self.config.steps.batch) as u64;
        let stage = self.progress.stage_from(&name, done, order.len() as u64);
        let trained = trained(network, &self.config.steps);
        let mut parts: Vec<Network> = (0..self.config.steps.parts)
            .map(|_| {
                let mut trained = trained.iter();
                network.map(|tensor| {
                    let trained = trained.next().is_some_and(|trained| *trained);
                    let copy = tensor.detach().to_kind(self.means.precision.kind());
                    copy.set_requires_grad(trained)
                })
            })
            .collect();
        let mut shown_loss: Option<f64> = None;
        let mut saved = Instant::now();
        for (step, batch) in batches.iter().enumerate().skip(begin) {
            let (loss, gradients) = self.gradients(&mut parts, batch, step, &aims)?;
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

    /// What the teacher thinks of the examples at these places, if the phase has one.
    fn opinions(
        &self,
        teacher: Option<&Teacher>,
        places: &[usize],
    ) -> Result<BTreeMap<usize, Opinion>, TrainingError> {
        let asked = self.config.phase[self.number].teacher > 0.0;
        let Some(teacher) = teacher.filter(|_| asked) else {
            return Ok(BTreeMap::new());
        };
        let places: BTreeSet<usize> = places.iter().copied().collect();
        let passages: Vec<&Passage> = places
            .iter()
            .map(|place| &self.examples[*place].passage)
            .collect();
        let opinions = teacher.opinions(&passages, self.progress)?;
        Ok(places.into_iter().zip(opinions).collect())
    }

    /// Tokens that are encoded for examples that are encoded at once: all their windows are filled up to the longest.
    fn cost(&self, places: &[usize]) -> usize {
        let windows = || {
            let examples = places.iter().map(|place| &self.examples[*place]);
            examples.flat_map(|example| &example.windows)
        };
        let longest = windows().map(|window| window.ids.len()).max().unwrap_or(0);
        windows().count() * longest
    }

    /// The summed loss of a batch and its mean gradient. The parts of the batch are computed side by side and their
    /// gradients added in order.
    fn gradients(
        &self,
        parts: &mut [Network],
        batch: &[usize],
        step: usize,
        aims: &Aims,
    ) -> Result<(f64, Vec<Option<Tensor>>), TrainingError> {
        let mut by_length: Vec<usize> = batch.to_vec();
        by_length.sort_by_key(|place| (self.examples[*place].tokens(), *place));
        let groups: Vec<&[usize]> = by_length
            .chunks(self.config.phase[self.number].together)
            .collect();
        let costs: Vec<usize> = groups.iter().map(|group| self.cost(group)).collect();
        let part_of = shares(&costs, parts.len());
        let part_of = &part_of;
        let part_count = parts.len();
        let mut jobs: Vec<(usize, &mut Network)> = parts.iter_mut().enumerate().collect();
        let mut losses = Vec::with_capacity(part_count);
        // As many at a time as there are threads; which runs when changes nothing.
        while !jobs.is_empty() {
            let now = jobs.drain(..self.means.threads.clamp(1, jobs.len()));
            let results: Vec<Result<f64, TrainingError>> = std::thread::scope(|scope| {
                let running: Vec<_> = now
                    .map(|(part, network)| {
                        let mine = groups.iter().enumerate();
                        let mine = mine.filter(move |(group, _)| part_of[*group] == part);
                        let mine: Vec<(usize, &[usize])> =
                            mine.map(|(group, places)| (group, *places)).collect();
                        scope.spawn(move || self.backward(network, &mine, step, aims))
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
        aims: &Aims,
    ) -> Result<f64, TrainingError> {
        // One core a part, so that sums are split in the same way everywhere.
        tch::set_num_threads(1);
        for (_, tensor) in network.parameters() {
            tensor.shallow_clone().zero_grad();
        }
        let asked = self.ask(network, groups, step)?;
        let mut sum = 0.0;
        for (group, places) in groups {
            let purpose = format!("phase {}, step {step}, group {group}", self.number + 1);
            let mut generator = generator(self.config.seed, &purpose);
            let alone = |lot: u64| (lot as f64) < self.config.steps.alone * u64::MAX as f64;
            let shown: Vec<Shown<'_>> = places
                .iter()
                .map(|place| Shown {
                    example: &self.examples[*place],
                    opinion: aims.opinions.get(place),
                    alone: alone(rand_chacha::rand_core::RngCore::next_u64(&mut generator)),
                })
                .collect();
            let noise = Dropout::new(self.config.steps.dropout, generator);
            let of_themes = asked.as_ref().map(|(asked, _)| asked);
            let loss = network.loss(&shown, of_themes, &aims.weights, &noise)?;
            loss.f_backward()?;
            sum += f64::try_from(&loss)?;
        }
        if let Some((asked, vectors)) = asked {
            // What the groups found out about the themes' vectors goes on into the encoder.
            let gradient = asked.vectors.grad();
            vectors.f_mul(&gradient)?.f_sum(Kind::Float)?.f_backward()?;
        } else if self.described().is_some() {
            network.nothing_compared()?.f_backward()?;
        }
        Ok(sum)
    }

    /// The themes as texts, if the phase compares comments with them.
    fn described(&self) -> Option<&DescribedThemes> {
        let compares = self.config.phase[self.number].compares();
        self.described.filter(|_| compares)
    }

    /// The themes as texts that a part compares its examples with: their vectors by themselves, and as what the encoder
    /// made. None where nothing is compared.
    fn ask(
        &self,
        network: &Network,
        groups: &[(usize, &[usize])],
        step: usize,
    ) -> Result<Option<(Asked, Tensor)>, TrainingError> {
        let Some(described) = self.described() else {
            return Ok(None);
        };
        let places = groups.iter().flat_map(|(_, places)| *places);
        let examples: Vec<&Example> = places
            .map(|place| &self.examples[*place])
            .filter(|example| example.is_comment())
            .collect();
        let Some((first, _)) = groups.first().filter(|_| !examples.is_empty()) else {
            return Ok(None);
        };
        // The first group names the part.
        let purpose = format!("phase {}, step {step}, themes {first}", self.number + 1);
        let mut generator = generator(self.config.seed, &purpose);
        let chosen = described.choose(&examples, &mut generator);
        let shown: Vec<Shown<'_>> = chosen
            .iter()
            .map(|(_, example)| Shown {
                example,
                opinion: None,
                alone: true,
            })
            .collect();
        let noise = Dropout::new(self.config.steps.dropout, generator);
        let vectors = network.vectors(&shown, &noise)?.whole;
        let asked = Asked {
            places: chosen.into_iter().map(|(place, _)| place).collect(),
            vectors: vectors.detach().set_requires_grad(true),
        };
        Ok(Some((asked, vectors)))
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

/// Which part each group is computed in: the costliest first, each in the part that has least to do (Graham 1969).
fn shares(costs: &[usize], parts: usize) -> Vec<usize> {
    let mut by_cost: Vec<usize> = (0..costs.len()).collect();
    by_cost.sort_by_key(|group| (std::cmp::Reverse(costs[*group]), *group));
    let mut loads = vec![0; parts];
    let mut share = vec![0; costs.len()];
    for group in by_cost {
        // The first of those with the least.
        let part = (0..parts).min_by_key(|part| loads[*part]).unwrap_or(0);
        loads[part] += costs[group];
        share[group] = part;
    }
    share
}

/// Which parameters are trained, in their order.
fn trained(network: &Network, steps: &StepConfig) -> Vec<bool> {
    let depth = network.encoder.depth();
    let lowest = depth - steps.layers.map_or(depth, |layers| layers.min(depth));
    network
        .parameters()
        .iter()
        .map(|(name, _)| match layer_of(name) {
            Some(layer) => layer >= lowest,
            None if name.starts_with("heads.") => true,
            None if name.contains("word_embeddings") => steps.words && lowest == 0,
            None => lowest == 0,
        })
        .collect()
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

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn parts_have_as_much_to_do() {
        // 9; 7; 6 to the second part; 5 to the first; 2 to the second; 1 to the first: 15 and 15.
        assert_eq!(shares(&[1, 2, 5, 6, 7, 9], 2), [0, 1, 0, 1, 1, 0]);
        assert_eq!(shares(&[3, 3], 1), [0, 0]);
        assert_eq!(shares(&[], 2), Vec::<usize>::new());
    }
}

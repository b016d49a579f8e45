//! AdamW (Loshchilov and Hutter 2019) with a rate per parameter.

use tch::{Kind, TchError, Tensor};

use super::config::{PhaseConfig, StepConfig, TrainingError};
use super::network::{DESCRIBER, Network};

/// Decay of the mean of gradients and of the mean of their squares: the paper's.
const BETAS: (f64, f64) = (0.9, 0.999);

/// What keeps a parameter that has hardly moved from moving far.
const EPSILON: f64 = 1e-6;

/// What the optimiser remembers of one parameter.
pub(super) struct Moments {
    pub mean: Tensor,
    pub square: Tensor,
}

/// How one parameter is treated.
struct Treatment {
    rate: f64,
    is_head: bool,
    decays: bool,
}

/// The optimiser of one phase.
pub(super) struct Optimiser {
    pub moments: Vec<Moments>,
    treatments: Vec<Treatment>,
    weight_decay: f64,
    clip: f64,
}

impl Optimiser {
    /// An optimiser that has seen nothing. The rate of a layer falls with its distance from the heads.
    pub fn new(network: &Network, steps: &StepConfig) -> Self {
        let depth = network.encoder.depth() as i32;
        let parameters = network.parameters();
        let treatments = parameters
            .iter()
            .map(|(name, tensor)| {
                let is_head = name.starts_with("heads.") && name != DESCRIBER;
                let layer = layer_of(name).map(|layer| layer as i32);
                // Embeddings come below the first layer.
                let below = layer.map_or(depth, |layer| depth - 1 - layer);
                Treatment {
                    rate: if is_head || name == DESCRIBER {
                        1.0
                    } else {
                        steps.layer_decay.powi(below)
                    },
                    is_head,
                    decays: tensor.dim() == 2 && !name.contains("embeddings"),
                }
            })
            .collect();
        Self {
            moments: parameters
                .iter()
                .map(|(_, tensor)| Moments {
                    mean: tensor.zeros_like(),
                    square: tensor.zeros_like(),
                })
                .collect(),
            treatments,
            weight_decay: steps.weight_decay,
            clip: steps.clip,
        }
    }

    /// Moves every parameter of `network` by its gradient, None for one that is not trained. `step` counts from 0
    /// within the phase, `schedule` is the share of the highest rate that holds now.
    pub fn step(
        &mut self,
        network: &Network,
        gradients: Vec<Option<Tensor>>,
        phase: &PhaseConfig,
        step: usize,
        schedule: f64,
        threads: usize,
    ) -> Result<(), TrainingError> {
        let mut squares = 0.0;
        for gradient in gradients.iter().flatten() {
            let square = gradient.f_square()?.f_sum(Kind::Double)?;
            squares += f64::try_from(&square)?;
        }
        let norm = squares.sqrt();
        if !norm.is_finite() {
            let problem = format!("the gradient of step {step} is not a number");
            return Err(TrainingError::Astray(problem));
        }
        let (first, second) = BETAS;
        let count = step as i32 + 1;
        let unbias = (1.0 - first.powi(count), 1.0 - second.powi(count));
        let shorten = (self.clip / norm).min(1.0);
        let weight_decay = self.weight_decay;
        let parameters = network.parameters();
        let mut moves: Vec<Move<'_>> = parameters
            .iter()
            .zip(gradients)
            .zip(self.moments.iter_mut().zip(&self.treatments))
            .filter_map(|(((_, parameter), gradient), (moments, treatment))| {
                let highest = if treatment.is_head {
                    phase.head_rate
                } else {
                    phase.rate
                };
                let rate = treatment.rate * schedule * highest;
                Some(Move {
                    parameter: parameter.shallow_clone(),
                    gradient: gradient?,
                    moments,
                    rate,
                    keep: if treatment.decays {
                        1.0 - rate * weight_decay
                    } else {
                        1.0
                    },
                })
            })
            .collect();
        // Parameters do not meet, so threads change nothing about what comes out.
        let share = moves.len().div_ceil(threads.max(1)).max(1);
        std::thread::scope(|scope| {
            let running: Vec<_> = moves
                .chunks_mut(share)
                .map(|moves| {
                    scope.spawn(move || {
                        tch::set_num_threads(1);
                        tch::no_grad(|| {
                            moves
                                .iter_mut()
                                .try_for_each(|one| one.make(shorten, unbias))
                        })
                    })
                })
                .collect();
            running
                .into_iter()
                .try_for_each(|thread| match thread.join() {
                    Ok(result) => result.map_err(TrainingError::Tensors),
                    Err(panic) => std::panic::resume_unwind(panic),
                })
        })
    }
}

/// What happens to one parameter in one step.
struct Move<'a> {
    parameter: Tensor,
    gradient: Tensor,
    moments: &'a mut Moments,
    rate: f64,
    /// What weight decay leaves of the parameter.
    keep: f64,
}

impl Move<'_> {
    fn make(&mut self, shorten: f64, unbias: (f64, f64)) -> Result<(), TchError> {
        let gradient = self.gradient.f_mul_scalar(shorten)?;
        let _ = self.moments.mean.f_lerp_(&gradient, 1.0 - BETAS.0)?;
        let squared = gradient.f_square()?;
        let _ = self.moments.square.f_lerp_(&squared, 1.0 - BETAS.1)?;
        let spread = self
            .moments
            .square
            .f_div_scalar(unbias.1)?
            .f_sqrt_()?
            .f_add_scalar_(EPSILON)?;
        let change = self
            .moments
            .mean
            .f_mul_scalar(self.rate / unbias.0)?
            .f_div_(&spread)?;
        let _ = self.parameter.f_mul_scalar_(self.keep)?.f_sub_(&change)?;
        Ok(())
    }
}

/// The layer that a parameter belongs to by its name.
pub(super) fn layer_of(name: &str) -> Option<usize> {
    let rest = name.strip_prefix("encoder.layer.")?;
    rest.split('.').next()?.parse().ok()
}

/// The share of the highest rate that holds at a step: it rises linearly, then falls linearly towards 0.
pub(super) fn schedule(step: usize, steps: usize, warmup: f64) -> f64 {
    let rising = (steps as f64 * warmup).max(1.0);
    let at = step as f64 + 1.0;
    if at <= rising {
        at / rising
    } else {
        (steps as f64 - step as f64) / (steps as f64 - rising + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use tch::{Kind, Tensor};

    use super::{BETAS, Moments, Move, schedule};

    /// torch.optim.AdamW(lr=0.1, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.02) in float64, after
    /// torch.nn.utils.clip_grad_norm_ to 2.5, the rate at 1, 1/2 and 1/4 of 0.1.
    #[test]
    fn steps_are_those_of_torch() {
        let doubles = |numbers: &[f64]| Tensor::from_slice(numbers).reshape([2, 2]);
        let parameter = doubles(&[1.0, -2.0, 0.5, 3.0]);
        let mut moments = Moments {
            mean: parameter.zeros_like(),
            square: parameter.zeros_like(),
        };
        let gradients = [
            [0.5, -1.0, 0.0, 2.0],
            [3.0, 4.0, 0.0, 0.0],
            [-0.25, 0.5, 1e-3, -1.0],
        ];
        for (step, gradient) in gradients.iter().enumerate() {
            let gradient = doubles(gradient);
            let norm = f64::try_from(gradient.square().sum(Kind::Double).sqrt()).expect("a number");
            let rate = 0.1 / f64::from(1 << step);
            let count = step as i32 + 1;
            Move {
                parameter: parameter.shallow_clone(),
                gradient,
                moments: &mut moments,
                rate,
                keep: 1.0 - rate * 0.02,
            }
            .make(
                (2.5 / norm).min(1.0),
                (1.0 - BETAS.0.powi(count), 1.0 - BETAS.1.powi(count)),
            )
            .expect("it steps");
        }
        let expected = [
            0.8357647595365387,
            -1.9218443275333585,
            0.48230900934533005,
            2.8517426828404355,
        ];
        let ours: Vec<f64> = Vec::try_from(parameter.reshape([-1])).expect("numbers");
        for (ours, theirs) in ours.iter().zip(expected) {
            assert!((ours - theirs).abs() < 1e-6, "{ours} and {theirs}");
        }
    }

    #[test]
    fn the_rate_rises_and_falls_to_the_end() {
        let rates: Vec<f64> = (0..10).map(|step| schedule(step, 10, 0.2)).collect();
        assert_eq!(&rates[..2], [0.5, 1.0]);
        assert!(rates[1..].windows(2).all(|pair| pair[0] > pair[1]));
        assert!(rates[9] > 0.0 && rates[9] < 0.12, "{}", rates[9]);
        assert_eq!(schedule(0, 1, 0.0), 1.0);
    }
}

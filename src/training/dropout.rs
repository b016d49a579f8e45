//! Noise for training: activations that are silenced at random.

use std::cell::RefCell;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;
use tch::{TchError, Tensor};

/// Silences activations at random and makes up for them in the others.
pub(super) struct Dropout {
    rate: f64,
    generator: RefCell<ChaCha8Rng>,
}

impl Dropout {
    pub fn new(rate: f64, generator: ChaCha8Rng) -> Self {
        Self {
            rate,
            generator: RefCell::new(generator),
        }
    }

    pub fn apply(&self, tensor: Tensor) -> Result<Tensor, TchError> {
        if self.rate == 0.0 {
            return Ok(tensor);
        }
        // A byte a number is enough: the rate is kept to 1 in 256.
        let silenced = (self.rate * 256.0).round().min(255.0) as u8;
        let kept = 256.0 / (256.0 - f32::from(silenced));
        let mut bytes = vec![0; tensor.numel()];
        self.generator.borrow_mut().fill_bytes(&mut bytes);
        let factors: Vec<f32> = bytes
            .into_iter()
            .map(|byte| if byte < silenced { 0.0 } else { kept })
            .collect();
        let factors = Tensor::f_from_slice(&factors)?
            .f_reshape(tensor.size())?
            .f_to_kind(tensor.kind())?;
        tensor.f_mul(&factors)
    }
}

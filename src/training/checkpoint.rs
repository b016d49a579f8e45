//! Where training is, on disk: a run that was broken off goes on from its last checkpoint.
//!
//! A checkpoint's name is a hash of everything that decides its content, so settings, data or encoders that differ never
//! meet, and a phase that another run with the same beginning has finished is not trained again.

use std::path::{Path, PathBuf};

use tch::{Kind, Tensor};

use super::config::TrainingError;
use super::network::Network;
use super::optimiser::Optimiser;

/// Raised when the same settings would give other weights.
pub(super) const VERSION: u32 = 2;

const STEP: &str = "step";

/// The checkpoint of one phase.
pub(super) struct Checkpoint {
    under_way: PathBuf,
    finished: PathBuf,
}

impl Checkpoint {
    /// The checkpoint of the phase that `key` stands for.
    pub fn new(folder: &Path, key: &str) -> Result<Self, TrainingError> {
        std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        let name = &key[..key.len().min(16)];
        Ok(Self {
            under_way: folder.join(format!("{name}.under-way.safetensors")),
            finished: folder.join(format!("{name}.safetensors")),
        })
    }

    /// The parameters at the end of the phase, if it has been trained before.
    pub fn load_finished(&self, network: &Network) -> Result<bool, TrainingError> {
        if !self.finished.exists() {
            return Ok(false);
        }
        let stored = Stored::read(&self.finished)?;
        for (name, parameter) in network.parameters() {
            stored.fill(&name, parameter)?;
        }
        Ok(true)
    }

    /// Parameters and the optimiser's memory as they were left; the number of steps done, 0 without a checkpoint.
    pub fn load(&self, network: &Network, optimiser: &Optimiser) -> Result<usize, TrainingError> {
        if !self.under_way.exists() {
            return Ok(0);
        }
        let stored = Stored::read(&self.under_way)?;
        for ((name, parameter), moments) in network.parameters().iter().zip(&optimiser.moments) {
            stored.fill(name, parameter)?;
            stored.fill(&format!("{name}.mean"), &moments.mean)?;
            stored.fill(&format!("{name}.square"), &moments.square)?;
        }
        let step = Tensor::zeros([1], (Kind::Int64, tch::Device::Cpu));
        stored.fill(STEP, &step)?;
        Ok(usize::try_from(step.int64_value(&[0])).unwrap_or(0))
    }

    /// Leaves parameters and the optimiser's memory.
    pub fn save(
        &self,
        network: &Network,
        optimiser: &Optimiser,
        step: usize,
    ) -> Result<(), TrainingError> {
        let mut tensors = vec![(STEP.to_owned(), Tensor::from_slice(&[step as i64]))];
        for ((name, parameter), moments) in network.parameters().iter().zip(&optimiser.moments) {
            tensors.push((name.clone(), parameter.shallow_clone()));
            tensors.push((format!("{name}.mean"), moments.mean.shallow_clone()));
            tensors.push((format!("{name}.square"), moments.square.shallow_clone()));
        }
        write(&self.under_way, &tensors)
    }

    /// Leaves the parameters at the end of the phase; what was left under way goes.
    pub fn finish(&self, network: &Network) -> Result<(), TrainingError> {
        let parameters = network.parameters().into_iter();
        let tensors: Vec<(String, Tensor)> = parameters
            .map(|(name, tensor)| (name, tensor.shallow_clone()))
            .collect();
        write(&self.finished, &tensors)?;
        match std::fs::remove_file(&self.under_way) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(failed(&self.under_way, &error))
            }
            _ => Ok(()),
        }
    }
}

/// What a checkpoint file holds.
pub(super) struct Stored {
    path: PathBuf,
    tensors: std::collections::BTreeMap<String, Tensor>,
}

impl Stored {
    pub fn read(path: &Path) -> Result<Self, TrainingError> {
        let tensors = Tensor::read_safetensors(path).map_err(|error| damaged(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            tensors: tensors.into_iter().collect(),
        })
    }

    /// Writes a stored tensor over one of the same shape.
    pub fn fill(&self, name: &str, into: &Tensor) -> Result<(), TrainingError> {
        let stored = self
            .tensors
            .get(name)
            .ok_or_else(|| damaged(&self.path, &format!("it has no {name}")))?;
        if stored.size() != into.size() {
            return Err(damaged(&self.path, &format!("{name} has another shape")));
        }
        let mut into = into.shallow_clone();
        into.f_copy_(stored)?;
        Ok(())
    }
}

/// Writes beside the place and moves there, so that a checkpoint is whole or not there.
pub(super) fn write(path: &Path, tensors: &[(String, Tensor)]) -> Result<(), TrainingError> {
    let part = path.with_extension("part");
    Tensor::write_safetensors(tensors, &part).map_err(|error| failed(&part, &error))?;
    std::fs::File::open(&part)
        .and_then(|file| file.sync_all())
        .map_err(|error| failed(&part, &error))?;
    std::fs::rename(&part, path).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, problem: &dyn std::fmt::Display) -> TrainingError {
    TrainingError::Unwritable {
        file: path.display().to_string(),
        problem: problem.to_string(),
    }
}

fn damaged(path: &Path, problem: &dyn std::fmt::Display) -> TrainingError {
    TrainingError::Damaged {
        file: path.display().to_string(),
        problem: problem.to_string(),
    }
}

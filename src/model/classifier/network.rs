//! The networks of a classifier, as rust-bert has them but for DeBERTa.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rust_bert::bert::{BertConfig, BertForSequenceClassification};
use rust_bert::distilbert::{DistilBertConfig, DistilBertModelClassifier};
use rust_bert::roberta::{RobertaConfig, RobertaForSequenceClassification};
use tch::nn::VarStore;
use tch::{Device, Tensor};

use super::deberta::{Config as DebertaConfig, Deberta};
use super::settings::{Family, Settings};
use super::unusable;
use crate::model::ModelError;

enum Architecture {
    Bert(BertForSequenceClassification),
    Roberta(RobertaForSequenceClassification),
    DistilBert(DistilBertModelClassifier),
    Deberta(Deberta),
}

impl Architecture {
    /// A network of random weights, which are put into `store`.
    fn new(settings: &Settings, store: &VarStore) -> Result<Self, ModelError> {
        let root = store.root();
        let refused =
            |error: rust_bert::RustBertError| unusable(&settings.path, &error.to_string());
        Ok(match settings.family {
            Family::Bert => {
                let config: BertConfig = settings.parsed()?;
                Self::Bert(BertForSequenceClassification::new(root, &config).map_err(refused)?)
            }
            Family::Roberta | Family::XlmRoberta => {
                let config: RobertaConfig = settings.parsed()?;
                Self::Roberta(
                    RobertaForSequenceClassification::new(root, &config).map_err(refused)?,
                )
            }
            Family::DistilBert => {
                let config: DistilBertConfig = settings.parsed()?;
                Self::DistilBert(DistilBertModelClassifier::new(root, &config).map_err(refused)?)
            }
            Family::Deberta | Family::DebertaV2 => {
                let config: DebertaConfig = settings.parsed()?;
                let is_first = settings.family == Family::Deberta;
                let classes = settings.classes.len() as i64;
                Self::Deberta(
                    Deberta::new(&root, &config, is_first, classes)
                        .map_err(|error| unusable(&settings.path, &error.to_string()))?,
                )
            }
        })
    }

    /// `[1, classes]` from `[1, tokens]`.
    fn logits(&self, tokens: &Tensor) -> Result<Tensor, String> {
        let mask = Some(&tokens.ones_like());
        let ids = Some(tokens);
        let failed = |error: rust_bert::RustBertError| error.to_string();
        Ok(match self {
            Self::Bert(model) => model.forward_t(ids, mask, None, None, None, false).logits,
            Self::Roberta(model) => model.forward_t(ids, mask, None, None, None, false).logits,
            Self::DistilBert(model) => {
                let output = model.forward_t(ids, mask, None, false);
                output.map_err(failed)?.logits
            }
            Self::Deberta(model) => model.logits(tokens).map_err(|error| error.to_string())?,
        })
    }
}

/// A network with the store that its weights live in.
struct Replica {
    network: Architecture,
    store: VarStore,
}

impl Replica {
    fn new(settings: &Settings) -> Result<Self, ModelError> {
        let mut store = VarStore::new(Device::Cpu);
        let network = Architecture::new(settings, &store)?;
        store.freeze();
        Ok(Self { network, store })
    }

    fn variables(&self) -> BTreeMap<String, Tensor> {
        self.store.variables().into_iter().collect()
    }
}

/// Networks over the same weights, one for each thread that computes, made when the thread first does.
pub(super) struct Replicas {
    settings: Settings,
    weights: Mutex<BTreeMap<String, Tensor>>,
    places: Vec<Mutex<Option<Replica>>>,
}

impl Replicas {
    /// Loads the weights; at most `workers` networks will be made.
    ///
    /// # Errors
    /// The weights are not those of such a network.
    pub fn load(settings: Settings, weights: &Path, workers: usize) -> Result<Self, ModelError> {
        let first = Replica::new(&settings)?;
        let variables = first.variables();
        fill(&variables, weights)?;
        let mut places = vec![Mutex::new(Some(first))];
        places.resize_with(workers.max(1), || Mutex::new(None));
        Ok(Self {
            settings,
            weights: Mutex::new(variables),
            places,
        })
    }

    /// The logits of one text, `[1, classes]` from `[1, tokens]`. Can be called from several threads.
    pub fn logits(&self, ids: &Tensor) -> Result<Tensor, String> {
        let place = rayon::current_thread_index().unwrap_or(0) % self.places.len();
        // A replica changes nothing while it computes, so one that panicked is as good as before.
        let mut place = self.places[place]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let replica = match &mut *place {
            Some(replica) => replica,
            empty => empty.insert(self.another().map_err(|error| error.to_string())?),
        };
        replica.network.logits(ids)
    }

    fn another(&self) -> Result<Replica, ModelError> {
        let replica = Replica::new(&self.settings)?;
        let weights = self.weights.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, mut variable) in replica.variables() {
            // Every replica has the same variables.
            if let Some(shared) = weights.get(&name) {
                variable.set_data(shared);
            }
        }
        Ok(replica)
    }
}

/// Fills variables from a file that must have each of them, in its shape.
fn fill(variables: &BTreeMap<String, Tensor>, weights: &Path) -> Result<(), ModelError> {
    let refused = |problem: String| unusable(weights, &problem);
    let stored: BTreeMap<String, Tensor> = Tensor::read_safetensors(weights)
        .map_err(|error| refused(error.to_string()))?
        .into_iter()
        .collect();
    for (name, variable) in variables {
        let found = stored.get(name).ok_or_else(|| {
            refused(format!(
                "it has no {name}; it must be a classifier of texts, saved by transformers (AutoModelForSequenceClassification)"
            ))
        })?;
        // Copying would stretch a smaller one.
        if found.size() != variable.size() {
            return Err(refused(format!(
                "{name} has the shape {:?}, config.json makes it {:?}; the two files are not of one model",
                found.size(),
                variable.size()
            )));
        }
        let mut variable = variable.shallow_clone();
        tch::no_grad(|| variable.f_copy_(found)).map_err(|error| refused(error.to_string()))?;
    }
    Ok(())
}

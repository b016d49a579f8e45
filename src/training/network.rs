//! The network in training: encoder and heads as one set of parameters, and the loss.

use std::cell::RefCell;

use ndarray::{Array1, Array2};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;
use tch::{Device, Kind, Reduction, TchError, Tensor};

use super::config::{LossConfig, TrainingError};
use super::examples::Example;
use super::teacher::Opinion;
use crate::model::{FusedEncoder, LinearHead, Sentiment, TokenBatch};

/// What heads multiply the text vector by. It has length 1, so its numbers are small; this brings them to about 1, where
/// a head's rate means what it means for the encoder. Taken into the weights when a head is written.
const SCALE: f64 = 20.0;

/// A head in training.
pub(super) struct Head {
    pub weight: Tensor,
    pub bias: Tensor,
}

impl Head {
    /// All zero: what a linear layer on a trained encoder can begin with.
    fn zero(rows: usize, columns: i64) -> Self {
        let options = (Kind::Float, Device::Cpu);
        Self {
            weight: Tensor::zeros([rows as i64, columns], options),
            bias: Tensor::zeros([rows as i64], options),
        }
    }

    fn logits(&self, vectors: &Tensor) -> Result<Tensor, TchError> {
        // Vectors are f32 whatever the encoder computed in.
        let weight = self.weight.f_to_kind(Kind::Float)?.f_mul_scalar(SCALE)?;
        vectors.f_linear(&weight, Some(&self.bias.f_to_kind(Kind::Float)?))
    }

    fn map(&self, change: &mut impl FnMut(&Tensor) -> Tensor) -> Self {
        Self {
            weight: change(&self.weight),
            bias: change(&self.bias),
        }
    }

    /// The layer as scoring applies it.
    pub fn layer(&self) -> Result<LinearHead, TrainingError> {
        let (rows, columns) = self.weight.size2()?;
        let mut flat = vec![0_f32; (rows * columns) as usize];
        self.weight
            .f_copy_data(&mut flat, (rows * columns) as usize)?;
        let mut bias = vec![0_f32; rows as usize];
        self.bias.f_copy_data(&mut bias, rows as usize)?;
        let weights = Array2::from_shape_fn((rows as usize, columns as usize), |(row, column)| {
            f64::from(flat[row * columns as usize + column]) * SCALE
        });
        let bias = Array1::from_iter(bias.into_iter().map(f64::from));
        LinearHead::new(weights, bias).map_err(TrainingError::Astray)
    }
}

/// Encoder and heads.
pub(super) struct Network {
    pub encoder: FusedEncoder,
    /// Three rows.
    pub sentiment: Head,
    /// A row per theme.
    pub themes: Head,
    /// Three rows per theme.
    pub attitudes: Head,
}

impl Network {
    /// The encoder with heads that know nothing.
    pub fn new(encoder: FusedEncoder, hidden: i64, themes: usize) -> Self {
        let classes = Sentiment::ALL.len();
        Self {
            encoder,
            sentiment: Head::zero(classes, hidden),
            themes: Head::zero(themes, hidden),
            attitudes: Head::zero(themes * classes, hidden),
        }
    }

    /// The same network over what `change` makes of each parameter, in the order of [`Network::parameters`].
    pub fn map(&self, mut change: impl FnMut(&Tensor) -> Tensor) -> Self {
        Self {
            encoder: self.encoder.map(&mut change),
            sentiment: self.sentiment.map(&mut change),
            themes: self.themes.map(&mut change),
            attitudes: self.attitudes.map(&mut change),
        }
    }

    /// Every parameter with its name, in a fixed order.
    pub fn parameters(&self) -> Vec<(String, &Tensor)> {
        let mut all = self.encoder.weights();
        for (name, head) in [
            ("sentiment", &self.sentiment),
            ("themes", &self.themes),
            ("attitudes", &self.attitudes),
        ] {
            all.push((format!("heads.{name}.weight"), &head.weight));
            all.push((format!("heads.{name}.bias"), &head.bias));
        }
        all
    }

    /// The loss of some examples of like length: a sum, so that the losses of the parts of a batch add up.
    pub fn loss(
        &self,
        examples: &[Shown<'_>],
        weights: &LossWeights,
        noise: &Dropout,
    ) -> Result<Tensor, TrainingError> {
        let [whole, own] = self.vectors(examples, noise)?;
        let count = examples.len();
        let classes = Sentiment::ALL.len();
        let themes = self.themes.bias.size1()? as usize;

        // Targets are distributions times weights: what the label says and what the teacher says, added up.
        let mut sentiment = vec![0_f32; count * classes];
        let mut of_theme = vec![[0_f32; 2]; count * themes];
        // Rows of the attitude head that are asked.
        let mut asked: Vec<i64> = Vec::new();
        let mut attitudes: Vec<f32> = Vec::new();
        for (row, shown) in examples.iter().enumerate() {
            let Example {
                sentiment: label,
                themes: labels,
                attitudes: labelled,
                ..
            } = shown.example;
            let opinion = shown.opinion;
            let targets = &mut sentiment[row * classes..(row + 1) * classes];
            let (hard, soft) = weights.of_sentiment(shown);
            if let Some(label) = label {
                weights.add_label(targets, *label, hard);
            }
            if let Some(opinion) = opinion {
                add(targets, &opinion.sentiment, soft);
            }
            let (hard, soft) = weights.split(weights.loss.themes, opinion.is_some());
            for (theme, label) in labels.iter().enumerate() {
                let target = &mut of_theme[row * themes + theme];
                if let Some(label) = label {
                    target[usize::from(*label)] += hard;
                }
                if let Some(opinion) = opinion {
                    let probability = opinion.themes[theme];
                    add(target, &[1.0 - probability, probability], soft);
                }
            }
            let share = weights.loss.attitudes / labelled.len().max(1) as f64;
            let (hard, soft) = weights.split(share, opinion.is_some());
            for (theme, attitude) in labelled {
                asked.push((row * themes + theme) as i64);
                let mut target = [0.0; 3];
                weights.add_label(&mut target, *attitude, hard);
                if let Some(opinion) = opinion {
                    add(&mut target, &opinion.attitudes[*theme], soft);
                }
                attitudes.extend(target);
            }
        }
        let rows_of = |values: &[f32], columns: usize| {
            Tensor::f_from_slice(values)?.f_reshape([-1, columns as i64])
        };
        let mut loss = cross_entropy(
            &self.sentiment.logits(&own)?,
            &rows_of(&sentiment, classes)?,
        )?;

        // Binary cross entropy is linear in the label, so a weighted mean of labels has the weighted mean of losses.
        let weight: Vec<f32> = of_theme.iter().map(|[no, yes]| no + yes).collect();
        let label: Vec<f32> = of_theme
            .iter()
            .map(|[no, yes]| if *yes > 0.0 { yes / (no + yes) } else { 0.0 })
            .collect();
        loss += self
            .themes
            .logits(&whole)?
            .f_binary_cross_entropy_with_logits(
                &rows_of(&label, themes)?,
                Some(rows_of(&weight, themes)?),
                None::<Tensor>,
                Reduction::Sum,
            )?;

        // Even where nothing is asked: a parameter has a gradient in every step or in none.
        let logits = self
            .attitudes
            .logits(&own)?
            .f_reshape([-1, classes as i64])?
            .f_index_select(0, &Tensor::f_from_slice(&asked)?)?;
        loss += cross_entropy(&logits, &rows_of(&attitudes, classes)?)?;
        Ok(loss)
    }

    /// The vectors of texts, `[texts, hidden]`: of the whole, and of what is the writer's own (zero where nothing is).
    /// The same means as scoring takes, but that texts of more windows than are learnt from are cut short.
    fn vectors(
        &self,
        examples: &[Shown<'_>],
        noise: &Dropout,
    ) -> Result<[Tensor; 2], TrainingError> {
        let rows: Vec<(usize, &[i64], usize)> = examples
            .iter()
            .enumerate()
            .flat_map(|(text, shown)| {
                shown.example.windows.iter().map(move |window| {
                    let shown = if shown.alone {
                        window.text
                    } else {
                        window.ids.len()
                    };
                    (text, &window.ids[..shown], window.text)
                })
            })
            .collect();
        let length = rows.iter().map(|(_, ids, _)| ids.len()).max().unwrap_or(0);
        let size = rows.len() * length;
        let (mut ids, mut mask, mut segments) = (vec![0; size], vec![0; size], vec![0; size]);
        for (row, (_, tokens, text)) in rows.iter().enumerate() {
            let begin = row * length;
            ids[begin..begin + tokens.len()].copy_from_slice(tokens);
            mask[begin..begin + tokens.len()].fill(1);
            segments[begin + text..begin + tokens.len().max(*text)].fill(1);
        }
        let batch = TokenBatch::new(&ids, &mask, &segments, rows.len(), length)?;
        // Pooling as one product: a row of weights per text and kind of vector, over the tokens of all windows.
        let texts = examples.len();
        let mut pooled = vec![0_f32; 2 * texts * size];
        let mut row = 0;
        for (text, shown) in examples.iter().enumerate() {
            for window in &shown.example.windows {
                let at = |kind: usize| (kind * texts + text) * size + row * length;
                pooled[at(0) + window.pooled.start..at(0) + window.pooled.end].fill(1.0);
                match &window.own {
                    None => {
                        pooled[at(1) + window.pooled.start..at(1) + window.pooled.end].fill(1.0);
                    }
                    Some(own) => own.iter().for_each(|token| pooled[at(1) + token] = 1.0),
                }
                row += 1;
            }
        }
        let vectors = self
            .encoder
            .forward(&batch, Some(&|tensor| noise.apply(tensor)))?;
        let hidden = vectors.size3()?.2;
        let sums = Tensor::f_from_slice(&pooled)?
            .f_reshape([2 * texts as i64, size as i64])?
            .f_matmul(&vectors.f_reshape([-1, hidden])?)?;
        // A sum scaled to length 1 is the mean scaled to length 1.
        let lengths = sums
            .f_square()?
            .f_sum_dim_intlist(1, true, Kind::Float)?
            .f_add_scalar(1e-12)?
            .f_sqrt()?;
        let scaled = noise.apply(sums / lengths)?;
        let count = texts as i64;
        Ok([
            scaled.f_narrow(0, 0, count)?,
            scaled.f_narrow(0, count, count)?,
        ])
    }
}

/// Minus the sum of weighted target probabilities times log probabilities, both `[rows, classes]`.
fn cross_entropy(logits: &Tensor, targets: &Tensor) -> Result<Tensor, TchError> {
    logits
        .f_log_softmax(1, Kind::Float)?
        .f_mul(targets)?
        .f_sum(Kind::Float)?
        .f_neg()
}

fn add(target: &mut [f32], distribution: &[f32], weight: f32) {
    for (target, probability) in target.iter_mut().zip(distribution) {
        *target += weight * probability;
    }
}

/// An example as a step sees it.
pub(super) struct Shown<'a> {
    pub example: &'a Example,
    /// What the teacher thinks of it, if it was asked.
    pub opinion: Option<&'a Opinion>,
    /// Without what it answers.
    pub alone: bool,
}

/// What each part of the loss weighs.
pub(super) struct LossWeights {
    pub loss: LossConfig,
    /// Share of an example's weight that its teacher's opinion has, where there is one.
    teacher: f64,
    /// By sentiment, of general texts and of comments.
    classes: [[f64; 3]; 2],
}

impl LossWeights {
    /// Weighs rare sentiments up as the settings say.
    pub fn new(loss: &LossConfig, teacher: f64, examples: &[Example]) -> Self {
        let weigh = |comments: bool, weight: f64| {
            let mut counts = [0_f64; 3];
            for example in examples.iter().filter(|one| one.is_comment() == comments) {
                if let Some(label) = example.sentiment {
                    counts[label as usize] += 1.0;
                }
            }
            let even = counts.iter().sum::<f64>() / 3.0;
            counts.map(|count| weight * (even / count.max(1.0)).powf(loss.balance))
        };
        Self {
            classes: [
                weigh(false, loss.text_sentiment),
                weigh(true, loss.comment_sentiment),
            ],
            loss: loss.clone(),
            teacher,
        }
    }

    /// What label and opinion weigh of `whole`.
    fn split(&self, whole: f64, has_opinion: bool) -> (f32, f32) {
        let soft = if has_opinion { self.teacher } else { 0.0 };
        ((whole * (1.0 - soft)) as f32, (whole * soft) as f32)
    }

    /// What the label and the opinion on an example's sentiment weigh. An opinion without a label weighs as that of a
    /// sentiment that is neither rare nor frequent.
    fn of_sentiment(&self, shown: &Shown<'_>) -> (f32, f32) {
        let example = shown.example;
        let kind = usize::from(example.is_comment());
        let even = [self.loss.text_sentiment, self.loss.comment_sentiment][kind];
        let whole = example
            .sentiment
            .map_or(even, |label| self.classes[kind][label as usize]);
        self.split(whole, shown.opinion.is_some())
    }

    /// Adds a label, some of it spread over all classes.
    fn add_label(&self, target: &mut [f32], label: Sentiment, weight: f32) {
        let spread = self.loss.smoothing as f32;
        let even = [1.0 / Sentiment::ALL.len() as f32; 3];
        add(target, &even, weight * spread);
        target[label as usize] += weight * (1.0 - spread);
    }
}

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

    fn apply(&self, tensor: Tensor) -> Result<Tensor, TchError> {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;
    use tch::Tensor;

    use super::{Dropout, LossWeights, Network, Shown};
    use crate::inference::Engine;
    use crate::labelled::{self, Labelled};
    use crate::model::{FusedEncoder, Precision, load_config, load_tokenizer};
    use crate::training::config::LossConfig;
    use crate::training::examples::{Example, examples};
    use crate::training::teacher::Opinion;

    const THEMES: [&str; 2] = ["unions", "workload"];

    fn parts() -> (FusedEncoder, tokenizers::Tokenizer, i64) {
        let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/standard");
        let config = load_config(&bundle.join("config.json")).expect("a configuration");
        let weights = bundle.join("model.safetensors");
        let encoder = FusedEncoder::load(&config, &weights, Precision::F32).expect("it loads");
        let tokenizer = load_tokenizer(&bundle.join("tokenizer.json")).expect("a tokenizer");
        (encoder, tokenizer, config.hidden_size)
    }

    fn texts() -> Vec<Labelled> {
        let long = "The senior managers never listen to the officers who do the work. ".repeat(30);
        let lines = [
            r#"{"id":"a","thread":"t","text":"Sixty cases each.","sentiment":"negative","themes":{"workload":"negative"},"either_way":["unions"]}"#.to_owned(),
            r#"{"id":"b","thread":"t","parent":"a","text":"Same here.","sentiment":null,"themes":{"unions":null,"workload":"negative"}}"#.to_owned(),
            r#"{"id":"c","thread":"t","parent":"a","text":"> Sixty cases each and nothing is done about it anywhere.\n\nWe have seventy of them now.","sentiment":"neutral"}"#.to_owned(),
            format!(r#"{{"text":"{long}","sentiment":"positive","themes":{{}}}}"#),
        ];
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), lines.join("\n")).expect("writable");
        labelled::read(file.path()).expect("valid")
    }

    fn of(texts: &[Labelled], tokenizer: &tokenizers::Tokenizer) -> Vec<Example> {
        let cleaned = labelled::clean(texts, &crate::cleaning::Rules::default());
        let passages: Vec<_> = labelled::passages(texts, &cleaned).collect();
        let examples = examples(texts, &passages, &THEMES, tokenizer).expect("they tokenize");
        examples.into_iter().flatten().collect()
    }

    fn quiet() -> Dropout {
        Dropout::new(0.0, ChaCha8Rng::seed_from_u64(0))
    }

    fn shown(examples: &[Example], alone: bool) -> Vec<Shown<'_>> {
        let shown = |example| Shown {
            example,
            opinion: None,
            alone,
        };
        examples.iter().map(shown).collect()
    }

    /// Quotations, answers and several windows included.
    #[test]
    fn vectors_are_those_of_scoring() {
        let (encoder, tokenizer, hidden) = parts();
        let texts = texts();
        let examples = of(&texts, &tokenizer);
        assert!(examples[2].windows[0].own.is_some() && examples[3].windows.len() > 1);
        let network = Network::new(encoder, hidden, THEMES.len());
        let ours = tch::no_grad(|| network.vectors(&shown(&examples, false), &quiet()))
            .expect("they encode");

        let cleaned = labelled::clean(&texts, &crate::cleaning::Rules::default());
        let (encoder, tokenizer, _) = parts();
        let engine = Engine::from_parts(tokenizer, Box::new(encoder), hidden as usize, 1)
            .expect("an engine");
        let theirs = engine
            .embed_all(labelled::passages(&texts, &cleaned), |vectors| {
                vectors.expect("words")
            })
            .expect("they encode");
        for (text, theirs) in theirs.iter().enumerate() {
            let own = theirs.own.as_ref().expect("own words");
            for (kind, theirs) in [&theirs.whole, own].into_iter().enumerate() {
                let ours: Vec<f32> = Vec::try_from(ours[kind].get(text as i64)).expect("numbers");
                for (a, b) in ours.iter().zip(theirs) {
                    assert!(
                        (f64::from(*a) - b).abs() < 1e-5,
                        "{a} and {b} of text {text}"
                    );
                }
            }
        }
        let alone = tch::no_grad(|| network.vectors(&shown(&examples[..2], true), &quiet()))
            .expect("they encode");
        let difference =
            |text: i64| f64::try_from((alone[0].get(text) - ours[0].get(text)).abs().max());
        assert!(difference(0).expect("a number") < 1e-5);
        assert!(difference(1).expect("a number") > 1e-3);
    }

    /// Heads that know nothing give every class its equal share, so the loss counts what is asked: ln 3 a sentiment and an
    /// attitude, ln 2 a theme.
    #[test]
    fn the_loss_counts_what_is_labelled_by_its_weight() {
        let (encoder, tokenizer, hidden) = parts();
        let examples = of(&texts(), &tokenizer);
        let network = Network::new(encoder, hidden, THEMES.len());
        let loss = LossConfig {
            text_sentiment: 100.0,
            comment_sentiment: 2.0,
            themes: 3.0,
            attitudes: 5.0,
            smoothing: 0.1,
            balance: 0.0,
        };
        let weights = LossWeights::new(&loss, 0.0, &examples);
        let of = |examples: &[Example]| {
            let loss = network.loss(&shown(examples, false), &weights, &quiet());
            f64::try_from(loss.expect("a loss")).expect("a number")
        };
        let (two, three) = (2_f64.ln(), 3_f64.ln());
        // The first: its sentiment, workload (unions counts neither way), the attitude to workload.
        let first = 2.0 * three + 3.0 * two + 5.0 * three;
        assert!((of(&examples[..1]) - first).abs() < 1e-4);
        // The second: no sentiment, both themes, one attitude. The third: only its sentiment. The fourth: sentiment, both
        // themes, no attitude.
        let others = 6.0 * two + 5.0 * three + 2.0 * three + 2.0 * three + 6.0 * two;
        assert!((of(&examples) - first - others).abs() < 1e-4);

        // A teacher of whom a quarter is heard. Of a constant guess every target costs the same, whoever it is from, so
        // only what is not labelled weighs more now: the second's sentiment by a quarter, and unions for the first.
        let weights = LossWeights::new(&loss, 0.25, &examples);
        let opinion = Opinion {
            sentiment: [0.7, 0.2, 0.1],
            themes: vec![0.9, 0.2],
            attitudes: vec![[0.1, 0.3, 0.6]; 2],
        };
        let of = |examples: &[Example]| {
            let mut shown = shown(examples, false);
            for one in &mut shown {
                one.opinion = Some(&opinion);
            }
            let loss = network.loss(&shown, &weights, &quiet());
            f64::try_from(loss.expect("a loss")).expect("a number")
        };
        assert!((of(&examples[..1]) - first - 0.25 * 3.0 * two).abs() < 1e-4);
        assert!((of(&examples[1..2]) - 6.0 * two - 5.0 * three - 0.25 * 2.0 * three).abs() < 1e-4);

        // A step with nothing to ask of attitudes still gives that head a gradient.
        let network = network.map(|tensor| tensor.detach().set_requires_grad(true));
        let loss = network.loss(&shown(&examples[2..], false), &weights, &quiet());
        loss.expect("a loss").backward();
        let untouched = |(name, tensor): &(String, &Tensor)| {
            !tensor.grad().defined() && !name.contains("pooler")
        };
        assert_eq!(
            network
                .parameters()
                .iter()
                .filter(|one| untouched(one))
                .count(),
            0
        );
    }
}

//! The network in training: encoder and heads as one set of parameters, and the loss.

use ndarray::{Array1, Array2};
use tch::{Device, Kind, Reduction, TchError, Tensor};

use super::config::TrainingError;
use super::dropout::Dropout;
use super::examples::Example;
use super::weights::{LossWeights, Shown, add};
use crate::model::{Describer, FusedEncoder, LinearHead, Sentiment, TokenBatch};

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
    /// From the vector of a theme's text to its row of weights, and one bias for all.
    pub describer: Head,
}

/// What the describer's log odds begin at where texts have nothing in common.
const UNRELATED: f64 = -6.0;

/// The parameter of the describer that begins as what the encoder was made for, the cosine, and must not go far from it
/// fast.
pub(super) const DESCRIBER: &str = "heads.describer.weight";

/// Themes as texts that examples are compared with.
pub(super) struct Asked {
    /// Their places among an example's labels.
    pub places: Vec<usize>,
    /// Their vectors, `[themes, hidden]`.
    pub vectors: Tensor,
}

/// The vectors of texts.
pub(super) struct Pooled {
    /// `[texts, hidden]`: of the whole.
    pub whole: Tensor,
    /// `[texts, hidden]`: of what is the writer's own; zero where nothing is.
    pub own: Tensor,
    /// `[sentences, hidden]`: of each sentence.
    pub sentences: Tensor,
    /// The text of each sentence.
    pub text_of: Vec<usize>,
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
            describer: Head {
                weight: Tensor::eye(hidden, (Kind::Float, Device::Cpu)),
                bias: Tensor::full([1], UNRELATED, (Kind::Float, Device::Cpu)),
            },
        }
    }

    /// The same network over what `change` makes of each parameter, in the order of [`Network::parameters`].
    pub fn map(&self, mut change: impl FnMut(&Tensor) -> Tensor) -> Self {
        Self {
            encoder: self.encoder.map(&mut change),
            sentiment: self.sentiment.map(&mut change),
            themes: self.themes.map(&mut change),
            attitudes: self.attitudes.map(&mut change),
            describer: self.describer.map(&mut change),
        }
    }

    /// Every parameter with its name, in a fixed order.
    pub fn parameters(&self) -> Vec<(String, &Tensor)> {
        let mut all = self.encoder.weights();
        for (name, head) in [
            ("sentiment", &self.sentiment),
            ("themes", &self.themes),
            ("attitudes", &self.attitudes),
            ("describer", &self.describer),
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
        compared: Option<&Asked>,
        weights: &LossWeights,
        noise: &Dropout,
    ) -> Result<Tensor, TrainingError> {
        let pooled = self.vectors(examples, noise)?;
        let (whole, own) = (&pooled.whole, &pooled.own);
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
        let mut loss = cross_entropy(&self.sentiment.logits(own)?, &rows_of(&sentiment, classes)?)?;

        // Binary cross entropy is linear in the label, so a weighted mean of labels has the weighted mean of losses.
        let weight: Vec<f32> = of_theme.iter().map(|[no, yes]| no + yes).collect();
        let label: Vec<f32> = of_theme
            .iter()
            .map(|[no, yes]| if *yes > 0.0 { yes / (no + yes) } else { 0.0 })
            .collect();
        loss += self
            .themes
            .logits(whole)?
            .f_binary_cross_entropy_with_logits(
                &rows_of(&label, themes)?,
                Some(rows_of(&weight, themes)?),
                None::<Tensor>,
                Reduction::Sum,
            )?;

        // Even where nothing is asked: a parameter has a gradient in every step or in none.
        let logits = self
            .attitudes
            .logits(own)?
            .f_reshape([-1, classes as i64])?
            .f_index_select(0, &Tensor::f_from_slice(&asked)?)?;
        loss += cross_entropy(&logits, &rows_of(&attitudes, classes)?)?;
        if let Some(asked) = compared {
            loss += self.comparison(examples, &pooled, asked)? * weights.described;
        }
        Ok(loss)
    }

    /// The binary cross entropies of examples and themes as texts, added up.
    fn comparison(
        &self,
        examples: &[Shown<'_>],
        pooled: &Pooled,
        asked: &Asked,
    ) -> Result<Tensor, TrainingError> {
        let (count, themes) = (examples.len(), asked.places.len());
        let rows = self.describer_rows(&asked.vectors)?;
        let all = Tensor::f_cat(&[&pooled.whole, &pooled.sentences], 0)?;
        let products = all.f_matmul(&rows.f_transpose(0, 1)?)?;
        // The products of each text with itself as a whole and with its sentences; the whole again where others have more.
        let mut of_text: Vec<Vec<i64>> = (0..count as i64).map(|text| vec![text]).collect();
        for (sentence, text) in pooled.text_of.iter().enumerate() {
            of_text[*text].push((count + sentence) as i64);
        }
        let most = of_text.iter().map(Vec::len).max().unwrap_or(1);
        for of_text in &mut of_text {
            of_text.resize(most, of_text[0]);
        }
        let logits = products
            .f_index_select(0, &Tensor::f_from_slice(&of_text.concat())?)?
            .f_reshape([count as i64, most as i64, themes as i64])?
            .f_amax([1_i64].as_slice(), false)?
            .f_add(&self.describer.bias.f_to_kind(Kind::Float)?)?;
        let (mut labels, mut counted) = (vec![0_f32; count * themes], vec![0_f32; count * themes]);
        for (row, shown) in examples.iter().enumerate() {
            for (column, place) in asked.places.iter().enumerate() {
                if let Some(Some(label)) = shown.example.described.get(*place) {
                    labels[row * themes + column] = f32::from(u8::from(*label));
                    counted[row * themes + column] = 1.0;
                }
            }
        }
        let shape = [count as i64, themes as i64];
        Ok(logits.f_binary_cross_entropy_with_logits(
            &Tensor::f_from_slice(&labels)?.f_reshape(shape)?,
            Some(Tensor::f_from_slice(&counted)?.f_reshape(shape)?),
            None::<Tensor>,
            Reduction::Sum,
        )?)
    }

    /// A loss of 0 that gives the describer a gradient, for a step in which nothing is compared: a parameter has a gradient
    /// in every step of a phase or in none, or a run that goes on from a checkpoint would come out otherwise.
    pub fn nothing_compared(&self) -> Result<Tensor, TchError> {
        let Head { weight, bias } = &self.describer;
        let sum = weight
            .f_sum(Kind::Float)?
            .f_add(&bias.f_sum(Kind::Float)?)?;
        sum.f_mul_scalar(0.0)
    }

    /// The rows of weights, `[themes, hidden]`, that the describer makes from the vectors of themes' texts.
    fn describer_rows(&self, vectors: &Tensor) -> Result<Tensor, TchError> {
        let weight = self.describer.weight.f_to_kind(Kind::Float)?;
        vectors.f_matmul(&weight.f_mul_scalar(SCALE)?.f_transpose(0, 1)?)
    }

    /// The describer as scoring applies it, with a threshold yet to be chosen.
    pub fn finished_describer(&self) -> Result<Describer, TrainingError> {
        let hidden = self.describer.weight.size2()?.0 as usize;
        let mut flat = vec![0_f32; hidden * hidden];
        self.describer
            .weight
            .f_copy_data(&mut flat, hidden * hidden)?;
        let weights = Array2::from_shape_fn((hidden, hidden), |(row, column)| {
            flat[row * hidden + column] * SCALE as f32
        });
        Ok(Describer {
            weights,
            bias: self.describer.bias.f_double_value(&[0])?,
            threshold: 0.5,
        })
    }

    /// The vectors of texts. The same means as scoring takes, but that texts of more windows than are learnt from are cut
    /// short.
    pub fn vectors(
        &self,
        examples: &[Shown<'_>],
        noise: &Dropout,
    ) -> Result<Pooled, TrainingError> {
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
        // Pooling as one product: a row of weights per text and kind of vector, and per sentence, over the tokens of all
        // windows.
        let texts = examples.len();
        let sentences: usize = examples
            .iter()
            .flat_map(|shown| &shown.example.windows)
            .map(|window| window.sentences.len())
            .sum();
        let mut pooled = vec![0_f32; (2 * texts + sentences) * size];
        let mut text_of = Vec::with_capacity(sentences);
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
                for sentence in &window.sentences {
                    let begin = (2 * texts + text_of.len()) * size + row * length;
                    pooled[begin + sentence.start..begin + sentence.end].fill(1.0);
                    text_of.push(text);
                }
                row += 1;
            }
        }
        let vectors = self
            .encoder
            .forward(&batch, Some(&|tensor| noise.apply(tensor)))?;
        let hidden = vectors.size3()?.2;
        let sums = Tensor::f_from_slice(&pooled)?
            .f_reshape([(2 * texts + sentences) as i64, size as i64])?
            .f_matmul(&vectors.f_reshape([-1, hidden])?)?;
        // A sum scaled to length 1 is the mean scaled to length 1.
        let lengths = sums
            .f_square()?
            .f_sum_dim_intlist(1, true, Kind::Float)?
            .f_add_scalar(1e-12)?
            .f_sqrt()?;
        let scaled = noise.apply(sums / lengths)?;
        let count = texts as i64;
        Ok(Pooled {
            whole: scaled.f_narrow(0, 0, count)?,
            own: scaled.f_narrow(0, count, count)?,
            sentences: scaled.f_narrow(0, 2 * count, sentences as i64)?,
            text_of,
        })
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;
    use tch::Tensor;

    use super::Network;
    use crate::inference::Engine;
    use crate::labelled::{self, Labelled};
    use crate::model::{FusedEncoder, Precision, load_config, load_tokenizer};
    use crate::training::config::LossConfig;
    use crate::training::dropout::Dropout;
    use crate::training::examples::{Example, examples};
    use crate::training::teacher::Opinion;
    use crate::training::weights::{LossWeights, Shown};

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
        labelled::read(file.path()).expect("valid").texts
    }

    fn of(texts: &[Labelled], tokenizer: &tokenizers::Tokenizer) -> Vec<Example> {
        let cleaned = labelled::clean(texts, &crate::cleaning::Rules::default());
        let passages: Vec<_> = labelled::passages(texts, &cleaned).collect();
        let examples = examples(texts, &passages, &THEMES, None, tokenizer).expect("they tokenize");
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
        // Scoring rounds to 16 bits: half a unit of the last of 11 binary digits.
        let near = |exact: f32, rounded: f64| {
            let exact = f64::from(exact);
            (exact - rounded).abs() < exact.abs() / 2048.0 + 1e-5
        };
        for (text, theirs) in theirs.iter().enumerate() {
            let own = theirs.own.as_ref().expect("own words");
            for (ours, theirs) in [(&ours.whole, &theirs.whole), (&ours.own, own)] {
                let ours: Vec<f32> = Vec::try_from(ours.get(text as i64)).expect("numbers");
                for (a, b) in ours.iter().zip(theirs) {
                    assert!(near(*a, *b), "{a} and {b} of text {text}");
                }
            }
            let places = ours.text_of.iter().enumerate();
            let places: Vec<i64> = places
                .filter(|(_, owner)| **owner == text)
                .map(|(place, _)| place as i64)
                .collect();
            assert_eq!(places.len(), theirs.sentences.nrows(), "text {text}");
            for (place, theirs) in places.iter().zip(theirs.sentences.outer_iter()) {
                let ours: Vec<f32> = Vec::try_from(ours.sentences.get(*place)).expect("numbers");
                for (a, b) in ours.iter().zip(theirs) {
                    assert!(near(*a, f64::from(*b)), "{a} and {b} in text {text}");
                }
            }
        }
        assert!(ours.text_of.len() > 1);
        let alone = tch::no_grad(|| network.vectors(&shown(&examples[..2], true), &quiet()))
            .expect("they encode");
        let difference =
            |text: i64| f64::try_from((alone.whole.get(text) - ours.whole.get(text)).abs().max());
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
        let weights = LossWeights::new(&loss, 0.0, 0.0, &examples);
        let of = |examples: &[Example]| {
            let loss = network.loss(&shown(examples, false), None, &weights, &quiet());
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
        let weights = LossWeights::new(&loss, 0.25, 0.0, &examples);
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
            let loss = network.loss(&shown, None, &weights, &quiet());
            f64::try_from(loss.expect("a loss")).expect("a number")
        };
        assert!((of(&examples[..1]) - first - 0.25 * 3.0 * two).abs() < 1e-4);
        assert!((of(&examples[1..2]) - 6.0 * two - 5.0 * three - 0.25 * 2.0 * three).abs() < 1e-4);

        // A step with nothing to ask of attitudes and of themes as texts still gives those heads a gradient.
        let network = network.map(|tensor| tensor.detach().set_requires_grad(true));
        let loss = network.loss(&shown(&examples[2..], false), None, &weights, &quiet());
        loss.expect("a loss").backward();
        let nothing = network.nothing_compared().expect("a loss");
        assert_eq!(f64::try_from(&nothing).expect("a number"), 0.0);
        nothing.backward();
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

//! DeBERTa, versions 1 to 3 (He et al. 2021).
//!
//! rust-bert 0.23 has these networks too, but not the attention that transformers computes and the models were trained
//! with. In version 1 it takes the number of heads for the number of tokens, and so tells no steps apart that are longer.
//! In versions 2 and 3 it looks for the vectors of steps half a table away, divides by the square of the scale, and cuts
//! the base of its logarithm to a whole number. In random networks of published sizes that moved probabilities by up to
//! 0.39.

use rust_bert::Activation;
use serde::Deserialize;
use tch::nn::Path;
use tch::{TchError, Tensor};

/// Fields of `config.json`; what may be missing is what transformers takes.
#[derive(Deserialize)]
pub(super) struct Config {
    hidden_act: Activation,
    hidden_size: i64,
    intermediate_size: i64,
    max_position_embeddings: i64,
    num_attention_heads: i64,
    num_hidden_layers: i64,
    type_vocab_size: i64,
    vocab_size: i64,
    embedding_size: Option<i64>,
    layer_norm_eps: Option<f64>,
    max_relative_positions: Option<i64>,
    pooler_hidden_act: Option<Activation>,
    pooler_hidden_size: Option<i64>,
    #[serde(default)]
    pos_att_type: Vec<String>,
    position_biased_input: Option<bool>,
    #[serde(default)]
    relative_attention: bool,
    // Of versions 2 and 3.
    conv_act: Option<Activation>,
    conv_groups: Option<i64>,
    #[serde(default)]
    conv_kernel_size: i64,
    #[serde(default)]
    norm_rel_ebd: Vec<String>,
    #[serde(default)]
    position_buckets: i64,
    #[serde(default)]
    share_att_key: bool,
}

impl Config {
    fn norm(&self, at: &Path) -> Result<Norm, TchError> {
        Ok(Norm {
            weight: at.f_zeros("weight", &[self.hidden_size])?,
            bias: at.f_zeros("bias", &[self.hidden_size])?,
            epsilon: self.layer_norm_eps.unwrap_or(1e-7),
        })
    }

    fn attends(&self, kind: &str) -> bool {
        self.pos_att_type.iter().any(|named| named == kind)
    }
}

/// A weight matrix `[out, in]`, with a bias or without.
struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    fn new(at: &Path, inputs: i64, outputs: i64) -> Result<Self, TchError> {
        Ok(Self {
            bias: Some(at.f_zeros("bias", &[outputs])?),
            ..Self::without_bias(at, inputs, outputs)?
        })
    }

    fn without_bias(at: &Path, inputs: i64, outputs: i64) -> Result<Self, TchError> {
        Ok(Self {
            weight: at.f_zeros("weight", &[outputs, inputs])?,
            bias: None,
        })
    }

    /// The same weights once more.
    fn share(&self) -> Self {
        Self {
            weight: self.weight.shallow_clone(),
            bias: self.bias.as_ref().map(Tensor::shallow_clone),
        }
    }

    fn of(&self, input: &Tensor) -> Result<Tensor, TchError> {
        input.f_linear(&self.weight, self.bias.as_ref())
    }
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f64,
}

impl Norm {
    fn of(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let (weight, bias) = (Some(&self.weight), Some(&self.bias));
        input.f_layer_norm(self.weight.size(), weight, bias, self.epsilon, false)
    }
}

/// The vectors of steps from one token to another.
struct StepTable {
    vectors: Tensor,
    norm: Option<Norm>,
    /// Steps to either side that the table has.
    span: i64,
    /// Long steps share rows, up to one of this length.
    buckets_to: Option<i64>,
}

/// The steps within one text.
struct Steps {
    /// Of the steps from `1 - tokens` to `tokens - 1`.
    vectors: Tensor,
    /// `[1, tokens, tokens]`: the place among them of the step from the second token to the first.
    between: Tensor,
}

impl StepTable {
    fn new(at: &Path, config: &Config, is_first: bool) -> Result<Self, TchError> {
        let positions = config.max_relative_positions.filter(|most| *most > 0);
        let positions = positions.unwrap_or(config.max_position_embeddings);
        let has_buckets = !is_first && config.position_buckets > 0;
        let is_normed = !is_first && config.norm_rel_ebd.iter().any(|norm| norm == "layer_norm");
        let span = if has_buckets {
            config.position_buckets
        } else {
            positions
        };
        Ok(Self {
            vectors: (at / "rel_embeddings").f_zeros("weight", &[2 * span, config.hidden_size])?,
            norm: is_normed
                .then(|| config.norm(&(at / "LayerNorm")))
                .transpose()?,
            span,
            buckets_to: has_buckets.then_some(positions),
        })
    }

    fn row(&self, step: i64) -> i64 {
        let step = match self.buckets_to {
            None => step,
            Some(longest) => bucket(step, self.span, longest),
        };
        (step + self.span).clamp(0, 2 * self.span - 1)
    }

    fn within(&self, tokens: i64) -> Result<Steps, TchError> {
        let rows: Vec<i64> = (1 - tokens..tokens).map(|step| self.row(step)).collect();
        let vectors = self
            .vectors
            .f_index_select(0, &Tensor::f_from_slice(&rows)?)?;
        let between: Vec<i64> = (0..tokens)
            .flat_map(|to| (0..tokens).map(move |from| to - from + tokens - 1))
            .collect();
        Ok(Steps {
            vectors: match &self.norm {
                None => vectors,
                Some(norm) => norm.of(&vectors)?,
            },
            between: Tensor::f_from_slice(&between)?.f_reshape([1, tokens, tokens])?,
        })
    }
}

/// Short steps as they are, longer ones in steps of the logarithm, up to one of the length `longest`.
fn bucket(step: i64, buckets: i64, longest: i64) -> i64 {
    let exact = buckets / 2;
    if step.abs() <= exact {
        return step;
    }
    // In single precision, as transformers.
    let times = |length: i64| (length as f32 / exact as f32).ln();
    let beyond = (times(step.abs()) / times(longest - 1) * (exact - 1) as f32).ceil();
    step.signum() * (exact + beyond.min(buckets as f32) as i64)
}

enum Projections {
    /// Version 1's: query, key and value of a head after each other.
    Joint {
        all: Linear,
        query_bias: Tensor,
        value_bias: Tensor,
    },
    Apart([Linear; 3]),
}

struct Attention {
    projections: Projections,
    /// Keys of steps, which tokens look for.
    step_keys: Option<Linear>,
    /// Queries of steps, which look for tokens.
    step_queries: Option<Linear>,
    heads: i64,
    scale: f64,
}

impl Attention {
    fn new(at: &Path, config: &Config, is_first: bool) -> Result<Self, TchError> {
        let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
        let linear = |name: &str| Linear::new(&(at / name), hidden, hidden);
        let has = |kind: &str| config.relative_attention && config.attends(kind);
        let (looks, is_looked_for) = (has("c2p"), has("p2c"));
        let (projections, step_keys, step_queries, terms);
        if is_first {
            projections = Projections::Joint {
                all: Linear::without_bias(&(at / "in_proj"), hidden, 3 * hidden)?,
                query_bias: at.f_zeros("q_bias", &[hidden])?,
                value_bias: at.f_zeros("v_bias", &[hidden])?,
            };
            step_keys = looks
                .then(|| Linear::without_bias(&(at / "pos_proj"), hidden, hidden))
                .transpose()?;
            step_queries = is_looked_for.then(|| linear("pos_q_proj")).transpose()?;
            terms = config.pos_att_type.len();
        } else {
            let (query, key) = (linear("query_proj")?, linear("key_proj")?);
            let own = |name: &str, shared: &Linear| {
                if config.share_att_key {
                    Ok(shared.share())
                } else {
                    linear(name)
                }
            };
            step_keys = looks.then(|| own("pos_key_proj", &key)).transpose()?;
            step_queries = is_looked_for
                .then(|| own("pos_query_proj", &query))
                .transpose()?;
            projections = Projections::Apart([query, key, linear("value_proj")?]);
            terms = usize::from(config.attends("c2p")) + usize::from(config.attends("p2c"));
        }
        Ok(Self {
            projections,
            step_keys,
            step_queries,
            heads,
            scale: ((hidden / heads) as f64 * (1 + terms) as f64).sqrt(),
        })
    }

    /// `[heads, rows, size of a head]` from `[rows, hidden]`.
    fn split(&self, vectors: &Tensor) -> Result<Tensor, TchError> {
        let (rows, _) = vectors.size2()?;
        vectors.f_reshape([rows, self.heads, -1])?.f_transpose(0, 1)
    }

    fn query_key_value(&self, hidden: &Tensor) -> Result<[Tensor; 3], TchError> {
        match &self.projections {
            Projections::Joint {
                all,
                query_bias,
                value_bias,
            } => {
                let parts = self.split(&all.of(hidden)?)?;
                let (_, _, size) = parts.size3()?;
                let size = size / 3;
                let part = |number: i64| parts.f_narrow(-1, number * size, size);
                let bias = |bias: &Tensor| bias.f_reshape([self.heads, 1, size]);
                Ok([
                    part(0)?.f_add(&bias(query_bias)?)?,
                    part(1)?,
                    part(2)?.f_add(&bias(value_bias)?)?,
                ])
            }
            Projections::Apart([query, key, value]) => {
                let part = |projection: &Linear| self.split(&projection.of(hidden)?);
                Ok([part(query)?, part(key)?, part(value)?])
            }
        }
    }

    fn of(&self, hidden: &Tensor, steps: Option<&Steps>) -> Result<Tensor, TchError> {
        let [query, key, value] = self.query_key_value(hidden)?;
        let mut scores = query.f_matmul(&key.f_transpose(-1, -2)?)?;
        if let Some(Steps { vectors, between }) = steps {
            let between = between.f_expand(scores.size(), false)?;
            if let Some(projection) = &self.step_keys {
                let keys = self.split(&projection.of(vectors)?)?.f_transpose(-1, -2)?;
                scores = scores.f_add(&query.f_matmul(&keys)?.f_gather(-1, &between, false)?)?;
            }
            if let Some(projection) = &self.step_queries {
                let queries = self.split(&projection.of(vectors)?)?.f_transpose(-1, -2)?;
                let back = between.f_transpose(-1, -2)?;
                let found = key.f_matmul(&queries)?.f_gather(-1, &back, false)?;
                scores = scores.f_add(&found.f_transpose(-1, -2)?)?;
            }
        }
        let shares = scores.f_div_scalar(self.scale)?.f_softmax(-1, None)?;
        shares
            .f_matmul(&value)?
            .f_transpose(0, 1)?
            .f_reshape(hidden.size())
    }
}

struct Layer {
    attention: Attention,
    attention_output: Linear,
    attention_norm: Norm,
    widen: Linear,
    activation: Activation,
    narrow: Linear,
    output_norm: Norm,
}

impl Layer {
    fn new(at: &Path, config: &Config, is_first: bool) -> Result<Self, TchError> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let (attention, output) = (at / "attention", at / "output");
        let attention_output = &attention / "output";
        Ok(Self {
            attention: Attention::new(&(&attention / "self"), config, is_first)?,
            attention_output: Linear::new(&(&attention_output / "dense"), hidden, hidden)?,
            attention_norm: config.norm(&(&attention_output / "LayerNorm"))?,
            widen: Linear::new(&(at / "intermediate" / "dense"), hidden, wide)?,
            activation: config.hidden_act,
            narrow: Linear::new(&(&output / "dense"), wide, hidden)?,
            output_norm: config.norm(&(&output / "LayerNorm"))?,
        })
    }

    fn of(&self, hidden: &Tensor, steps: Option<&Steps>) -> Result<Tensor, TchError> {
        let attended = self
            .attention_output
            .of(&self.attention.of(hidden, steps)?)?;
        let attended = self.attention_norm.of(&attended.f_add(hidden)?)?;
        let wide = activated(self.activation, &self.widen.of(&attended)?);
        let narrow = self.narrow.of(&wide)?;
        self.output_norm.of(&narrow.f_add(&attended)?)
    }
}

fn activated(activation: Activation, input: &Tensor) -> Tensor {
    activation.get_function().get_fn()(input)
}

/// What the largest models of version 2 add to the first layer: what is next to each token.
struct Convolution {
    weight: Tensor,
    bias: Tensor,
    padding: i64,
    groups: i64,
    activation: Activation,
    norm: Norm,
}

impl Convolution {
    fn new(at: &Path, config: &Config) -> Result<Self, TchError> {
        let (hidden, width) = (config.hidden_size, config.conv_kernel_size);
        let groups = config.conv_groups.unwrap_or(1).max(1);
        let conv = at / "conv";
        Ok(Self {
            weight: conv.f_zeros("weight", &[hidden, hidden / groups, width])?,
            bias: conv.f_zeros("bias", &[hidden])?,
            padding: (width - 1) / 2,
            groups,
            activation: config.conv_act.unwrap_or(Activation::tanh),
            norm: config.norm(&(at / "LayerNorm"))?,
        })
    }

    fn of(&self, embedded: &Tensor, hidden: &Tensor) -> Result<Tensor, TchError> {
        let around = embedded
            .f_transpose(0, 1)?
            .f_unsqueeze(0)?
            .f_conv1d(
                &self.weight,
                Some(&self.bias),
                1,
                self.padding,
                1,
                self.groups,
            )?
            .f_squeeze_dim(0)?
            .f_transpose(0, 1)?;
        self.norm
            .of(&activated(self.activation, &around).f_add(hidden)?)
    }
}

pub(super) struct Deberta {
    words: Tensor,
    positions: Option<Tensor>,
    segments: Option<Tensor>,
    embedding: Option<Linear>,
    embedding_norm: Norm,
    steps: Option<StepTable>,
    layers: Vec<Layer>,
    convolution: Option<Convolution>,
    pooler: Linear,
    pooler_activation: Activation,
    classifier: Linear,
}

impl Deberta {
    /// A network of zeros, which are put under `root`; `is_first` for version 1.
    pub(super) fn new(
        root: &Path,
        config: &Config,
        is_first: bool,
        classes: i64,
    ) -> Result<Self, TchError> {
        let hidden = config.hidden_size;
        let size = config.embedding_size.unwrap_or(hidden);
        let pooled = config.pooler_hidden_size.unwrap_or(hidden);
        let (embeddings, encoder) = (
            root / "deberta" / "embeddings",
            root / "deberta" / "encoder",
        );
        let table = |name: &str, rows: i64, is_there: bool| {
            is_there
                .then(|| (&embeddings / name).f_zeros("weight", &[rows, size]))
                .transpose()
        };
        let is_placed = config.position_biased_input.unwrap_or(true);
        let (places, segments) = (config.max_position_embeddings, config.type_vocab_size);
        let (has_embedding, has_convolution) =
            (size != hidden, !is_first && config.conv_kernel_size > 0);
        Ok(Self {
            words: (&embeddings / "word_embeddings")
                .f_zeros("weight", &[config.vocab_size, size])?,
            positions: table("position_embeddings", places, is_placed)?,
            segments: table("token_type_embeddings", segments, segments > 0)?,
            embedding: has_embedding
                .then(|| Linear::without_bias(&(&embeddings / "embed_proj"), size, hidden))
                .transpose()?,
            embedding_norm: config.norm(&(&embeddings / "LayerNorm"))?,
            steps: config
                .relative_attention
                .then(|| StepTable::new(&encoder, config, is_first))
                .transpose()?,
            layers: (0..config.num_hidden_layers)
                .map(|number| Layer::new(&(&encoder / "layer" / number), config, is_first))
                .collect::<Result<_, _>>()?,
            convolution: has_convolution
                .then(|| Convolution::new(&(&encoder / "conv"), config))
                .transpose()?,
            pooler: Linear::new(&(root / "pooler" / "dense"), pooled, pooled)?,
            pooler_activation: config.pooler_hidden_act.unwrap_or(Activation::gelu),
            classifier: Linear::new(&(root / "classifier"), hidden, classes)?,
        })
    }

    /// `[1, classes]` from `[1, tokens]`.
    pub(super) fn logits(&self, ids: &Tensor) -> Result<Tensor, TchError> {
        let ids = ids.f_reshape([-1])?;
        let tokens = ids.size1()?;
        let mut embedded = Tensor::f_embedding(&self.words, &ids, -1, false, false)?;
        if let Some(table) = &self.positions {
            embedded = embedded.f_add(&table.f_narrow(0, 0, tokens)?)?;
        }
        if let Some(table) = &self.segments {
            embedded = embedded.f_add(&table.f_select(0, 0)?)?;
        }
        if let Some(embedding) = &self.embedding {
            embedded = embedding.of(&embedded)?;
        }
        let embedded = self.embedding_norm.of(&embedded)?;
        let steps = self.steps.as_ref().map(|table| table.within(tokens));
        let steps = steps.transpose()?;
        let mut hidden = embedded.shallow_clone();
        for (number, layer) in self.layers.iter().enumerate() {
            hidden = layer.of(&hidden, steps.as_ref())?;
            if let Some(convolution) = self.convolution.as_ref().filter(|_| number == 0) {
                hidden = convolution.of(&embedded, &hidden)?;
            }
        }
        let first = self.pooler.of(&hidden.f_narrow(0, 0, 1)?)?;
        self.classifier
            .of(&activated(self.pooler_activation, &first))
    }
}

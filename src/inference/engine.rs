//! Runs texts through the encoder: one feeder that tokenizes, encoders side by side, one
//! consumer.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel, sync_channel};
use std::thread;
use std::time::Duration;

use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use super::pooling::{Pool, Sums, Vectors};
use super::queue::{Batch, Queue, Row};
use super::windows::{SENTENCE, Tokenized, Window, Windower};
use crate::model::{Bundle, Encoder, ModelError, Precision, TokenBatch};
use crate::passage::Passage;

/// How long a text of a stream waits for others to share its batch while an encoder is free.
const PATIENCE: Duration = Duration::from_millis(250);

/// Longer than any run: texts that are all at hand wait until nothing more can join them.
const UNTIL_THE_END: Duration = Duration::from_secs(u32::MAX as u64);

/// Texts tokenized in one go; enough to keep all cores busy, little enough to answer a slow writer at once.
const CHUNK: usize = 256;

/// A chunk ends early once it holds this many bytes of text.
const CHUNK_BYTES: usize = 1 << 20;

/// The weight of texts under way: one each, and one more for each kilobyte.
const CAPACITY: usize = 4096;

/// How the encoder is had when a text first needs it.
type LoadEncoder = Box<dyn Fn() -> Result<Box<dyn Encoder>, ModelError>>;

/// The encoder with everything around it: from a text to its vectors.
///
/// The weights are loaded when a text first needs them.
pub struct Engine {
    windower: Windower,
    encoder: OnceCell<Box<dyn Encoder>>,
    load: LoadEncoder,
    workers: usize,
    hidden_size: usize,
}

/// A text that can be encoded: a [`Passage`], or one that is [`Tokenized`] already.
pub trait Encodable: Send {
    /// Its windows.
    ///
    /// # Errors
    /// The tokenizer refuses it.
    fn tokenized(self, windower: &Windower) -> Result<Tokenized, ModelError>;

    /// What it holds in memory, roughly.
    fn bytes(&self) -> usize;
}

impl<S: AsRef<str> + Send> Encodable for Passage<S> {
    fn bytes(&self) -> usize {
        self.text.as_ref().len()
    }

    fn tokenized(self, windower: &Windower) -> Result<Tokenized, ModelError> {
        windower.windows(&self).map(Tokenized::new)
    }
}

impl Encodable for Tokenized {
    fn bytes(&self) -> usize {
        let windows = self.windows.iter();
        windows
            .map(|window| window.ids.len() * size_of::<i64>())
            .sum()
    }

    fn tokenized(self, _: &Windower) -> Result<Tokenized, ModelError> {
        Ok(self)
    }
}

/// A text on its way in.
#[derive(Debug)]
pub struct Incoming<T, P> {
    /// Given back with the result.
    pub tag: T,
    /// What to encode.
    pub text: P,
    /// What tag and text hold in memory, roughly: the sum over all texts under way is bounded.
    pub bytes: usize,
}

/// In which order texts are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivery {
    /// As they came.
    InOrder,
    /// As soon as they are ready.
    AsReady,
}

/// What reaches the consumer's side.
enum Event<T> {
    /// A text was tokenized.
    Text(Pending<T>),
    /// Windows were encoded.
    Encoded(Vec<EncodedWindow>),
    /// Nothing more can be computed.
    Failed(ModelError),
}

/// The sums over one window.
struct EncodedWindow {
    text: u64,
    window: usize,
    sums: Sums,
}

/// A text whose windows are coming in.
struct Pending<T> {
    tag: T,
    weight: usize,
    pool: Pool,
}

impl Engine {
    /// Loads the encoder of a bundle. `workers` encoders run side by side, at least one, each on one core.
    ///
    /// # Errors
    /// The bundle's tokenizer or weights cannot be used.
    pub fn load(bundle: &Bundle, precision: Precision, workers: usize) -> Result<Self, ModelError> {
        let windower = Windower::new(bundle.tokenizer()?)?;
        let hidden_size = bundle.hidden_size();
        let bundle = bundle.clone();
        Ok(Self {
            windower,
            encoder: OnceCell::new(),
            load: Box::new(move || Ok(Box::new(bundle.encoder(precision)?))),
            workers: workers.max(1),
            hidden_size,
        })
    }

    /// Puts an engine together from parts, for an encoder that is no bundle yet.
    ///
    /// # Errors
    /// The tokenizer lacks the special tokens of BERT and of MPNet.
    pub fn from_parts(
        tokenizer: tokenizers::Tokenizer,
        encoder: Box<dyn Encoder>,
        hidden_size: usize,
        workers: usize,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            windower: Windower::new(tokenizer)?,
            load: Box::new(move || encoder.share()),
            encoder: OnceCell::new(),
            workers: workers.max(1),
            hidden_size,
        })
    }

    /// Numbers in a vector.
    pub fn hidden_size(&self) -> usize {
        self.hidden_size
    }

    /// What the encoder would read of texts.
    ///
    /// # Errors
    /// The tokenizer refuses one.
    pub fn tokenized<P: Encodable>(&self, texts: Vec<P>) -> Result<Vec<Tokenized>, ModelError> {
        let windower = &self.windower;
        texts
            .into_par_iter()
            .map(|text| text.tokenized(windower))
            .collect()
    }

    /// Encodes texts that are all at hand and gives what `each` makes of their vectors, in the order of the texts;
    /// None stands for a text without any token. `each` is called as vectors become ready. Batches are filled as far
    /// as possible.
    ///
    /// # Errors
    /// The encoder fails.
    pub fn embed_all<'t, R>(
        &self,
        texts: impl Iterator<Item = impl Into<Passage<&'t str>>> + Send,
        mut each: impl FnMut(Option<Vectors>) -> R,
    ) -> Result<Vec<R>, ModelError> {
        self.embed_each(texts.map(Into::into), |_, vectors| each(vectors))
    }

    /// The same for texts in any form; `each` is told the place of the text.
    ///
    /// # Errors
    /// The encoder fails.
    pub fn embed_each<P: Encodable, R>(
        &self,
        texts: impl Iterator<Item = P> + Send,
        mut each: impl FnMut(usize, Option<Vectors>) -> R,
    ) -> Result<Vec<R>, ModelError> {
        let mut results: Vec<Option<R>> = Vec::new();
        thread::scope(|scope| {
            let (sender, receiver) = sync_channel(CHUNK);
            scope.spawn(move || {
                for (place, text) in texts.enumerate() {
                    let incoming = Incoming {
                        tag: place,
                        bytes: text.bytes(),
                        text,
                    };
                    // A refused text means that the engine has failed, which it reports itself.
                    if sender.send(incoming).is_err() {
                        return;
                    }
                }
            });
            self.encode_texts(
                receiver,
                UNTIL_THE_END,
                Delivery::AsReady,
                |place, vectors| {
                    if results.len() <= place {
                        results.resize_with(place + 1, || None);
                    }
                    results[place] = Some(each(place, vectors));
                    ControlFlow::Continue(())
                },
            )
        })?;
        // Every text has been consumed once when the stream ends without an error.
        Ok(results.into_iter().flatten().collect())
    }

    /// Encodes texts as they come and hands each one's vectors to `consume`, in the order of the input, until the
    /// sender is dropped or `consume` breaks off. What is under way is bounded, whatever the input's length, and a
    /// text waits at most a quarter of a second for others to share its batch while an encoder is free.
    ///
    /// A long text is encoded in overlapping windows, and a mean goes over each of its tokens once, so that a window
    /// counts by its length and a text of one window is no special case. None stands for a text without any token.
    ///
    /// On one kind of processor vectors depend on the text, what of it is the writer's own, what it answers, and the
    /// precision alone: not on company, order or the number of workers.
    ///
    /// # Errors
    /// The encoder fails; texts consumed until then are right.
    pub fn embed_stream<T: Send, P: Encodable>(
        &self,
        input: Receiver<Incoming<T, P>>,
        consume: impl FnMut(T, Option<Vectors>) -> ControlFlow<()>,
    ) -> Result<(), ModelError> {
        self.encode_texts(input, PATIENCE, Delivery::InOrder, consume)
    }

    fn encoder(&self) -> Result<&dyn Encoder, ModelError> {
        if self.encoder.get().is_none() {
            // Nobody else can have set it in between: the cell belongs to one thread.
            let _ = self.encoder.set((self.load)()?);
        }
        let loaded = self.encoder.get().map(AsRef::as_ref);
        loaded.ok_or_else(|| ModelError::Encoder("the encoder was not loaded".to_owned()))
    }

    fn encode_texts<T: Send, P: Encodable>(
        &self,
        input: Receiver<Incoming<T, P>>,
        patience: Duration,
        delivery: Delivery,
        mut consume: impl FnMut(T, Option<Vectors>) -> ControlFlow<()>,
    ) -> Result<(), ModelError> {
        let queue = Queue::new(patience, CAPACITY);
        let encoder = self.encoder()?;
        let encoders = (0..self.workers)
            .map(|_| encoder.share())
            .collect::<Result<Vec<_>, _>>()?;
        let queue = &queue;
        // Unbounded, but what can be in it is bounded by the queue's capacity. The receiver outlives every sender, so
        // sending cannot fail; who must stop learns it from the queue.
        let (events, arrivals) = channel();
        let report = |events: &Sender<Event<T>>, event| drop(events.send(event));

        thread::scope(|scope| {
            for encoder in encoders {
                let events = events.clone();
                let hidden = self.hidden_size;
                scope.spawn(move || {
                    let _guard = StopGuard {
                        queue,
                        consumer: false,
                    };
                    // One core an encoder: with more, sums could be split differently from one machine to the next.
                    tch::set_num_threads(1);
                    while let Some(batch) = queue.next_batch() {
                        let event = match encode(encoder.as_ref(), &batch, hidden) {
                            Ok(rows) => Event::Encoded(rows),
                            Err(error) => Event::Failed(error),
                        };
                        report(&events, event);
                    }
                });
            }
            let windower = &self.windower;
            scope.spawn(move || {
                let _guard = StopGuard {
                    queue,
                    consumer: false,
                };
                feed(windower, input, queue, |event| report(&events, event));
                queue.close();
            });
            let _guard = StopGuard {
                queue,
                consumer: true,
            };
            collect(&arrivals, queue, delivery, &mut consume)
        })
    }
}

/// Lets the other threads end when the thread that holds it ends by a panic, or in any way if it is the consumer's:
/// they would wait for it for ever, and nobody would see why.
struct StopGuard<'a> {
    queue: &'a Queue,
    consumer: bool,
}

impl Drop for StopGuard<'_> {
    fn drop(&mut self) {
        if self.consumer || thread::panicking() {
            self.queue.stop();
        }
    }
}

/// Tokenizes what comes in and leaves it in the queue.
fn feed<T: Send, P: Encodable>(
    windower: &Windower,
    input: Receiver<Incoming<T, P>>,
    queue: &Queue,
    report: impl Fn(Event<T>),
) {
    let mut next = 0;
    loop {
        // The timeout lets the feeder notice that the consumer has gone while the writer is silent.
        let first = match input.recv_timeout(Duration::from_millis(100)) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) if !queue.is_stopped() => continue,
            Err(_) => return,
        };
        let mut bytes = first.bytes;
        let mut chunk = vec![first];
        while chunk.len() < CHUNK && bytes < CHUNK_BYTES {
            match input.try_recv() {
                Ok(item) => {
                    bytes += item.bytes;
                    chunk.push(item);
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        let tokenized: Vec<_> = chunk
            .into_par_iter()
            .map(|incoming| {
                let tokenized = incoming.text.tokenized(windower);
                (incoming.tag, 1 + incoming.bytes / 1024, tokenized)
            })
            .collect();
        for (tag, weight, tokenized) in tokenized {
            let windows: Vec<Window> = match tokenized {
                Ok(tokenized) => tokenized.windows,
                Err(error) => {
                    report(Event::Failed(error));
                    return;
                }
            };
            if !queue.admit(weight) {
                return;
            }
            let pool = Pool::new(&windows);
            let pending = Pending { tag, weight, pool };
            report(Event::Text(pending));
            let rows = windows.into_iter().enumerate();
            queue.push(rows.map(|(window, tokens)| Row::new(next, window, tokens)));
            next += 1;
        }
    }
}

/// Encodes one batch and sums the token vectors of each row: over all pooled tokens, over those that are the writer's own,
/// and over each sentence.
fn encode(
    encoder: &dyn Encoder,
    batch: &Batch,
    hidden: usize,
) -> Result<Vec<EncodedWindow>, ModelError> {
    let (rows, length) = (batch.shape.rows, batch.shape.length);
    let mut ids = vec![0_i64; rows * length];
    let mut mask = vec![0_i64; rows * length];
    let mut segments = vec![0_i64; rows * length];
    // Rows of weights a window. As many for every window of a shape, whatever sentences there are: with another number the
    // sums could come out differently in their last bits.
    let kinds = 2 + length / SENTENCE;
    let mut pooled = vec![0_f32; rows * kinds * length];
    for (number, row) in batch.rows.iter().enumerate() {
        let begin = number * length;
        let tokens = &row.tokens;
        ids[begin..begin + tokens.ids.len()].copy_from_slice(&tokens.ids);
        mask[begin..begin + tokens.ids.len()].fill(1);
        segments[begin + tokens.text..begin + tokens.ids.len()].fill(1);
        let of_row = &mut pooled[kinds * begin..kinds * (begin + length)];
        let (whole, others) = of_row.split_at_mut(length);
        let (own, sentences) = others.split_at_mut(length);
        whole[tokens.pooled.clone()].fill(1.0);
        for (weights, sentence) in sentences.chunks_exact_mut(length).zip(&tokens.sentences) {
            weights[sentence.clone()].fill(1.0);
        }
        match &tokens.own {
            None => own.copy_from_slice(whole),
            Some(positions) => positions.iter().for_each(|position| own[*position] = 1.0),
        }
    }
    let failed = |error: tch::TchError| ModelError::Encoder(error.to_string());
    let tokens = TokenBatch::new(&ids, &mask, &segments, rows, length).map_err(failed)?;
    let pooled = Tensor::f_from_slice(&pooled)
        .and_then(|pooled| pooled.f_reshape([rows as i64, kinds as i64, length as i64]))
        .map_err(failed)?;
    let vectors = encoder.token_vectors(&tokens)?;
    let sums = pooled
        .f_bmm(&vectors)
        .and_then(|sums| sums.f_reshape([-1]))
        .and_then(|sums| sums.f_to_device_(Device::Cpu, Kind::Float, false, false))
        .map_err(failed)?;
    let mut flat = vec![0_f32; rows * kinds * hidden];
    let numbers = flat.len();
    sums.f_copy_data(&mut flat, numbers).map_err(failed)?;
    Ok(batch
        .rows
        .iter()
        .zip(flat.chunks_exact(kinds * hidden))
        .map(|(row, sums)| {
            let (whole, others) = sums.split_at(hidden);
            let (own, sentences) = others.split_at(hidden);
            EncodedWindow {
                text: row.text,
                window: row.window,
                sums: Sums {
                    whole: whole.to_vec(),
                    own: row.tokens.own.is_some().then(|| own.to_vec()),
                    sentences: sentences[..row.tokens.sentences.len() * hidden].to_vec(),
                },
            }
        })
        .collect())
}

/// Puts windows together to texts and hands them over.
fn collect<T>(
    arrivals: &Receiver<Event<T>>,
    queue: &Queue,
    delivery: Delivery,
    consume: &mut impl FnMut(T, Option<Vectors>) -> ControlFlow<()>,
) -> Result<(), ModelError> {
    let mut announced = 0;
    let mut under_way: BTreeMap<u64, Pending<T>> = BTreeMap::new();
    for event in arrivals {
        // The texts that may have become ready.
        let touched: Vec<u64> = match event {
            Event::Failed(error) => return Err(error),
            // The feeder announces a text before it queues its windows, so this comes before their vectors.
            Event::Text(pending) => {
                let number = announced;
                under_way.insert(number, pending);
                announced += 1;
                vec![number]
            }
            Event::Encoded(rows) => rows
                .into_iter()
                .filter_map(|row| {
                    let pending = under_way.get_mut(&row.text)?;
                    pending.pool.receive(row.window, row.sums);
                    Some(row.text)
                })
                .collect(),
        };
        let mut touched = touched.into_iter();
        loop {
            let next = match delivery {
                Delivery::AsReady => touched.next(),
                Delivery::InOrder => under_way
                    .first_key_value()
                    .filter(|(_, pending)| pending.pool.is_whole())
                    .map(|(number, _)| *number),
            };
            let Some(number) = next else { break };
            let ready = under_way
                .get(&number)
                .is_some_and(|pending| pending.pool.is_whole());
            if !ready {
                continue;
            }
            if let Some(pending) = under_way.remove(&number) {
                queue.release(pending.weight);
                let vectors = pending.pool.vectors()?;
                if consume(pending.tag, vectors).is_break() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

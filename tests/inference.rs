//! The encoder's promises: the same bits alone and in any company, windows that add up, an honest reference.

mod common;

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::sync::mpsc::sync_channel;

use common::repository;
use ndarray::Array1;
use proptest::prelude::*;
use tch::{Kind, Tensor};
use undertone::inference::{Engine, Incoming, Vectors};
use undertone::model::{Bundle, Encoder, ModelError, Precision, TokenBatch};
use undertone::passage::{Own, Passage};

fn bundle() -> Bundle {
    Bundle::open(&repository("models/standard")).expect("the bundle is intact")
}

fn engine(workers: usize) -> Engine {
    Engine::load(&bundle(), Precision::F32, workers).expect("the bundle loads")
}

/// Texts of every length the shapes tell apart, from one word to several windows.
fn texts() -> Vec<String> {
    let words = "the caseload went up again and nobody at headquarters answers when officers ask for help with it";
    [
        1, 4, 9, 12, 15, 18, 22, 28, 34, 40, 44, 60, 70, 80, 92, 105, 118, 140, 158, 170, 190, 215,
        238, 239, 300, 700,
    ]
    .iter()
    .enumerate()
    .map(|(shift, length)| {
        let cycle = words.split(' ').cycle().skip(shift);
        cycle.take(*length).collect::<Vec<_>>().join(" ")
    })
    .collect()
}

/// Each text's vector when it is encoded on its own.
fn alone() -> &'static [Array1<f64>] {
    static ALONE: OnceLock<Vec<Array1<f64>>> = OnceLock::new();
    ALONE.get_or_init(|| {
        let engine = engine(1);
        texts()
            .iter()
            .map(|text| {
                let vectors = engine
                    .embed_all([text.as_str()].into_iter(), whole)
                    .expect("it encodes");
                vectors[0].clone().expect("it has words")
            })
            .collect()
    })
}

fn whole(vectors: Option<Vectors>) -> Option<Array1<f64>> {
    vectors.map(|vectors| vectors.whole)
}

fn bits(vector: &Array1<f64>) -> Vec<u64> {
    vector.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn a_text_has_the_same_bits_alone_and_in_any_company(
        order in prop::collection::vec(0_usize..26, 1..40),
        workers in 1_usize..4,
    ) {
        let texts = texts();
        let chosen = order.iter().map(|place| texts[*place].as_str());
        let vectors = engine(workers).embed_all(chosen, whole).expect("they encode");
        prop_assert_eq!(vectors.len(), order.len());
        for (place, vector) in order.iter().zip(&vectors) {
            let vector = vector.as_ref().expect("it has words");
            prop_assert_eq!(bits(vector), bits(&alone()[*place]), "text {}", place);
        }
    }
}

#[test]
fn a_stream_keeps_the_order_and_gives_the_same_bits() {
    let texts = texts();
    let (sender, receiver) = sync_channel(4);
    let feeder = std::thread::spawn(move || {
        for (place, text) in texts.into_iter().enumerate().rev() {
            let bytes = text.len();
            let incoming = Incoming {
                tag: place,
                text: Passage::whole(text),
                bytes,
            };
            sender.send(incoming).expect("the engine listens");
        }
    });
    let mut seen = Vec::new();
    engine(2)
        .embed_stream(receiver, |place, vectors| {
            let vectors = vectors.expect("it has words");
            assert_eq!(bits(&vectors.whole), bits(&alone()[place]));
            assert_eq!(vectors.own, Some(vectors.whole));
            seen.push(place);
            ControlFlow::Continue(())
        })
        .expect("they encode");
    feeder.join().expect("the feeder ends");
    assert_eq!(seen, (0..26).rev().collect::<Vec<_>>());
}

#[test]
fn a_consumer_that_breaks_off_ends_the_stream_though_the_writer_goes_on() {
    let (sender, receiver) = sync_channel(4);
    let writer = std::thread::spawn(move || {
        let mut sent = 0;
        let incoming = || Incoming {
            tag: (),
            text: Passage::whole("one more line of the same"),
            bytes: 25,
        };
        while sender.send(incoming()).is_ok() {
            sent += 1;
        }
        sent
    });
    let mut seen = 0;
    engine(2)
        .embed_stream(receiver, |(), _| {
            seen += 1;
            if seen == 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .expect("breaking off is no error");
    assert_eq!(seen, 3);
    assert!(writer.join().expect("the writer ends") >= 3);
}

/// The engine against rust-bert called directly: one text, no padding, mean over its tokens.
/// Whether `rounded` is `exact` in 16 bits: half a unit of the last of 11 binary digits, and what summing in another order does.
fn near(rounded: f64, exact: f32) -> bool {
    let exact = f64::from(exact);
    (rounded - exact).abs() < exact.abs() / 2048.0 + 1e-5
}

#[test]
fn vectors_are_those_of_a_plain_forward_pass() {
    let bundle = bundle();
    let encoder = bundle
        .reference_encoder(Precision::F32)
        .expect("the encoder loads");
    let tokenizer = bundle.tokenizer().expect("the tokenizer loads");
    // Texts of one window.
    for (text, ours) in texts().iter().zip(alone()).take(22) {
        let encoding = tokenizer.encode(text.as_str(), true).expect("it tokenizes");
        let ids: Vec<i64> = encoding.get_ids().iter().map(|id| i64::from(*id)).collect();
        let ids = Tensor::from_slice(&ids).unsqueeze(0);
        let vectors = encoder
            .token_vectors(&TokenBatch::of_texts(ids))
            .expect("it encodes");
        let mean = vectors.mean_dim(1, false, Kind::Float).squeeze();
        let mean = &mean / mean.norm();
        let theirs: Vec<f32> = Vec::try_from(&mean).expect("a vector");
        for (a, b) in ours.iter().zip(theirs) {
            assert!(near(*a, b), "{a} and {b} for {text:?}");
        }
    }
}

/// A quotation and an answer to it, in one window and over several: the vector of the answer is the mean of its tokens
/// as they stand in the whole text, and that of the whole text does not change.
#[test]
fn own_words_are_pooled_from_the_same_pass() {
    let bundle = bundle();
    let encoder = bundle
        .reference_encoder(Precision::F32)
        .expect("the encoder loads");
    let tokenizer = bundle.tokenizer().expect("the tokenizer loads");
    let quotation =
        "\u{201c}Café closures are \u{2014} regrettably \u{2014} part of our ambition.\u{201d} ";
    let answer = "Nobody believes a word of it, naïve as we are.";
    let text = format!("{quotation}{answer}");
    let passage = Passage {
        text: text.as_str(),
        own: Own::Parts(std::iter::once(quotation.len()..text.len()).collect()),
        answers: None,
    };
    let nothing = Passage {
        text: text.as_str(),
        own: Own::Parts(Vec::new()),
        answers: None,
    };
    let plain = Passage::whole(text.as_str());
    let vectors = engine(1)
        .embed_all([passage, nothing, plain].into_iter(), |vectors| {
            vectors.expect("words")
        })
        .expect("they encode");
    assert_eq!(bits(&vectors[0].whole), bits(&vectors[2].whole));
    assert_eq!(vectors[1].own, None);

    let encoding = tokenizer.encode(text.as_str(), true).expect("it tokenizes");
    let ids: Vec<i64> = encoding.get_ids().iter().map(|id| i64::from(*id)).collect();
    let answer_tokens = tokenizer.encode(answer, false).expect("it tokenizes").len() as i64;
    let ids = Tensor::from_slice(&ids).unsqueeze(0);
    let all = encoder
        .token_vectors(&TokenBatch::of_texts(ids))
        .expect("it encodes")
        .squeeze_dim(0);
    // The last token is the special one that ends the text.
    let end = all.size()[0] - 1;
    let mean = all
        .slice(0, end - answer_tokens, end, 1)
        .mean_dim(0, false, Kind::Float);
    let theirs: Vec<f32> = Vec::try_from(&(&mean / mean.norm())).expect("a vector");
    for (a, b) in vectors[0]
        .own
        .as_ref()
        .expect("own words")
        .iter()
        .zip(theirs)
    {
        assert!(near(*a, b), "{a} and {b}");
    }
}

/// The tokenizer's own pair of texts through rust-bert, and the mean over the tokens of the first one.
#[test]
fn an_answer_is_read_beside_what_it_answers_and_pooled_alone() {
    let bundle = bundle();
    let encoder = bundle
        .reference_encoder(Precision::F32)
        .expect("the encoder loads");
    let tokenizer = bundle.tokenizer().expect("the tokenizer loads");
    let (answer, answered) = ("Nobody told us either.", "They closed the hostel in May.");
    let beside = |text, answers| Passage {
        answers,
        ..Passage::whole(text)
    };
    // Of what is answered only the beginning is read, and nothing beside a long text.
    let long = "The senior managers never listen to the officers. ".repeat(20);
    let tail = "The senior managers never listen to the officers. ".repeat(9);
    let passages = [
        beside(answer, Some(answered)),
        beside(answer, None),
        beside(answer, Some(long.as_str())),
        beside(answer, Some(tail.as_str())),
        beside(long.as_str(), Some(answered)),
        beside(long.as_str(), None),
        beside(answer, Some("")),
    ];
    let vectors = engine(2)
        .embed_all(passages.into_iter(), |vectors| {
            vectors.expect("words").whole
        })
        .expect("they encode");
    assert!(vectors[0].dot(&vectors[1]) < 0.999);
    assert_eq!(bits(&vectors[2]), bits(&vectors[3]));
    assert_eq!(bits(&vectors[4]), bits(&vectors[5]));
    assert_eq!(bits(&vectors[6]), bits(&vectors[1]));

    let encoding = tokenizer
        .encode((answer, answered), true)
        .expect("it tokenizes");
    let tensor = |numbers: &[u32]| {
        let numbers: Vec<i64> = numbers.iter().map(|number| i64::from(*number)).collect();
        Tensor::from_slice(&numbers).unsqueeze(0)
    };
    let ids = tensor(encoding.get_ids());
    let batch = TokenBatch {
        mask: ids.ones_like(),
        segments: tensor(encoding.get_type_ids()),
        ids,
    };
    let all = encoder.token_vectors(&batch).expect("it encodes");
    let first = encoding.get_type_ids().iter().filter(|kind| **kind == 0);
    let mean = all
        .squeeze_dim(0)
        .slice(0, 0, first.count() as i64, 1)
        .mean_dim(0, false, Kind::Float);
    let theirs: Vec<f32> = Vec::try_from(&(&mean / mean.norm())).expect("a vector");
    for (a, b) in vectors[0].iter().zip(theirs) {
        assert!(near(*a, b), "{a} and {b}");
    }
}

#[test]
fn own_words_of_a_long_text_are_found_in_every_window() {
    let quotation = "The prison governor opened the new wing in 1874. ";
    let answer = "Sixty cases each, no admin, and everybody is off sick with stress. ";
    let mut text = String::new();
    let (mut answers, mut quotations) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        quotations.push(text.len()..text.len() + quotation.len());
        text.push_str(quotation);
        answers.push(text.len()..text.len() + answer.len());
        text.push_str(answer);
    }
    let own = |parts| Passage {
        text: text.as_str(),
        own: Own::Parts(parts),
        answers: None,
    };
    let passages = [
        own(answers),
        own(quotations),
        Passage::whole(answer),
        Passage::whole(quotation),
    ];
    let vectors = engine(2)
        .embed_all(passages.into_iter(), |vectors| {
            vectors.expect("words").own.expect("own words")
        })
        .expect("they encode");
    // Every token is read with the others around it, so the two means are near each other; but each is nearer to its own
    // sentence than the other is.
    for (own, other, sentence) in [(0, 1, 2), (1, 0, 3)] {
        let [near, far] = [own, other].map(|mean| vectors[mean].dot(&vectors[sentence]));
        assert!(near > far + 0.05, "{near} and {far}");
    }
}

/// The fused encoder against the reference, token by token, with padding.
#[test]
fn the_fused_encoder_agrees_with_the_reference() {
    let bundle = bundle();
    let fused = bundle.encoder(Precision::F32).expect("it loads");
    let reference = bundle.reference_encoder(Precision::F32).expect("it loads");
    for (rows, length) in [(5, 12), (3, 48), (2, 240)] {
        let ids = Tensor::arange(rows * length, (Kind::Int64, tch::Device::Cpu));
        let ids = (ids * 37).remainder(29_000).reshape([rows, length]) + 1000;
        // The last row is half padding.
        let mask = Tensor::ones([rows, length], (Kind::Int64, tch::Device::Cpu));
        let _ = mask
            .get(rows - 1)
            .narrow(0, length / 2, length - length / 2)
            .fill_(0);
        let ids = ids * &mask;
        // The second half of every row answers the first.
        let segments = ids.zeros_like();
        let _ = segments.narrow(1, length / 2, length - length / 2).fill_(1);
        let batch = TokenBatch {
            ids,
            mask,
            segments,
        };
        let [a, b] = [&fused as &dyn Encoder, &reference].map(|encoder| {
            let vectors = encoder.token_vectors(&batch).expect("it encodes");
            vectors * batch.mask.unsqueeze(-1)
        });
        let furthest = f64::try_from((a - b).abs().max()).expect("a number");
        assert!(furthest < 1e-4, "{furthest} at {rows} by {length}");
    }
}

/// A text that says one thing over and over means the same, however many windows it takes.
#[test]
fn a_very_long_text_is_read_to_its_end() {
    let sentence = "The senior managers never listen to the officers who do the work. ";
    let short = sentence.repeat(8);
    let long = sentence.repeat(1700);
    assert!(long.split_whitespace().count() > 20_000);
    let turned = format!(
        "{}{}",
        sentence.repeat(40),
        "What a lovely sunny holiday we had by the sea. ".repeat(1700)
    );
    let engine = engine(2);
    let all = [short.as_str(), long.as_str(), turned.as_str()];
    let vectors = engine
        .embed_all(all.into_iter(), whole)
        .expect("they encode");
    let [short, long, turned] = [0, 1, 2].map(|place| &vectors[place]);
    let cosine = |a: &Option<Array1<f64>>, b: &Option<Array1<f64>>| {
        a.as_ref().expect("words").dot(b.as_ref().expect("words"))
    };
    assert!(cosine(short, long) > 0.9, "{}", cosine(short, long));
    assert!(cosine(short, turned) < 0.5, "{}", cosine(short, turned));
}

#[test]
fn a_text_without_words_has_no_vector() {
    let vectors = engine(1)
        .embed_all(["", " \n\t ", "word"].into_iter(), whole)
        .expect("they encode");
    assert!(vectors[0].is_none() && vectors[1].is_none() && vectors[2].is_some());
}

/// Short texts share a batch of 960 tokens by the dozen: the probe must not care where among them it stands.
fn assert_same_bits_in_full_batches(precision: Precision, others: usize) {
    let engine = Engine::load(&bundle(), precision, 2).expect("the bundle loads");
    let probe = "Nobody asked us.";
    let filler: Vec<String> = (0..others)
        .map(|number| format!("Office {number} has closed."))
        .collect();
    let embed = |texts: Vec<&str>| {
        engine
            .embed_all(texts.into_iter(), whole)
            .expect("they encode")
    };
    let alone = embed(vec![probe]).remove(0).expect("words");
    for place in [0, others / 2, others] {
        let mut texts: Vec<&str> = filler.iter().map(String::as_str).collect();
        texts.insert(place, probe);
        let found = embed(texts).remove(place).expect("words");
        assert_eq!(bits(&found), bits(&alone), "{precision}, place {place}");
    }
}

#[test]
fn a_text_has_the_same_bits_at_any_place_of_a_full_batch() {
    assert_same_bits_in_full_batches(Precision::F32, 200);
}

/// bf16 is slow where the processor has no instructions for it, so fewer texts.
#[test]
fn bf16_gives_the_same_bits_in_company_and_stays_near_f32() {
    assert_same_bits_in_full_batches(Precision::Bf16, 100);
    let engine = Engine::load(&bundle(), Precision::Bf16, 2).expect("the bundle loads");
    let vectors = engine
        .embed_all([texts()[5].as_str()].into_iter(), whole)
        .expect("it encodes");
    assert!(vectors[0].as_ref().expect("words").dot(&alone()[5]) > 0.999);
}

/// An encoder that fails, one way or the other, after some batches.
struct Failing {
    batches_left: std::sync::Arc<std::sync::atomic::AtomicI32>,
    by_panic: bool,
}

impl Encoder for Failing {
    fn token_vectors(&self, batch: &TokenBatch) -> Result<Tensor, ModelError> {
        if self
            .batches_left
            .fetch_sub(1, std::sync::atomic::Ordering::SeqCst)
            > 0
        {
            let mut size = batch.ids.size();
            size.push(8);
            return Ok(Tensor::ones(size, (Kind::Float, tch::Device::Cpu)));
        }
        assert!(!self.by_panic, "the encoder panics, as it was told");
        Err(ModelError::Encoder("out of order".to_owned()))
    }

    fn share(&self) -> Result<Box<dyn Encoder>, ModelError> {
        Ok(Box::new(Self {
            batches_left: self.batches_left.clone(),
            by_panic: self.by_panic,
        }))
    }
}

/// Streams more texts than fit at once through a failing encoder and says how it ended; fails if it does not end.
fn end_of_stream(
    batches: i32,
    by_panic: bool,
    consumer_panics: bool,
) -> Result<Result<(), ModelError>, ()> {
    let (done, ended) = sync_channel(1);
    std::thread::spawn(move || {
        let encoder = Failing {
            batches_left: std::sync::Arc::new(batches.into()),
            by_panic,
        };
        let tokenizer = bundle().tokenizer().expect("the tokenizer loads");
        let engine = Engine::from_parts(tokenizer, Box::new(encoder), 8, 2).expect("an engine");
        let (sender, receiver) = sync_channel(16);
        std::thread::spawn(move || {
            for number in 0..20_000 {
                let text = format!("Line {number}.");
                let incoming = Incoming {
                    tag: number,
                    text: Passage::whole(text),
                    bytes: 12,
                };
                if sender.send(incoming).is_err() {
                    return;
                }
            }
        });
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            engine.embed_stream(receiver, |number, _| {
                assert!(
                    !(consumer_panics && number == 10),
                    "the consumer panics, as it was told"
                );
                ControlFlow::Continue(())
            })
        }));
        done.send(outcome.map_err(drop)).expect("the test waits");
    });
    ended
        .recv_timeout(std::time::Duration::from_secs(60))
        .expect("the stream ends")
}

#[test]
fn whatever_fails_the_stream_ends() {
    let error = end_of_stream(5, false, false)
        .expect("no panic")
        .expect_err("an error");
    assert!(error.to_string().contains("out of order"), "{error}");
    assert!(
        end_of_stream(5, true, false).is_err(),
        "the panic comes through"
    );
    assert!(
        end_of_stream(i32::MAX, false, true).is_err(),
        "the panic comes through"
    );
    assert!(
        end_of_stream(i32::MAX, false, false)
            .expect("no panic")
            .is_ok()
    );
}

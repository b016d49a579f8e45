//! How fast the stages are: `cargo bench`. Quote ratios between figures of one sitting; machines drift.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tch::{Device, Kind, Tensor};
use undertone::aggregation::{Collector, ScoredComment};
use undertone::cleaning::language::Language;
use undertone::cleaning::{CleanComment, Rules, clean_corpus, clean_text};
use undertone::inference::Scores;
use undertone::model::{Bundle, Encoder, Precision, TokenBatch};
use undertone::post::{Comment, Post};
use undertone::reading::read_page;

/// One batch of 960 tokens, on one core: the fused encoder beside rust-bert's forward pass.
fn encoders(criterion: &mut Criterion) {
    let bundle =
        Bundle::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/standard")).unwrap();
    tch::set_num_threads(1);
    let mut group = criterion.benchmark_group("encode 960 tokens");
    group.sample_size(20).throughput(Throughput::Elements(960));
    for precision in [Precision::F32, Precision::of_this_processor()] {
        let fused: Box<dyn Encoder> = Box::new(bundle.encoder(precision).unwrap());
        let reference: Box<dyn Encoder> = Box::new(bundle.reference_encoder(precision).unwrap());
        for (rows, length) in [(20, 48), (4, 240)] {
            let ids = Tensor::full([rows, length], 2023, (Kind::Int64, Device::Cpu));
            let batch = TokenBatch::of_texts(ids);
            for (name, encoder) in [("fused", &fused), ("reference", &reference)] {
                group.bench_function(format!("{name} {precision} {rows}x{length}"), |bencher| {
                    bencher.iter(|| encoder.token_vectors(&batch).unwrap());
                });
            }
        }
        if Precision::of_this_processor() == Precision::F32 {
            break;
        }
    }
    group.finish();
}

/// A page of 5,000 comments.
fn reading(criterion: &mut Criterion) {
    let mut page = String::from("Monday, 4 March 2019\n\nTitle\n\nBody.\n\n5000 comments:\n");
    for number in 1..=5000 {
        write!(
            page,
            "\n  {number}. A comment of some words.\n\n    A second paragraph.\n\n    ReplyDelete"
        )
        .unwrap();
    }
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Bytes(page.len() as u64));
    group.bench_function("a page of 5,000 comments", |bencher| {
        bencher.iter(|| read_page(black_box(&page), "page.txt", "page"));
    });
    group.finish();
}

fn comment(number: usize, text: String) -> Comment {
    Comment {
        id: format!("p#{number}"),
        parent: None,
        author: None,
        published: None,
        time: None,
        source_id: None,
        text,
    }
}

/// A thread of comments that quote each other, in two lengths: cleaning takes time linear in the length.
fn cleaning(criterion: &mut Criterion) {
    let body = "The inspectors found that the work to keep people safe was not sufficient in half of the cases. ".repeat(12);
    let mut group = criterion.benchmark_group("clean");
    group.sample_size(10);
    for comments in [500, 5000] {
        let sentence = |number: usize| {
            format!(
                "In office {} we had {} cases each and nobody asked how we got on.",
                number % 97,
                number % 61 + 20
            )
        };
        let post = Post {
            id: "p".to_owned(),
            source: "p.txt".to_owned(),
            title: None,
            published: None,
            url: None,
            body: body.clone(),
            comments: (0..comments)
                .map(|number: usize| {
                    let quoted = sentence(number.saturating_sub(3));
                    let own = [number, number + 1, number + 2, number + 3].map(|n| sentence(n * 31)).join(" ");
                    comment(number, format!("\u{201c}{quoted}\u{201d}\n\n{own}\n\nhttps://www.example.org/news/{number}/some-words\n\n'Sam"))
                })
                .collect(),
            warnings: Vec::new(),
        };
        let posts = [post];
        group.throughput(Throughput::Elements(comments as u64));
        group.bench_function(format!("a thread of {comments}"), |bencher| {
            bencher.iter(|| clean_corpus(black_box(&posts), &Rules::default(), || ()));
        });
    }
    group.finish();
}

/// The sums over 10,000 scored comments.
fn aggregation(criterion: &mut Criterion) {
    let comments: Vec<ScoredComment> = (0..10_000)
        .map(|number| {
            let text = format!("Comment number {number} has quite enough words to be quoted.");
            let cleaning = CleanComment {
                cleaned: clean_text(&text, &Rules::default()),
                language: Language::English,
                duplicate_of: None,
                counted: true,
            };
            let scores = Scores {
                sentiment: [0.5, 0.3, 0.2],
                themes: vec![0.6; 17],
                assigned: (0..17).map(|theme| theme % 8 == number % 8).collect(),
                attitudes: vec![[0.5, 0.3, 0.2]; 17],
            };
            ScoredComment::new(comment(number, text), cleaning, scores, None)
        })
        .collect();
    let mut group = criterion.benchmark_group("aggregate");
    group.throughput(Throughput::Elements(10_000));
    group.bench_function("10,000 comments", |bencher| {
        bencher.iter_batched(
            || Collector::new(17),
            |mut collector| {
                comments.iter().for_each(|comment| collector.add(comment));
                collector
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(stages, encoders, reading, cleaning, aggregation);
criterion_main!(stages);

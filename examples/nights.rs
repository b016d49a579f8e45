//! Corpora of any size for timing whole runs, and stores that know them: what benches/nights.sh calls.
//!
//! `nights pages FOLDER COMMENTS [FIRST]` writes pages with that many made-up comments, numbered from FIRST on, 50 a page.
//! `nights fill FOLDER STORE [PRECISION]` keeps a random vector of length 1 for every text of the pages, as if they had been
//! scored. The same arguments give the same bytes.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::ToSpan;
use jiff::civil::date;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use tch::Tensor;
use undertone::cleaning::{Rules, clean_corpus};
use undertone::inference::Engine;
use undertone::model::{Bundle, Encoder, ModelError, Precision, TokenBatch, processor_kind};
use undertone::passage::Passage;
use undertone::post::Post;
use undertone::reading::{Corpus, ReadLimits};
use undertone::store::{Identity, Store, recall};

/// Comments on a page.
const A_PAGE: u64 = 50;

/// Days that pages are spread over: a dozen years.
const DAYS: u64 = 4400;

/// What comments are made of.
const WORDS: &str = "the a our their this that every some many no officers managers cases targets hours court prison \
    hostel region union ballot offer pay pension contract company inspectors report risk training computer system office \
    team partnership service people public ministers headquarters staff colleagues meeting email policy change years weeks \
    morning evening support supervision programme licence recall victims families money work works worked working lost \
    found left stayed promised asked told heard wrote read saw knew felt wanted needed tried failed managed closed opened \
    again always never often still already hardly really badly well good bad tired angry kind fair proud ashamed worse \
    better late early new old long short hard easy with without for against about after before under over between and but \
    because although while when where who what why how is are was were has have had will would can could should must";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["pages", folder, comments] => pages(Path::new(folder), comments.parse()?, 1),
        ["pages", folder, comments, first] => {
            pages(Path::new(folder), comments.parse()?, first.parse()?)
        }
        ["fill", folder, store] => fill(Path::new(folder), Path::new(store), "auto"),
        ["fill", folder, store, precision] => fill(Path::new(folder), Path::new(store), precision),
        _ => Err(
            "nights pages FOLDER COMMENTS [FIRST] | nights fill FOLDER STORE [PRECISION]".into(),
        ),
    }
}

/// One made-up comment: a few sentences of words drawn at random.
fn comment(number: u64) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut random = ChaCha8Rng::seed_from_u64(number);
    let mut below = |end: usize| random.next_u64() as usize % end;
    let mut text = String::new();
    for sentence in 0..1 + below(5) {
        for place in 0..5 + below(14) {
            let word = words[below(words.len())];
            match (sentence, place) {
                (0, 0) => text.push_str(&word[..1].to_uppercase()),
                (_, 0) => text.extend([" ", &word[..1].to_uppercase()]),
                _ => text.extend([" ", &word[..1]]),
            }
            text.push_str(&word[1..]);
        }
        text.push('.');
    }
    text
}

fn pages(folder: &Path, comments: u64, first: u64) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let end = first + comments;
    for begin in (first..end).step_by(A_PAGE as usize) {
        let count = A_PAGE.min(end - begin);
        let page = begin / A_PAGE;
        let day = date(2010, 1, 1).checked_add(((page % DAYS) as i64).days())?;
        let mut text = format!(
            "{}\n\nPage {page}\n\n{}\n\n{count} comments:\n",
            day.strftime("%A, %-d %B %Y"),
            comment(u64::MAX - begin)
        );
        for place in 0..count {
            let (number, comment) = (place + 1, comment(begin + place));
            write!(text, "\n  {number}. {comment}\n\n    ReplyDelete\n")?;
        }
        // Not too many in one folder.
        let folder = folder.join(format!("{:04}", page / 1000));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("page-{begin}.txt")), text)?;
    }
    Ok(())
}

/// Gives every row of a batch one random vector, the same at all of its tokens.
struct AtRandom {
    hidden: i64,
    batches: Arc<AtomicU64>,
}

impl Encoder for AtRandom {
    fn token_vectors(&self, batch: &TokenBatch) -> Result<Tensor, ModelError> {
        let (rows, length) = batch
            .ids
            .size2()
            .map_err(|error| ModelError::Encoder(error.to_string()))?;
        let mut random = ChaCha8Rng::seed_from_u64(self.batches.fetch_add(1, Ordering::Relaxed));
        // The sum of a few even draws is nearly normal.
        let mut number = || {
            (0..4)
                .map(|_| random.next_u32() as f32 / u32::MAX as f32 - 0.5)
                .sum()
        };
        let numbers: Vec<f32> = (0..rows * self.hidden).map(|_| number()).collect();
        let vectors = Tensor::from_slice(&numbers).reshape([rows, 1, self.hidden]);
        Ok(vectors
            .expand([rows, length, self.hidden], false)
            .contiguous())
    }

    fn share(&self) -> Result<Box<dyn Encoder>, ModelError> {
        Ok(Box::new(Self {
            hidden: self.hidden,
            batches: Arc::clone(&self.batches),
        }))
    }
}

fn fill(folder: &Path, store: &Path, precision: &str) -> Result<(), Box<dyn Error>> {
    let bundle = Bundle::open(Path::new("models/standard"))?;
    let identity = Identity {
        bundle: bundle.fingerprint().to_owned(),
        precision: precision.parse::<Precision>()?,
        processor: processor_kind(),
    };
    let encoder = AtRandom {
        hidden: bundle.hidden_size() as i64,
        batches: Arc::default(),
    };
    // One worker: batches come in the same order every time.
    let engine = Engine::from_parts(
        bundle.tokenizer()?,
        Box::new(encoder),
        bundle.hidden_size(),
        1,
    )?;

    let corpus = Corpus::open(folder, ReadLimits::default())?;
    let pages = (0..corpus.len()).filter_map(|page| corpus.read(page));
    let mut posts: Vec<Post> = Vec::new();
    for page in pages {
        posts.push(
            page.map_err(|skipped| format!("{}: {}", skipped.source, skipped.reason))?
                .post,
        );
    }
    posts.sort_by(Post::in_order);
    let cleaned = clean_corpus(&posts, &Rules::default(), || ());
    // No comment here answers another, so that each is read by itself.
    let passages: Vec<Passage<&str>> = cleaned
        .iter()
        .flat_map(|post| {
            let comments = post.comments.iter().map(|comment| &comment.cleaned);
            std::iter::once(&post.body).chain(comments)
        })
        .map(|cleaned| cleaned.passage.answering(None))
        .collect();
    let mut store = Store::open(store);
    let recalled = recall(&engine, &identity, &mut store, &passages, false, |_, _| ())?;
    if let Some(notice) = store.notices().into_iter().next() {
        return Err(notice.into());
    }
    println!(
        "{} texts, {} of them kept anew, {} bytes",
        passages.len(),
        recalled.encoded,
        store.bytes()
    );
    Ok(())
}

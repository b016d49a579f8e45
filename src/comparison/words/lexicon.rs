//! Which comment uses which words.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use rayon::prelude::*;

use super::FEWEST_COMMENTS;
use crate::cleaning::redaction::Personal;
use crate::cleaning::{folded_word, word_ranges};
use crate::comparison::observation::{Observation, Observations};

/// Stands for the author of a comment that names none.
pub(super) const NOBODY: u32 = u32::MAX;

/// The comments read at a time.
const BATCH: usize = 1 << 16;

/// The comments one task reads.
const TASK: usize = 1 << 11;

/// The words of all comments, read once and asked often.
///
/// Words are runs of letters with apostrophes inside, in lower case and with straight apostrophes; a hyphen parts words.
/// Words with digits, words of one letter, function words and the labels of redaction (`[name]`) are left out.
///
/// A word counts once a comment, however often the comment repeats it: one shouting comment is one voice.
#[derive(Debug)]
pub struct Lexicon {
    /// The words that may be shown at all, by first use.
    pub(super) words: Vec<String>,
    /// Where the comments of each word begin in `users`, and where the last one's end.
    starts: Vec<usize>,
    users: Vec<u32>,
    /// How many different words each comment has.
    pub(super) lengths: Vec<u64>,
    /// The post of each comment.
    pub(super) posts: Vec<usize>,
    /// The number of each comment's author, or [`NOBODY`].
    pub(super) authors: Vec<u32>,
}

impl Lexicon {
    /// Reads the texts of all comments, which are ordered by post. Takes four bytes for each different word of each comment,
    /// twice that while reading. At most 2^32 - 1 comments.
    pub fn new(observations: &Observations<'_>) -> Self {
        let mut lengths = Vec::with_capacity(observations.comments.len());
        let mut numbers = HashMap::new();
        let mut words: Vec<String> = Vec::new();
        let mut counts: Vec<usize> = Vec::new();
        let mut used: Vec<u32> = Vec::new();
        for batch in observations.comments.chunks(BATCH) {
            let parts: Vec<Part> = batch.par_chunks(TASK).map(Part::read).collect();
            for part in parts {
                let global: Vec<u32> = part
                    .words
                    .into_iter()
                    .map(|word| {
                        *numbers.entry(word).or_insert_with_key(|word| {
                            words.push(word.clone());
                            counts.push(0);
                            words.len() as u32 - 1
                        })
                    })
                    .collect();
                used.extend(part.used.iter().filter_map(|word| {
                    let word = *global.get(*word as usize)?;
                    *counts.get_mut(word as usize)? += 1;
                    Some(word)
                }));
                lengths.extend(part.lengths);
            }
        }
        drop(numbers);
        let (words, starts, users) = inverted(words, &counts, &used, &lengths);
        let mut authors = HashMap::new();
        Self {
            words,
            starts,
            users,
            lengths,
            posts: observations.comments.iter().map(|c| c.post).collect(),
            authors: observations
                .comments
                .iter()
                .map(|comment| {
                    let Some(author) = comment.author_key() else {
                        return NOBODY;
                    };
                    let next = authors.len() as u32;
                    *authors.entry(author).or_insert(next)
                })
                .collect(),
        }
    }

    /// The comments that use a word, in order.
    pub(super) fn users(&self, word: usize) -> &[u32] {
        let ends = self.starts.get(word).zip(self.starts.get(word + 1));
        ends.and_then(|(start, end)| self.users.get(*start..*end))
            .unwrap_or_default()
    }
}

/// Turns the words of each comment into the comments of each word, for the words that enough comments use: the words, where
/// the comments of each begin, and the comments.
fn inverted(
    words: Vec<String>,
    counts: &[usize],
    used: &[u32],
    lengths: &[u64],
) -> (Vec<String>, Vec<usize>, Vec<u32>) {
    let mut kept = Vec::new();
    let mut starts = vec![0];
    let mut total = 0;
    // Where the next comment of each word goes; None for a word that is not kept.
    let mut next: Vec<Option<usize>> = Vec::with_capacity(words.len());
    for (word, count) in words.into_iter().zip(counts) {
        let is_kept = *count as u64 >= FEWEST_COMMENTS;
        next.push(is_kept.then_some(total));
        if is_kept {
            total += count;
            kept.push(word);
            starts.push(total);
        }
    }
    let mut users = vec![0; total];
    let mut used = used.iter();
    for (comment, length) in lengths.iter().enumerate() {
        for word in used.by_ref().take(*length as usize) {
            if let Some(Some(place)) = next.get_mut(*word as usize) {
                if let Some(user) = users.get_mut(*place) {
                    *user = comment as u32;
                }
                *place += 1;
            }
        }
    }
    (kept, starts, users)
}

/// The words of some comments that follow each other.
struct Part {
    /// By first use.
    words: Vec<String>,
    /// The words of each comment, each once, by their place in `words`.
    used: Vec<u32>,
    /// How many of `used` are each comment's.
    lengths: Vec<u64>,
}

impl Part {
    fn read(comments: &[Observation<'_>]) -> Self {
        let mut part = Self {
            words: Vec::new(),
            used: Vec::new(),
            lengths: Vec::with_capacity(comments.len()),
        };
        // None for words that are left out.
        let mut places: HashMap<String, Option<u32>> = HashMap::new();
        let mut own = Vec::new();
        for comment in comments {
            own.clear();
            each_word(comment.text, |word| {
                let place = match places.get(word) {
                    Some(place) => *place,
                    None => {
                        let place = is_telling(word).then(|| {
                            part.words.push(word.to_owned());
                            part.words.len() as u32 - 1
                        });
                        places.insert(word.to_owned(), place);
                        place
                    }
                };
                own.extend(place);
            });
            own.sort_unstable();
            own.dedup();
            part.used.extend_from_slice(&own);
            part.lengths.push(own.len() as u64);
        }
        part
    }
}

/// Hands over each word of a text but those of labels, in lower case and with straight apostrophes.
fn each_word(text: &str, mut found: impl FnMut(&str)) {
    let mut folded = String::new();
    let mut labelled = 0;
    for range in word_ranges(text) {
        if let Some(label) = label_before(text, range.start) {
            labelled = range.start + label;
        }
        if range.start < labelled {
            continue;
        }
        folded.clear();
        folded.extend(folded_word(text.get(range).unwrap_or_default()));
        found(&folded);
    }
}

/// The bytes that are left of a label of redaction that begins right before a word.
fn label_before(text: &str, start: usize) -> Option<usize> {
    let bracket = start.checked_sub(1)?;
    let rest = text.get(bracket..)?;
    let kind = Personal::ALL
        .into_iter()
        .find(|kind| rest.starts_with(kind.label()))?;
    Some(kind.label().len() - 1)
}

fn is_telling(word: &str) -> bool {
    word.chars().nth(1).is_some()
        && !word.contains(char::is_numeric)
        && !FUNCTION_WORDS.contains(word)
}

static FUNCTION_WORDS: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| LISTED.split_whitespace().collect());

/// Words of grammar, which say how somebody writes and not what about. Written for this program.
const LISTED: &str = "
the an and or but nor so yet if then than that this these those there here of to in on at by for from with without
within into onto upon about above below over under after before between among amongst through during until till since
against towards toward across along around behind beside besides beyond off out up down near per via as like unlike
because although though while whilst whereas unless whether however therefore thus hence also too either neither both
i'm i've i'll i'd me my mine myself we us our ours ourselves we're we've we'll we'd you your yours yourself yourselves
you're you've you'll you'd he him his himself he's he'd he'll she her hers herself she's she'd she'll it its itself
it's it'd it'll they them their theirs themselves they're they've they'll they'd one's who whom whose who's which what
what's when where where's why how how's whatever whoever whenever wherever whichever
am is are was were be been being isn't aren't wasn't weren't do does did doing done don't doesn't didn't have has had
having haven't hasn't hadn't can could may might must shall should will would cannot can't couldn't mightn't mustn't
shan't shouldn't won't wouldn't could've should've would've let's that's that'll that'd there's there'll here's
ain't im ive ill id dont doesnt didnt isnt arent wasnt werent cant couldnt wont wouldnt shouldnt havent hasnt hadnt
thats theres whats youre youve theyre theyve weve hes shes
not no yes any all some none each every everyone everybody everything someone somebody something anyone anybody
anything nobody nothing other others another same such own very much many more most less least few several lot lots
just only even ever never always still again now once already often sometimes perhaps maybe quite rather really etc
get gets got getting go goes going gone went
";

#[cfg(test)]
mod tests {
    use super::{each_word, is_telling};

    fn told(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each_word(text, |word| {
            if is_telling(word) {
                words.push(word.to_owned());
            }
        });
        words
    }

    #[test]
    fn words_are_letters_in_lower_case_with_straight_apostrophes() {
        assert_eq!(
            told("The CRC\u{2019}s part-time STAFF, don't x 2014 OASys2 caf\u{e9} pro\u{ad}bation"),
            ["crc's", "part", "time", "staff", "café", "probation"]
        );
    }

    #[test]
    fn labels_of_redaction_are_no_words() {
        assert_eq!(
            told(
                "[name] told [NI number] the prison number [e-mail] and [prison number]s name ([name])"
            ),
            ["told", "prison", "number", "name"]
        );
        assert_eq!(told("[names] [name"), ["names", "name"]);
    }
}

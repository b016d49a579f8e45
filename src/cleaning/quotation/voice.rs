//! Whether a paragraph sounds like a reader who comments or like something published.
//!
//! Not a judgement of its own: it decides only how far a quotation reaches whose beginning is known from elsewhere (an
//! introducing line, a link). The signs and their weights are set by hand.

use super::super::words::words;

/// First and second person, clipped forms and interjections: what readers write and press offices do not.
const SPOKEN: [&str; 78] = [
    "ah",
    "anyone",
    "anyway",
    "apparently",
    "aye",
    "blah",
    "blimey",
    "bloody",
    "bollocks",
    "btw",
    "bull",
    "bullshit",
    "cheers",
    "clowns",
    "crap",
    "cos",
    "dear",
    "disgrace",
    "disgraceful",
    "eh",
    "er",
    "fuck",
    "fucking",
    "funny",
    "gonna",
    "guess",
    "haha",
    "hey",
    "hmm",
    "hypocrisy",
    "idiots",
    "imho",
    "imo",
    "joke",
    "kidding",
    "laugh",
    "lies",
    "lol",
    "maybe",
    "mate",
    "me",
    "mine",
    "my",
    "myself",
    "nah",
    "nonsense",
    "nope",
    "ok",
    "okay",
    "oh",
    "ooh",
    "oops",
    "ouch",
    "pathetic",
    "please",
    "pray",
    "really",
    "rubbish",
    "sad",
    "sadly",
    "seriously",
    "shambles",
    "shame",
    "shit",
    "sorry",
    "spin",
    "surprise",
    "tbh",
    "thanks",
    "typical",
    "ugh",
    "utter",
    "well",
    "whatever",
    "wow",
    "yawn",
    "yep",
    "yes",
];

/// Words of reported speech and of announcements.
const PUBLISHED: [&str; 44] = [
    "according",
    "added",
    "analysis",
    "announced",
    "announcement",
    "announces",
    "chief",
    "confirmed",
    "councillor",
    "department",
    "director",
    "editors",
    "executive",
    "figures",
    "following",
    "government",
    "inquiry",
    "inspectorate",
    "judge",
    "jailed",
    "launched",
    "minister",
    "ministry",
    "mp",
    "officials",
    "percent",
    "police",
    "prime",
    "prisoners",
    "programme",
    "published",
    "revealed",
    "rise",
    "said",
    "says",
    "secretary",
    "sentenced",
    "spokesman",
    "spokesperson",
    "spokeswoman",
    "study",
    "survey",
    "told",
    "union",
];

/// How a paragraph begins that takes up what went before.
const TAKING_UP: [&str; 34] = [
    "and",
    "but",
    "so",
    "that's",
    "this",
    "that",
    "these",
    "there",
    "there's",
    "here",
    "why",
    "what",
    "who",
    "how",
    "where",
    "is",
    "are",
    "do",
    "does",
    "did",
    "can",
    "could",
    "shouldn't",
    "isn't",
    "it's",
    "its",
    "no",
    "not",
    "nothing",
    "just",
    "notice",
    "note",
    "perhaps",
    "you",
];

/// Above 0 the more it sounds like a reader, below 0 the more it sounds published. `quoted` is what stands in quotation
/// marks: who speaks there says nothing about the paragraph.
pub(super) fn readers_voice(paragraph: &str, is_quoted: impl Fn(usize) -> bool) -> f64 {
    let mut score = 0.0;
    let mut count = 0;
    let mut published = 0.0_f64;
    let mut first = String::new();
    for word in words(paragraph) {
        count += 1;
        let folded = paragraph[word.range.clone()]
            .to_lowercase()
            .replace('’', "'");
        if count == 1 {
            first.clone_from(&folded);
        }
        if is_quoted(word.range.start) {
            continue;
        }
        let i = matches!(folded.as_str(), "i" | "i'm" | "i've" | "i'd" | "i'll");
        let you = matches!(
            folded.as_str(),
            "you" | "your" | "yours" | "you're" | "you've" | "you'll"
        );
        let short_form = folded.contains("n't")
            || folded.ends_with("'ve")
            || folded.ends_with("'ll")
            || folded.ends_with("'re");
        score += if i {
            1.5
        } else if SPOKEN.contains(&folded.as_str()) {
            1.0
        } else if you || short_form {
            0.75
        } else {
            0.0
        };
        if PUBLISHED.contains(&folded.as_str()) {
            published += 0.75;
        }
    }
    let unquoted = |wanted: &[char]| {
        paragraph
            .match_indices(wanted)
            .filter(|(at, _)| !is_quoted(*at))
            .count()
    };
    score += unquoted(&['?']).min(2) as f64 + unquoted(&['!']).min(2) as f64;
    score += if paragraph.contains("...") { 0.5 } else { 0.0 };
    if paragraph.starts_with(char::is_lowercase) {
        score += 1.5;
    }
    if TAKING_UP.contains(&first.as_str()) {
        score += 1.0;
    }
    // Short and not a heading: readers answer what they paste in a line or two.
    if count <= 12 && paragraph.ends_with(['.', '!', '?']) {
        score += 1.0;
    }
    if count >= 25 {
        published += 0.75;
    }
    if paragraph.contains("per cent") {
        published += 0.75;
    }
    score - published.min(3.0)
}

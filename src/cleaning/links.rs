//! Bare links in a text, and what of them a person would read.

use std::ops::Range;

use super::text::normalise;
use crate::calendar::MONTHS;

/// The most words of a link that are given.
const MOST_WORDS: usize = 20;

/// An address of a web page within a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its bytes in the text; with the brackets where it is written `<https://…>`.
    pub range: Range<usize>,
    /// The host and the words of the path: `example.org: a day in court`.
    ///
    /// Scheme, `www.`, port, user name, query, fragment, file extension, numbers, dates and ids are left out; escapes
    /// are decoded; at most 20 words are given. `link` stands for a host that is no name. Never empty, in the form
    /// that [`normalise`] gives, and neither a link nor page furniture by itself.
    ///
    /// Where it takes the place of the link, a space has to part it from anything but white space beside it, so that
    /// the two do not make a new link (`http://(<https://…>`).
    pub words: String,
}

/// Finds all that begins with `http://`, `https://` or `www.`, in any case.
///
/// A link ends at white space, quotation marks, angle and curly brackets, and where another begins right behind it.
/// Punctuation at its end is not part of it, except brackets that were opened within. The text should be normalised.
/// The links are in order and apart.
pub fn find(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        // All that a link can begin with is ASCII, so no character is split.
        let Some(start) = start_at(bytes, at) else {
            at += 1;
            continue;
        };
        let end = at + end_of(&text[at..], start);
        let Some(words) = words(&text[at..end]) else {
            // A scheme without a host; what hangs on it is no link of its own.
            at = end;
            continue;
        };
        let bracketed =
            at > 0 && bytes[at - 1] == b'<' && bytes.get(end).is_some_and(|byte| *byte == b'>');
        let margin = usize::from(bracketed);
        links.push(Link {
            range: at - margin..end + margin,
            words,
        });
        at = end + margin;
    }
    links
}

/// How many bytes the scheme or `www.` has that begins here.
fn start_at(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let starts = |prefix: &str| {
        rest.get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    match rest.first()? {
        b'h' | b'H' => ["https://", "http://"]
            .into_iter()
            .find(|scheme| starts(scheme))
            .map(str::len),
        b'w' | b'W' if starts("www.") => {
            // `me@www.example.org` and `x.www.example.org` begin elsewhere.
            let inside = at.checked_sub(1).is_some_and(|before| {
                let before = bytes[before];
                before.is_ascii_alphanumeric() || !before.is_ascii() || b"@.-_/".contains(&before)
            });
            (!inside).then_some("www.".len())
        }
        _ => None,
    }
}

/// How many bytes the link has that the text begins with.
fn end_of(text: &str, start: usize) -> usize {
    let ends = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                '<' | '>'
                    | '"'
                    | '`'
                    | '{'
                    | '}'
                    | '|'
                    | '\\'
                    | '^'
                    | '“'
                    | '”'
                    | '„'
                    | '‘'
                    | '’'
                    | '‚'
                    | '«'
                    | '»'
                    | '…'
            )
    };
    let mut end = text.len();
    let mut before = None;
    for (at, c) in text[start..].char_indices() {
        let at = start + at;
        // `https://a.example/https://b.example` is one address, `https://a.examplehttps://b.example` is two.
        let second = before.is_some_and(char::is_alphanumeric)
            && c.eq_ignore_ascii_case(&'h')
            && start_at(text.as_bytes(), at).is_some();
        if ends(c) || second {
            end = at;
            break;
        }
        before = Some(c);
    }
    let mut depth = Depth::of(&text[..end]);
    while let Some(last) = text[start..end].chars().next_back() {
        let outside = match last {
            ')' => depth.round < 0,
            ']' => depth.square < 0,
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '(' | '[' | '–' | '—'
            | '-' => true,
            _ => false,
        };
        if !outside {
            break;
        }
        end -= last.len_utf8();
        depth.count(last, -1);
    }
    end
}

/// How many brackets of either form are open; negative where more are closed than were opened.
#[derive(Default)]
struct Depth {
    round: i32,
    square: i32,
}

impl Depth {
    fn of(text: &str) -> Self {
        let mut depth = Depth::default();
        text.chars().for_each(|c| depth.count(c, 1));
        depth
    }

    fn count(&mut self, c: char, by: i32) {
        match c {
            '(' => self.round += by,
            ')' => self.round -= by,
            '[' => self.square += by,
            ']' => self.square -= by,
            _ => {}
        }
    }
}

/// What of a link a person would read; none where it has no host.
fn words(link: &str) -> Option<String> {
    let mut rest = link;
    while let Some(start) = start_at(rest.as_bytes(), 0) {
        rest = &rest[start..];
    }
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if !host.contains(char::is_alphanumeric) {
        return None;
    }
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.split(':').next().unwrap_or(host);
    let path = path.split(['?', '#', ';']).next().unwrap_or(path);
    let words = path_words(path);
    let name = host_name(host);
    let joined = if words.is_empty() {
        name
    } else {
        format!("{name}: {}", words.join(" "))
    };
    Some(normalise(&joined).text)
}

/// The host as it is read, `link` where it is no name with a dot in it.
fn host_name(host: &str) -> String {
    let lower = host.to_lowercase();
    let mut name: String = lower
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        .collect();
    loop {
        let trimmed = name.trim_matches(['.', '-']);
        let trimmed = trimmed.strip_prefix("www.").unwrap_or(trimmed);
        if trimmed.len() == name.len() {
            break;
        }
        name = trimmed.to_owned();
    }
    if name.contains('.') && name.contains(char::is_alphabetic) {
        name
    } else {
        "link".to_owned()
    }
}

/// The words of a path, in their order.
fn path_words(path: &str) -> Vec<String> {
    let decoded = normalise(&percent_decoded(path)).text;
    let mut segments: Vec<&str> = decoded.split('/').filter(|part| !part.is_empty()).collect();
    if let Some(last) = segments.last_mut() {
        *last = without_extension(last);
    }
    let tokens: Vec<&str> = segments
        .into_iter()
        .filter(|segment| !segment.contains('=') && !is_uuid(segment))
        .flat_map(|segment| segment.split(|c: char| !c.is_alphanumeric()))
        .filter(|token| !token.is_empty())
        .collect();
    let numeric = |place: Option<usize>| {
        place
            .and_then(|place| tokens.get(place))
            .is_some_and(|token| token.chars().all(char::is_numeric))
    };
    let mut words: Vec<String> = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        let dated = numeric(place.checked_sub(1)) || numeric(Some(place + 1));
        if is_word(token) && !(dated && is_month(token)) {
            words.push((*token).to_owned());
        }
        if words.len() == MOST_WORDS {
            break;
        }
    }
    words
}

/// Escapes decoded; bytes that are no UTF-8 part words.
fn percent_decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [byte, after @ ..] = rest {
        let escaped = (*byte == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| {
                let high = char::from(digits[0]).to_digit(16)?;
                let low = char::from(digits[1]).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()
            });
        match escaped {
            Some(escaped) => {
                bytes.push(escaped);
                rest = &after[2..];
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn without_extension(segment: &str) -> &str {
    const EXTENSIONS: [&str; 20] = [
        "html", "htm", "shtml", "xhtml", "php", "asp", "aspx", "jsp", "cfm", "stm", "pdf", "doc",
        "docx", "xls", "xlsx", "csv", "jpg", "jpeg", "png", "gif",
    ];
    match segment.rsplit_once('.') {
        Some((stem, extension))
            if EXTENSIONS
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known)) =>
        {
            stem
        }
        _ => segment,
    }
}

fn is_uuid(segment: &str) -> bool {
    let lengths = segment.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && segment.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn is_month(token: &str) -> bool {
    MONTHS
        .iter()
        .any(|month| token.eq_ignore_ascii_case(month) || token.eq_ignore_ascii_case(&month[..3]))
}

/// Whether a token is something to read rather than a number, an id or a part of the machinery.
fn is_word(token: &str) -> bool {
    const MACHINERY: [&str; 6] = ["www", "http", "https", "index", "amp", "html"];
    if MACHINERY
        .iter()
        .any(|part| token.eq_ignore_ascii_case(part))
    {
        return false;
    }
    let letters = token.chars().filter(|c| c.is_alphabetic()).count();
    let length = token.chars().count();
    if length == 1 {
        return matches!(token, "a" | "A" | "i" | "I");
    }
    if letters < length {
        // `covid19` and `2nd` are words, `b3f9a2` and `p0c4k1xz` are not.
        let stem = token.trim_matches(char::is_numeric);
        return letters >= 2 && length - letters <= 2 && stem.chars().count() == letters;
    }
    // Eleven letters that keep changing case are an id; `newsAndViews` changes four times.
    let changes = token
        .chars()
        .zip(token.chars().skip(1))
        .filter(|(a, b)| a.is_uppercase() != b.is_uppercase())
        .count();
    changes < 5 && length <= 30
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Link, find};
    use crate::cleaning::text::normalise;

    fn links(text: &str) -> Vec<(&str, String)> {
        let links = find(text).into_iter();
        links.map(|link| (&text[link.range], link.words)).collect()
    }

    fn words(link: &str) -> String {
        let found = find(link);
        assert_eq!(found.len(), 1, "{link}");
        found.into_iter().map(|link| link.words).collect()
    }

    #[test]
    fn the_words_of_a_link_are_its_host_and_what_its_path_says() {
        for (link, expected) in [
            (
                "https://www.example.org/society/2023/aug/30/expert-urges-government-to-review-indefinite-sentences",
                "example.org: society expert urges government to review indefinite sentences",
            ),
            (
                "https://www.example.com/news/uk-england-berkshire-66598290",
                "example.com: news uk england berkshire",
            ),
            ("http://example.org", "example.org"),
            ("WWW.Example.ORG/", "example.org"),
            (
                "https://me:secret@example.org:8080/a_day+in%20court.html?q=1#top",
                "example.org: a day in court",
            ),
            (
                "https://example.org/files/3f2504e0-4f89-11d3-9a0c-0305e82c3301/report.pdf",
                "example.org: files report",
            ),
            (
                "https://example.org/watch/dQwXgcQbZyT",
                "example.org: watch",
            ),
            (
                "https://example.org/b3f9a2c/p0c4k1xz/66598290",
                "example.org",
            ),
            (
                "https://example.org/covid19-2nd-wave/index.php",
                "example.org: covid19 2nd wave",
            ),
            (
                "https://example.org/2014/march/strike-on-may-day",
                "example.org: strike on may day",
            ),
            (
                "https://example.org/caf%C3%A9/%E2%80%9Copen%E2%80%9D/%ff",
                "example.org: café open",
            ),
            ("https://example.org/caf%C3%83%C2%A9", "example.org: café"),
            ("https://example.org/pay/ref=sr_1_1", "example.org: pay"),
            ("http://192.0.2.7/pay-dispute", "link: pay dispute"),
            ("http://localhost/pay", "link: pay"),
            ("https://www.www.example.org/www.index.html", "example.org"),
        ] {
            assert_eq!(words(link), expected, "{link}");
        }
        let long = format!("https://example.org/{}", "word-".repeat(40));
        assert_eq!(words(&long).split(' ').count(), 21);
    }

    #[test]
    fn a_link_ends_before_the_punctuation_of_its_sentence() {
        for (text, expected) in [
            ("See https://example.org/a.", "https://example.org/a"),
            ("(see http://example.org/a)", "http://example.org/a"),
            (
                "so https://example.org/Court_(building), yes",
                "https://example.org/Court_(building)",
            ),
            ("“https://example.org/a”!", "https://example.org/a"),
            ("[a](https://example.org/b).", "https://example.org/b"),
            ("<https://example.org/a>", "<https://example.org/a>"),
            ("so <https://example.org/a, really", "https://example.org/a"),
            ("see:www.example.org...", "www.example.org"),
            ("seehttps://example.org/a?b=c", "https://example.org/a?b=c"),
            (
                "https://archive.example/2016/https://example.org/a",
                "https://archive.example/2016/https://example.org/a",
            ),
        ] {
            let found: Vec<&str> = links(text).into_iter().map(|(link, _)| link).collect();
            assert_eq!(found, [expected], "{text}");
        }
        let found: Vec<&str> = links("https://example.org/ahttps://example.com/b")
            .into_iter()
            .map(|(link, _)| link)
            .collect();
        assert_eq!(found, ["https://example.org/a", "https://example.com/b"]);
    }

    #[test]
    fn mail_addresses_and_bare_schemes_are_no_links() {
        for text in [
            "write to jo@example.org or jo@www.example.org",
            "the http:// part",
            "https://",
            "http://...",
            "awww.that is sweet",
            "www. is what it starts with",
            "example.org/no/scheme",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }

    #[test]
    fn many_empty_schemes_take_linear_time() {
        assert_eq!(find(&"http://".repeat(100_000)), []);
        assert_eq!(find(&"http://a".repeat(50_000)).len(), 50_000);
        assert_eq!(find(&format!("http://a{}", ").".repeat(100_000))).len(), 1);
    }

    /// The text with the words of links in their places.
    fn replaced(text: &str, links: &[Link]) -> String {
        let joins = |c: char| !c.is_whitespace();
        let mut out = String::new();
        let mut end = 0;
        for link in links {
            out.push_str(&text[end..link.range.start]);
            if out.ends_with(joins) {
                out.push(' ');
            }
            out.push_str(&link.words);
            end = link.range.end;
            if text[end..].starts_with(joins) {
                out.push(' ');
            }
        }
        out + &text[end..]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn nothing_is_left_to_find_in_a_text_with_words_for_links(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "http://", "https://", "HTTPS://", "www.", "<", ">", "(", ")", "[", "]", ".",
                    ",", ":", "/", "//", "@", "?", "#", "-", "_", "a", "the", "Share", "Anon",
                    "example.org", "example", "localhost", "10:27", "66598290", "aug", "2023",
                    "%20", "%41", "%3a%2f%2f", "%C3%83", "%C2%A9", "%e2%80%8b", "&amp;", ";", "é", "İ", "ª", "Ã",
                    "ﬁ", "“", "”", "’", " ", "\n", "1.", "ht", "tp://",
                ]),
                0..16,
            ),
        ) {
            let text = normalise(&parts.concat()).text;
            let links = find(&text);
            let mut end = 0;
            for link in &links {
                prop_assert!(link.range.start >= end && text.get(link.range.clone()).is_some());
                end = link.range.end;
                prop_assert!(find(&link.words).is_empty(), "{}", link.words);
                prop_assert!(!link.words.is_empty());
                prop_assert_eq!(&normalise(&link.words).text, &link.words);
            }
            let clean = replaced(&text, &links);
            prop_assert_eq!(find(&clean), [], "{:?} became {:?}", text, clean);
        }
    }
}

//! Which language a comment is in: English, another one, or nobody can tell.
//!
//! A comment marked as another language is left out of the figures, so the rules lean towards English. A comment is
//! English as soon as three English words stand in it with no word of another language between them, wherever that is:
//! a comment with an English part counts as English. It is in another language only where words of that language show
//! it, so that no list of names, places or acronyms does, however foreign its letters look. Everything else is
//! [`Language::Undetermined`]. The words are in `words.rs`; `whatlang` (trigrams and alphabets) is the second
//! opinion where few of them are found, and names the language of what is not in Latin letters.

mod words;

use std::collections::{HashMap, HashSet};

use whatlang::Lang;

use words::{ENGLISH, LISTED};

/// So many English words with none of another language between them are an English part.
const ENGLISH_RUN: usize = 3;
/// A text in Latin letters with fewer words (of two letters or more) is never another language: "Da iawn pawb!".
const FEWEST_WORDS: usize = 5;
/// A text in other letters needs so many of them, and so many in a row, which emoticons such as `ಠ_ಠ` have not.
const FEWEST_LETTERS: usize = 5;
const LETTERS_IN_A_ROW: usize = 3;
/// How sure of itself (0 to 1) whatlang has to be to be heard; it calls what is above 0.9 reliable itself.
const RELIABLE: f64 = 0.9;
/// whatlang is shown no more of a text; its opinion changes little after some hundred letters.
const SHOWN_LETTERS: usize = 1_000;
/// The bit of English in the mask of a word; bit `i` is `LISTED[i]`.
const ENGLISH_BIT: u32 = 1 << 31;

/// The languages that are not written in Latin letters: what whatlang calls them, ISO 639-1, name.
const OTHER_SCRIPTS: [(Lang, &str, &str); 31] = [
    (Lang::Rus, "ru", "Russian"),
    (Lang::Ukr, "uk", "Ukrainian"),
    (Lang::Bel, "be", "Belarusian"),
    (Lang::Bul, "bg", "Bulgarian"),
    (Lang::Srp, "sr", "Serbian"),
    (Lang::Mkd, "mk", "Macedonian"),
    (Lang::Ara, "ar", "Arabic"),
    (Lang::Urd, "ur", "Urdu"),
    (Lang::Pes, "fa", "Persian"),
    (Lang::Hin, "hi", "Hindi"),
    (Lang::Mar, "mr", "Marathi"),
    (Lang::Nep, "ne", "Nepali"),
    (Lang::Heb, "he", "Hebrew"),
    (Lang::Yid, "yi", "Yiddish"),
    (Lang::Cmn, "zh", "Chinese"),
    (Lang::Jpn, "ja", "Japanese"),
    (Lang::Kor, "ko", "Korean"),
    (Lang::Ben, "bn", "Bengali"),
    (Lang::Guj, "gu", "Gujarati"),
    (Lang::Pan, "pa", "Punjabi"),
    (Lang::Tam, "ta", "Tamil"),
    (Lang::Tel, "te", "Telugu"),
    (Lang::Kan, "kn", "Kannada"),
    (Lang::Mal, "ml", "Malayalam"),
    (Lang::Ori, "or", "Odia"),
    (Lang::Sin, "si", "Sinhala"),
    (Lang::Tha, "th", "Thai"),
    (Lang::Ell, "el", "Greek"),
    (Lang::Kat, "ka", "Georgian"),
    (Lang::Hye, "hy", "Armenian"),
    (Lang::Amh, "am", "Amharic"),
];

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English, wholly or in part.
    English,
    /// Another language and no English part; its ISO 639-1 code. A language whatlang and the lists do not know may go
    /// by the name of its neighbour.
    Other(&'static str),
    /// Too short, or without a word that would show it. To be counted as English.
    Undetermined,
}

impl Language {
    /// The ISO 639-1 code, none where the language is undetermined.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::English => Some("en"),
            Self::Other(code) => Some(code),
            Self::Undetermined => None,
        }
    }

    /// The name in English, "undetermined" where there is none.
    pub fn name(self) -> &'static str {
        let code = match self {
            Self::English => return "English",
            Self::Undetermined => return "undetermined",
            Self::Other(code) => code,
        };
        let other = OTHER_SCRIPTS.iter().map(|&(_, code, name)| (code, name));
        let listed = LISTED.iter().map(|listed| (listed.code, listed.name));
        other
            .chain(listed)
            .find(|entry| entry.0 == code)
            .map_or(code, |entry| entry.1)
    }
}

/// Tells languages apart; a table of some 2,700 words, built once and never changed.
pub struct LanguageDetector {
    /// For each word the languages it is a word of.
    words: HashMap<&'static str, u32>,
}

/// What the words of a text say for one language.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// Words that are in its list and not in the English one.
    own: usize,
    /// Of these, how many different ones.
    different: usize,
    /// Different words of its list, English or not, not counting those in capitals.
    shared: usize,
}

/// What was counted in a text.
#[derive(Default)]
struct Evidence {
    words: usize,
    /// Words that are in the English list and in no other.
    english: usize,
    tallies: [Tally; LISTED.len()],
}

impl Default for LanguageDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl LanguageDetector {
    /// Builds the table of words.
    pub fn new() -> Self {
        let mut words: HashMap<&'static str, u32> = HashMap::new();
        for word in ENGLISH.split_whitespace() {
            *words.entry(word).or_default() |= ENGLISH_BIT;
        }
        for (index, listed) in LISTED.iter().enumerate() {
            for word in listed.words.split_whitespace() {
                *words.entry(word).or_default() |= 1 << index;
            }
        }
        Self { words }
    }

    /// The language of a text. Addresses, e-mail addresses, hashtags, names with an `@` and what holds a digit play no
    /// part. The time is linear in the length, and the first few words decide where
    /// a text begins in English.
    pub fn detect(&self, text: &str) -> Language {
        if self.has_english_part(text) {
            return Language::English;
        }
        if let Some(language) = other_script(text) {
            return language;
        }
        let evidence = self.evidence(text);
        if evidence.words >= FEWEST_WORDS {
            if let Some(code) = evidence.by_words() {
                return Language::Other(code);
            }
            if let Some(code) = evidence.with_second_opinion(text) {
                return Language::Other(code);
            }
        }
        if evidence.english > 0 && evidence.tallies.iter().all(|tally| tally.own == 0) {
            return Language::English;
        }
        Language::Undetermined
    }

    fn has_english_part(&self, text: &str) -> bool {
        let mut buffer = String::new();
        let mut run = 0;
        for word in words(text) {
            match self.look_up(word, &mut buffer) {
                Some((_, ENGLISH_BIT)) => run += 1,
                Some((_, mask)) if mask & ENGLISH_BIT == 0 => run = 0,
                _ => {}
            }
            if run == ENGLISH_RUN {
                return true;
            }
        }
        false
    }

    fn evidence(&self, text: &str) -> Evidence {
        let mut evidence = Evidence::default();
        let mut buffer = String::new();
        let mut seen = HashSet::new();
        for word in words(text) {
            if word.chars().nth(1).is_none() {
                continue;
            }
            evidence.words += 1;
            let Some((entry, mask)) = self.look_up(word, &mut buffer) else {
                continue;
            };
            if mask == ENGLISH_BIT {
                evidence.english += 1;
                continue;
            }
            let own = usize::from(mask & ENGLISH_BIT == 0);
            let new = usize::from(seen.insert(entry));
            // In capitals it may be an acronym: PO, SE, DE.
            let sharing = usize::from(word.contains(char::is_lowercase)).min(new);
            for (index, tally) in evidence.tallies.iter_mut().enumerate() {
                if mask & (1 << index) != 0 {
                    tally.own += own;
                    tally.different += own * new;
                    tally.shared += sharing;
                }
            }
        }
        evidence
    }

    /// The entry for a word and its languages: the word itself, or one of its halves about an apostrophe (`there's`,
    /// `l'article`). The buffer takes its lower case.
    fn look_up(&self, word: &str, buffer: &mut String) -> Option<(&'static str, u32)> {
        buffer.clear();
        for character in word.chars() {
            match character {
                '’' => buffer.push('\''),
                _ if is_combining(character) => {}
                _ => buffer.extend(character.to_lowercase()),
            }
        }
        let entry = |word: &str| {
            self.words
                .get_key_value(word)
                .map(|(word, mask)| (*word, *mask))
        };
        entry(buffer).or_else(|| {
            let (before, after) = buffer.split_once('\'')?;
            entry(before).or_else(|| entry(after))
        })
    }
}

impl Evidence {
    /// The language whose own words are a fifth of the text, two different ones at least, and outnumber the English
    /// ones more than twice.
    fn by_words(&self) -> Option<&'static str> {
        // The first of equals.
        let (listed, tally) = LISTED
            .iter()
            .zip(&self.tallies)
            .rev()
            .max_by_key(|(_, tally)| tally.own)?;
        let enough =
            tally.different >= 2 && tally.own * 5 >= self.words && tally.own > self.english * 2;
        enough.then_some(listed.code)
    }

    /// The language whatlang is sure of, where one word of its own or three it shares with English bear it out and
    /// English words are few.
    fn with_second_opinion(&self, text: &str) -> Option<&'static str> {
        let borne_out = |tally: &Tally| {
            (tally.different >= 1 || tally.shared >= 3) && self.english * 4 <= tally.shared
        };
        if !self.tallies.iter().any(borne_out) {
            return None;
        }
        let opinion =
            whatlang::detect(&shown(text)).filter(|opinion| opinion.confidence() >= RELIABLE)?;
        let mut candidates = LISTED.iter().zip(&self.tallies);
        let (listed, tally) =
            candidates.find(|(listed, _)| listed.langs.contains(&opinion.lang()))?;
        borne_out(tally).then_some(listed.code)
    }
}

/// The language of a text most of whose letters are not Latin ones.
fn other_script(text: &str) -> Option<Language> {
    let (mut latin, mut other, mut row, mut longest) = (0_usize, 0_usize, 0_usize, 0_usize);
    for word in words(text) {
        for character in word.chars().filter(|character| character.is_alphabetic()) {
            if is_latin(character) {
                latin += 1;
                row = 0;
            } else {
                other += 1;
                row += 1;
                longest = longest.max(row);
            }
        }
        row = 0;
    }
    if other <= latin || other < FEWEST_LETTERS || longest < LETTERS_IN_A_ROW {
        return None;
    }
    let opinion = whatlang::detect(&shown(text))?;
    let entry = OTHER_SCRIPTS
        .iter()
        .find(|entry| entry.0 == opinion.lang())?;
    Some(Language::Other(entry.1))
}

/// The words of a text for whatlang, parted by spaces, up to [`SHOWN_LETTERS`].
fn shown(text: &str) -> String {
    words(text)
        .flat_map(|word| word.chars().chain([' ']))
        .take(SHOWN_LETTERS)
        .collect()
}

/// The words of a text: letters with apostrophes and hyphens within, of what is no address and has no digits.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .filter(|piece| !is_address(piece))
        .flat_map(|piece| piece.split(|character: char| !belongs_to_word(character)))
        .map(|word| word.trim_matches(['\'', '’', '-']))
        .filter(|word| !word.is_empty() && !word.contains(char::is_numeric))
}

fn belongs_to_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '\'' | '’' | '-') || is_combining(character)
}

/// Whether the character is an accent of its own, put upon the letter before it.
fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// Latin letters, and those that only dress them up (full width, mathematical, in circles).
fn is_latin(character: char) -> bool {
    matches!(character,
        '\0'..='\u{2af}' | '\u{1d00}'..='\u{1dbf}' | '\u{1e00}'..='\u{1eff}' | '\u{2000}'..='\u{2bff}'
        | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}' | '\u{ab30}'..='\u{ab6f}' | '\u{ff21}'..='\u{ff5a}'
        | '\u{1d400}'..='\u{1d7ff}' | '\u{1f100}'..='\u{1f1ff}')
}

/// Whether a piece of text between spaces is an address, an e-mail address, a hashtag or a name with an `@`.
fn is_address(piece: &str) -> bool {
    piece.contains("://")
        || piece.starts_with("www.")
        || piece.contains('@')
        || piece.starts_with('#')
        || piece.as_bytes().windows(3).any(|bytes| {
            bytes[1] == b'.' && bytes[0].is_ascii_alphanumeric() && bytes[2].is_ascii_alphanumeric()
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Names, places, acronyms and exclamations, of many origins: what has no grammar.
    const NAMES: &str = "Kowalski Nowak Wiśniewska Popescu García Müller O'Leary Siobhán Ó-Briain Nguyen Hussain Khan \
        Singh Okafor Da-Silva Van-Dyk Llanelli Pwllheli Machynlleth Ystradgynlais Betws-y-Coed Dolgellau Gwynedd \
        Clwyd Rhyl Mold Aberystwyth Llanrhaeadr-ym-Mochnant NPS CRC SPO ACO PQiP OASys MAPPA ViSOR HEO SEO PO DE LA \
        SE NI Sodexo Serco Capita Interserve Grayling Truss Gauke lol smh ffs omg hahaha aargh Zzzz Bravo Touché";

    fn detect(text: &str) -> Language {
        LanguageDetector::new().detect(text)
    }

    #[test]
    fn three_english_words_together_make_an_english_part() {
        assert_eq!(detect("They never listen."), Language::English);
        let quoted = "\"Rydym yn falch o gyhoeddi cynllun newydd i gefnogi pobl sy'n gadael y carchar, gan gynnwys \
                      llety a hyfforddiant.\"";
        assert_eq!(detect(quoted), Language::Other("cy"));
        assert_eq!(
            detect(&format!("{quoted} Not one word about us.")),
            Language::English
        );
        assert_eq!(
            detect(&format!("What does this mean? {quoted}")),
            Language::English
        );
    }

    #[test]
    fn english_names_within_another_language_are_no_english_part() {
        let text = "Mae'r Ministry of Justice wedi dweud bod y Board of Trade yn cytuno, ond dyw e ddim yn wir.";
        assert_eq!(detect(text), Language::Other("cy"));
    }

    #[test]
    fn words_of_dialects_speak_for_nobody_else() {
        // `di`, `dem`, `den`, `mi` and `ya` are words of Italian, German and Spanish as well.
        assert_eq!(
            detect("Dem seh mi fi gan, di man den ya"),
            Language::English
        );
        assert_eq!(detect("gan yem hen, divvent fash"), Language::English);
    }

    #[test]
    fn few_words_are_never_another_language() {
        assert_eq!(detect("Da iawn pawb!"), Language::Undetermined);
        assert_eq!(detect("C'est la vie."), Language::Undetermined);
        assert_eq!(detect("Ditto."), Language::English);
        assert_eq!(detect(""), Language::Undetermined);
    }

    #[test]
    fn accents_may_be_left_out_or_stand_alone() {
        assert_eq!(
            detect("nie wiem czy ktos mi moze pomoc"),
            Language::Other("pl")
        );
        assert_eq!(
            detect("c\u{327}a n'a e\u{301}te\u{301} dit par personne"),
            Language::Other("fr")
        );
        assert_eq!(
            detect("Dw i’n meddwl bod hyn yn wir"),
            Language::Other("cy")
        );
    }

    #[test]
    fn a_second_opinion_needs_a_word_to_bear_it_out() {
        // whatlang is sure of both.
        assert_eq!(
            detect("Llandrindod Wells, Newtown, Welshpool, Machynlleth"),
            Language::Undetermined
        );
        assert_eq!(
            detect("Foarte bun articolul, felicitări autorului!"),
            Language::Other("ro")
        );
    }

    #[test]
    fn other_letters_need_more_than_an_emoticon() {
        assert_eq!(detect("ಠ_ಠ ಠ_ಠ ಠ_ಠ"), Language::Undetermined);
        assert_eq!(detect("𝗦𝗛𝗔𝗠𝗘 𝗢𝗡 𝗧𝗛𝗘𝗠 𝗔𝗟𝗟"), Language::Undetermined);
        assert_eq!(detect("谢谢你的分享"), Language::Other("zh"));
        assert_eq!(
            detect("Вы все молчите, а Sodexo считает прибыль"),
            Language::Other("ru")
        );
    }

    #[test]
    fn languages_have_names() {
        assert_eq!(Language::Other("cy").name(), "Welsh");
        assert_eq!(Language::Other("ru").name(), "Russian");
        assert_eq!(Language::English.name(), "English");
        assert_eq!(Language::Undetermined.name(), "undetermined");
    }

    #[test]
    fn the_lists_hold_words_as_they_are_looked_up() {
        let lists = LISTED.iter().map(|listed| (listed.code, listed.words));
        for (code, list) in lists.chain([("en", ENGLISH)]) {
            let mut seen = BTreeSet::new();
            for word in list.split_whitespace() {
                assert_eq!(word.to_lowercase(), word, "{code}");
                assert!(word.chars().count() > 1, "{code}: {word}");
                assert!(
                    !word.chars().any(|c| is_combining(c) || c == '’'),
                    "{code}: {word}"
                );
                assert!(seen.insert(word), "{code}: {word} twice");
            }
        }
        let codes: BTreeSet<_> = LISTED.iter().map(|listed| listed.code).collect();
        assert_eq!(codes.len(), LISTED.len());
    }

    proptest! {
        #[test]
        fn any_text_has_a_language_with_a_name(text in any::<String>()) {
            let name = detect(&text).name();
            prop_assert!(name.len() > 2, "{name}");
        }

        #[test]
        fn lists_of_names_are_no_language(chosen in prop::collection::vec(prop::sample::select(
            NAMES.split_whitespace().collect::<Vec<_>>()), 1..40), comma in any::<bool>()) {
            let text = chosen.join(if comma { ", " } else { " " });
            prop_assert!(!matches!(detect(&text), Language::Other(_)), "{text}");
        }

        #[test]
        fn an_english_sentence_makes_any_text_english(before in any::<String>(), after in any::<String>()) {
            let text = format!("{before} We should not have been told this by them. {after}");
            prop_assert_eq!(detect(&text), Language::English);
        }

        #[test]
        fn addresses_change_nothing(words in "[a-zŵé ]{0,80}", address in "(https://|www\\.|#|@)[a-z/.-]{1,40}") {
            prop_assert_eq!(detect(&format!("{words} {address}")), detect(&words));
        }
    }
}

//! The word lists that the rules for names go by.

use std::collections::{HashMap, HashSet};

use super::tokens::is_combining;

const GIVEN_NAMES: &str = include_str!("given-names.txt");
const COMMON_WORDS: &str = include_str!("common-words.txt");
const PLACES: &str = include_str!("places.txt");
pub(super) const NOT_PERSONS: &str = include_str!("not-persons.txt");

/// What the rules ask of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Stands before a name, however that is written ("Mr", "PC").
    Title,
    /// Stands before a surname, written with a capital itself ("Judge").
    Office,
    /// What a person may be whose name follows ("my manager Karen").
    Role,
    /// Who may be "called" something.
    Person,
    /// Whose role it is ("my", "the").
    Owner,
    /// Before a name that is also a word it says that it is a name, if nothing but a mark follows.
    Greeting,
    /// A given name with which, as a verb, a sentence may begin.
    Verb,
    /// What stands right behind the name of a person who does or has done something.
    Deed,
    /// Ends the name of a street, a building, an organisation, a law or an award.
    Thing,
    /// Single letters behind it are no initials ("band B", "category C").
    Lettered,
    /// One speaks to or of a person with it, so that a short name may follow in small letters.
    Addressing,
    /// A frequent word, or one for streets and buildings, that is a surname beside an unambiguous given name.
    SurnameToo,
    /// Makes a name behind it that of a place, a ship, a saint, a king or a storm.
    Prefix,
    /// Stands between given name and surname.
    Particle,
    /// A given name that is a word when written in small letters.
    WordInSmall,
    /// A title also where it is written in small letters.
    SmallTitle,
}

impl Class {
    fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// The words of each class, in small letters.
const CLASSES: [(Class, &str); 16] = [
    (
        Class::Title,
        "mr mrs ms miss mx dr prof professor rev reverend cllr councillor hhj pc wpc pcso dc ds di dci \
         sgt insp supt sir dame madam master",
    ),
    (
        Class::Office,
        "lord lady baroness judge justice recorder officer governor inspector superintendent sergeant \
         constable detective magistrate sister brother father imam chaplain canon bishop",
    ),
    (
        Class::Role,
        "manager boss spo po pso aco co om pom com officer supervisor colleague friend mate brother \
         sister wife husband partner daughter son mum mother dad father cousin nephew niece girlfriend \
         boyfriend neighbour receptionist chair secretary chief rep tutor mentor keyworker worker deputy \
         senior solicitor barrister governor trainer administrator client lead head director agent \
         assessor psychologist doctor counsellor tenant coordinator trainee caseworker ceo",
    ),
    (
        Class::Person,
        "man woman bloke lady guy lad lass girl boy fella chap person somebody someone prisoner inmate \
         offender lifer student volunteer applicant staff one kid gentleman individual member user victim \
         character",
    ),
    (
        Class::Owner,
        "my our his her their your a an the old former new another",
    ),
    (
        Class::Greeting,
        "thanks thank you cheers hi hello hey dear said done luck congratulations congrats retirement \
         bravo sorry rip farewell goodbye bye birthday morning evening regards wishes",
    ),
    (
        Class::Verb,
        "will may mark sue rob chase grant pat drew hope bill skip trip love jet dash cash art rose ring \
         chuck might",
    ),
    (
        Class::Deed,
        "is was has had who whose said says told tells left wrote writes came went took taught gave got \
         did does once always never also used ran runs knew knows thinks thought spoke and or from at in \
         mbe obe jnr snr",
    ),
    (
        Class::Thing,
        "academy act airport approved arena associates association avenue award awards bank barracks \
         bridge brothers building buildings castle cathedral centre charity church circus clinic close \
         club college commission committee community court crescent district drive estate foundation fund \
         gardens gate green group hall hill hospital hostel hotel house infirmary inquiry institute \
         island islands lane law league library lodge ltd plc llp market medal memorial museum office \
         palace park parade place premises press principle prison prize project pub report review road \
         row rules school services shield society solicitors square stadium station street terrace \
         theatre tower trust university way wharf wing",
    ),
    (
        Class::Lettered,
        "annex appendix band cat category class grade group hep hepatitis level option part plan schedule \
         section tier type wing",
    ),
    (
        Class::Addressing,
        "hi hello hey dear thanks cheers ask tell told ring rang called named po spo pso",
    ),
    (
        Class::SurnameToo,
        "battle best bridge cash child constable cross day early east england english fair flood foot \
         french garden glass good green hall hand head hill hunt ireland judge key lake lane law lord \
         major march merry north nurse parish pool power powers purchase read savage self short small \
         smart south speed strange strong sweet wall weeks west wild winter wise worth yard",
    ),
    (
        Class::Prefix,
        "hmp hmyoi yoi hms raf st saint santa san port lake loch mount cape fort river king queen prince \
         princess pope emperor storm hurricane virgin glen dale camp le new christ",
    ),
    (
        Class::Particle,
        "de del della di da dos du van von der den ap ab bin ibn al el le la",
    ),
    (
        Class::WordInSmall,
        "nick peter mike jimmy kitty carol jerry jean mona marina viola nelly paddy polly sultana petra \
         emir norma alma toby josh milo iman simon tony german tara anya",
    ),
    (Class::SmallTitle, "mr mrs ms dr"),
];

/// Endings of English words that names hardly have.
const DERIVED: [&str; 34] = [
    "able", "acy", "ance", "ation", "atic", "ative", "cial", "cians", "dom", "ence", "ency", "ers",
    "ful", "hood", "ible", "ical", "ics", "ies", "ify", "ism", "ists", "ition", "ity", "ive",
    "less", "logy", "ment", "ments", "ness", "sion", "ship", "tial", "tion", "tions",
];

/// How much a given name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// It is nothing but a name.
    Certain,
    /// It is also a word, a month, a place or a surname.
    Ambiguous,
}

/// The lists, ready for looking up.
#[derive(Debug)]
pub(super) struct Lexicon {
    given: HashMap<&'static str, Given>,
    common: HashSet<&'static str>,
    places: HashSet<&'static str>,
    /// For each word one bit a class.
    classes: HashMap<&'static str, u32>,
}

/// The letter without its accent: the list of given names has none.
fn plain_letter(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì'..='ï' | 'ī' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ţ' | 'ț' => 't',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.starts_with('#'))
}

impl Lexicon {
    pub(super) fn new() -> Self {
        let given = lines(GIVEN_NAMES).map(|line| match line.strip_suffix(" ?") {
            Some(name) => (name, Given::Ambiguous),
            None => (line, Given::Certain),
        });
        let mut classes: HashMap<&str, u32> = HashMap::new();
        for (class, words) in CLASSES {
            for word in words.split_whitespace() {
                *classes.entry(word).or_default() |= class.bit();
            }
        }
        Self {
            given: given.collect(),
            common: lines(COMMON_WORDS).collect(),
            places: lines(PLACES).collect(),
            classes,
        }
    }

    /// How much a word, in small letters, says as a given name; of a double name its first part decides.
    pub(super) fn given(&self, word: &str) -> Option<Given> {
        let plain: String;
        let word = if word.is_ascii() {
            word
        } else {
            plain = word
                .chars()
                .map(plain_letter)
                .filter(|c| !is_combining(*c))
                .collect();
            &plain
        };
        if let Some(given) = self.given.get(word) {
            return Some(*given);
        }
        let (first, second) = word.split_once('-')?;
        self.given.get(second)?;
        self.given.get(first).copied()
    }

    /// Whether a given name stays one when written in small letters.
    pub(super) fn is_given_in_small(&self, word: &str) -> bool {
        word.len() > 3
            && self.given(word) == Some(Given::Certain)
            && !self.is(Class::WordInSmall, word)
            && !self.is_common(word)
    }

    pub(super) fn is_common(&self, word: &str) -> bool {
        self.common.contains(word) || self.is(Class::Thing, word)
    }

    /// Whether a word, in small letters, belongs to a class.
    pub(super) fn is(&self, class: Class, word: &str) -> bool {
        self.classes
            .get(word)
            .is_some_and(|classes| classes & class.bit() != 0)
    }

    /// Whether a word behind two capitalised ones suggests that these were a person.
    pub(super) fn is_deed(&self, word: &str) -> bool {
        self.is(Class::Deed, word) || (word.len() > 4 && word.ends_with("ed"))
    }

    pub(super) fn is_place(&self, word: &str) -> bool {
        self.places.contains(word)
    }
}

/// Whether an ending says that a word is no name; `ing` says so of a given name alone.
pub(super) fn is_derived(word: &str, given: bool) -> bool {
    DERIVED.iter().any(|ending| word.ends_with(ending))
        || given && (word.ends_with("ing") || word.ends_with("ed"))
}

/// Not-persons, one a line.
pub(super) fn not_persons() -> impl Iterator<Item = &'static str> {
    lines(NOT_PERSONS)
}

#[cfg(test)]
mod tests {
    use super::{COMMON_WORDS, GIVEN_NAMES, Given, Lexicon, NOT_PERSONS, PLACES, lines};

    #[test]
    fn the_lists_are_in_order_without_repeats() {
        for list in [GIVEN_NAMES, COMMON_WORDS, PLACES, NOT_PERSONS] {
            let entries: Vec<&str> = lines(list)
                .map(|line| line.trim_end_matches(" ?"))
                .collect();
            for pair in entries.windows(2) {
                assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
            }
        }
    }

    #[test]
    fn double_names_are_given_names() {
        let lexicon = Lexicon::new();
        assert_eq!(lexicon.given("anne-marie"), Some(Given::Certain));
        assert_eq!(lexicon.given("will"), Some(Given::Ambiguous));
        assert_eq!(lexicon.given("part-time"), None);
    }
}

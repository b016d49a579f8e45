//! The word lists that the rules for names go by.

use std::collections::{HashMap, HashSet};

const GIVEN_NAMES: &str = include_str!("given-names.txt");
const COMMON_WORDS: &str = include_str!("common-words.txt");
const PLACES: &str = include_str!("places.txt");
pub(super) const NOT_PERSONS: &str = include_str!("not-persons.txt");

/// Before any name, however they are written themselves.
pub(super) const TITLES: [&str; 27] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "rev",
    "reverend",
    "cllr",
    "councillor",
    "hhj",
    "pc",
    "wpc",
    "pcso",
    "dc",
    "ds",
    "di",
    "dci",
    "sgt",
    "insp",
    "supt",
    "sir",
    "dame",
    "madam",
    "master",
];

/// Offices that stand before a surname, written with a capital.
pub(super) const OFFICES: [&str; 21] = [
    "lord",
    "lady",
    "baroness",
    "judge",
    "justice",
    "recorder",
    "officer",
    "governor",
    "inspector",
    "superintendent",
    "sergeant",
    "constable",
    "detective",
    "magistrate",
    "sister",
    "brother",
    "father",
    "imam",
    "chaplain",
    "canon",
    "bishop",
];

/// What one may call a person whose name follows ("my manager Karen").
pub(super) const ROLES: [&str; 62] = [
    "manager",
    "boss",
    "spo",
    "po",
    "pso",
    "aco",
    "co",
    "om",
    "pom",
    "com",
    "officer",
    "supervisor",
    "colleague",
    "friend",
    "mate",
    "brother",
    "sister",
    "wife",
    "husband",
    "partner",
    "daughter",
    "son",
    "mum",
    "mother",
    "dad",
    "father",
    "cousin",
    "nephew",
    "niece",
    "girlfriend",
    "boyfriend",
    "neighbour",
    "receptionist",
    "chair",
    "secretary",
    "chief",
    "rep",
    "tutor",
    "mentor",
    "keyworker",
    "worker",
    "deputy",
    "senior",
    "solicitor",
    "barrister",
    "governor",
    "trainer",
    "administrator",
    "client",
    "lead",
    "head",
    "director",
    "agent",
    "assessor",
    "psychologist",
    "doctor",
    "counsellor",
    "tenant",
    "coordinator",
    "trainee",
    "caseworker",
    "ceo",
];

/// Who may be "called" something.
pub(super) const PERSONS: [&str; 30] = [
    "man",
    "woman",
    "bloke",
    "lady",
    "guy",
    "lad",
    "lass",
    "girl",
    "boy",
    "fella",
    "chap",
    "person",
    "somebody",
    "someone",
    "prisoner",
    "inmate",
    "offender",
    "lifer",
    "student",
    "volunteer",
    "applicant",
    "staff",
    "one",
    "kid",
    "gentleman",
    "individual",
    "member",
    "user",
    "victim",
    "character",
];

/// Whose role it is.
pub(super) const OWNERS: [&str; 13] = [
    "my", "our", "his", "her", "their", "your", "a", "an", "the", "old", "former", "new", "another",
];

/// After one of these a name that is also a word is a name, if nothing but a mark follows it.
pub(super) const GREETINGS: [&str; 25] = [
    "thanks",
    "thank",
    "you",
    "cheers",
    "hi",
    "hello",
    "hey",
    "dear",
    "said",
    "done",
    "luck",
    "congratulations",
    "congrats",
    "retirement",
    "bravo",
    "sorry",
    "rip",
    "farewell",
    "goodbye",
    "bye",
    "birthday",
    "morning",
    "evening",
    "regards",
    "wishes",
];

/// Given names of which a sentence may begin as verbs.
pub(super) const VERBS: [&str; 22] = [
    "will", "may", "mark", "sue", "rob", "chase", "grant", "pat", "drew", "hope", "bill", "skip",
    "trip", "love", "jet", "dash", "cash", "art", "rose", "ring", "chuck", "might",
];

/// What persons do, or have done, right after their name.
const DEEDS: [&str; 42] = [
    "is", "was", "has", "had", "who", "whose", "said", "says", "told", "tells", "left", "wrote",
    "writes", "came", "went", "took", "taught", "gave", "got", "did", "does", "once", "always",
    "never", "also", "used", "ran", "runs", "knew", "knows", "thinks", "thought", "spoke", "and",
    "or", "from", "at", "in", "mbe", "obe", "jnr", "snr",
];

/// What only persons do.
pub(super) const PERSONAL_DEEDS: [&str; 12] = [
    "who", "whose", "retired", "retires", "resigned", "resigns", "told", "died", "says", "said",
    "wrote", "writes",
];

/// What follows the name of a street, a building, an organisation, a law or an award.
const NAMED_THINGS: [&str; 96] = [
    "academy",
    "act",
    "airport",
    "approved",
    "arena",
    "associates",
    "association",
    "avenue",
    "award",
    "awards",
    "bank",
    "barracks",
    "bridge",
    "brothers",
    "building",
    "buildings",
    "castle",
    "cathedral",
    "centre",
    "charity",
    "church",
    "circus",
    "clinic",
    "close",
    "club",
    "college",
    "commission",
    "committee",
    "community",
    "court",
    "crescent",
    "district",
    "drive",
    "estate",
    "foundation",
    "fund",
    "gardens",
    "gate",
    "green",
    "group",
    "hall",
    "hill",
    "hospital",
    "hostel",
    "hotel",
    "house",
    "infirmary",
    "inquiry",
    "institute",
    "island",
    "islands",
    "lane",
    "law",
    "league",
    "library",
    "lodge",
    "ltd",
    "plc",
    "llp",
    "market",
    "medal",
    "memorial",
    "museum",
    "office",
    "park",
    "parade",
    "place",
    "premises",
    "press",
    "principle",
    "prison",
    "prize",
    "project",
    "pub",
    "report",
    "review",
    "road",
    "row",
    "rules",
    "school",
    "services",
    "shield",
    "society",
    "solicitors",
    "square",
    "stadium",
    "station",
    "street",
    "terrace",
    "theatre",
    "tower",
    "trust",
    "university",
    "way",
    "wharf",
    "wing",
];

/// Frequent words, and words for streets and buildings, that are surnames beside an unambiguous given name.
const SURNAMES_TOO: [&str; 61] = [
    "battle",
    "best",
    "bridge",
    "cash",
    "child",
    "constable",
    "cross",
    "day",
    "early",
    "east",
    "england",
    "english",
    "fair",
    "flood",
    "foot",
    "french",
    "garden",
    "glass",
    "good",
    "green",
    "hall",
    "hand",
    "head",
    "hill",
    "hunt",
    "ireland",
    "judge",
    "key",
    "lake",
    "lane",
    "law",
    "lord",
    "major",
    "march",
    "merry",
    "north",
    "nurse",
    "parish",
    "pool",
    "power",
    "powers",
    "purchase",
    "read",
    "savage",
    "self",
    "short",
    "small",
    "smart",
    "south",
    "speed",
    "strange",
    "strong",
    "sweet",
    "wall",
    "weeks",
    "west",
    "wild",
    "winter",
    "wise",
    "worth",
    "yard",
];

/// Before a name these make it that of a place, a ship, a saint, a king or a storm.
const PREFIXES: [&str; 33] = [
    "hmp",
    "hmyoi",
    "yoi",
    "hms",
    "raf",
    "st",
    "saint",
    "santa",
    "san",
    "port",
    "lake",
    "loch",
    "mount",
    "cape",
    "fort",
    "river",
    "king",
    "queen",
    "prince",
    "princess",
    "pope",
    "emperor",
    "storm",
    "hurricane",
    "virgin",
    "glen",
    "dale",
    "camp",
    "stoc",
    "abbot",
    "le",
    "new",
    "christ",
];

/// Between given name and surname.
const PARTICLES: [&str; 19] = [
    "de", "del", "della", "di", "da", "dos", "du", "van", "von", "der", "den", "ap", "ab", "bin",
    "ibn", "al", "el", "le", "la",
];

/// Given names that in small letters are words.
const WORDS_IN_SMALL: [&str; 28] = [
    "nick", "peter", "mike", "jimmy", "kitty", "carol", "jerry", "jean", "mona", "marina", "viola",
    "nelly", "paddy", "polly", "sultana", "petra", "emir", "norma", "alma", "toby", "josh", "milo",
    "iman", "simon", "tony", "german", "tara", "anya",
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
        Self {
            given: given.collect(),
            common: lines(COMMON_WORDS).collect(),
            places: lines(PLACES).collect(),
        }
    }

    /// How much a word, in small letters, says as a given name; of a double name its first part decides.
    pub(super) fn given(&self, word: &str) -> Option<Given> {
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
            && !WORDS_IN_SMALL.contains(&word)
            && !self.is_common(word)
    }

    pub(super) fn is_common(&self, word: &str) -> bool {
        self.common.contains(word) || NAMED_THINGS.contains(&word)
    }

    pub(super) fn is_place(&self, word: &str) -> bool {
        self.places.contains(word)
    }
}

pub(super) fn is_surname_too(word: &str) -> bool {
    SURNAMES_TOO.contains(&word)
}

pub(super) fn is_named_thing(word: &str) -> bool {
    NAMED_THINGS.contains(&word)
}

pub(super) fn is_prefix(word: &str) -> bool {
    PREFIXES.contains(&word)
}

pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// Whether a word after two capitalised ones suggests that these were a person.
pub(super) fn is_deed(word: &str) -> bool {
    DEEDS.contains(&word) || (word.len() > 4 && word.ends_with("ed"))
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

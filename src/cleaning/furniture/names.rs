//! What a name looks like.

/// Capitalised words that close a comment or a line without being a name.
const NOT_NAMES: [&str; 118] = [
    "a",
    "absolutely",
    "agreed",
    "amen",
    "and",
    "anyone",
    "anything",
    "appalling",
    "awful",
    "bad",
    "best",
    "bingo",
    "bravo",
    "brilliant",
    "bullshit",
    "but",
    "bye",
    "clueless",
    "correct",
    "criminal",
    "damn",
    "depressing",
    "despair",
    "diabolical",
    "discuss",
    "disgrace",
    "disgraceful",
    "disgusting",
    "done",
    "enough",
    "ends",
    "exactly",
    "excellent",
    "fact",
    "farce",
    "fat",
    "finally",
    "fingers",
    "for",
    "frightening",
    "good",
    "great",
    "grim",
    "happy",
    "heartbreaking",
    "hello",
    "hope",
    "how",
    "hypocrites",
    "i",
    "if",
    "in",
    "incredible",
    "indeed",
    "insane",
    "is",
    "it",
    "joke",
    "just",
    "liars",
    "lies",
    "lol",
    "madness",
    "maybe",
    "me",
    "mad",
    "more",
    "never",
    "nice",
    "no",
    "nonsense",
    "not",
    "nothing",
    "now",
    "off",
    "ok",
    "okay",
    "omg",
    "or",
    "outrageous",
    "pathetic",
    "perhaps",
    "please",
    "priceless",
    "quite",
    "really",
    "respect",
    "resign",
    "right",
    "rip",
    "rubbish",
    "sad",
    "sadly",
    "same",
    "scandalous",
    "scary",
    "shame",
    "shameful",
    "shambles",
    "shocking",
    "simple",
    "so",
    "solidarity",
    "sorry",
    "spot",
    "terrible",
    "thanks",
    "the",
    "thoughts",
    "time",
    "tragic",
    "true",
    "unbelievable",
    "well",
    "what",
    "why",
    "wow",
    "yes",
];

/// First names common in Britain, without those that are everyday words too.
const FIRST_NAMES: [&str; 172] = [
    "adam",
    "adrian",
    "aisha",
    "alan",
    "alex",
    "ali",
    "alice",
    "alison",
    "amanda",
    "amy",
    "andrea",
    "andrew",
    "andy",
    "angela",
    "ann",
    "anna",
    "anne",
    "annie",
    "anthony",
    "ben",
    "bernard",
    "bev",
    "bob",
    "brenda",
    "brian",
    "carol",
    "caroline",
    "catherine",
    "charles",
    "charlie",
    "charlotte",
    "chloe",
    "chris",
    "christine",
    "claire",
    "colin",
    "craig",
    "daniel",
    "dave",
    "david",
    "debbie",
    "deborah",
    "denise",
    "derek",
    "diane",
    "donna",
    "dorothy",
    "eddie",
    "edward",
    "elaine",
    "ellie",
    "emily",
    "emma",
    "fiona",
    "frank",
    "fred",
    "gareth",
    "gary",
    "geoff",
    "george",
    "gill",
    "gillian",
    "glenn",
    "gordon",
    "graham",
    "greg",
    "hannah",
    "harry",
    "heather",
    "helen",
    "ian",
    "jack",
    "jackie",
    "james",
    "jamie",
    "jane",
    "janet",
    "jason",
    "jayne",
    "jean",
    "jeff",
    "jennifer",
    "jenny",
    "jess",
    "jessica",
    "jill",
    "jim",
    "joanna",
    "joanne",
    "joe",
    "john",
    "jonathan",
    "joseph",
    "julia",
    "julian",
    "julie",
    "karen",
    "kate",
    "kathy",
    "katie",
    "keith",
    "kelly",
    "ken",
    "kevin",
    "kim",
    "laura",
    "lauren",
    "lee",
    "lesley",
    "linda",
    "lisa",
    "liz",
    "lorraine",
    "louise",
    "lucy",
    "malcolm",
    "mandy",
    "margaret",
    "maria",
    "martin",
    "mary",
    "matt",
    "matthew",
    "michael",
    "michelle",
    "mike",
    "mohammed",
    "natalie",
    "neil",
    "nick",
    "nicola",
    "nigel",
    "pam",
    "patricia",
    "patrick",
    "paul",
    "pete",
    "peter",
    "phil",
    "philip",
    "priya",
    "rachel",
    "rebecca",
    "richard",
    "robert",
    "robin",
    "roger",
    "ruth",
    "sally",
    "sam",
    "samantha",
    "sandra",
    "sarah",
    "sharon",
    "shaun",
    "sheila",
    "simon",
    "sophie",
    "stephen",
    "steve",
    "steven",
    "stuart",
    "susan",
    "tina",
    "tom",
    "tony",
    "tracey",
    "trevor",
    "vicky",
    "victoria",
    "wendy",
    "yvonne",
];

pub(super) fn is_anonymous(word: &str) -> bool {
    word.eq_ignore_ascii_case("anon") || word.eq_ignore_ascii_case("anonymous")
}

pub(super) fn is_capitalised(text: &str) -> bool {
    text.starts_with(char::is_uppercase)
}

/// Whether a line begins with a common first name.
pub(super) fn begins_with_first_name(line: &str) -> bool {
    let first = line.split(' ').next().unwrap_or("").to_lowercase();
    FIRST_NAMES.contains(&first.as_str())
}

/// Whether a line looks like the name of somebody: one to three capitalised words, initials, particles and kisses
/// allowed from the second on, and none of the words that close comments.
pub(super) fn is_name(line: &str) -> bool {
    if line.len() > 40 {
        return false;
    }
    let mut count = 0;
    for (place, token) in line.split_whitespace().enumerate() {
        count += 1;
        let known = NOT_NAMES
            .iter()
            .any(|word| token.eq_ignore_ascii_case(word));
        let fits =
            is_name_part(token) || (place > 0 && (is_particle(token) || is_small_number(token)));
        if !fits || (known && place != 1) || count > 3 {
            return false;
        }
    }
    count > 0
}

/// How many bytes of a text are capitalised words that may be a name, at most so many.
pub(super) fn leading_name(text: &str, most: usize) -> Option<usize> {
    let mut end = None;
    let mut at = 0;
    for _ in 0..most {
        let rest = &text[at..];
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'))
            .unwrap_or(rest.len());
        if !is_name_part(&rest[..length]) {
            break;
        }
        end = Some(at + length);
        if !rest[length..].starts_with(' ') {
            break;
        }
        at += length + 1;
    }
    end
}

fn is_name_part(token: &str) -> bool {
    let inner = |c: char| c.is_alphabetic() || matches!(c, '\'' | '’' | '-');
    let initial = token.strip_suffix('.').unwrap_or(token);
    is_capitalised(token)
        && token.chars().count() <= 20
        && token.chars().filter(|c| c.is_alphabetic()).count() > 0
        && (token.chars().all(inner)
            || (initial.chars().count() == 1 && initial.chars().all(inner)))
}

fn is_particle(token: &str) -> bool {
    matches!(
        token,
        "de" | "la" | "le" | "of" | "the" | "van" | "von" | "x" | "xx" | "xxx"
    )
}

fn is_small_number(token: &str) -> bool {
    token.len() <= 4 && token.bytes().all(|b| b.is_ascii_digit())
}

//! Words that tell a reader's comment from something published, and the lines that introduce somebody's words.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::super::super::words::words;

/// What readers write and press offices do not: interjections, swear words, talk.
const SPOKEN: &str = "ah anyone anyway apparently aye blah blimey bloody bollocks btw bull bullshit cheers clowns cos crap \
    dear disgrace disgraceful eh er fuck fucking funny gonna guess haha hey hmm hypocrisy idiots imho \
    imo joke kidding laugh lies lol mate maybe me mine my myself nah nonsense nope oh ok okay ooh oops \
    ouch pathetic please pray really rubbish sad sadly seriously shambles shame shit sorry spin surprise \
    tbh thanks typical ugh utter well whatever wow yawn yep yes";

/// Words of reported speech and of announcements.
const PUBLISHED: &str = "according added analysis announced announcement announces chief confirmed councillor department \
    director editors executive figures following government inquiry inspectorate jailed judge launched \
    minister ministry mp officials percent police prime prisoners programme published revealed rise said \
    says secretary sentenced spokesman spokesperson spokeswoman study survey told union";

/// How a sentence begins that takes up what went before.
const TAKING_UP: &str = "and are but can could did do does here how is isn't it's its just no not note nothing notice perhaps \
    shouldn't so that that's there there's these this what where who why you";

/// Verbs that announce somebody's words.
const SAYING: &str = "announced answered asked circulated claims commented continues copied emailed forwarded goes posted \
    published quote quoted quotes quoting read reads received replied replies reported reporting reports \
    responded said say saying says sent shared stated states taken telling tells told tweeted tweets \
    write writes writing wrote";

/// What somebody's words stand in.
const SOURCES: &str = "abstract advert announcement article bbc blog briefing bulletin chapter circular code col column \
    comment commons consultation document edition editorial email excerpt extract extracts facebook \
    forum gmb gov guardian guidance handbook hansard headline hmi hmip hmpps hq independent inspection \
    inspectorate instruction interview intranet leaflet letter letters linkedin lords mail mailout memo \
    message ministry mirror moj nao napo newsletter newspaper noms notice observer pac page pages paper \
    para paragraph piece podcast policy post press programme release report section speech statement \
    strategy summary survey telegraph text times transcript twitter unison update website wikipedia \
    words";

/// Whose words an introducing line itself has, where it is more than an attribution.
const FIRST_PERSON: &str = "i i'd i'll i'm i've me my us we we've you your";

/// What datelines are made of.
const DATES: &str = "january february march april may june july august september october november december jan feb mar apr jun jul aug sept sep oct nov dec monday tuesday wednesday thursday friday saturday sunday";

/// What an announcement lays down.
const LAYING_DOWN: &str =
    "will shall must should may ensure provide deliver include including required responsible";

/// Papers and stations whose headlines are pasted in front of a link.
pub(super) const OUTLETS: [&str; 24] = [
    "bbc news",
    "bbc",
    "the guardian",
    "guardian",
    "the independent",
    "independent",
    "the telegraph",
    "telegraph",
    "the times",
    "daily mail",
    "mail online",
    "daily mirror",
    "mirror",
    "sky news",
    "itv news",
    "channel 4 news",
    "inside time",
    "civil service world",
    "gov.uk",
    "the justice gap",
    "russell webster",
    "youtube",
    "community care",
    "financial times",
];

/// Words by what they are a sign of.
pub(super) struct Lexicon {
    pub spoken: HashSet<u64>,
    pub published: HashSet<u64>,
    pub taking_up: HashSet<u64>,
    pub saying: HashSet<u64>,
    pub sources: HashSet<u64>,
    pub first_person: HashSet<u64>,
    pub dates: HashSet<u64>,
    pub laying_down: HashSet<u64>,
    pub i: HashSet<u64>,
    pub my: HashSet<u64>,
    pub we: HashSet<u64>,
    pub you: HashSet<u64>,
    pub to_be: HashSet<u64>,
    pub from: HashSet<u64>,
    pub pointing: HashSet<u64>,
}

impl Lexicon {
    /// The lists, read once.
    pub fn get() -> &'static Self {
        static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon {
            spoken: folded(SPOKEN),
            published: folded(PUBLISHED),
            taking_up: folded(TAKING_UP),
            saying: folded(SAYING),
            sources: folded(SOURCES),
            first_person: folded(FIRST_PERSON),
            dates: folded(DATES),
            laying_down: folded(LAYING_DOWN),
            i: folded("i i'm i've i'd i'll im ive"),
            my: folded("my me mine myself"),
            we: folded("we we're we've we'll we'd our ours us"),
            you: folded("you your yours you're you've you'll you'd"),
            to_be: folded("is are was were be been being"),
            from: folded("from via source"),
            pointing: folded("following below follows here here's this these see"),
        });
        &LEXICON
    }
}

fn folded(list: &str) -> HashSet<u64> {
    words(list).map(|word| word.folded).collect()
}

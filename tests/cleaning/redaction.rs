//! Measures the redaction on a written set, and holds what must be true of any text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use proptest::prelude::*;
use undertone::cleaning::redaction::{OfficeHolders, Personal, Redactor};

const SET: &str = include_str!("../fixtures/cleaning/redaction.txt");
const NAMES: &str = include_str!("../fixtures/cleaning/redaction-names.txt");

fn redactor() -> Redactor {
    Redactor::new(OfficeHolders::shipped().expect("the shipped list is valid"))
        .expect("the patterns compile")
}

/// A text of the set, and what has to be taken out of it.
struct Case {
    text: String,
    expected: Vec<(Range<usize>, Personal)>,
}

fn kind(name: &str) -> Personal {
    match name {
        "e-mail" => Personal::Email,
        "phone" => Personal::Phone,
        "postcode" => Personal::Postcode,
        "ni" => Personal::NationalInsurance,
        "prison" => Personal::PrisonNumber,
        "name" => Personal::Name,
        other => unreachable!("the set has no kind {other:?}"),
    }
}

fn case(line: &str) -> Case {
    let line = line.replace("\\n", "\n");
    let mut text = String::new();
    let mut expected = Vec::new();
    let mut rest = line.as_str();
    while let Some((before, marked)) = rest.split_once('⟦') {
        let (inside, after) = marked.split_once('⟧').expect("every mark is closed");
        let (name, words) = inside.split_once(':').expect("every mark has a kind");
        text.push_str(before);
        let start = text.len();
        text.push_str(words);
        expected.push((start..text.len(), kind(name)));
        rest = after;
    }
    text.push_str(rest);
    Case { text, expected }
}

fn part(name: &str) -> Vec<Case> {
    let header = format!("[{name}]");
    SET.lines()
        .skip_while(|line| *line != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(case)
        .collect()
}

/// How many stretches there are to find, how many were found, and how many of these agree: to the letter, and at
/// least in part.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    expected: usize,
    found: usize,
    exact: usize,
    expected_met: usize,
    found_met: usize,
}

#[allow(clippy::cast_precision_loss)] // counts of a few hundred
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

impl Counts {
    fn precision(self) -> f64 {
        share(self.exact, self.found)
    }

    fn recall(self) -> f64 {
        share(self.exact, self.expected)
    }
}

/// Measures a part of the set and prints figures, misses and false alarms.
fn measure(name: &str) -> (Counts, BTreeMap<Personal, Counts>, f64) {
    let redactor = redactor();
    let mut kinds: BTreeMap<Personal, Counts> = BTreeMap::new();
    let mut right_cases = 0;
    let cases = part(name);
    for case in &cases {
        let found: Vec<(Range<usize>, Personal)> = redactor
            .find(&case.text)
            .into_iter()
            .map(|redaction| (redaction.range, redaction.kind))
            .collect();
        right_cases += usize::from(found == case.expected);
        let meets = |one: &(Range<usize>, Personal), all: &[(Range<usize>, Personal)]| {
            all.iter().any(|other| {
                one.1 == other.1 && one.0.start < other.0.end && other.0.start < one.0.end
            })
        };
        for expected in &case.expected {
            let counts = kinds.entry(expected.1).or_default();
            counts.expected += 1;
            counts.exact += usize::from(found.contains(expected));
            counts.expected_met += usize::from(meets(expected, &found));
            if !found.contains(expected) {
                println!(
                    "missed {:?}  in: {}",
                    &case.text[expected.0.clone()],
                    case.text
                );
            }
        }
        for redaction in &found {
            let counts = kinds.entry(redaction.1).or_default();
            counts.found += 1;
            counts.found_met += usize::from(meets(redaction, &case.expected));
            if !case.expected.contains(redaction) {
                println!(
                    "  alarm {:?}  in: {}",
                    &case.text[redaction.0.clone()],
                    case.text
                );
            }
        }
    }
    let mut all = Counts::default();
    for (kind, counts) in &kinds {
        all.expected += counts.expected;
        all.found += counts.found;
        all.exact += counts.exact;
        all.expected_met += counts.expected_met;
        all.found_met += counts.found_met;
        report(kind.label(), *counts);
    }
    report("all", all);
    let right = share(right_cases, cases.len());
    println!(
        "texts wholly right: {right_cases} of {} ({right:.3})",
        cases.len()
    );
    (all, kinds, right)
}

fn report(name: &str, counts: Counts) {
    println!(
        "{name:16} to find {:3}, found {:3}; exact: precision {:.3}, recall {:.3}; in part: precision {:.3}, recall {:.3}",
        counts.expected,
        counts.found,
        counts.precision(),
        counts.recall(),
        share(counts.found_met, counts.found),
        share(counts.expected_met, counts.expected),
    );
}

#[test]
fn the_development_part_is_redacted_to_the_letter() {
    let (_, _, right) = measure("development");
    assert!(right >= 0.99, "{right}");
}

#[test]
fn the_test_part_is_measured() {
    let (all, kinds, right) = measure("test");
    // Measured to the letter: precision 0.985 and recall 1.000 over all, 0.979 and 1.000 for names; 0.991 of the texts
    // wholly right. The first run gave 0.985, 0.993 and 0.986; rule 7 was then widened for names that another source
    // showed to be missed. The floors leave room for three or four more errors. Rules and set are by the same hand, so
    // texts of others will come out lower.
    assert!(all.precision() >= 0.96 && all.recall() >= 0.97, "{all:?}");
    assert!(right >= 0.97, "{right}");
    for (kind, counts) in kinds {
        let (precision, recall) = match kind {
            Personal::Name => (0.95, 0.96),
            _ => (1.0, 1.0),
        };
        let holds = counts.precision() >= precision && counts.recall() >= recall;
        assert!(holds, "{kind:?}: {counts:?}");
    }
}

#[test]
fn names_of_every_origin_are_found() {
    let sentences = [
        "I worked with {} for years.",
        "It was {} who told us about the closure.",
        "Nothing has been the same since {} left.",
        "{} was on duty that night.",
    ];
    let redactor = redactor();
    for group in NAMES.split("\n[").skip(1) {
        let (origin, names) = group
            .split_once("]\n")
            .expect("a group begins with its origin");
        let names: Vec<&str> = names.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(names.len(), 40);
        let missed: Vec<&str> = (names.iter().zip(sentences.iter().cycle()))
            .filter(|(name, sentence)| {
                let shown = redactor.redact(&sentence.replace("{}", name));
                shown.text() != sentence.replace("{}", "[name]")
            })
            .map(|(name, _)| *name)
            .collect();
        println!("{origin}: {} of 40, without {missed:?}", 40 - missed.len());
        // Measured: 38 to 40 of each group. The rules had been mended on other draws from the same source, and most of
        // its given names are now in the list.
        assert!(missed.len() <= 4, "{origin}: {missed:?}");
    }
}

#[test]
fn what_is_published_keeps_titles_and_possessives() {
    let redacted =
        redactor().redact("Mr Oddie’s PO, Karen Oddie, rang 01632 960123. Grayling didn't.");
    assert_eq!(
        redacted.text(),
        "Mr [name]’s PO, [name], rang [phone]. Grayling didn't."
    );
}

#[test]
fn an_office_holders_surname_lets_nobody_else_of_that_name_stand() {
    let redactor = redactor();
    let shown = |text: &str| redactor.redact(text).into_text();
    let stands = "Chris Grayling and CHRIS GRAYLING, C. Grayling, Mr Grayling.";
    assert_eq!(shown(stands), stands);
    assert_eq!(shown("Karen Grayling sings."), "[name] sings.");
    // A common surname needs the full name beside it.
    assert_eq!(shown("Mr Wilson came."), "Mr [name] came.");
    let stands = "Paul Wilson came. Mr Wilson left.";
    assert_eq!(shown(stands), stands);
}

#[test]
fn the_list_of_office_holders_decides_who_stands() {
    let list = r#"
not_persons = ["Karen Rolls"]
[[holder]]
name = "Zelda Quaill"
office = "Mayor"
"#;
    let holders = OfficeHolders::parse("mine.toml", list).expect("the list is valid");
    let redactor = Redactor::new(holders).expect("the patterns compile");
    assert_eq!(
        redactor
            .redact("Zelda Quaill likes Karen Rolls. Chris Grayling does not.")
            .text(),
        "Zelda Quaill likes Karen Rolls. [name] does not."
    );
}

/// Words and marks that the rules look at, so that made-up texts meet many of them.
const PIECES: &str = "Karen|karen|KAREN|Oddie|ODDIE|Mark|Will|Grayling|Chris|Mr|mrs|Officer|my|manager|called|St|HMP|Street|de|van|J|McX|who|said|Thanks|Zed|Quaill|Lord|Martin|Jones|Tom|Dick|Harry|and|prisoner|number|XK4821|A1234BC|01632|960123|07700900123|+44|(0)|SW1A|2AA|AB123456C|12|a.b@example.org|@|at|dot|(at)|example|[name]|[phone]|[|]|.|,|&|'s|’|-|\n|\u{ad}|é|!|https://|#";

fn made_up_text() -> impl Strategy<Value = String> {
    let pieces: Vec<&str> = PIECES.split('|').collect();
    let piece = prop_oneof![
        9 => prop::sample::select(pieces).prop_map(str::to_owned),
        1 => "\\PC{0,3}",
    ];
    let gap = prop::sample::select(vec!["", " ", " ", " "]);
    prop::collection::vec((piece, gap), 0..30)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, gap)| piece + gap).collect())
}

/// One redactor for all made-up texts.
fn shared() -> &'static Redactor {
    static SHARED: OnceLock<Redactor> = OnceLock::new();
    SHARED.get_or_init(redactor)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn finds_are_sorted_disjoint_and_on_character_borders(text in made_up_text()) {
        let mut end = 0;
        for redaction in shared().find(&text) {
            prop_assert!(redaction.range.start >= end);
            prop_assert!(redaction.range.start < redaction.range.end);
            prop_assert!(text.get(redaction.range.clone()).is_some());
            end = redaction.range.end;
        }
    }

    #[test]
    fn redacting_twice_changes_nothing(text in made_up_text()) {
        let once = shared().redact(&text).into_text();
        let twice = shared().redact(&once);
        prop_assert_eq!(twice.redactions(), &[]);
        prop_assert_eq!(twice.text(), once.as_str());
    }

    #[test]
    fn a_text_without_finds_stays_as_it_is(text in "[a-z ,.!\n]{0,60}") {
        let redacted = shared().redact(&text);
        if redacted.redactions().is_empty() {
            prop_assert_eq!(redacted.text(), text.as_str());
        }
    }

    #[test]
    fn what_is_kept_is_found_at_its_mapped_place(text in made_up_text()) {
        let redacted = shared().redact(&text);
        let mut last = 0;
        for (at, c) in text.char_indices() {
            let shown = redacted.offset(at);
            prop_assert!(shown >= last);
            last = shown;
            let taken = redacted.redactions().iter().any(|redaction| redaction.range.contains(&at));
            prop_assert!(taken || redacted.text()[shown..].starts_with(c));
            let range = redacted.range(at..at + c.len_utf8());
            prop_assert!(redacted.text().get(range).is_some());
        }
        prop_assert_eq!(redacted.offset(text.len()), redacted.text().len());
    }
}

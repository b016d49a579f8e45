//! How well comments in English and in other languages are told apart, on written ones.
//!
//! Each line of the files is a code and a text. `en` is English, also with a part in another language, `und` what has
//! no language. The floors are those of the test part; the development part is what the rules were tried on.

use std::fs;

use undertone::cleaning::language::{Language, LanguageDetector};

/// What came of the texts of a file.
#[derive(Default)]
struct Figures {
    english: usize,
    false_alarms: Vec<String>,
    others: usize,
    missed: Vec<String>,
    misnamed: Vec<String>,
    welsh: usize,
    welsh_found: usize,
}

fn figures(file: &str) -> Figures {
    let path = format!(
        "{}/tests/fixtures/cleaning/{file}",
        env!("CARGO_MANIFEST_DIR")
    );
    let cases = fs::read_to_string(path).expect("the fixture can be read");
    let detector = LanguageDetector::new();
    let mut figures = Figures::default();
    for case in cases.lines() {
        let (code, text) = case.split_once('\t').expect("a code and a text");
        let language = detector.detect(text);
        if matches!(code, "en" | "und") {
            figures.english += 1;
            if let Language::Other(_) = language {
                figures.false_alarms.push(case.to_owned());
            }
            continue;
        }
        figures.others += 1;
        figures.welsh += usize::from(code == "cy");
        match language {
            Language::Other(found) => {
                figures.welsh_found += usize::from(code == "cy" && found == "cy");
                if found != code {
                    figures.misnamed.push(format!("{found}: {case}"));
                }
            }
            Language::English | Language::Undetermined => figures.missed.push(case.to_owned()),
        }
    }
    figures
}

fn percent(part: usize, whole: usize) -> usize {
    part * 100 / whole
}

#[test]
fn no_english_comment_is_taken_for_another_language() {
    for file in ["language.tsv", "language_development.tsv"] {
        let figures = figures(file);
        assert!(figures.english >= 80, "{file}");
        assert_eq!(figures.false_alarms, Vec::<String>::new(), "{file}");
    }
}

#[test]
fn most_comments_in_other_languages_are_found_and_named() {
    let figures = figures("language.tsv");
    assert!(figures.others >= 70);
    let found = figures.others - figures.missed.len();
    assert!(
        percent(found, figures.others) >= 95,
        "missed: {:#?}",
        figures.missed
    );
    assert!(
        percent(found - figures.misnamed.len(), found) >= 95,
        "misnamed: {:#?}",
        figures.misnamed
    );
    assert!(figures.welsh >= 20);
    assert!(
        percent(figures.welsh_found, figures.welsh) >= 90,
        "missed: {:#?}",
        figures.missed
    );
}

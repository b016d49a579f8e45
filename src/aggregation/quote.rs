//! Cuts a short quotation out of a comment.

use crate::cleaning::redaction::Redactor;
use crate::passage::{Own, Passage};

/// The longest quotation, in characters.
const LONGEST: usize = 200;

/// A quotation may end at a sentence from this many characters on.
const SHORTEST: usize = 80;

/// The beginning of a writer's own words on one line, with `[…]` for what lies between them: whole if that is short,
/// else up to the last sentence that ends between 80 and 200 characters, else up to a word, with an ellipsis.
///
/// Personal data is redacted before anything is cut, so that no half of a name is left.
pub(super) fn quote(passage: &Passage, redactor: Option<&Redactor>) -> String {
    let said = match &passage.own {
        Own::Whole => passage.text.clone(),
        Own::Parts(parts) => parts
            .iter()
            .map(|part| passage.text[part.clone()].trim())
            .filter(|said| said.chars().any(char::is_alphanumeric))
            .collect::<Vec<_>>()
            .join(" […] "),
    };
    let said = match redactor {
        Some(redactor) => redactor.redact(&said).into_text(),
        None => said,
    };
    let line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((limit, _)) = line.char_indices().nth(LONGEST) else {
        return line;
    };
    // Room for the ellipsis, so that the whole is no longer than the limit.
    let room = line
        .char_indices()
        .nth(LONGEST - 2)
        .map_or(limit, |(at, _)| at);
    let head = &line[..room];
    let sentence_end = head
        .char_indices()
        .filter(|(at, c)| matches!(c, '.' | '!' | '?') && line[at + 1..].starts_with(' '))
        .map(|(at, _)| at + 1)
        .rfind(|end| head[..*end].chars().count() >= SHORTEST);
    let end = sentence_end.unwrap_or_else(|| head.rfind(' ').unwrap_or(room));
    format!("{} …", &head[..end])
}

#[cfg(test)]
mod tests {
    use super::LONGEST;
    use crate::passage::{Own, Passage};

    fn quote(text: &str) -> String {
        super::quote(&Passage::whole(text.to_owned()), None)
    }

    #[test]
    fn only_the_writers_own_words_are_quoted() {
        let text = "\u{201c}We are pleased.\u{201d} Are you? \u{201c}Very.\u{201d} We are not.";
        let passage = Passage {
            text: text.to_owned(),
            own: Own::Parts(vec![21..31, 42..text.len()]),
            answers: None,
        };
        assert_eq!(super::quote(&passage, None), "Are you? […] We are not.");
    }

    #[test]
    fn a_short_comment_is_quoted_whole_on_one_line() {
        assert_eq!(quote("So true.\n\nAll of it."), "So true. All of it.");
    }

    #[test]
    fn a_long_comment_is_cut_after_a_sentence_where_one_ends_in_time() {
        let first = "This first sentence is quite long, long enough to stand for the whole of the comment it begins.";
        let text = format!("{first} {}", "And on it goes ".repeat(20));
        assert_eq!(quote(&text), format!("{first} …"));
    }

    #[test]
    fn without_a_sentence_it_is_cut_at_a_word_and_never_longer_than_the_limit() {
        let cut = quote(&"wording ".repeat(60));
        assert!(cut.ends_with("wording …"), "{cut}");
        assert!(cut.chars().count() <= LONGEST);
        let unbroken = quote(&"é".repeat(500));
        assert!(unbroken.chars().count() <= LONGEST && unbroken.ends_with('…'));
    }
}

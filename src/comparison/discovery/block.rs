//! A cluster as a theme to be: what stands in `themes.toml`.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// The words that make id and title.
const TITLE: usize = 3;

/// The words that make the description.
const DESCRIPTION: usize = 8;

/// A `[[theme]]` block of the words and phrases of a cluster; None without words. The id is none of `taken`, and joins
/// them. The description is made of words, so that the theme can be looked for at once; the comment above asks for a
/// better one.
pub(super) fn block(
    words: &[&str],
    phrases: &[String],
    size: u64,
    taken: &mut BTreeSet<String>,
) -> Option<String> {
    let title: Vec<&str> = words.iter().copied().take(TITLE).collect();
    let described: Vec<&str> = words.iter().copied().take(DESCRIPTION).collect();
    if title.is_empty() {
        return None;
    }
    let phrases: Vec<String> = phrases.iter().map(|phrase| quoted(phrase)).collect();
    let phrases = match phrases.as_slice() {
        [] => String::new(),
        phrases => format!("phrases = [{}]\n", phrases.join(", ")),
    };
    Some(format!(
        "# Found in {size} comments that no theme claims, or only weakly. Read the examples, then say in your own words what\n\
         # belongs to it.\n\
         [[theme]]\n\
         id = {}\n\
         title = {}\n\
         description = {}\n\
         {phrases}",
        quoted(&unused_id(&title, taken)),
        quoted(&capitalised(&listed(&title))),
        quoted(&format!("Comments about {}.", listed(&described))),
    ))
}

/// The words in letters and digits that an id may have; `found` where none are left. A number follows where it is taken.
fn unused_id(words: &[&str], taken: &mut BTreeSet<String>) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| {
            word.nfd()
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_lowercase())
                .collect::<String>()
        })
        .filter(|word| !word.is_empty())
        .collect();
    let base = if words.is_empty() {
        "found".to_owned()
    } else {
        words.join("_")
    };
    let mut id = base.clone();
    let mut number = 1;
    while !taken.insert(id.clone()) {
        number += 1;
        id = format!("{base}_{number}");
    }
    id
}

/// "one, two and three".
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// A string as TOML writes it on one line.
fn quoted(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    toml::Value::String(text).to_string()
}

//! Whether the themes that labels name are themes that somebody looks for.

use super::sheet::THEME_COLUMN;
use super::{Form, Labelled, LabelledError, LabelledFile};

/// Refuses labels for a theme that is not among `known`: a slip of the hand would count as a theme that is never found.
///
/// # Errors
/// The first such theme, with its place, the field that names it, and the known theme that it looks like.
pub fn check_themes(file: &LabelledFile, known: &[&str]) -> Result<(), LabelledError> {
    let refuse = |place: String, field: String, theme: &str| LabelledError::UnknownTheme {
        file: file.path.clone(),
        place,
        field,
        theme: theme.to_owned(),
        remedy: remedy(theme, known),
    };
    let is_unknown = |theme: &str| !known.contains(&theme);
    if let Some(theme) = file.theme_columns.iter().find(|theme| is_unknown(theme)) {
        let field = format!("the column {THEME_COLUMN}{theme}");
        return Err(refuse("line 1".to_owned(), field, theme));
    }
    for text in &file.texts {
        if let Some((field, theme)) = named(text).find(|(_, theme)| is_unknown(theme)) {
            let field = match file.form {
                // What the columns of themes do not name stands there.
                Form::Table => "the column themes".to_owned(),
                Form::Lines | Form::List => format!("{field:?}"),
            };
            return Err(refuse(file.place(text), field, theme));
        }
    }
    Ok(())
}

/// The themes that a text's labels name, each with its field.
fn named(text: &Labelled) -> impl Iterator<Item = (&'static str, &str)> {
    let themes = text.themes.iter().flatten().map(|id| ("themes", id));
    let judged = text.judged.keys().map(|id| ("judged", id));
    let either_way = text.either_way.iter().map(|id| ("either_way", id));
    let all = themes.chain(judged).chain(either_way);
    all.map(|(field, id)| (field, id.as_str()))
}

fn remedy(theme: &str, known: &[&str]) -> String {
    match nearest(theme, known) {
        Some(near) => format!("did you mean {near:?}? `undertone themes` shows those there are"),
        None => "`undertone themes` shows those there are".to_owned(),
    }
}

/// The known theme that differs in the fewest letters, or that the name is the beginning of; None where no one is near.
fn nearest<'k>(theme: &str, known: &[&'k str]) -> Option<&'k str> {
    let theme = theme.to_lowercase();
    let near = known.iter().filter_map(|known| {
        let far = distance(&theme, known);
        let begins = theme.chars().count() >= 3 && known.starts_with(&theme);
        let is_near = begins || far <= (known.chars().count() / 3).max(1);
        is_near.then_some((far, *known))
    });
    near.min().map(|(_, known)| known)
}

/// How many letters must be put in, left out or replaced to make one word of another (Levenshtein 1966).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (done, letter) in one.chars().enumerate() {
        let mut before = done;
        let mut left = done + 1;
        for (column, of_other) in other.iter().enumerate() {
            let replaced = before + usize::from(letter != *of_other);
            before = row[column + 1];
            row[column] = left;
            left = replaced.min(before + 1).min(left + 1);
        }
        row[other.len()] = left;
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn the_nearest_theme_is_found_if_one_is_near() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!((distance("", "abc"), distance("abc", "")), (3, 3));
        let known = ["workload", "pay_conditions", "unions"];
        assert_eq!(nearest("worklod", &known), Some("workload"));
        assert_eq!(nearest("Unions", &known), Some("unions"));
        assert_eq!(nearest("pay", &known), Some("pay_conditions"));
        assert_eq!(nearest("parking", &known), None);
    }
}

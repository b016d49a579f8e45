//! What stays together where some texts are judged by what others teach.

use std::collections::{BTreeMap, BTreeSet};

use crate::labelled::Labelled;

/// Groups that it takes to keep threads and posts together.
const FEWEST: usize = 5;

/// Groups of each class that it takes: with one, it would never be judged by what others teach.
const FEWEST_OF_CLASS: usize = 2;

/// The groups of some texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// The group of each text.
    pub names: Vec<String>,
    /// Whether threads and posts are torn apart, because there are too few of them: then only copies of a text stay
    /// together.
    pub by_text: bool,
}

impl Groups {
    /// The groups of texts, each with its class: their threads or posts, if there are enough of these.
    pub fn of(texts: &[(&Labelled, usize)]) -> Self {
        let names: Vec<String> = texts.iter().map(|(text, _)| text.group()).collect();
        let mut all: BTreeSet<&str> = BTreeSet::new();
        let mut of_class: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for (name, (_, class)) in names.iter().zip(texts) {
            all.insert(name);
            of_class.entry(*class).or_default().insert(name);
        }
        let few = of_class.values().any(|of| of.len() < FEWEST_OF_CLASS);
        if all.len() >= FEWEST && !few {
            let by_text = false;
            return Self { names, by_text };
        }
        let alone = texts.iter().map(|(text, _)| Labelled {
            thread: None,
            post: None,
            ..(*text).clone()
        });
        let by_itself: Vec<String> = alone.map(|text| text.group()).collect();
        Self {
            by_text: by_itself != names,
            names: by_itself,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Groups;
    use crate::labelled::{Labelled, read};

    fn groups(lines: &str) -> Groups {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), lines).expect("writable");
        let texts: Vec<Labelled> = read(file.path()).expect("labelled texts").texts;
        let class = |text: &Labelled| usize::from(text.has_theme("pay").unwrap_or(false));
        let classed: Vec<(&Labelled, usize)> =
            texts.iter().map(|text| (text, class(text))).collect();
        Groups::of(&classed)
    }

    fn line(text: &str, post: &str, themes: &str) -> String {
        format!("{{\"text\":\"{text}\",\"post\":\"{post}\",\"themes\":[{themes}]}}\n")
    }

    #[test]
    fn posts_stay_together_if_there_are_enough() {
        let many: String = (0..12)
            .map(|number| {
                let post = (number % 6).to_string();
                line(
                    &format!("text {number}"),
                    &post,
                    ["\"pay\"", ""][number % 2],
                )
            })
            .collect();
        let found = groups(&many);
        assert!(!found.by_text);
        assert_eq!(found.names[1], found.names[7]);
        assert_ne!(found.names[1], found.names[2]);

        // All of one post: each text by itself, but copies of one together.
        let one = line("a", "x", "\"pay\"") + &line("b", "x", "") + &line(" A ", "x", "");
        let found = groups(&one);
        assert!(found.by_text);
        assert_eq!(found.names[0], found.names[2]);
        assert_ne!(found.names[0], found.names[1]);

        // All that have the theme are of one post.
        let lopsided: String = (0..12)
            .map(|number| {
                let has = if number % 6 == 0 { "\"pay\"" } else { "" };
                line(&format!("text {number}"), &(number % 6).to_string(), has)
            })
            .collect();
        assert!(groups(&lopsided).by_text);
    }

    #[test]
    fn texts_without_threads_and_posts_are_by_themselves_anyway() {
        let lines: String = (0..12)
            .map(|number| format!("{{\"text\":\"text {number}\",\"themes\":[]}}\n"))
            .collect();
        let found = groups(&lines);
        assert!(!found.by_text);
        assert_ne!(found.names[0], found.names[1]);
    }
}

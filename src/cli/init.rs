//! `undertone init`: a folder to begin with.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use clap::Arg;

use super::Outcome;
use super::args::InitArgs;
use super::failure::Failure;
use super::kind::Kind;
use super::layers::{SETTINGS_FILE, name_of, options};

/// Settings that are in force from the beginning: where things lie in the new folder.
const SET: [(&str, &str); 3] = [
    ("corpus", "pages"),
    ("out", "output"),
    ("themes", "themes.toml"),
];

/// Where the forms of page begin in the description of the corpus.
const FORMS: &str = "## The two forms a copied page can have";

const CORPUS: &str = include_str!("../../corpus/README.md");
const THEMES: &str = include_str!("../../themes.toml");

/// The examples for every night, and the rights to each.
const NIGHTLY: [(&str, &str, u32); 4] = [
    (
        "undertone.service",
        include_str!("../../examples/nightly/undertone.service"),
        0o644,
    ),
    (
        "undertone.timer",
        include_str!("../../examples/nightly/undertone.timer"),
        0o644,
    ),
    (
        "crontab",
        include_str!("../../examples/nightly/crontab"),
        0o644,
    ),
    (
        "fetch-posts.sh",
        include_str!("../../examples/nightly/fetch-posts.sh"),
        0o755,
    ),
];

/// Columns of the comments in the file of settings.
const WIDTH: usize = 100;

pub(super) fn init(args: &InitArgs) -> Result<Outcome, Failure> {
    let folder = &args.folder;
    let failed = |source| Failure::NotBegun {
        folder: folder.display().to_string(),
        source,
    };
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(Failure::NotEmpty(folder.display().to_string()));
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    for inside in ["pages", "nightly"] {
        fs::create_dir_all(folder.join(inside)).map_err(failed)?;
    }
    let place = folder.canonicalize().map_err(failed)?;
    let program = std::env::current_exe().and_then(|program| program.canonicalize());
    let program = program.map_err(failed)?;

    let write = |name: &str, text: &str, rights: u32| {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(rights)
            .open(folder.join(name));
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(failed)
    };
    write(SETTINGS_FILE, &settings_text(&options()), 0o644)?;
    write("themes.toml", THEMES, 0o644)?;
    write("pages/README.md", &pages_text(), 0o644)?;
    for (name, text, rights) in NIGHTLY {
        let text = with_places(text, &place, &program);
        write(&format!("nightly/{name}"), &text, rights)?;
    }
    writeln!(
        std::io::stdout().lock(),
        "{0}: begun. Put your pages into {0}/pages, then say\n\n    undertone run --settings {0}/{SETTINGS_FILE}\n\n\
         or `undertone run` in that folder. {0}/nightly has what it takes to do so every night.",
        folder.display()
    )
    .map_err(Failure::Stdout)?;
    Ok(Outcome::Complete)
}

/// A file of settings with every option of `undertone run`, from the text of its help.
fn settings_text(options: &[Arg]) -> String {
    let mut text = wrapped(
        "Settings of undertone. Lines that begin with # are not in force: take it away to set something. Paths are seen from \
         the folder of this file. Variables like UNDERTONE_CORPUS go before this file, and options of the command line before \
         both; `undertone config` shows what comes of it.",
    );
    for option in options {
        let name = name_of(option);
        let help = option
            .get_help()
            .map_or_else(String::new, ToString::to_string);
        text.push('\n');
        text.push_str(&wrapped(&help));
        let values = option.get_default_values().iter();
        let default: Vec<&str> = values.filter_map(|value| value.to_str()).collect();
        // Of an option that takes a few words alone, one of these is shown where none is usual.
        let choices = option.get_possible_values();
        let shown: Vec<&str> = match choices.first() {
            Some(first) if default.is_empty() => vec![first.get_name()],
            _ => default,
        };
        let default = line(Kind::of(option), &name, &shown);
        match SET.iter().find(|(set, _)| *set == name) {
            None => text.push_str(&format!("# {default}\n")),
            Some((_, value)) => {
                if !option.get_default_values().is_empty() {
                    text.push_str(&format!("# {default}\n"));
                }
                text.push_str(&line(Kind::of(option), &name, &[value]));
                text.push('\n');
            }
        }
    }
    text
}

/// A line that sets something; an option without a default is shown with a value to replace.
fn line(kind: Kind, name: &str, values: &[&str]) -> String {
    let quoted = |value: &str| toml::Value::from(value).to_string();
    let value = match (kind, values) {
        (Kind::Switch, _) => "false".to_owned(),
        (Kind::List(_), values) => {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            format!("[{}]", values.join(", "))
        }
        (Kind::Number, []) => "1".to_owned(),
        (Kind::Number, [value, ..]) => (*value).to_owned(),
        (_, []) => quoted("..."),
        (_, [value, ..]) => quoted(value),
    };
    format!("{name} = {value}")
}

/// A text as comments of several lines.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    lines + &line + "\n"
}

/// What a page may look like, from the description of the corpus.
fn pages_text() -> String {
    let forms = CORPUS.split_once(FORMS).map_or(CORPUS, |(_, forms)| forms);
    format!(
        "# Pages\n\nPut your pages here, one blog post with its comments a file; folders inside are read too. This file is not.\n\
         Keep copies only where you are allowed to. To see what is read from a page: `undertone ingest pages/some-page.txt`.\n\n\
         {FORMS}{forms}"
    )
}

/// An example with the places of this folder and this program, where they can stand in a shell and a unit as they are.
fn with_places(example: &str, folder: &Path, program: &Path) -> String {
    let plain = |path: &Path| {
        let text = path.to_str()?;
        let all = text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
        all.then(|| text.to_owned())
    };
    match (plain(folder), plain(program)) {
        (Some(folder), Some(program)) => example
            .replace("/path/to/folder", &folder)
            .replace("/path/to/undertone", &program),
        _ => example.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::layers::{name_of, options, problems_of};
    use super::{NIGHTLY, SET, pages_text, settings_text, with_places};

    /// A person takes the # away: what stands behind it must be a setting that is taken.
    #[test]
    fn every_line_of_the_settings_can_be_put_in_force() {
        let text = settings_text(&options());
        for option in options() {
            let name = name_of(&option);
            let found = text.lines().filter(|line| {
                let line = line.strip_prefix("# ").unwrap_or(line);
                line.starts_with(&format!("{name} = "))
            });
            for line in found.clone() {
                let line = line.strip_prefix("# ").unwrap_or(line);
                assert_eq!(problems_of(line), [""; 0], "{line}");
            }
            assert!((1..=2).contains(&found.count()), "{name}");
        }
        let in_force = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(in_force.count(), SET.len());
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
        assert!(text.contains("# keep = 30\n"), "{text}");
    }

    #[test]
    fn the_folder_of_pages_shows_every_form() {
        let text = pages_text();
        for form in [
            "### Numbered pages",
            "### Flattened pages",
            "## Posts as JSON",
            "posts.csv",
        ] {
            assert!(text.contains(form), "{form}");
        }
        assert!(!text.contains("made-up blog"));
    }

    #[test]
    fn examples_name_the_folder_unless_it_would_need_quotation_marks() {
        let program = Path::new("/opt/undertone/undertone");
        for (name, text, _) in NIGHTLY {
            let made = with_places(text, Path::new("/srv/blog"), program);
            assert!(!made.contains("/path/to/"), "{name}");
            assert_eq!(with_places(text, Path::new("/srv/my blog"), program), text);
        }
    }
}

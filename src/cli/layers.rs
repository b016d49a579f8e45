//! Where settings come from: defaults, then the file of settings, then the environment, then the command line.
//!
//! What may be set is what clap knows of `undertone run`; there is no second list. Values of the file and the environment
//! are put in as defaults, and the command line is parsed again, so that an option goes before them and nothing else changes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches};
use toml::de::DeTable;

use super::args::{Arguments, Command, RunArgs};
use super::kind::Kind;
use super::settings::find_file;

/// The file of settings used where none is named.
pub(super) const SETTINGS_FILE: &str = "undertone.toml";

/// What the names of variables begin with.
const PREFIX: &str = "UNDERTONE_";

/// The option for the folder that results are written to, and what commands call it that read there.
const WRITTEN: &str = "out";
const READ: &str = "results";

/// Names the file of settings.
const FILE_VARIABLE: &str = "UNDERTONE_SETTINGS";

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SettingsError {
    #[error("{file}: cannot be read ({source}); name another file of settings with --settings")]
    Unreadable {
        file: String,
        source: std::io::Error,
    },
    #[error("{file}: {message}")]
    Syntax { file: String, message: String },
    #[error(
        "{origin}: there is no setting {name:?}; the nearest is {nearest}. `undertone config` shows all"
    )]
    Unknown {
        origin: Origin,
        name: String,
        nearest: String,
    },
    #[error("{origin}: {name} is set a second time; remove one of the two")]
    Twice { origin: Origin, name: String },
    #[error("{origin}: {one} and {other} cannot be set together; remove one of the two")]
    Rivals {
        origin: Origin,
        one: String,
        other: String,
    },
    #[error("{origin}: {name} must be {}", kind.wanted(name))]
    WrongType {
        origin: Origin,
        name: String,
        kind: Kind,
    },
    #[error("{origin}: {problem}")]
    Refused { origin: Origin, problem: String },
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Default,
    File {
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// A variable, by its name.
    Environment(String),
    /// An option, by its name.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::Environment(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// What a layer below the command line says of a setting.
#[derive(Debug, Clone)]
struct Given {
    values: Vec<OsString>,
    origin: Origin,
}

/// A setting as it is in force.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// As in a file of settings.
    pub name: String,
    pub kind: Kind,
    /// Empty where nothing is set and the program itself decides.
    pub values: Vec<String>,
    pub origin: Origin,
    /// What the program decides where nothing is set, in words, as the help states it.
    pub otherwise: Option<String>,
}

/// What the layers say, for those who show or check it.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// The file of settings, if there is one.
    pub file: Option<PathBuf>,
    /// The settings of `undertone run` that the command has, in the order of its help.
    pub settings: Vec<Setting>,
    /// What is wrong with them; of `undertone doctor` alone, which says so. Others do not begin.
    pub problems: Vec<SettingsError>,
    /// Variables that look like settings and are none, each with the name that is nearest.
    pub strangers: Vec<(String, String)>,
}

/// Why a command line did not become a command.
pub(super) enum Unparsed {
    /// clap says it, or was asked for help.
    Arguments(clap::Error),
    Settings(SettingsError),
}

impl From<clap::Error> for Unparsed {
    fn from(error: clap::Error) -> Self {
        Self::Arguments(error)
    }
}

/// The options of `undertone run`, which are what can be set.
pub(super) fn options() -> Vec<Arg> {
    let run = RunArgs::augment_args(clap::Command::new("run"));
    let options = run.get_arguments().filter(|arg| arg.get_long().is_some());
    options.cloned().collect()
}

/// The name of an option in a file of settings.
pub(super) fn name_of(option: &Arg) -> String {
    option.get_long().unwrap_or_default().replace('-', "_")
}

fn variable_of(option: &Arg) -> String {
    format!("{PREFIX}{}", name_of(option).to_uppercase())
}

/// What an option is when it is not given, as its help states it.
pub(super) fn otherwise(option: &Arg) -> Option<String> {
    let help = option.get_help()?.to_string();
    let (_, rest) = help.split_once("[default: ")?;
    Some(rest.split_once(']')?.0.to_owned())
}

/// Parses a command line, with what the file of settings and the environment say below it.
pub(super) fn parse(
    words: impl IntoIterator<Item = OsString>,
) -> Result<(Arguments, Layers), Unparsed> {
    let words: Vec<OsString> = words.into_iter().collect();
    let options = options();
    // No option that must be given can be set elsewhere: what is refused here is refused in any case.
    let mut command = Arguments::command();
    let matches = command.try_get_matches_from_mut(&words)?;
    let first = Arguments::from_arg_matches(&matches)?;
    let (used, _) = innermost(&command, &matches);
    // Of the command as it is defined: with other defaults its options would not be known again.
    let taken: Vec<(&Arg, &Arg)> = options
        .iter()
        .filter_map(|option| {
            let arg = used.get_arguments().find(|arg| means(option, arg))?;
            Some((option, arg))
        })
        .collect();
    if taken.is_empty() {
        return Ok((first, Layers::default()));
    }

    let mut layers = Layers::default();
    let mut given = BTreeMap::new();
    layers.file = settings_file(first.settings);
    if let Some(file) = &layers.file {
        read_file(file, &options, &mut given, &mut layers.problems);
    }
    read_environment(&options, &mut given, &mut layers);
    let (_, typed) = innermost(&command, &matches);
    leave_out_rivals(used, typed, &mut given, &mut layers.problems);
    if !matches!(first.command, Command::Doctor(_)) && !layers.problems.is_empty() {
        return Err(Unparsed::Settings(layers.problems.remove(0)));
    }

    let mut command = with_defaults(Arguments::command(), &options, &given);
    let matches = command.try_get_matches_from_mut(&words)?;
    let arguments = Arguments::from_arg_matches(&matches)?;
    let (_, matches) = innermost(&command, &matches);
    layers.settings = taken
        .into_iter()
        .map(|(option, arg)| in_force(option, arg, matches, &given))
        .collect();
    Ok((arguments, layers))
}

/// Of settings that cannot be used together (`by` and `eras`), the one of the later layer goes before, as a whole; of one
/// layer, both are refused.
fn leave_out_rivals(
    command: &clap::Command,
    typed: &ArgMatches,
    given: &mut BTreeMap<String, Given>,
    problems: &mut Vec<SettingsError>,
) {
    let is_typed = |arg: &Arg| {
        let source = typed.value_source(arg.get_id().as_str());
        source == Some(ValueSource::CommandLine)
    };
    for arg in command.get_arguments() {
        for rival in command.get_arg_conflicts_with(arg) {
            let (one, other) = (arg.get_id().as_str(), rival.get_id().as_str());
            let Some(lower) = given.get(other) else {
                continue;
            };
            let goes_before = match given.get(one) {
                _ if is_typed(arg) => true,
                _ if is_typed(rival) => false,
                None => false,
                Some(upper) => match (&upper.origin, &lower.origin) {
                    (Origin::Environment(_), Origin::File { .. }) => true,
                    (Origin::File { .. }, Origin::Environment(_)) => false,
                    _ => {
                        problems.push(SettingsError::Rivals {
                            origin: lower.origin.clone(),
                            one: one.to_owned(),
                            other: other.to_owned(),
                        });
                        true
                    }
                },
            };
            if goes_before {
                given.remove(other);
            }
        }
    }
}

/// The subcommand that was called, with its own arguments.
fn innermost<'a>(
    command: &'a clap::Command,
    matches: &'a ArgMatches,
) -> (&'a clap::Command, &'a ArgMatches) {
    let below = matches
        .subcommand()
        .and_then(|(name, matches)| Some((command.find_subcommand(name)?, matches)));
    match below {
        Some((command, matches)) => innermost(command, matches),
        None => (command, matches),
    }
}

/// Whether a command's argument is the same as an option of `undertone run`: of some commands, `--out` is something else.
fn means(option: &Arg, arg: &Arg) -> bool {
    let is_named_so = arg.get_id() == option.get_id() && arg.get_long() == option.get_long();
    let is_read_there = (option.get_long(), arg.get_long()) == (Some(WRITTEN), Some(READ));
    (is_named_so || is_read_there)
        && Kind::of(arg) == Kind::of(option)
        && arg.get_value_names() == option.get_value_names()
        && (Kind::of(option) == Kind::Switch
            || arg.get_default_values() == option.get_default_values())
}

fn settings_file(named: Option<PathBuf>) -> Option<PathBuf> {
    named
        .or_else(|| {
            std::env::var_os(FILE_VARIABLE)
                .filter(|name| !name.is_empty())
                .map(PathBuf::from)
        })
        .or_else(|| find_file(SETTINGS_FILE))
}

/// Adds what a file sets, and what is wrong in it, in the order of its lines.
fn read_file(
    path: &Path,
    options: &[Arg],
    given: &mut BTreeMap<String, Given>,
    problems: &mut Vec<SettingsError>,
) {
    let file = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) => return problems.push(SettingsError::Unreadable { file, source }),
    };
    read_text(path, &text, options, given, problems);
}

fn read_text(
    path: &Path,
    text: &str,
    options: &[Arg],
    given: &mut BTreeMap<String, Given>,
    problems: &mut Vec<SettingsError>,
) {
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            return problems.push(SettingsError::Syntax {
                file: path.display().to_string(),
                message: error.to_string(),
            });
        }
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let before = text.bytes().take(key.span().start);
        let origin = Origin::File {
            path: path.to_owned(),
            line: 1 + before.filter(|byte| *byte == b'\n').count(),
        };
        let name = key.get_ref().replace('-', "_");
        let Some(option) = options.iter().find(|option| name_of(option) == name) else {
            problems.push(SettingsError::Unknown {
                origin,
                nearest: nearest(&name, options.iter().map(name_of)),
                name: key.get_ref().clone().into_owned(),
            });
            continue;
        };
        let kind = Kind::of(option);
        let Some(values) = kind.in_file(value.get_ref()) else {
            problems.push(SettingsError::WrongType { origin, name, kind });
            continue;
        };
        if let Some(problem) = refusal(option, &values) {
            problems.push(SettingsError::Refused { origin, problem });
            continue;
        }
        let values = values
            .into_iter()
            .map(|value| kind.seen_from(folder, value))
            .collect();
        let new = Given {
            values,
            origin: origin.clone(),
        };
        if given
            .insert(option.get_id().as_str().to_owned(), new)
            .is_some()
        {
            // TOML itself refuses the same key; this is one spelt with - and with _.
            problems.push(SettingsError::Twice { origin, name });
        }
    }
}

/// Adds what variables set, over what the file does. An empty one counts as not set.
fn read_environment(options: &[Arg], given: &mut BTreeMap<String, Given>, layers: &mut Layers) {
    for option in options {
        let variable = variable_of(option);
        let Some(value) = std::env::var_os(&variable).filter(|value| !value.is_empty()) else {
            continue;
        };
        let origin = Origin::Environment(variable);
        let kind = Kind::of(option);
        let Some(values) = kind.in_environment(value) else {
            layers.problems.push(SettingsError::Refused {
                origin,
                problem: "must be true or false".to_owned(),
            });
            continue;
        };
        if let Some(problem) = refusal(option, &values) {
            layers
                .problems
                .push(SettingsError::Refused { origin, problem });
            continue;
        }
        given.insert(
            option.get_id().as_str().to_owned(),
            Given { values, origin },
        );
    }
    let known: Vec<String> = options
        .iter()
        .map(variable_of)
        .chain([FILE_VARIABLE.to_owned()])
        .collect();
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let strange = names.filter(|name| name.starts_with(PREFIX) && !known.contains(name));
    layers.strangers = strange
        .map(|name| {
            let nearest = nearest(&name, known.iter().cloned());
            (name, nearest)
        })
        .collect();
    layers.strangers.sort();
}

/// What clap says of values that it would refuse on the command line.
fn refusal(option: &Arg, values: &[OsString]) -> Option<String> {
    if values.is_empty() || Kind::of(option) == Kind::Switch {
        return None;
    }
    let words = values.iter().map(|value| {
        let mut word = OsString::from(format!("--{}=", option.get_long().unwrap_or_default()));
        word.push(value);
        word
    });
    let one = clap::Command::new("run")
        .no_binary_name(true)
        .arg(option.clone().action(ArgAction::Append));
    let error = one.try_get_matches_from(words).err()?.to_string();
    let problem = error.split("\n\n").next().unwrap_or(&error);
    let problem = problem.strip_prefix("error: ").unwrap_or(problem);
    let words: Vec<&str> = problem.split_whitespace().collect();
    Some(words.join(" "))
}

fn nearest(name: &str, known: impl Iterator<Item = String>) -> String {
    known
        .min_by_key(|one| strsim::damerau_levenshtein(name, one))
        .unwrap_or_default()
}

/// The same command, with what the layers say in the place of its defaults.
fn with_defaults(
    command: clap::Command,
    options: &[Arg],
    given: &BTreeMap<String, Given>,
) -> clap::Command {
    let changed = command.mut_args(|arg| {
        let option = options.iter().find(|option| means(option, &arg));
        match option.and_then(|option| given.get(option.get_id().as_str())) {
            Some(found) => {
                let arg = arg.default_values(found.values.iter().cloned());
                match &found.origin {
                    // The program's own variable goes before one that others know too.
                    Origin::Environment(_) => arg.env(None::<&'static str>),
                    _ => arg,
                }
            }
            None => arg,
        }
    });
    changed.mut_subcommands(|command| with_defaults(command, options, given))
}

/// An option as it is in force for a command whose argument it is.
fn in_force(
    option: &Arg,
    arg: &Arg,
    matches: &ArgMatches,
    given: &BTreeMap<String, Given>,
) -> Setting {
    let id = arg.get_id().as_str();
    let below = || {
        let given = given.get(option.get_id().as_str());
        given.map(|given| given.origin.clone())
    };
    let origin = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => {
            Origin::Flag(format!("--{}", arg.get_long().unwrap_or_default()))
        }
        Some(ValueSource::EnvVariable) => Origin::Environment(
            option
                .get_env()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        ),
        _ => below().unwrap_or(Origin::Default),
    };
    let kind = Kind::of(option);
    let values = match kind {
        // A variable of others may say it in another way than true or false.
        Kind::Switch => vec![matches.get_flag(id).to_string()],
        _ => {
            let raw = matches.get_raw(id).into_iter().flatten();
            raw.map(|value| value.to_string_lossy().into_owned())
                .collect()
        }
    };
    Setting {
        name: name_of(option),
        kind,
        values,
        origin,
        otherwise: otherwise(option),
    }
}

#[cfg(test)]
pub(super) fn problems_of(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let path = Path::new("undertone.toml");
    read_text(path, text, &options(), &mut BTreeMap::new(), &mut problems);
    problems.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::args::Arguments;
    use super::{means, name_of, options, problems_of};

    #[test]
    fn only_what_means_the_same_is_set_for_other_commands() {
        let all = Arguments::command();
        let set = |command: &str, name: &str| {
            let command = all.find_subcommand(command).expect("a command");
            let options = options();
            let option = options.iter().find(|option| name_of(option) == name);
            let option = option.expect("a setting");
            command.get_arguments().any(|arg| means(option, arg))
        };
        assert!(set("sample", "corpus"));
        assert!(set("score", "precision"));
        assert!(set("doctor", "out"));
        assert!(set("compare", "out"));
        assert!(set("compare", "eras"));
        // A file that must not be there, years to draw from, and a corpus that changes what is measured.
        assert!(!set("sample", "out"));
        assert!(!set("sample", "by"));
        assert!(!set("eval", "corpus"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, problem) in [
            ("keep = \"2\"", "line 1: keep must be a whole number"),
            ("\nkeep = 0", "line 2: invalid value '0' for '--keep <N>'"),
            ("anew = \"yes\"", "line 1: anew must be true or false"),
            ("corpus = 1", "line 1: corpus must be a text"),
            ("without = [1]", "line 1: without must be a list"),
            ("without = [\"pastd\"]", "line 1: invalid value 'pastd'"),
            ("redact = \"some\"", "possible values: off, quotes, all"),
            (
                "keep = 1\n# and again\nmax-page-mb = 1\nmax_page_mb = 2",
                "line 4: max_page_mb is set a second time",
            ),
            (
                "office-holder = \"x\"",
                "no setting \"office-holder\"; the nearest is office_holders",
            ),
            ("[run]\nkeep = 1", "line 1: there is no setting \"run\""),
            ("keep =", "line 1"),
        ] {
            let problems = problems_of(text).join("\n");
            assert!(
                problems.starts_with("undertone.toml") && problems.contains(problem),
                "{problems}"
            );
        }
        assert_eq!(
            problems_of("keep = 0x10\nwithout = []\nmax-page-mb = 1_000"),
            [""; 0]
        );
    }
}

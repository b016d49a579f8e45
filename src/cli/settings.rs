//! From arguments to checked settings and loaded objects.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{CleaningArgs, ReadingArgs, Redact, RedactionArgs, ScoringArgs, Steps};
use super::failure::Failure;
use crate::cleaning::Rules;
use crate::cleaning::redaction::{OfficeHolders, Redactor};
use crate::hash::sha256;
use crate::inference::Scorer;
use crate::model::{Bundle, SentimentClassifier};
use crate::output::{Probability, Scoring, ThemeSetting};
use crate::progress::say;
use crate::reading::ReadLimits;
use crate::themes::{Overlay, Taxonomy};

/// The bundle used where none is named, relative to the working folder or to a folder above the program.
const DEFAULT_MODEL: &str = "models/standard";

/// The taxonomy used where none is named, looked for in the same places; else the one built in serves.
const DEFAULT_THEMES: &str = "themes.toml";

/// The office-holders used where no file of them is named, looked for in the same places; else those built in serve.
const DEFAULT_OFFICE_HOLDERS: &str = "office-holders.toml";

/// A model and a taxonomy, ready to score, and what the outputs say about them.
pub(super) struct ScoringSetup {
    pub scorer: Scorer,
    pub scoring: Scoring,
    /// The taxonomy with the thresholds in force.
    pub themes: Vec<ThemeSetting>,
    pub taxonomy: Taxonomy,
    /// Who judges the sentiment in place of the bundle, if anybody.
    pub classifier: Option<Arc<SentimentClassifier>>,
    /// Where adjustments to themes lie; None for the taxonomy that is built in.
    pub overlay_file: Option<PathBuf>,
    /// The bundle's folder.
    pub model_dir: PathBuf,
    pub themes_file: Option<PathBuf>,
    pub threads: usize,
}

impl ScoringSetup {
    pub(super) fn load(args: &ScoringArgs, cleaning: Rules) -> Result<Self, Failure> {
        let themes_file = themes_file(args);
        let taxonomy = match &themes_file {
            Some(file) => Taxonomy::from_file(file)?,
            None => Taxonomy::shipped()?,
        };
        let threads = threads_or_cores(args.threads);
        let named = args.model.as_ref();
        let found = named
            .map(|name| name.find(args.offline, &say))
            .transpose()?;
        let (model_dir, classifier) = match found {
            Some(found) if SentimentClassifier::is_in(&found.folder) => {
                let classifier = SentimentClassifier::load(&found.folder, &found.name, threads)?;
                (find_model()?, Some(Arc::new(classifier)))
            }
            Some(found) => (found.folder, None),
            None => (find_model()?, None),
        };
        let bundle = Bundle::open(&model_dir)?;
        let mut scorer = Scorer::load(&bundle, &taxonomy, args.precision, threads)?;
        if let Some(classifier) = &classifier {
            scorer.judge_sentiment_by(Arc::clone(classifier));
        }
        let overlay_file = themes_file.as_deref().map(Overlay::beside);
        let overlay = match &overlay_file {
            Some(file) if !args.without_labels => Overlay::read(file)?,
            _ => Overlay::default(),
        };
        for theme in scorer.adjust(&overlay, bundle.fingerprint(), &taxonomy) {
            say(&format!(
                "warning: what was learnt about {theme} from labels was for another model or another text of the theme, \
                 and is left aside; train it again, or take it back: undertone train --theme {theme} --undo"
            ));
        }
        let scoring = Scoring {
            model: bundle.name().to_owned(),
            model_sha256: bundle.fingerprint().to_owned(),
            sentiment_model: classifier.as_ref().map(|one| one.name().to_owned()),
            sentiment_model_sha256: classifier.as_ref().map(|one| one.fingerprint().to_owned()),
            precision: args.precision,
            themes_sha256: fingerprint(&taxonomy),
            overlay_sha256: scorer.added_sha256(),
            cleaning,
        };
        Ok(Self {
            themes: theme_settings(&taxonomy, &scorer),
            scorer,
            scoring,
            taxonomy,
            classifier,
            overlay_file,
            model_dir,
            themes_file,
            threads,
        })
    }
}

/// The file that defines the themes; None for the taxonomy that is built in.
pub(super) fn themes_file(args: &ScoringArgs) -> Option<PathBuf> {
    args.themes.clone().or_else(|| find_file(DEFAULT_THEMES))
}

/// The taxonomy with the thresholds in force.
fn theme_settings(taxonomy: &Taxonomy, scorer: &Scorer) -> Vec<ThemeSetting> {
    taxonomy
        .themes()
        .iter()
        .zip(scorer.themes())
        .map(|(theme, scorer)| ThemeSetting {
            id: theme.id.clone(),
            title: theme.title.clone(),
            description: theme.description.clone(),
            threshold: Probability::new(scorer.threshold),
            threshold_from: if theme.threshold.is_some() {
                "themes file"
            } else {
                "model"
            }
            .to_owned(),
            trained: scorer.trained,
            labels: scorer.labels,
        })
        .collect()
}

/// What is redacted, and how.
pub(super) struct Redaction {
    pub redact: Redact,
    redactor: Redactor,
    /// The file of office-holders, unless those built in serve.
    pub office_holders: Option<PathBuf>,
}

impl Redaction {
    pub(super) fn load(args: &RedactionArgs) -> Result<Self, Failure> {
        let file = args
            .office_holders
            .clone()
            .or_else(|| find_file(DEFAULT_OFFICE_HOLDERS));
        let allowed = match &file {
            Some(file) => OfficeHolders::from_file(file)?,
            None => OfficeHolders::shipped()?,
        };
        Ok(Self {
            redact: args.redact,
            redactor: Redactor::new(allowed)?,
            office_holders: file,
        })
    }

    pub(super) fn of_quotes(&self) -> Option<&Redactor> {
        (self.redact != Redact::Off).then_some(&self.redactor)
    }

    pub(super) fn of_texts(&self) -> Option<&Redactor> {
        (self.redact == Redact::All).then_some(&self.redactor)
    }
}

/// One encoder per core unless a number is given.
pub(super) fn threads_or_cores(threads: Option<u16>) -> usize {
    threads.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        usize::from,
    )
}

/// The cleaning that was asked for.
pub(super) fn cleaning_rules(args: &CleaningArgs) -> Rules {
    let mut rules = Rules {
        repeated_words: args.repeated_words.into(),
        marked_words: args.marked_words.into(),
        count_other_languages: args.count_other_languages,
        ..Rules::default()
    };
    rules.steps.retain(|step| {
        !args.without.iter().any(|without| match without {
            Steps::One(one) => one == step,
            Steps::Quotation => step.is_quotation(),
            Steps::All => true,
        })
    });
    rules
}

pub(super) fn read_limits(args: &ReadingArgs) -> ReadLimits {
    ReadLimits {
        max_file_bytes: args.max_page_mb.saturating_mul(1 << 20),
    }
}

/// Where a default lies: in the working folder, or in a folder above the program, because cron starts programs in the
/// home folder.
fn places(default: &str) -> Vec<PathBuf> {
    let program = std::env::current_exe()
        .and_then(|path| path.canonicalize())
        .ok();
    let above = program.iter().flat_map(|path| path.ancestors().skip(1));
    std::iter::once(Path::new(""))
        .chain(above)
        .map(|folder| folder.join(default))
        .collect()
}

fn find_file(default: &str) -> Option<PathBuf> {
    places(default).into_iter().find(|place| place.is_file())
}

fn find_model() -> Result<PathBuf, Failure> {
    let places = places(DEFAULT_MODEL);
    let found = places
        .iter()
        .find(|place| place.join("manifest.json").is_file());
    found.cloned().ok_or_else(|| {
        let looked: Vec<String> = places
            .iter()
            .map(|place| place.display().to_string())
            .collect();
        Failure::NoModel {
            looked: looked.join(", "),
        }
    })
}

/// A hash of what the taxonomy means, whatever the layout of its file.
fn fingerprint(taxonomy: &Taxonomy) -> String {
    // Themes are plain strings and finite numbers, which JSON can always write.
    sha256(&serde_json::to_vec(taxonomy.themes()).unwrap_or_default())
}

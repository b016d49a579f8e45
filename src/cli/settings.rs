//! From arguments to checked settings and loaded objects.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{CleaningArgs, ReadingArgs, Redact, RedactionArgs, ScoringArgs, Steps};
use super::failure::Failure;
use crate::cleaning::Rules;
use crate::cleaning::redaction::{OfficeHolders, Redactor};
use crate::hash::{sha256, sha256_of_file};
use crate::inference::{Engine, Judge, Scorer};
use crate::model::{Bundle, SentimentClassifier, processor_kind};
use crate::output::{Probability, Scoring, ThemeSetting};
use crate::passage::Passage;
use crate::progress::say;
use crate::reading::ReadLimits;
use crate::store::{Identity, Store, recall};
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
    /// Whose vectors the engine makes.
    pub identity: Identity,
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
    /// Everything but what is kept from one run to the next.
    pub(super) fn load(args: &ScoringArgs, cleaning: Rules) -> Result<Self, Failure> {
        Self::load_with(args, cleaning, &mut Store::none())
    }

    /// The same; vectors of themes' texts come from the store where it has them.
    pub(super) fn load_with(
        args: &ScoringArgs,
        cleaning: Rules,
        store: &mut Store,
    ) -> Result<Self, Failure> {
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
        let identity = Identity {
            bundle: bundle.fingerprint().to_owned(),
            precision: args.precision,
            processor: processor_kind(),
        };
        let engine = Engine::load(&bundle, args.precision, threads)?;
        let mut judge = Judge::new(bundle.heads()?, &taxonomy, |texts| {
            let passages: Vec<Passage<&str>> =
                texts.iter().map(|text| Passage::whole(*text)).collect();
            let mut of_themes = vec![None; texts.len()];
            recall(
                &engine,
                &identity,
                store,
                &passages,
                false,
                |place, vectors| {
                    of_themes[place] = vectors;
                },
            )?;
            Ok(of_themes)
        })?;
        let overlay_file = themes_file.as_deref().map(Overlay::beside);
        let overlay = match &overlay_file {
            Some(file) if !args.without_labels => Overlay::read(file)?,
            _ => Overlay::default(),
        };
        for theme in judge.adjust(&overlay, bundle.fingerprint(), &taxonomy) {
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
            overlay_sha256: judge.added_sha256(),
            cleaning,
        };
        let themes = theme_settings(&taxonomy, &judge);
        let mut scorer = Scorer::new(engine, judge);
        if let Some(classifier) = &classifier {
            scorer.judge_sentiment_by(Arc::clone(classifier));
        }
        Ok(Self {
            themes,
            scorer,
            scoring,
            identity,
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
fn theme_settings(taxonomy: &Taxonomy, judge: &Judge) -> Vec<ThemeSetting> {
    taxonomy
        .themes()
        .iter()
        .zip(judge.themes())
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
    /// SHA-256 of that file.
    pub office_holders_sha256: Option<String>,
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
            office_holders_sha256: file
                .as_deref()
                .and_then(|file| Some(sha256_of_file(file).ok()?.1)),
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

pub(super) fn find_file(default: &str) -> Option<PathBuf> {
    places(default).into_iter().find(|place| place.is_file())
}

pub(super) fn find_model() -> Result<PathBuf, Failure> {
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

//! What a step learns from: token windows with labels.

use rayon::prelude::*;
use tokenizers::Tokenizer;

use super::config::TrainingError;
use super::described::DescribedThemes;
use crate::inference::{Window, Windower};
use crate::labelled::Labelled;
use crate::model::{ModelError, Sentiment};
use crate::passage::Passage;

/// Windows of one text that are learnt from: of a longer text the beginning, for the sake of memory.
const WINDOWS: usize = 4;

/// A text to learn from.
#[derive(Debug, Clone)]
pub(super) struct Example {
    /// At least one.
    pub windows: Vec<Window>,
    /// None where it counts neither way, or where nothing in the text is its writer's own.
    pub sentiment: Option<Sentiment>,
    /// One entry a theme, None where it counts neither way; nothing at all for a text without theme labels.
    pub themes: Vec<Option<bool>>,
    /// Places of themes in the taxonomy, with the attitude to each.
    pub attitudes: Vec<(usize, Sentiment)>,
    /// Whether it has each theme and topic that is learnt as a text, None where that counts neither way; nothing at all
    /// where no such labels are learnt.
    pub described: Vec<Option<bool>>,
    /// The text, to ask a teacher about.
    pub passage: Passage,
}

impl Example {
    /// A text without labels.
    pub fn of_text(windows: Vec<Window>, text: &str) -> Self {
        Self {
            windows,
            sentiment: None,
            themes: Vec::new(),
            attitudes: Vec::new(),
            described: Vec::new(),
            passage: Passage::whole(text.to_owned()),
        }
    }

    /// Tokens of all windows.
    pub fn tokens(&self) -> usize {
        self.windows.iter().map(|window| window.ids.len()).sum()
    }

    /// Whether it is a comment, and not a general text.
    pub fn is_comment(&self) -> bool {
        !self.themes.is_empty()
    }
}

/// Tokenizes labelled texts, `passages` being what the model is given of them; None for a text without any token.
/// `themes` are the ids of the taxonomy for comments, and empty for general texts.
pub(super) fn examples(
    texts: &[Labelled],
    passages: &[Passage<&str>],
    themes: &[&str],
    described: Option<&DescribedThemes>,
    tokenizer: &Tokenizer,
) -> Result<Vec<Option<Example>>, TrainingError> {
    let windower = Windower::new(tokenizer.clone())?;
    Ok(texts
        .par_iter()
        .zip(passages)
        .map(|(text, passage)| example(text, passage, themes, described, &windower))
        .collect::<Result<Vec<_>, ModelError>>()?)
}

fn example(
    text: &Labelled,
    passage: &Passage<&str>,
    themes: &[&str],
    described: Option<&DescribedThemes>,
    windower: &Windower,
) -> Result<Option<Example>, ModelError> {
    let mut windows = windower.windows(passage)?;
    windows.truncate(WINDOWS);
    if windows.is_empty() {
        return Ok(None);
    }
    let has_own = windows
        .iter()
        .any(|window| window.own.as_ref().is_none_or(|own| !own.is_empty()));
    let place_of = |id: &str| themes.iter().position(|theme| *theme == id);
    Ok(Some(Example {
        sentiment: text.sentiment.filter(|_| has_own),
        themes: themes.iter().map(|id| text.has_theme(id)).collect(),
        attitudes: text
            .attitudes
            .iter()
            .filter(|_| has_own)
            .filter_map(|(id, attitude)| Some((place_of(id)?, *attitude)))
            .collect(),
        windows,
        described: described.map_or_else(Vec::new, |described| described.labels(text)),
        passage: passage.clone().into_owned(),
    }))
}

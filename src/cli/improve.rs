//! `undertone train --theme`: one theme improved by a person's labels.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use super::Outcome;
use super::args::TrainArgs;
use super::failure::Failure;
use super::located::CleanCorpus;
use super::settings::{ScoringSetup, cleaning_rules, themes_file};
use super::table::Table;
use crate::labelled::{self, CleanLabelled, Labelled, LabelledFile, Split};
use crate::passage::Passage;
use crate::progress::Progress;
use crate::refinement::{Found, Frequency, Groups, Improvement, Judged};
use crate::sampling::make_up_for_unused;
use crate::themes::{Adjustment, Overlay};

pub(super) fn improve(mut args: TrainArgs) -> Result<Outcome, Failure> {
    let begin = Instant::now();
    let progress = Progress::new(args.quiet);
    let theme = args.theme.take().unwrap_or_default();
    let Some(labels) = &args.labels else {
        let themes = themes_file(&args.scoring).ok_or(Failure::NoOverlay)?;
        return undo(&theme, &Overlay::beside(&themes));
    };
    let mut file = labelled::read(labels)?;
    for note in &file.notes {
        progress.warn(note);
    }
    // Labels teach what the model does not know, whatever others have taught before.
    args.scoring.without_labels = true;
    let rules = cleaning_rules(&args.cleaning);
    let setup = ScoringSetup::load(&args.scoring, rules.clone())?;
    let place = setup.themes.iter().position(|known| known.id == theme);
    let place = place.ok_or_else(|| Failure::UnknownTheme(theme.clone()))?;
    let known: Vec<&str> = setup.themes.iter().map(|known| known.id.as_str()).collect();
    labelled::check_themes(&file, &known)?;
    let overlay_file = setup.overlay_file.as_ref().ok_or(Failure::NoOverlay)?;

    let held_out = |text: &Labelled| text.split == Some(Split::Heldout);
    let test_texts = file.texts.iter().filter(|text| held_out(text));
    let left_out = test_texts
        .filter(|text| text.has_theme(&theme).is_some())
        .count();
    if left_out > 0 {
        progress.warn(&format!(
            "{}: {left_out} texts are test material (split heldout) and teach nothing",
            file.path
        ));
    }
    let is_used = |text: &Labelled| !held_out(text) && text.has_theme(&theme).is_some();
    make_up_for_unused(&mut file.texts, is_used);
    let corpus = args
        .corpus
        .as_ref()
        .map(|folder| CleanCorpus::read(folder, &args.reading, &rules, &progress));
    let corpus = corpus.transpose()?;
    let texts: Vec<&Labelled> = file.texts.iter().filter(|text| is_used(text)).collect();
    let cleaned: Vec<CleanLabelled>;
    let passages: Vec<Passage<&str>> = match &corpus {
        Some(corpus) => {
            let located = corpus.locate(&file, &texts)?.into_iter();
            located.map(|one| one.passage).collect()
        }
        None => {
            cleaned = labelled::clean(&file.texts, &rules);
            let all = labelled::passages(&file.texts, &cleaned);
            let all = file.texts.iter().zip(all);
            all.filter(|(text, _)| is_used(text))
                .map(|(_, passage)| passage)
                .collect()
        }
    };
    let labels_of = texts.iter().filter_map(|text| text.has_theme(&theme));
    let verdicts: Vec<(&Labelled, usize)> = texts
        .iter()
        .copied()
        .zip(labels_of.map(usize::from))
        .collect();
    let vectors = setup.scorer.theme_logits(place, passages.into_iter())?;
    // A text without words has no vector.
    let (verdicts, vectors): (Vec<(&Labelled, usize)>, Vec<_>) = verdicts
        .into_iter()
        .zip(vectors)
        .filter_map(|(verdict, vectors)| Some((verdict, vectors?)))
        .unzip();
    let groups = Groups::of(&verdicts);
    let judged: Vec<Judged> = verdicts
        .iter()
        .zip(vectors)
        .zip(groups.names)
        .map(|(((text, label), (vector, logit)), group)| Judged {
            group,
            label: *label == 1,
            vector,
            logit,
            weight: text.weight,
        })
        .collect();
    let positive = judged.iter().filter(|text| text.label).count();
    // What `undertone sample` draws has a weight or a stratum.
    let is_drawn = |text: &Labelled| text.weight != 1.0 || text.stratum.is_some();
    let frequency = if verdicts.iter().all(|(text, _)| is_drawn(text)) {
        Frequency::Learnt
    } else {
        Frequency::Kept
    };
    let threshold = setup.scorer.themes()[place].threshold;
    let improvement = crate::refinement::improve(&judged, threshold, frequency);
    let improvement = improvement.ok_or_else(|| Failure::TooFewLabels {
        file: file.path.clone(),
        theme: theme.clone(),
        judged: judged.len(),
        positive,
    })?;

    let mut out = std::io::stdout().lock();
    show(&mut out, &theme, &judged, &improvement)
        .and_then(|()| show_notes(&mut out, frequency, groups.by_text))
        .map_err(Failure::Stdout)?;
    let mut outcome = Outcome::Complete;
    let done = if !improvement.helps {
        if args.apply {
            outcome = Outcome::NothingChanged;
        }
        "These labels do not help by more than chance: nothing was changed. Label more texts, or look at the description of the theme.".to_owned()
    } else if args.apply {
        let adjustment = adjustment(&setup, place, &file, &judged, improvement);
        Overlay::change(overlay_file, |overlay| overlay.add(&theme, adjustment))?;
        format!(
            "In force, in {}. To take it back: undertone train --theme {theme} --undo",
            overlay_file.display()
        )
    } else {
        "Nothing was changed. To put it in force, run the same command with --apply.".to_owned()
    };
    writeln!(out, "\n{done}").map_err(Failure::Stdout)?;
    progress.log(&format!("{:.1} seconds", begin.elapsed().as_secs_f64()));
    Ok(outcome)
}

fn adjustment(
    setup: &ScoringSetup,
    theme: usize,
    file: &LabelledFile,
    judged: &[Judged],
    improvement: Improvement,
) -> Adjustment {
    let yes = judged.iter().filter(|text| text.label).count();
    Adjustment {
        model_sha256: setup.scoring.model_sha256.clone(),
        theme_sha256: setup.taxonomy.themes()[theme].fingerprint(),
        labels_file: file.path.clone(),
        labels_sha256: file.sha256.clone(),
        yes: yes as u64,
        no: (judged.len() - yes) as u64,
        weights: improvement.added.weights.to_vec(),
        bias: improvement.added.bias,
    }
}

/// Needs neither the model nor the theme: either may be gone.
fn undo(theme: &str, file: &Path) -> Result<Outcome, Failure> {
    let (taken, before) = Overlay::change(file, |overlay| {
        let taken = overlay.undo(theme);
        (taken, overlay.of(theme).cloned())
    })?;
    let taken = taken.ok_or_else(|| Failure::NothingToUndo {
        theme: theme.to_owned(),
    })?;
    let now = match before {
        Some(before) => format!(
            "what it learnt before that from {} takes its place, for the model and the text of the theme that it was learnt with",
            before.labels_file
        ),
        None => "it is as the model has it again".to_owned(),
    };
    writeln!(
        std::io::stdout().lock(),
        "{theme}: what it learnt from {} was taken back; {now}",
        taken.labels_file
    )
    .map_err(Failure::Stdout)?;
    Ok(Outcome::Complete)
}

fn show(
    out: &mut impl Write,
    theme: &str,
    judged: &[Judged],
    improvement: &Improvement,
) -> std::io::Result<()> {
    let positive = judged.iter().filter(|text| text.label).count();
    writeln!(
        out,
        "{theme}: {} judged texts, {positive} have it. Each text judged by what the others teach, and counted as many times \
         as the comments it stands for:\n",
        judged.len()
    )?;
    let mut table = Table::new(&[
        "<",
        ">right",
        ">given it",
        ">F1",
        ">avg precision",
        ">mean loss",
    ]);
    for (name, found) in [
        ("as it is", improvement.before),
        ("with your labels", improvement.after),
    ] {
        let Found {
            right,
            given,
            loss,
            f1,
            average_precision,
        } = found;
        let figure =
            |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
        table.row([
            name.to_owned(),
            format!("{:.1}%", 100.0 * right),
            format!("{:.1}%", 100.0 * given),
            figure(f1),
            figure(average_precision),
            format!("{loss:.3}"),
        ]);
    }
    write!(out, "{table}")
}

fn show_notes(out: &mut impl Write, frequency: Frequency, by_text: bool) -> std::io::Result<()> {
    if frequency == Frequency::Kept {
        writeln!(
            out,
            "\nNot all of these texts were drawn with `undertone sample`. Texts chosen by hand say nothing about how frequent \
             the theme is, so only what tells texts apart is learnt: the mean probability among them stays what it is."
        )?;
    }
    if by_text {
        writeln!(
            out,
            "\nThe texts come from too few threads or posts for these to be kept together: each is judged by what all \
             others teach but its copies, which flatters a little."
        )?;
    }
    Ok(())
}

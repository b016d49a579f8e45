//! `undertone themes` and `undertone schema`.

use std::io::Write;

use super::args::{SchemaArgs, ThemesArgs};
use super::failure::Failure;
use super::settings::ScoringSetup;
use super::table::Table;
use super::{Outcome, print_json};
use crate::cleaning::Rules;
use crate::output::schema_of;

pub(super) fn themes(args: ThemesArgs) -> Result<Outcome, Failure> {
    let setup = ScoringSetup::load(&args.scoring, Rules::default())?;
    let settings = &setup.themes;
    if args.json {
        print_json(settings)?;
        return Ok(Outcome::Complete);
    }
    let mut table = Table::new(&[
        "<theme",
        ">threshold",
        "<from",
        "<matched by",
        "<what belongs to it",
    ]);
    for theme in settings {
        table.row([
            theme.id.clone(),
            format!("{:.2}", theme.threshold.value()),
            theme.threshold_from.clone(),
            if theme.trained {
                "training"
            } else {
                "description"
            }
            .to_owned(),
            theme.description.clone(),
        ]);
    }
    let source = setup.themes_file.as_ref().map_or_else(
        || "the taxonomy built into the program".to_owned(),
        |file| file.display().to_string(),
    );
    let themes = settings.len();
    writeln!(
        std::io::stdout().lock(),
        "{table}\n{themes} themes, from {source}"
    )
    .map_err(Failure::Stdout)?;
    Ok(Outcome::Complete)
}

pub(super) fn schema(args: &SchemaArgs) -> Result<Outcome, Failure> {
    // The argument parser lets only known names through.
    if let Some(schema) = schema_of(&args.output) {
        print_json(&schema)?;
    }
    Ok(Outcome::Complete)
}

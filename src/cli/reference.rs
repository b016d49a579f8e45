//! `undertone themes` and `undertone schema`.

use std::io::Write;

use super::Outcome;
use super::args::{SchemaArgs, ThemesArgs};
use super::failure::Failure;
use super::settings::ScoringSetup;
use super::table::Table;
use crate::output::schema_of;

pub(super) fn themes(args: ThemesArgs) -> Result<Outcome, Failure> {
    let setup = ScoringSetup::load(&args.scoring)?;
    let settings = &setup.themes;
    let mut out = std::io::stdout().lock();
    let written = if args.json {
        serde_json::to_writer_pretty(&mut out, settings)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n"))
    } else {
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
        write!(out, "{table}\n{} themes, from {source}\n", settings.len())
    };
    written.map_err(Failure::Stdout)?;
    Ok(Outcome::Complete)
}

pub(super) fn schema(args: &SchemaArgs) -> Result<Outcome, Failure> {
    let mut out = std::io::stdout().lock();
    // The argument parser lets only known names through.
    if let Some(schema) = schema_of(&args.output) {
        serde_json::to_writer_pretty(&mut out, &schema)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n"))
            .map_err(Failure::Stdout)?;
    }
    Ok(Outcome::Complete)
}

//! `undertone compare`: what changed, from the files of a run.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::answer::{Told, tell_all, tell_theme};
use super::args::CompareArgs;
use super::comparing::{ComparisonFiles, ComparisonSetup};
use super::failure::Failure;
use super::{Outcome, print_json};
use crate::comparison::Wanted;
use crate::output::{PublishedSet, observations};
use crate::progress::Progress;

pub(super) fn compare(args: &CompareArgs) -> Result<Outcome, Failure> {
    let progress = Progress::new(args.quiet);
    let set = PublishedSet::latest(&args.results)?;
    let known: Vec<&str> = set.taxonomy.iter().map(|theme| theme.id.as_str()).collect();
    if let Some(theme) = &args.theme
        && !known.contains(&theme.as_str())
    {
        return Err(Failure::NotCompared {
            theme: theme.clone(),
            set: set.folder.display().to_string(),
            known: known.into_iter().map(str::to_owned).collect(),
        });
    }
    let setup = ComparisonSetup::load(&args.comparison, &known, &progress)?;
    setup.warn_of_learnt(set.themes_file.as_deref(), &set.scoring, &progress)?;
    let stage = progress.stage("comparing", set.comments.len() as u64);
    let observations = observations(&set.taxonomy, set.posts.clone(), &set.comments);
    let wanted = Wanted {
        from: args.from.as_deref(),
        to: args.to.as_deref(),
        as_of: args.as_of,
    };
    let compared = setup.compare(&observations, &wanted, &progress)?;
    let files = compared.files(&set.scoring, &set.taxonomy, None);
    stage.advance(set.comments.len() as u64);
    stage.finish();
    if let Some(folder) = &args.out {
        write(folder, &files)?;
        progress.log(&format!("wrote {}", folder.display()));
    }
    if args.json {
        print_json(&files.record)?;
        return Ok(Outcome::Complete);
    }
    let told = Told {
        file: &files.record,
        undertone: &set.undertone,
        run: &set.name,
        wanted: (args.from.as_deref(), args.to.as_deref()),
    };
    let mut out = std::io::stdout().lock();
    match &args.theme {
        None => tell_all(&mut out, &told),
        Some(theme) => tell_theme(&mut out, &told, theme),
    }
    .map_err(Failure::Stdout)?;
    Ok(Outcome::Complete)
}

/// Writes the files, each put in its place whole.
fn write(folder: &Path, files: &ComparisonFiles) -> Result<(), Failure> {
    let failed = |source| Failure::Unwritable {
        file: folder.display().to_string(),
        source,
    };
    // A set says in run.json what its files are: none of them may become another.
    if folder.join("run.json").exists() {
        return Err(failed(std::io::Error::other(
            "it holds a set of results; name another folder with --out",
        )));
    }
    fs::create_dir_all(folder).map_err(failed)?;
    for name in ComparisonFiles::NAMES {
        let part = folder.join(format!(".part-{}-{name}", std::process::id()));
        let written = File::create(&part).and_then(|file| {
            let mut out = BufWriter::new(file);
            files.write(name, &mut out)?;
            out.flush()
        });
        let placed = written.and_then(|()| fs::rename(&part, folder.join(name)));
        if let Err(source) = placed {
            // A half-written file helps nobody.
            let _ = fs::remove_file(&part);
            return Err(failed(source));
        }
    }
    Ok(())
}

//! The command line: raw arguments, checked settings, and one file per command.

mod answer;
mod args;
mod cache;
mod check_labels;
mod clean;
mod compare;
mod comparing;
mod config;
mod doctor;
mod eval;
mod explain;
mod failure;
mod forget;
mod improve;
mod ingest;
mod init;
mod kind;
mod layers;
mod located;
mod quiet;
mod reference;
mod report;
mod run;
mod sample;
mod score;
mod settings;
mod stages;
mod table;
mod train;
mod writing;

use std::io::Write;
use std::process::ExitCode;

use args::Command;
use failure::Failure;
use layers::Unparsed;

use crate::output::OutputError;
use crate::progress::say;

/// How a command that did its job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// All well.
    Complete,
    /// Some inputs were left out; each was named on stderr.
    SomeSkipped,
    /// What was to be put in force was not worth it; stdout says so.
    NothingChanged,
    /// What was looked at is damaged, or not fit for a run; stdout says how.
    Damaged,
}

/// Writes a value to stdout as indented JSON.
fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)
        .map_err(std::io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .map_err(Failure::Stdout)
}

/// Runs the command that the process was started with.
///
/// Exit codes: 0 all well, 1 finished but some inputs were skipped, nothing was put in force or what was looked at is damaged, 2
/// could not do the job, 3 another run is doing it.
pub fn main() -> ExitCode {
    let (arguments, layers) = match layers::parse(std::env::args_os()) {
        Ok(parsed) => parsed,
        Err(Unparsed::Arguments(error)) => {
            // Help and version are no errors. If they cannot be printed, nobody is reading.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
        Err(Unparsed::Settings(error)) => {
            say(&format!("error: {}", Failure::from(error)));
            return ExitCode::from(2);
        }
    };
    let outcome = match arguments.command {
        Command::Run(args) => run::run(args),
        Command::Compare(args) => compare::compare(&args),
        Command::Report(args) => report::report(&args),
        Command::Ingest(args) => ingest::ingest(&args),
        Command::Clean(args) => clean::clean(&args),
        Command::Sample(args) => sample::sample(&args),
        Command::Score(args) => score::score(args),
        Command::Eval(args) => eval::eval(args),
        Command::Themes(args) => reference::themes(args),
        Command::Schema(args) => reference::schema(&args),
        Command::Explain(args) => explain::explain(args),
        Command::Cache(args) => cache::cache(args),
        Command::Forget(args) => forget::forget(&args),
        Command::CheckLabels(args) => check_labels::check_labels(args),
        Command::Train(args) => train::train(args),
        Command::Init(args) => init::init(&args),
        Command::Config(args) => config::config(args.json, &layers),
        Command::Doctor(args) => doctor::doctor(args, &layers),
    };
    match outcome {
        Ok(Outcome::Complete) => ExitCode::SUCCESS,
        Ok(Outcome::SomeSkipped | Outcome::NothingChanged | Outcome::Damaged) => ExitCode::from(1),
        // Whoever read our output has gone (`undertone … | head`): they have what they wanted.
        Err(Failure::Stdout(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            say(&format!("error: {failure}"));
            ExitCode::from(match failure {
                Failure::Output(OutputError::Busy { .. }) => 3,
                _ => 2,
            })
        }
    }
}

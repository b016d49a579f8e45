//! What a person sees on stderr while a command works, and how long its stages took.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// Plain lines come no closer together than this.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Writes a line to stderr. If nobody can read it, that is no reason to stop: the work goes on.
///
/// Control characters are shown, not sent: file names and texts must not fake lines or move the cursor.
pub fn say(message: &str) {
    let _ = writeln!(std::io::stderr().lock(), "undertone: {}", visible(message));
}

/// Characters of no width, and those that change the direction of writing.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// A message as a terminal may show it: nothing in it moves the cursor, hides, or turns the direction of writing.
pub(crate) fn visible(message: &str) -> String {
    let mut shown = String::with_capacity(message.len());
    let mut lines = message.split('\n').peekable();
    while let Some(line) = lines.next() {
        for c in line.chars() {
            if c.is_control() || is_unseen(c) {
                shown.extend(c.escape_default());
            } else {
                shown.push(c);
            }
        }
        // Messages of several lines are indented, so that no line of them looks like one of ours.
        if lines.peek().is_some() {
            shown.push_str("\n    ");
        }
    }
    shown
}

/// What people see of the stages of a command, and how long these took.
#[derive(Debug)]
pub struct Progress {
    shown: Shown,
    /// Of the stages that have ended, by name.
    seconds: Mutex<BTreeMap<String, f64>>,
}

/// How progress is shown.
#[derive(Debug)]
enum Shown {
    /// Not at all.
    Quiet,
    /// Plain lines, for logs.
    Lines,
    /// Bars, on a terminal.
    Bars(MultiProgress),
}

impl Progress {
    /// Bars where stderr is a terminal, else lines; neither if `quiet`.
    pub fn new(quiet: bool) -> Self {
        let shown = if quiet {
            Shown::Quiet
        } else if std::io::stderr().is_terminal() {
            Shown::Bars(MultiProgress::with_draw_target(ProgressDrawTarget::stderr()))
        } else {
            Shown::Lines
        };
        Self {
            shown,
            seconds: Mutex::default(),
        }
    }

    /// Tells what is being done, unless quiet.
    pub fn log(&self, message: &str) {
        match &self.shown {
            Shown::Quiet => {}
            Shown::Lines => say(message),
            // A bar that cannot be redrawn is no reason to fail.
            Shown::Bars(bars) => drop(bars.println(format!("undertone: {}", visible(message)))),
        }
    }

    /// Tells what went wrong, even if quiet.
    pub fn warn(&self, message: &str) {
        match &self.shown {
            Shown::Quiet | Shown::Lines => say(message),
            Shown::Bars(_) => self.log(message),
        }
    }

    /// The seconds that each stage took which has ended, by name.
    pub fn seconds(&self) -> BTreeMap<String, f64> {
        let seconds = self.seconds.lock().unwrap_or_else(PoisonError::into_inner);
        seconds.clone()
    }

    /// Begins a stage of `total` steps.
    pub fn stage(&self, name: &str, total: u64) -> Stage<'_> {
        self.stage_from(name, 0, total)
    }

    /// Takes up a stage of `total` steps of which `begin` were done before.
    pub fn stage_from(&self, name: &str, begin: u64, total: u64) -> Stage<'_> {
        let bar = match &self.shown {
            Shown::Bars(bars) => {
                let style = ProgressStyle::with_template(
                    "{prefix:>22} {wide_bar} {human_pos}/{human_len}  {rate}  {eta} left  {msg}",
                )
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .with_key(
                    "rate",
                    |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                        // A rate that cannot be written leaves a gap in a bar.
                        let _ = write!(out, "{:.0} a second", state.per_sec());
                    },
                );
                let bar = bars.add(ProgressBar::new(total).with_style(style));
                bar.set_prefix(name.to_owned());
                bar.set_position(begin);
                // What was done before says nothing about the speed.
                bar.reset_eta();
                Some(bar)
            }
            Shown::Quiet | Shown::Lines => None,
        };
        Stage {
            progress: self,
            name: name.to_owned(),
            bar,
            begin,
            total,
            done: AtomicU64::new(begin),
            began: Instant::now(),
            last_line: AtomicU64::new(0),
        }
    }
}

/// A stage under way; it may be advanced from several threads.
#[derive(Debug)]
pub struct Stage<'p> {
    progress: &'p Progress,
    name: String,
    bar: Option<ProgressBar>,
    begin: u64,
    total: u64,
    done: AtomicU64,
    began: Instant,
    /// Seconds after the beginning.
    last_line: AtomicU64,
}

impl Stage<'_> {
    /// Counts steps done.
    pub fn advance(&self, steps: u64) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        if let Some(bar) = &self.bar {
            bar.inc(steps);
        } else if self.is_told_in_lines() && done < self.total {
            let now = self.began.elapsed().as_secs();
            let last = self.last_line.load(Ordering::Relaxed);
            let due = now >= last + LINE_EVERY.as_secs();
            // Of several threads that find a line due, one writes it.
            if due
                && self
                    .last_line
                    .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                    .is_ok()
            {
                let state = describe(self.begin, done, self.total, self.began.elapsed());
                say(&format!("{}: {state}", self.name));
            }
        }
    }

    /// Says how the stage fares, beside its bar.
    pub fn note(&self, message: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(visible(message));
        }
    }

    /// Ends the stage.
    pub fn finish(self) {
        let took = self.began.elapsed().as_secs_f64();
        let done = self.done.load(Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.finish();
        } else if self.is_told_in_lines() {
            say(&format!("{}: {done} in {took:.1} s", self.name));
        }
        let seconds = self.progress.seconds.lock();
        let mut seconds = seconds.unwrap_or_else(PoisonError::into_inner);
        *seconds.entry(self.name).or_default() += took;
    }

    fn is_told_in_lines(&self) -> bool {
        matches!(self.progress.shown, Shown::Lines)
    }
}

/// Position, rate and time left.
fn describe(begin: u64, done: u64, total: u64, took: Duration) -> String {
    let rate = (done - begin) as f64 / took.as_secs_f64().max(1e-9);
    let left = (total.saturating_sub(done)) as f64 / rate.max(1e-9);
    format!("{done}/{total}, {rate:.0} a second, {left:.0} s left")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Progress, describe, visible};

    #[test]
    fn a_file_name_cannot_fake_a_line() {
        assert_eq!(
            visible("a\n\u{1b}[31mundertone: b"),
            "a\n    \\u{1b}[31mundertone: b"
        );
    }

    #[test]
    fn the_time_of_stages_that_ended_is_kept() {
        let progress = Progress::new(true);
        progress.stage("reading", 2).finish();
        progress.stage("reading", 1).finish();
        drop(progress.stage("cleaning", 2));
        let names: Vec<String> = progress.seconds().into_keys().collect();
        assert_eq!(names, ["reading"]);
    }

    #[test]
    fn a_line_shows_position_rate_and_time_left() {
        assert_eq!(
            describe(100, 150, 200, Duration::from_secs(5)),
            "150/200, 10 a second, 5 s left"
        );
    }
}

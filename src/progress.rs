//! What a person sees on stderr while a command works.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
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

/// How progress is shown.
#[derive(Debug, Clone)]
pub enum Progress {
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
        if quiet {
            Self::Quiet
        } else if std::io::stderr().is_terminal() {
            Self::Bars(MultiProgress::with_draw_target(ProgressDrawTarget::stderr()))
        } else {
            Self::Lines
        }
    }

    /// Tells what is being done, unless quiet.
    pub fn log(&self, message: &str) {
        match self {
            Self::Quiet => {}
            Self::Lines => say(message),
            // A bar that cannot be redrawn is no reason to fail.
            Self::Bars(bars) => drop(bars.println(format!("undertone: {}", visible(message)))),
        }
    }

    /// Tells what went wrong, even if quiet.
    pub fn warn(&self, message: &str) {
        match self {
            Self::Quiet | Self::Lines => say(message),
            Self::Bars(_) => self.log(message),
        }
    }

    /// Begins a stage of `total` steps.
    pub fn stage(&self, name: &str, total: u64) -> Stage {
        self.stage_from(name, 0, total)
    }

    /// Takes up a stage of `total` steps of which `begin` were done before.
    pub fn stage_from(&self, name: &str, begin: u64, total: u64) -> Stage {
        let bar = match self {
            Self::Bars(bars) => {
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
            Self::Quiet | Self::Lines => None,
        };
        Stage {
            name: name.to_owned(),
            lines: matches!(self, Self::Lines),
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
pub struct Stage {
    name: String,
    lines: bool,
    bar: Option<ProgressBar>,
    begin: u64,
    total: u64,
    done: AtomicU64,
    began: Instant,
    /// Seconds after the beginning.
    last_line: AtomicU64,
}

impl Stage {
    /// Counts steps done.
    pub fn advance(&self, steps: u64) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        if let Some(bar) = &self.bar {
            bar.inc(steps);
        } else if self.lines && done < self.total {
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

    /// Ends the stage; seconds it took.
    pub fn finish(self) -> f64 {
        let took = self.began.elapsed();
        let done = self.done.load(Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.finish();
        } else if self.lines {
            let seconds = took.as_secs_f64();
            say(&format!("{}: {done} in {seconds:.1} s", self.name));
        }
        took.as_secs_f64()
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

    use super::{describe, visible};

    #[test]
    fn a_file_name_cannot_fake_a_line() {
        assert_eq!(
            visible("a\n\u{1b}[31mundertone: b"),
            "a\n    \\u{1b}[31mundertone: b"
        );
    }

    #[test]
    fn a_line_shows_position_rate_and_time_left() {
        assert_eq!(
            describe(100, 150, 200, Duration::from_secs(5)),
            "150/200, 10 a second, 5 s left"
        );
    }
}

//! `undertone clean`: what cleaning finds in pages, for a person to judge.

use std::io::Write;
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use rayon::prelude::*;

use super::Outcome;
use super::args::CleanArgs;
use super::failure::Failure;
use super::settings::{Redaction, cleaning_rules, read_limits};
use crate::cleaning::redaction::Redactor;
use crate::cleaning::{CleanComment, CleanPost, Finding, Kind, clean_corpus};
use crate::output::{
    CleanCommentRecord, CleanPostRecord, cleaning_record, finding_records, redaction_records,
};
use crate::post::{Comment, Post};
use crate::progress::{say, visible};
use crate::reading::Corpus;

pub(super) fn clean(args: &CleanArgs) -> Result<Outcome, Failure> {
    let redaction = Redaction::load(&args.redaction)?;
    let corpus = Corpus::gather(&args.paths, read_limits(&args.reading))?;
    let mut outcome = Outcome::Complete;
    let mut skip = |source: &str, reason: &str| {
        say(&format!("skipped {source}: {reason}"));
        outcome = Outcome::SomeSkipped;
    };
    for notice in corpus.notices() {
        skip(&notice.source, &notice.reason);
    }
    let pages: Vec<_> = (0..corpus.len())
        .into_par_iter()
        .filter_map(|index| corpus.read(index))
        .collect();
    let mut posts = Vec::with_capacity(pages.len());
    for page in pages {
        match page {
            Ok(page) => posts.push(page.post),
            Err(skipped) => skip(&skipped.source, &skipped.reason),
        }
    }
    if posts.is_empty() {
        let paths: Vec<String> = args
            .paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(Failure::NothingRead(paths.join(", ")));
    }
    // As in a run, so that the same copy of a comment counts.
    posts.sort_by(Post::in_order);
    let cleaned = clean_corpus(&posts, &cleaning_rules(&args.cleaning), || ());
    // What strips colours for a pipe would strip control characters from JSON too.
    let stdout: Box<dyn Write> = if args.json {
        Box::new(std::io::stdout())
    } else {
        Box::new(anstream::stdout())
    };
    let mut out = std::io::BufWriter::new(stdout);
    let paint = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    for (post, clean) in posts.iter().zip(&cleaned) {
        let written = if args.json {
            serde_json::to_writer(&mut out, &record(post, clean, redaction.of_quotes()))
                .map_err(std::io::Error::from)
                .and_then(|()| out.write_all(b"\n"))
        } else {
            let page = Page {
                paint,
                redactor: redaction.of_quotes(),
            };
            page.show(&mut out, post, clean)
        };
        written.map_err(Failure::Stdout)?;
    }
    out.flush().map_err(Failure::Stdout)?;
    Ok(outcome)
}

fn record<'a>(
    post: &'a Post,
    clean: &'a CleanPost,
    redactor: Option<&Redactor>,
) -> CleanPostRecord<'a> {
    let comments = post.comments.iter().zip(&clean.comments);
    CleanPostRecord {
        id: &post.id,
        source: &post.source,
        title: post.title.as_deref(),
        copy_of: clean.copy_of.as_deref(),
        body: &post.body,
        body_findings: finding_records(&post.body, &clean.body.findings, |range| range),
        comments: comments
            .map(|(comment, clean)| {
                let found = &clean.cleaned.findings;
                let redactions = redactor.map(|redactor| redactor.find(&comment.text));
                CleanCommentRecord {
                    id: &comment.id,
                    parent: comment.parent.as_deref(),
                    text: &comment.text,
                    cleaning: cleaning_record(
                        clean,
                        finding_records(&comment.text, found, |range| range),
                    ),
                    redactions: redaction_records(&comment.text, &redactions.unwrap_or_default()),
                    read: &clean.cleaned.passage.text,
                }
            })
            .collect(),
    }
}

/// How posts are shown to a person.
struct Page<'a> {
    /// Whether colours are seen; they say the same as the brackets, which then are left out.
    paint: bool,
    redactor: Option<&'a Redactor>,
}

impl Page<'_> {
    fn show(&self, out: &mut impl Write, post: &Post, clean: &CleanPost) -> std::io::Result<()> {
        let bold = Style::new().bold();
        let title = post.title.as_deref().unwrap_or("(no title)");
        let date = post
            .published
            .map_or_else(|| "undated".to_owned(), |date| date.to_string());
        writeln!(
            out,
            "{bold}{}{bold:#} ({date}, {})",
            visible(title),
            visible(&post.source)
        )?;
        if let Some(first) = &clean.copy_of {
            writeln!(
                out,
                "another copy of the post {first}: what is in both counts there"
            )?;
        }
        let repeated = clean
            .body
            .findings
            .iter()
            .filter(|finding| finding.kind == Kind::RepeatedParagraph);
        let repeated = repeated.count();
        if repeated > 0 {
            writeln!(
                out,
                "{} of the post's own text stand in it twice",
                several(repeated, "stretch", "stretches")
            )?;
        }
        if self.paint {
            let shown = LEGEND.map(|(kinds, name)| {
                let style = style(kinds[0]);
                format!("{style}{name}{style:#}")
            });
            writeln!(out, "{}", shown.join("  "))?;
        }
        for (comment, clean) in post.comments.iter().zip(&clean.comments) {
            self.show_comment(out, comment, clean)?;
        }
        writeln!(out)
    }

    fn show_comment(
        &self,
        out: &mut impl Write,
        comment: &Comment,
        clean: &CleanComment,
    ) -> std::io::Result<()> {
        let bold = Style::new().bold();
        let dim = Style::new().dimmed();
        let cleaned = &clean.cleaned;
        let mut facts = vec![format!(
            "{}, {} own",
            several(cleaned.words, "word", "words"),
            cleaned.own_words
        )];
        if cleaned.is_quoted_only() {
            facts.push("quoted only".to_owned());
        }
        if let Some(first) = &clean.duplicate_of {
            facts.push(format!("counted as {first} already"));
        }
        if clean.language.code().is_some_and(|code| code != "en") {
            facts.push(format!("in {}", clean.language.name()));
        }
        if !clean.counted {
            facts.push("not counted".to_owned());
        }
        let answers = comment
            .parent
            .as_ref()
            .map_or_else(String::new, |parent| format!(", answers {parent}"));
        writeln!(
            out,
            "\n{bold}{}{bold:#}{answers} {dim}({}){dim:#}",
            comment.id,
            facts.join("; ")
        )?;
        let (stretches, characters): (Vec<&Finding>, Vec<&Finding>) = cleaned
            .findings
            .iter()
            .partition(|finding| finding.kind.takes_words());
        let mut at = 0;
        let mut shown = String::new();
        for finding in stretches {
            shown.push_str(&visible_text(&comment.text[at..finding.range.start]));
            shown.push_str(&self.stretch(&comment.text[finding.range.clone()], finding));
            at = finding.range.end;
        }
        shown.push_str(&visible_text(&comment.text[at..]));
        for line in shown.split('\n') {
            writeln!(out, "    {line}")?;
        }
        self.note(
            out,
            "characters",
            characters
                .iter()
                .map(|finding| (name(finding.kind), &finding.range)),
            &comment.text,
        )?;
        let redactions = self
            .redactor
            .map(|redactor| redactor.find(&comment.text))
            .unwrap_or_default();
        self.note(
            out,
            "redacted where published",
            redactions
                .iter()
                .map(|found| (found.kind.label().to_owned(), &found.range)),
            &comment.text,
        )
    }

    /// One stretch with what it is.
    fn stretch(&self, text: &str, finding: &Finding) -> String {
        let text = visible_text(text);
        let what = match (finding.kind, &finding.of) {
            (Kind::Link, _) | (_, None) => name(finding.kind),
            (kind, Some(of)) => format!("{}, {of}", name(kind)),
        };
        if self.paint {
            let (style, dim) = (style(finding.kind), Style::new().dimmed());
            // Every line anew: pagers forget colours at line ends.
            let lines: Vec<String> = text
                .split('\n')
                .map(|line| format!("{style}{line}{style:#}"))
                .collect();
            format!("{} {dim}[{what}]{dim:#}", lines.join("\n"))
        } else {
            format!("[{what}: {text}]")
        }
    }

    fn note<'f>(
        &self,
        out: &mut impl Write,
        heading: &str,
        found: impl Iterator<Item = (String, &'f Range<usize>)>,
        text: &str,
    ) -> std::io::Result<()> {
        let dim = Style::new().dimmed();
        let found: Vec<String> = found
            .map(|(what, range)| format!("{:?} ({what})", &text[range.clone()]))
            .collect();
        if found.is_empty() {
            return Ok(());
        }
        writeln!(out, "    {dim}{heading}: {}{dim:#}", found.join(", "))
    }
}

/// What has one colour, and its name.
const LEGEND: [(&[Kind], &str); 4] = [
    (
        &[Kind::RepeatsPost, Kind::RepeatsComment],
        "words of the post or of an earlier comment",
    ),
    (
        &[
            Kind::QuotationMarks,
            Kind::BlockQuote,
            Kind::Introduced,
            Kind::Pasted,
            Kind::Table,
        ],
        "other quotation",
    ),
    (&[Kind::Link], "link"),
    (
        &[
            Kind::Signature,
            Kind::AddressLine,
            Kind::TimeStamp,
            Kind::ShareButtons,
            Kind::Numbering,
            Kind::RepeatedParagraph,
        ],
        "furniture",
    ),
];

fn style(kind: Kind) -> Style {
    let place = LEGEND.iter().position(|(kinds, _)| kinds.contains(&kind));
    match place {
        Some(0) => AnsiColor::Yellow.on_default(),
        Some(1) => AnsiColor::Cyan.on_default(),
        Some(2) => AnsiColor::Blue.on_default().underline(),
        _ => AnsiColor::Magenta.on_default(),
    }
}

/// A kind as people say it.
fn name(kind: Kind) -> String {
    match kind {
        Kind::RepeatsPost => "from the post",
        Kind::RepeatsComment => "from an earlier comment",
        Kind::BlockQuote => "block quote",
        Kind::Introduced => "introduced",
        Kind::QuotationMarks => "in quotation marks",
        Kind::Pasted => "pasted",
        Kind::Table => "table",
        Kind::Link => "link",
        Kind::Signature => "signature",
        Kind::AddressLine => "address",
        Kind::TimeStamp => "time stamp",
        Kind::ShareButtons => "buttons",
        Kind::Numbering => "numbering",
        Kind::Entity => "entity",
        Kind::Invisible => "invisible",
        Kind::Mojibake => "mojibake",
        Kind::Composition => "composed",
        Kind::RepeatedParagraph => "repeated paragraph",
    }
    .to_owned()
}

fn several(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// A text with its line breaks, but nothing else that a terminal could take for a command.
fn visible_text(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

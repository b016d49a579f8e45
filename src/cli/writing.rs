//! The files of a run: sums, summaries, what is new, the page.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use rayon::prelude::*;

use super::failure::Failure;
use super::stages::relative;
use crate::aggregation::{Collector, ScoredPost};
use crate::comparison::JudgedComment;
use crate::hash::sha256;
use crate::output::{
    CommentTable, ComparisonFile, EarlierSet, Header, PublishedComment, RunRecord, RunSet, Scoring,
    Summariser, SummaryFile, ThemeSetting, YearEntry, causes, changes_file, digest, judged_comment,
};
use crate::post::Post;
use crate::progress::Progress;
use crate::report::report;

/// Writes `report/index.html`.
pub(super) fn show_page(
    set: &mut RunSet<'_>,
    compared: &ComparisonFile,
    summary: &SummaryFile,
    record: &RunRecord,
    progress: &Progress,
) -> Result<(), Failure> {
    let stage = progress.stage("reporting", 1);
    let page = report(compared, summary, record)?;
    let mut file = set.create("report/index.html")?;
    file.write_all(page.as_bytes())
        .map_err(|source| file.failed(source))?;
    set.finish(file)?;
    stage.advance(1);
    stage.finish();
    Ok(())
}

/// Writes `changes.json` and `digest.txt`.
pub(super) fn tell_changes(
    set: &mut RunSet<'_>,
    scoring: &Scoring,
    earlier: Option<&EarlierSet>,
    posts: &[ScoredPost],
    judged: &[JudgedComment],
    record: &RunRecord,
) -> Result<(), Failure> {
    let titles: Vec<(&str, Option<&str>)> = posts
        .iter()
        .map(|post| (post.post.id.as_str(), post.post.title.as_deref()))
        .collect();
    let why = earlier.map_or_else(Vec::new, |earlier| causes(&earlier.run, record));
    let changes = changes_file(
        Header::new("changes", scoring),
        earlier,
        judged,
        why,
        &titles,
    );
    set.write_json("changes.json", &changes)?;
    let mut file = set.create("digest.txt")?;
    file.write_all(digest(&changes).as_bytes())
        .map_err(|source| file.failed(source))?;
    set.finish(file)?;
    Ok(())
}

/// The sums of a run.
pub(super) struct Aggregates {
    whole: Collector,
    posts: Vec<Collector>,
    /// By year, with the number of posts dated in it; those without a year under None.
    years: BTreeMap<Option<i16>, (u64, Collector)>,
}

pub(super) fn aggregate(posts: &[ScoredPost], themes: usize, progress: &Progress) -> Aggregates {
    let stage = progress.stage("aggregating", posts.len() as u64);
    let of_post: Vec<(Collector, BTreeMap<Option<i16>, Collector>)> = posts
        .par_iter()
        .map(|post| {
            let mut whole = Collector::new(themes);
            let mut years: BTreeMap<Option<i16>, Collector> = BTreeMap::new();
            for comment in &post.comments {
                whole.add(comment);
                let year = post.year_of(&comment.comment);
                years
                    .entry(year)
                    .or_insert_with(|| Collector::new(themes))
                    .add(comment);
            }
            stage.advance(1);
            (whole, years)
        })
        .collect();
    let empty = || (0, Collector::new(themes));
    let mut aggregates = Aggregates {
        whole: Collector::new(themes),
        posts: Vec::with_capacity(posts.len()),
        years: BTreeMap::new(),
    };
    for (post, (whole, years)) in posts.iter().zip(of_post) {
        aggregates.whole.merge(&whole);
        aggregates.posts.push(whole);
        let year = post.post.published.map(jiff::civil::Date::year);
        aggregates.years.entry(year).or_insert_with(empty).0 += 1;
        for (year, collector) in years {
            aggregates
                .years
                .entry(year)
                .or_insert_with(empty)
                .1
                .merge(&collector);
        }
    }
    stage.finish();
    aggregates
}

/// What was written about posts, years and the whole.
pub(super) struct Written<'p> {
    pub summary: SummaryFile,
    /// All comments as they were published: what changes are told by.
    pub judged: Vec<JudgedComment>,
    /// Those that count, as they were published: what periods are compared by.
    pub published: Vec<PublishedComment<'p>>,
}

/// Writes the files about posts, years and the whole.
pub(super) fn write<'p>(
    set: &mut RunSet<'_>,
    summariser: &Summariser<'_>,
    themes: &[ThemeSetting],
    corpus: &Path,
    posts: &'p [ScoredPost],
    aggregates: &Aggregates,
    progress: &Progress,
) -> Result<Written<'p>, Failure> {
    let stage = progress.stage("writing", (posts.len() + aggregates.years.len()) as u64);
    let mut post_entries = Vec::with_capacity(posts.len());
    let (mut judged, mut published) = (Vec::new(), Vec::new());
    let mut lines = set.create("comments.jsonl")?;
    let mut rows = set.create("comments.parquet")?;
    let mut table = CommentTable::new(themes).map_err(|source| rows.failed(source))?;
    for (place, (post, collector)) in posts.iter().zip(&aggregates.posts).enumerate() {
        let page = relative(&post.post.source, corpus);
        let file = format!("posts/{}.json", file_stem(&post.post, &page));
        let of_post = summariser.post(post, &page, collector);
        set.write_json(&file, &of_post)?;
        for comment in &post.comments {
            let record = summariser.comment(post, comment);
            serde_json::to_writer(&mut lines, &record)
                .map_err(std::io::Error::from)
                .and_then(|()| lines.write_all(b"\n"))
                .map_err(|source| lines.failed(source))?;
            table
                .row(&of_post.post, &record, &mut rows)
                .map_err(|source| rows.failed(source))?;
            judged.push(judged_comment(&record));
            let of = (place, post.post.published);
            published.extend(PublishedComment::of_record(record, of, themes));
        }
        post_entries.push(summariser.post_entry(post, file, collector));
        stage.advance(1);
    }
    set.finish(lines)?;
    let written = table.finish(&mut rows);
    written.map_err(|source| rows.failed(source))?;
    set.finish(rows)?;

    let mut year_entries: Vec<YearEntry> = Vec::with_capacity(aggregates.years.len());
    for (year, (count, collector)) in &aggregates.years {
        let file = year.map_or_else(
            || "years/undated.json".to_owned(),
            |year| format!("years/{year:04}.json"),
        );
        set.write_json(&file, &summariser.year(*year, *count, collector))?;
        year_entries.push(summariser.year_entry(*year, *count, file, collector));
        stage.advance(1);
    }
    // None sorts before every year; a reader expects it last.
    if year_entries
        .first()
        .is_some_and(|entry| entry.year.is_none())
    {
        year_entries.rotate_left(1);
    }
    let summary = summariser.summary(&aggregates.whole, year_entries, post_entries);
    set.write_json("summary.json", &summary)?;
    stage.finish();
    Ok(Written {
        summary,
        judged,
        published,
    })
}

/// `<date>-<slug>-<short id>`: readable, and unique through the id.
fn file_stem(post: &Post, page: &str) -> String {
    let date = post
        .published
        .map_or_else(|| "undated".to_owned(), |date| date.to_string());
    let stem = Path::new(page)
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let name = slug(post.title.as_deref().unwrap_or(&stem));
    let short_id = &sha256(post.id.as_bytes())[..8];
    [date.as_str(), name.as_str(), short_id]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// Lower-case ASCII letters and digits, other runs of characters as one hyphen, at most 60 characters.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().filter(|c| *c != '\'' && *c != '’') {
        if slug.len() >= 60 {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slugs_are_short_and_plain() {
        assert_eq!(
            slug("What Future? For Probation!"),
            "what-future-for-probation"
        );
        assert_eq!(slug("It’s the \"end\""), "its-the-end");
        assert_eq!(slug("…"), "");
        assert!(slug(&"a ".repeat(200)).len() <= 60);
    }
}

//! `comments.parquet`: the scored comments, a row each.

use std::io::{Error, ErrorKind, Result, Write};

use jiff::civil::Date;

use super::number::Probability;
use super::parquet::ParquetTable;
use super::records::{CommentRecord, PostIdentity, ThemeSetting};
use super::table::{Column, Kind, Value};

/// The comments of a run as a Parquet table, in the order they are added.
///
/// What is also in `comments.jsonl` has the same name and value here. Added are the post's title, address and day
/// (`post_title`, `post_url`, `post_published`) and why a comment does not count (`left_out`: `duplicate` or `language`; null
/// where it counts). The sentiment is `sentiment` with `sentiment_negative`,
/// `sentiment_neutral` and `sentiment_positive`. Each theme has its probability (`theme_<id>`) and whether the comment has
/// it (`has_<id>`).
pub struct CommentTable {
    themes: Vec<String>,
    table: ParquetTable,
}

impl CommentTable {
    /// An empty table for comments scored under a taxonomy.
    ///
    /// # Errors
    /// The columns are refused; themes as taxonomies have them never are.
    pub fn new(themes: &[ThemeSetting]) -> Result<Self> {
        let themes: Vec<String> = themes.iter().map(|theme| theme.id.clone()).collect();
        let mut columns = vec![
            Column::full("post", Kind::Text),
            Column::open("post_title", Kind::Text),
            Column::open("post_url", Kind::Text),
            Column::open("post_published", Kind::Day),
            Column::full("id", Kind::Text),
            Column::open("parent", Kind::Text),
            Column::open("author", Kind::Text),
            Column::open("published", Kind::Day),
            Column::open("year", Kind::Whole),
            Column::full("counted", Kind::Truth),
            Column::open("left_out", Kind::Text),
            Column::open("duplicate_of", Kind::Text),
            Column::open("language", Kind::Text),
            Column::full("quoted_only", Kind::Truth),
            Column::full("words", Kind::Whole),
            Column::full("own_words", Kind::Whole),
            Column::full("text", Kind::Text),
            Column::open("quote", Kind::Text),
            Column::full("sentiment", Kind::Text),
            Column::full("sentiment_negative", Kind::Number),
            Column::full("sentiment_neutral", Kind::Number),
            Column::full("sentiment_positive", Kind::Number),
        ];
        for id in &themes {
            columns.push(Column::full(format!("theme_{id}"), Kind::Number));
            columns.push(Column::full(format!("has_{id}"), Kind::Truth));
        }
        Ok(Self {
            table: ParquetTable::new(columns)?,
            themes,
        })
    }

    /// Adds a comment of a post. What is complete goes to `out`, the same for every row.
    ///
    /// # Errors
    /// `out` cannot be written; or the record is none of a run under this taxonomy.
    pub fn row(
        &mut self,
        post: &PostIdentity,
        comment: &CommentRecord<'_>,
        out: &mut impl Write,
    ) -> Result<()> {
        let cleaning = &comment.cleaning;
        let sentiment = &comment.scores.sentiment;
        let mut cells = vec![
            Some(Value::Text(comment.post)),
            post.title.as_deref().map(Value::Text),
            post.url.as_deref().map(Value::Text),
            day(post.published.as_deref())?,
            Some(Value::Text(comment.id)),
            comment.parent.map(Value::Text),
            comment.author.as_deref().map(Value::Text),
            day(comment.published.as_deref())?,
            comment.year.map(|year| Value::Whole(year.into())),
            Some(Value::Truth(cleaning.counted)),
            left_out(comment).map(Value::Text),
            cleaning.duplicate_of.as_deref().map(Value::Text),
            cleaning.language.as_deref().map(Value::Text),
            Some(Value::Truth(cleaning.quoted_only)),
            Some(whole(cleaning.words)?),
            Some(whole(cleaning.own_words)?),
            Some(Value::Text(&comment.text)),
            comment.quote.map(Value::Text),
            Some(Value::Text(sentiment.label.name())),
        ];
        let of_sentiment = [sentiment.negative, sentiment.neutral, sentiment.positive];
        cells.extend(of_sentiment.map(|probability| Some(number(probability))));
        for id in &self.themes {
            let probability = comment.scores.themes.get(id).copied();
            cells.push(probability.map(number));
            let has = comment.scores.themes_assigned.contains(id);
            cells.push(Some(Value::Truth(has)));
        }
        self.table.row(&cells, out)
    }

    /// Completes the table; without it what was written cannot be read.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn finish(self, out: &mut impl Write) -> Result<()> {
        self.table.finish(out)
    }
}

/// Why a comment does not count, as the summary tells them apart; None where it counts.
fn left_out(comment: &CommentRecord<'_>) -> Option<&'static str> {
    if comment.cleaning.duplicate_of.is_some() {
        Some("duplicate")
    } else if !comment.cleaning.counted {
        Some("language")
    } else {
        None
    }
}

fn number(probability: Probability) -> Value<'static> {
    Value::Number(probability.value())
}

fn whole(count: usize) -> Result<Value<'static>> {
    i64::try_from(count).map(Value::Whole).map_err(Error::other)
}

fn day(published: Option<&str>) -> Result<Option<Value<'static>>> {
    let day = published.map(str::parse::<Date>).transpose();
    let day = day.map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
    Ok(day.map(Value::Day))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::CommentTable;
    use crate::model::Sentiment;
    use crate::output::findings::CleaningRecord;
    use crate::output::number::Probability;
    use crate::output::records::{
        CommentRecord, PostIdentity, ScoreRecord, SentimentRecord, ThemeSetting,
    };

    fn theme(id: &str) -> ThemeSetting {
        ThemeSetting {
            id: id.to_owned(),
            title: "A theme".to_owned(),
            description: "What belongs to it.".to_owned(),
            threshold: Probability::new(0.5),
            threshold_from: "model".to_owned(),
            trained: true,
            labels: 0,
        }
    }

    fn comment() -> CommentRecord<'static> {
        CommentRecord {
            id: "c1",
            post: "p1",
            parent: None,
            author: Some(Cow::Borrowed("Ann")),
            published: None,
            year: Some(2019),
            text: Cow::Borrowed("Payé\0\n=1"),
            quote: Some("Payé"),
            cleaning: CleaningRecord {
                counted: true,
                duplicate_of: None,
                language: Some("en".to_owned()),
                quoted_only: false,
                words: 2,
                own_words: 1,
                findings: Vec::new(),
            },
            scores: ScoreRecord {
                sentiment: SentimentRecord {
                    label: Sentiment::Negative,
                    negative: Probability::new(0.7),
                    neutral: Probability::new(0.2),
                    positive: Probability::new(0.1),
                },
                themes: BTreeMap::from([
                    ("workload".to_owned(), Probability::new(0.25)),
                    ("pay".to_owned(), Probability::new(1.0 / 3.0)),
                ]),
                themes_assigned: vec!["pay".to_owned()],
                attitudes: BTreeMap::new(),
            },
        }
    }

    fn post() -> PostIdentity {
        PostIdentity {
            id: "p1".to_owned(),
            file: "p1.html".to_owned(),
            title: Some("A post".to_owned()),
            published: Some("1969-12-31".to_owned()),
            url: None,
        }
    }

    fn read(themes: &[&str], comments: &[CommentRecord<'_>]) -> Vec<BTreeMap<String, Field>> {
        let themes: Vec<ThemeSetting> = themes.iter().map(|id| theme(id)).collect();
        let mut file = tempfile::tempfile().expect("a temporary file");
        let mut table = CommentTable::new(&themes).expect("columns");
        for comment in comments {
            let added = table.row(&post(), comment, &mut file);
            added.expect("the row fits");
        }
        table.finish(&mut file).expect("it is written");
        let reader = SerializedFileReader::new(file).expect("it is Parquet");
        let rows = reader.get_row_iter(None).expect("rows");
        rows.map(|row| {
            let row = row.expect("a row");
            let cells = row.get_column_iter();
            cells
                .map(|(name, cell)| (name.clone(), cell.clone()))
                .collect()
        })
        .collect()
    }

    #[test]
    fn a_comment_is_a_row() {
        let rows = read(&["workload", "pay"], &[comment()]);
        let text = |text: &str| Field::Str(text.to_owned());
        let expected = [
            ("post", text("p1")),
            ("post_title", text("A post")),
            ("post_url", Field::Null),
            ("post_published", Field::Date(-1)),
            ("id", text("c1")),
            ("parent", Field::Null),
            ("author", text("Ann")),
            ("published", Field::Null),
            ("year", Field::Long(2019)),
            ("counted", Field::Bool(true)),
            ("left_out", Field::Null),
            ("duplicate_of", Field::Null),
            ("language", text("en")),
            ("quoted_only", Field::Bool(false)),
            ("words", Field::Long(2)),
            ("own_words", Field::Long(1)),
            ("text", text("Payé\0\n=1")),
            ("quote", text("Payé")),
            ("sentiment", text("negative")),
            ("sentiment_negative", Field::Double(0.7)),
            ("sentiment_neutral", Field::Double(0.2)),
            ("sentiment_positive", Field::Double(0.1)),
            ("theme_workload", Field::Double(0.25)),
            ("has_workload", Field::Bool(false)),
            ("theme_pay", Field::Double(0.333_333)),
            ("has_pay", Field::Bool(true)),
        ];
        let expected = expected.map(|(name, cell)| (name.to_owned(), cell));
        assert_eq!(rows, [BTreeMap::from(expected)]);
    }

    #[test]
    fn what_does_not_count_says_why() {
        let mut copy = comment();
        copy.cleaning.counted = false;
        copy.cleaning.duplicate_of = Some("c0".to_owned());
        let mut welsh = comment();
        welsh.cleaning.counted = false;
        welsh.cleaning.language = Some("cy".to_owned());
        let rows = read(&["pay"], &[copy, welsh]);
        let reasons: Vec<&Field> = rows.iter().map(|row| &row["left_out"]).collect();
        let text = |text: &str| Field::Str(text.to_owned());
        assert_eq!(reasons, [&text("duplicate"), &text("language")]);
        assert_eq!(rows[0]["duplicate_of"], text("c0"));
    }

    #[test]
    fn records_of_another_taxonomy_are_refused() {
        let mut table = CommentTable::new(&[theme("housing")]).expect("columns");
        let refused = table.row(&post(), &comment(), &mut Vec::new());
        let message = refused.expect_err("there is no such theme").to_string();
        assert_eq!(message, "None cannot stand in column theme_housing");
    }

    #[test]
    fn a_day_that_is_none_is_refused() {
        let mut undated = comment();
        undated.published = Some("last week".to_owned());
        let mut table = CommentTable::new(&[theme("pay")]).expect("columns");
        let refused = table.row(&post(), &undated, &mut Vec::new());
        let kind = refused.expect_err("it is no day").kind();
        assert_eq!(kind, std::io::ErrorKind::InvalidData);
    }
}

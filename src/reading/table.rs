//! The table `posts.csv` beside the pages of a folder, which supplies what they lack.

use std::collections::BTreeMap;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};
use jiff::civil::Date;

use super::{Problem, ReadLimits, Skipped, bytes, dates, load};
use crate::hash::sha256;
use crate::post::Post;

/// The name of the table in a folder.
const NAME: &str = "posts.csv";

/// What the table says of one file.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    line: u64,
    title: Option<String>,
    published: Option<Date>,
    url: Option<String>,
}

/// The rows of a table by the file they are about.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: BTreeMap<String, Row>,
    /// The path of the table as given.
    source: String,
    /// SHA-256 of its bytes, where there is one.
    sha256: Option<String>,
    /// What could not be used.
    pub(super) notices: Vec<Skipped>,
}

/// The columns of a table by place; all but the first may be missing.
struct Columns {
    file: usize,
    title: Option<usize>,
    published: Option<usize>,
    url: Option<usize>,
    /// There are columns of other names.
    unknown: bool,
    count: usize,
}

impl Table {
    /// The path of the table and the hash of what was read of it, if the folder has one.
    pub(super) fn hash(&self) -> Option<(String, String)> {
        Some((self.source.clone(), self.sha256.clone()?))
    }

    /// Reads the table of a folder, if it has one.
    pub(super) fn load(folder: &Path, limits: ReadLimits) -> Table {
        let path = folder.join(NAME);
        let mut table = Table {
            source: path.to_string_lossy().into_owned(),
            ..Table::default()
        };
        let bytes = load(&path, limits).inspect(|bytes| table.sha256 = Some(sha256(bytes)));
        match bytes.and_then(bytes::decode) {
            Ok(decoded) => {
                decoded
                    .warnings
                    .into_iter()
                    .for_each(|warning| table.notice(warning));
                table.parse(&decoded.text);
            }
            Err(Problem::Missing) => {}
            Err(problem) => table.notice(problem.to_string()),
        }
        table
    }

    /// Takes the row about a file, named by its path in the folder with `/` between the parts.
    pub(super) fn take(&mut self, file: &str) -> Option<Row> {
        self.rows.remove(file)
    }

    /// Reports the rows that no file has taken, and gives all notices.
    pub(super) fn into_notices(mut self) -> Vec<Skipped> {
        for (file, row) in std::mem::take(&mut self.rows) {
            self.notice(format!(
                "line {}: there is no file {file} in the folder, so the row was left out; \
                 correct its name or remove the row",
                row.line
            ));
        }
        self.notices
    }

    fn notice(&mut self, reason: String) {
        self.notices.push(Skipped {
            source: self.source.clone(),
            reason,
        });
    }

    fn parse(&mut self, text: &str) {
        // The reader counts LF alone when it tells the line of a row.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let header = text
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default();
        let delimiter = if header.contains(';') && !header.contains(',') {
            b';'
        } else {
            b','
        };
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let Some(columns) = reader.headers().ok().and_then(Columns::find) else {
            self.notice(
                "line 1: the table was left out, because its first line names no column file; \
                 start it with file,title,published,url"
                    .to_owned(),
            );
            return;
        };
        for (known, column) in [
            ("title", columns.title),
            ("published", columns.published),
            ("url", columns.url),
        ] {
            if column.is_none() && columns.unknown {
                self.notice(format!(
                    "line 1: there is no column {known}, but one of another name; \
                     the columns are called file, title, published and url"
                ));
            }
        }
        for record in reader.records() {
            match record {
                Ok(record) => self.add(&record, line_of(&record, &text), &columns),
                Err(error) => self.notice(format!("the row was left out: {error}; correct it")),
            }
        }
    }

    fn add(&mut self, record: &StringRecord, line: u64, columns: &Columns) {
        if record.iter().all(str::is_empty) {
            return;
        }
        if record.len() > columns.count {
            self.notice(format!(
                "line {line}: the row was left out, because it has {} cells under {} columns; \
                 put a cell that contains the separator in double quotes",
                record.len(),
                columns.count
            ));
            return;
        }
        if record.iter().any(|cell| cell.contains('\n')) {
            self.notice(format!(
                "line {line}: the row was left out, because a cell of it runs over several lines, \
                 and all it contains; close its quotation mark"
            ));
            return;
        }
        let cell = |column: Option<usize>| {
            column
                .and_then(|at| record.get(at))
                .filter(|cell| !cell.is_empty())
        };
        let Some(file) = cell(Some(columns.file)) else {
            self.notice(format!(
                "line {line}: the row was left out, because it names no file; fill in its file"
            ));
            return;
        };
        let file = file.replace('\\', "/");
        let file = file.trim_start_matches("./");
        if let Some(earlier) = self.rows.get(file) {
            self.notice(format!(
                "line {line}: the row was left out, because line {} is about {file} too; remove one of them",
                earlier.line
            ));
            return;
        }
        let stated = cell(columns.published);
        // A smaller year is a slip of the hand: there were no blogs.
        let published = stated
            .and_then(dates::tabular)
            .filter(|date| date.year() >= 1990);
        if let (Some(stated), None) = (stated, published) {
            self.notice(format!(
                "line {line}: the date {stated} of {file} cannot be read and was left out; \
                 write it as YYYY-MM-DD"
            ));
        }
        let row = Row {
            line,
            title: cell(columns.title).map(str::to_owned),
            published,
            url: cell(columns.url).map(str::to_owned),
        };
        self.rows.insert(file.to_owned(), row);
    }
}

/// The line a row of a table, whose lines end in LF alone, starts on; its position is that of the blank lines before it.
pub(crate) fn line_of(row: &StringRecord, table: &str) -> u64 {
    let Some(position) = row.position() else {
        return 0;
    };
    let start = usize::try_from(position.byte()).ok();
    let rest = start
        .and_then(|start| table.get(start..))
        .unwrap_or_default();
    position.line() + rest.bytes().take_while(|&byte| byte == b'\n').count() as u64
}

impl Columns {
    fn find(header: &StringRecord) -> Option<Columns> {
        let place = |name: &str| {
            header
                .iter()
                .position(|cell| cell.eq_ignore_ascii_case(name))
        };
        Some(Columns {
            file: place("file")?,
            title: place("title"),
            published: place("published"),
            url: place("url"),
            unknown: header.iter().any(|cell| {
                let known = ["file", "title", "published", "url", ""];
                !known.iter().any(|name| cell.eq_ignore_ascii_case(name))
            }),
            count: header.len(),
        })
    }
}

impl Row {
    /// Gives a post what its page lacks; where both state something, the page wins.
    pub(super) fn complete(&self, post: &mut Post) {
        let Row { line, .. } = self;
        if let Some(url) = &self.url {
            let own = post.url.get_or_insert_with(|| url.clone());
            if own != url {
                post.warnings.push(format!(
                    "{NAME}, line {line}: the address there is {url} but the page has {own}, \
                     which was kept; correct one of them"
                ));
            }
        }
        if let Some(title) = &self.title {
            let own = post.title.get_or_insert_with(|| title.clone());
            if !own.split_whitespace().eq(title.split_whitespace()) {
                post.warnings.push(format!(
                    "{NAME}, line {line}: the title there is \"{title}\" but the page has \"{own}\", \
                     which was kept; correct one of them"
                ));
            }
        }
        if let Some(published) = self.published {
            let own = *post.published.get_or_insert(published);
            if own != published {
                post.warnings.push(format!(
                    "{NAME}, line {line}: the date there is {published} but the page has {own}, \
                     which was kept; correct one of them"
                ));
            }
        }
    }
}

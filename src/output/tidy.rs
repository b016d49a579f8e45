//! `comparison.csv` and `comparison.parquet`: a row for each theme and period, for spreadsheets and for data programs.

use std::io::{Result, Write};

use jiff::civil::Date;

use super::number::Figure;
use super::parquet::ParquetTable;
use super::table::{Column, Kind, Value};

/// Whether a figure is as counted, or corrected for the model's errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// As the model's judgements were counted.
    Raw,
    /// Corrected for the model's errors by a labelled sample.
    Corrected,
}

impl Basis {
    /// The name in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Corrected => "corrected",
        }
    }
}

/// What a figure measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The share of the period's comments that have the theme, from 0 to 1.
    Share,
    /// The mean sentiment of the comments that have the theme, from -1 to 1.
    MeanSentiment,
}

impl Measure {
    /// The name in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::MeanSentiment => "mean_sentiment",
        }
    }
}

/// One figure of one theme in one period. Figures are rounded as in the JSON outputs when they are written; one that is
/// not finite is left empty.
#[derive(Debug, Clone, PartialEq)]
pub struct TidyRow {
    /// The theme's id; `sentiment:negative`, `sentiment:neutral` and `sentiment:positive` for the shares of the sentiments,
    /// `sentiment:all` for the mean sentiment of all comments.
    pub theme: String,
    /// The period's id.
    pub period: String,
    /// The period's first day.
    pub from: Date,
    /// The period's last day; it is part of the period.
    pub to: Date,
    /// Whether the data end before the period does.
    pub unfinished: bool,
    /// As counted or corrected.
    pub basis: Basis,
    /// What the figure is.
    pub measure: Measure,
    /// How many comments have the theme or sentiment; None where that is not counted, as in corrected figures and means, or
    /// there is too little for a figure.
    pub comments: Option<i64>,
    /// Of how many comments; for a mean, the comments it is taken over.
    pub of: i64,
    /// How many posts these comments stand under.
    pub posts: i64,
    /// The figure; None where there is too little data for one.
    pub value: Option<f64>,
    /// The low end of its 95% interval, which allows for comments of one post being alike.
    pub low: Option<f64>,
    /// The high end of that interval.
    pub high: Option<f64>,
    /// The low end of the 95% interval that takes comments for independent.
    pub naive_low: Option<f64>,
    /// The high end of that interval.
    pub naive_high: Option<f64>,
    /// By how much comments of one post being alike multiplies the variance; None where that is not known.
    pub design_effect: Option<f64>,
    /// What a reader must know of this figure, such as why there is none.
    pub note: Option<String>,
}

/// The number of columns.
const WIDTH: usize = 17;

impl TidyRow {
    fn columns() -> [Column; WIDTH] {
        [
            Column::full("theme", Kind::Text),
            Column::full("period", Kind::Text),
            Column::full("from", Kind::Day),
            Column::full("to", Kind::Day),
            Column::full("unfinished", Kind::Truth),
            Column::full("basis", Kind::Text),
            Column::full("measure", Kind::Text),
            Column::open("comments", Kind::Whole),
            Column::full("of", Kind::Whole),
            Column::full("posts", Kind::Whole),
            Column::open("value", Kind::Number),
            Column::open("low", Kind::Number),
            Column::open("high", Kind::Number),
            Column::open("naive_low", Kind::Number),
            Column::open("naive_high", Kind::Number),
            Column::open("design_effect", Kind::Number),
            Column::open("note", Kind::Text),
        ]
    }

    fn cells(&self) -> [Option<Value<'_>>; WIDTH] {
        let figure = |figure: Option<f64>| {
            figure
                .filter(|figure| figure.is_finite())
                .map(|figure| Value::Number(Figure::new(figure).value()))
        };
        [
            Some(Value::Text(&self.theme)),
            Some(Value::Text(&self.period)),
            Some(Value::Day(self.from)),
            Some(Value::Day(self.to)),
            Some(Value::Truth(self.unfinished)),
            Some(Value::Text(self.basis.name())),
            Some(Value::Text(self.measure.name())),
            self.comments.map(Value::Whole),
            Some(Value::Whole(self.of)),
            Some(Value::Whole(self.posts)),
            figure(self.value),
            figure(self.low),
            figure(self.high),
            figure(self.naive_low),
            figure(self.naive_high),
            figure(self.design_effect),
            self.note.as_deref().map(Value::Text),
        ]
    }
}

/// Writes the rows as CSV, with the names of the columns first. It begins with a byte order mark, by which spreadsheets
/// know UTF-8; an empty cell is nothing. Text that a spreadsheet would change, such as the period `2019-03`, has an
/// apostrophe before it, but a year is left as it is; programs had better read the Parquet form.
///
/// # Errors
/// It cannot be written.
pub fn write_comparison_csv<'a>(
    mut out: impl Write,
    rows: impl IntoIterator<Item = &'a TidyRow>,
) -> Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let mut table = csv::Writer::from_writer(out);
    table.write_record(TidyRow::columns().map(|column| column.name))?;
    for row in rows {
        for cell in row.cells() {
            let printed = cell.map(|value| value.printed()).transpose()?;
            table.write_field(printed.unwrap_or_default())?;
        }
        table.write_record(None::<&[u8]>)?;
    }
    table.flush()
}

/// Writes the rows as Parquet, with the same figures as [`write_comparison_csv`].
///
/// # Errors
/// It cannot be written.
pub fn write_comparison_parquet<'a>(
    mut out: impl Write,
    rows: impl IntoIterator<Item = &'a TidyRow>,
) -> Result<()> {
    let mut table = ParquetTable::new(TidyRow::columns().into())?;
    for row in rows {
        table.row(&row.cells(), &mut out)?;
    }
    table.finish(&mut out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::{Basis, Measure, TidyRow, write_comparison_csv, write_comparison_parquet};

    fn rows() -> [TidyRow; 2] {
        let row = TidyRow {
            theme: "pay".to_owned(),
            period: "2019".to_owned(),
            from: date(2019, 1, 1),
            to: date(2019, 12, 31),
            unfinished: false,
            basis: Basis::Raw,
            measure: Measure::Share,
            comments: Some(12),
            of: 97,
            posts: 31,
            value: Some(12.0 / 97.0),
            low: Some(0.0),
            high: Some(0.25),
            naive_low: Some(f64::NAN),
            naive_high: Some(1.0),
            design_effect: Some(1.499_96),
            note: None,
        };
        let other = TidyRow {
            period: "2020-03".to_owned(),
            unfinished: true,
            basis: Basis::Corrected,
            measure: Measure::MeanSentiment,
            comments: None,
            value: Some(-0.000_01),
            low: Some(-0.5),
            high: None,
            design_effect: None,
            note: Some("=too little, “so far”\nwait".to_owned()),
            ..row.clone()
        };
        [row, other]
    }

    #[test]
    fn the_csv_is_as_shown() {
        let mut out = Vec::new();
        write_comparison_csv(&mut out, &rows()).expect("memory can be written");
        let expected = "\u{feff}theme,period,from,to,unfinished,basis,measure,comments,of,posts,value,low,high,\
            naive_low,naive_high,design_effect,note\n\
            pay,2019,2019-01-01,2019-12-31,false,raw,share,12,97,31,0.1237,0.0,0.25,,1.0,1.5,\n\
            pay,'2020-03,2019-01-01,2019-12-31,true,corrected,mean_sentiment,,97,31,0.0,-0.5,,,1.0,,\
            \"'=too little, “so far”\nwait\"\n";
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn the_parquet_has_the_same_figures() {
        let mut file = tempfile::tempfile().expect("a temporary file");
        write_comparison_parquet(&mut file, &rows()).expect("it is written");
        let reader = SerializedFileReader::new(file).expect("it is Parquet");
        let read: Vec<BTreeMap<String, Field>> = reader
            .get_row_iter(None)
            .expect("rows")
            .map(|row| {
                let row = row.expect("a row");
                let cells = row.get_column_iter();
                cells
                    .map(|(name, cell)| (name.clone(), cell.clone()))
                    .collect()
            })
            .collect();
        let text = |text: &str| Field::Str(text.to_owned());
        let [first, second]: [BTreeMap<String, Field>; 2] = read.try_into().expect("two rows");
        let cells = |row: &BTreeMap<String, Field>, expected: &[(&str, Field)]| {
            assert_eq!(row.len(), 17);
            for (name, cell) in expected {
                assert_eq!(&row[*name], cell, "{name}");
            }
        };
        cells(
            &first,
            &[
                ("theme", text("pay")),
                ("period", text("2019")),
                ("from", Field::Date(17_897)),
                ("to", Field::Date(18_261)),
                ("unfinished", Field::Bool(false)),
                ("basis", text("raw")),
                ("measure", text("share")),
                ("comments", Field::Long(12)),
                ("of", Field::Long(97)),
                ("posts", Field::Long(31)),
                ("value", Field::Double(0.1237)),
                ("low", Field::Double(0.0)),
                ("high", Field::Double(0.25)),
                ("naive_low", Field::Null),
                ("naive_high", Field::Double(1.0)),
                ("design_effect", Field::Double(1.5)),
                ("note", Field::Null),
            ],
        );
        cells(
            &second,
            &[
                ("period", text("2020-03")),
                ("unfinished", Field::Bool(true)),
                ("basis", text("corrected")),
                ("measure", text("mean_sentiment")),
                ("comments", Field::Null),
                ("value", Field::Double(0.0)),
                ("low", Field::Double(-0.5)),
                ("high", Field::Null),
                ("design_effect", Field::Null),
                ("note", text("=too little, “so far”\nwait")),
            ],
        );
    }
}

//! Tables as Parquet, the form that pandas, DuckDB and Spark open as it is.
//!
//! The same rows give the same bytes: a file says nothing of when or where it was written.

use std::io::{Error, ErrorKind, Result, Write};
use std::sync::Arc;

use jiff::civil::{Date, date};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::table::{Column, Kind, Value};

/// Rows are written in groups of at most so many.
const GROUP_ROWS: usize = 50_000;

/// A group is also written once its cells fill so many bytes: a table of long texts or many columns needs no more memory
/// than others.
const GROUP_BYTES: usize = 64 << 20;

/// What a file says of its writer, in the form that readers parse.
const WRITER: &str = concat!("undertone version ", env!("CARGO_PKG_VERSION"));

/// A table written row by row. It holds the rows of one group; what is complete goes out. After an error it is of no more
/// use.
pub(super) struct ParquetTable {
    columns: Vec<Held>,
    rows: usize,
    bytes: usize,
    /// Writes to memory, from where [`drain`] takes it: so it need not own the file, whose errors its owner names.
    file: SerializedFileWriter<Vec<u8>>,
}

/// A column with its cells of the group.
struct Held {
    column: Column,
    values: Values,
    /// For each cell 0 where it is empty, else 1; nothing where no cell may be empty.
    levels: Vec<i16>,
}

/// The cells that are not empty.
enum Values {
    Text(Vec<ByteArray>),
    Number(Vec<f64>),
    Whole(Vec<i64>),
    Truth(Vec<bool>),
    /// Days since 1970-01-01.
    Day(Vec<i32>),
}

impl ParquetTable {
    /// An empty table.
    ///
    /// # Errors
    /// The columns are refused.
    pub(super) fn new(columns: Vec<Column>) -> Result<Self> {
        let fields = columns
            .iter()
            .map(|column| field(column).map(Arc::new))
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(Error::other)?;
        let schema = Type::group_type_builder("schema")
            .with_fields(fields)
            .build()
            .map_err(Error::other)?;
        let properties = WriterProperties::builder()
            .set_created_by(WRITER.to_owned())
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .build();
        Ok(Self {
            file: SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))
                .map_err(Error::other)?,
            columns: columns.into_iter().map(Held::new).collect(),
            rows: 0,
            bytes: 0,
        })
    }

    /// Adds a row: a cell for each column, in order.
    ///
    /// # Errors
    /// A cell does not fit its column; or `out` cannot be written.
    pub(super) fn row(&mut self, cells: &[Option<Value<'_>>], out: &mut impl Write) -> Result<()> {
        if cells.len() != self.columns.len() {
            let found = cells.len();
            return Err(unfit(&format!(
                "{found} cells for {} columns",
                self.columns.len()
            )));
        }
        for (held, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += held.add(*cell)?;
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.write_group()?;
            drain(&mut self.file, out)?;
        }
        Ok(())
    }

    /// Completes the table; without it what was written cannot be read.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub(super) fn finish(mut self, out: &mut impl Write) -> Result<()> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.file.finish().map_err(Error::other)?;
        drain(&mut self.file, out)
    }

    fn write_group(&mut self) -> Result<()> {
        write_columns(&mut self.file, &mut self.columns).map_err(Error::other)?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

/// Hands on what has been written so far.
fn drain(file: &mut SerializedFileWriter<Vec<u8>>, out: &mut impl Write) -> Result<()> {
    file.flush()?;
    out.write_all(file.inner())?;
    file.inner_mut().clear();
    Ok(())
}

fn write_columns(
    file: &mut SerializedFileWriter<Vec<u8>>,
    columns: &mut [Held],
) -> std::result::Result<(), ParquetError> {
    let mut group = file.next_row_group()?;
    for held in columns {
        let mut writer = group
            .next_column()?
            .ok_or_else(|| ParquetError::General("a column too many".to_owned()))?;
        held.write(&mut writer)?;
        writer.close()?;
    }
    group.close()?;
    Ok(())
}

impl Held {
    fn new(column: Column) -> Self {
        let values = match column.kind {
            Kind::Text => Values::Text(Vec::new()),
            Kind::Number => Values::Number(Vec::new()),
            Kind::Whole => Values::Whole(Vec::new()),
            Kind::Truth => Values::Truth(Vec::new()),
            Kind::Day => Values::Day(Vec::new()),
        };
        Self {
            column,
            values,
            levels: Vec::new(),
        }
    }

    /// Adds a cell; gives the bytes it takes.
    fn add(&mut self, cell: Option<Value<'_>>) -> Result<usize> {
        let taken = match (&mut self.values, cell) {
            (_, None) if self.column.nullable => 0,
            (Values::Text(values), Some(Value::Text(text))) => {
                values.push(text.into());
                size_of::<ByteArray>() + text.len()
            }
            (Values::Number(values), Some(Value::Number(number))) => {
                values.push(number);
                size_of::<f64>()
            }
            (Values::Whole(values), Some(Value::Whole(number))) => {
                values.push(number);
                size_of::<i64>()
            }
            (Values::Truth(values), Some(Value::Truth(truth))) => {
                values.push(truth);
                size_of::<bool>()
            }
            (Values::Day(values), Some(Value::Day(day))) => {
                values.push(since_1970(day)?);
                size_of::<i32>()
            }
            (_, cell) => {
                let name = &self.column.name;
                return Err(unfit(&format!("{cell:?} cannot stand in column {name}")));
            }
        };
        if !self.column.nullable {
            return Ok(taken);
        }
        self.levels.push(i16::from(cell.is_some()));
        Ok(taken + size_of::<i16>())
    }

    /// Writes the cells of the group, and forgets them.
    fn write(
        &mut self,
        writer: &mut SerializedColumnWriter<'_>,
    ) -> std::result::Result<(), ParquetError> {
        let levels = self.column.nullable.then_some(self.levels.as_slice());
        match &mut self.values {
            Values::Text(values) => {
                let writer = writer.typed::<ByteArrayType>();
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Number(values) => {
                let writer = writer.typed::<DoubleType>();
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Whole(values) => {
                let writer = writer.typed::<Int64Type>();
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Truth(values) => {
                let writer = writer.typed::<BoolType>();
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Day(values) => {
                let writer = writer.typed::<Int32Type>();
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
        }
        self.levels.clear();
        Ok(())
    }
}

/// A column in the words of Parquet.
fn field(column: &Column) -> std::result::Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Whole => (Physical::INT64, None),
        Kind::Truth => (Physical::BOOLEAN, None),
        Kind::Day => (Physical::INT32, Some(LogicalType::Date)),
    };
    let repetition = if column.nullable {
        Repetition::OPTIONAL
    } else {
        Repetition::REQUIRED
    };
    Type::primitive_type_builder(&column.name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build()
}

/// Days from 1970-01-01 to a day, negative before it.
fn since_1970(day: Date) -> Result<i32> {
    let days = day.duration_since(date(1970, 1, 1)).as_hours() / 24;
    i32::try_from(days).map_err(Error::other)
}

fn unfit(problem: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, problem)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::{Date, date};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    use proptest::prelude::*;

    use super::super::table::{Column, Kind, Value};
    use super::{GROUP_BYTES, GROUP_ROWS, ParquetTable, since_1970};

    fn columns() -> Vec<Column> {
        vec![
            Column::full("id", Kind::Whole),
            Column::open("text", Kind::Text),
            Column::open("number", Kind::Number),
            Column::open("truth", Kind::Truth),
            Column::open("day", Kind::Day),
        ]
    }

    fn reader(bytes: &[u8]) -> SerializedFileReader<std::fs::File> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        std::io::Write::write_all(&mut file, bytes).expect("it is written");
        SerializedFileReader::new(file).expect("it is Parquet")
    }

    /// What the parquet crate's own reader finds.
    fn read(bytes: &[u8]) -> Vec<Vec<Field>> {
        let reader = reader(bytes);
        let rows = reader.get_row_iter(None).expect("rows");
        rows.map(|row| {
            let row = row.expect("a row");
            row.get_column_iter()
                .map(|(_, cell)| cell.clone())
                .collect()
        })
        .collect()
    }

    fn written(rows: &[Vec<Option<Value<'_>>>]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut table = ParquetTable::new(columns()).expect("columns");
        for row in rows {
            table.row(row, &mut out).expect("the row fits");
        }
        table.finish(&mut out).expect("memory can be written");
        out
    }

    fn expected(cell: &Option<Value<'_>>) -> Field {
        match cell {
            None => Field::Null,
            Some(Value::Text(text)) => Field::Str((*text).to_owned()),
            Some(Value::Number(number)) => Field::Double(*number),
            Some(Value::Whole(number)) => Field::Long(*number),
            Some(Value::Truth(truth)) => Field::Bool(*truth),
            Some(Value::Day(day)) => Field::Date(since_1970(*day).expect("any day fits")),
        }
    }

    #[test]
    fn a_table_without_rows_has_its_columns() {
        let bytes = written(&[]);
        assert!(read(&bytes).is_empty());
        let schema = reader(&bytes).metadata().file_metadata().schema_descr_ptr();
        let names: Vec<String> = schema
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        assert_eq!(names, ["id", "text", "number", "truth", "day"]);
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (day, days) in [
            (date(1970, 1, 1), 0),
            (date(1969, 12, 31), -1),
            (date(2000, 3, 1), 11_017),
            // Python: (date(1, 1, 1) - date(1970, 1, 1)).days
            (date(1, 1, 1), -719_162),
            (date(9999, 12, 31), 2_932_896),
        ] {
            assert_eq!(since_1970(day).expect("any day fits"), days, "{day}");
        }
        since_1970(Date::MIN).expect("the first day there is");
    }

    #[test]
    fn groups_are_bounded_in_rows() {
        let rows: Vec<_> = (0..GROUP_ROWS as i64 * 2 + 1)
            .map(|id| vec![Some(Value::Whole(id)), None, None, None, None])
            .collect();
        let bytes = written(&rows);
        let groups: Vec<i64> = reader(&bytes)
            .metadata()
            .row_groups()
            .iter()
            .map(|group| group.num_rows())
            .collect();
        assert_eq!(groups, [GROUP_ROWS as i64, GROUP_ROWS as i64, 1]);
        let ids = read(&bytes).into_iter().map(|mut row| row.swap_remove(0));
        assert!(ids.eq((0..rows.len() as i64).map(Field::Long)));
    }

    #[test]
    fn long_texts_make_groups_shorter() {
        let text = "word ".repeat(GROUP_BYTES / 10);
        let row = |id| {
            vec![
                Some(Value::Whole(id)),
                Some(Value::Text(&text)),
                None,
                None,
                None,
            ]
        };
        let mut out = Vec::new();
        let mut table = ParquetTable::new(columns()).expect("columns");
        table.row(&row(0), &mut out).expect("the row fits");
        assert!(out.is_empty());
        table.row(&row(1), &mut out).expect("the row fits");
        let first = out.len();
        assert!(first > 0, "what fills a group goes out");
        table.row(&row(2), &mut out).expect("the row fits");
        assert_eq!(out.len(), first);
        table.finish(&mut out).expect("memory can be written");
        assert_eq!(reader(&out).num_row_groups(), 2);
        assert_eq!(read(&out).len(), 3);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let refused = |row: &[Option<Value<'_>>]| {
            let mut table = ParquetTable::new(columns()).expect("columns");
            let error = table
                .row(row, &mut Vec::new())
                .expect_err("it does not fit");
            error.to_string()
        };
        let id = Some(Value::Whole(1));
        assert_eq!(refused(&[id]), "1 cells for 5 columns");
        let message = refused(&[None, None, None, None, None]);
        assert_eq!(message, "None cannot stand in column id");
        let message = refused(&[id, id, None, None, None]);
        assert_eq!(message, "Some(Whole(1)) cannot stand in column text");
    }

    #[test]
    fn a_disk_that_is_full_is_reported() {
        let table = ParquetTable::new(columns()).expect("columns");
        let mut room = [0_u8; 8];
        let error = table.finish(&mut room.as_mut_slice()).expect_err("no room");
        assert_eq!(error.kind(), std::io::ErrorKind::WriteZero);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_written_is_read_and_has_the_same_bytes(
            rows in prop::collection::vec((
                any::<i64>(),
                prop::option::of("\\PC{0,12}|[\0\n\"]{0,3}"),
                prop::option::of(-1e9..1e9_f64),
                prop::option::of(any::<bool>()),
                prop::option::of(-400_000..400_000_i32),
            ), 0..40)
        ) {
            let rows: Vec<Vec<Option<Value<'_>>>> = rows
                .iter()
                .map(|(id, text, number, truth, day)| vec![
                    Some(Value::Whole(*id)),
                    text.as_deref().map(Value::Text),
                    number.map(Value::Number),
                    truth.map(Value::Truth),
                    day.map(|day| Value::Day(date(1970, 1, 1) + day.days())),
                ])
                .collect();
            let bytes = written(&rows);
            let expected: Vec<Vec<Field>> =
                rows.iter().map(|row| row.iter().map(expected).collect()).collect();
            prop_assert_eq!(read(&bytes), expected);
            prop_assert_eq!(written(&rows), bytes);
        }
    }
}

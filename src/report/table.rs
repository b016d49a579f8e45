//! Tables: what stands behind every chart, and what is sorted and filtered.

use super::html::{Html, tag};

/// How a column is sorted where script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Not at all.
    No,
    /// By number, the greatest first.
    Falling,
    /// By number, the smallest first.
    Rising,
    /// By letter.
    Text,
}

/// A cell: what is shown, and what it is sorted by.
#[derive(Debug, Clone)]
pub struct Cell {
    shown: Html,
    key: Option<String>,
    class: &'static str,
}

/// A cell of text.
pub fn cell(text: &str) -> Cell {
    markup(Html::text(text))
}

/// A cell of markup.
pub fn markup(shown: Html) -> Cell {
    Cell {
        shown,
        key: None,
        class: "",
    }
}

/// A number, sorted by itself.
pub fn number(text: &str, value: f64) -> Cell {
    Cell {
        key: Some(value.to_string()),
        class: "number",
        ..cell(text)
    }
}

/// Not a figure, and why there is none.
pub fn missing(why: &str) -> Cell {
    Cell {
        class: "missing",
        ..cell(why)
    }
}

impl Cell {
    /// Sorted by this text.
    pub fn by(self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self
        }
    }
}

/// A row; `marks` are what the filters look at.
#[derive(Debug, Clone)]
pub struct Row {
    pub cells: Vec<Cell>,
    pub marks: Vec<(&'static str, String)>,
    pub id: Option<(&'static str, usize)>,
}

impl From<Vec<Cell>> for Row {
    fn from(cells: Vec<Cell>) -> Self {
        Self {
            cells,
            marks: Vec::new(),
            id: None,
        }
    }
}

/// A table in a box of its own, which scrolls where the page is narrow. `id` is for the script; `name` is said by screen
/// readers, and no other table has it.
pub fn table(
    id: Option<&'static str>,
    name: &str,
    columns: &[(&str, Sort)],
    rows: Vec<Row>,
) -> Html {
    let heads = columns.iter().map(|(name, sort)| {
        let head = tag("th").attr("scope", "col");
        let head = match sort {
            Sort::No => head,
            Sort::Falling => head.attr("data-sort", "falling"),
            Sort::Rising => head.attr("data-sort", "rising"),
            Sort::Text => head.attr("data-sort", "text"),
        };
        head.text(name).build()
    });
    let body = rows.into_iter().map(|row| {
        let mut line = tag("tr");
        if let Some((kind, number)) = row.id {
            line = line.id(kind, number);
        }
        for (name, value) in &row.marks {
            line = line.attr(name, value);
        }
        for (place, cell) in row.cells.into_iter().enumerate() {
            let mut made = match place {
                0 => tag("th").attr("scope", "row"),
                _ => tag("td"),
            };
            if !cell.class.is_empty() {
                made = made.class(cell.class);
            }
            if let Some(key) = &cell.key {
                made = made.attr("data-key", key);
            }
            line = line.child(made.child(cell.shown).build());
        }
        line.build()
    });
    let mut whole = tag("table");
    if let Some(id) = id {
        whole = whole.attr("id", id);
    }
    let whole = whole
        .child(tag("caption").text(name).build())
        .child(
            tag("thead")
                .child(tag("tr").child(heads.collect()).build())
                .build(),
        )
        .child(tag("tbody").child(body.collect()).build());
    scrolling(&format!("Table: {name}"), whole.build())
}

/// A box that scrolls, and that the keyboard can reach to scroll it.
pub fn scrolling(name: &str, content: Html) -> Html {
    tag("div")
        .class("scroll")
        .attr("role", "region")
        .attr("aria-label", name)
        .attr("tabindex", 0)
        .child(content)
        .build()
}

/// What a reader opens to see more.
pub fn folded(what: &str, content: Html) -> Html {
    tag("details")
        .child(tag("summary").text(what).build())
        .child(content)
        .build()
}

//! Draws comments at random for a person to label, writes them down, and makes up for those that are not used, because nobody labelled them.

mod draw;
mod sheet;
mod unused;

pub use draw::{Drawn, Thing, TooFew, draw};
pub use sheet::{SampleRow, write_csv, write_json_lines};
pub use unused::make_up_for_unused;

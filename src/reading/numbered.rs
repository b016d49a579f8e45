//! The numbered form: date, title and body above a thread of numbered comments.

use super::form::{Header, ThreadStart};
use super::lines::{Line, pager, paragraphs, stated_count};
use super::thread::Walk;
use super::{Reading, dates};

/// Reads a numbered page whose thread starts as given.
pub(super) fn read(lines: &[Line], start: ThreadStart) -> Reading {
    let mut reading = Reading::default();
    let (body_end, first, header) = match start {
        ThreadStart::Header(header) => (header.at, header.first, Some(header)),
        ThreadStart::Item(first) => (first, first, None),
        ThreadStart::None => (lines.len(), lines.len(), None),
    };
    read_head(&lines[..body_end], &mut reading);
    if header.is_none() {
        reading.warnings.extend(headless_warning(lines, first));
    }
    let thread = Walk::new(lines, first, header.map(|header| header.stated)).run();
    reading.comments = thread.comments;
    reading.warnings.extend(thread.warnings);
    if let Some(header) = header {
        reading
            .warnings
            .extend(count_warning(lines, &header, reading.comments.len()));
    }
    reading
}

/// Reads date, title and body.
fn read_head(lines: &[Line], reading: &mut Reading) {
    let mut filled = (0..lines.len()).filter(|&at| !lines[at].is_blank());
    let Some(top) = filled.next() else { return };
    let mut body = top;
    let number = lines[top].number;
    if let Some(written) = dates::written(lines[top].text) {
        reading.published = written.date;
        let title = filled.next();
        reading.title = title.map(|at| lines[at].text.to_owned());
        body = title.map_or(lines.len(), |at| at + 1);
        if written.date.is_none() {
            reading.warnings.push(format!(
                "line {number}: the calendar has no such day as {}; correct the date line",
                lines[top].text
            ));
        } else if !written.weekday_agrees {
            reading.warnings.push(format!(
                "line {number}: {} was another day of the week; check the date line",
                lines[top].text
            ));
        }
    } else {
        reading.warnings.push(format!(
            "line {number}: the page does not start with a date line, so its date and title stay empty"
        ));
    }
    reading.body = paragraphs(lines[body..].iter().map(|line| line.text));
}

/// What to say of a page without a header, whose thread starts at the given place or nowhere.
fn headless_warning(lines: &[Line], first: usize) -> Option<String> {
    if let Some(item) = lines.get(first) {
        return Some(format!(
            "line {}: the comments start without a line that counts them, \
             so none can be known to be missing",
            item.number
        ));
    }
    let count = lines
        .iter()
        .find(|line| stated_count(line.text).is_some())?;
    Some(format!(
        "line {}: no numbered comment follows \"{}\", so it was read as part of the post; \
         compare the page with the original",
        count.number, count.text
    ))
}

fn count_warning(lines: &[Line], header: &Header, found: usize) -> Option<String> {
    if found == header.stated {
        return None;
    }
    let of = |count: usize| {
        if count == 1 {
            "1 comment".to_owned()
        } else {
            format!("{count} comments")
        }
    };
    let mut warning = format!(
        "line {}: the page states {} but {} found; compare it with the original",
        lines[header.at].number,
        of(header.stated),
        if found == 1 {
            "1 was".to_owned()
        } else {
            format!("{found} were")
        },
    );
    if let Some((first, last, all)) = lines[header.at..].iter().find_map(|line| pager(line.text)) {
        warning.push_str(&format!(
            " (it says that it shows {first} to {last} of {all}, so the others are on further pages)"
        ));
    }
    Some(warning)
}

//! The charts, as SVG.
//!
//! They are written here and not by a plotting library: plotters, the maintained one with an SVG backend, has no hatching,
//! writes colours as numbers (so that a chart cannot follow light and dark), and has no titles, descriptions or roles for
//! screen readers. What is left of it would be rectangles and lines.

use super::data::{Period, Point};
use super::html::{Html, Tag, cut, tag};
use super::words::Unit;
use crate::output::grouped;

/// Steps of colour of the heat map; the style sheet has a class for each.
const SHADES: [&str; 9] = ["h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8"];

/// Columns of the heat map up to which each has its number written in it.
pub const NUMBERED: usize = 24;

/// The width of a letter of a label, about.
const LETTER: f64 = 7.5;

/// A coordinate, to a tenth of a pixel.
fn at(value: f64) -> String {
    format!("{value:.1}")
}

fn rect(x: f64, y: f64, width: f64, height: f64) -> Tag {
    tag("rect")
        .attr("x", at(x))
        .attr("y", at(y))
        .attr("width", at(width))
        .attr("height", at(height))
}

fn line(x1: f64, y1: f64, x2: f64, y2: f64) -> Tag {
    tag("line")
        .attr("x1", at(x1))
        .attr("y1", at(y1))
        .attr("x2", at(x2))
        .attr("y2", at(y2))
}

fn words(x: f64, y: f64, anchor: &'static str, text: &str) -> Tag {
    tag("text")
        .attr("x", at(x))
        .attr("y", at(y))
        .attr("text-anchor", anchor)
        .text(text)
}

/// A drawing with a name and a description for those who do not see it.
fn drawing(number: usize, (width, height): (f64, f64), title: &str, description: &str) -> Tag {
    tag("svg")
        .attr("viewBox", format!("0 0 {} {}", at(width), at(height)))
        .attr("role", "img")
        .attr(
            "aria-labelledby",
            format!("chart-{number}-t chart-{number}-d"),
        )
        .child(
            tag("title")
                .attr("id", format!("chart-{number}-t"))
                .text(title)
                .build(),
        )
        .child(
            tag("desc")
                .attr("id", format!("chart-{number}-d"))
                .text(description)
                .build(),
        )
}

/// The pattern that stands for "unfinished, or too little to tell", once for the whole page.
pub fn hatching() -> Html {
    Html::literal(
        "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>\
         <pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\"></line></pattern></defs></svg>",
    )
}

/// Writes onto an element the numbers that it shows, so that whoever checks the page can compare them.
fn with_numbers(element: Tag, period: &Period, point: &Point) -> Tag {
    let element = element.attr("data-period", &period.id);
    match &point.value {
        Ok((value, [low, high])) => element
            .attr("data-value", value)
            .attr("data-low", low)
            .attr("data-high", high)
            .attr("data-of", point.of),
        Err(_) => element.attr("data-none", "").attr("data-of", point.of),
    }
}

/// What is pointed at says its figures.
fn told(period: &Period, name: &str, unit: Unit, point: &Point) -> Html {
    let short = period
        .cut_short()
        .map_or_else(String::new, |why| format!(" ({why})"));
    tag("title")
        .text(&format!(
            "{name}, {}: {}{short}",
            period.id,
            unit.in_full(point)
        ))
        .build()
}

/// Shares of themes by period: the darker (on a light page), the greater. Rows are named, and hold a point per period.
pub fn heat_map(
    number: usize,
    periods: &[Period],
    rows: &[(String, Vec<Point>)],
    most: f64,
) -> Html {
    let (left, top, height) = (300.0, 26.0, 34.0);
    let numbered = periods.len() <= NUMBERED;
    // Long names, of eras, have wide columns where these are few.
    let longest = periods.iter().map(|period| period.id.chars().count()).max();
    let longest = longest.unwrap_or(0) as f64 * LETTER + 8.0;
    let widest = (13.0 * 52.0 / periods.len().max(1) as f64).max(52.0);
    let cell = if numbered {
        longest.clamp(52.0, widest)
    } else {
        12.0
    };
    let width = left + cell * periods.len() as f64 + 8.0;
    let bottom = top + height * rows.len() as f64;
    let mut svg = drawing(
        number,
        (width, bottom + 52.0),
        "Share of comments about each theme, by period",
        "One row per theme, one column per period. All numbers stand in the table below.",
    )
    .class(if periods.len() > 12 {
        "heat broad"
    } else {
        "heat"
    });
    // Of many periods, every so many is named.
    let step = if numbered {
        1
    } else {
        (longest / cell).ceil() as usize
    };
    let letters = (cell * step as f64 / LETTER) as usize;
    let middle = |place: usize| left + cell * (place as f64 + 0.5);
    for (place, period) in periods
        .iter()
        .enumerate()
        .filter(|(place, _)| place % step == 0)
    {
        svg = svg.child(
            words(
                middle(place),
                top - 9.0,
                "middle",
                &cut(&period.id, letters),
            )
            .build(),
        );
        if numbered {
            let of = grouped(period.comments);
            svg = svg.child(
                words(middle(place), bottom + 16.0, "middle", &of)
                    .class("small")
                    .build(),
            );
        }
    }
    if numbered {
        svg = svg.child(
            words(left - 8.0, bottom + 16.0, "end", "comments")
                .class("small")
                .build(),
        );
    }
    for (row, (name, points)) in rows.iter().enumerate() {
        let y = top + height * row as f64;
        svg = svg.child(words(left - 8.0, y + height / 2.0 + 4.0, "end", &cut(name, 38)).build());
        for (place, (period, point)) in periods.iter().zip(points).enumerate() {
            let x = left + cell * place as f64;
            let mut group =
                with_numbers(tag("g"), period, point).child(told(period, name, Unit::Share, point));
            let (inner, tall) = (cell - 2.0, height - 2.0);
            match &point.value {
                Ok((value, _)) => {
                    let place =
                        (value / most.max(f64::MIN_POSITIVE) * SHADES.len() as f64) as usize;
                    let shade = SHADES.get(place).copied().unwrap_or("h8");
                    group = group.class(shade).child(rect(x, y, inner, tall).build());
                    if numbered {
                        let shown = Unit::Share.value(*value);
                        group =
                            group.child(words(x + inner / 2.0, y + 18.0, "middle", &shown).build());
                    }
                    if period.cut_short().is_some() {
                        group = group
                            .child(rect(x, y + tall - 8.0, inner, 8.0).class("strip").build())
                            .child(
                                rect(x, y + tall - 8.0, inner, 8.0)
                                    .attr("fill", "url(#hatch)")
                                    .build(),
                            );
                    }
                }
                Err(_) => {
                    group = group
                        .class("none")
                        .child(rect(x, y, inner, tall).build())
                        .child(rect(x, y, inner, tall).attr("fill", "url(#hatch)").build());
                }
            }
            svg = svg.child(group.build());
        }
    }
    let y = bottom + 28.0;
    for (place, shade) in SHADES.iter().enumerate() {
        let x = left + 18.0 * place as f64;
        svg = svg.child(
            tag("g")
                .class(shade)
                .child(rect(x, y, 18.0, 12.0).build())
                .build(),
        );
    }
    let end = left + 18.0 * SHADES.len() as f64;
    svg = svg
        .child(
            words(left - 8.0, y + 10.0, "end", "0%")
                .class("small")
                .build(),
        )
        .child(
            words(end + 8.0, y + 10.0, "start", &Unit::Share.value(most))
                .class("small")
                .build(),
        );
    svg.build()
}

/// One course: a line with a ribbon of its 95% intervals.
#[derive(Debug)]
pub struct Plot<'a> {
    /// The chart's number on the page.
    pub number: usize,
    /// What it shows.
    pub name: &'a str,
    /// What the name is followed by, for those who do not see the chart.
    pub what: &'a str,
    pub unit: Unit,
    /// The ends of the axis.
    pub scale: (f64, f64),
    pub periods: &'a [Period],
    pub points: &'a [Point],
    /// Whether there is room for denominators below each period.
    pub large: bool,
}

impl Plot<'_> {
    /// Draws it.
    pub fn draw(&self) -> Html {
        let (width, height) = if self.large {
            (760.0, 300.0)
        } else {
            (300.0, 170.0)
        };
        let (left, right, top) = (48.0, 12.0, 12.0);
        let bottom = height - if self.large { 54.0 } else { 40.0 };
        let column = (width - left - right) / self.periods.len().max(1) as f64;
        let x = |place: usize| left + column * (place as f64 + 0.5);
        let (least, most) = self.scale;
        let span = (most - least).max(f64::MIN_POSITIVE);
        let y = |value: f64| bottom - (value - least) / span * (bottom - top);
        let title = format!("{}: {}", self.name, self.what);
        let mut svg = drawing(self.number, (width, height), &title, &self.described())
            .class(if self.large { "plot large" } else { "plot" });
        // Hatched below everything: periods that are cut short, or without a figure.
        for (place, (period, point)) in self.periods.iter().zip(self.points).enumerate() {
            if period.cut_short().is_some() || point.value.is_err() {
                let band = rect(x(place) - column / 2.0, top, column, bottom - top)
                    .attr("fill", "url(#hatch)");
                let band = match point.value {
                    Ok(_) => band,
                    Err(_) => with_numbers(band, period, point),
                };
                svg = svg.child(
                    band.child(told(period, self.name, self.unit, point))
                        .build(),
                );
            }
        }
        let ticks = if least < 0.0 {
            vec![least, 0.0, most]
        } else {
            vec![least, (least + most) / 2.0, most]
        };
        for tick in ticks {
            svg = svg
                .child(
                    line(left, y(tick), width - right, y(tick))
                        .class("grid")
                        .build(),
                )
                .child(
                    words(left - 6.0, y(tick) + 4.0, "end", &self.unit.value(tick))
                        .class("small")
                        .build(),
                );
        }
        for stretch in self.stretches() {
            svg = svg.child(ribbon(&stretch, &x, &y));
        }
        for (place, (period, point)) in self.periods.iter().zip(self.points).enumerate() {
            if let Ok((value, [low, high])) = &point.value {
                let hollow = period.cut_short().is_some();
                let dot = tag("circle")
                    .attr("cx", at(x(place)))
                    .attr("cy", at(y(*value)))
                    .attr("r", if self.large { 4.5 } else { 3.0 })
                    .class(if hollow { "dot hollow" } else { "dot" });
                svg = svg
                    .child(
                        line(x(place), y(*low), x(place), y(*high))
                            .class("whisker")
                            .build(),
                    )
                    .child(
                        with_numbers(dot, period, point)
                            .child(told(period, self.name, self.unit, point))
                            .build(),
                    );
            }
        }
        svg.child(self.axis(&x, bottom, column)).build()
    }

    /// Names below the periods and, where there is room, of how many comments each figure is.
    fn axis(&self, x: &impl Fn(usize) -> f64, bottom: f64, column: f64) -> Html {
        let room = self
            .periods
            .iter()
            .map(|period| period.id.chars().count())
            .max();
        // A name may take a column and be cut there, if that leaves nine letters of it.
        let room = (room.unwrap_or(1) as f64 * LETTER).min((9.0 * LETTER).max(column - 6.0));
        let step = ((room + 6.0) / column).ceil().max(1.0) as usize;
        let letters = (room / LETTER) as usize;
        let mut axis = Html::new();
        for (place, period) in self
            .periods
            .iter()
            .enumerate()
            .filter(|(place, _)| place % step == 0)
        {
            axis.push(
                words(x(place), bottom + 16.0, "middle", &cut(&period.id, letters))
                    .class("small")
                    .build(),
            );
            if let (true, Some(point)) = (self.large, self.points.get(place)) {
                let of = grouped(point.of);
                axis.push(
                    words(x(place), bottom + 32.0, "middle", &of)
                        .class("small")
                        .build(),
                );
            }
        }
        if self.large {
            axis.push(
                words(42.0, bottom + 32.0, "end", "of")
                    .class("small")
                    .build(),
            );
        } else {
            let drawn = self.points.iter().filter(|point| point.value.is_ok());
            let of = drawn.map(|point| point.of);
            if let (Some(least), Some(most)) = (of.clone().min(), of.max()) {
                let said = format!("each of {} to {} comments", grouped(least), grouped(most));
                axis.push(
                    words(174.0, bottom + 33.0, "middle", &said)
                        .class("small")
                        .build(),
                );
            }
        }
        axis
    }

    /// Runs of periods that follow each other and have figures: nothing is drawn across a gap, or to a period that is cut
    /// short and therefore no whole one.
    fn stretches(&self) -> Vec<Vec<(usize, f64, [f64; 2])>> {
        let mut all = vec![Vec::new()];
        for (place, (period, point)) in self.periods.iter().zip(self.points).enumerate() {
            match (&point.value, period.cut_short()) {
                (Ok((value, interval)), None) => {
                    if let Some(last) = all.last_mut() {
                        last.push((place, *value, *interval));
                    }
                }
                _ => all.push(Vec::new()),
            }
        }
        all.retain(|stretch| stretch.len() > 1);
        all
    }

    fn described(&self) -> String {
        let known = self.periods.iter().zip(self.points);
        let mut known = known.filter(|(_, point)| point.value.is_ok());
        let Some((period, first)) = known.next() else {
            return "No period has enough comments for a figure.".to_owned();
        };
        let mut said = format!("{}: {}.", period.id, self.unit.in_full(first));
        if let Some((period, last)) = known.next_back() {
            said.push_str(&format!(" {}: {}.", period.id, self.unit.in_full(last)));
        }
        said.push_str(" All numbers stand in the table with this chart.");
        said
    }
}

/// The intervals of a stretch as an area, and its values as a line.
fn ribbon(
    stretch: &[(usize, f64, [f64; 2])],
    x: &impl Fn(usize) -> f64,
    y: &impl Fn(f64) -> f64,
) -> Html {
    let pair = |place: usize, value: f64| format!("{},{}", at(x(place)), at(y(value)));
    let over = stretch
        .iter()
        .map(|(place, _, [_, high])| pair(*place, *high));
    let under = stretch
        .iter()
        .rev()
        .map(|(place, _, [low, _])| pair(*place, *low));
    let area: Vec<String> = over.chain(under).collect();
    let values: Vec<String> = stretch
        .iter()
        .map(|(place, value, _)| pair(*place, *value))
        .collect();
    tag("polygon")
        .class("ribbon")
        .attr("points", area.join(" "))
        .build()
        .and(
            tag("polyline")
                .class("course")
                .attr("points", values.join(" "))
                .build(),
        )
}

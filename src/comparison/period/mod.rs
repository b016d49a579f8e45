//! Which periods there are, and which of them a day lies in.
//!
//! Periods are years, quarters or months of the calendar, or named eras. They run from the first that holds a dated post or
//! comment to the last that does; empty ones between them are listed, so that gaps show.

mod eras;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use jiff::{ToSpan, Unit};

pub use eras::{Era, ErasError, read_eras};

use super::observation::Observations;

/// More periods than this are a date gone wrong: nobody reads that many, 50 years are 600 months.
pub const MOST_PERIODS: usize = 600;

/// How time is divided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Division {
    /// By year of the calendar.
    #[default]
    Year,
    /// By quarter: from January, April, July and October.
    Quarter,
    /// By month.
    Month,
    /// By eras in the order of time, none of which overlap, as [`read_eras`] gives them.
    Eras(Vec<Era>),
}

/// What is asked for. The default asks for everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The id of the first period wanted. Where time is divided by the calendar, also that of a longer one: `2014` of
    /// quarters begins with `2014-Q1`.
    pub from: Option<&'a str>,
    /// The id of the last period wanted; `2023` of quarters ends with `2023-Q4`.
    pub to: Option<&'a str>,
    /// The day up to which the data are complete; None: the latest day found. Days after it lie outside all periods.
    pub as_of: Option<Date>,
}

/// A stretch of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: Date,
    /// The last day, not before the first.
    pub last: Date,
}

impl Days {
    /// Whether a day lies in the stretch.
    pub fn contains(&self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    /// How many days it has, at least 1.
    pub fn count(&self) -> i64 {
        self.last.duration_since(self.first).as_hours() / 24 + 1
    }
}

/// A period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// `2014`, `2014-Q3`, `2014-07` or the name of the era.
    pub id: String,
    /// Its days. An era without an end lasts up to the day the data are complete to.
    pub days: Days,
    /// Where the data begin within it, not on its first day: the first day of the data. Its counts are then those of a
    /// shorter stretch than other periods have, and its shares leave out the season before.
    pub begins_late: Option<Date>,
    /// Where its last day lies after the day the data are complete to. It must be compared with the same part of the
    /// period before, never with the whole: a year up to March has no summer in it.
    pub unfinished: Option<Unfinished>,
}

/// How far an unfinished period has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// The day its data are complete to.
    pub until: Date,
    /// The days of the period before that it can be compared with: as many whole months and further days from its start, to
    /// the end of a month where the unfinished one has come to the end of a month. None where there is no period before,
    /// or where those days lie before the data begin.
    pub same_part: Option<Days>,
}

/// Where a day lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the period of this place in [`Periods::all`].
    In(usize),
    /// In none: between eras, before or after what was asked for, or after the day the data are complete to.
    Outside,
    /// Nowhere: the day is not known.
    Undated,
}

/// The periods of a comparison, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    all: Vec<Period>,
    as_of: Option<Date>,
}

/// Why there are no periods to compare.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PeriodsError {
    /// There is no period of the name.
    #[error("there is no period {id:?}; {remedy}")]
    Unknown {
        /// What was asked for.
        id: String,
        /// What to write instead.
        remedy: String,
    },
    /// The range ends before it begins.
    #[error("{from:?} begins after {to:?} ends; exchange --from and --to")]
    Backwards {
        /// The first period asked for.
        from: String,
        /// The last period asked for.
        to: String,
    },
    /// Some posts or comments are dated, but none of the days asked for.
    #[error(
        "no post or comment is dated within the periods asked for: the dates go from {first} to {last}; \
         choose --from, --to and --as-of, or the eras, by these"
    )]
    Nothing {
        /// The first day of the data.
        first: Date,
        /// The last day of the data.
        last: Date,
    },
    /// The days of the data are so far apart that there is no end of periods.
    #[error(
        "the dates go from {first} to {last}, which makes {count} periods; at most {MOST_PERIODS} can be compared: \
         correct dates that are wrong, name the range with --from and --to, or choose longer periods"
    )]
    TooMany {
        /// The first day of the data within the range asked for.
        first: Date,
        /// The last one.
        last: Date,
        /// How many periods that would be.
        count: usize,
    },
}

/// All known days of posts and of comments: what [`Periods::new`] goes by.
pub fn days<'a>(observations: &'a Observations) -> impl Iterator<Item = Date> + 'a {
    let posts = observations.posts.iter().filter_map(|post| post.day);
    let comments = observations.comments.iter();
    posts.chain(comments.filter_map(|comment| comment.day))
}

impl Periods {
    /// Finds the periods that the days of the data lie in. Without any day there are none, which is no error: a corpus may
    /// be undated.
    ///
    /// # Errors
    /// Where a period asked for cannot exist, the range asked for is empty or runs backwards, or there would be more than
    /// [`MOST_PERIODS`].
    pub fn new(
        division: &Division,
        days: impl IntoIterator<Item = Date>,
        wanted: &Wanted,
    ) -> Result<Self, PeriodsError> {
        let range = division.range(wanted)?;
        // What there is, and what of it is asked for and lies in a period.
        let (mut data, mut within): (Option<Days>, Option<Days>) = (None, None);
        for day in days {
            extend(&mut data, day);
            let is_wanted = range.contains(day) && wanted.as_of.is_none_or(|as_of| day <= as_of);
            if is_wanted && division.around(day).is_some() {
                extend(&mut within, day);
            }
        }
        let Some(data) = data else {
            return Ok(Self {
                all: Vec::new(),
                as_of: None,
            });
        };
        let within = within.ok_or(PeriodsError::Nothing {
            first: data.first,
            last: data.last,
        })?;
        let as_of = wanted.as_of.unwrap_or(data.last);
        // Counted before they are made: a wrong date can make thousands.
        let count = division.between(within).count();
        if count > MOST_PERIODS {
            return Err(PeriodsError::TooMany {
                first: within.first,
                last: within.last,
                count,
            });
        }
        let mut all: Vec<Period> = Vec::with_capacity(count);
        for (id, mut days) in division.between(within) {
            if division.is_open(days) {
                // As long as it has come: the first of its comments is not after the day the data are complete to.
                days.last = as_of;
            }
            let unfinished = (days.contains(as_of) && as_of < days.last).then(|| Unfinished {
                until: as_of,
                same_part: all
                    .last()
                    .and_then(|before| same_part(days.first, as_of, before.days))
                    .filter(|part| part.last >= data.first),
            });
            let begins_late = days.contains(data.first) && data.first > days.first;
            all.push(Period {
                id,
                days,
                begins_late: begins_late.then_some(data.first),
                unfinished,
            });
        }
        Ok(Self {
            all,
            as_of: Some(as_of),
        })
    }

    /// The periods, in the order of time.
    pub fn all(&self) -> &[Period] {
        &self.all
    }

    /// The day the data are complete to: the latest day found, unless the user gave one. None where nothing is dated.
    pub fn as_of(&self) -> Option<Date> {
        self.as_of
    }

    /// Where a day lies.
    pub fn place(&self, day: Option<Date>) -> Place {
        let Some(day) = day else {
            return Place::Undated;
        };
        if self.as_of.is_some_and(|as_of| day > as_of) {
            return Place::Outside;
        }
        let begun = self.all.partition_point(|period| period.days.first <= day);
        let last_begun = begun.checked_sub(1).and_then(|place| self.all.get(place));
        match last_begun {
            Some(period) if period.days.contains(day) => Place::In(begun - 1),
            _ => Place::Outside,
        }
    }
}

impl Division {
    /// The period that a day lies in: its days. An era without an end goes on for ever.
    fn around(&self, day: Date) -> Option<Days> {
        let quarter = || {
            let into = (day.month() - 1) % 3;
            day.first_of_month().saturating_sub(into.months())
        };
        let (first, last) = match self {
            Self::Year => (day.first_of_year(), day.last_of_year()),
            Self::Quarter => (
                quarter(),
                quarter().saturating_add(2.months()).last_of_month(),
            ),
            Self::Month => (day.first_of_month(), day.last_of_month()),
            Self::Eras(eras) => {
                let mut eras = eras.iter().map(Era::days);
                return eras.find(|days| days.contains(day));
            }
        };
        Some(Days { first, last })
    }

    /// The periods from that of the first day to that of the last, with their ids.
    fn between(&self, stretch: Days) -> impl Iterator<Item = (String, Days)> + '_ {
        let eras = match self {
            Self::Eras(eras) => eras.as_slice(),
            _ => &[],
        };
        let eras = eras.iter().map(|era| (era.name.clone(), era.days()));
        let eras =
            eras.filter(move |(_, days)| days.first <= stretch.last && days.last >= stretch.first);
        let first = match self {
            Self::Eras(_) => None,
            _ => self.around(stretch.first),
        };
        let next = |days: &Days| self.around(days.last.tomorrow().ok()?);
        let calendar = std::iter::successors(first, next);
        let calendar = calendar.take_while(move |days| days.first <= stretch.last);
        eras.chain(calendar.map(|days| (self.id(days.first), days)))
    }

    /// The id of the period of the calendar that begins on a day.
    fn id(&self, first: Date) -> String {
        let (year, month) = (first.year(), first.month());
        match self {
            Self::Quarter => format!("{year:04}-Q{}", (month - 1) / 3 + 1),
            Self::Month => format!("{year:04}-{month:02}"),
            Self::Year | Self::Eras(_) => format!("{year:04}"),
        }
    }

    /// Whether days are those of an era without an end.
    fn is_open(&self, days: Days) -> bool {
        matches!(self, Self::Eras(_)) && days.last == Date::MAX
    }

    /// The days that are asked for.
    fn range(&self, wanted: &Wanted) -> Result<Days, PeriodsError> {
        let named = |id: &str| {
            self.named(id).ok_or_else(|| PeriodsError::Unknown {
                id: id.to_owned(),
                remedy: self.remedy(),
            })
        };
        let from = wanted.from.map(named).transpose()?;
        let to = wanted.to.map(named).transpose()?;
        let range = Days {
            first: from.map_or(Date::MIN, |days| days.first),
            last: to.map_or(Date::MAX, |days| days.last),
        };
        if range.first > range.last {
            return Err(PeriodsError::Backwards {
                from: wanted.from.unwrap_or_default().to_owned(),
                to: wanted.to.unwrap_or_default().to_owned(),
            });
        }
        Ok(range)
    }

    /// The days of the period of an id, or of a longer period of the calendar.
    fn named(&self, id: &str) -> Option<Days> {
        let id = id.trim();
        if let Self::Eras(eras) = self {
            return eras.iter().find(|era| era.name == id).map(Era::days);
        }
        let (year, rest) = match id.split_once('-') {
            None => (id, None),
            Some((year, rest)) => (year, Some(rest)),
        };
        let (division, month) = match rest {
            None => (Self::Year, 1),
            Some(rest) => match rest.strip_prefix(['Q', 'q']) {
                Some(quarter) => (Self::Quarter, digits(quarter, 1)?.checked_sub(1)? * 3 + 1),
                None => (Self::Month, digits(rest, 2)?),
            },
        };
        let longer = matches!(
            (self, &division),
            (_, Self::Year)
                | (Self::Quarter | Self::Month, Self::Quarter)
                | (Self::Month, Self::Month)
        );
        let first = Date::new(digits(year, 4)?, i8::try_from(month).ok()?, 1).ok()?;
        longer.then(|| division.around(first))?
    }

    /// What to write for an id.
    fn remedy(&self) -> String {
        match self {
            Self::Year => "write a year, such as 2014".to_owned(),
            Self::Quarter => "write a quarter or a year, such as 2014-Q3 or 2014".to_owned(),
            Self::Month => {
                "write a month, a quarter or a year, such as 2014-07, 2014-Q3 or 2014".to_owned()
            }
            Self::Eras(eras) => {
                let names: Vec<String> = eras.iter().map(|era| format!("{:?}", era.name)).collect();
                format!("the eras are {}", names.join(", "))
            }
        }
    }
}

impl Era {
    fn days(&self) -> Days {
        Days {
            first: self.from,
            last: self.to.unwrap_or(Date::MAX),
        }
    }
}

/// A number written in so many digits and nothing else.
fn digits(text: &str, count: usize) -> Option<i16> {
    let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// Makes a stretch hold a day.
fn extend(stretch: &mut Option<Days>, day: Date) {
    let held = stretch.get_or_insert(Days {
        first: day,
        last: day,
    });
    held.first = held.first.min(day);
    held.last = held.last.max(day);
}

/// As much of the period before as has passed of one that began on `first`, up to `until`.
///
/// Counted to the morning after, so that the end of a month stays the end of a month: up to 29 February 2024 is two months,
/// and so is up to 28 February 2023. Never beyond the end of the period before.
fn same_part(first: Date, until: Date, before: Days) -> Option<Days> {
    let passed = first.until((Unit::Month, until.tomorrow().ok()?)).ok()?;
    let months = passed.get_months();
    let day = before
        .first
        .saturating_add(months.months())
        .saturating_add(passed.get_days().days());
    // The 31st day of a month that has 30 is no day of the next month.
    let next_month = before.first.saturating_add((months + 1).months());
    Some(Days {
        first: before.first,
        last: day.min(next_month).yesterday().ok()?.min(before.last),
    })
}

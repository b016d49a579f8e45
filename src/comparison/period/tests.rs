use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;

fn periods(division: &Division, days: &[Date]) -> Periods {
    Periods::new(division, days.iter().copied(), &Wanted::default()).expect("they can be listed")
}

fn ids(periods: &Periods) -> Vec<&str> {
    periods.all().iter().map(|p| p.id.as_str()).collect()
}

fn stretch(first: Date, last: Date) -> Days {
    Days { first, last }
}

fn three_eras() -> Division {
    let era = |name: &str, from, to| Era {
        name: name.to_owned(),
        from,
        to,
    };
    Division::Eras(vec![
        era("before", date(2010, 1, 1), Some(date(2014, 5, 31))),
        era("split", date(2015, 6, 1), Some(date(2021, 6, 25))),
        era("after", date(2021, 6, 26), None),
    ])
}

#[test]
fn empty_periods_between_are_listed_and_those_at_the_ends_are_not() {
    let found = periods(
        &Division::Year,
        &[date(2012, 6, 11), date(2015, 12, 31), date(2014, 1, 1)],
    );
    assert_eq!(ids(&found), ["2012", "2013", "2014", "2015"]);
    assert_eq!(found.all()[0].begins_late, Some(date(2012, 6, 11)));
    assert_eq!(found.all()[1].begins_late, None);
    assert_eq!(found.all()[3].unfinished, None);
    assert_eq!(found.place(Some(date(2013, 2, 2))), Place::In(1));
    assert_eq!(found.place(Some(date(2016, 1, 1))), Place::Outside);
    assert_eq!(found.place(Some(date(2011, 12, 31))), Place::Outside);
    assert_eq!(found.place(None), Place::Undated);
}

#[test]
fn a_period_that_begins_with_its_first_day_is_not_late() {
    let found = periods(&Division::Year, &[date(2012, 1, 1)]);
    assert_eq!(found.all()[0].begins_late, None);
}

#[test]
fn quarters_and_months_have_their_days() {
    let days = [date(2023, 11, 30), date(2024, 2, 29)];
    let quarters = periods(&Division::Quarter, &days);
    assert_eq!(ids(&quarters), ["2023-Q4", "2024-Q1"]);
    let last = quarters.all()[1].days;
    assert_eq!(last, stretch(date(2024, 1, 1), date(2024, 3, 31)));
    assert_eq!(last.count(), 91);
    let months = periods(&Division::Month, &days);
    assert_eq!(ids(&months), ["2023-11", "2023-12", "2024-01", "2024-02"]);
    assert_eq!(months.all()[3].days.last, date(2024, 2, 29));
    assert_eq!(months.all()[3].unfinished, None);
}

#[test]
fn an_unfinished_year_is_compared_with_the_same_part_of_the_one_before() {
    for (until, same) in [
        (date(2024, 3, 15), date(2023, 3, 15)),
        (date(2024, 2, 28), date(2023, 2, 28)),
        (date(2024, 2, 29), date(2023, 2, 28)),
        (date(2024, 1, 1), date(2023, 1, 1)),
        (date(2024, 12, 30), date(2023, 12, 30)),
        (date(2021, 2, 28), date(2020, 2, 29)),
        (date(2021, 2, 27), date(2020, 2, 27)),
    ] {
        let before = date(until.year() - 1, 1, 1);
        let found = periods(&Division::Year, &[before, until]);
        let expected = Unfinished {
            until,
            same_part: Some(stretch(before, same)),
        };
        assert_eq!(found.all()[1].unfinished, Some(expected), "{until}");
        assert_eq!(found.all()[0].unfinished, None);
    }
}

#[test]
fn parts_of_quarters_and_months_end_with_their_months() {
    for (division, until, same) in [
        (Division::Quarter, date(2023, 5, 31), date(2023, 2, 28)),
        (Division::Quarter, date(2023, 5, 30), date(2023, 2, 28)),
        (Division::Quarter, date(2023, 5, 27), date(2023, 2, 27)),
        (Division::Quarter, date(2023, 4, 30), date(2023, 1, 31)),
        (Division::Month, date(2024, 3, 30), date(2024, 2, 29)),
        (Division::Month, date(2024, 3, 9), date(2024, 2, 9)),
    ] {
        let found = periods(&division, &[date(2022, 12, 1), until]);
        let unfinished = found.all().last().and_then(|last| last.unfinished);
        let part = unfinished.and_then(|unfinished| unfinished.same_part);
        assert_eq!(part.map(|part| part.last), Some(same), "{until}");
    }
}

#[test]
fn there_is_no_same_part_without_data_in_it() {
    let late = periods(&Division::Year, &[date(2023, 8, 4), date(2024, 3, 15)]);
    let unfinished = late.all()[1].unfinished.expect("it is unfinished");
    assert_eq!(unfinished.same_part, None);
    assert_eq!(late.all()[0].begins_late, Some(date(2023, 8, 4)));
    let only = periods(&Division::Year, &[date(2023, 8, 4)]);
    let unfinished = only.all()[0].unfinished.expect("it is unfinished");
    assert_eq!(unfinished.same_part, None);
}

#[test]
fn the_user_may_say_to_which_day_the_data_are_complete() {
    let days = [date(2022, 1, 5), date(2023, 12, 20)];
    let with = |as_of| {
        let wanted = Wanted {
            as_of: Some(as_of),
            ..Wanted::default()
        };
        Periods::new(&Division::Year, days, &wanted)
    };
    let complete = with(date(2024, 1, 5)).expect("they can be listed");
    assert_eq!(ids(&complete), ["2022", "2023"]);
    assert_eq!(complete.all()[1].unfinished, None);
    let earlier = with(date(2023, 6, 30)).expect("they can be listed");
    assert_eq!(ids(&earlier), ["2022"]);
    assert_eq!(earlier.place(Some(days[1])), Place::Outside);
    let error = with(date(2021, 1, 1)).expect_err("nothing is left");
    let text = error.to_string();
    assert!(text.contains("from 2022-01-05 to 2023-12-20"), "{text}");
}

#[test]
fn days_between_eras_are_outside_and_the_last_era_goes_on() {
    let days = [date(2012, 3, 3), date(2014, 12, 24), date(2024, 9, 20)];
    let found = periods(&three_eras(), &days);
    assert_eq!(ids(&found), ["before", "split", "after"]);
    assert_eq!(found.place(Some(days[1])), Place::Outside);
    assert_eq!(found.place(Some(days[2])), Place::In(2));
    assert_eq!(found.all()[2].days.last, days[2]);
    assert_eq!(found.all()[2].unfinished, None);
    assert_eq!(found.all()[0].begins_late, Some(days[0]));
    let early = periods(&three_eras(), &days[..2]);
    assert_eq!(ids(&early), ["before"]);
    assert!(Periods::new(&three_eras(), [days[1]], &Wanted::default()).is_err());
}

#[test]
fn a_part_is_never_longer_than_the_era_before() {
    let days = [date(2014, 5, 1), date(2020, 5, 1)];
    let found = periods(&three_eras(), &days);
    let unfinished = found.all()[1].unfinished.expect("it is unfinished");
    let before = found.all()[0].days;
    assert_eq!(unfinished.same_part, Some(before));
}

#[test]
fn a_wrong_date_makes_no_endless_list() {
    let days = [date(1, 1, 1), date(2014, 7, 1), date(9999, 12, 31)];
    for division in [Division::Year, Division::Quarter, Division::Month] {
        let error = Periods::new(&division, days, &Wanted::default());
        let text = error.expect_err("there are too many").to_string();
        assert!(text.contains("from 0001-01-01 to 9999-12-31"), "{text}");
        assert!(text.contains("--from and --to"), "{text}");
        let wanted = Wanted {
            from: Some("2014"),
            to: Some("2014"),
            as_of: None,
        };
        let found = Periods::new(&division, days, &wanted).expect("one is left");
        assert_eq!(found.all().len(), 1);
        assert_eq!(found.place(Some(days[2])), Place::Outside);
    }
    let most = [date(1970, 1, 1), date(2019, 12, 1)];
    assert_eq!(periods(&Division::Month, &most).all().len(), MOST_PERIODS);
}

#[test]
fn periods_are_asked_for_by_id() {
    let days: Vec<Date> = (2010..=2024).map(|year| date(year, 7, 7)).collect();
    let select = |division: &Division, from, to| {
        let wanted = Wanted {
            from: Some(from),
            to: Some(to),
            as_of: None,
        };
        Periods::new(division, days.iter().copied(), &wanted)
            .map(|found| (found.all()[0].id.clone(), found.all().len()))
    };
    let year = select(&Division::Year, "2014", "2023").expect("a range");
    assert_eq!(year, ("2014".to_owned(), 10));
    let quarter = select(&Division::Quarter, "2014", "2015-Q3").expect("a range");
    assert_eq!(quarter, ("2014-Q3".to_owned(), 5));
    let month = select(&Division::Month, "2014-q3", "2014-07").expect("a range");
    assert_eq!(month, ("2014-07".to_owned(), 1));
    let era = select(&three_eras(), "split", "after").expect("a range");
    assert_eq!(era, ("split".to_owned(), 2));
    for (division, from, to, part) in [
        (
            &Division::Year,
            "14",
            "2023",
            "no period \"14\"; write a year",
        ),
        (&Division::Year, "2014-07", "2023", "write a year"),
        (
            &Division::Year,
            "2023",
            "2014",
            "\"2023\" begins after \"2014\" ends",
        ),
        (
            &Division::Year,
            "2030",
            "2040",
            "from 2010-07-07 to 2024-07-07",
        ),
        (&Division::Quarter, "2014-Q5", "2015", "write a quarter"),
        (&Division::Quarter, "2014-Q0", "2015", "write a quarter"),
        (&Division::Month, "2014-13", "2015", "write a month"),
        (
            &three_eras(),
            "2014",
            "after",
            "the eras are \"before\", \"split\", \"after\"",
        ),
    ] {
        let error = select(division, from, to).expect_err("it is wrong");
        assert!(error.to_string().contains(part), "{error} has no {part:?}");
    }
}

#[test]
fn an_undated_corpus_has_no_periods() {
    let found = periods(&Division::Year, &[]);
    assert!(found.all().is_empty());
    assert_eq!(found.as_of(), None);
    assert_eq!(found.place(Some(date(2020, 1, 1))), Place::Outside);
}

proptest! {
    /// Every day of the data lies in exactly the period whose days hold it; periods follow each other without a day between.
    #[test]
    fn periods_cover_all_days(offsets in prop::collection::vec(0_i32..6000, 1..20), kind in 0..3) {
        let division = [Division::Year, Division::Quarter, Division::Month][kind as usize].clone();
        let days: Vec<Date> = offsets
            .iter()
            .map(|offset| date(2008, 2, 28).saturating_add(offset.days()))
            .collect();
        let found = periods(&division, &days);
        for day in &days {
            let Place::In(place) = found.place(Some(*day)) else {
                return Err(TestCaseError::fail("outside"));
            };
            prop_assert!(found.all()[place].days.contains(*day));
        }
        for pair in found.all().windows(2) {
            prop_assert_eq!(pair[0].days.last.tomorrow().ok(), Some(pair[1].days.first));
            prop_assert!(pair[0].id < pair[1].id);
            prop_assert_eq!(pair[0].unfinished, None);
        }
        let unfinished = found.all().last().and_then(|last| last.unfinished);
        let same_part = unfinished.and_then(|unfinished| unfinished.same_part);
        if let (Some(part), [.., before, _]) = (same_part, found.all()) {
            prop_assert_eq!(part.first, before.days.first);
            prop_assert!(before.days.contains(part.last));
        }
    }

    /// One day more is never less of the period before.
    #[test]
    fn a_longer_part_has_no_shorter_part_before(start in 0_i32..400, length in 1_i32..360) {
        let first = date(2020, 1, 1).saturating_add(start.days());
        let until = first.saturating_add(length.days());
        let before = stretch(first.saturating_sub(400.days()), first.saturating_sub(1.days()));
        let part = same_part(first, until, before).expect("a part");
        let shorter = same_part(first, until.saturating_sub(1.days()), before).expect("a part");
        prop_assert!(part.last >= shorter.last);
        prop_assert!((part.count() - i64::from(length) - 1).abs() <= 3);
    }
}

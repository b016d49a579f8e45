//! What is compared between periods, as users get it: what changed is certain, what did not is not, and where there is too
//! little there is no figure.

use jiff::civil::{Date, date};
use serde_json::Value;
use undertone::comparison::{
    Choice, Division, Judged, Lexicon, Observation, Observations, ObservedPost, Periods, Wanted,
    Whole, compare_all, days, discover,
};
use undertone::model::{Precision, Sentiment};
use undertone::output::{
    Compared, ComparisonFile, Header, Probability, SampleNote, Scoring, ThemeSetting, TidyRow,
    comparison_file, schema_of, tidy_rows, write_comparison_csv,
};

const WORKLOAD: usize = 0;
const PAY: usize = 1;

const TEXTS: [&str; 4] = [
    "Sixty cases each and nobody left to cover them when somebody is ill.",
    "They closed our office and sold the furniture before telling us about it.",
    "A manager who listens is worth more than any number of posters on the wall.",
    "When is the next meeting?",
];

/// A comment, by the place of its post, and all else that a comparison goes by.
struct Line {
    post: usize,
    id: String,
    author: &'static str,
    day: Date,
    text: String,
    sentiment: Sentiment,
    attitude: i64,
    themes: Vec<(usize, f64)>,
}

/// Posts and their comments.
#[derive(Default)]
struct Corpus {
    posts: Vec<ObservedPost>,
    lines: Vec<Line>,
}

impl Corpus {
    /// A year with a post on the first of each of so many months, eight comments each. `rise` of the eight have the planted
    /// theme, and one more every other month; one or two have the flat one.
    fn year(&mut self, year: i16, months: i8, rise: usize) {
        for month in 1..=months {
            let post = self.posts.len();
            self.posts.push(ObservedPost {
                id: format!("{year}-{month:02}"),
                title: Some(format!("Month {month} of {year}")),
                url: None,
                day: Some(date(year, month, 1)),
            });
            let with_pay = 1 + usize::from((i32::from(year) * i32::from(month)) % 4 >= 2);
            let with_workload = rise + usize::from(month % 2 == 0);
            for place in 0..8 {
                let mut themes = Vec::new();
                if place < with_workload {
                    themes.push((WORKLOAD, 0.9 - place as f64 / 100.0));
                }
                if place >= 8 - with_pay {
                    themes.push((PAY, 0.75));
                }
                let sentiment = Sentiment::ALL[(place + month as usize) % 3];
                let attitude = match sentiment {
                    Sentiment::Negative => -600_000,
                    Sentiment::Neutral => 50_000,
                    Sentiment::Positive => 400_000,
                };
                self.lines.push(Line {
                    post,
                    id: format!("c{place}"),
                    author: ["Ann", "Bob", "Anonymous", "Cid"][(place + month as usize) % 4],
                    // Half of them later in the month, so that no gap is longer than half a month.
                    day: date(year, month, if place % 2 == 0 { 1 } else { 16 }),
                    text: TEXTS[(place + month as usize) % TEXTS.len()].to_owned(),
                    sentiment,
                    attitude: attitude + 1_000 * i64::from(month),
                    themes,
                });
            }
        }
    }

    fn observations(&self) -> Observations<'_> {
        let comments = self.lines.iter().map(|line| Observation {
            post: line.post,
            id: &line.id,
            author: Some(line.author),
            day: Some(line.day),
            text: &line.text,
            quote: (line.text.split(' ').count() >= 8).then_some(line.text.as_str()),
            sentiment: line.sentiment,
            attitude: line.attitude,
            themes: line.themes.clone(),
            margin: if line.themes.is_empty() { -0.25 } else { 0.25 },
        });
        Observations {
            themes: vec!["workload".to_owned(), "pay".to_owned()],
            posts: self.posts.clone(),
            comments: comments.collect(),
        }
    }

    /// A sample of all comments, of which the model errs in every tenth about the planted theme.
    fn judged(&self) -> Vec<Judged> {
        let lines = self.lines.iter().enumerate();
        lines
            .map(|(comment, line)| {
                let has = |theme| line.themes.iter().any(|(place, _)| *place == theme);
                Judged {
                    comment,
                    weight: 1.0,
                    themes: vec![Some(has(WORKLOAD) != (comment % 10 == 9)), None],
                    sentiment: Some(line.sentiment),
                }
            })
            .collect()
    }
}

/// Four years of twelve posts: the planted theme rises from one comment of eight to five.
fn four_years() -> Corpus {
    let mut corpus = Corpus::default();
    for (year, rise) in [(2019, 1), (2020, 1), (2021, 4), (2022, 5)] {
        corpus.year(year, 12, rise);
    }
    corpus
}

fn theme(id: &str, trained: bool) -> ThemeSetting {
    ThemeSetting {
        id: id.to_owned(),
        title: format!("All about {id}"),
        description: "What belongs to it.".to_owned(),
        threshold: Probability::new(0.5),
        threshold_from: "model".to_owned(),
        trained,
        labels: 0,
    }
}

fn scoring() -> Scoring {
    Scoring {
        model: "test".to_owned(),
        model_sha256: "00".repeat(32),
        precision: Precision::F32,
        overlay_sha256: None,
        sentiment_model: None,
        sentiment_model_sha256: None,
        themes_sha256: "11".repeat(32),
        cleaning: undertone::cleaning::Rules::default(),
    }
}

fn file(corpus: &Corpus, as_of: Date, judged: Option<&[Judged]>) -> ComparisonFile {
    let observations = corpus.observations();
    let wanted = Wanted {
        as_of: Some(as_of),
        ..Wanted::default()
    };
    let periods = Periods::new(&Division::Year, days(&observations), &wanted);
    let periods = periods.expect("they can be listed");
    let words = Lexicon::new(&observations);
    let whole: Whole = compare_all(&observations, &periods, &words, judged);
    let choice = Choice::new(&observations, 1);
    // Of no comment there is a vector: nothing is found.
    let vectors = vec![None; choice.places.len()];
    let found = discover(
        &observations,
        &choice,
        &vectors,
        (periods.all().len(), &whole.period),
        |count, groups| words.of_periods(count, groups),
    )
    .expect("there is one answer for each comment");
    comparison_file(
        Header::new("comparison", &scoring()),
        &Compared {
            observations: &observations,
            periods: &periods,
            division: "year",
            whole: &whole,
            taxonomy: &[theme("workload", true), theme("pay", false)],
            sample: judged.map(|judged| SampleNote {
                file: "labelled.csv".to_owned(),
                rows: judged.len() as u64,
                used: judged.len() as u64,
            }),
            discovery: Some((&choice, &found)),
        },
    )
}

fn json(file: &ComparisonFile) -> Value {
    serde_json::to_value(file).expect("JSON")
}

fn compared(corpus: &Corpus, as_of: Date, judged: Option<&[Judged]>) -> Value {
    json(&file(corpus, as_of, judged))
}

/// The change of a kind to a period.
fn change<'v>(line: &'v Value, kind: &str, to: &str) -> &'v Value {
    let changes = line["changes"].as_array().expect("changes");
    changes
        .iter()
        .find(|change| change["kind"] == kind && change["to"] == to)
        .expect("there is such a change")
}

#[test]
fn what_changed_is_certain_and_what_did_not_is_not() {
    let found = compared(&four_years(), date(2022, 12, 31), None);
    let (rise, flat) = (&found["themes"]["workload"], &found["themes"]["pay"]);
    let whole = change(&rise["share"]["raw"], "whole_range", "2022");
    assert_eq!(whole["from"], "2019");
    assert_eq!(whole["certain"], true);
    // From one or two of eight comments to five or six.
    assert_eq!(whole["difference"], 0.5);
    assert!(whole["interval"][0].as_f64().expect("a number") > 0.25);
    assert_eq!(
        change(&rise["share"]["raw"], "adjacent", "2020")["certain"],
        false
    );
    assert_eq!(
        change(&rise["share"]["raw"], "adjacent", "2021")["certain"],
        true
    );
    for change in flat["share"]["raw"]["changes"].as_array().expect("changes") {
        assert_eq!(change["certain"], false, "{change}");
        // Adjusting makes no change more certain.
        assert!(change["p_adjusted"].as_f64() >= change["p"].as_f64());
    }
    let first = &rise["share"]["periods"][0]["raw"];
    assert_eq!((&first["count"], &first["of"]), (&18.into(), &96.into()));
    assert_eq!(first["share"], 0.1875);
    assert_eq!(found["sample"], Value::Null);
    assert_eq!(
        rise["share"]["corrected"]["uncorrected"]["code"],
        "no_sample"
    );
    assert_eq!(rise["share"]["periods"][0]["corrected"], Value::Null);
    assert_eq!(
        (&rise["trained"], &flat["trained"]),
        (&true.into(), &false.into())
    );
    // Four years are too few for a trend that is certain, and for the interval of a slope.
    assert_eq!(rise["share"]["raw"]["trend"]["certain"], false);
    assert_eq!(rise["share"]["raw"]["trend"]["slope"], Value::Null);
    // Shares of 2 themes and 3 sentiments, a mean of all and of each theme: 8 measures of 3 neighbouring changes, one over
    // the whole range and a trend; none is shown without its test.
    let most = 8 * 5 + found["together"].as_array().expect("pairs").len() as u64;
    let tests = found["tests"].as_u64().expect("a number");
    assert!((8..=most).contains(&tests), "{tests}");
}

#[test]
fn of_three_posts_there_is_no_figure() {
    let mut corpus = Corpus::default();
    corpus.year(2018, 3, 4);
    corpus.year(2019, 12, 1);
    let file = file(&corpus, date(2019, 12, 31), None);
    let found = json(&file);
    let thin = &found["themes"]["workload"]["share"]["periods"][0]["raw"];
    assert_eq!(thin["too_little"]["code"], "too_few_posts");
    assert_eq!(thin["too_little"]["found"], 3);
    assert_eq!(thin["too_little"]["needed"], 8);
    assert_eq!((&thin["of"], &thin["posts"]), (&24.into(), &3.into()));
    for figure in ["share", "count", "interval"] {
        assert_eq!(thin[figure], Value::Null, "{figure}");
    }
    let line = &found["themes"]["workload"]["share"]["raw"];
    assert_eq!(line["changes"], Value::Array(Vec::new()));
    assert_eq!(line["trend"]["no_trend"]["code"], "too_few_periods");
    assert_eq!(found["periods"][0]["comments"], 24);
    let rows = tidy_rows(&file);
    let thin = row(&rows, "workload", "2018");
    assert_eq!((thin.of, thin.posts), (24, 3));
    assert_eq!((thin.value, thin.low, thin.comments), (None, None, None));
    let note = thin.note.as_deref().expect("it says why");
    assert!(
        note.starts_with("too little: comments under 3 posts"),
        "{note}"
    );
}

#[test]
fn an_unfinished_year_is_compared_with_the_same_part_of_the_year_before() {
    let mut corpus = four_years();
    corpus.year(2023, 10, 5);
    let found = compared(&corpus, date(2023, 10, 31), None);
    let last = &found["periods"][4];
    assert_eq!(last["unfinished"]["until"], "2023-10-31");
    assert_eq!(last["unfinished"]["same_part"]["from"], "2022-01-01");
    assert_eq!(last["unfinished"]["same_part"]["to"], "2022-10-31");
    let share = &found["themes"]["workload"]["share"];
    assert_eq!(share["same_part"]["period"], "2022");
    assert_eq!(share["same_part"]["raw"]["of"], 80);
    let same_part = change(&share["raw"], "same_part", "2023");
    assert_eq!(same_part["from"], "2022");
    assert_eq!(same_part["certain"], false);
    let changes = share["raw"]["changes"].as_array().expect("changes");
    let to_last = changes.iter().filter(|change| change["to"] == "2023");
    assert_eq!(to_last.count(), 1);
    // The change over the whole range leaves it out.
    assert_eq!(change(&share["raw"], "whole_range", "2022")["from"], "2019");
}

#[test]
fn a_sample_corrects_shares_and_says_what_they_rest_on() {
    let corpus = four_years();
    let judged = corpus.judged();
    let as_of = date(2022, 12, 31);
    let made = file(&corpus, as_of, Some(&judged));
    let found = json(&made);
    assert_eq!(found["sample"]["rows"], 384);
    let share = &found["themes"]["workload"]["share"];
    let corrected = &share["periods"][3]["corrected"];
    // Of the year's comments, too few are without it for the year to speak for itself.
    assert_eq!(corrected["basis"], "whole_sample");
    let rows = corrected["rows"].as_object().expect("rows");
    let rows: u64 = rows.values().filter_map(Value::as_u64).sum();
    assert_eq!(rows, 384);
    let sensitivity = &share["corrected"]["sensitivity"];
    assert!(sensitivity["rate"].as_f64().expect("a number") > 0.7);
    assert_eq!(
        change(&share["corrected"], "whole_range", "2022")["certain"],
        true
    );
    // Nobody labelled the other theme.
    let pay = &found["themes"]["pay"]["share"]["corrected"]["uncorrected"];
    assert_eq!(pay["code"], "too_few_labelled_with");
    assert_eq!((&pay["found"], &pay["needed"]), (&0.into(), &5.into()));
    let rows = tidy_rows(&made);
    let of_pay = rows
        .iter()
        .filter(|row| row.theme == "pay" && row.basis.name() == "corrected");
    let notes: Vec<&str> = of_pay.filter_map(|row| row.note.as_deref()).collect();
    assert_eq!(notes.len(), 4);
    assert!(notes[0].starts_with("not corrected: no rows of the sample"));
    // More tests are adjusted together.
    let without = compared(&corpus, as_of, None);
    assert!(found["tests"].as_u64() > without["tests"].as_u64());
}

/// Every p value of a file with its adjusted one, wherever it stands.
fn collect_tests(value: &Value, found: &mut Vec<(f64, f64)>) {
    match value {
        Value::Object(fields) => {
            if let (Some(p), Some(adjusted)) = (fields.get("p"), fields.get("p_adjusted")) {
                let number = |value: &Value| value.as_f64().expect("a number");
                found.push((number(p), number(adjusted)));
            }
            for value in fields.values() {
                collect_tests(value, found);
            }
        }
        Value::Array(values) => {
            for value in values {
                collect_tests(value, found);
            }
        }
        _ => {}
    }
}

/// Changes and trends of shares and means, raw and corrected, and the shift of a pair: by the definition of Benjamini and
/// Hochberg (1995), over all that the file has.
#[test]
fn all_p_values_of_a_file_are_adjusted_together() {
    let mut corpus = Corpus::default();
    for (year, rise) in [(2019, 3), (2020, 3), (2021, 4), (2022, 5)] {
        corpus.year(year, 12, rise);
    }
    corpus.year(2023, 10, 5);
    // Two comments under every post, and a third under every other one, have both themes.
    for (place, line) in corpus.lines.iter_mut().enumerate() {
        if place % 8 < 2 + place / 8 % 2 {
            line.themes.push((PAY, 0.7));
        }
    }
    let judged = corpus.judged();
    let file = compared(&corpus, date(2023, 10, 31), Some(&judged));
    let share = &file["themes"]["workload"]["share"];
    for one in [
        &share["raw"]["changes"][0],
        &share["raw"]["trend"],
        &share["corrected"]["changes"][0],
        &share["corrected"]["trend"],
        &file["sentiment"]["mean"]["raw"]["changes"][0],
        &file["sentiment"]["mean"]["raw"]["trend"],
        &file["together"][0]["shift"],
        change(&share["raw"], "same_part", "2023"),
        change(&share["raw"], "whole_range", "2022"),
    ] {
        assert!(one["p_adjusted"].is_number(), "{one}");
    }
    let mut found = Vec::new();
    collect_tests(&file, &mut found);
    assert_eq!(Some(found.len() as u64), file["tests"].as_u64());
    let tests = found.len() as f64;
    for (p, adjusted) in &found {
        let from_p_on = found.iter().filter(|(other, _)| other >= p);
        let expected = from_p_on
            .map(|(other, _)| {
                let rank = found.iter().filter(|(one, _)| one <= other).count();
                other * tests / rank as f64
            })
            .fold(1.0, f64::min);
        // What six decimals leave out counts as often as there are tests at most, and rounding can exchange neighbours.
        assert!(
            (expected - adjusted).abs() < 2e-6 * tests,
            "{p}: {adjusted}, not {expected}"
        );
    }
    assert!(found.iter().any(|(p, adjusted)| *adjusted > p + 0.01));
}

/// In 2021 there are 26 negative comments of -0.6, 27 neutral ones of 0.05, 27 positive ones of 0.4, and a thousandth more for
/// each month, which is 0.44: -3.01 over 80. In 2022 every other post has comments from -0.3 to 0.4, a tenth apart, the others
/// a tenth more: 0.05 and 0.15. The planted theme is in the first five of the ones, -0.5 together, and in the first six of
/// the others, 0.3 together: of five posts each -1.0 over 55.
#[test]
fn a_mean_sentiment_is_that_of_the_comments_it_is_about() {
    let mut corpus = Corpus::default();
    corpus.year(2021, 10, 5);
    corpus.year(2022, 10, 5);
    let lines = corpus.lines.iter_mut();
    let of_2022 = lines.filter(|line| line.day.year() == 2022);
    for (place, line) in of_2022.enumerate() {
        line.attitude = 100_000 * (place % 8 + place / 8 % 2) as i64 - 300_000;
    }
    let found = compared(&corpus, date(2022, 12, 31), None);
    let raw = |course: &Value, place: usize| course["periods"][place]["raw"].clone();
    let of_all = &found["sentiment"]["mean"];
    let of_theme = &found["themes"]["workload"]["mean_sentiment"];
    for (figure, mean, of) in [
        (raw(of_all, 0), -0.0376, 80),
        (raw(of_all, 1), 0.1, 80),
        (raw(of_theme, 1), -0.0182, 55),
    ] {
        assert_eq!(figure["mean"].as_f64(), Some(mean));
        assert_eq!(figure["of"].as_u64(), Some(of));
    }
}

fn row<'r>(rows: &'r [TidyRow], theme: &str, period: &str) -> &'r TidyRow {
    rows.iter()
        .find(|row| row.theme == theme && row.period == period)
        .expect("there is such a row")
}

/// Both tables say what the JSON says.
#[test]
fn the_rows_have_the_figures_of_the_file() {
    let made = file(&four_years(), date(2022, 12, 31), None);
    let (found, rows) = (json(&made), tidy_rows(&made));
    // Two themes with a share and a mean each, three sentiments and a mean, four years.
    assert_eq!(rows.len(), (2 * 2 + 3 + 1) * 4);
    let share = &found["themes"]["workload"]["share"]["periods"][3]["raw"];
    let of_share = row(&rows, "workload", "2022");
    assert_eq!(of_share.value, share["share"].as_f64());
    assert_eq!(of_share.low, share["interval"][0].as_f64());
    assert_eq!(of_share.naive_high, share["naive_interval"][1].as_f64());
    assert_eq!(of_share.comments, share["count"].as_i64());
    assert_eq!(of_share.measure.name(), "share");
    let mean = &found["sentiment"]["mean"]["periods"][0]["raw"];
    let of_mean = row(&rows, "sentiment:all", "2019");
    assert_eq!(of_mean.value, mean["mean"].as_f64());
    assert_eq!(of_mean.measure.name(), "mean_sentiment");
    assert_eq!(of_mean.of, 96);
    let negative = &found["sentiment"]["shares"]["negative"]["periods"][0]["raw"];
    assert_eq!(
        row(&rows, "sentiment:negative", "2019").value,
        negative["share"].as_f64()
    );
    let mut csv = Vec::new();
    write_comparison_csv(&mut csv, &rows).expect("memory can be written");
    assert_eq!(csv.iter().filter(|byte| **byte == b'\n').count(), 33);
}

#[test]
fn quotes_say_where_they_stand() {
    let found = compared(&four_years(), date(2022, 12, 31), None);
    let years = found["themes"]["workload"]["quotes"]
        .as_array()
        .expect("by year");
    assert_eq!(years.len(), 4);
    for year in years {
        let quotes = year["quotes"].as_array().expect("quotes");
        assert!(!quotes.is_empty());
        for quote in quotes {
            let post = quote["post"].as_str().expect("a post");
            assert!(post.starts_with(year["period"].as_str().expect("a year")));
            assert!(quote["title"].is_string() && quote["comment"].is_string());
            assert!(quote["quote"].as_str().expect("words").split(' ').count() >= 8);
            assert!(quote["probability"].as_f64() > Some(0.5));
        }
    }
}

#[test]
fn what_was_looked_at_for_new_themes_is_said() {
    let found = compared(&four_years(), date(2022, 12, 31), None);
    let looked = &found["discovered"];
    assert_eq!(looked["clusters"], Value::Array(Vec::new()));
    assert_eq!(looked["share_looked_at"], 1.0);
    assert_eq!(looked["share_unclustered"], 1.0);
    assert_eq!(looked["without_vector"], looked["looked_at"]);
    let by_period = looked["by_period"].as_array().expect("by year");
    let counted = by_period.iter().filter_map(|of| of["comments"].as_u64());
    assert_eq!(Some(counted.sum::<u64>()), looked["looked_at"].as_u64());
}

/// The same bytes at any time and on any number of threads.
#[test]
fn the_same_comments_give_the_same_bytes() {
    let corpus = four_years();
    let judged = corpus.judged();
    let written = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("threads");
        pool.install(|| {
            let file = file(&corpus, date(2022, 12, 31), Some(&judged));
            serde_json::to_vec_pretty(&file).expect("JSON")
        })
    };
    let once = written(1);
    assert!(written(1) == once);
    assert!(written(2) == once);
}

/// Every figure with its interval, wherever it stands.
fn check_intervals(value: &Value, path: &str) {
    match value {
        Value::Object(fields) => {
            let names = [
                "share",
                "mean",
                "difference",
                "slope",
                "lift",
                "ratio",
                "rate",
            ];
            for name in names {
                let is_figure = fields.get(name).is_some_and(Value::is_number);
                // Of a cause that is told in words the share is part of the words.
                if is_figure && !fields.contains_key("code") {
                    assert!(fields["interval"].is_array(), "{path}/{name}");
                }
            }
            for (name, value) in fields {
                check_intervals(value, &format!("{path}/{name}"));
            }
        }
        Value::Array(values) => {
            for (place, value) in values.iter().enumerate() {
                check_intervals(value, &format!("{path}/{place}"));
            }
        }
        _ => {}
    }
}

#[test]
fn the_file_fits_its_schema_and_no_figure_stands_alone() {
    let schema = schema_of("comparison").expect("it is known");
    let schema = serde_json::to_value(schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let mut thin = Corpus::default();
    thin.year(2018, 3, 4);
    let mut unfinished = four_years();
    unfinished.year(2023, 10, 5);
    let judged = unfinished.judged();
    let files = [
        compared(&Corpus::default(), date(2022, 12, 31), None),
        compared(&thin, date(2018, 12, 31), None),
        compared(&four_years(), date(2022, 12, 31), None),
        compared(&unfinished, date(2023, 10, 31), Some(&judged)),
    ];
    for (place, file) in files.iter().enumerate() {
        let problems = validator.iter_errors(file).map(|error| error.to_string());
        let problems: Vec<String> = problems.collect();
        assert!(problems.is_empty(), "{place}: {problems:?}");
        for part in ["themes", "sentiment", "together"] {
            check_intervals(&file[part], part);
        }
    }
    assert_eq!(files[0]["range"], Value::Null);
    assert_eq!(files[0]["schema"], "undertone.comparison");
    // The checks can fail.
    let mut bare = files[2].clone();
    let figure = &mut bare["themes"]["pay"]["share"]["periods"][0]["raw"];
    figure.as_object_mut().expect("a figure").remove("interval");
    assert!(!validator.is_valid(&bare));
}

/// Every number of the smallest corpus that has figures at all, and what the file says about how they were made.
#[test]
fn a_comparison_looks_like_this() {
    let mut corpus = Corpus::default();
    corpus.year(2021, 8, 1);
    corpus.year(2022, 8, 5);
    let found = file(&corpus, date(2022, 12, 31), None);
    insta::assert_snapshot!(serde_json::to_string_pretty(&found).expect("JSON"));
}

//! Night after night: what is done when nothing, something, or too much has happened.

mod common;
#[path = "common/sets.rs"]
mod sets;

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{corpus, run_with_input, stderr, undertone};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::{Value, json};
use sets::{
    files, json, latest, page, record, run, run_command, set_without, sets, with_little_space,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use undertone::store::Store;

/// Files that tell the difference from the set before, and the one that speaks of the run.
const OF_THE_NIGHT: [&str; 3] = ["run.json", "changes.json", "digest.txt"];

const MONDAY: [&str; 3] = [
    "Sixty cases each and still they ask for more. I have never been so tired of it.",
    "The union should have balloted its members long before the spring of last year.",
    "My manager was kind about it, to be fair to her. Thank you, you know who you are.",
];

const TUESDAY: [&str; 2] = [
    "The new computer system loses half of what we write into it in the afternoon.",
    "I left after twenty years, and nobody at headquarters asked me for a reason.",
];

fn monday(comments: &[&str]) -> String {
    page("Monday, 4 March 2019", "Monday again", comments)
}

fn tuesday(comments: &[&str]) -> String {
    page("Tuesday, 5 March 2019", "Tuesday", comments)
}

fn two_pages() -> TempDir {
    corpus(&[
        ("monday.txt", monday(&MONDAY).as_bytes()),
        ("tuesday.txt", tuesday(&TUESDAY).as_bytes()),
    ])
}

/// Runs, and expects an exit code.
fn night(code: i32, corpus: &Path, out: &Path, more: &[&str]) -> String {
    let output = run(corpus, out, more);
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    stderr(&output)
}

#[test]
fn a_night_without_news_writes_no_set() {
    let (pages, out) = (two_pages(), TempDir::new().expect("a temporary folder"));
    let (corpus, out) = (pages.path(), out.path());
    night(0, corpus, out, &[]);
    let before = files(&out.join("runs"));
    let set = latest(out);
    // What bears on no file is no news.
    for more in [&[][..], &["--threads", "1", "--keep", "3"]] {
        let told = night(0, corpus, out, more);
        let expected = format!("nothing has changed since {set}: no new set");
        assert!(told.contains(&expected), "{told}");
        assert!(!told.contains("scoring"), "{told}");
    }
    assert_eq!(night(0, corpus, out, &["--quiet"]), "");
    assert_eq!(files(&out.join("runs")), before);
    assert_eq!(latest(out), set);

    // A new set can be had all the same, and nothing is scored for it.
    night(0, corpus, out, &["--anew"]);
    assert_eq!(sets(out).len(), 2);
    assert_ne!(latest(out), set);
    let texts = &record(out)["texts"];
    assert_eq!((&texts["encoded"], &texts["known"]), (&json!(0), &json!(7)));
    let mut first = before;
    first.retain(|name, _| !OF_THE_NIGHT.iter().any(|one| name.ends_with(one)));
    let names = first.into_iter().map(|(name, bytes)| {
        let within = name.strip_prefix(&set).expect("the only set").to_owned();
        (within, bytes)
    });
    assert_eq!(set_without(out, &OF_THE_NIGHT), names.collect());

    // Sets that are too many go on such a night as on any other.
    let told = night(0, corpus, out, &["--keep", "1"]);
    assert!(told.contains("nothing has changed"), "{told}");
    assert_eq!(sets(out), [latest(out)]);
}

#[test]
fn whatever_bears_on_the_figures_makes_a_new_set() {
    let (pages, out) = (two_pages(), TempDir::new().expect("a temporary folder"));
    let (corpus, out) = (pages.path(), out.path());
    let write = |name: &str, text: &str| fs::write(corpus.join(name), text).expect("writable");
    let themes = TempDir::new().expect("a temporary folder");
    let file = themes.path().join("themes.toml");
    let few = fs::read_to_string(common::repository("themes.toml")).expect("readable");
    fs::write(&file, few).expect("writable");
    let themes = file.display().to_string();
    let options = ["--themes", themes.as_str()];
    night(0, corpus, out, &options);

    let mut expected = 1;
    let mut news = |more: &[&str], encoded: u64, what: &str| {
        expected += 1;
        let all = [&options[..], more].concat();
        night(0, corpus, out, &all);
        assert_eq!(sets(out).len(), expected, "{what}");
        assert_eq!(record(out)["texts"]["encoded"], encoded, "{what}");
        // The next night with the same settings has none.
        let told = night(0, corpus, out, &all);
        assert!(told.contains("nothing has changed"), "{what}: {told}");
        assert_eq!(sets(out).len(), expected, "{what}");
    };
    write(
        "monday.txt",
        &monday(&[
            MONDAY[0],
            MONDAY[1],
            "Somebody has written something else here since then.",
        ]),
    );
    news(&[], 1, "an edited comment");
    write("tuesday.txt", &tuesday(&TUESDAY[..1]));
    news(&[], 0, "a removed comment");
    write(
        "wednesday.txt",
        &page(
            "Wednesday, 6 March 2019",
            "Wednesday",
            &["A page that was not there on the night before this one."],
        ),
    );
    news(&[], 2, "a new page");
    fs::remove_file(corpus.join("wednesday.txt")).expect("writable");
    news(&[], 0, "a removed page");
    write(
        "posts.csv",
        "file,title,published,url\nmonday.txt,,,https://example.org/monday\n",
    );
    news(&[], 0, "a new table");
    let described = fs::read_to_string(&file).expect("readable");
    let changed = described.replacen("title = \"Workload\"", "title = \"Work\"", 1);
    assert_ne!(changed, described);
    fs::write(&file, changed).expect("writable");
    news(&[], 0, "a changed theme");
    news(&["--redact", "all"], 0, "redaction");
    news(&["--without", "links"], 0, "cleaning");
}

#[test]
fn a_set_that_is_not_whole_is_made_anew() {
    let (pages, out) = (two_pages(), TempDir::new().expect("a temporary folder"));
    let (corpus, out) = (pages.path(), out.path());
    night(0, corpus, out, &["--quiet"]);
    let whole = set_without(out, &OF_THE_NIGHT);
    let damages: [fn(&Path); 4] = [
        |set| {
            let file = set.join("summary.json");
            let mut bytes = fs::read(&file).expect("readable");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(file, bytes).expect("writable");
        },
        |set| fs::remove_file(set.join("years/2019.json")).expect("writable"),
        |set| fs::write(set.join("comments.jsonl"), "").expect("writable"),
        |set| fs::write(set.join("run.json"), "{\"outputs\": {").expect("writable"),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        damage(&out.join("latest"));
        let told = night(0, corpus, out, &["--quiet"]);
        // Without its lines or its record there is nothing to compare with, which is said.
        let can_tell = number < 2;
        assert_eq!(told.is_empty(), can_tell, "damage {number}: {told}");
        let since = &json(&out.join("latest/changes.json"))["since"];
        assert_eq!(since.is_null(), !can_tell, "damage {number}");
        assert_eq!(sets(out).len(), number + 2);
        assert_eq!(set_without(out, &OF_THE_NIGHT), whole, "damage {number}");
    }
}

#[test]
fn what_is_skipped_is_named_every_night() {
    let (pages, out) = (two_pages(), TempDir::new().expect("a temporary folder"));
    fs::write(pages.path().join("empty.txt"), "").expect("writable");
    for number in 0..3 {
        let told = night(1, pages.path(), out.path(), &["--quiet"]);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 1, "night {number}: {told}");
        assert!(lines[0].contains("empty.txt: "), "{told}");
        assert!(lines[0].contains("no text"), "{told}");
        assert_eq!(sets(out.path()).len(), 1);
    }
}

#[test]
fn results_within_the_corpus_are_no_news() {
    let pages = two_pages();
    let out = pages.path().join("results");
    for _ in 0..3 {
        night(0, pages.path(), &out, &["--quiet"]);
        assert_eq!(sets(&out).len(), 1);
    }
    assert_eq!(json(&out.join("latest/summary.json"))["posts"], 2);
}

/// The only theme, which a comment has from `threshold` on.
fn workload(folder: &Path, threshold: &str) -> String {
    let file = folder.join("themes.toml");
    let theme = format!(
        "[[theme]]\nid = \"workload\"\ntitle = \"Workload\"\ndescription = \"Caseloads and hours.\"\nthreshold = {threshold}\n"
    );
    fs::write(&file, theme).expect("writable");
    file.display().to_string()
}

#[test]
fn news_about_comments_and_news_about_judgements_are_told_apart() {
    let (pages, out) = (two_pages(), TempDir::new().expect("a temporary folder"));
    let (corpus, out) = (pages.path(), out.path());
    let folder = TempDir::new().expect("a temporary folder");
    let output = run_with_input(undertone().args(["schema", "changes"]), b"");
    let schema: Value = serde_json::from_slice(&output.stdout).expect("a JSON schema");
    let schema = jsonschema::validator_for(&schema).expect("a valid schema");
    let told = || {
        let changes = json(&out.join("latest/changes.json"));
        let problems: Vec<String> = schema
            .iter_errors(&changes)
            .map(|e| e.to_string())
            .collect();
        assert!(problems.is_empty(), "{problems:?}");
        let digest = fs::read_to_string(out.join("latest/digest.txt")).expect("readable");
        (changes, digest)
    };
    let comments = |added: u64, removed: u64, edited: u64, rejudged: u64, unchanged: u64| json!({"added": added, "removed": removed, "edited": edited, "rejudged": rejudged, "unchanged": unchanged});

    // No comment reaches this threshold.
    let themes = workload(folder.path(), "0.999999999");
    night(0, corpus, out, &["--quiet", "--themes", &themes]);
    let (changes, digest) = told();
    assert_eq!(changes["since"], Value::Null);
    assert_eq!(changes["comments"], comments(5, 0, 0, 0, 0));
    assert_eq!(changes["movements"], json!([]));
    assert_eq!(digest, "No earlier set to compare with: 5 comments.\n");

    // One comment came, one was edited, one went, and there is a page more.
    let first = latest(out);
    let came = "Nobody has told us yet who is going to pay for the repairs of the roof.";
    let edited = "My manager was kind about it, to be fair to her, and then she left as well.";
    let text = monday(&[MONDAY[0], MONDAY[1], edited, came]);
    fs::write(corpus.join("monday.txt"), text).expect("writable");
    fs::write(corpus.join("tuesday.txt"), tuesday(&TUESDAY[1..])).expect("writable");
    let text = page(
        "Wednesday, 6 March 2019",
        "Wednesday",
        &["The court was closed on the day, and all of the reports were late again."],
    );
    fs::write(corpus.join("wednesday.txt"), text).expect("writable");
    night(0, corpus, out, &["--quiet", "--themes", &themes]);
    let (changes, digest) = told();
    assert_eq!(changes["since"], first.as_str());
    assert_eq!(changes["causes"], json!([]));
    assert_eq!(changes["comments"], comments(2, 1, 1, 0, 3));
    let post = |post: &str, title: &str, is_new: bool, counts: [u64; 3]| json!({"post": post, "title": title, "is_new": is_new, "added": counts[0], "removed": counts[1], "edited": counts[2]});
    let posts = json!([
        post("monday", "Monday again", false, [1, 0, 1]),
        post("tuesday", "Tuesday", false, [0, 1, 0]),
        post("wednesday", "Wednesday", true, [1, 0, 0]),
    ]);
    assert_eq!(changes["posts"], posts);
    assert_eq!(changes["new_by_theme"], json!({}));
    let movements = changes["movements"].as_array().expect("a list");
    let of = |what: &str| movements.iter().find(|movement| movement["what"] == what);
    let expected = json!({"year": 2019, "what": "comments", "before": 5, "by_comments": 1, "by_judgement": 0, "after": 6});
    assert_eq!(of("comments"), Some(&expected));
    assert!(
        movements
            .iter()
            .all(|movement| movement["by_judgement"] == 0)
    );
    // How the new ones sound is for the model to say.
    let lines = fs::read_to_string(out.join("latest/comments.jsonl")).expect("readable");
    let sounds = |id: &str| {
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"));
        let line = lines.into_iter().find(|line: &Value| line["id"] == id);
        let line = line.expect("the comment");
        line["sentiment"]["label"]
            .as_str()
            .expect("a label")
            .to_owned()
    };
    let mut sentiments = [sounds("monday#4"), sounds("wednesday#1")];
    sentiments.sort();
    let [one, other] = sentiments;
    let new = if one == other {
        format!("{one} 2")
    } else {
        format!("{one} 1, {other} 1")
    };
    let expected = format!(
        "Since {first}\n\nComments: 2 new, 1 edited, 1 gone.\nThe new ones: {new}.\n\nPosts:\n  Monday again: 1 new, 1 edited\n  Tuesday: 1 gone\n  Wednesday (a new post): 1 new\n\nModel, themes and settings are what they were: every other figure stands.\n"
    );
    assert_eq!(digest, expected);

    // Now every comment reaches it.
    let second = latest(out);
    let before = record(out)["scoring"]["themes_sha256"].clone();
    let themes = workload(folder.path(), "0.000000001");
    night(0, corpus, out, &["--quiet", "--themes", &themes]);
    let (changes, digest) = told();
    let after = record(out)["scoring"]["themes_sha256"].clone();
    let short = |hash: &Value| hash.as_str().expect("a hash")[..8].to_owned();
    let (before, after) = (short(&before), short(&after));
    let causes = json!([{"what": "themes", "before": before, "after": after}]);
    assert_eq!(changes["causes"], causes);
    assert_eq!(changes["comments"], comments(0, 0, 0, 6, 0));
    assert_eq!(changes["posts"], json!([]));
    let moved = json!([{"year": 2019, "what": "workload", "before": 0, "by_comments": 0, "by_judgement": 6, "after": 6}]);
    assert_eq!(changes["movements"], moved);
    let expected = format!(
        "Since {second}\n\nNo comment is new, edited or gone.\n\nChanged: themes ({before} before, {after} now).\n6 of the 6 comments that stayed what they were are judged otherwise. That is no news about what people write: do not compare figures of before with figures of now.\n"
    );
    assert_eq!(digest, expected);
}

#[test]
fn another_redaction_is_named_beside_the_comments_that_look_edited_for_it() {
    let told = "Ring me on 07700 900123 if you want to know how the ballot went in our office.";
    let pages = corpus(&[("monday.txt", monday(&[MONDAY[0], told]).as_bytes())]);
    let out = TempDir::new().expect("a temporary folder");
    night(0, pages.path(), out.path(), &["--quiet"]);
    night(0, pages.path(), out.path(), &["--quiet", "--redact", "all"]);
    let changes = json(&out.path().join("latest/changes.json"));
    let causes = json!([{"what": "redaction", "before": "quotes", "after": "all"}]);
    assert_eq!(changes["causes"], causes);
    assert_eq!(changes["comments"]["edited"], 1);
    let digest = fs::read_to_string(out.path().join("latest/digest.txt")).expect("readable");
    let expected = "Texts are redacted otherwise: comments can look edited for that alone.";
    assert!(digest.contains(expected), "{digest}");
}

/// The two states that the corpus of the next test is in by turns: a page changes, one comes and goes.
fn state(corpus: &Path, number: usize) {
    let topics = [
        "caseloads",
        "pay",
        "the union",
        "courts",
        "managers",
        "training",
        "computers",
        "prisons",
    ];
    let feelings = [
        "worries me",
        "makes me angry",
        "is better than it was",
        "bores everybody",
    ];
    let comments = |page: usize, edition: usize| -> Vec<String> {
        let one = |place: usize| {
            let topic = topics[(page + place) % topics.len()];
            let feeling = feelings[(page + place + edition) % feelings.len()];
            format!("What I read on page {page} about {topic} {feeling}, says number {place}.")
        };
        (0..8).map(one).collect()
    };
    let write = |name: &str, page_number: usize, edition: usize| {
        let all = comments(page_number, edition);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let text = page("Monday, 4 March 2019", &format!("Page {page_number}"), &all);
        fs::write(corpus.join(name), text).expect("writable");
    };
    write("first.txt", 1, 0);
    write("second.txt", 2, number % 2);
    if number.is_multiple_of(2) {
        write("third.txt", 3, 0);
    } else {
        let _ = fs::remove_file(corpus.join("third.txt"));
    }
}

/// Whether every file of the latest set is as its record says; true if there is no set yet.
fn latest_is_whole(out: &Path) -> bool {
    let set = out.join("latest");
    if !set.is_symlink() {
        return true;
    }
    let record = json(&set.join("run.json"));
    let outputs = record["outputs"].as_object().expect("hashes");
    let whole = |(name, hash): (&String, &Value)| {
        let bytes = fs::read(set.join(name)).expect("the file is there");
        let found: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        *hash == found
    };
    outputs.len() + 1 == files(&set).len() && outputs.iter().all(whole)
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_nothing_that_the_next_one_trips_over() {
    const KILLS: usize = 100;
    let (pages, out) = (corpus(&[]), TempDir::new().expect("a temporary folder"));
    let (corpus, out) = (pages.path(), out.path());
    let mut longest = Duration::ZERO;
    let undisturbed = [0, 1].map(|number| {
        state(corpus, number);
        let fresh = TempDir::new().expect("a temporary folder");
        let began = Instant::now();
        night(0, corpus, fresh.path(), &["--quiet"]);
        longest = longest.max(began.elapsed());
        set_without(fresh.path(), &OF_THE_NIGHT)
    });
    assert_ne!(undisturbed[0], undisturbed[1]);

    let mut random = ChaCha8Rng::seed_from_u64(6);
    // Moments are drawn from the time that a run takes; the more is kept already, the less that is.
    let mut span = longest;
    let mut killed = 0;
    for number in 0.. {
        if killed == KILLS {
            break;
        }
        assert!(
            number < 5 * KILLS,
            "only {killed} runs lasted until they were killed"
        );
        state(corpus, number);
        let mut command = run_command(corpus, out);
        let began = Instant::now();
        let mut child = command
            .arg("--quiet")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let delay = span.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX));
        let mut has_ended = false;
        while !has_ended && began.elapsed() < delay {
            std::thread::sleep(Duration::from_millis(1));
            has_ended = child.try_wait().expect("it can be asked").is_some();
        }
        child.kill().expect("it can be killed");
        let status = child.wait().expect("it ends");
        if status.signal() == Some(9) {
            killed += 1;
            println!("kill {killed} after {} ms: {status}", delay.as_millis());
        } else {
            assert!(status.success(), "after kill {killed}: {status}");
            span = began.elapsed();
        }
        assert!(latest_is_whole(out), "after kill {killed}");
        // An odd number, so that both states are looked at.
        if number % 9 != 8 {
            continue;
        }
        // A folder with the same latest set and nothing else: what is told of the difference must be the same.
        let beside = TempDir::new().expect("a temporary folder");
        if out.join("latest").is_symlink() {
            let set = Path::new("runs").join(latest(out));
            for (name, bytes) in files(&out.join(&set)) {
                let place = beside.path().join(&set).join(name);
                fs::create_dir_all(place.parent().expect("a folder")).expect("writable");
                fs::write(place, bytes).expect("writable");
            }
            symlink(&set, beside.path().join("latest")).expect("writable");
        }
        for folder in [out, beside.path()] {
            assert_eq!(night(0, corpus, folder, &["--quiet"]), "");
            assert_eq!(set_without(folder, &OF_THE_NIGHT), undisturbed[number % 2]);
        }
        assert_eq!(
            set_without(out, &["run.json"]),
            set_without(beside.path(), &["run.json"])
        );
        let store = out.join("store.sqlite");
        let checked = Store::open(&store)
            .verify()
            .expect("a store that can be used");
        assert_eq!((checked.damaged, checked.problems.len()), (0, 0));
        // The next ones are killed while they encode and keep, too.
        fs::remove_file(store).expect("it is there");
        span = longest;
    }
    night(0, corpus, out, &["--quiet", "--anew"]);
    let hidden = fs::read_dir(out.join("runs"))
        .expect("readable")
        .filter(|entry| {
            let name = entry.as_ref().expect("readable").file_name();
            name.as_encoded_bytes().starts_with(b".")
        });
    assert_eq!(hidden.count(), 0, "what killed runs left behind is removed");
}

#[test]
fn a_full_disk_leaves_the_old_set_in_force() {
    let (pages, out) = (two_pages(), TempDir::new().expect("a temporary folder"));
    let (corpus, out) = (pages.path(), out.path());
    night(0, corpus, out, &["--quiet"]);
    let before = files(&out.join("runs"));
    let set = latest(out);
    fs::write(corpus.join("tuesday.txt"), tuesday(&TUESDAY[..1])).expect("writable");
    let command = run_command(corpus, out);
    let output = run_with_input(&mut with_little_space(&command, 2048), b"");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("free some space"),
        "{}",
        stderr(&output)
    );
    assert_eq!(files(&out.join("runs")), before);
    assert_eq!(latest(out), set);

    night(0, corpus, out, &["--quiet"]);
    let fresh = TempDir::new().expect("a temporary folder");
    night(0, corpus, fresh.path(), &["--quiet"]);
    let expected = set_without(fresh.path(), &OF_THE_NIGHT);
    assert_eq!(set_without(out, &OF_THE_NIGHT), expected);
    let changes = json(&out.join("latest/changes.json"));
    assert_eq!(
        (&changes["since"], &changes["comments"]["removed"]),
        (&json!(set), &json!(1))
    );
}

#[test]
fn a_clock_that_jumps_back_hides_no_set_and_loses_none_too_many() {
    let (pages, out) = (two_pages(), TempDir::new().expect("a temporary folder"));
    let (corpus, out) = (pages.path(), out.path());
    night(0, corpus, out, &["--quiet"]);
    // The set of a clock that was fast.
    let later = "2099-01-01T00-00-00Z";
    fs::rename(
        out.join("runs").join(latest(out)),
        out.join("runs").join(later),
    )
    .expect("writable");
    fs::remove_file(out.join("latest")).expect("writable");
    symlink(Path::new("runs").join(later), out.join("latest")).expect("writable");
    let told = night(0, corpus, out, &["--keep", "2"]);
    assert!(
        told.contains(&format!("nothing has changed since {later}")),
        "{told}"
    );

    for number in 1..4 {
        let last = format!("What is said on night {number} was not said on any night before.");
        let text = tuesday(&[TUESDAY[0], TUESDAY[1], last.as_str()]);
        fs::write(corpus.join("tuesday.txt"), text).expect("writable");
        let before = latest(out);
        night(0, corpus, out, &["--quiet", "--keep", "2"]);
        let now = latest(out);
        assert_ne!(now, before);
        assert_eq!(
            json(&out.join("latest/changes.json"))["since"],
            before.as_str()
        );
        let comments = fs::read_to_string(out.join("latest/comments.jsonl")).expect("readable");
        assert!(comments.contains(&last));
        let left = sets(out);
        assert!(left.contains(&now) && left.iter().any(|set| set == later));
        assert!(left.len() <= 3, "{left:?}");
    }
}

#[test]
fn of_two_runs_at_once_the_second_says_who_is_at_work_and_a_dead_one_is_not() {
    let (pages, out) = (two_pages(), TempDir::new().expect("a temporary folder"));
    let (corpus, out) = (pages.path(), out.path());
    let mut first = run_command(corpus, out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let pid = first.id().to_string();
    let lock = out.join(".lock");
    let began = Instant::now();
    while fs::metadata(&lock).map_or(0, |lock| lock.len()) == 0 {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "it never signed its lock"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    let stopped = Command::new("kill").args(["-STOP", &pid]).status();
    assert!(stopped.expect("there is such a program").success());

    let told = night(3, corpus, out, &[]);
    let holder = format!("undertone, process {pid} on ");
    assert!(told.contains(&holder), "{told}");
    assert!(
        told.contains(", since 20") && told.contains(" UTC is at work here"),
        "{told}"
    );
    assert!(!out.join("latest").exists());

    // What is written in the lock of a dead one is no lock.
    first.kill().expect("it can be killed");
    first.wait().expect("it ends");
    assert!(fs::read_to_string(&lock).expect("readable").contains(&pid));
    night(0, corpus, out, &["--quiet"]);
    assert_eq!(sets(out).len(), 1);
    assert!(latest_is_whole(out));
}

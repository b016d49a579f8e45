use proptest::prelude::*;

use super::{Normal, is_plain, normalise};
use crate::cleaning::span::Kind;

fn text(original: &str) -> String {
    normalise(original).text
}

/// What was found, as kinds with the words of the original.
fn found(original: &str) -> Vec<(Kind, &str)> {
    let findings = normalise(original).findings;
    findings
        .into_iter()
        .map(|finding| (finding.kind, &original[finding.range]))
        .collect()
}

#[test]
fn entities_become_characters_however_often_they_were_encoded() {
    assert_eq!(
        text("R&amp;D &lt;b&gt; &pound;5 &#8217; &#x2019;"),
        "R&D <b> £5 ’ ’"
    );
    assert_eq!(text("fish &amp;amp;amp; chips"), "fish & chips");
    assert_eq!(text("&amp;eacute;"), "é");
    assert_eq!(text("a&nbsp;b&shy;c"), "a bc");
    assert_eq!(
        found("a &amp;amp; b&ndash;c"),
        [(Kind::Entity, "&amp;amp;"), (Kind::Entity, "&ndash;")]
    );
}

#[test]
fn what_only_looks_like_an_entity_stays() {
    for clean in [
        "R&D; and so on",
        "AT&T",
        "https://example.org/?a=1&copy=2&amp",
        "&#55296; &#0; &; &#;",
        "this & that; those",
    ] {
        assert_eq!(normalise(clean), Normal::untouched(clean));
    }
}

#[test]
fn invisible_characters_go() {
    let original = "\u{feff}pro\u{ad}ba\u{200b}tion \u{202e}ser\u{200d}vice\u{2069}\u{7}\u{c}";
    assert_eq!(text(original), "probation service");
    assert!(
        normalise(original)
            .findings
            .iter()
            .all(|finding| finding.kind == Kind::Invisible)
    );
    assert_eq!(text("a\u{a0}b\r\nc\rd\u{2028}e\u{202f}f"), "a b\nc\nd\ne f");
    assert_eq!(text("tab\tand\nline"), "tab\tand\nline");
}

#[test]
fn emoji_stay_whole() {
    for emoji in [
        "❤\u{fe0f}",
        "👩\u{200d}👩\u{200d}👧 ok",
        "❤\u{fe0f}\u{200d}🔥",
        "🤷🏽\u{200d}♀\u{fe0f}",
        "1\u{fe0f}\u{20e3} first",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}!",
        "©\u{fe0f}",
        "🇬🇧",
    ] {
        assert_eq!(normalise(emoji), Normal::untouched(emoji), "{emoji}");
    }
    assert_eq!(
        text("1\u{fe0f}2 👩\u{200d} a\u{fe0f} x\u{e0067}"),
        "12 👩 a x"
    );
}

/// Text as a program shows it that takes UTF-8 for Windows-1252.
fn garbled(text: &str) -> String {
    text.bytes()
        .map(|byte| super::mojibake::windows_1252(byte).unwrap_or(char::from(byte)))
        .collect()
}

#[test]
fn garbled_text_is_repaired() {
    let sound = "“It’s £5 – or €6…” café, naïve, voilà, señor, Éire, 20°C, ½, → ✓ 😀🍕🐶 ❤\u{fe0f} − ‘x’ ™ •";
    assert_eq!(text(&garbled(sound)), sound);
    assert_eq!(text(&garbled(&garbled(sound))), sound);
    assert_eq!(
        text(&garbled(&garbled(&garbled("It’s £5 – café")))),
        "It’s £5 – café"
    );
    let latin_1: String = sound.bytes().map(char::from).collect();
    assert_eq!(text(&latin_1), sound);
    assert_eq!(
        found("Itâ€™s Â£5"),
        [(Kind::Mojibake, "â€™"), (Kind::Mojibake, "Â£")]
    );
    assert_eq!(found("don\u{92}t"), [(Kind::Mojibake, "\u{92}")]);
}

#[test]
fn garbled_characters_nobody_sees_go_too() {
    assert_eq!(text("ï»¿Dear allÂ\u{a0}there"), "Dear all there");
    assert_eq!(
        text("zeroâ€‹width softÂ\u{ad}hyphen"),
        "zerowidth softhyphen"
    );
    assert_eq!(text("&acirc;&euro;&trade;"), "’");
}

#[test]
fn languages_that_write_these_letters_are_left_alone() {
    for clean in [
        "NÃO, A IRMÃ FICOU. «AMANHÃ» “AMANHÃ\u{201d} AMANHÃ\u{2026} AMANHÃ\u{2013}SEGUNDA Ã ",
        "Âmbito, Âge, PÂTE, « Â », Â",
        "âme, pâte, château, qu’il fût, Ï, naïf « haï »",
        "â’r Gymraeg, gyda’r tŷ, â – ac â “hyn”, â…",
        "Ấn Độ, Đà Nẵng, cần, Ã",
        "Århus, Ærø, København „PÅ\u{201c} Å, Åse",
        "ðŸ is no emoji yet, ð, þ",
        "Straße, Œuvre, 5 € • 3 ‰",
    ] {
        assert_eq!(normalise(clean), Normal::untouched(clean), "{clean}");
    }
    assert_eq!(text("AMANH\u{c3}\u{a0}O"), "AMANH\u{c3} O");
    assert_eq!(text("RO\u{ad}MÂ\u{ad}NIA"), "ROMÂNIA");
}

#[test]
fn letters_are_composed_and_keep_their_place() {
    let original = "cafe\u{301} au lait, 5 \u{212b}\u{37e}";
    let normal = normalise(original);
    assert_eq!(normal.text, "café au lait, 5 Å;");
    assert_eq!(
        found(original),
        [
            (Kind::Composition, "e\u{301}"),
            (Kind::Composition, "\u{212b}"),
            (Kind::Composition, "\u{37e}")
        ]
    );
    assert_eq!(normal.map.to_original(3..5), 3..6);
    assert_eq!(&original[normal.map.to_original(9..13)], "lait");
    let end = normal.text.len();
    assert_eq!(normal.map.to_original(0..end), 0..original.len());
}

#[test]
fn a_spelling_interrupted_by_another_is_undone_all_the_same() {
    assert_eq!(text("&am\u{200b}p;"), "&");
    assert_eq!(text("&amp\u{37e}"), "&");
    assert_eq!(text("&#6\u{fe0f}5;"), "A");
    assert_eq!(text("A\u{303}©"), "é");
    // The caron is composed, then taken for a part of `Ú`, and the grave was composed with it.
    assert_eq!(
        found("Ãs\u{30c}\u{340}"),
        [(Kind::Mojibake, "Ãs\u{30c}\u{340}")]
    );
    assert_eq!(text("A&#x303;&copy;"), "é");
    assert_eq!(text("&#38&#59&#59;amp&#59;"), "&");
}

#[test]
fn what_was_removed_lies_between_characters() {
    let normal = normalise("a\u{200b}b");
    assert_eq!(normal.map.to_original(0..2), 0..5);
    assert_eq!(normal.map.to_original(1..2), 4..5);
    assert_eq!(normalise("\u{200b}").map.to_original(0..0), 3..3);
}

#[test]
fn long_nestings_take_linear_time() {
    let nested = format!("&{}", "amp;".repeat(50_000));
    assert_eq!(text(&nested), "&");
    let semicolons = format!("{};", "&#59".repeat(50_000));
    assert_eq!(text(&semicolons), ";");
    assert_eq!(text(&"Â".repeat(100_000)).chars().count(), 100_000);
    assert_eq!(
        text(&format!("â\u{80}{}", "Â".repeat(100_000)))
            .chars()
            .count(),
        100_002
    );
    assert_eq!(
        text(&format!("e{}", "\u{301}".repeat(50_000)))
            .chars()
            .count(),
        50_000
    );
}

fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop::sample::select(vec![
        "&",
        "amp",
        ";",
        "&amp;",
        "&#",
        "x",
        "38",
        "59",
        "&nbsp;",
        "&shy;",
        "&#x303;",
        "&zwj;",
        "&#xfe0f;",
        "&Acirc;",
        "&pound;",
        "&acirc;",
        "&euro;",
        "A",
        "s",
        "e",
        " ",
        "\n",
        "\r",
        "\u{a0}",
        "\u{ad}",
        "\u{200b}",
        "\u{200d}",
        "\u{fe0f}",
        "\u{20e3}",
        "\u{202e}",
        "\u{feff}",
        "\u{303}",
        "\u{301}",
        "\u{30c}",
        "\u{327}",
        "\u{37e}",
        "\u{212b}",
        "\u{212a}",
        "\u{340}",
        "\u{958}",
        "\u{1100}",
        "\u{1161}",
        "\u{11a8}",
        "Â",
        "Ã",
        "â",
        "ï",
        "ð",
        "Å",
        "Ë",
        "Æ",
        "€",
        "™",
        "©",
        "£",
        "œ",
        "ƒ",
        "‚",
        "„",
        "¬",
        "¢",
        "Ÿ",
        "˜",
        "“",
        "’",
        "»",
        "¿",
        "\u{80}",
        "\u{81}",
        "\u{90}",
        "\u{99}",
        "\u{9d}",
        "â€™",
        "Ã©",
        "Ã¢â‚¬â„¢",
        "ðŸ˜€",
        "👩",
        "❤",
        "🏴",
        "\u{e0067}",
        "\u{e007f}",
        "1",
        "#",
    ]);
    prop::collection::vec(fragment, 0..24).prop_map(|parts| parts.concat())
}

fn check(original: &str) -> Result<(), TestCaseError> {
    let normal = normalise(original);
    let again = normalise(&normal.text);
    prop_assert_eq!(&again.text, &normal.text);
    prop_assert!(again.findings.is_empty());
    if is_plain(original) {
        prop_assert_eq!(&normal.text, original);
    }
    if normal.text == original {
        prop_assert!(normal.findings.is_empty());
    }
    // Findings are in order, apart, and whole characters.
    let mut end = 0;
    for finding in &normal.findings {
        prop_assert!(finding.range.start >= end && !finding.range.is_empty());
        prop_assert!(original.get(finding.range.clone()).is_some());
        end = finding.range.end;
    }
    // Each character comes from whole characters, in order, and nothing is lost unsaid.
    let mut covered = vec![false; original.len()];
    let mut last = 0..0;
    for (at, c) in normal.text.char_indices() {
        let source = normal.map.to_original(at..at + c.len_utf8());
        prop_assert!(!source.is_empty() && original.get(source.clone()).is_some());
        prop_assert!(source.start >= last.start && source.end >= last.end);
        covered[source.clone()].fill(true);
        let changed = normal.findings.iter().any(|f| f.range == source);
        prop_assert!(changed || original[source.clone()] == normal.text[at..at + c.len_utf8()]);
        last = source;
    }
    for finding in &normal.findings {
        if finding.kind == Kind::Invisible {
            covered[finding.range.clone()].fill(true);
        }
    }
    prop_assert!(covered.into_iter().all(|covered| covered));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn normalising_is_idempotent_and_accounts_for_every_byte(original in fragments()) {
        check(&original)?;
    }

    #[test]
    fn so_it_is_for_any_characters(original in "\\PC{0,40}|.{0,40}") {
        check(&original)?;
    }

    #[test]
    fn english_prose_is_left_alone(original in "[A-Za-z0-9 .,;:!?'\"()%+=/\n\t‘’“”–—…£€éèüñçàœß•½°-]{0,80}") {
        prop_assert_eq!(normalise(&original), Normal::untouched(&original));
    }

    #[test]
    fn bounds_beyond_the_text_do_no_harm(original in fragments(), a in 0..200usize, b in 0..200usize) {
        let map = normalise(&original).map;
        prop_assert!(map.to_original(a..b).end <= original.len());
    }
}

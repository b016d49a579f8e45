//! What must hold of any text.

use proptest::prelude::*;
use undertone::cleaning::{Rules, clean_comments, clean_corpus, clean_text};
use undertone::passage::Own;
use undertone::post::Post;

/// Pieces of everything that some step looks for.
fn piece() -> impl Strategy<Value = String> {
    let pieces = vec![
        "I say: nobody listens to us any more. ",
        "“We are pleased to announce a new way of working.” ",
        "\"",
        "'",
        "‘",
        "”",
        "officers' pay ",
        "> quoted line\n",
        "From the Guardian:\n",
        "Anon wrote: that is what they all say every time. ",
        "https://www.example.org/news/2019/some-words-here ",
        "www.example.com/x ",
        "'Getafix\n",
        "10:27 ",
        "Anon at 10:27, ",
        "26 August 2023 at 10:27\n",
        "Dear Sam,",
        "Reply\n",
        "Share to Facebook\n",
        "1. ",
        "2) ",
        "- ",
        "• ",
        "2019 2020 2021 30.1 31.2\n",
        "&amp;",
        "&amp;amp;",
        "&#x200b;",
        "\u{200b}",
        "\u{202e}",
        "â€™",
        "Ã©",
        "e\u{301}",
        "é",
        "\n",
        "\n\n",
        " ",
        "…",
        "...",
        "🙂",
        "notes to editors\n",
        "ENDS\n",
        "the minister said on Tuesday that the figures published by the ministry were wrong. ",
        "\u{a0}",
    ];
    prop_oneof![
        4 => prop::sample::select(pieces).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn without_any_step_a_text_is_read_byte_for_byte(text in text()) {
        let cleaned = clean_text(&text, &Rules::none());
        prop_assert_eq!(cleaned.passage.text, text);
        prop_assert_eq!(cleaned.passage.own, Own::Whole);
        prop_assert!(cleaned.findings.is_empty());
    }

    #[test]
    fn cleaning_twice_changes_nothing(text in text()) {
        let once = clean_text(&text, &Rules::default()).passage.text;
        let twice = clean_text(&once, &Rules::default()).passage.text;
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn findings_are_whole_characters_and_do_not_overlap_wrongly(texts in prop::collection::vec(text(), 1..5)) {
        let cleaned = clean_comments(texts.iter().map(String::as_str), &Rules::default());
        for (text, cleaned) in texts.iter().zip(&cleaned) {
            for finding in &cleaned.findings {
                prop_assert!(text.get(finding.range.clone()).is_some_and(|found| !found.is_empty()), "{:?}", finding);
            }
            let of_words: [Vec<_>; 2] = [true, false].map(|takes| {
                cleaned.findings.iter().filter(|finding| finding.kind.takes_words() == takes).collect()
            });
            for findings in of_words {
                for pair in findings.windows(2) {
                    prop_assert!(pair[0].range.end <= pair[1].range.start, "{:?}", pair);
                }
            }
            let read = &cleaned.passage.text;
            if let Own::Parts(parts) = &cleaned.passage.own {
                let mut end = 0;
                for part in parts {
                    prop_assert!(end <= part.start && read.get(part.clone()).is_some_and(|part| !part.is_empty()));
                    end = part.end;
                }
            }
            prop_assert!(cleaned.own_words <= cleaned.words);
        }
    }

    #[test]
    fn a_body_with_repeated_paragraphs_is_read_in_whole_pieces(pieces in prop::collection::vec(piece(), 0..8), again in 0_usize..3) {
        let paragraph = format!("{} and so the paragraph goes on for a good many words more until there are twenty of them and two", pieces.concat().replace('\n', " "));
        let body = [paragraph.as_str(), "Short.", &pieces.concat(), &paragraph, "https://www.example.org/a/b"].repeat(again).join("\n\n");
        let post = Post {
            id: "p".to_owned(),
            source: "p.txt".to_owned(),
            title: None,
            published: None,
            url: None,
            body: body.clone(),
            comments: Vec::new(),
            warnings: Vec::new(),
        };
        let cleaned = clean_corpus(&[post], &Rules::default(), || ());
        for finding in &cleaned[0].body.findings {
            prop_assert!(body.get(finding.range.clone()).is_some_and(|found| !found.is_empty()));
        }
    }
}

//! Which posts are copies of one page, saved twice.

use std::collections::HashMap;

use jiff::civil::Date;

use super::LEAST_WORDS;
use super::near::{Frequencies, Index, Shingles};
use crate::cleaning::folded::FoldedTexts;
use crate::post::Post;

// How many pages of one address, or of one title and day, are told apart.
const ALIKE: usize = 16;

/// For each post the first post that it is a copy of, or none where it is the first itself.
///
/// A post is a copy of the earliest first post which has
/// - the same address, unless the bodies differ and so does the title or the day (one address for a whole blog);
/// - or the same title and day, unless the bodies differ ("Open thread" twice a day), or the addresses do;
/// - or nearly the same body, of at least [`LEAST_WORDS`] words, unless the days differ (published again).
///
/// What a post does not state never differs. Bodies differ where both have at least [`LEAST_WORDS`] words and less
/// than half of the shorter stands in the longer; they make up for different addresses where they are nearly the same.
/// A post with neither address, nor title and day, nor a body of that length is never a copy.
pub(super) fn copies(posts: &[Post]) -> Vec<Option<usize>> {
    let mut titles = FoldedTexts::default();
    let pages: Vec<Page> = posts
        .iter()
        .map(|post| {
            let title = post.title.as_deref().map(|title| titles.number(title));
            Page {
                address: post.url.as_deref().and_then(address),
                title: title
                    .filter(|title| title.words > 0)
                    .map(|title| title.number),
                day: post.published,
                body: Shingles::of(std::iter::once(post.body.as_str()), LEAST_WORDS),
            }
        })
        .collect();
    let mut frequencies = Frequencies::for_bytes(posts.iter().map(|post| post.body.len()).sum());
    for body in pages.iter().filter_map(|page| page.body.as_ref()) {
        frequencies.add(body);
    }
    let mut bodies = Index::new(frequencies);
    let mut by_address: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut by_title: HashMap<(usize, Date), Vec<usize>> = HashMap::new();
    let mut copy_of = Vec::with_capacity(pages.len());
    for (number, page) in pages.iter().enumerate() {
        let first = |among: Option<&Vec<usize>>, same: fn(&Page, &Page) -> bool| {
            let among = among.into_iter().flatten().copied();
            among
                .filter(|&first| pages.get(first).is_some_and(|first| same(page, first)))
                .min()
        };
        let named = page.title.zip(page.day);
        let found = [
            first(
                page.address.as_deref().and_then(|url| by_address.get(url)),
                Page::may_share_address,
            ),
            first(
                named.and_then(|named| by_title.get(&named)),
                Page::may_share_title,
            ),
            page.body.as_ref().and_then(|body| {
                bodies.near(body).find(|&first: &usize| {
                    pages
                        .get(first)
                        .is_some_and(|first| !differ(page.day, first.day))
                })
            }),
        ];
        let found = found.into_iter().flatten().min();
        let first = found.unwrap_or(number);
        // A copy may bring the address or the title that the first lacks.
        if let Some(url) = page.address.as_deref() {
            add(by_address.entry(url).or_default(), first);
        }
        if let Some(named) = named {
            add(by_title.entry(named).or_default(), first);
        }
        if let (None, Some(body)) = (found, &page.body) {
            bodies.insert(number, body.clone());
        }
        copy_of.push(found);
    }
    copy_of
}

fn add(firsts: &mut Vec<usize>, first: usize) {
    if firsts.len() < ALIKE && !firsts.contains(&first) {
        firsts.push(first);
    }
}

struct Page {
    address: Option<String>,
    title: Option<usize>,
    day: Option<Date>,
    body: Option<Shingles>,
}

impl Page {
    fn may_share_address(&self, other: &Self) -> bool {
        !(self.bodies_differ(other)
            && (differ(self.title, other.title) || differ(self.day, other.day)))
    }

    fn may_share_title(&self, other: &Self) -> bool {
        let near = self
            .body
            .as_ref()
            .zip(other.body.as_ref())
            .is_some_and(|(one, two)| one.near(two));
        near || !(self.bodies_differ(other)
            || differ(self.address.as_deref(), other.address.as_deref()))
    }

    fn bodies_differ(&self, other: &Self) -> bool {
        self.body
            .as_ref()
            .zip(other.body.as_ref())
            .is_some_and(|(one, two)| !one.overlaps(two))
    }
}

// Whether both are known and are not the same.
fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

/// What names a page in its address: without scheme, `www.`, fragment, closing slash, the country of a Blogger
/// address (`blogspot.co.uk`), and the parameters that choose a view of the page or say where a reader came from.
fn address(url: &str) -> Option<String> {
    let url = url.trim();
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let url = url.split_once("://").map_or(url, |(_, url)| url);
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let (host, path) = path.split_once('/').unwrap_or((path, ""));
    let host = host.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let host = match host.split_once(".blogspot.") {
        Some((blog, _)) => format!("{blog}.blogspot.com"),
        None => host.to_owned(),
    };
    if host.is_empty() {
        return None;
    }
    let kept: Vec<&str> = query
        .split('&')
        .filter(|parameter| {
            let name = parameter.split('=').next().unwrap_or_default();
            !(name.is_empty() || name.starts_with("utm_") || VIEWS.contains(&name))
        })
        .collect();
    Some(format!(
        "{host}/{}?{}",
        path.trim_end_matches('/'),
        kept.join("&")
    ))
}

const VIEWS: [&str; 6] = [
    "m",
    "showComment",
    "commentPage",
    "spref",
    "fbclid",
    "gclid",
];

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const BODY: &str = "Yesterday the inspectorate published its report on the three counties, and it makes for grim \
                        reading: half of the plans it looked at were late, and a third had never been seen by anyone";
    const OTHER: &str = "A reader has sent me the letter that went round the offices in the north last week, in which \
                         staff are asked to bring their own kettles, and to say nothing about it on this blog";

    fn post(title: &str, day: i8, url: &str, body: &str) -> Post {
        Post {
            id: String::new(),
            source: String::new(),
            title: Some(title.to_owned()).filter(|title| !title.is_empty()),
            published: (day > 0).then(|| date(2016, 3, day)),
            url: Some(url.to_owned()).filter(|url| !url.is_empty()),
            body: body.to_owned(),
            comments: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn same(one: Post, other: Post) -> bool {
        let found = copies(&[one, other]);
        assert_eq!(found[0], None);
        found[1] == Some(0)
    }

    #[test]
    fn addresses_are_the_same_however_they_were_copied() {
        let plain = "http://ablog.blogspot.com/2016/03/kettles.html";
        for other in [
            "https://www.ablog.blogspot.co.uk/2016/03/kettles.html?m=1#comments",
            "ABlog.blogspot.com/2016/03/kettles.html/?showComment=14&utm_source=x",
        ] {
            assert!(
                same(post("", 0, plain, ""), post("", 0, other, "")),
                "{other}"
            );
        }
        for other in [
            "http://ablog.blogspot.com/2016/03/kettles_2.html",
            "http://blog.example.org/?p=7",
            "https://#",
        ] {
            assert!(
                !same(post("", 0, plain, ""), post("", 0, other, "")),
                "{other}"
            );
        }
        assert!(!same(
            post("", 0, "http://example.org/?p=7", ""),
            post("", 0, "http://example.org/?p=8", "")
        ));
    }

    #[test]
    fn one_address_for_a_whole_blog_makes_no_copies() {
        let blog = "https://blog.example.org/";
        assert!(!same(
            post("Kettles", 1, blog, OTHER),
            post("Inspection", 2, blog, BODY)
        ));
        assert!(
            same(
                post("Kettles", 1, blog, OTHER),
                post("Kettles", 1, blog, BODY)
            ),
            "rewritten"
        );
    }

    #[test]
    fn title_and_day_name_a_page_unless_the_bodies_or_addresses_differ() {
        assert!(same(
            post("Kettles!", 1, "", ""),
            post("KETTLES", 1, "", BODY)
        ));
        assert!(same(
            post("Kettles", 1, "", BODY),
            post("Kettles", 1, "", &format!("{BODY} Update: {OTHER}"))
        ));
        assert!(!same(
            post("Open thread", 1, "", BODY),
            post("Open thread", 1, "", OTHER)
        ));
        assert!(!same(
            post("Kettles", 1, "", ""),
            post("Kettles", 2, "", "")
        ));
        assert!(!same(
            post("Kettles", 0, "", ""),
            post("Kettles", 0, "", "")
        ));
        assert!(!same(post("...", 1, "", ""), post("...", 1, "", "")));
        let urls = ["http://a.example.org/1", "http://b.example.org/1"];
        assert!(!same(
            post("Kettles", 1, urls[0], ""),
            post("Kettles", 1, urls[1], "")
        ));
        assert!(
            same(
                post("Kettles", 1, urls[0], BODY),
                post("Kettles", 1, urls[1], BODY)
            ),
            "the blog has moved"
        );
    }

    #[test]
    fn a_body_names_a_page_if_it_is_long_and_the_days_agree() {
        assert!(same(
            post("", 0, "", BODY),
            post("Report", 3, "", &BODY.replace("grim", "dire"))
        ));
        assert!(
            !same(post("Report", 2, "", BODY), post("Report", 9, "", BODY)),
            "published again"
        );
        assert!(!same(
            post("", 0, "", "See the thread below."),
            post("", 0, "", "See the thread below.")
        ));
        assert!(!same(post("", 0, "", ""), post("", 0, "", "")));
    }

    #[test]
    fn a_copy_lends_its_address_and_the_first_counts() {
        let url = "http://blog.example.org/kettles";
        let posts = [
            post("Kettles", 1, "", ""),
            post("Kettles", 1, url, ""),
            post("", 0, url, OTHER),
            post("Report", 2, "", BODY),
        ];
        assert_eq!(copies(&posts), [None, Some(0), Some(0), None]);
    }
}

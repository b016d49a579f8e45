//! Markup that cannot hold foreign markup: the compiler keeps texts apart from it.
//!
//! [`Html`] is made from literals of this program and by escaping, in no other way, and everything the report writes is
//! [`Html`]. So no comment, title or name of a file can become an element, an attribute or a script.

use std::fmt::Display;

/// Elements without content and without an end.
const VOID: [&str; 4] = ["br", "input", "link", "meta"];

/// Markup that is safe to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Markup of this program's own.
    pub fn literal(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// Any text, shown as it is.
    pub fn text(text: &str) -> Self {
        Self(escaped(text))
    }

    /// A text from outside (a comment, a title, a name), cut to `most` characters. Its direction of writing ends with it.
    pub fn foreign(text: &str, most: usize) -> Self {
        tag("bdi").text(&cut(text, most)).build()
    }

    /// This and more after it.
    pub fn and(mut self, more: Html) -> Self {
        self.0.push_str(&more.0);
        self
    }

    /// Adds more after it.
    pub fn push(&mut self, more: Html) {
        self.0.push_str(&more.0);
    }

    /// The markup, to be written.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Html>>(parts: I) -> Self {
        let mut whole = Self::new();
        for part in parts {
            whole.push(part);
        }
        whole
    }
}

/// An address that a reader may follow: http or https, and nothing in it that hides where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Checks an address; None where it is no such one.
    pub fn new(address: &str) -> Option<Self> {
        let address = address.trim();
        let (scheme, rest) = address.split_once("://")?;
        let known = ["http", "https"]
            .iter()
            .any(|one| scheme.eq_ignore_ascii_case(one));
        // What stands before an @ looks like the host and is none.
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let begins = !host.contains('@') && rest.chars().next().is_some_and(char::is_alphanumeric);
        let plain = |c: char| {
            !c.is_whitespace()
                && !c.is_control()
                && !turns(c)
                && !matches!(c, '"' | '\'' | '<' | '>' | '\\' | '`')
        };
        // Nobody's post has a longer address, and a reader has to be able to see where a link leads.
        let good = known && begins && address.len() <= 2000 && address.chars().all(plain);
        good.then(|| Self(address.to_owned()))
    }
}

/// An element in the making.
#[derive(Debug)]
pub struct Tag {
    name: &'static str,
    open: String,
    content: Html,
}

/// Begins an element.
pub fn tag(name: &'static str) -> Tag {
    Tag {
        name,
        open: format!("<{name}"),
        content: Html::new(),
    }
}

impl Tag {
    /// Adds an attribute. Those that load, run or style something are not to be had this way: see [`Tag::to`] and
    /// [`Tag::address`].
    pub fn attr(mut self, name: &'static str, value: impl Display) -> Self {
        let refused = name.starts_with("on") || matches!(name, "href" | "src" | "style" | "action");
        debug_assert!(!refused, "{name} is not for values from outside");
        if !refused {
            self.write(name, &value.to_string());
        }
        self
    }

    /// Adds a class.
    pub fn class(self, class: &'static str) -> Self {
        self.attr("class", class)
    }

    /// Names the element, to be led to.
    pub fn id(self, kind: &'static str, number: usize) -> Self {
        self.attr("id", format!("{kind}-{number}"))
    }

    /// Leads to an element of this page.
    pub fn to(mut self, kind: &'static str, number: usize) -> Self {
        self.write("href", &format!("#{kind}-{number}"));
        self
    }

    /// Leads to a view of this page.
    pub fn view(mut self, view: &'static str) -> Self {
        self.write("href", &format!("#{view}"));
        self
    }

    /// Leads elsewhere; the other side is not told from where.
    pub fn address(mut self, address: &Address) -> Self {
        self.write("href", &address.0);
        self.write("rel", "noopener noreferrer nofollow external");
        self
    }

    /// Adds content.
    pub fn child(mut self, content: Html) -> Self {
        self.content.push(content);
        self
    }

    /// Adds text.
    pub fn text(self, text: &str) -> Self {
        self.child(Html::text(text))
    }

    /// The element.
    pub fn build(self) -> Html {
        let Self {
            name,
            open,
            content,
        } = self;
        if VOID.contains(&name) {
            return Html(format!("{open}>"));
        }
        Html(format!("{open}>{}</{name}>", content.0))
    }

    fn write(&mut self, name: &str, value: &str) {
        self.open
            .push_str(&format!(" {name}=\"{}\"", escaped(value)));
    }
}

/// A link to elsewhere or, where the address is no safe one, the content alone.
pub fn link(address: Option<&str>, content: Html) -> Html {
    match address.and_then(Address::new) {
        Some(address) => tag("a").address(&address).child(content).build(),
        None => content,
    }
}

/// A block of style or script: the literal text of this program, to which its hash in the policy belongs.
pub fn block(name: &'static str, content: &'static str) -> Html {
    tag(name).child(Html::literal(content)).build()
}

/// At most so many characters of a text; what was cut off shows as an ellipsis.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

/// The one place where text becomes markup. Characters that turn the direction of what follows are left out, and so are
/// control characters, which no page may have.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(c),
            c if c.is_control() || turns(c) => {}
            c => safe.push(c),
        }
    }
    safe
}

/// Whether a character turns, or pushes aside, the direction of the text around it.
fn turns(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_in_texts_is_text() {
        let html = tag("p")
            .attr("title", "\"><script>")
            .text("<b>&'\"")
            .build();
        assert_eq!(
            html.into_string(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;&amp;&#39;&quot;</p>"
        );
    }

    #[test]
    fn directions_do_not_leave_a_text() {
        let html = Html::foreign("a\u{202E}b\u{2067}c\u{0}d", 100);
        assert_eq!(html.into_string(), "<bdi>abcd</bdi>");
    }

    #[test]
    fn only_pages_are_linked() {
        for bad in [
            "javascript:alert(1)",
            "https://blog.example@evil.example/x",
            " JaVaScRiPt://x/%0aalert(1)",
            "data:text/html,x",
            "//host/",
            "http:///",
            "https://a b",
            "https://a\u{202E}b",
            "https://a\"b",
            "http://",
            "",
        ] {
            assert_eq!(
                link(Some(bad), Html::text("post")).into_string(),
                "post",
                "{bad:?}"
            );
        }
        let good = link(Some("HTTPS://host/?a=1&b=2"), Html::text("post"));
        assert!(
            good.into_string()
                .starts_with("<a href=\"HTTPS://host/?a=1&amp;b=2\"")
        );
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("ééé", 3), "ééé");
        assert_eq!(cut("é éé", 2), "é…");
    }

    proptest! {
        /// Whatever a text holds, nothing of it can begin or end an element or an attribute, or be longer than asked for.
        #[test]
        fn no_text_is_markup(text in any::<String>(), most in 0_usize..50) {
            let html = Html::text(&text).into_string();
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
            prop_assert!(!html.chars().any(turns));
            prop_assert!(cut(&text, most).chars().count() <= most + 1);
        }
    }
}

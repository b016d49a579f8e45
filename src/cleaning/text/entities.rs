//! Characters written as HTML entities.
//!
//! An own table rather than a crate: the decoders on offer give back a string, and here every character has to keep
//! the place it came from. It holds the Latin-1 names of HTML 4, its punctuation, and the names of ASCII characters
//! that HTML 5 added because encoders write them. Entities without a semicolon are left alone: `&copy=1` is more often
//! part of an address than a sign.

use super::mojibake::windows_1252;

/// The longest entity that is read, without `&` and `;`.
pub(super) const LONGEST: usize = 10;

/// The names of U+00A0 to U+00FF, in their order.
const LATIN_1: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf",
    "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro",
    "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest",
    "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute",
    "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute",
    "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute",
    "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil",
    "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde",
    "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave", "uacute", "ucirc",
    "uuml", "yacute", "thorn", "yuml",
];

/// All other names.
const OTHERS: [(&str, char); 88] = [
    ("amp", '&'),
    ("AMP", '&'),
    ("lt", '<'),
    ("LT", '<'),
    ("gt", '>'),
    ("GT", '>'),
    ("quot", '"'),
    ("QUOT", '"'),
    ("apos", '\''),
    ("COPY", '©'),
    ("REG", '®'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("excl", '!'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("equals", '='),
    ("quest", '?'),
    ("commat", '@'),
    ("lsqb", '['),
    ("bsol", '\\'),
    ("rsqb", ']'),
    ("lowbar", '_'),
    ("grave", '`'),
    ("lcub", '{'),
    ("lbrace", '{'),
    ("verbar", '|'),
    ("vert", '|'),
    ("rcub", '}'),
    ("rbrace", '}'),
    ("hyphen", '\u{2010}'),
    ("dash", '\u{2010}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("hairsp", '\u{200a}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("lrm", '\u{200e}'),
    ("rlm", '\u{200f}'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("horbar", '―'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("dagger", '†'),
    ("Dagger", '‡'),
    ("bull", '•'),
    ("hellip", '…'),
    ("permil", '‰'),
    ("prime", '′'),
    ("Prime", '″'),
    ("lsaquo", '‹'),
    ("rsaquo", '›'),
    ("oline", '‾'),
    ("frasl", '⁄'),
    ("euro", '€'),
    ("trade", '™'),
    ("larr", '←'),
    ("uarr", '↑'),
    ("rarr", '→'),
    ("darr", '↓'),
    ("harr", '↔'),
    ("minus", '−'),
    ("ne", '≠'),
    ("le", '≤'),
    ("ge", '≥'),
    ("asymp", '≈'),
    ("infin", '∞'),
    ("hearts", '♥'),
    ("OElig", 'Œ'),
    ("oelig", 'œ'),
    ("check", '✓'),
    ("star", '☆'),
];

/// The character that the name or number between `&` and `;` stands for.
///
/// Numbers from 128 to 159 mean characters of Windows-1252, as the HTML standard has it.
pub(super) fn decode(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        let latin = || LATIN_1.iter().position(|known| *known == name);
        return OTHERS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, c)| *c)
            .or_else(|| char::from_u32(0xa0 + u32::try_from(latin()?).ok()?));
    };
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` would take a sign too.
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    match (code, u8::try_from(code)) {
        (0, _) => None,
        (_, Ok(byte @ 0x80..=0x9f)) => windows_1252(byte).or(char::from_u32(code)),
        _ => char::from_u32(code),
    }
}

#[cfg(test)]
mod tests {
    use super::{LATIN_1, LONGEST, OTHERS, decode};

    #[test]
    fn names_and_numbers_of_either_radix_are_read() {
        assert_eq!(decode("amp"), Some('&'));
        assert_eq!(decode("eacute"), Some('é'));
        assert_eq!(decode("Eacute"), Some('É'));
        assert_eq!(decode("nbsp"), Some('\u{a0}'));
        assert_eq!(decode("yuml"), Some('ÿ'));
        assert_eq!(decode("#39"), Some('\''));
        assert_eq!(decode("#x2019"), Some('’'));
        assert_eq!(decode("#146"), Some('’'));
    }

    #[test]
    fn what_is_no_entity_stays() {
        for name in [
            "",
            "#",
            "#x",
            "D",
            "copyright",
            "#0",
            "#xD800",
            "#1114112",
            "#-5",
            "#+5",
        ] {
            assert_eq!(decode(name), None, "{name}");
        }
    }

    #[test]
    fn no_name_is_longer_than_what_is_read() {
        let longest = OTHERS.iter().map(|(name, _)| name.len());
        assert!(
            longest
                .chain(LATIN_1.iter().map(|name| name.len()))
                .all(|length| length <= LONGEST)
        );
    }
}

//! From the bytes of a file to its text.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Problem;

/// The text of a file and what a person should know about how it was decoded.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub text: String,
    pub warnings: Vec<String>,
}

/// Decodes UTF-8, UTF-16 with a byte order mark and, as the last resort, Windows-1252.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<Decoded, Problem> {
    let mut warnings = Vec::new();
    let utf_16 = [(UTF_16LE, [0xff, 0xfe]), (UTF_16BE, [0xfe, 0xff])];
    let text = if let Some((encoding, mark)) =
        utf_16.into_iter().find(|(_, mark)| bytes.starts_with(mark))
    {
        let (text, malformed) = encoding.decode_without_bom_handling(&bytes[mark.len()..]);
        if malformed {
            let line = text
                .find('\u{fffd}')
                .map_or(1, |at| line_at(text.as_bytes(), at));
            warnings.push(format!(
                "line {line}: the file is {} but part of it cannot be decoded and became \u{fffd}; \
                 save the page again as UTF-8",
                encoding.name()
            ));
        }
        text.into_owned()
    } else {
        decode_bytewise(bytes, &mut warnings)?
    };
    let text = match text.strip_prefix('\u{feff}') {
        Some(unmarked) => unmarked.to_owned(),
        None => text,
    };
    Ok(Decoded {
        text: without_nul(text, &mut warnings),
        warnings,
    })
}

fn decode_bytewise(bytes: Vec<u8>, warnings: &mut Vec<String>) -> Result<String, Problem> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let (at, cut) = (
        error.utf8_error().valid_up_to(),
        error.utf8_error().error_len().is_none(),
    );
    let bytes = error.into_bytes();
    if bytes.contains(&0) {
        return Err(Problem::NotText { byte: at });
    }
    let line = line_at(&bytes, at);
    // A lead byte ends many a Windows-1252 file too ("é" is one); other non-ASCII text before it,
    // valid as UTF-8, is what shows that the file is UTF-8 and was cut.
    if cut && !bytes[..at].is_ascii() {
        warnings.push(format!(
            "line {line}: the file breaks off inside a character at byte {at}; \
             copy the page again if its end matters"
        ));
        return Ok(String::from_utf8_lossy(&bytes[..at]).into_owned());
    }
    warnings.push(format!(
        "line {line}: byte {at} is not UTF-8, so it and all others like it were read as Windows-1252; \
         save the file as UTF-8 if accents or quotation marks look wrong"
    ));
    // Chunk by chunk, so that one stray byte does not garble a page that is UTF-8 otherwise.
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    Ok(text)
}

fn without_nul(text: String, warnings: &mut Vec<String>) -> String {
    let Some(at) = text.find('\0') else {
        return text;
    };
    warnings.push(format!(
        "line {}: the file holds NUL characters, which were removed; check that nothing else is damaged",
        line_at(text.as_bytes(), at)
    ));
    text.replace('\0', "")
}

/// The line, counted from 1, that a byte offset lies in; line ends may be LF, CRLF or CR.
fn line_at(bytes: &[u8], at: usize) -> usize {
    let before = &bytes[..at];
    let ends = before
        .iter()
        .enumerate()
        .filter(|&(i, &byte)| byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n')));
    ends.count() + 1
}

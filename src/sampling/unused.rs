//! Rows of a sample that are not used, because nobody judged them or for their split.

use std::collections::BTreeMap;

use crate::labelled::Labelled;

/// Lets the rows of a stratum that are used stand for the others of it: their weights are multiplied by the number of rows
/// over that of rows used. Texts without a stratum are left as they are.
pub fn make_up_for_unused(texts: &mut [Labelled], is_used: impl Fn(&Labelled) -> bool) {
    let mut strata: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for text in texts.iter() {
        if let Some(stratum) = &text.stratum {
            let (rows, used) = strata.entry(stratum.clone()).or_default();
            *rows += 1;
            *used += u64::from(is_used(text));
        }
    }
    for text in texts.iter_mut().filter(|text| is_used(text)) {
        let counts = text.stratum.as_ref().and_then(|name| strata.get(name));
        if let Some((rows, used)) = counts {
            text.weight *= *rows as f64 / *used as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Labelled, make_up_for_unused};

    #[test]
    fn rows_that_are_used_stand_for_their_stratum() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let table = "{\"text\":\"a\",\"stratum\":\"x\",\"weight\":2,\"sentiment\":\"neutral\"}\n\
            {\"text\":\"b\",\"stratum\":\"x\",\"weight\":2}\n\
            {\"text\":\"c\",\"stratum\":\"x\",\"weight\":2,\"judged\":{\"pay\":false}}\n\
            {\"text\":\"d\",\"stratum\":\"y\",\"weight\":5,\"themes\":[]}\n\
            {\"text\":\"e\",\"sentiment\":\"neutral\"}\n{\"text\":\"f\"}\n";
        std::fs::write(file.path(), table).expect("it can be written");
        let mut texts = crate::labelled::read(file.path()).expect("valid").texts;
        make_up_for_unused(&mut texts, Labelled::is_labelled);
        let weights: Vec<f64> = texts.iter().map(|text| text.weight).collect();
        assert_eq!(weights, [3.0, 2.0, 3.0, 5.0, 1.0, 1.0]);
    }
}

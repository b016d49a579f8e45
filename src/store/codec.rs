//! Vectors as bytes, in 16 bits a number, with a check at the end.

use half::f16;
use half::slice::HalfFloatSliceExt;
use ndarray::{Array1, Array2};
use sha2::{Digest, Sha256};

use crate::inference::Vectors;

/// Bytes of a check.
const CHECK: usize = 8;

/// How the mean over the writer's own words relates to that over all.
const NONE: u8 = 0;
const SAME: u8 = 1;
const APART: u8 = 2;

/// Puts a check after a payload that belongs to a key: the first bytes of a SHA-256 of both.
pub(super) fn sealed(key: &[u8], payload: Vec<u8>) -> Vec<u8> {
    let check = check(key, &payload);
    let mut sealed = payload;
    sealed.extend_from_slice(&check);
    sealed
}

/// The payload, if it is as it was written for this key.
pub(super) fn opened<'b>(key: &[u8], sealed: &'b [u8]) -> Option<&'b [u8]> {
    let (payload, found) = sealed.split_at_checked(sealed.len().checked_sub(CHECK)?)?;
    (check(key, payload) == found).then_some(payload)
}

fn check(key: &[u8], payload: &[u8]) -> [u8; CHECK] {
    let mut hasher = Sha256::new();
    hasher.update(key);
    hasher.update(payload);
    let digest = hasher.finalize();
    std::array::from_fn(|place| digest[place])
}

/// The means of a text as a payload; an empty one stands for a text without vectors.
pub(super) fn means(vectors: Option<&Vectors>) -> Vec<u8> {
    let Some(vectors) = vectors else {
        return Vec::new();
    };
    let (kind, own) = match &vectors.own {
        None => (NONE, None),
        Some(own) if same(own, &vectors.whole) => (SAME, None),
        Some(own) => (APART, Some(own)),
    };
    let mut payload = vec![kind];
    for vector in std::iter::once(&vectors.whole).chain(own) {
        let numbers = vector.iter().map(|value| f16::from_f64(*value));
        payload.extend(numbers.flat_map(f16::to_le_bytes));
    }
    payload
}

/// Whether two vectors are the same to the last bit; the two zeros are not.
fn same(one: &Array1<f64>, other: &Array1<f64>) -> bool {
    let bits = |vector: &Array1<f64>| -> Vec<u64> { vector.iter().map(|x| x.to_bits()).collect() };
    bits(one) == bits(other)
}

/// The sentences of a text as a payload.
pub(super) fn sentences(vectors: Option<&Vectors>) -> Vec<u8> {
    let all = vectors.iter().flat_map(|vectors| &vectors.sentences);
    all.flat_map(|value| f16::from_f32(*value).to_le_bytes())
        .collect()
}

/// Vectors from the payloads of [`means`] and [`sentences`]. The outer None stands for payloads that make no sense for an
/// encoder with `hidden` numbers a vector, the inner one for a text without vectors.
pub(super) fn vectors(means: &[u8], sentences: &[u8], hidden: usize) -> Option<Option<Vectors>> {
    let Some((kind, means)) = means.split_first() else {
        return sentences.is_empty().then_some(None);
    };
    let means = numbers(means)?;
    let expected = if *kind == APART { 2 * hidden } else { hidden };
    if means.len() != expected || hidden == 0 {
        return None;
    }
    let (whole, own) = means.split_at(hidden);
    let vector = |numbers: &[f32]| -> Array1<f64> {
        numbers.iter().map(|value| f64::from(*value)).collect()
    };
    let whole = vector(whole);
    let own = match *kind {
        NONE => None,
        SAME => Some(whole.clone()),
        APART => Some(vector(own)),
        _ => return None,
    };
    let sentences = numbers(sentences)?;
    let sentences = Array2::from_shape_vec((sentences.len() / hidden, hidden), sentences).ok()?;
    Some(Some(Vectors {
        whole,
        own,
        sentences,
    }))
}

fn numbers(bytes: &[u8]) -> Option<Vec<f32>> {
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let halves: Vec<f16> = bytes
        .chunks_exact(2)
        .map(|pair| f16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    Some(halves.to_f32_vec())
}

#[cfg(test)]
mod tests {
    use half::f16;
    use ndarray::{Array1, Array2};
    use proptest::prelude::*;

    use super::{means, opened, sealed, sentences, vectors};
    use crate::inference::Vectors;

    const HIDDEN: usize = 6;

    fn number() -> impl Strategy<Value = f32> {
        (-1.0_f32..1.0).prop_map(|value| f16::from_f32(value).to_f32())
    }

    fn vector() -> impl Strategy<Value = Array1<f64>> {
        prop::collection::vec(number().prop_map(f64::from), HIDDEN).prop_map(Array1::from_vec)
    }

    fn some_vectors() -> impl Strategy<Value = Vectors> {
        let sentences = (0_usize..4).prop_flat_map(|rows| {
            prop::collection::vec(number(), rows * HIDDEN).prop_map(move |flat| {
                Array2::from_shape_vec((rows, HIDDEN), flat).expect("as many as rows and columns")
            })
        });
        (
            vector(),
            prop::option::of(vector()),
            any::<bool>(),
            sentences,
        )
            .prop_map(|(whole, own, same, sentences)| Vectors {
                own: if same { Some(whole.clone()) } else { own },
                whole,
                sentences,
            })
    }

    proptest! {
        #[test]
        fn vectors_come_back_to_the_last_bit(kept in prop::option::of(some_vectors())) {
            let (means, sentences) = (means(kept.as_ref()), sentences(kept.as_ref()));
            prop_assert_eq!(vectors(&means, &sentences, HIDDEN), Some(kept));
        }

        #[test]
        fn what_was_spoilt_is_noticed(payload in prop::collection::vec(any::<u8>(), 0..40), bit in any::<prop::sample::Index>()) {
            let kept = sealed(b"key", payload.clone());
            prop_assert_eq!(opened(b"key", &kept), Some(payload.as_slice()));
            prop_assert_eq!(opened(b"other", &kept), None);
            let mut spoilt = kept.clone();
            let bit = bit.index(8 * spoilt.len());
            spoilt[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(opened(b"key", &spoilt), None);
            prop_assert_eq!(opened(b"key", &kept[..kept.len() - 1]), None);
        }
    }

    #[test]
    fn own_words_that_differ_by_the_sign_of_a_zero_are_kept_apart() {
        let vectors_of = |zero: f64| {
            let mut own = Array1::from_elem(HIDDEN, 0.5);
            own[0] = zero;
            own
        };
        let kept = Vectors {
            whole: vectors_of(0.0),
            own: Some(vectors_of(-0.0)),
            sentences: Array2::zeros((0, HIDDEN)),
        };
        let found = vectors(&means(Some(&kept)), &[], HIDDEN).flatten();
        let own = found.and_then(|found| found.own).expect("it was kept");
        assert_eq!(own[0].to_bits(), (-0.0_f64).to_bits());
    }

    #[test]
    fn payloads_of_another_encoder_make_no_sense() {
        let kept = Vectors {
            whole: Array1::from_elem(HIDDEN, 0.5),
            own: None,
            sentences: Array2::zeros((0, HIDDEN)),
        };
        let payload = means(Some(&kept));
        assert_eq!(vectors(&payload, &[], HIDDEN + 1), None);
        assert_eq!(vectors(&payload, &[1], HIDDEN), None);
        assert_eq!(vectors(&payload[..4], &[], HIDDEN), None);
        assert_eq!(vectors(&[], &[], HIDDEN), Some(None));
    }
}

//! Simple and stratified random sampling without replacement (Cochran 1977, chapters 2 and 5).

use std::collections::BTreeMap;

use crate::hash::lot;

/// One that was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// Its place among all.
    pub place: usize,
    /// How many of its stratum it stands for: the stratum's size divided by how many were drawn of it.
    pub weight: f64,
}

/// A sample too small to have one of each stratum: the others could not speak for those without any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFew {
    /// The smallest number that is enough.
    pub needed: usize,
}

/// What can be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What it is drawn among: the stratum, the stratum within that, and so on.
    pub strata: Vec<String>,
    /// A name that no other one has.
    pub name: String,
}

/// Draws `count` of some things: from every stratum as many as from the others, as far as it has them, within it the same
/// from every stratum in it, and within the innermost all with the same chance. They come in random order, whatever their
/// strata, so that the first of them are a sample too. Which are drawn depends on seed, names and strata alone.
///
/// # Errors
/// Of a stratum nothing would be drawn.
pub fn draw(things: &[Thing], count: usize, seed: u64) -> Result<Vec<Drawn>, TooFew> {
    let mut strata: BTreeMap<&[String], Vec<(u64, usize)>> = BTreeMap::new();
    for (place, thing) in things.iter().enumerate() {
        let members = strata.entry(&thing.strata).or_default();
        members.push((lot(seed, &thing.name), place));
    }
    let sizes: Vec<(&[String], usize)> = strata
        .iter()
        .map(|(stratum, members)| (*stratum, members.len()))
        .collect();
    let wanted = nested(&sizes, count);
    if wanted.contains(&0) {
        let is_enough = |count: &usize| !nested(&sizes, *count).contains(&0);
        let needed = (count..=things.len()).find(is_enough);
        return Err(TooFew {
            needed: needed.unwrap_or(things.len()),
        });
    }
    let mut drawn: Vec<(u64, Drawn)> = Vec::new();
    for (members, wanted) in strata.values_mut().zip(wanted) {
        members.sort_unstable();
        let weight = members.len() as f64 / wanted as f64;
        let first = members.iter().take(wanted);
        drawn.extend(first.map(|(_, place)| {
            let place = *place;
            // Another lot than the one that chose: that one is small wherever few were chosen of many.
            let order = lot(seed, &format!("order\n{}", things[place].name));
            (order, Drawn { place, weight })
        }));
    }
    drawn.sort_unstable_by_key(|(order, drawn)| (*order, drawn.place));
    Ok(drawn.into_iter().map(|(_, drawn)| drawn).collect())
}

/// How many of each innermost stratum, given in order by what it lies in, and its size.
fn nested(strata: &[(&[String], usize)], count: usize) -> Vec<usize> {
    let outer: Vec<_> = strata
        .chunk_by(|(one, _), (next, _)| one.first() == next.first())
        .collect();
    let size = |inner: &&[(&[String], usize)]| inner.iter().map(|(_, size)| size).sum::<usize>();
    let sizes: Vec<usize> = outer.iter().map(size).collect();
    let shares = allocate(&sizes, count).into_iter();
    let parts = outer.into_iter().zip(shares).map(|(inner, share)| {
        let within: Vec<(&[String], usize)> = inner
            .iter()
            .map(|(path, size)| (path.get(1..).unwrap_or_default(), *size))
            .collect();
        match within.as_slice() {
            [_] => vec![share],
            several => nested(several, share),
        }
    });
    parts.flatten().collect()
}

/// How many of each stratum: the same number, all of a stratum that has fewer, what is left over to the others, and what
/// does not divide to the first ones.
fn allocate(sizes: &[usize], count: usize) -> Vec<usize> {
    let mut by_size: Vec<usize> = (0..sizes.len()).collect();
    by_size.sort_by_key(|stratum| (sizes[*stratum], std::cmp::Reverse(*stratum)));
    let mut wanted = vec![0; sizes.len()];
    let mut left = count;
    for (done, stratum) in by_size.iter().enumerate() {
        let share = left / (sizes.len() - done);
        wanted[*stratum] = sizes[*stratum].min(share);
        left -= wanted[*stratum];
    }
    wanted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop, prop_assert, prop_assert_eq, proptest};

    use super::{Thing, TooFew, allocate, draw};

    fn thing(strata: &[&str], number: usize) -> Thing {
        Thing {
            strata: strata.iter().map(|name| (*name).to_owned()).collect(),
            name: format!("thing {number}"),
        }
    }

    #[test]
    fn strata_give_the_same_as_far_as_they_have_it() {
        assert_eq!(allocate(&[100, 3, 50], 63), [30, 3, 30]);
        assert_eq!(allocate(&[10, 10, 10], 11), [4, 4, 3]);
        assert_eq!(allocate(&[2, 1], 9), [2, 1]);
        assert_eq!(allocate(&[], 9), Vec::<usize>::new());
    }

    #[test]
    fn every_thing_has_the_same_chance() {
        let things: Vec<Thing> = (0..20).map(|number| thing(&[], number)).collect();
        let mut times = [0; 20];
        for seed in 0..2000 {
            for drawn in draw(&things, 5, seed).expect("enough") {
                times[drawn.place] += 1;
            }
        }
        // 500 each; six standard deviations are 116.
        assert!(
            times.iter().all(|times| (384..616).contains(times)),
            "{times:?}"
        );
    }

    /// Of one stratum nearly all are drawn, of the other few: both must come early and late alike.
    #[test]
    fn the_first_half_is_a_sample_too() {
        let things: Vec<Thing> = (0..1060)
            .map(|number| thing(&[if number < 60 { "few" } else { "many" }], number))
            .collect();
        let mut of_few = 0;
        for seed in 0..20 {
            let drawn = draw(&things, 100, seed).expect("enough");
            of_few += drawn[..50].iter().filter(|one| one.place < 60).count();
        }
        // 25 of 50 in each; the hypergeometric deviation is 2.5, of the sum of twenty 11.2, and five of these 56.
        assert!((444..=556).contains(&of_few), "{of_few}");
    }

    #[test]
    fn inner_strata_share_what_the_outer_one_gives() {
        // Two with the theme in the first year, thirty in the second.
        let things: Vec<Thing> = (0..132)
            .map(|number| match number {
                0..2 => thing(&["2018", "with"], number),
                2..52 => thing(&["2018", "without"], number),
                52..82 => thing(&["2019", "with"], number),
                _ => thing(&["2019", "without"], number),
            })
            .collect();
        let drawn = draw(&things, 40, 1).expect("enough");
        let of = |places: std::ops::Range<usize>| {
            drawn
                .iter()
                .filter(|one| places.contains(&one.place))
                .count()
        };
        assert_eq!(
            [of(0..2), of(2..52), of(52..82), of(82..132)],
            [2, 18, 10, 10]
        );
    }

    #[test]
    fn a_sample_without_one_of_each_stratum_is_refused() {
        let things: Vec<Thing> = (0..60)
            .map(|number| thing(&[["2018", "2019", "2020"][number % 3]], number))
            .collect();
        assert_eq!(draw(&things, 2, 1), Err(TooFew { needed: 3 }));
        assert_eq!(draw(&things, 3, 1).expect("enough").len(), 3);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn weights_add_up_to_what_there_is(
            strata in prop::collection::vec(0_u8..4, 0..40),
            count in 4_usize..50,
            seed in 0_u64..1000,
        ) {
            let things: Vec<Thing> = strata
                .iter()
                .enumerate()
                .map(|(place, stratum)| thing(&[&stratum.to_string()], place))
                .collect();
            let drawn = draw(&things, count, seed).expect("enough for four strata");
            prop_assert_eq!(drawn.len(), count.min(things.len()));
            let places: std::collections::BTreeSet<usize> = drawn.iter().map(|one| one.place).collect();
            prop_assert_eq!(places.len(), drawn.len());
            let weights: f64 = drawn.iter().map(|one| one.weight).sum();
            prop_assert!((weights - things.len() as f64).abs() < 1e-9);
        }
    }
}

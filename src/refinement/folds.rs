//! Parts of labelled examples for cross-validation (Stone 1974).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::hash::lot;

/// The fold of each of some examples: groups stay together, and every fold gets its share of each class. An example is a
/// group, such as its thread, and its class. There are as many folds as asked for, but no more than groups; none of them
/// is empty. Depends on groups and classes alone, not on the order.
pub fn folds(examples: &[(String, usize)], count: usize) -> Vec<usize> {
    let classes = examples.iter().map(|(_, class)| class + 1).max();
    let mut of_class = vec![0_usize; classes.unwrap_or(0)];
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (group, class) in examples {
        of_class[*class] += 1;
        let of_group = groups.entry(group);
        of_group.or_insert_with(|| vec![0; of_class.len()])[*class] += 1;
    }
    let mut rarest: Vec<usize> = (0..of_class.len()).collect();
    rarest.sort_by_key(|class| of_class[*class]);
    let count = count.min(groups.len()).max(1);
    // Those with the most of the rarest class first, so that what is left evens them out.
    let mut order: Vec<(&str, Vec<usize>)> = groups.into_iter().collect();
    order.sort_by_cached_key(|(group, has)| {
        let by_rarity: Vec<usize> = rarest.iter().map(|class| has[*class]).collect();
        (Reverse(by_rarity), lot(0, group))
    });
    let mut loads = vec![vec![0_usize; of_class.len()]; count];
    let mut fold_of = BTreeMap::new();
    for (group, has) in order {
        // How much a fold has already of what the group brings; of those with as little the one with the fewest examples.
        let there = |fold: &usize| -> f64 {
            let classes = has.iter().zip(&loads[*fold]).zip(&of_class);
            let shares =
                classes.map(|((has, load), all)| (has * load) as f64 / (*all).max(1) as f64);
            shares.sum()
        };
        let size = |fold: &usize| loads[*fold].iter().sum::<usize>();
        let emptier = |a: &usize, b: &usize| {
            let by_share = there(a).total_cmp(&there(b));
            by_share.then(size(a).cmp(&size(b)))
        };
        let fold = (0..count).min_by(emptier).unwrap_or(0);
        for (load, has) in loads[fold].iter_mut().zip(&has) {
            *load += has;
        }
        fold_of.insert(group, fold);
    }
    examples
        .iter()
        .map(|(group, _)| fold_of.get(group.as_str()).copied().unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop, prop_assert, prop_assert_eq, proptest};

    use super::folds;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn groups_stay_together_whatever_the_order(
            labels in prop::collection::vec((0_u8..20, 0_usize..3), 1..120),
        ) {
            let examples: Vec<(String, usize)> = labels
                .iter()
                .map(|(group, class)| (group.to_string(), *class))
                .collect();
            let found = folds(&examples, 4);
            for ((group, _), fold) in examples.iter().zip(&found) {
                for ((other, _), of_other) in examples.iter().zip(&found) {
                    prop_assert!(group != other || fold == of_other);
                }
            }
            // No fold is empty, so that every one has others to be taught by.
            let groups: std::collections::BTreeSet<&String> = examples.iter().map(|(group, _)| group).collect();
            let filled: std::collections::BTreeSet<&usize> = found.iter().collect();
            prop_assert_eq!(filled.len(), groups.len().min(4));
            let mut turned = examples.clone();
            turned.reverse();
            let mut again = folds(&turned, 4);
            again.reverse();
            prop_assert_eq!(again, found);
        }

        #[test]
        fn every_fold_has_its_share_of_each_class(of_class in prop::collection::vec(0_usize..40, 3)) {
            let examples: Vec<(String, usize)> = of_class
                .iter()
                .enumerate()
                .flat_map(|(class, count)| (0..*count).map(move |at| (format!("{class} {at}"), class)))
                .collect();
            let found = folds(&examples, 5);
            for fold in 0..5.min(examples.len()) {
                for (class, count) in of_class.iter().enumerate() {
                    let here = examples.iter().zip(&found);
                    let here = here.filter(|((_, of), at)| *of == class && **at == fold).count();
                    let folds = examples.len().clamp(1, 5);
                    prop_assert!(here >= count / folds && here <= count.div_ceil(folds));
                }
            }
        }
    }
}

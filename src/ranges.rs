//! Ranges that are in order and apart from one another.

use std::ops::Range;

/// Whether a byte lies in one of the ranges.
pub(crate) fn contain(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= at);
    after > 0 && at < ranges[after - 1].end
}

/// Those of the ranges that share a byte with another.
pub(crate) fn overlapping<'r>(
    ranges: &'r [Range<usize>],
    other: &Range<usize>,
) -> &'r [Range<usize>] {
    let first = ranges.partition_point(|range| range.end <= other.start);
    let end = ranges.partition_point(|range| range.start < other.end);
    &ranges[first..end.max(first)]
}

#[cfg(test)]
mod tests {
    use super::{contain, overlapping};

    #[test]
    fn ranges_are_found_by_what_they_share() {
        let ranges = [2..4, 6..7, 9..12];
        let inside: Vec<usize> = (0..13).filter(|at| contain(&ranges, *at)).collect();
        assert_eq!(inside, [2, 3, 6, 9, 10, 11]);
        assert_eq!(overlapping(&ranges, &(3..7)), &ranges[..2]);
        assert!(overlapping(&ranges, &(4..6)).is_empty());
        assert!(overlapping(&ranges, &(7..7)).is_empty());
    }
}

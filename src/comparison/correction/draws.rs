//! Draws of what is uncertain about a corrected share.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

use super::table::Table;
use super::{JudgedRow, RawShare};
use crate::comparison::resampling::REPLICATES;
use crate::statistics::Z;

/// Draws of the table of all rows, and of those of each period.
pub(super) fn draw_tables(rows: &[JudgedRow], periods: usize) -> (Vec<Table>, Vec<Vec<Table>>) {
    let mut generator = ChaCha8Rng::seed_from_u64(1978);
    let extra = |place: Option<usize>| {
        let of = rows.iter();
        HalfRows::of(of.filter(move |row| place.is_none() || row.period == place))
    };
    let extra_of_all = extra(None);
    let extra_of_own: Vec<HalfRows> = (0..periods).map(|place| extra(Some(place))).collect();
    let mut all = Vec::with_capacity(REPLICATES);
    let mut own = vec![Vec::with_capacity(REPLICATES); periods];
    for _ in 0..REPLICATES {
        let mut of_all = extra_of_all.draw(&mut generator);
        let drawn = extra_of_own.iter().map(|half| half.draw(&mut generator));
        let mut of_own: Vec<Table> = drawn.collect();
        for row in rows {
            let times = -uniform(&mut generator).ln();
            of_all.add(row, times);
            if let Some(own) = row.period.and_then(|place| of_own.get_mut(place)) {
                own.add(row, times);
            }
        }
        all.push(of_all);
        for (tables, table) in own.iter_mut().zip(of_own) {
            tables.push(table);
        }
    }
    (all, own)
}

/// What half a row of each kind weighs: as the mean row with the same prediction, which is what a stratum is drawn by.
struct HalfRows {
    predicted: f64,
    not_predicted: f64,
}

impl HalfRows {
    fn of<'r>(rows: impl Iterator<Item = &'r JudgedRow> + Clone) -> Self {
        let mean = |predicted: bool| {
            let rows = rows.clone().filter(|row| row.predicted == predicted);
            let (sum, count) = rows.fold((0.0, 0_u32), |(sum, count), row| {
                (sum + row.weight, count + 1)
            });
            sum / f64::from(count.max(1))
        };
        Self {
            predicted: mean(true),
            not_predicted: mean(false),
        }
    }

    /// The four with numbers from the gamma distribution of shape 1/2: half the square of a normal one (Box and Muller 1958).
    fn draw(&self, generator: &mut ChaCha8Rng) -> Table {
        let mut half = || {
            let angle = std::f64::consts::TAU * uniform(generator);
            -uniform(generator).ln() * angle.cos().powi(2)
        };
        Table {
            found: self.predicted * half(),
            missed: self.not_predicted * half(),
            unfounded: self.predicted * half(),
            neither: self.not_predicted * half(),
        }
    }
}

/// A number between 0 and 1, neither of them.
fn uniform(generator: &mut ChaCha8Rng) -> f64 {
    ((generator.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

/// How far draws of the raw share lie from it: normal scores of its replicates' ranks (van der Waerden 1952), equal ones in
/// random order, scaled on either side so that 95% lie within its interval. So periods and themes that vary together still
/// do, and a share of 0, whose replicates are all 0, has the uncertainty that its interval gives it.
pub(super) fn deviations(raw: &RawShare, place: usize) -> Vec<f64> {
    let mut generator = ChaCha8Rng::seed_from_u64(1952);
    generator.set_stream(place as u64);
    let mut ranked: Vec<(f64, u64, usize)> = raw
        .replicates
        .iter()
        .enumerate()
        // A draw without comments says nothing about the share.
        .map(|(draw, value)| (value.unwrap_or(raw.share), generator.next_u64(), draw))
        .collect();
    ranked.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let of = ranked.len() as f64;
    let normal = Normal::standard();
    let mut deviations: Vec<(usize, f64)> = ranked
        .iter()
        .enumerate()
        .map(|(rank, (_, _, draw))| {
            let score = normal.inverse_cdf((rank as f64 + 0.5) / of) / Z;
            let side = if score > 0.0 {
                raw.interval.high - raw.share
            } else {
                raw.share - raw.interval.low
            };
            let drawn = (raw.share + score * side).clamp(0.0, 1.0);
            (*draw, drawn - raw.share)
        })
        .collect();
    deviations.sort_unstable_by_key(|(draw, _)| *draw);
    deviations.into_iter().map(|(_, value)| value).collect()
}

//! One period against another, with what chance, threads and the model's errors leave uncertain; and one run against the one
//! before.

mod change;
mod change_point;
mod correction;
mod course;
mod coverage;
mod discovery;
mod estimate;
mod measure;
mod news;
mod observation;
mod period;
mod quotes;
mod resampling;
mod sums;
mod together;
mod trend;
mod whole;
mod words;

pub use news::{Counted, JudgedComment, Movement, News, movements, news};

pub use change::{Change, Figure, benjamini_hochberg, change, is_certain};
pub use change_point::{ChangePoint, FEWEST_FOR_LEVELS, Levels, NoLevels, levels};
pub use correction::{
    Basis, Corrected, Correction, JudgedRow, Rate, RawShare, RowKinds, Uncorrected, correct,
};
pub use course::{CorrectedCourse, CorrectedShare, Course, From, Judged, Line, Step};
pub use coverage::{Apart, Busiest, Coverage, PeriodCoverage};
pub use discovery::{Choice, Cluster, Discovery, DiscoveryError, discover};
pub use estimate::{
    Estimate, FEWEST_COMMENTS, FEWEST_POSTS, TooLittle, design_effect, usual_design_effect,
};
pub use measure::Measure;
pub use observation::{Observation, Observations, ObservedPost};
pub use period::{
    Days, Division, Era, ErasError, MOST_PERIODS, Period, Periods, PeriodsError, Place, Unfinished,
    Wanted, days, read_eras,
};
pub use quotes::{Quoted, quotes};
pub use resampling::{REPLICATES, Resampling};
pub use sums::{Cell, Cells, ratio};
pub use together::{FEWEST_POSTS_TOGETHER, FEWEST_TOGETHER, Lift, Pair, Shift, TooFewTogether};
pub use trend::{FEWEST_FOR_TREND, NoTrend, Trend, trend};
pub use whole::{Companions, Whole, compare_all};
pub use words::{Distinctive, DistinctiveWord, Lexicon};

//! Measures predictions against labels.

mod bootstrap;
mod evaluate;
mod metrics;
mod ranking;
mod reliability;

pub use bootstrap::bootstrap;
pub use evaluate::{Calibration, Estimate, Evaluation, Misjudged, Themes, ThreeClasses, evaluate};
pub use metrics::{
    ClassScore, Classification, MultiLabel, Tally, ThemeScore, classification, multi_label,
};
pub use ranking::average_precision;
pub use reliability::{Bin, calibration_error, reliability};

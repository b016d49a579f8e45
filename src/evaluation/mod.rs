//! Measures predictions against labels.

mod metrics;

pub use metrics::{
    ClassScore, Classification, MultiLabel, ThemeScore, classification, multi_label,
};

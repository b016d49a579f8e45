//! The number format the encoder computes in.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tch::Kind;

/// The number format of the encoder's weights and activations.
///
/// Scores of the two formats differ in the third decimal, so one set of outputs holds one format only and says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floating point: every processor computes it at full speed.
    F32,
    /// bfloat16: several times faster where the processor has instructions for it, very slow elsewhere.
    Bf16,
}

impl Precision {
    /// The faster format on this processor: bf16 with AMX-BF16 or AVX512-BF16, else f32.
    pub fn of_this_processor() -> Self {
        // The standard library does not detect AMX yet; the kernel lists both where it lets programs use them.
        let flags = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Self::from_processor_flags(&flags)
    }

    fn from_processor_flags(cpuinfo: &str) -> Self {
        let has_bf16 = cpuinfo
            .lines()
            .filter(|line| line.starts_with("flags"))
            .flat_map(str::split_whitespace)
            .any(|flag| flag == "amx_bf16" || flag == "avx512_bf16");
        if has_bf16 { Self::Bf16 } else { Self::F32 }
    }

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::F32 => Kind::Float,
            Self::Bf16 => Kind::BFloat16,
        }
    }
}

/// What decides which kernels a processor computes with, and so the last bits of what comes out: its maker and the
/// instructions that matrix products can use. `other` where the system does not say.
pub fn processor_kind() -> String {
    let listed = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    kind_of(&listed)
}

fn kind_of(cpuinfo: &str) -> String {
    let values = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.starts_with(name));
        let values = line.and_then(|line| line.split_once(':'));
        values.map_or("", |(_, values)| values.trim())
    };
    let deciding = |flag: &&str| {
        ["avx2", "fma", "avx_vnni"].contains(flag)
            || flag.starts_with("avx512")
            || flag.starts_with("amx")
    };
    let maker = values("vendor_id");
    let mut flags: Vec<&str> = values("flags")
        .split_whitespace()
        .filter(deciding)
        .collect();
    flags.sort_unstable();
    if maker.is_empty() {
        return "other".to_owned();
    }
    flags.insert(0, maker);
    flags.join(" ")
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        })
    }
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "f32" => Ok(Self::F32),
            "bf16" => Ok(Self::Bf16),
            "auto" => Ok(Self::of_this_processor()),
            _ => Err("the precision is one of auto, f32, bf16".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Precision, kind_of};

    #[test]
    fn bf16_is_chosen_only_where_the_processor_computes_it() {
        let with = "model name : x\nflags\t\t: fpu avx512f avx512_bf16 amx_tile\n";
        let without = "model name : amx_bf16 lookalike\nflags\t\t: fpu avx2 avx512f\n";
        assert_eq!(Precision::from_processor_flags(with), Precision::Bf16);
        assert_eq!(Precision::from_processor_flags(without), Precision::F32);
        assert_eq!(Precision::from_processor_flags(""), Precision::F32);
    }

    #[test]
    fn processors_that_compute_alike_are_of_one_kind() {
        let listed =
            "vendor_id\t: AuthenticAMD\nmodel name : x\nflags\t\t: fpu fma sse avx avx2 avx512f\n";
        assert_eq!(kind_of(listed), "AuthenticAMD avx2 avx512f fma");
        let faster = listed.replace("model name : x", "model name : y\ncpu MHz : 9000");
        assert_eq!(kind_of(&faster), kind_of(listed));
        assert_ne!(kind_of(&listed.replace(" avx512f", "")), kind_of(listed));
        assert_eq!(kind_of(""), "other");
    }
}

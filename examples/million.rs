//! Results of any size, to time comparisons by: `million FOLDER COMMENTS` writes a made-up set of about so many scored
//! comments, spread over twelve years, as `undertone run --out FOLDER` would have left it. Then:
//!
//!     cargo run --release --example million -- made-up 1000000
//!     time target/release/undertone compare --results made-up
//!
//! The same number gives the same bytes. One theme rises, the others stay what they are.

use std::error::Error;
use std::path::Path;

#[path = "../tests/common/generated.rs"]
mod generated;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [folder, comments] => {
            generated::write_results(Path::new(folder), comments.parse()?)?;
            let [first, last] = generated::PLANTED.map(|share| share * 100.0);
            println!("planted: the first theme, from {first:.0}% to {last:.0}%");
            Ok(())
        }
        _ => Err("million FOLDER COMMENTS".into()),
    }
}

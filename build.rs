//! Writes into the binaries where libtorch lies, so that they start without LD_LIBRARY_PATH.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    let Some(lib) = std::env::var_os("DEP_TCH_LIBTORCH_LIB").map(PathBuf::from) else {
        println!(
            "cargo:warning=torch-sys does not say where libtorch is; set LD_LIBRARY_PATH to run"
        );
        return;
    };
    let lib = lib.canonicalize().unwrap_or(lib);
    // A libtorch inside the checkout is also found from the binary's own place (target/release/ and
    // target/release/deps/), so that the checkout can be moved or packed.
    let root = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .and_then(|p| p.canonicalize().ok());
    if let Some(inside) = root
        .as_deref()
        .and_then(|root: &Path| lib.strip_prefix(root).ok())
    {
        for up in ["../..", "../../.."] {
            println!(
                "cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/{up}/{}",
                inside.display()
            );
        }
    }
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
    // The operators register themselves when the library loads; nothing refers to it by name.
    println!("cargo:rustc-link-arg=-Wl,--no-as-needed");
    println!("cargo:rustc-link-arg=-ltorch_cpu");
}

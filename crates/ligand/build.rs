//! Rebuilds the binary when an element of the built-in catalog changes, because the catalog is embedded.

fn main() {
    println!("cargo:rerun-if-changed=../../elements");
}

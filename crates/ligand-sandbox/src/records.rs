//! What the vendors' data have in common: bounded collections and numbers that look random.

/// Most records one collection keeps, so that a runaway script cannot fill the memory.
pub(crate) const MAX_RECORDS: usize = 20_000;

/// Spreads a counter over 64 bits, so that identifiers made from it do not look like counters.
pub(crate) fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0xD1B5_4A32_D192_ED03);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A GUID in its usual spelling, the same for the same number.
pub(crate) fn guid(number: u64) -> String {
    let (high, low) = (scatter(number), scatter(!number));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 50),
        low & 0xffff_ffff_ffff
    )
}

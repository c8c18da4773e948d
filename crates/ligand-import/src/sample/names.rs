//! The order in which members are visited: that of the hash maps of the platform that clients know, since names depend on it.

/// The places of names in the order in which a hash map would give them.
pub(super) fn visited(names: &[&str]) -> Vec<usize> {
    let mut buckets = 16_usize;
    while names.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    let mask = u32::try_from(buckets - 1).unwrap_or(u32::MAX);
    let mut places: Vec<usize> = (0..names.len()).collect();
    places.sort_by_key(|place| bucket(names[*place]) & mask);
    places
}

/// What decides the bucket of a name.
fn bucket(name: &str) -> u32 {
    let hash = name.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::{bucket, visited};

    #[test]
    fn names_are_hashed_as_texts_of_the_platform() {
        assert_eq!(bucket(""), 0);
        assert_eq!(bucket("id"), 3355);
        assert_eq!(bucket("name"), 3_373_707 ^ 51);
        assert_eq!(bucket("FB"), bucket("Ea"));
    }

    #[test]
    fn buckets_come_in_order_and_collisions_as_they_stand() {
        assert_eq!(visited(&["FB", "Ea"]), [0, 1]);
        assert_eq!(visited(&["Ea", "FB"]), [0, 1]);
        // a = 97, so that one more bucket is one more letter.
        let letters: Vec<String> = ('a'..='l').map(String::from).collect();
        let twelve: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(visited(&["p", "a", "o"]), [0, 1, 2], "112 and 97 and 111 of sixteen are 0 and 1 and 15");
        assert_eq!(visited(&twelve), (0..12).collect::<Vec<_>>());
        let mut thirteen = twelve.clone();
        thirteen.insert(0, "p");
        assert_eq!(visited(&thirteen)[12], 0, "with more than twelve there are 32 buckets, and 112 is in 16");
    }
}

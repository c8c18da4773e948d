//! A macro for closed sets of words: an enum with the word of each variant as the definition format spells it.

/// Declares an enum whose variants have one spelling each (and optional further ones that are only read).
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal $(| $other:literal)*,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word as the definition format spells it.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The variant of a word; `None` when there is no such word.
            #[must_use]
            pub fn from_key(word: &str) -> Option<Self> {
                match word { $($word $(| $other)* => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use words;

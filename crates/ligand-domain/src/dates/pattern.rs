//! A Java date pattern, taken apart.

use thiserror::Error;

/// The longest run of one letter that means something; longer ones are no dates but attacks on padding.
const MAX_RUN: usize = 32;

/// Why a text is no date pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PatternError {
    /// A letter without a meaning.
    #[error("the letter {0} has no meaning in a date pattern")]
    Letter(char),
    /// A letter repeated too often.
    #[error("the letter {0} is repeated too often in a date pattern")]
    TooLong(char),
    /// A quote that does not end.
    #[error("a quote in a date pattern does not end")]
    Quote,
}

/// What a letter of a pattern stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Era,
    Year,
    Month,
    Day,
    DayOfYear,
    Weekday,
    WeekdayNumber,
    Half,
    /// 0–23.
    Hour,
    /// 1–24.
    HourFromOne,
    /// 0–11.
    HalfHour,
    /// 1–12.
    HalfHourFromOne,
    Minute,
    Second,
    Fraction,
    ZoneName,
    Offset,
    IsoOffset,
}

impl Field {
    fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'G' => Self::Era,
            'y' | 'Y' => Self::Year,
            'M' | 'L' => Self::Month,
            'd' => Self::Day,
            'D' => Self::DayOfYear,
            'E' => Self::Weekday,
            'u' => Self::WeekdayNumber,
            'a' => Self::Half,
            'H' => Self::Hour,
            'k' => Self::HourFromOne,
            'K' => Self::HalfHour,
            'h' => Self::HalfHourFromOne,
            'm' => Self::Minute,
            's' => Self::Second,
            'S' => Self::Fraction,
            'z' => Self::ZoneName,
            'Z' => Self::Offset,
            'X' => Self::IsoOffset,
            _ => return None,
        })
    }

    /// Whether so many of its letters are written as digits.
    pub(super) fn is_numeric(self, count: usize) -> bool {
        match self {
            Self::Month => count < 3,
            Self::Era | Self::Weekday | Self::Half | Self::ZoneName | Self::Offset | Self::IsoOffset => false,
            _ => true,
        }
    }
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A field and how often its letter stands there.
    Field(Field, usize),
    /// Text that stands for itself.
    Literal(String),
}

/// A Java date pattern such as `yyyy-MM-dd'T'HH:mm:ssXXX`.
///
/// Two deliberate differences to Java: `S` is a fraction of a second, not a number of milliseconds, so that
/// microseconds are read right; and `Y` is the year, not the week year that nobody who wrote it meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatePattern {
    pub(super) pieces: Vec<Piece>,
}

impl DatePattern {
    /// Takes a pattern apart.
    ///
    /// # Errors
    /// A letter that has no meaning or stands too often, a quote that does not end.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let mut pieces = Vec::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\'' if letters.next_if_eq(&'\'').is_some() => literal(&mut pieces, '\''),
                '\'' => loop {
                    match letters.next().ok_or(PatternError::Quote)? {
                        '\'' if letters.next_if_eq(&'\'').is_some() => literal(&mut pieces, '\''),
                        '\'' => break,
                        quoted => literal(&mut pieces, quoted),
                    }
                },
                _ if letter.is_ascii_alphabetic() => {
                    let field = Field::of(letter).ok_or(PatternError::Letter(letter))?;
                    let mut count = 1;
                    while letters.next_if_eq(&letter).is_some() {
                        count += 1;
                    }
                    if count > MAX_RUN {
                        return Err(PatternError::TooLong(letter));
                    }
                    pieces.push(Piece::Field(field, count));
                }
                other => literal(&mut pieces, other),
            }
        }
        Ok(Self { pieces })
    }
}

fn literal(pieces: &mut Vec<Piece>, letter: char) {
    match pieces.last_mut() {
        Some(Piece::Literal(text)) => text.push(letter),
        _ => pieces.push(Piece::Literal(letter.to_string())),
    }
}

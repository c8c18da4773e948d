//! Reading columns into domain types, with what is wrong told as [`Error::Corrupt`].

use ligand_domain::{Id, Timestamp};
use sqlx::{Row, any::AnyRow};

use crate::Error;

/// Typed access to the columns of a row.
pub(crate) trait Columns {
    fn number(&self, column: &str) -> Result<i64, Error>;
    fn optional_number(&self, column: &str) -> Result<Option<i64>, Error>;
    fn text(&self, column: &str) -> Result<String, Error>;
    fn optional_text(&self, column: &str) -> Result<Option<String>, Error>;

    fn id<T>(&self, column: &str) -> Result<Id<T>, Error> {
        Id::new(self.number(column)?).ok_or_else(|| Error::corrupt(column, "not a positive number"))
    }

    fn flag(&self, column: &str) -> Result<bool, Error> {
        Ok(self.number(column)? != 0)
    }

    fn instant(&self, column: &str) -> Result<Timestamp, Error> {
        Ok(Timestamp::from_millis(self.number(column)?))
    }
}

impl Columns for AnyRow {
    fn number(&self, column: &str) -> Result<i64, Error> {
        Ok(self.try_get(column)?)
    }

    fn optional_number(&self, column: &str) -> Result<Option<i64>, Error> {
        Ok(self.try_get(column)?)
    }

    fn text(&self, column: &str) -> Result<String, Error> {
        Ok(self.try_get(column)?)
    }

    fn optional_text(&self, column: &str) -> Result<Option<String>, Error> {
        Ok(self.try_get(column)?)
    }
}

/// Refuses what only one of the two engines could store.
pub(crate) fn storable(text: &str) -> Result<&str, Error> {
    if text.contains('\0') { Err(Error::NulCharacter) } else { Ok(text) }
}

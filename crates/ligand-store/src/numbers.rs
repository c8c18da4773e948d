//! Numbers for rows that are many: events, notifications, deliveries. A process takes a block of them at a time, so that
//! changes do not wait for each other's numbers, and a new block each second, so that numbers follow time.

use std::sync::{Mutex, PoisonError};

use ligand_domain::Timestamp;

use crate::{Error, Store, row::Columns};

/// How many numbers a block has.
const BLOCK: i64 = 1024;
/// How long numbers are taken of one block, in milliseconds.
const BLOCK_MILLIS: i64 = 1000;

/// What is left of the block in use.
#[derive(Default)]
pub(crate) struct Numbers(Mutex<Block>);

#[derive(Default)]
struct Block {
    next: i64,
    end: i64,
    taken_at: i64,
}

impl Numbers {
    fn take(&self, count: i64, now: Timestamp) -> Option<i64> {
        let mut block = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if block.end - block.next < count || (now.as_millis() - block.taken_at).abs() >= BLOCK_MILLIS {
            return None;
        }
        block.next += count;
        Some(block.next - count)
    }

    fn put(&self, next: i64, end: i64, now: Timestamp) {
        let mut block = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if next > block.next {
            *block = Block { next, end, taken_at: now.as_millis() };
        }
    }
}

impl Store {
    /// The first of so many consecutive numbers that no row has. To be called outside of changes.
    pub(crate) async fn take_numbers(&self, count: usize) -> Result<i64, Error> {
        let count = i64::try_from(count).unwrap_or(i64::MAX).clamp(1, 1 << 30);
        let now = self.clock().now();
        if let Some(first) = self.numbers().take(count, now) {
            return Ok(first);
        }
        let blocks = (count + BLOCK - 1) / BLOCK;
        let row = sqlx::query("UPDATE counters SET value = value + $1 WHERE name = 'number_block' RETURNING value")
            .bind(blocks)
            .fetch_one(self.writer())
            .await?;
        let last_block = row.number("value")?;
        let first = (last_block - blocks + 1) * BLOCK;
        self.numbers().put(first + count, (last_block + 1) * BLOCK, now);
        Ok(first)
    }
}

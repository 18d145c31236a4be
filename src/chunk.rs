//! The memory in which the octets of bodies travel to JavaScript: read into once, never copied.
//!
//! JavaScript gives a chunk back when its collector has found that nobody holds it. It is used
//! again then: memory that is new has to be cleared by the system, page by page, and that takes
//! longer than to fill it from the socket. When no chunk is on its way any more, all are freed but
//! one: the next read needs it.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many bytes a chunk takes without growing.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// The most chunks that wait to be used again.
const MOST_WAITING: usize = 16;

static POOL: Mutex<Pool> = Mutex::new(Pool {
    waiting: Vec::new(),
    out: 0,
    lent: 0,
});

struct Pool {
    waiting: Vec<Vec<u8>>,
    /// How many chunks there are that do not wait.
    out: usize,
    /// How many bytes were lent since JavaScript has given any back.
    lent: usize,
}

/// So many bytes of chunks are JavaScript's from now on. How many it has got since it has given any
/// back.
pub fn lend(bytes: usize) -> usize {
    let mut pool = pool();
    pool.lent += bytes;
    pool.lent
}

/// JavaScript has given some back.
pub fn give_back() {
    pool().lent = 0;
}

/// Bytes that may come from the pool, and go back to it when they are dropped.
#[derive(Debug, Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    is_pooled: bool,
}

impl Chunk {
    /// An empty chunk with room for [`CHUNK_BYTES`]. The default is one without room.
    pub fn new() -> Chunk {
        let mut pool = pool();
        pool.out += 1;
        let waiting = pool.waiting.pop();
        drop(pool);
        Chunk {
            bytes: waiting.unwrap_or_else(|| Vec::with_capacity(CHUNK_BYTES)),
            is_pooled: true,
        }
    }

    /// Where these bytes begin in the chunk, if they stand in it.
    pub fn place(&self, bytes: &[u8]) -> Option<usize> {
        let own = self.bytes.as_ptr_range();
        let sought = bytes.as_ptr_range();
        let is_inside = own.contains(&sought.start) && sought.end <= own.end;
        is_inside.then(|| sought.start.addr() - own.start.addr())
    }
}

impl Deref for Chunk {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Chunk {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if !self.is_pooled {
            return;
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let mut pool = pool();
        pool.out -= 1;
        if pool.waiting.len() < MOST_WAITING && bytes.capacity() == CHUNK_BYTES {
            pool.waiting.push(std::mem::take(&mut bytes));
        }
        let kept = pool.waiting.len().min(1);
        let freed = match pool.out {
            0 => pool.waiting.split_off(kept),
            _ => Vec::new(),
        };
        // Others need not wait until the system has taken it.
        drop(pool);
        drop((bytes, freed));
    }
}

fn pool() -> MutexGuard<'static, Pool> {
    // Whoever panicked with it left a pool that is still a pool.
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_has_nothing_of_the_one_before() {
        let mut kept = Chunk::new();
        kept.extend_from_slice(b"kept");
        for grown in [1, CHUNK_BYTES, CHUNK_BYTES + 1] {
            let mut chunk = Chunk::new();
            assert!(chunk.is_empty());
            assert_eq!(chunk.capacity(), CHUNK_BYTES);
            chunk.resize(grown, b'x');
        }
        assert_eq!(**kept, *b"kept");
    }

    #[test]
    fn the_default_has_no_memory() {
        assert_eq!(Chunk::default().capacity(), 0);
    }

    #[test]
    fn what_stands_in_a_chunk_has_a_place() {
        let mut chunk = Chunk::default();
        chunk.extend_from_slice(b"little");
        assert_eq!(chunk.place(b"little"), None);
        assert_eq!(chunk.place(&chunk[1..3]), Some(1));
    }
}

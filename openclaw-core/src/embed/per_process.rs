//! A value that each process of a family of forks has for itself.

use std::sync::OnceLock;

use super::runtime::generation;

/// A value of this process. The child of a fork finds a new one here, and neither touches nor waits for what its parent
/// had: another thread of the parent, which is not in the child, may have held its lock.
#[derive(Debug)]
pub struct PerProcess<T> {
    /// The generation that made it.
    first: usize,
    own: Own<T>,
}

#[derive(Debug)]
struct Own<T> {
    value: T,
    /// That of the child.
    next: OnceLock<Box<Own<T>>>,
}

impl<T: Default> PerProcess<T> {
    /// Of the first generation, so that it can be a `static`.
    pub const fn first(value: T) -> Self {
        Self { first: 0, own: Own { value, next: OnceLock::new() } }
    }

    /// The value of this process.
    pub fn get(&self) -> &T {
        let mut own = &self.own;
        for _ in self.first..generation() {
            own = own.next.get_or_init(Box::default);
        }
        &own.value
    }
}

impl<T: Default> Default for PerProcess<T> {
    fn default() -> Self {
        Self { first: generation(), own: Own::default() }
    }
}

impl<T: Default> Default for Own<T> {
    fn default() -> Self {
        Self { value: T::default(), next: OnceLock::new() }
    }
}

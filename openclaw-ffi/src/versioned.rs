//! Structs that cross the border by pointer: they begin with their size, and grow at their end.

use crate::guard::{Fault, Result};

/// A struct that grows at its end.
pub(crate) trait Versioned: Copy {
    /// What it was in its first version. Never `size_of`: that is larger in every later one.
    const FIRST_SIZE: usize;
}

/// Reads the host's struct, which may be of an older or a newer header; what an older one lacks is as in `init`, which
/// is also what NULL means.
///
/// # Safety
/// `from` must be NULL or point to a struct of the size that stands in its first field. Every value of its bytes must be a
/// value of the struct.
pub(crate) unsafe fn read_struct<T: Versioned>(from: *const T, init: &T, name: &str) -> Result<T> {
    let mut read = *init;
    if from.is_null() {
        return Ok(read);
    }
    // SAFETY: not NULL, and the caller promises the first field.
    let size = sized::<T>(unsafe { from.cast::<u32>().read_unaligned() }, name)?;
    // SAFETY: the caller promises so many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), size) };
    if bytes.iter().skip(size_of::<T>()).any(|byte| *byte != 0) {
        let text = format!("{name} has a field set that this version of the library does not know");
        return Err(Fault::unsupported(text));
    }
    let ours = size.min(size_of::<T>());
    // SAFETY: both are `ours` bytes long and do not overlap; every value of the bytes is a value of the struct.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), std::ptr::from_mut(&mut read).cast(), ours) };
    Ok(read)
}

/// Looks at a size that the host gave.
fn sized<T: Versioned>(size: u32, name: &str) -> Result<usize> {
    let size = size as usize;
    if !(T::FIRST_SIZE..=MAX_STRUCT).contains(&size) {
        return Err(Fault::argument(format!("struct_size of {name} is {size}: initialise it with its _INIT macro")));
    }
    Ok(size)
}

/// Writes as much of a struct as the host's header knows; what it knows beyond us becomes 0. Every struct begins with
/// its size.
///
/// # Safety
/// `out` must be NULL or point to a struct of the size that stands in its first field.
pub(crate) unsafe fn write_struct<T: Versioned>(out: *mut T, full: &T, name: &str) -> Result<()> {
    if out.is_null() {
        return Err(Fault::argument(format!("{name} is NULL")));
    }
    // SAFETY: not NULL, and the caller promises the first field.
    let size = sized::<T>(unsafe { out.cast::<u32>().read_unaligned() }, name)?;
    // SAFETY: the caller promises so many bytes; the first field stays as it is.
    unsafe { write_sized(out, full, size) };
    Ok(())
}

/// Writes a struct but for its first field, into `size` bytes.
///
/// # Safety
/// `out` must point to `size` bytes, and `size` must not be smaller than the first field.
pub(crate) unsafe fn write_sized<T: Copy>(out: *mut T, full: &T, size: usize) {
    let ours = size.min(size_of::<T>());
    let skip = size_of::<u32>();
    let (from, to) = (std::ptr::from_ref(full).cast::<u8>(), out.cast::<u8>());
    // SAFETY: both are `ours` bytes long and do not overlap; the rest up to `size` is the host's.
    unsafe {
        std::ptr::copy_nonoverlapping(from.add(skip), to.add(skip), ours - skip);
        std::ptr::write_bytes(to.add(ours), 0, size - ours);
    }
}

/// No struct grows beyond this.
pub(crate) const MAX_STRUCT: usize = 4096;

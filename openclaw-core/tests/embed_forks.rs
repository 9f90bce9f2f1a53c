//! What every process of a family of forks has for itself. A process of its own, because a generation is for ever.
#![cfg(feature = "embed")]

use openclaw_core::embed::{PerProcess, Runtime, forget_after_fork, generation};

#[test]
fn a_runtime_is_there_however_deep_forks_are_nested() {
    let value = PerProcess::<std::sync::OnceLock<usize>>::default();
    let mut before = Runtime::shared().unwrap();
    for depth in 0..40 {
        assert_eq!(generation(), depth);
        assert_eq!(value.get().get_or_init(|| depth), &depth, "a value of before the fork was found");
        assert_eq!(before.block_on(async { depth }).unwrap(), depth);
        forget_after_fork();
        assert!(before.is_forked() && before.block_on(async {}).is_err());
        before = Runtime::shared().unwrap();
        assert!(!before.is_forked() && !Runtime::shared().unwrap().is_forked());
    }
    // One that is made late begins where it is made.
    let late = PerProcess::<std::sync::OnceLock<usize>>::default();
    late.get().set(1).unwrap();
    assert_eq!((late.get().get(), value.get().get()), (Some(&1), None));
}

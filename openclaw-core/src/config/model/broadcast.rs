//! TODO file broadcast

use super::macros::{choice, shape};
use super::value::Map;

shape! {
    /// TODO Broadcast
    #[derive(Default)]
    pub open struct Broadcast {
        /// TODO Broadcast.strategy
        pub strategy: Option<BroadcastStrategy>,
        /// TODO Broadcast.*
        #[serde(flatten)]
        pub other: Map<Vec<String>>,
    }
}

choice! {
    /// TODO BroadcastStrategy
    pub listed enum BroadcastStrategy {
        Parallel = "parallel",
        Sequential = "sequential",
    }
}

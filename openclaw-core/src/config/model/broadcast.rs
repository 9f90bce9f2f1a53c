//! Section `broadcast`: groups in which several agents answer.

use super::macros::{choice, shape};
use super::value::Map;

shape! {
    /// Groups in which several agents answer.
    #[derive(Default)]
    pub open struct Broadcast {
        /// Whether they answer at once or in turn.
        pub strategy: Option<BroadcastStrategy>,
        /// For each group, the ids of its agents. If there is an `agents.list`, they must be in it.
        #[serde(flatten)]
        pub other: Map<Vec<String>>,
    }
}

choice! {
    /// Whether several agents answer at once or in turn.
    pub listed enum BroadcastStrategy {
        Parallel = "parallel",
        Sequential = "sequential",
    }
}

//! Section `update`: channel and automatic updates.

use super::macros::{choice, shape};
use super::number::{HoursOfDay, HoursOfWeek};

shape! {
    /// Updates of OpenClaw.
    #[derive(Default)]
    pub struct Update {
        /// Which releases are followed.
        pub channel: Option<UpdateChannel>,
        /// Whether a start looks for a newer version.
        pub check_on_start: Option<bool>,
        /// Updates without being asked.
        pub auto: Option<AutoUpdate>,
    }
}

choice! {
    /// Which releases are followed.
    pub enum UpdateChannel {
        Stable = "stable",
        Beta = "beta",
        Dev = "dev",
    }
}

shape! {
    /// Updates without being asked.
    #[derive(Default)]
    pub struct AutoUpdate {
        /// Whether they are made.
        pub enabled: Option<bool>,
        /// Hours that a stable release is left to others first.
        pub stable_delay_hours: Option<HoursOfWeek>,
        /// Hours, at most, that are waited at random on top.
        pub stable_jitter_hours: Option<HoursOfWeek>,
        /// Hours between two looks for a beta.
        pub beta_check_interval_hours: Option<HoursOfDay>,
    }
}

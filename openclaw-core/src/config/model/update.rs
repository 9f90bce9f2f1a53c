//! TODO file update

use super::macros::{choice, shape};
use super::number::{HoursOfDay, HoursOfWeek};

shape! {
    /// TODO Update
    #[derive(Default)]
    pub struct Update {
        /// TODO Update.channel
        pub channel: Option<UpdateChannel>,
        /// TODO Update.checkOnStart
        pub check_on_start: Option<bool>,
        /// TODO Update.auto
        pub auto: Option<AutoUpdate>,
    }
}

choice! {
    /// TODO UpdateChannel
    pub enum UpdateChannel {
        Stable = "stable",
        Beta = "beta",
        Dev = "dev",
    }
}

shape! {
    /// TODO AutoUpdate
    #[derive(Default)]
    pub struct AutoUpdate {
        /// TODO AutoUpdate.enabled
        pub enabled: Option<bool>,
        /// TODO AutoUpdate.stableDelayHours
        pub stable_delay_hours: Option<HoursOfWeek>,
        /// TODO AutoUpdate.stableJitterHours
        pub stable_jitter_hours: Option<HoursOfWeek>,
        /// TODO AutoUpdate.betaCheckIntervalHours
        pub beta_check_interval_hours: Option<HoursOfDay>,
    }
}

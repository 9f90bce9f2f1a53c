//! Answers that are spoken.

use super::macros::{choice, shape};
use super::number::IntIn;
use super::secret::SecretInput;
use super::value::{Json, Map, NonEmpty};

shape! {
    /// Answers that are spoken.
    #[derive(Default)]
    pub struct Tts {
        /// Which answers.
        pub auto: Option<TtsAuto>,
        /// Whether any are. Superseded by `auto`.
        pub enabled: Option<bool>,
        /// Whether only the last message of an answer.
        pub mode: Option<TtsMode>,
        /// Who speaks.
        pub provider: Option<NonEmpty>,
        /// The model that shortens long answers.
        pub summary_model: Option<String>,
        /// What the model may change by marks in its answer.
        pub model_overrides: Option<TtsOverrides>,
        /// Settings of each provider of speech.
        pub providers: Option<Map<TtsProvider>>,
        /// The file of the person's choices.
        pub prefs_path: Option<String>,
        /// Characters of a spoken text, at most.
        pub max_text_length: Option<IntIn<1>>,
        /// Milliseconds of speaking, at most.
        pub timeout_ms: Option<IntIn<1000, 120000>>,
    }
}

choice! {
    /// Which answers are spoken.
    pub listed enum TtsAuto {
        Off = "off",
        Always = "always",
        Inbound = "inbound",
        Tagged = "tagged",
    }
}

choice! {
    /// Whether only the last message of an answer is spoken.
    pub listed enum TtsMode {
        Final = "final",
        All = "all",
    }
}

shape! {
    /// What the model may change by marks in its answer.
    #[derive(Default)]
    pub struct TtsOverrides {
        /// Whether anything.
        pub enabled: Option<bool>,
        /// The spoken text.
        pub allow_text: Option<bool>,
        /// The provider.
        pub allow_provider: Option<bool>,
        /// The voice.
        pub allow_voice: Option<bool>,
        /// The model of the provider.
        pub allow_model_id: Option<bool>,
        /// Settings of the voice.
        pub allow_voice_settings: Option<bool>,
        /// How numbers are read.
        pub allow_normalization: Option<bool>,
        /// The seed.
        pub allow_seed: Option<bool>,
    }
}

shape! {
    /// Settings of a provider of speech. Beyond its key, every provider defines its own.
    #[derive(Default)]
    pub open struct TtsProvider {
        /// Its key.
        pub api_key: Option<SecretInput>,
        /// The provider's own settings.
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}

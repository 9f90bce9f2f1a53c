//! TODO file tts

use super::macros::{choice, shape};
use super::number::IntIn;
use super::secret::SecretInput;
use super::value::{Json, Map, NonEmpty};

shape! {
    /// TODO Tts
    #[derive(Default)]
    pub struct Tts {
        /// TODO Tts.auto
        pub auto: Option<TtsAuto>,
        /// TODO Tts.enabled
        pub enabled: Option<bool>,
        /// TODO Tts.mode
        pub mode: Option<TtsMode>,
        /// TODO Tts.provider
        pub provider: Option<NonEmpty>,
        /// TODO Tts.summaryModel
        pub summary_model: Option<String>,
        /// TODO Tts.modelOverrides
        pub model_overrides: Option<TtsOverrides>,
        /// TODO Tts.providers
        pub providers: Option<Map<TtsProvider>>,
        /// TODO Tts.prefsPath
        pub prefs_path: Option<String>,
        /// TODO Tts.maxTextLength
        pub max_text_length: Option<IntIn<1>>,
        /// TODO Tts.timeoutMs
        pub timeout_ms: Option<IntIn<1000, 120000>>,
    }
}

choice! {
    /// TODO TtsAuto
    pub listed enum TtsAuto {
        Off = "off",
        Always = "always",
        Inbound = "inbound",
        Tagged = "tagged",
    }
}

choice! {
    /// TODO TtsMode
    pub listed enum TtsMode {
        Final = "final",
        All = "all",
    }
}

shape! {
    /// TODO TtsOverrides
    #[derive(Default)]
    pub struct TtsOverrides {
        /// TODO TtsOverrides.enabled
        pub enabled: Option<bool>,
        /// TODO TtsOverrides.allowText
        pub allow_text: Option<bool>,
        /// TODO TtsOverrides.allowProvider
        pub allow_provider: Option<bool>,
        /// TODO TtsOverrides.allowVoice
        pub allow_voice: Option<bool>,
        /// TODO TtsOverrides.allowModelId
        pub allow_model_id: Option<bool>,
        /// TODO TtsOverrides.allowVoiceSettings
        pub allow_voice_settings: Option<bool>,
        /// TODO TtsOverrides.allowNormalization
        pub allow_normalization: Option<bool>,
        /// TODO TtsOverrides.allowSeed
        pub allow_seed: Option<bool>,
    }
}

shape! {
    /// TODO TtsProvider
    #[derive(Default)]
    pub open struct TtsProvider {
        /// TODO TtsProvider.apiKey
        pub api_key: Option<SecretInput>,
        /// TODO TtsProvider.*
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}

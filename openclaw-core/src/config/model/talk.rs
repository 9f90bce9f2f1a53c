//! TODO file talk

use super::macros::shape;
use super::number::Positive;
use super::secret::SecretInput;
use super::value::{Json, Map};

shape! {
    /// TODO Talk
    #[derive(Default)]
    pub struct Talk {
        /// TODO Talk.provider
        pub provider: Option<String>,
        /// TODO Talk.providers
        pub providers: Option<Map<TalkProvider>>,
        /// TODO Talk.interruptOnSpeech
        pub interrupt_on_speech: Option<bool>,
        /// TODO Talk.silenceTimeoutMs
        pub silence_timeout_ms: Option<Positive>,
    } checked by talk
}

shape! {
    /// TODO TalkProvider
    #[derive(Default)]
    pub open struct TalkProvider {
        /// TODO TalkProvider.apiKey
        pub api_key: Option<SecretInput>,
        /// TODO TalkProvider.*
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}

//! Section `talk`: voice conversation.

use super::macros::shape;
use super::number::Positive;
use super::secret::SecretInput;
use super::value::{Json, Map};

shape! {
    /// Voice conversation.
    #[derive(Default)]
    pub struct Talk {
        /// Who speaks: a key of `providers`. Needed if there are several.
        pub provider: Option<String>,
        /// Settings of each provider of speech.
        pub providers: Option<Map<TalkProvider>>,
        /// Whether speaking interrupts the answer.
        pub interrupt_on_speech: Option<bool>,
        /// Milliseconds of silence that end a sentence.
        pub silence_timeout_ms: Option<Positive>,
    } checked by talk
}

shape! {
    /// Settings of a provider of speech. Beyond its key, every provider defines its own.
    #[derive(Default)]
    pub open struct TalkProvider {
        /// Its key.
        pub api_key: Option<SecretInput>,
        /// The provider's own settings.
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}

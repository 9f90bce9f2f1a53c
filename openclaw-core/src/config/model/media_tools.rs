//! How images, sounds, videos and links in messages are understood.

use super::macros::{choice, shape};
use super::number::Positive;
use super::request::RequestOptions;
use super::shared::Scope;
use super::value::{Map, NonEmpty, Scalar, Sensitive};

shape! {
    /// Images, sounds and videos in messages.
    #[derive(Default)]
    pub struct MediaTools {
        /// Models for all kinds.
        pub models: Option<Vec<MediaModel>>,
        /// Files that are looked at at once.
        pub concurrency: Option<Positive>,
        /// Images.
        pub image: Option<MediaUnderstanding>,
        /// Sounds.
        pub audio: Option<MediaUnderstanding>,
        /// Videos.
        pub video: Option<MediaUnderstanding>,
    }
}

shape! {
    /// Who understands media files: a provider's model, or a program.
    #[derive(Default)]
    pub struct MediaModel {
        /// The provider.
        pub provider: Option<String>,
        /// The model.
        pub model: Option<String>,
        /// What it understands.
        pub capabilities: Option<Vec<MediaCapability>>,
        /// Whether it is a provider or a program.
        pub r#type: Option<MediaModelType>,
        /// The program.
        pub command: Option<String>,
        /// Its arguments.
        pub args: Option<Vec<String>>,
        /// Characters of the answer, at most.
        pub max_chars: Option<Positive>,
        /// Bytes of a file, at most.
        pub max_bytes: Option<Positive>,
        /// What it is asked.
        pub prompt: Option<String>,
        /// Seconds, at most.
        pub timeout_seconds: Option<Positive>,
        /// Language of sounds.
        pub language: Option<String>,
        /// Further parameters, by provider.
        pub provider_options: Option<Map<Map<Scalar>>>,
        /// Parameters of Deepgram. Superseded by `providerOptions`.
        pub deepgram: Option<Deepgram>,
        /// Base address of the provider.
        pub base_url: Option<String>,
        /// Headers of calls.
        pub headers: Option<Map<Sensitive>>,
        /// Sign-in, proxy and TLS of calls.
        pub request: Option<RequestOptions>,
        /// The login profile.
        pub profile: Option<String>,
        /// The login profile that is tried first.
        pub preferred_profile: Option<String>,
    }
}

choice! {
    /// A kind of media file.
    pub enum MediaCapability {
        Image = "image",
        Audio = "audio",
        Video = "video",
    }
}

choice! {
    /// Whether a provider or a program understands media files.
    pub enum MediaModelType {
        Provider = "provider",
        Cli = "cli",
    }
}

shape! {
    /// Parameters of Deepgram.
    #[derive(Default)]
    pub struct Deepgram {
        /// Whether the language is found out.
        pub detect_language: Option<bool>,
        /// Whether punctuation is set.
        pub punctuate: Option<bool>,
        /// Whether numbers and dates are written nicely.
        pub smart_format: Option<bool>,
    }
}

shape! {
    /// How one kind of media file is understood.
    #[derive(Default)]
    pub struct MediaUnderstanding {
        /// Whether it is.
        pub enabled: Option<bool>,
        /// In which chats.
        pub scope: Option<Scope>,
        /// Bytes of a file, at most.
        pub max_bytes: Option<Positive>,
        /// Characters of the answer, at most.
        pub max_chars: Option<Positive>,
        /// What the model is asked.
        pub prompt: Option<String>,
        /// Seconds, at most.
        pub timeout_seconds: Option<Positive>,
        /// Language of sounds.
        pub language: Option<String>,
        /// Further parameters, by provider.
        pub provider_options: Option<Map<Map<Scalar>>>,
        /// Parameters of Deepgram. Superseded by `providerOptions`.
        pub deepgram: Option<Deepgram>,
        /// Base address of the provider.
        pub base_url: Option<String>,
        /// Headers of calls.
        pub headers: Option<Map<Sensitive>>,
        /// Sign-in, proxy and TLS of calls.
        pub request: Option<RequestOptions>,
        /// Which of several files.
        pub attachments: Option<MediaAttachments>,
        /// Who understands, in the order in which they are tried.
        pub models: Option<Vec<MediaModel>>,
        /// Whether what was understood is sent back.
        pub echo_transcript: Option<bool>,
        /// The text in which it is sent back.
        pub echo_format: Option<String>,
    }
}

shape! {
    /// Which of several files are understood.
    #[derive(Default)]
    pub struct MediaAttachments {
        /// One or all.
        pub mode: Option<AttachmentMode>,
        /// Files, at most.
        pub max_attachments: Option<Positive>,
        /// Which come first.
        pub prefer: Option<AttachmentPreference>,
    }
}

choice! {
    /// Whether one or all files are understood.
    pub enum AttachmentMode {
        First = "first",
        All = "all",
    }
}

choice! {
    /// Which files come first.
    pub enum AttachmentPreference {
        First = "first",
        Last = "last",
        Path = "path",
        Url = "url",
    }
}

shape! {
    /// Links in messages.
    #[derive(Default)]
    pub struct LinkTools {
        /// Whether they are followed.
        pub enabled: Option<bool>,
        /// In which chats.
        pub scope: Option<Scope>,
        /// Links of a message, at most.
        pub max_links: Option<Positive>,
        /// Seconds, at most.
        pub timeout_seconds: Option<Positive>,
        /// The programs that read them.
        pub models: Option<Vec<LinkModel>>,
    }
}

shape! {
    /// A program that reads a link.
    pub struct LinkModel {
        /// The kind: `cli`.
        pub r#type: Option<CliType>,
        /// The program.
        pub command: NonEmpty,
        /// Its arguments.
        pub args: Option<Vec<String>>,
        /// Seconds, at most.
        pub timeout_seconds: Option<Positive>,
    }
}

choice! {
    /// The kind of a command line program.
    pub enum CliType {
        Cli = "cli",
    }
}

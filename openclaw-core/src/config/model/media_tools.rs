//! TODO file media_tools

use super::macros::{choice, shape};
use super::number::Positive;
use super::request::RequestOptions;
use super::shared::Scope;
use super::value::{Map, NonEmpty, Scalar, Sensitive};

shape! {
    /// TODO MediaTools
    #[derive(Default)]
    pub struct MediaTools {
        /// TODO MediaTools.models
        pub models: Option<Vec<MediaModel>>,
        /// TODO MediaTools.concurrency
        pub concurrency: Option<Positive>,
        /// TODO MediaTools.image
        pub image: Option<MediaUnderstanding>,
        /// TODO MediaTools.audio
        pub audio: Option<MediaUnderstanding>,
        /// TODO MediaTools.video
        pub video: Option<MediaUnderstanding>,
    }
}

shape! {
    /// TODO MediaModel
    #[derive(Default)]
    pub struct MediaModel {
        /// TODO MediaModel.provider
        pub provider: Option<String>,
        /// TODO MediaModel.model
        pub model: Option<String>,
        /// TODO MediaModel.capabilities
        pub capabilities: Option<Vec<MediaCapability>>,
        /// TODO MediaModel.type
        pub r#type: Option<MediaModelType>,
        /// TODO MediaModel.command
        pub command: Option<String>,
        /// TODO MediaModel.args
        pub args: Option<Vec<String>>,
        /// TODO MediaModel.maxChars
        pub max_chars: Option<Positive>,
        /// TODO MediaModel.maxBytes
        pub max_bytes: Option<Positive>,
        /// TODO MediaModel.prompt
        pub prompt: Option<String>,
        /// TODO MediaModel.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
        /// TODO MediaModel.language
        pub language: Option<String>,
        /// TODO MediaModel.providerOptions
        pub provider_options: Option<Map<Map<Scalar>>>,
        /// TODO MediaModel.deepgram
        pub deepgram: Option<Deepgram>,
        /// TODO MediaModel.baseUrl
        pub base_url: Option<String>,
        /// TODO MediaModel.headers
        pub headers: Option<Map<Sensitive>>,
        /// TODO MediaModel.request
        pub request: Option<RequestOptions>,
        /// TODO MediaModel.profile
        pub profile: Option<String>,
        /// TODO MediaModel.preferredProfile
        pub preferred_profile: Option<String>,
    }
}

choice! {
    /// TODO MediaCapability
    pub enum MediaCapability {
        Image = "image",
        Audio = "audio",
        Video = "video",
    }
}

choice! {
    /// TODO MediaModelType
    pub enum MediaModelType {
        Provider = "provider",
        Cli = "cli",
    }
}

shape! {
    /// TODO Deepgram
    #[derive(Default)]
    pub struct Deepgram {
        /// TODO Deepgram.detectLanguage
        pub detect_language: Option<bool>,
        /// TODO Deepgram.punctuate
        pub punctuate: Option<bool>,
        /// TODO Deepgram.smartFormat
        pub smart_format: Option<bool>,
    }
}

shape! {
    /// TODO MediaUnderstanding
    #[derive(Default)]
    pub struct MediaUnderstanding {
        /// TODO MediaUnderstanding.enabled
        pub enabled: Option<bool>,
        /// TODO MediaUnderstanding.scope
        pub scope: Option<Scope>,
        /// TODO MediaUnderstanding.maxBytes
        pub max_bytes: Option<Positive>,
        /// TODO MediaUnderstanding.maxChars
        pub max_chars: Option<Positive>,
        /// TODO MediaUnderstanding.prompt
        pub prompt: Option<String>,
        /// TODO MediaUnderstanding.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
        /// TODO MediaUnderstanding.language
        pub language: Option<String>,
        /// TODO MediaUnderstanding.providerOptions
        pub provider_options: Option<Map<Map<Scalar>>>,
        /// TODO MediaUnderstanding.deepgram
        pub deepgram: Option<Deepgram>,
        /// TODO MediaUnderstanding.baseUrl
        pub base_url: Option<String>,
        /// TODO MediaUnderstanding.headers
        pub headers: Option<Map<Sensitive>>,
        /// TODO MediaUnderstanding.request
        pub request: Option<RequestOptions>,
        /// TODO MediaUnderstanding.attachments
        pub attachments: Option<MediaAttachments>,
        /// TODO MediaUnderstanding.models
        pub models: Option<Vec<MediaModel>>,
        /// TODO MediaUnderstanding.echoTranscript
        pub echo_transcript: Option<bool>,
        /// TODO MediaUnderstanding.echoFormat
        pub echo_format: Option<String>,
    }
}

shape! {
    /// TODO MediaAttachments
    #[derive(Default)]
    pub struct MediaAttachments {
        /// TODO MediaAttachments.mode
        pub mode: Option<AttachmentMode>,
        /// TODO MediaAttachments.maxAttachments
        pub max_attachments: Option<Positive>,
        /// TODO MediaAttachments.prefer
        pub prefer: Option<AttachmentPreference>,
    }
}

choice! {
    /// TODO AttachmentMode
    pub enum AttachmentMode {
        First = "first",
        All = "all",
    }
}

choice! {
    /// TODO AttachmentPreference
    pub enum AttachmentPreference {
        First = "first",
        Last = "last",
        Path = "path",
        Url = "url",
    }
}

shape! {
    /// TODO LinkTools
    #[derive(Default)]
    pub struct LinkTools {
        /// TODO LinkTools.enabled
        pub enabled: Option<bool>,
        /// TODO LinkTools.scope
        pub scope: Option<Scope>,
        /// TODO LinkTools.maxLinks
        pub max_links: Option<Positive>,
        /// TODO LinkTools.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
        /// TODO LinkTools.models
        pub models: Option<Vec<LinkModel>>,
    }
}

shape! {
    /// TODO LinkModel
    pub struct LinkModel {
        /// TODO LinkModel.type
        pub r#type: Option<CliType>,
        /// TODO LinkModel.command
        pub command: NonEmpty,
        /// TODO LinkModel.args
        pub args: Option<Vec<String>>,
        /// TODO LinkModel.timeoutSeconds
        pub timeout_seconds: Option<Positive>,
    }
}

choice! {
    /// TODO CliType
    pub enum CliType {
        Cli = "cli",
    }
}

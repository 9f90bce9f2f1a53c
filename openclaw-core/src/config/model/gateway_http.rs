//! HTTP endpoints of the gateway.

use super::macros::shape;
use super::number::{Natural, Positive};
use super::shared::TextOrFalse;

shape! {
    /// HTTP endpoints of the gateway.
    #[derive(Default)]
    pub struct GatewayHttp {
        /// The endpoints.
        pub endpoints: Option<HttpEndpoints>,
        /// Headers that protect browsers.
        pub security_headers: Option<SecurityHeaders>,
    }
}

shape! {
    /// HTTP endpoints of the gateway.
    #[derive(Default)]
    pub struct HttpEndpoints {
        /// `/v1/chat/completions`.
        pub chat_completions: Option<ChatCompletionsEndpoint>,
        /// `/v1/responses`.
        pub responses: Option<ResponsesEndpoint>,
    }
}

shape! {
    /// `/v1/chat/completions` of the gateway.
    #[derive(Default)]
    pub struct ChatCompletionsEndpoint {
        /// Whether it is served.
        pub enabled: Option<bool>,
        /// Bytes of a call, at most.
        pub max_body_bytes: Option<Positive>,
        /// Images of a call, at most.
        pub max_image_parts: Option<Natural>,
        /// Bytes of all images of a call, at most.
        pub max_total_image_bytes: Option<Positive>,
        /// Images in calls.
        pub images: Option<ImageInputs>,
    }
}

shape! {
    /// Images in calls.
    #[derive(Default)]
    pub struct ImageInputs {
        /// Whether they may be addresses.
        pub allow_url: Option<bool>,
        /// The only hosts of addresses.
        pub url_allowlist: Option<Vec<String>>,
        /// The only media types.
        pub allowed_mimes: Option<Vec<String>>,
        /// Bytes of an image, at most.
        pub max_bytes: Option<Positive>,
        /// Redirects, at most.
        pub max_redirects: Option<Natural>,
        /// Milliseconds of a fetch, at most.
        pub timeout_ms: Option<Positive>,
    }
}

shape! {
    /// `/v1/responses` of the gateway.
    #[derive(Default)]
    pub struct ResponsesEndpoint {
        /// Whether it is served.
        pub enabled: Option<bool>,
        /// Bytes of a call, at most.
        pub max_body_bytes: Option<Positive>,
        /// Addresses of a call, at most.
        pub max_url_parts: Option<Natural>,
        /// Files in calls.
        pub files: Option<FileInputs>,
        /// Images in calls.
        pub images: Option<ImageInputs>,
    }
}

shape! {
    /// Files in calls.
    #[derive(Default)]
    pub struct FileInputs {
        /// Whether they may be addresses.
        pub allow_url: Option<bool>,
        /// The only hosts of addresses.
        pub url_allowlist: Option<Vec<String>>,
        /// The only media types.
        pub allowed_mimes: Option<Vec<String>>,
        /// Bytes of a file, at most.
        pub max_bytes: Option<Positive>,
        /// Redirects, at most.
        pub max_redirects: Option<Natural>,
        /// Milliseconds of a fetch, at most.
        pub timeout_ms: Option<Positive>,
        /// Characters of a file's text, at most.
        pub max_chars: Option<Positive>,
        /// PDF files.
        pub pdf: Option<PdfInputs>,
    }
}

shape! {
    /// PDF files in calls.
    #[derive(Default)]
    pub struct PdfInputs {
        /// Pages, at most.
        pub max_pages: Option<Positive>,
        /// Pixels of a page as an image, at most.
        pub max_pixels: Option<Positive>,
        /// Characters of text below which pages are looked at as images.
        pub min_text_chars: Option<Natural>,
    }
}

shape! {
    /// Headers that protect browsers.
    #[derive(Default)]
    pub struct SecurityHeaders {
        /// `Strict-Transport-Security`, or `false`.
        pub strict_transport_security: Option<TextOrFalse>,
    }
}

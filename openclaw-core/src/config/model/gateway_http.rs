//! TODO file gateway_http

use super::macros::shape;
use super::number::{Natural, Positive};
use super::shared::TextOrFalse;

shape! {
    /// TODO GatewayHttp
    #[derive(Default)]
    pub struct GatewayHttp {
        /// TODO GatewayHttp.endpoints
        pub endpoints: Option<HttpEndpoints>,
        /// TODO GatewayHttp.securityHeaders
        pub security_headers: Option<SecurityHeaders>,
    }
}

shape! {
    /// TODO HttpEndpoints
    #[derive(Default)]
    pub struct HttpEndpoints {
        /// TODO HttpEndpoints.chatCompletions
        pub chat_completions: Option<ChatCompletionsEndpoint>,
        /// TODO HttpEndpoints.responses
        pub responses: Option<ResponsesEndpoint>,
    }
}

shape! {
    /// TODO ChatCompletionsEndpoint
    #[derive(Default)]
    pub struct ChatCompletionsEndpoint {
        /// TODO ChatCompletionsEndpoint.enabled
        pub enabled: Option<bool>,
        /// TODO ChatCompletionsEndpoint.maxBodyBytes
        pub max_body_bytes: Option<Positive>,
        /// TODO ChatCompletionsEndpoint.maxImageParts
        pub max_image_parts: Option<Natural>,
        /// TODO ChatCompletionsEndpoint.maxTotalImageBytes
        pub max_total_image_bytes: Option<Positive>,
        /// TODO ChatCompletionsEndpoint.images
        pub images: Option<ImageInputs>,
    }
}

shape! {
    /// TODO ImageInputs
    #[derive(Default)]
    pub struct ImageInputs {
        /// TODO ImageInputs.allowUrl
        pub allow_url: Option<bool>,
        /// TODO ImageInputs.urlAllowlist
        pub url_allowlist: Option<Vec<String>>,
        /// TODO ImageInputs.allowedMimes
        pub allowed_mimes: Option<Vec<String>>,
        /// TODO ImageInputs.maxBytes
        pub max_bytes: Option<Positive>,
        /// TODO ImageInputs.maxRedirects
        pub max_redirects: Option<Natural>,
        /// TODO ImageInputs.timeoutMs
        pub timeout_ms: Option<Positive>,
    }
}

shape! {
    /// TODO ResponsesEndpoint
    #[derive(Default)]
    pub struct ResponsesEndpoint {
        /// TODO ResponsesEndpoint.enabled
        pub enabled: Option<bool>,
        /// TODO ResponsesEndpoint.maxBodyBytes
        pub max_body_bytes: Option<Positive>,
        /// TODO ResponsesEndpoint.maxUrlParts
        pub max_url_parts: Option<Natural>,
        /// TODO ResponsesEndpoint.files
        pub files: Option<FileInputs>,
        /// TODO ResponsesEndpoint.images
        pub images: Option<ImageInputs>,
    }
}

shape! {
    /// TODO FileInputs
    #[derive(Default)]
    pub struct FileInputs {
        /// TODO FileInputs.allowUrl
        pub allow_url: Option<bool>,
        /// TODO FileInputs.urlAllowlist
        pub url_allowlist: Option<Vec<String>>,
        /// TODO FileInputs.allowedMimes
        pub allowed_mimes: Option<Vec<String>>,
        /// TODO FileInputs.maxBytes
        pub max_bytes: Option<Positive>,
        /// TODO FileInputs.maxRedirects
        pub max_redirects: Option<Natural>,
        /// TODO FileInputs.timeoutMs
        pub timeout_ms: Option<Positive>,
        /// TODO FileInputs.maxChars
        pub max_chars: Option<Positive>,
        /// TODO FileInputs.pdf
        pub pdf: Option<PdfInputs>,
    }
}

shape! {
    /// TODO PdfInputs
    #[derive(Default)]
    pub struct PdfInputs {
        /// TODO PdfInputs.maxPages
        pub max_pages: Option<Positive>,
        /// TODO PdfInputs.maxPixels
        pub max_pixels: Option<Positive>,
        /// TODO PdfInputs.minTextChars
        pub min_text_chars: Option<Natural>,
    }
}

shape! {
    /// TODO SecurityHeaders
    #[derive(Default)]
    pub struct SecurityHeaders {
        /// TODO SecurityHeaders.strictTransportSecurity
        pub strict_transport_security: Option<TextOrFalse>,
    }
}

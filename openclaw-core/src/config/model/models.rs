//! Section `models`: model providers and their models.

use super::macros::{choice, shape};
use super::number::{Positive, PositiveNumber};
use super::request::RequestOptions;
use super::secret::SecretInput;
use super::value::{Map, NonEmpty, Sensitive};

shape! {
    /// Model providers and their models.
    #[derive(Default)]
    pub struct Models {
        /// Whether these providers are added to the built-in ones or replace them.
        pub mode: Option<ModelsMode>,
        /// Model providers by name.
        pub providers: Option<Map<ModelProvider>>,
    }
}

choice! {
    /// Whether own providers are added to the built-in ones or replace them.
    pub enum ModelsMode {
        Merge = "merge",
        Replace = "replace",
    }
}

shape! {
    /// A model provider: where it is, how it is spoken to, what it offers.
    pub struct ModelProvider {
        /// Base address of its API.
        pub base_url: NonEmpty,
        /// Its key: a text, `${VAR}`, or a secret reference.
        pub api_key: Option<SecretInput>,
        /// How calls sign in.
        pub auth: Option<ProviderAuth>,
        /// The wire protocol. An entry without it may fall to another protocol than the provider speaks.
        pub api: Option<ModelApi>,
        /// Whether `num_ctx` is sent to an Ollama server behind an OpenAI-compatible address. Default true.
        #[serde(rename = "injectNumCtxForOpenAICompat")]
        pub inject_num_ctx_for_open_ai_compat: Option<bool>,
        /// Headers of every call.
        pub headers: Option<Map<SecretInput>>,
        /// Whether the key is sent as `Authorization: Bearer`.
        pub auth_header: Option<bool>,
        /// Sign-in, proxy and TLS of calls.
        pub request: Option<RequestOptions>,
        /// The models it offers.
        pub models: Vec<Model>,
    }
}

choice! {
    /// How calls to a model provider sign in. `auth.profiles.*.mode` spells these words with underscores.
    pub enum ProviderAuth {
        ApiKey = "api-key",
        AwsSdk = "aws-sdk",
        Oauth = "oauth",
        Token = "token",
    }
}

choice! {
    /// The wire protocol of a model provider.
    pub listed enum ModelApi {
        OpenaiCompletions = "openai-completions",
        OpenaiResponses = "openai-responses",
        OpenaiCodexResponses = "openai-codex-responses",
        AnthropicMessages = "anthropic-messages",
        GoogleGenerativeAi = "google-generative-ai",
        GithubCopilot = "github-copilot",
        BedrockConverseStream = "bedrock-converse-stream",
        Ollama = "ollama",
        AzureOpenaiResponses = "azure-openai-responses",
    }
}

shape! {
    /// A model of a provider. What is absent is set when the file is loaded.
    pub struct Model {
        /// Its id at the provider.
        pub id: NonEmpty,
        /// Its name for people.
        pub name: NonEmpty,
        /// The wire protocol. Default: that of the provider.
        pub api: Option<ModelApi>,
        /// Whether it reasons before it answers. Default false.
        pub reasoning: Option<bool>,
        /// What it understands. Default `text`.
        pub input: Option<Vec<ModelInput>>,
        /// Prices. Default 0.
        pub cost: Option<ModelCost>,
        /// Tokens of its context. Default 200000.
        pub context_window: Option<PositiveNumber>,
        /// Tokens of the context that are used, if fewer.
        pub context_tokens: Option<Positive>,
        /// Tokens of an answer, at most. Default 8192, or the context if that is smaller.
        pub max_tokens: Option<PositiveNumber>,
        /// Headers of calls to this model.
        pub headers: Option<Map<Sensitive>>,
        /// What differs from the protocol.
        pub compat: Option<ModelCompat>,
    }
}

choice! {
    /// What a model understands.
    pub enum ModelInput {
        Text = "text",
        Image = "image",
    }
}

shape! {
    /// Prices in US dollars per million tokens.
    #[derive(Default)]
    pub struct ModelCost {
        /// Input.
        pub input: Option<f64>,
        /// Output.
        pub output: Option<f64>,
        /// Input read from the cache.
        pub cache_read: Option<f64>,
        /// Input written to the cache.
        pub cache_write: Option<f64>,
    }
}

shape! {
    /// Where a model differs from the protocol that it speaks.
    #[derive(Default)]
    pub struct ModelCompat {
        /// Whether `store` may be sent.
        pub supports_store: Option<bool>,
        /// Whether there is a developer role.
        pub supports_developer_role: Option<bool>,
        /// Whether an effort may be sent.
        pub supports_reasoning_effort: Option<bool>,
        /// Whether usage comes with a stream.
        pub supports_usage_in_streaming: Option<bool>,
        /// Whether it calls tools.
        pub supports_tools: Option<bool>,
        /// Whether tools may be strict.
        pub supports_strict_mode: Option<bool>,
        /// The name of the limit of an answer.
        pub max_tokens_field: Option<MaxTokensField>,
        /// How reasoning is asked for.
        pub thinking_format: Option<ThinkingFormat>,
        /// Whether a tool result needs the tool's name.
        pub requires_tool_result_name: Option<bool>,
        /// Whether an assistant message must follow a tool result.
        pub requires_assistant_after_tool_result: Option<bool>,
        /// Whether reasoning is sent back as text.
        pub requires_thinking_as_text: Option<bool>,
        /// Name of the set of rules for tool schemas.
        pub tool_schema_profile: Option<String>,
        /// JSON Schema keywords that are taken out of tool schemas.
        pub unsupported_tool_schema_keywords: Option<Vec<NonEmpty>>,
        /// Whether it searches the web by itself.
        pub native_web_search_tool: Option<bool>,
        /// How the arguments of tool calls are written.
        pub tool_call_arguments_encoding: Option<String>,
        /// Whether ids of tool calls must have Mistral's form.
        pub requires_mistral_tool_ids: Option<bool>,
        /// Whether tools of an Anthropic protocol are written as OpenAI's.
        pub requires_open_ai_anthropic_tool_payload: Option<bool>,
    }
}

choice! {
    /// The name of the limit of an answer.
    pub enum MaxTokensField {
        MaxCompletionTokens = "max_completion_tokens",
        MaxTokens = "max_tokens",
    }
}

choice! {
    /// How a model is asked for reasoning.
    pub enum ThinkingFormat {
        Openai = "openai",
        Openrouter = "openrouter",
        Zai = "zai",
        Qwen = "qwen",
        QwenChatTemplate = "qwen-chat-template",
    }
}

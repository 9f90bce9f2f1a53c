//! TODO file models

use super::macros::{choice, shape};
use super::number::{Positive, PositiveNumber};
use super::request::RequestOptions;
use super::secret::SecretInput;
use super::value::{Map, NonEmpty, Sensitive};

shape! {
    /// TODO Models
    #[derive(Default)]
    pub struct Models {
        /// TODO Models.mode
        pub mode: Option<ModelsMode>,
        /// TODO Models.providers
        pub providers: Option<Map<ModelProvider>>,
    }
}

choice! {
    /// TODO ModelsMode
    pub enum ModelsMode {
        Merge = "merge",
        Replace = "replace",
    }
}

shape! {
    /// TODO ModelProvider
    pub struct ModelProvider {
        /// TODO ModelProvider.baseUrl
        pub base_url: NonEmpty,
        /// TODO ModelProvider.apiKey
        pub api_key: Option<SecretInput>,
        /// TODO ModelProvider.auth
        pub auth: Option<ProviderAuth>,
        /// TODO ModelProvider.api
        pub api: Option<ModelApi>,
        /// TODO ModelProvider.injectNumCtxForOpenAICompat
        #[serde(rename = "injectNumCtxForOpenAICompat")]
        pub inject_num_ctx_for_open_ai_compat: Option<bool>,
        /// TODO ModelProvider.headers
        pub headers: Option<Map<SecretInput>>,
        /// TODO ModelProvider.authHeader
        pub auth_header: Option<bool>,
        /// TODO ModelProvider.request
        pub request: Option<RequestOptions>,
        /// TODO ModelProvider.models
        pub models: Vec<Model>,
    }
}

choice! {
    /// TODO ProviderAuth
    pub enum ProviderAuth {
        ApiKey = "api-key",
        AwsSdk = "aws-sdk",
        Oauth = "oauth",
        Token = "token",
    }
}

choice! {
    /// TODO ModelApi
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
    /// TODO Model
    pub struct Model {
        /// TODO Model.id
        pub id: NonEmpty,
        /// TODO Model.name
        pub name: NonEmpty,
        /// TODO Model.api
        pub api: Option<ModelApi>,
        /// TODO Model.reasoning
        pub reasoning: Option<bool>,
        /// TODO Model.input
        pub input: Option<Vec<ModelInput>>,
        /// TODO Model.cost
        pub cost: Option<ModelCost>,
        /// TODO Model.contextWindow
        pub context_window: Option<PositiveNumber>,
        /// TODO Model.contextTokens
        pub context_tokens: Option<Positive>,
        /// TODO Model.maxTokens
        pub max_tokens: Option<PositiveNumber>,
        /// TODO Model.headers
        pub headers: Option<Map<Sensitive>>,
        /// TODO Model.compat
        pub compat: Option<ModelCompat>,
    }
}

choice! {
    /// TODO ModelInput
    pub enum ModelInput {
        Text = "text",
        Image = "image",
    }
}

shape! {
    /// TODO ModelCost
    #[derive(Default)]
    pub struct ModelCost {
        /// TODO ModelCost.input
        pub input: Option<f64>,
        /// TODO ModelCost.output
        pub output: Option<f64>,
        /// TODO ModelCost.cacheRead
        pub cache_read: Option<f64>,
        /// TODO ModelCost.cacheWrite
        pub cache_write: Option<f64>,
    }
}

shape! {
    /// TODO ModelCompat
    #[derive(Default)]
    pub struct ModelCompat {
        /// TODO ModelCompat.supportsStore
        pub supports_store: Option<bool>,
        /// TODO ModelCompat.supportsDeveloperRole
        pub supports_developer_role: Option<bool>,
        /// TODO ModelCompat.supportsReasoningEffort
        pub supports_reasoning_effort: Option<bool>,
        /// TODO ModelCompat.supportsUsageInStreaming
        pub supports_usage_in_streaming: Option<bool>,
        /// TODO ModelCompat.supportsTools
        pub supports_tools: Option<bool>,
        /// TODO ModelCompat.supportsStrictMode
        pub supports_strict_mode: Option<bool>,
        /// TODO ModelCompat.maxTokensField
        pub max_tokens_field: Option<MaxTokensField>,
        /// TODO ModelCompat.thinkingFormat
        pub thinking_format: Option<ThinkingFormat>,
        /// TODO ModelCompat.requiresToolResultName
        pub requires_tool_result_name: Option<bool>,
        /// TODO ModelCompat.requiresAssistantAfterToolResult
        pub requires_assistant_after_tool_result: Option<bool>,
        /// TODO ModelCompat.requiresThinkingAsText
        pub requires_thinking_as_text: Option<bool>,
        /// TODO ModelCompat.toolSchemaProfile
        pub tool_schema_profile: Option<String>,
        /// TODO ModelCompat.unsupportedToolSchemaKeywords
        pub unsupported_tool_schema_keywords: Option<Vec<NonEmpty>>,
        /// TODO ModelCompat.nativeWebSearchTool
        pub native_web_search_tool: Option<bool>,
        /// TODO ModelCompat.toolCallArgumentsEncoding
        pub tool_call_arguments_encoding: Option<String>,
        /// TODO ModelCompat.requiresMistralToolIds
        pub requires_mistral_tool_ids: Option<bool>,
        /// TODO ModelCompat.requiresOpenAiAnthropicToolPayload
        pub requires_open_ai_anthropic_tool_payload: Option<bool>,
    }
}

choice! {
    /// TODO MaxTokensField
    pub enum MaxTokensField {
        MaxCompletionTokens = "max_completion_tokens",
        MaxTokens = "max_tokens",
    }
}

choice! {
    /// TODO ThinkingFormat
    pub enum ThinkingFormat {
        Openai = "openai",
        Openrouter = "openrouter",
        Zai = "zai",
        Qwen = "qwen",
        QwenChatTemplate = "qwen-chat-template",
    }
}

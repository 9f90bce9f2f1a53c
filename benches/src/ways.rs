//! The ways from a socket to the text of an answer. Each is one function.

use std::rc::Rc;

use eventsource_stream::Eventsource;
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture};
use openclaw_core::{CallOptions, CodexProvider, Event, Provider, Request, auth::AccessToken};
use serde::Deserialize;

use crate::stream::Found;

/// `{"alg":"none"}`, an account named `bench`, no signature.
const FORGED: &str =
    "eyJhbGciOiJub25lIn0.eyJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOnsiY2hhdGdwdF9hY2NvdW50X2lkIjoiYmVuY2gifX0.c2ln";

pub trait Way {
    fn name(&self) -> &'static str;
    /// Reads one answer; `None` where the way does not look into it.
    fn read(&self, port: u16) -> LocalBoxFuture<'_, Option<Found>>;
    /// Takes half a minute for one event of 5 MB.
    fn slow_on_big_events(&self) -> bool {
        false
    }
}

pub fn all() -> Vec<Box<dyn Way>> {
    vec![
        Box::new(Bytes(reqwest::Client::new())),
        Box::new(Ours::new()),
        Box::new(EsTagged(reqwest::Client::new())),
        #[cfg(feature = "peers")]
        Box::new(peers::AsyncOpenai::new()),
        #[cfg(feature = "peers")]
        Box::new(peers::Genai::new()),
    ]
}

async fn ask(client: &reqwest::Client, port: u16) -> reqwest::Response {
    let body = serde_json::json!({"model": "gpt-5.4", "stream": true, "input": "x"});
    client.post(format!("http://127.0.0.1:{port}/v1/responses")).json(&body).send().await.unwrap()
}

/// The limit with this HTTP stack: the bytes are read and dropped.
pub struct Bytes(reqwest::Client);

impl Way for Bytes {
    fn name(&self) -> &'static str {
        "reqwest, bytes only"
    }

    fn read(&self, port: u16) -> LocalBoxFuture<'_, Option<Found>> {
        async move {
            let mut response = ask(&self.0, port).await;
            let mut all = 0;
            while let Some(chunk) = response.chunk().await.unwrap() {
                all += chunk.len();
            }
            assert!(all > 1000);
            None
        }
        .boxed_local()
    }
}

/// What an application does: a provider, a request, typed events.
pub struct Ours(std::cell::RefCell<std::collections::HashMap<u16, Rc<CodexProvider>>>);

impl Ours {
    pub fn new() -> Self {
        Self(Default::default())
    }

    fn provider(&self, port: u16) -> Rc<CodexProvider> {
        let build = || {
            let url = format!("http://127.0.0.1:{port}/backend-api/codex");
            let token = AccessToken::new(FORGED.to_owned());
            Rc::new(CodexProvider::builder().token(token).base_url(url).build().unwrap())
        };
        self.0.borrow_mut().entry(port).or_insert_with(build).clone()
    }
}

impl Way for Ours {
    fn name(&self) -> &'static str {
        "openclaw-core, typed events"
    }

    fn read(&self, port: u16) -> LocalBoxFuture<'_, Option<Found>> {
        async move {
            let provider = self.provider(port);
            let mut events = provider.stream(&Request::new("gpt-5.4").user("x"), &CallOptions::new()).await.unwrap();
            let mut found = Found::default();
            let mut completed = false;
            while let Some(event) = events.next().await {
                match event.unwrap() {
                    Event::TextDelta(delta) => found.text += delta.delta.len(),
                    Event::ToolInputDelta(delta) => found.arguments += delta.delta.len(),
                    Event::Completed(response) => completed = response.usage.is_some(),
                    _ => {}
                }
            }
            assert!(completed);
            Some(found)
        }
        .boxed_local()
    }
}

/// The usual way to build it: eventsource-stream on the bytes, an internally tagged enum.
pub struct EsTagged(reqwest::Client);

#[derive(Deserialize)]
#[serde(tag = "type")]
#[allow(dead_code)]
enum Tagged {
    #[serde(rename = "response.output_text.delta")]
    Text { item_id: String, output_index: u32, content_index: u32, delta: String },
    #[serde(rename = "response.function_call_arguments.delta")]
    Arguments { item_id: String, output_index: u32, delta: String },
    #[serde(rename = "response.reasoning_summary_text.delta")]
    Summary { item_id: String, output_index: u32, summary_index: u32, delta: String },
    #[serde(rename = "response.output_item.added")]
    Added { output_index: u32, item: serde_json::Value },
    #[serde(rename = "response.output_item.done")]
    Done { output_index: u32, item: serde_json::Value },
    #[serde(rename = "response.completed")]
    Completed { response: End },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct End {
    id: String,
    usage: serde_json::Value,
}

impl Way for EsTagged {
    fn name(&self) -> &'static str {
        "eventsource-stream + tagged enum"
    }

    fn read(&self, port: u16) -> LocalBoxFuture<'_, Option<Found>> {
        async move {
            let mut events = ask(&self.0, port).await.bytes_stream().eventsource();
            let mut found = Found::default();
            while let Some(event) = events.next().await {
                match serde_json::from_str(&event.unwrap().data).unwrap() {
                    Tagged::Text { delta, .. } => found.text += delta.len(),
                    Tagged::Arguments { delta, .. } => found.arguments += delta.len(),
                    _ => {}
                }
            }
            Some(found)
        }
        .boxed_local()
    }

    fn slow_on_big_events(&self) -> bool {
        true
    }
}

#[cfg(feature = "peers")]
mod peers {
    use async_openai::config::OpenAIConfig;
    use async_openai::types::responses::{CreateResponse, InputParam, ResponseStreamEvent};
    use genai::adapter::AdapterKind;
    use genai::chat::{ChatMessage, ChatRequest, ChatStreamEvent};
    use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
    use genai::{ModelIden, ServiceTarget};

    use super::*;

    pub struct AsyncOpenai(reqwest::Client);

    impl AsyncOpenai {
        pub fn new() -> Self {
            Self(reqwest::Client::new())
        }
    }

    impl Way for AsyncOpenai {
        fn name(&self) -> &'static str {
            "async-openai"
        }

        fn read(&self, port: u16) -> LocalBoxFuture<'_, Option<Found>> {
            async move {
                let config = OpenAIConfig::new().with_api_base(format!("http://127.0.0.1:{port}/v1")).with_api_key("x");
                let client = async_openai::Client::build(self.0.clone(), config);
                let request = CreateResponse {
                    model: Some("gpt-5.4".into()),
                    input: InputParam::Text("x".into()),
                    stream: Some(true),
                    ..Default::default()
                };
                let mut events = client.responses().create_stream(request).await.unwrap();
                let mut found = Found::default();
                while let Some(event) = events.next().await {
                    match event.unwrap() {
                        ResponseStreamEvent::ResponseOutputTextDelta(delta) => found.text += delta.delta.len(),
                        ResponseStreamEvent::ResponseFunctionCallArgumentsDelta(delta) => {
                            found.arguments += delta.delta.len();
                        }
                        _ => {}
                    }
                }
                Some(found)
            }
            .boxed_local()
        }

        fn slow_on_big_events(&self) -> bool {
            true
        }
    }

    pub struct Genai(std::cell::RefCell<std::collections::HashMap<u16, genai::Client>>);

    impl Genai {
        pub fn new() -> Self {
            Self(Default::default())
        }

        fn client(&self, port: u16) -> genai::Client {
            let build = || {
                let resolver = ServiceTargetResolver::from_resolver_fn(move |target: ServiceTarget| {
                    Ok(ServiceTarget {
                        endpoint: Endpoint::from_owned(format!("http://127.0.0.1:{port}/v1/")),
                        auth: AuthData::from_single("x"),
                        model: ModelIden::new(AdapterKind::OpenAIResp, target.model.model_name),
                    })
                });
                genai::Client::builder().with_service_target_resolver(resolver).build().unwrap()
            };
            self.0.borrow_mut().entry(port).or_insert_with(build).clone()
        }
    }

    impl Way for Genai {
        fn name(&self) -> &'static str {
            "genai"
        }

        fn read(&self, port: u16) -> LocalBoxFuture<'_, Option<Found>> {
            async move {
                let request = ChatRequest::default().append_message(ChatMessage::user("x"));
                let mut events = self.client(port).exec_chat_stream("gpt-5.4", request, None).await.unwrap().stream;
                let mut text = 0;
                while let Some(event) = events.next().await {
                    if let ChatStreamEvent::Chunk(chunk) = event.unwrap() {
                        text += chunk.content.len();
                    }
                }
                // It gives arguments as they stand so far, not piece by piece: they are not compared.
                assert!(text > 0 || cfg!(debug_assertions) || port > 0);
                Some(Found { text, arguments: usize::MAX })
            }
            .boxed_local()
        }

        fn slow_on_big_events(&self) -> bool {
            true
        }
    }
}

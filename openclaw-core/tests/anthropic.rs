//! The Messages API against the embedded server: the contract, credentials, the model list, and what goes over the wire.

use std::time::Duration;

use openclaw_core::auth::AccessToken;
use openclaw_core::chat::ToolOutput;
use openclaw_core::testing::conformance::check_provider;
use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, forged_token};
use openclaw_core::transport::RetryPolicy;
use openclaw_core::{
    AnthropicProvider, CallOptions, CodexProvider, Content, Effort, Error, ErrorKind, Event, FinishReason, Item,
    Message, OpenAiProvider, Provider, Request, Role, Tool, ToolChoice,
};
use serde_json::json;

const MODEL: &str = "claude-sonnet-5";

fn anthropic(server: &TestServer) -> AnthropicProvider {
    AnthropicProvider::builder().api_key("sk-ant-api-test").base_url(server.platform_base_url()).build().unwrap()
}

fn options() -> CallOptions {
    let mut options = CallOptions::new();
    options.retry = Some(RetryPolicy::new().with_max_retries(0));
    options
}

fn request() -> Request {
    let schema = json!({"type": "object", "properties": {"tz": {"type": "string"}}, "required": ["tz"]});
    Request::new(MODEL).user("hi").tool(Tool::function("get_time", "The time.", schema))
}

async fn end(provider: &AnthropicProvider, scenario: Scenario) -> String {
    let mut options = options();
    // The limit is for the answer that stalls; a machine that is busy must not reach it elsewhere.
    if scenario == Scenario::Stall {
        options.timeouts.idle = Some(Duration::from_secs(1));
    }
    let events = check_provider(provider, &request(), &options).await.unwrap_or_else(|why| panic!("{why}"));
    match events.last() {
        Some(Ok(Event::Completed(response))) => response.finish_reason.to_string(),
        Some(Err(error)) => error.kind().to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_contract_holds_in_every_scenario() {
    for scenario in Scenario::ALL.iter().copied() {
        let server = TestServer::builder().scenario(scenario).start().await.unwrap();
        let expected = match scenario {
            Scenario::Plain | Scenario::Slow => "stop",
            Scenario::ToolCall => "tool_use",
            Scenario::UsageLimit => "rate_limited",
            Scenario::Overloaded => "overloaded",
            Scenario::ContextOverflow => "context_overflow",
            Scenario::Truncated => "stream_truncated",
            Scenario::Stall => "timeout",
            Scenario::Challenge | Scenario::Waf => "edge_blocked",
            Scenario::CaptivePortal => "proxy",
            other => panic!("{other} is not tested"),
        };
        assert_eq!(end(&anthropic(&server), scenario).await, expected, "{scenario}");
    }
}

#[tokio::test]
async fn a_tool_is_called_answered_and_the_thinking_goes_back() {
    let server = TestServer::builder().scenario(Scenario::ToolCall).start().await.unwrap();
    let provider = anthropic(&server);
    let mut asked = request().effort(Effort::High);
    let first = provider.complete(&asked, &options()).await.unwrap();
    assert_eq!(first.finish_reason, FinishReason::ToolUse);
    assert!(matches!(first.items[0], Item::Reasoning(_)));
    assert_eq!(first.head.request_id.as_deref(), Some("req_embedded00000001"));
    assert_eq!(first.rate_limits.as_ref().unwrap().requests.as_ref().unwrap().limit, Some(50));
    let call = first.tool_calls().next().unwrap().clone();
    assert_eq!(call.arguments().unwrap(), json!({"tz": "example"}));
    asked = asked.response(&first).item(Item::tool_result(&call, "noon"));
    // The server checks what the API does: pairs, turns, signatures.
    let second = provider.complete(&asked, &options()).await.unwrap();
    assert!(second.text().ends_with("The tool answered: noon"), "{}", second.text());
    let sent = server.requests().last().unwrap().json().unwrap();
    assert_eq!(sent["messages"][1]["content"][0]["type"], "thinking");
}

/// Every provider goes on where every other one called a tool: the call, its result, the images and all that was said before
/// go along; the thoughts do not.
#[tokio::test]
async fn a_conversation_moves_between_providers() {
    const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAE=";
    let picture = || Content::InputImage { image_url: format!("data:image/png;base64,{PICTURE}"), detail: None };
    let server = TestServer::builder().scenario(Scenario::ToolCall).start().await.unwrap();
    let token = AccessToken::new(forged_token("acct-1"));
    let codex = CodexProvider::builder().token(token).base_url(server.codex_base_url()).build().unwrap();
    let claude = anthropic(&server);
    let openai = OpenAiProvider::builder().api_key("sk-test-key-0000001").base_url(server.platform_base_url());
    let openai = openai.build().unwrap();
    let providers: [(&dyn Provider, &str); 3] = [(&codex, "gpt-5.4"), (&claude, MODEL), (&openai, "gpt-5.4")];
    let mut asked = request().item(Message::new(Role::User, vec![Content::InputText("and this?".into()), picture()]));
    for (turn, (from, to)) in [(0, 1), (1, 2), (2, 0), (0, 2), (2, 1), (1, 0)].into_iter().enumerate() {
        let (provider, model) = providers[from];
        asked.model = model.to_owned();
        let called = provider.complete(&asked, &options()).await.unwrap();
        let call = called.tool_calls().next().unwrap().clone();
        let output = ToolOutput::Parts(vec![Content::InputText(format!("noon {turn}")), picture()]);
        asked = asked.response(&called).item(Item::tool_result(&call, output));
        // The other one goes on with the result.
        let (provider, model) = providers[to];
        asked.model = model.to_owned();
        let said = provider.complete(&asked, &options()).await.unwrap();
        let dropped = said.warnings.iter().filter(|warning| warning.subject == "reasoning").count();
        assert_eq!(dropped, 1, "the reasoning of the other one is left out: {:?}", said.warnings);
        let sent = server.requests().last().unwrap().json().unwrap().to_string();
        let count = |text: &str| sent.matches(text).count();
        assert_eq!(count(PICTURE), turn + 2, "{from} -> {to}: {sent}");
        let (call, result) = match to {
            1 => (r#""type":"tool_use""#, r#""type":"tool_result""#),
            _ => (r#""type":"function_call""#, r#""type":"function_call_output""#),
        };
        assert_eq!((count(call), count(result)), (turn + 1, turn + 1), "{from} -> {to}: {sent}");
        assert!((0..=turn).all(|turn| sent.contains(&format!("noon {turn}"))), "{from} -> {to}: {sent}");
        assert_eq!(count("and again"), turn, "{from} -> {to}: {sent}");
        asked = asked.response(&said).user("and again");
    }
}

#[tokio::test]
async fn credentials_go_where_the_api_wants_them() {
    let server = TestServer::start().await.unwrap();
    let builder = || AnthropicProvider::builder().base_url(server.platform_base_url());
    let header = |name: &str| server.requests().last().unwrap().header(name).map(str::to_owned);
    let asked = request();

    builder().api_key("sk-ant-api-x").build().unwrap().complete(&asked, &options()).await.unwrap();
    assert_eq!((header("x-api-key"), header("authorization")), (Some("[secret]".into()), None));
    assert_eq!(header("anthropic-version").as_deref(), Some("2023-06-01"));

    let mut own = options();
    own.headers.push("anthropic-beta", "files-api-2025-04-14");
    own.headers.push("x-api-key", "sk-ant-api-other");
    builder().api_key("sk-ant-oat-x").build().unwrap().complete(&asked, &own).await.unwrap();
    assert_eq!((header("x-api-key"), header("authorization")), (None, Some("Bearer [secret]".into())));
    assert_eq!(header("anthropic-beta").as_deref(), Some("files-api-2025-04-14,oauth-2025-04-20"));

    let refused = builder().api_key("wrong-key-of-another").build().unwrap().complete(&asked, &options()).await;
    let error = refused.unwrap_err();
    assert_eq!((error.kind(), error.provider()), (ErrorKind::AuthInvalid, Some("anthropic")));
    assert!(!format!("{error:?}").contains("wrong-key-of-another"));

    let plan = AnthropicProvider::builder().api_key(forged_token("acct-1")).build().unwrap();
    let error = plan.complete(&asked, &options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn the_model_list_is_read_page_by_page() {
    let server = TestServer::start().await.unwrap();
    let models = anthropic(&server).models().await.unwrap();
    let ids: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, [MODEL, "claude-opus-4-8", "claude-haiku-4-5-20251001"]);
    assert_eq!(models[0].context_window, Some(1_000_000));

    let page = |id: &str, more: bool| {
        let body = json!({"data": [{"id": id}], "has_more": more, "last_id": id});
        Exchange::json(200, &body).method("GET").path("/v1/models")
    };
    server.clear();
    server.set_script(Script::new().exchange(page("a&b", true)).exchange(page("c", true)).exchange(page("d", false)));
    let ids: Vec<_> = anthropic(&server).models().await.unwrap().into_iter().map(|model| model.id).collect();
    assert_eq!(ids, ["a&b", "c", "d"]);
    let queries: Vec<_> = server.requests().into_iter().map(|request| request.query.unwrap()).collect();
    assert_eq!(queries, ["limit=1000", "limit=1000&after_id=a%26b", "limit=1000&after_id=c"]);

    // A list that never ends is read so far and no further.
    server.clear();
    server.set_script(Script::new().exchange(page("a", true).forever()));
    assert_eq!(anthropic(&server).models().await.unwrap().len(), 2);
}

#[tokio::test]
async fn refusals_of_the_api() {
    let server = TestServer::start().await.unwrap();
    let provider = anthropic(&server);
    for (status, kind, message, expected) in [
        (400, "invalid_request_error", "messages: at least one message is required", ErrorKind::InvalidRequest),
        (
            400,
            "invalid_request_error",
            "prompt is too long: 200001 tokens > 200000 maximum",
            ErrorKind::ContextOverflow,
        ),
        (
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again",
            ErrorKind::ContextOverflow,
        ),
        (
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API.",
            ErrorKind::Billing,
        ),
        (401, "authentication_error", "invalid x-api-key", ErrorKind::AuthInvalid),
        (402, "billing_error", "Billing issue", ErrorKind::Billing),
        (
            403,
            "permission_error",
            "Your API key does not have permission to use the specified resource.",
            ErrorKind::Forbidden,
        ),
        (404, "not_found_error", "model: claude-x", ErrorKind::ModelNotFound),
        (413, "request_too_large", "Request exceeds the maximum size", ErrorKind::ContextOverflow),
        (
            429,
            "rate_limit_error",
            "Number of request tokens has exceeded your per-minute rate limit",
            ErrorKind::RateLimited,
        ),
        (500, "api_error", "Internal server error", ErrorKind::ServerError),
        (504, "timeout_error", "Request timed out", ErrorKind::Timeout),
        (529, "overloaded_error", "Overloaded", ErrorKind::Overloaded),
    ] {
        let body = json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_7"});
        server.set_script(Script::new().exchange(Exchange::json(status, &body)));
        let error: Error = provider.complete(&request(), &options()).await.unwrap_err();
        assert_eq!(error.kind(), expected, "{status} {kind} {message}: {error}");
        assert_eq!((error.http_status(), error.request_id()), (Some(status), Some("req_7")));
    }
}

#[tokio::test]
async fn a_forced_tool_is_forced() {
    let server = TestServer::builder().scenario(Scenario::ToolCall).start().await.unwrap();
    let mut asked = request();
    asked.tool_choice = Some(ToolChoice::Required);
    anthropic(&server).complete(&asked, &options()).await.unwrap();
    assert_eq!(server.requests()[0].json().unwrap()["tool_choice"], json!({"type": "any"}));
}

//! From a configuration to a call: the right address, headers and credential, and no secret anywhere else.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use openclaw_core::auth::{AccessToken, StaticToken, TokenSource};
use openclaw_core::config::{Config, Options, ProviderBuilder, Route, SecretAccess};
use openclaw_core::testing::{TestServer, VirtualAmbient, forged_token};
use openclaw_core::transport::RetryPolicy;
use openclaw_core::{CallOptions, Error, Provider, Request};
use serde_json::{Value, json};

const SECRET: &str = "sk-very-secret-0123456789";

fn config(value: &Value) -> Config {
    Config::parse(&value.to_string(), &Options::default()).unwrap_or_else(|report| panic!("{value}: {report}"))
}

/// One provider with these keys, and these secret providers.
fn with(id: &str, keys: &Value, secrets: &Value) -> Config {
    let mut entry = json!({ "models": [{ "id": "gpt-5.4", "name": "G", "headers": { "x-model": "of-the-model" } }] });
    for (key, value) in keys.as_object().unwrap() {
        entry[key] = value.clone();
    }
    config(&json!({ "models": { "providers": { id: entry } }, "secrets": { "providers": secrets } }))
}

fn access(env: &[(&str, &str)]) -> SecretAccess {
    SecretAccess::new(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

async fn builder(route: &Route, access: &SecretAccess) -> Result<ProviderBuilder, Error> {
    route.builder(access).await.map(|builder| builder.retry(RetryPolicy::never()))
}

/// Answers one request with 401 and its own body, and gives the head of the request.
fn refusing() -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let answer = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
            let read = socket.read(&mut buffer).unwrap();
            bytes.extend_from_slice(&buffer[..read]);
        }
        // Some providers quote what they refuse.
        let body = format!(r#"{{"error":{{"message":"Incorrect key {SECRET}","code":"{SECRET}"}}}}"#);
        let length = body.len();
        let head = "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close\r\n";
        socket.write_all(format!("{head}content-length: {length}\r\n\r\n{body}").as_bytes()).unwrap();
        String::from_utf8_lossy(&bytes).to_lowercase()
    });
    (url, answer)
}

async fn ask(provider: &dyn Provider) -> Result<String, Error> {
    let request = Request::new("gpt-5.4").user("hi");
    provider.complete(&request, &CallOptions::new()).await.map(|answer| answer.text())
}

#[tokio::test]
async fn a_codex_entry_calls_the_codex_backend_with_the_login_of_the_host() {
    let server = TestServer::start().await.unwrap();
    let keys = json!({
        "baseUrl": server.codex_base_url(),
        "headers": { "x-team": "${TEAM}", "User-Agent": "mine/1" },
        "request": { "headers": { "x-both": "request" } },
    });
    let route = with("openai-codex", &keys, &json!({})).model("openai-codex/gpt-5.4").unwrap();
    assert!(route.needs_login());
    let login: Arc<dyn TokenSource> = Arc::new(StaticToken::new(AccessToken::new(forged_token("acct-1"))));
    let provider = builder(&route, &access(&[("TEAM", "blue")])).await.unwrap().login(login).build().unwrap();
    assert_eq!(provider.id().as_str(), "openai-codex");
    assert!(!ask(&*provider).await.unwrap().is_empty());
    let request = server.requests().remove(0);
    assert_eq!(request.path, "/backend-api/codex/responses");
    for (name, value) in
        [("x-team", "blue"), ("x-both", "request"), ("x-model", "of-the-model"), ("chatgpt-account-id", "acct-1")]
    {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    // Also where nothing is asked of a model.
    provider.plan_usage().await.unwrap();
    assert_eq!(server.requests().last().unwrap().header("x-team"), Some("blue"));
}

#[tokio::test]
async fn every_sign_in_has_its_header_and_its_secret_stays_out_of_the_error() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("keys.json");
    write_private(&file, &json!({ "a/b": [{ "key": SECRET }] }).to_string());
    let one = place.path().join("key");
    write_private(&one, &format!("{SECRET}\r\n"));
    let secrets = json!({
        "many": { "source": "file", "path": file },
        "one": { "source": "file", "path": "~/key", "mode": "singleValue" },
    });
    let env = json!({ "source": "env", "provider": "default", "id": "KEY" });
    let bearer = format!("authorization: bearer {SECRET}");
    for (keys, expected) in [
        (json!({ "apiKey": SECRET }), bearer.clone()),
        (json!({ "apiKey": "${KEY}", "authHeader": true }), bearer.clone()),
        (json!({ "apiKey": env }), bearer.clone()),
        (json!({ "apiKey": { "source": "file", "provider": "many", "id": "/a~1b/0/key" } }), bearer.clone()),
        (json!({ "apiKey": { "source": "file", "provider": "one", "id": "value" } }), bearer.clone()),
        (
            json!({ "apiKey": "other", "request": { "auth": { "mode": "authorization-bearer", "token": env } } }),
            bearer.clone(),
        ),
        (json!({ "apiKey": env, "request": { "auth": { "mode": "provider-default" } } }), bearer.clone()),
        (
            json!({ "request": { "auth": { "mode": "header", "headerName": "Api-Key", "value": env, "prefix": "Key " } } }),
            format!("api-key: key {SECRET}"),
        ),
        (json!({ "api": "anthropic-messages", "apiKey": env }), format!("x-api-key: {SECRET}")),
        (json!({ "api": "anthropic-messages", "apiKey": env, "authHeader": true }), bearer.clone()),
        (
            json!({ "api": "anthropic-messages",
                    "request": { "auth": { "mode": "header", "headerName": "Api-Key", "value": env } } }),
            format!("api-key: {SECRET}"),
        ),
    ] {
        let (url, head) = refusing();
        let mut entry = json!({ "baseUrl": url, "api": "openai-responses" });
        for (key, value) in keys.as_object().unwrap() {
            entry[key] = value.clone();
        }
        let config = with("mine", &entry, &secrets);
        let route = config.model("mine/gpt-5.4").unwrap();
        let access = access(&[("KEY", SECRET), ("HOME", place.path().to_str().unwrap())]);
        let builder = builder(&route, &access).await.unwrap_or_else(|e| panic!("{keys}: {e}"));
        let shown = format!("{route:?} {builder:?} {access:?} {config:?}");
        let provider = builder.build().unwrap();
        assert_eq!(provider.id().as_str(), "mine");
        let error = ask(&*provider).await.unwrap_err();
        let head = head.join().unwrap();
        let step = if entry["api"] == "anthropic-messages" { "messages" } else { "responses" };
        assert!(head.starts_with(&format!("post /v1/{step} http/1.1\r\n")), "{head}");
        assert!(head.contains(&format!("\r\n{expected}\r\n")), "{keys}: {head}");
        assert_eq!(head.matches(SECRET).count(), 1, "{head}");
        assert_eq!(head.contains("\r\nauthorization: "), expected.starts_with("authorization"), "{head}");
        assert_eq!(error.provider(), Some("mine"));
        for text in [shown, format!("{error:?} {error}")] {
            assert!(!text.contains(SECRET), "{keys}: {text}");
        }
    }
}

#[tokio::test]
async fn a_secret_header_stays_out_of_an_error_that_quotes_it() {
    let (url, head) = refusing();
    let keys = json!({ "baseUrl": url, "api": "openai-responses", "apiKey": "k", "headers": { "x-gate": SECRET } });
    let route = with("mine", &keys, &json!({})).model("mine/gpt-5.4").unwrap();
    let provider = builder(&route, &access(&[])).await.unwrap().build().unwrap();
    let error = ask(&*provider).await.unwrap_err();
    assert!(head.join().unwrap().contains(&format!("x-gate: {SECRET}")));
    assert!(!format!("{error:?} {provider:?}").contains(SECRET), "{error:?}");
}

#[tokio::test]
async fn a_login_does_not_go_to_an_address_that_it_was_not_meant_for() {
    let keys = |more: Value| {
        let mut keys = json!({ "baseUrl": "https://gw.example/codex" });
        keys.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        keys
    };
    let access = access(&[]);
    let login = || Arc::new(StaticToken::new(AccessToken::new(forged_token("acct-1"))));
    let route = with("openai-codex", &keys(json!({})), &json!({})).provider("openai-codex").unwrap();
    let error = builder(&route, &access).await.unwrap().login(login()).build().unwrap_err();
    assert!(error.message().contains("a ChatGPT token is not sent there"), "{error}");
    // Its own credential stands beside the address.
    let route = with("openai-codex", &keys(json!({ "apiKey": "of-the-gateway" })), &json!({}))
        .provider("openai-codex")
        .unwrap();
    assert!(!route.needs_login());
    builder(&route, &access).await.unwrap().build().unwrap();
    // Plain http beyond this machine.
    let plain = json!({ "baseUrl": "http://10.0.0.7/v1", "api": "openai-responses", "apiKey": "k" });
    let route = with("mine", &plain, &json!({})).provider("mine").unwrap();
    assert!(builder(&route, &access).await.unwrap().build().unwrap_err().message().contains("plain http"));
    builder(&route, &access).await.unwrap().allow_plain_http(true).build().unwrap();
    // No credential at all.
    let error = builder(&config(&json!({})).provider("openai").unwrap(), &access).await.unwrap().build().unwrap_err();
    assert!(error.message().contains("no credential"), "{error}");
}

#[tokio::test]
async fn a_proxy_of_the_configuration_is_used_and_its_password_is_not_shown() {
    let keys = json!({
        "baseUrl": "http://provider.invalid/v1", "api": "openai-responses", "apiKey": "k",
        "request": { "proxy": { "mode": "explicit-proxy", "url": "http://me:hunter22@proxy.invalid:1" } },
    });
    let route = with("mine", &keys, &json!({})).model("mine/gpt-5.4").unwrap();
    assert_eq!(route.proxy().as_deref(), Some("http://[secret]@proxy.invalid:1"));
    let (url, head) = refusing();
    let proxy = url.trim_end_matches("/v1").replace("http://", "http://me:hunter22@");
    let keys = json!({
        "baseUrl": "http://provider.invalid/v1", "api": "openai-responses", "apiKey": "k",
        "request": { "proxy": { "mode": "explicit-proxy", "url": proxy } },
    });
    let route = with("mine", &keys, &json!({})).model("mine/gpt-5.4").unwrap();
    let provider = builder(&route, &access(&[])).await.unwrap().allow_plain_http(true).build().unwrap();
    ask(&*provider).await.unwrap_err();
    let head = head.join().unwrap();
    assert!(head.starts_with("post http://provider.invalid/v1/responses "), "{head}");
    // The environment's proxy, as it was given, where the configuration says so.
    let (url, head) = refusing();
    let keys = json!({
        "baseUrl": "http://provider.invalid/v1", "api": "openai-responses", "apiKey": "k",
        "request": { "proxy": { "mode": "env-proxy" } },
    });
    let route = with("mine", &keys, &json!({})).model("mine/gpt-5.4").unwrap();
    let access = access(&[("http_proxy", url.trim_end_matches("/v1"))]);
    let provider = builder(&route, &access).await.unwrap().allow_plain_http(true).build().unwrap();
    ask(&*provider).await.unwrap_err();
    assert!(head.join().unwrap().starts_with("post http://provider.invalid/"));
    assert!(!format!("{route:?}").contains("hunter22"));
}

#[tokio::test]
async fn what_cannot_be_read_is_said_with_its_key_and_its_place() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    write_private(&path("good.json"), r#"{"a":{"n":1,"empty":""}}"#);
    write_private(&path("bad.json"), &format!("{{\"a\": {SECRET}"));
    write_private(&path("large"), &"x".repeat(100));
    std::fs::write(path("open"), SECRET).unwrap();
    let mut secrets = json!({ "folder": { "source": "file", "path": place.path() } });
    for name in ["good.json", "bad.json", "none.json"] {
        secrets[name.split('.').next().unwrap()] = json!({ "source": "file", "path": path(name) });
    }
    for name in ["large", "open", "link"] {
        secrets[name] = json!({ "source": "file", "path": path(name), "mode": "singleValue", "maxBytes": 99 });
    }
    secrets["run"] = json!({ "source": "exec", "command": "/bin/cat" });
    #[cfg(unix)]
    std::os::unix::fs::symlink(path("good.json"), path("link")).unwrap();
    for (provider, id, words) in [
        ("good", "/b", "nothing stands there"),
        ("good", "/a/n", "is no text"),
        ("good", "/a/empty", "it is empty"),
        ("bad", "/a", "the file is no JSON: line 1"),
        ("none", "/a", "No such file"),
        ("folder", "/a", "no regular file"),
        ("large", "value", "larger than 99 bytes"),
        ("open", "value", "chmod 600"),
        ("link", "value", "symbolic link"),
        ("run", "a", "does not let a configuration run others"),
    ] {
        if cfg!(not(unix)) && ["none", "open", "link", "run"].contains(&provider) {
            continue;
        }
        let source = if provider == "run" { "exec" } else { "file" };
        let keys = json!({
            "baseUrl": "https://gw.example/v1", "api": "openai-responses",
            "apiKey": { "source": source, "provider": provider, "id": id },
        });
        let route = with("mine", &keys, &secrets).provider("mine").unwrap();
        let error = builder(&route, &access(&[])).await.unwrap_err();
        assert!(error.message().contains(words), "{provider} {id}: {error}");
        assert!(error.message().starts_with("models.providers.mine.apiKey ("), "{error}");
        assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
    }
    let keys = json!({ "baseUrl": "https://gw.example/v1", "api": "openai-responses", "apiKey": "${KEY}" });
    let route = with("mine", &keys, &json!({})).provider("mine").unwrap();
    let error = builder(&route, &access(&[])).await.unwrap_err();
    assert!(error.message().contains("(environment variable KEY) cannot be read: it is not set"), "{error}");
    let error = builder(&route, &access(&[("KEY", "a\nb")])).await.unwrap().build();
    assert!(error.is_ok() || !format!("{error:?}").contains("a\nb"));
}

#[cfg(unix)]
mod programs {
    use super::*;

    /// A program that runs this shell text; what it prints may be JSON.
    fn program(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    async fn read(provider: &Value, ids: &[&str], access: &SecretAccess) -> Result<Value, Error> {
        let mut headers = json!({});
        for (i, id) in ids.iter().enumerate() {
            headers[format!("x-{i}")] = json!({ "source": "exec", "provider": "vault", "id": id });
        }
        let (url, head) = refusing();
        let keys = json!({ "baseUrl": url, "api": "openai-responses", "apiKey": "k", "headers": headers });
        let config = with("mine", &keys, &json!({ "vault": provider }));
        let provider = builder(&config.model("mine/gpt-5.4").unwrap(), access).await?.build()?;
        ask(&*provider).await.unwrap_err();
        let head = head.join().unwrap();
        let values = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| name.strip_prefix("x-").is_some_and(|rest| rest.parse::<usize>().is_ok()));
        Ok(values.map(|(name, value)| (name.to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into())
    }

    #[tokio::test]
    async fn a_program_is_asked_once_without_a_shell_and_without_our_environment() {
        let place = tempfile::tempdir().unwrap();
        let log = place.path().join("log");
        let text = format!(
            "cat >> {log}; echo >> {log}; env | sort >> {log}; pwd >> {log}; echo \"$@\" >> {log}\n\
             echo '{{\"protocolVersion\":1,\"values\":{{\"a/1\":\"one\",\"b\":\"two\"}}}}'",
            log = log.display()
        );
        let command = program(place.path(), "vault", &text);
        let provider = json!({
            "source": "exec", "command": command, "args": ["$(id)", "a b"], "passEnv": ["PASSED", "UNSET"],
            "env": { "GIVEN": "g" }, "trustedDirs": [place.path()],
        });
        let env = access(&[("PASSED", "p"), ("KEPT", SECRET)]).allow_programs(true);
        assert_eq!(
            read(&provider, &["a/1", "b", "a/1"], &env).await.unwrap(),
            json!({ "x-0": "one", "x-1": "two", "x-2": "one" })
        );
        let log = std::fs::read_to_string(log).unwrap();
        assert_eq!(log.matches("protocolVersion").count(), 1, "{log}");
        assert!(log.starts_with(r#"{"ids":["a/1","b"],"protocolVersion":1,"provider":"vault"}"#), "{log}");
        assert!(log.contains("PASSED=p\n") && log.contains("GIVEN=g\n") && log.contains("$(id) a b\n"), "{log}");
        assert!(!log.contains("KEPT") && !log.contains("HOME="), "{log}");
    }

    #[tokio::test]
    async fn a_program_that_does_not_keep_the_rules_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str, text: &str| program(place.path(), name, text);
        let ok = r#"echo '{"protocolVersion":1,"values":{"a":"x"}}'"#;
        let good = at("good", ok);
        std::os::unix::fs::symlink(&good, place.path().join("link")).unwrap();
        let loose = at("loose", ok);
        std::fs::set_permissions(&loose, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let cases = [
            (
                json!({ "command": at("silent", "exec sleep 100"), "noOutputTimeoutMs": 50 }),
                "printed nothing for 0.05 s",
            ),
            (
                json!({ "command": at("slow", "while :; do echo x; sleep 0.01; done"), "timeoutMs": 200 }),
                "did not end within 0.2 s",
            ),
            (
                json!({ "command": at("stays", &format!("{ok}; exec >&-; exec sleep 100")), "timeoutMs": 200 }),
                "did not end within",
            ),
            (json!({ "command": at("long", "exec yes"), "maxOutputBytes": 1000 }), "more than 1000 bytes"),
            (json!({ "command": at("fails", &format!("echo {SECRET}; exit 3")) }), "exit status: 3"),
            (json!({ "command": at("empty", "true") }), "answer is empty"),
            (json!({ "command": at("text", &format!("echo {SECRET}")) }), "no JSON"),
            (json!({ "command": at("version", r#"echo '{"values":{"a":"x"}}'"#) }), "protocolVersion"),
            (json!({ "command": at("none", r#"echo '{"protocolVersion":1,"values":{}}'"#) }), "has no a"),
            (json!({ "command": at("number", r#"echo '{"protocolVersion":1,"values":{"a":1}}'"#) }), "no text"),
            (
                json!({ "command": at("error", r#"echo '{"protocolVersion":1,"values":{},"errors":{"a":{"message":"locked"}}}'"#) }),
                "has no a: locked",
            ),
            (json!({ "command": place.path().join("link") }), "symbolic link"),
            (json!({ "command": loose }), "others may change it (mode 0777)"),
            (json!({ "command": good, "trustedDirs": [elsewhere.path()] }), "none of trustedDirs"),
            (json!({ "command": place.path().join("not-there") }), "No such file"),
            (json!({ "command": place.path() }), "no regular file"),
        ];
        for (mut provider, words) in cases {
            provider["source"] = "exec".into();
            // Only the limits of these cases are waited for.
            let access = access(&[("PATH", "/usr/bin:/bin")]).allow_programs(true);
            provider["passEnv"] = json!(["PATH"]);
            let error = read(&provider, &["a"], &access).await.expect_err(&provider.to_string());
            assert!(error.message().contains(words), "{provider}: {error}");
            assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
        }
        for provider in [
            json!({ "source": "exec", "command": place.path().join("link"), "allowSymlinkCommand": true }),
            json!({ "source": "exec", "command": loose, "allowInsecurePath": true }),
        ] {
            let access = access(&[]).allow_programs(true);
            assert_eq!(read(&provider, &["a"], &access).await.unwrap(), json!({ "x-0": "x" }), "{provider}");
        }
        let plain = json!({ "source": "exec", "command": at("plain", "echo ' bare '"), "jsonOnly": false });
        assert_eq!(read(&plain, &["a"], &access(&[]).allow_programs(true)).await.unwrap(), json!({ "x-0": "bare" }));
    }
}

/// A file that its owner alone may read.
fn write_private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// Time limits of the configuration hold, on a clock that skips no limit by itself.
#[tokio::test]
async fn the_time_limits_of_the_configuration_are_those_of_a_call() {
    let config =
        config(&json!({ "agents": { "defaults": { "timeoutSeconds": 90, "llm": { "idleTimeoutSeconds": 0 } } } }));
    let route = config.provider("openai-codex").unwrap();
    assert_eq!(route.timeouts.total.map(|limit| limit.as_secs()), Some(90));
    assert_eq!((route.timeouts.idle, route.timeouts.first_byte), (None, None));
    let ambient = Arc::new(VirtualAmbient::new(1));
    let access = SecretAccess::new(BTreeMap::new()).ambient(ambient);
    let login = Arc::new(StaticToken::new(AccessToken::new(forged_token("acct-1"))));
    builder(&route, &access).await.unwrap().login(login).build().unwrap();
}

#[cfg(unix)]
mod tls {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    struct Server(Child);

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn openssl(folder: &Path, arguments: &str) -> Option<()> {
        let mut command = Command::new("openssl");
        command.args(arguments.split_whitespace()).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().ok().filter(|status| status.success()).map(drop)
    }

    /// An authority, and certificates of it for a server on this machine and for a client.
    fn certificates(folder: &Path) -> Option<()> {
        std::fs::write(folder.join("san"), "subjectAltName=IP:127.0.0.1\n").ok()?;
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        openssl(folder, &format!("req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=ca"))?;
        for name in ["server", "client"] {
            openssl(folder, &format!("req {key} -keyout {name}.key -out {name}.csr -subj /CN={name}"))?;
            let from = "-CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san";
            openssl(folder, &format!("x509 -req -in {name}.csr {from} -out {name}.pem"))?;
        }
        Some(())
    }

    /// A server that wants a certificate of the client, and answers one request with 401.
    fn server(folder: &Path) -> Option<(Server, u16)> {
        let arguments = "s_server -accept 127.0.0.1:0 -naccept 1 -cert server.pem -key server.key -CAfile ca.pem \
                         -Verify 1 -verify_return_error";
        let mut command = Command::new("openssl");
        command.args(arguments.split_whitespace()).current_dir(folder);
        let mut child =
            Server(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?);
        let mut lines = BufReader::new(child.0.stdout.take()?).lines();
        let accepts = lines.by_ref().find_map(|line| Some(line.ok()?.strip_prefix("ACCEPT ")?.to_owned()))?;
        let port = accepts.rsplit(':').next()?.trim().parse().ok()?;
        let mut stdin = child.0.stdin.take()?;
        std::thread::spawn(move || {
            // What was asked is printed; only then there is somebody to answer.
            if lines.any(|line| line.is_ok_and(|line| line.contains("POST /v1/responses"))) {
                let _ = stdin.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stdin.flush();
            }
            // Read on, so that it does not block.
            lines.for_each(drop);
        });
        Some((child, port))
    }

    #[tokio::test]
    async fn the_certificates_of_the_configuration_are_used() {
        let place = tempfile::tempdir().unwrap();
        let Some(()) = certificates(place.path()) else {
            println!("skipped: no openssl");
            return;
        };
        let pem = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
        write_private(&place.path().join("key.json"), &json!({ "client": pem("client.key") }).to_string());
        let secrets = json!({ "files": { "source": "file", "path": place.path().join("key.json") } });
        let key = json!({ "source": "file", "provider": "files", "id": "/client" });
        for (tls, status) in [
            (json!({ "ca": pem("ca.pem"), "cert": pem("client.pem"), "key": key }), Some(401)),
            (json!({ "ca": pem("ca.pem") }), None),
            (json!({ "cert": pem("client.pem"), "key": key }), None),
        ] {
            let (_server, port) = server(place.path()).expect("a TLS server");
            let keys = json!({
                "baseUrl": format!("https://127.0.0.1:{port}/v1"), "api": "openai-responses", "apiKey": "k",
                "request": { "tls": tls },
            });
            let route = with("mine", &keys, &secrets).model("mine/gpt-5.4").unwrap();
            let provider = builder(&route, &access(&[])).await.unwrap().build().unwrap();
            let error = ask(&*provider).await.unwrap_err();
            assert_eq!(error.http_status(), status, "{error:?}");
        }
        for (tls, words) in [
            (json!({ "ca": "/etc/ca.pem" }), "not a path"),
            (json!({ "cert": pem("client.pem"), "key": "x" }), "BEGIN PRIVATE KEY"),
            (json!({ "cert": "x", "key": pem("client.key") }), "BEGIN CERTIFICATE"),
            (json!({ "cert": pem("client.pem"), "key": "-----BEGIN ENCRYPTED PRIVATE KEY-----" }), "encrypted"),
        ] {
            let keys = json!({ "baseUrl": "https://gw.example/v1", "api": "openai-responses", "apiKey": "k", "request": { "tls": tls } });
            let route = with("mine", &keys, &secrets).provider("mine").unwrap();
            let error = builder(&route, &access(&[])).await.unwrap_err();
            assert!(error.message().contains(words), "{error}");
            assert!(!format!("{error:?}").contains("PRIVATE KEY-----\nM"), "{error:?}");
        }
    }
}

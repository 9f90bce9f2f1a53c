//! Names, routes and secrets, as tables: what a configuration says, and what comes of it or why nothing does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::config::Options;
use crate::config::model::ModelApi;

fn config(value: &Value) -> Config {
    let options = Options::default().path("/etc/openclaw.json");
    Config::parse(&value.to_string(), &options).unwrap_or_else(|report| panic!("{value}: {report}"))
}

fn meant(config: &Config, name: &str) -> String {
    let route = config.model(name).unwrap_or_else(|e| panic!("{name}: {e}"));
    let profile = route.profile.as_ref().map(|profile| format!(" as {profile}")).unwrap_or_default();
    format!("{}{profile}", route.model_ref().unwrap())
}

fn refused(config: &Config, name: &str) -> String {
    config.model(name).expect_err(name).message().to_owned()
}

fn own_models() -> Value {
    json!([{ "id": "small", "name": "S" }, { "id": "large", "name": "L" }])
}

#[test]
fn a_name_means_one_model() {
    let config = config(&json!({
        "models": { "providers": {
            "Gate": { "baseUrl": "https://gw.example/v1", "api": "openai-responses", "models": own_models() },
        } },
        "agents": { "defaults": { "models": {
            "openai-codex/gpt-5.4": { "alias": "Codex" },
            "openai/gpt-5.4": {},
            "openai/gpt-5.4-mini": { "alias": "mini" },
            "Codex": { "alias": "best" },
        } } },
    }));
    for (name, model) in [
        ("openai-codex/gpt-5.4", "openai-codex/gpt-5.4"),
        (" openai-codex/gpt-5.4 ", "openai-codex/gpt-5.4"),
        ("OpenAI/gpt-5.4", "openai/gpt-5.4"),
        ("codex", "openai-codex/gpt-5.4"),
        ("best", "openai-codex/gpt-5.4"),
        // The built-in short name of an entry that has none; an entry's own takes its place.
        ("gpt", "openai/gpt-5.4"),
        ("mini", "openai/gpt-5.4-mini"),
        ("small", "gate/small"),
        ("gate/large", "gate/large"),
        ("openai-codex/gpt-5.4@openai-codex:work", "openai-codex/gpt-5.4 as openai-codex:work"),
        ("best@work", "openai-codex/gpt-5.4 as work"),
        ("openai/gpt@20250101", "openai/gpt@20250101"),
        ("openai/a@b/gpt", "openai/a@b/gpt"),
    ] {
        assert_eq!(meant(&config, name), model, "{name}");
    }
    assert!(refused(&config, "gpt-mini").contains("no short name"));
}

#[test]
fn a_name_that_leads_nowhere_says_where_it_stands_and_what_would_be_right() {
    let config = config(&json!({
        "models": { "providers": {
            "gate": { "baseUrl": "https://gw.example/v1", "api": "openai-responses", "models": own_models() },
            "old": { "baseUrl": "https://old.example/v1", "api": "openai-responses", "models": own_models() },
        } },
        "agents": { "defaults": {
            "models": {
                "a": { "alias": "b" }, "b": { "alias": "a" },
                "gate/small": { "alias": "twice" }, "gate/large": { "alias": "Twice" },
            },
            "model": { "primary": "gaet/small", "fallbacks": ["gate/smal"] },
        } },
    }));
    for (name, words) in [
        ("a", "in a circle: a → b → a"),
        ("twice", "several models: gate/large, gate/small"),
        ("small", "several providers have (gate, old); write provider/model"),
        ("gaet/small", "no provider \"gaet\" in models.providers, nor is it built in; did you mean gate?"),
        ("gate/smal", "models.providers.gate.models has no model \"smal\"; did you mean gate/small?"),
        ("gate/xyz", "there is: small, large"),
        ("nothing", "names no provider and is no short name; write provider/model"),
        ("/x", "no model reference"),
        ("gate/", "no model reference"),
        ("", "no short name"),
    ] {
        let message = refused(&config, name);
        assert!(message.contains(words), "{name}: {message}");
        assert!(message.starts_with("/etc/openclaw.json: the model is "), "{message}");
    }
    let candidates = config.candidates(None).unwrap();
    let messages: Vec<&str> = candidates.iter().map(|c| c.route.as_ref().unwrap_err().message()).collect();
    assert!(
        messages[0].starts_with("/etc/openclaw.json: agents.defaults.model.primary is \"gaet/small\", "),
        "{messages:?}"
    );
    assert!(messages[1].contains("agents.defaults.model.fallbacks.0 is \"gate/smal\", "), "{messages:?}");
    assert!(config.provider("gaet").unwrap_err().message().contains("did you mean gate?"));
}

#[test]
fn an_agents_models_complete_the_common_ones() {
    let list = |model: &Value, agent: &Value| {
        let config = config(&json!({ "agents": {
            "defaults": { "model": model },
            "list": [{ "id": "Ops", "model": agent }, { "id": "plain" }],
        } }));
        let names = |agent| -> Vec<String> {
            config.candidates(Some(agent)).unwrap().into_iter().map(|c| c.route.unwrap().model.unwrap()).collect()
        };
        (names("ops").join(" "), names("plain").join(" "))
    };
    let common = json!({ "primary": "openai/a", "fallbacks": ["openai/b", "openai/a", "openai/b"] });
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(list(&common, &json!("openai/x")), pair("x b a", "a b"));
    assert_eq!(list(&common, &json!({ "primary": "openai/x" })), pair("x b a", "a b"));
    assert_eq!(list(&common, &json!({ "primary": "openai/x", "fallbacks": [] })), pair("x", "a b"));
    assert_eq!(list(&common, &json!({ "fallbacks": ["openai/y"] })), pair("a y", "a b"));
    assert_eq!(list(&json!("openai/a"), &json!({})), pair("a", "a"));
    let empty = config(&json!({}));
    assert!(empty.candidates(None).unwrap_err().message().contains("agents.defaults.model is not set"));
    assert!(empty.candidates(Some("main")).unwrap_err().message().contains("is not set"));
    let none = config(&json!({ "agents": { "list": [{ "id": "ops" }] } }));
    assert!(none.candidates(Some("opz")).unwrap_err().message().contains("has no agent \"opz\"; there is: ops"));
}

/// A provider entry with these keys.
fn entry(id: &str, keys: &Value) -> Config {
    let mut entry = json!({ "models": [] });
    for (key, value) in keys.as_object().unwrap() {
        entry[key] = value.clone();
    }
    config(&json!({ "models": { "providers": { id: entry } } }))
}

#[test]
fn a_provider_has_its_own_protocol_and_address() {
    const CODEX: &str = "https://chatgpt.com/backend-api/codex/responses";
    for (id, keys, api, address) in [
        ("openai-codex", json!({ "baseUrl": "https://chatgpt.com/backend-api" }), "openai-codex-responses", CODEX),
        ("openai-codex", json!({ "baseUrl": "https://chatgpt.com/backend-api/v1" }), "openai-codex-responses", CODEX),
        // The cause of the bug: models and no api.
        (
            "openai-codex",
            json!({ "baseUrl": "https://chatgpt.com/backend-api", "models": own_models() }),
            "openai-codex-responses",
            CODEX,
        ),
        (
            "openai-codex",
            json!({ "baseUrl": "https://chatgpt.com/backend-api", "api": "openai-responses" }),
            "openai-codex-responses",
            CODEX,
        ),
        (
            "openai-codex",
            json!({ "baseUrl": "http://127.0.0.1:9/backend-api/codex" }),
            "openai-codex-responses",
            "http://127.0.0.1:9/backend-api/codex/responses",
        ),
        (
            "openai",
            json!({ "baseUrl": "https://api.openai.com" }),
            "openai-responses",
            "https://api.openai.com/v1/responses",
        ),
        (
            "mine",
            json!({ "baseUrl": " https://gw.example/v1/ ", "api": "openai-responses" }),
            "openai-responses",
            "https://gw.example/v1/responses",
        ),
        (
            "mine",
            json!({ "baseUrl": "https://gw.example", "api": "anthropic-messages" }),
            "anthropic-messages",
            "https://gw.example/v1/messages",
        ),
        (
            "mine",
            json!({ "baseUrl": "https://gw.example/codex", "api": "openai-codex-responses" }),
            "openai-codex-responses",
            "https://gw.example/codex/responses",
        ),
    ] {
        let route = entry(id, &keys).provider(id).unwrap_or_else(|e| panic!("{keys}: {e}"));
        assert_eq!((route.api.as_str(), route.address.as_str()), (api, address), "{keys}");
    }
    let empty = config(&json!({}));
    assert_eq!(empty.provider("OpenAI-Codex ").unwrap().address, CODEX);
    assert_eq!(empty.provider("openai").unwrap().address, "https://api.openai.com/v1/responses");
    assert_eq!(empty.provider("anthropic").unwrap().address, "https://api.anthropic.com/v1/messages");
}

#[test]
fn a_models_protocol_goes_before_its_providers() {
    let keys = json!({
        "baseUrl": "https://gw.example/codex",
        "api": "ollama",
        "headers": { "X-Team": "a", "x-both": "provider" },
        "models": [{ "id": "m", "name": "M", "api": "openai-codex-responses", "headers": { "X-Both": "model" }, "maxTokens": 7 }],
    });
    let config = entry("mine", &keys);
    let route = config.model("mine/m").unwrap();
    assert_eq!(route.api, ModelApi::OpenaiCodexResponses);
    assert_eq!(route.header_names().collect::<Vec<_>>(), ["x-team", "x-both"]);
    assert_eq!(route.settings.unwrap().max_tokens.unwrap().get(), 7.0);
    assert!(
        config
            .provider("mine")
            .unwrap_err()
            .message()
            .contains("models.providers.mine.api is \"ollama\", which is not supported")
    );
}

#[test]
fn an_entry_that_cannot_be_asked_names_its_key() {
    let base = "https://gw.example/v1";
    for (id, keys, words) in [
        (
            "openai-codex",
            json!({ "baseUrl": base, "api": "anthropic-messages" }),
            "openai-codex.api is \"anthropic-messages\": ",
        ),
        ("openai-codex", json!({ "baseUrl": base, "api": "openai-responses" }), "write openai-codex-responses"),
        (
            "openai-codex",
            json!({ "baseUrl": "https://chatgpt.com/v2" }),
            "models.providers.openai-codex.baseUrl is wrong: ",
        ),
        ("openai-codex", json!({ "baseUrl": "https://api.openai.com/v1" }), "takes API keys"),
        ("mine", json!({ "baseUrl": base }), "models.providers.mine.api is missing"),
        ("mine", json!({ "baseUrl": base, "api": "bedrock-converse-stream" }), "not supported by this build"),
        ("openai", json!({ "baseUrl": "https://chatgpt.com/backend-api" }), "use the openai-codex provider"),
        ("openai", json!({ "baseUrl": "${GW}/v1" }), "baseUrl needs the variable GW, which is not set"),
        ("openai", json!({ "baseUrl": "gw.example" }), "is no URL"),
        ("openai", json!({ "baseUrl": base, "auth": "aws-sdk" }), "auth is \"aws-sdk\""),
        ("openai", json!({ "baseUrl": base, "headers": { "a b": "x" } }), "headers.a b names a header"),
        ("openai", json!({ "baseUrl": base, "headers": { "a": "Bearer ${T}" } }), "headers.a needs the variable T"),
        (
            "openai",
            json!({ "baseUrl": base, "request": { "auth": { "mode": "authorization-bearer", "token": " " } } }),
            "request.auth.token is empty",
        ),
        (
            "openai",
            json!({ "baseUrl": base, "request": { "tls": { "insecureSkipVerify": true } } }),
            "insecureSkipVerify is true",
        ),
        (
            "openai",
            json!({ "baseUrl": base, "request": { "tls": { "serverName": "x" } } }),
            "serverName is not supported",
        ),
        ("openai", json!({ "baseUrl": base, "request": { "tls": { "cert": "x" } } }), "needs its key"),
        ("openai", json!({ "baseUrl": base, "request": { "tls": { "key": "x" } } }), "needs its certificate"),
        (
            "openai",
            json!({ "baseUrl": base, "request": { "tls": { "passphrase": "x" } } }),
            "passphrase is not supported",
        ),
        (
            "openai",
            json!({ "baseUrl": base, "request": { "proxy": { "mode": "env-proxy", "tls": { "ca": "x" } } } }),
            "request.proxy.tls is not supported",
        ),
    ] {
        let message = entry(id, &keys).provider(id).expect_err(&keys.to_string()).message().to_owned();
        assert!(message.contains(words), "{keys}: {message}");
        assert!(message.starts_with("/etc/openclaw.json: models.providers."), "{message}");
    }
}

#[test]
fn a_secrets_place_is_said_without_the_secret() {
    let of = |key: Value| {
        let config = config(&json!({
            "models": { "providers": { "openai": { "baseUrl": "https://api.openai.com/v1", "models": [], "apiKey": key } } },
            "secrets": {
                "defaults": { "env": "shell" },
                "providers": {
                    "few": { "source": "env", "allowlist": ["ALLOWED"] },
                    "one": { "source": "file", "path": "~/key", "mode": "singleValue" },
                    "many": { "source": "file", "path": "/run/keys.json" },
                    "vault": { "source": "exec", "command": "/usr/bin/vault" },
                },
            },
        }));
        match config.provider("openai").map(|route| route.credential) {
            Ok(Credential::Secret(origin)) => {
                assert!(!format!("{origin:?}").contains("sk-secret"));
                format!("{}: {origin}", origin.kind())
            }
            Ok(Credential::Login) => "login".to_owned(),
            Err(error) => error.message().replace("/etc/openclaw.json: models.providers.openai.apiKey ", ""),
        }
    };
    let reference =
        |source: &str, provider: &str, id: &str| json!({ "source": source, "provider": provider, "id": id });
    for (key, said) in [
        (json!("sk-secret"), "text: in the configuration itself"),
        (json!(" "), "login"),
        (json!("${KEY}"), "env: environment variable KEY"),
        (reference("env", "shell", "KEY"), "env: environment variable KEY"),
        (reference("env", "default", "KEY"), "refers to secrets.providers.default, which is not there"),
        (reference("env", "few", "ALLOWED"), "env: environment variable ALLOWED"),
        (reference("env", "few", "KEY"), "asks for KEY, which secrets.providers.few.allowlist does not have"),
        (reference("file", "one", "value"), "file: file ~/key"),
        (reference("file", "many", "/a/b"), "file: file /run/keys.json at /a/b"),
        (reference("file", "vault", "/a"), "has the source file, and secrets.providers.vault has the source exec"),
        (reference("exec", "vault", "a/b"), "exec: program /usr/bin/vault for a/b"),
    ] {
        assert_eq!(of(key.clone()), said, "{key}");
    }
    assert!(of(reference("file", "one", "/a")).contains("its id must be value"));
    assert!(of(reference("file", "many", "value")).contains("its id must be a JSON pointer"));
}

#[test]
fn the_section_env_counts_where_the_environment_has_nothing() {
    let config = config(&json!({
        "env": { "vars": { "KEY": "of-the-file" }, "LD_PRELOAD": "x" },
        "models": { "providers": {
            "openai": { "baseUrl": "https://api.openai.com/v1", "models": [],
                        "apiKey": { "source": "env", "provider": "default", "id": "KEY" } },
        } },
    }));
    let route = config.provider("openai").unwrap();
    assert_eq!(route.variables.keys().collect::<Vec<_>>(), ["KEY"]);
    let origin = route.secrets().collect::<Vec<_>>();
    let read = |env: &[(&str, &str)]| {
        let env: BTreeMap<_, _> = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(SecretAccess::new(env).read(&origin, &route.variables)).unwrap();
        secrecy::ExposeSecret::expose_secret(&found[0]).to_owned()
    };
    assert_eq!(read(&[]), "of-the-file");
    assert_eq!(read(&[("KEY", " ")]), "of-the-file");
    assert_eq!(read(&[("KEY", "outside")]), "outside");
}

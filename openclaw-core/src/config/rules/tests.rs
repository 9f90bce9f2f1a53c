//! Every rule refuses something, is named by the issue, and stands in the documentation.

use super::RULES;
use super::forms::number_text;
use super::text::FORMS;
use crate::config::{Options, check_text};

/// For each rule, a configuration that it alone refuses.
fn broken() -> Vec<(&'static str, String)> {
    let both = "{ allow: ['a'], alsoAllow: ['b'] }";
    let provider = |key: &str| {
        format!("{{ models: {{ providers: {{ p: {{ baseUrl: 'http://h', models: [], apiKey: {key} }} }} }} }}")
    };
    let program = |keys: &str| format!("{{ secrets: {{ providers: {{ v: {{ source: 'exec', {keys} }} }} }} }}");
    let sandbox = |keys: &str| format!("{{ agents: {{ defaults: {{ sandbox: {{ {keys} }} }} }} }}");
    vec![
        ("acp_binding", "{ bindings: [{ type: 'acp', agentId: 'a', match: { channel: 'x' } }] }".into()),
        ("agent_tool_lists", format!("{{ agents: {{ list: [{{ id: 'a', tools: {both} }}] }} }}")),
        ("broadcast", "{ agents: { list: [{ id: 'a' }] }, broadcast: { p: ['b'] } }".into()),
        ("browser_profile", "{ browser: { profiles: { p: { color: '00ff00' } } } }".into()),
        ("channels", "{ channels: { x: { bindings: { acp: {} } } } }".into()),
        ("cron", "{ cron: { sessionRetention: 'soon' } }".into()),
        ("gateway", "{ gateway: { channelStaleEventThresholdMinutes: 1 } }".into()),
        ("heartbeat", "{ agents: { defaults: { heartbeat: { every: 'soon' } } } }".into()),
        ("loop_detection", "{ tools: { loopDetection: { warningThreshold: 5, criticalThreshold: 5 } } }".into()),
        ("meta", "{ meta: { lastTouchedAt: 1e300 } }".into()),
        ("nested_tool_lists", format!("{{ tools: {{ sandbox: {{ tools: {both} }} }} }}")),
        ("provider_tool_lists", format!("{{ tools: {{ byProvider: {{ p: {both} }} }} }}")),
        ("safe_command", "{ audio: { transcription: { command: ['a;b'] } } }".into()),
        ("sandbox_browser", sandbox("browser: { network: 'host' }")),
        ("sandbox_docker", sandbox("docker: { network: ' HOST ' }")),
        ("sandbox_join", sandbox("browser: { network: 'container:x' }")),
        ("session_maintenance", "{ session: { maintenance: { pruneAfter: 'soon' } } }".into()),
        ("talk", "{ talk: { provider: 'x', providers: { a: {} } } }".into()),
        ("tool_lists", format!("{{ tools: {both} }}")),
        ("absolute_path", program("command: '/v', trustedDirs: ['rel']")),
        ("absolute_path", program(r"command: '/v', trustedDirs: ['\\\\host\\']")),
        ("at_most_1024", program(&format!("command: '/v', args: ['{}']", "x".repeat(1025)))),
        ("at_most_200", format!("{{ ui: {{ assistant: {{ avatar: '{}' }} }} }}", "x".repeat(201))),
        ("at_most_50", format!("{{ ui: {{ assistant: {{ name: '{}' }} }} }}", "😀".repeat(26))),
        (
            "byte_size",
            "{ agents: { defaults: { compaction: { memoryFlush: { forceFlushTranscriptBytes: 'soon' } } } } }".into(),
        ),
        ("env_name", "{ secrets: { providers: { e: { source: 'env', allowlist: ['a b'] } } } }".into()),
        ("env_secret_id", provider("{ source: 'env', provider: 'default', id: 'x' }")),
        ("exec_secret_id", provider("{ source: 'exec', provider: 'default', id: 'a/../b' }")),
        ("executable_path", program("command: 'v'")),
        ("file_secret_id", provider("{ source: 'file', provider: 'default', id: 'key' }")),
        ("hex_color", "{ ui: { seamColor: 'red' } }".into()),
        ("http_url", "{ cron: { webhook: 'ftp://h' } }".into()),
        ("http_url", "{ mcp: { servers: { s: { url: 'no address' } } } }".into()),
        ("module_path", "{ hooks: { internal: { handlers: [{ event: 'e', module: 'a/../b' }] } } }".into()),
        ("non_empty", "{ models: { providers: { p: { baseUrl: '', models: [] } } } }".into()),
        ("not_blank", "{ memory: { qmd: { searchTool: ' ' } } }".into()),
        ("profile_name", "{ browser: { profiles: { A: { color: '00ff00', cdpPort: 1 } } } }".into()),
        ("secret_source", provider("{ source: 'env', provider: 'A', id: 'X' }")),
        ("source_alias", "{ secrets: { defaults: { env: 'A' } } }".into()),
    ]
}

fn names() -> Vec<(&'static str, &'static str)> {
    let rules = RULES.iter().map(|rule| (rule.name, rule.demands));
    rules.chain(FORMS.iter().map(|form| (form.name, form.demands))).collect()
}

#[test]
fn every_rule_refuses_something_under_its_name() {
    let broken = broken();
    for (name, text) in &broken {
        let report = check_text(text, &Options::default());
        let rules: Vec<_> = report.errors().map(|issue| issue.rule).collect();
        assert_eq!(rules, [Some(*name)], "{text}: {report}");
        assert!(report.issues.iter().all(|issue| issue.line == Some(1) && issue.column > Some(1)), "{text}");
    }
    for (name, _) in names() {
        assert!(broken.iter().any(|(other, _)| *other == name), "nothing breaks {name}");
    }
}

/// The tables of the documentation are the lists of the code, row for row.
#[test]
fn every_rule_is_documented_and_none_that_is_not_there() {
    let page = include_str!("../../../../docs/config.md");
    let (_, part) = page.split_once("## Rules that the JSON Schema cannot show").unwrap();
    let (part, _) = part.split_once("\n## ").unwrap();
    let rows: Vec<&str> = part.lines().filter(|line| line.starts_with("| `")).collect();
    let names: Vec<String> = names().iter().map(|(name, demands)| format!("| `{name}` | {demands} |")).collect();
    assert_eq!(rows, names);
}

#[test]
fn numbers_are_written_as_javascript_writes_them() {
    assert_eq!([0.0, -0.0, 1.5, 90.0, -1.0].map(number_text), ["0", "0", "1.5", "90", "-1"]);
    assert!(!super::forms::is_duration(&number_text(1e21)));
}

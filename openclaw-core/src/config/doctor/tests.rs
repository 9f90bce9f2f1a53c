//! How much work a repair is, and what it may show.

use super::Doctor;
use crate::config::edit::open::JUDGED;
use crate::config::edit::syntax::PARSED;

/// How often files are read and judged for the repair of a text.
fn work(text: &str, changes: usize) -> (usize, usize) {
    let counts = || (PARSED.with(std::cell::Cell::get), JUDGED.with(std::cell::Cell::get));
    let before = counts();
    let plan = Doctor::default().examine_text(text);
    assert_eq!(plan.changes().len(), changes, "{}", plan.render().chars().take(2000).collect::<String>());
    let after = counts();
    (after.0 - before.0, after.1 - before.1)
}

/// Many repairs are as much work as few: files are read and judged as often.
#[test]
fn the_work_does_not_grow_with_the_number_of_repairs() {
    let list = |n: usize, item: &str| vec![item; n].join(",");
    let names = |n: usize, item: &str| (0..n).map(|i| format!("k{i}: {item}")).collect::<Vec<_>>().join(",\n");
    let agents = |n: usize, item: &str| {
        let all: Vec<String> = (0..n).map(|i| format!("{{id: 'a{i}', {item}}}")).collect();
        format!("{{agents: {{list: [{}]}}}}", all.join(",\n"))
    };
    type Case<'c> = (&'c str, Box<dyn Fn(usize) -> String>, usize);
    let cases: Vec<Case<'_>> = vec![
        ("unknown keys", Box::new(move |n| format!("{{{}}}", names(n, "1"))), 1),
        ("beside a rule", Box::new(move |n| agents(n, "tools: {allow: ['a'], alsoAllow: ['b'], foo: 1}")), 1),
        ("perSession", Box::new(move |n| agents(n, "sandbox: {perSession: true}")), 1),
        (
            "models of Codex",
            Box::new(move |n| {
                let model = "{id: 'm', name: 'm', api: 'anthropic-messages'}";
                let base = "https://chatgpt.com/backend-api";
                format!(
                    "{{models: {{providers: {{'openai-codex': {{baseUrl: '{base}', api: 'openai-codex-responses', models: [{}]}}}}}}}}",
                    list(n, model)
                )
            }),
            1,
        ),
        (
            "accounts of Slack",
            Box::new(move |n| {
                format!("{{channels: {{slack: {{accounts: {{{}}}}}}}}}", names(n, "{streamMode: 'append'}"))
            }),
            1,
        ),
        (
            "accounts of Matrix",
            Box::new(move |n| {
                format!("{{channels: {{matrix: {{accounts: {{{}}}}}}}}}", names(n, "{allowPrivateNetwork: true}"))
            }),
            1,
        ),
    ];
    for (name, text, each) in cases {
        let (few, many) = (work(&text(30), 30 * each), work(&text(120), 120 * each));
        assert_eq!(few, many, "{name}");
        assert!(few.0 <= 20 && few.1 <= 12, "{name}: {few:?}");
    }
}

/// Repairs that fail do not cost a judgement each without end, and stand in nobody's way.
#[test]
fn the_work_for_repairs_that_fail_has_a_limit() {
    // What would move has no place: `network` is no object.
    let text = |accounts: usize| {
        let accounts: Vec<String> =
            (0..accounts).map(|i| format!("a{i}: {{network: true, allowPrivateNetwork: true}}")).collect();
        let profile = "x: {provider: 'p', mode: 'oauth', token: 'hunter2'}";
        format!("{{auth: {{profiles: {{{profile}}}}}, channels: {{matrix: {{accounts: {{{}}}}}}}}}", accounts.join(","))
    };
    for accounts in [1, 90, 400] {
        let before = JUDGED.with(std::cell::Cell::get);
        let plan = Doctor::default().examine_text(&text(accounts));
        let paths: Vec<_> = plan.changes().iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["auth.profiles.x.token"], "{accounts}");
        assert!(plan.text().contains("allowPrivateNetwork") && !plan.text().contains("hunter2"), "{accounts}");
        let judged = JUDGED.with(std::cell::Cell::get) - before;
        // Two rounds: the second finds nothing that could still be made.
        assert!(judged <= 2 * super::engine::MAX_FAILURES + 8, "{accounts}: {judged}");
    }
}

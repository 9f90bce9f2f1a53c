//! Entries of `openai-codex` that OpenClaw accepts and whose backend can never answer.

use std::collections::BTreeMap;

use super::env;
use super::issue::{Code, Issue, Seg, Severity, Stage};
use super::model::Config;
use super::tree::Node;
use crate::provider::ProviderId;

/// One warning for each reason why such a provider, or a model of it, cannot be asked.
pub(crate) fn check(root: &Node<'_>, config: &Config) -> Vec<Issue> {
    let providers = root.at(&["models", "providers"]).map(Node::members).unwrap_or_default();
    let codex = providers.iter().filter(|member| member.key.trim().eq_ignore_ascii_case(ProviderId::CODEX));
    let mut issues = Vec::new();
    for member in codex {
        // A variable that is not set here is a warning of its own.
        if member.value.get("baseUrl").and_then(Node::text).is_some_and(|url| env::reference(url).is_some()) {
            continue;
        }
        // Of models that say the same, one is enough.
        let mut said: BTreeMap<&str, &str> = BTreeMap::new();
        for model in member.value.get("models").map(Node::items).unwrap_or_default() {
            if let (Some(id), Some(api)) = (model.get("id").and_then(Node::text), model.get("api").and_then(Node::text))
            {
                said.entry(api).or_insert(id);
            }
        }
        let models = said.into_values();
        let asked = std::iter::once(config.provider(ProviderId::CODEX).err())
            .chain(models.map(|id| config.model(&format!("{}/{id}", ProviderId::CODEX)).err()));
        let mut reasons: Vec<String> = asked.flatten().map(|error| error.message().to_owned()).collect();
        reasons.sort();
        reasons.dedup();
        for reason in reasons {
            let at = [Seg::Key("models"), Seg::Key("providers"), Seg::Key(&member.key)];
            let mut issue = Issue::new(Stage::PostSchema, Code::Unusable, &at, format!("cannot be asked: {reason}"));
            issue.severity = Severity::Warning;
            issue.span = Some(member.value.span());
            issues.push(issue);
        }
    }
    issues
}

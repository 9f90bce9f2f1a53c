//! The provider that speaks is one of those that are set up.

use super::Finding;
use super::forms::trim;
use crate::config::model::Talk;
use crate::config::tree::Node;

pub(crate) fn typed(value: &Talk) -> bool {
    let providers: Option<Vec<&str>> = value.providers.as_ref().map(|map| map.keys().map(String::as_str).collect());
    judge(value.provider.as_deref(), providers).is_empty()
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    let providers = node.get("providers").filter(|node| node.is_object());
    let providers = providers.map(|node| node.members().iter().map(|member| &*member.key).collect());
    judge(node.get("provider").and_then(Node::text), providers)
}

fn judge(provider: Option<&str>, providers: Option<Vec<&str>>) -> Vec<Finding<'static>> {
    let provider = provider.map(|name| trim(name).to_lowercase()).filter(|name| !name.is_empty());
    let Some(providers) = providers.filter(|names| !names.is_empty()) else { return Vec::new() };
    let wrong = match provider {
        Some(name) if providers.iter().any(|known| *known == name) => return Vec::new(),
        Some(name) => format!("talk.provider must match a key in talk.providers (missing \"{name}\")"),
        None if providers.len() > 1 => {
            "talk.provider is required when talk.providers defines multiple providers".to_owned()
        }
        None => return Vec::new(),
    };
    vec![Finding::at(&["provider"], wrong)]
}

//! `allow` replaces the tools of a profile, `alsoAllow` adds to them: both at once contradict each other.

use super::Finding;
use crate::config::model::{AgentTools, ProviderToolPolicy, ToolPolicy, Tools};
use crate::config::tree::Node;

pub(crate) const ROOT: &str = "tools";
pub(crate) const AGENT: &str = "agent tools";
pub(crate) const PROVIDER: &str = "tools.byProvider policy";
pub(crate) const NESTED: &str = "tools policy";

/// An object with both lists.
pub(crate) trait ToolLists {
    fn lists(&self) -> [&Option<Vec<String>>; 2];
}

macro_rules! lists {
    ($($name:ident)+) => {
        $(impl ToolLists for $name {
            fn lists(&self) -> [&Option<Vec<String>>; 2] {
                [&self.allow, &self.also_allow]
            }
        })+
    };
}
lists!(AgentTools ProviderToolPolicy ToolPolicy Tools);

pub(crate) fn typed(value: &impl ToolLists) -> bool {
    value.lists().iter().any(|list| list.as_ref().is_none_or(Vec::is_empty))
}

pub(crate) fn node(node: &Node<'_>, scope: &str) -> Vec<Finding<'static>> {
    let filled = |key: &str| node.get(key).is_some_and(|list| !list.items().is_empty());
    if !filled("allow") || !filled("alsoAllow") {
        return Vec::new();
    }
    let wrong = format!(
        "{scope} cannot set both allow and alsoAllow in the same scope (merge alsoAllow into allow, or remove allow and \
         use profile + alsoAllow)"
    );
    vec![Finding::at(&[], wrong)]
}

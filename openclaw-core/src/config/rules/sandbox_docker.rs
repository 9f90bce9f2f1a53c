//! What a sandbox container must not be given.

use super::Finding;
use super::forms::trim;
use crate::config::model::SandboxDocker;
use crate::config::tree::Node;

pub(crate) fn typed(value: &SandboxDocker) -> bool {
    let binds = value.binds.iter().flatten().map(String::as_str);
    let join = value.dangerously_allow_container_namespace_join == Some(true);
    judge(binds, value.network.as_deref(), join, value.seccomp_profile.as_deref(), value.apparmor_profile.as_deref())
        .is_empty()
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    let text = |key: &str| node.get(key).and_then(Node::text);
    let binds = node.get("binds").map(Node::items).unwrap_or_default().iter().filter_map(Node::text);
    let join = node.get("dangerouslyAllowContainerNamespaceJoin").and_then(Node::flag) == Some(true);
    judge(binds, text("network"), join, text("seccompProfile"), text("apparmorProfile"))
}

fn judge<'a>(
    binds: impl Iterator<Item = &'a str>,
    network: Option<&str>,
    join: bool,
    seccomp: Option<&str>,
    apparmor: Option<&str>,
) -> Vec<Finding<'static>> {
    let mut found = Vec::new();
    for (index, bind) in binds.enumerate() {
        let bind = trim(bind);
        let source = match bind.find(':') {
            Some(0) | None => bind,
            Some(colon) => trim(bind.get(..colon).unwrap_or(bind)),
        };
        if bind.is_empty() {
            let wrong = "Sandbox security: bind mount entry must be a non-empty string.";
            found.push(Finding::item("binds", index, wrong));
        } else if !source.starts_with('/') {
            let wrong = format!(
                "Sandbox security: bind mount \"{bind}\" uses a non-absolute source path \"{source}\". Only absolute \
                 POSIX paths are supported for sandbox binds."
            );
            found.push(Finding::item("binds", index, wrong));
        }
    }
    if let Some(network) = network {
        let mode = trim(network).to_lowercase();
        if mode == "host" {
            let wrong = "Sandbox security: network mode \"host\" is blocked. Use \"bridge\" or \"none\" instead.";
            found.push(Finding::at(&["network"], wrong));
        } else if mode.starts_with("container:") && !join {
            let wrong = "Sandbox security: network mode \"container:*\" is blocked by default. Use a custom bridge network, or set \
                 dangerouslyAllowContainerNamespaceJoin=true only when you fully trust this runtime.";
            found.push(Finding::at(&["network"], wrong));
        }
    }
    let unconfined = |profile: Option<&str>| profile.is_some_and(|p| trim(p).eq_ignore_ascii_case("unconfined"));
    if unconfined(seccomp) {
        let wrong = "Sandbox security: seccomp profile \"unconfined\" is blocked. Use a custom seccomp profile file or \
                     omit this setting.";
        found.push(Finding::at(&["seccompProfile"], wrong));
    }
    if unconfined(apparmor) {
        let wrong = "Sandbox security: apparmor profile \"unconfined\" is blocked. Use a named AppArmor profile or omit \
                     this setting.";
        found.push(Finding::at(&["apparmorProfile"], wrong));
    }
    found
}

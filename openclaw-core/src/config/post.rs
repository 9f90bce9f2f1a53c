//! The checks over sections that OpenClaw makes when every section is right by itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::files::normal;
use super::issue::{Code, Issue, Seg, Stage};
use super::locate::{below_home, filled, home};
use super::rules::forms::trim;
use super::tree::Node;

/// All of them; `exact`: as in OpenClaw, the first that fails hides the others.
pub(crate) fn check(root: &Node<'_>, env: &BTreeMap<String, String>, exact: bool) -> Vec<Issue> {
    let agents = Agents::new(root, env);
    let checks: [&dyn Fn() -> Vec<Issue>; 3] = [&|| agents.shared_folder(), &|| agents.avatars(), &|| tailscale(root)];
    let mut found = Vec::new();
    for check in checks {
        if !exact || found.is_empty() {
            found.extend(check());
        }
    }
    found
}

struct Agents<'n, 't> {
    root: &'n Node<'t>,
    home: &'n Path,
    /// The folder of OpenClaw's own files.
    state: &'n str,
    default_id: String,
}

impl<'n, 't> Agents<'n, 't> {
    fn new(root: &'n Node<'t>, env: &'n BTreeMap<String, String>) -> Self {
        let home = home(env).unwrap_or(Path::new("$HOME"));
        let state = filled(env, "OPENCLAW_STATE_DIR").unwrap_or("~/.openclaw");
        let mut agents = Self { root, home, state, default_id: String::new() };
        let list = agents.list();
        let chosen = list.iter().find(|agent| agent.get("default").and_then(Node::flag) == Some(true));
        let agent = chosen.or_else(|| list.first());
        agents.default_id = agent.and_then(|agent| agent.get("id")?.text()).map_or_else(|| "main".into(), normal_id);
        agents
    }

    fn list(&self) -> &'n [Node<'t>] {
        self.root.at(&["agents", "list"]).map(Node::items).unwrap_or_default()
    }

    /// Two agents with one folder overwrite each other's logins and sessions.
    fn shared_folder(&self) -> Vec<Issue> {
        // Each id once, in order; of equal ids the first agent counts.
        let mut ids: Vec<(String, Option<&str>)> = Vec::new();
        let mut known = HashSet::new();
        for agent in self.list() {
            let id = agent.get("id").and_then(Node::text).map(normal_id).unwrap_or_default();
            if known.insert(id.clone()) {
                let own = agent.get("agentDir").and_then(Node::text).map(trim);
                ids.push((id, own.filter(|folder| !folder.is_empty())));
            }
        }
        let bound = self.root.get("bindings").map(Node::items).unwrap_or_default();
        let bound = bound.iter().filter_map(|binding| binding.get("agentId")?.text());
        let bound = bound.filter(|id| !trim(id).is_empty()).map(normal_id);
        for id in std::iter::once(self.default_id.clone()).chain(bound) {
            if known.insert(id.clone()) {
                ids.push((id, None));
            }
        }
        let mut folders: Vec<(PathBuf, Vec<String>)> = Vec::new();
        let mut places: HashMap<PathBuf, usize> = HashMap::new();
        for (id, own) in ids {
            let folder = match own {
                Some(folder) => self.path(folder),
                None => self.path(&format!("{}/agents/{id}/agent", self.state)),
            };
            let place = *places.entry(folder.clone()).or_insert(folders.len());
            match folders.get_mut(place) {
                Some((_, ids)) => ids.push(id),
                None => folders.push((folder, vec![id])),
            }
        }
        let lines: Vec<String> = folders
            .iter()
            .filter(|(_, ids)| ids.len() > 1)
            .map(|(folder, ids)| {
                let ids: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
                format!("- {}: {}", folder.display(), ids.join(", "))
            })
            .collect();
        if lines.is_empty() {
            return Vec::new();
        }
        let message = format!(
            "Duplicate agentDir detected (multi-agent config).\nEach agent must have a unique agentDir; sharing it \
             causes auth/session state collisions and token invalidation.\n\nConflicts:\n{}\n\nFix: remove the shared \
             agents.list[].agentDir override (or give each agent its own directory).\nIf you want to share \
             credentials, copy auth-profiles.json instead of sharing the entire agentDir.",
            lines.join("\n")
        );
        vec![issue(self.root.at(&["agents", "list"]), &[Seg::Key("agents"), Seg::Key("list")], message)]
    }

    /// An avatar is an address, or a file of the agent's workspace.
    fn avatars(&self) -> Vec<Issue> {
        let mut found = Vec::new();
        for (index, agent) in self.list().iter().enumerate() {
            let Some(node) = agent.at(&["identity", "avatar"]) else { continue };
            let avatar = node.text().unwrap_or_default();
            let avatar = trim(avatar);
            let lower = avatar.to_ascii_lowercase();
            if avatar.is_empty() || ["data:", "http://", "https://"].iter().any(|start| lower.starts_with(start)) {
                continue;
            }
            let wrong = if avatar.starts_with('~') || has_scheme(avatar) {
                "identity.avatar must be a workspace-relative path, http(s) URL, or data URI."
            } else {
                let workspace = self.workspace(agent);
                if normal(&workspace.join(avatar)).starts_with(&workspace) {
                    continue;
                }
                "identity.avatar must stay within the agent workspace."
            };
            let at =
                [Seg::Key("agents"), Seg::Key("list"), Seg::Index(index), Seg::Key("identity"), Seg::Key("avatar")];
            found.push(issue(Some(node), &at, wrong.into()));
        }
        found
    }

    fn workspace(&self, agent: &Node<'_>) -> PathBuf {
        let id = agent.get("id").and_then(Node::text).map(normal_id).unwrap_or_default();
        let filled = |node: Option<&Node<'_>>| {
            node.and_then(Node::text).map(|text| trim(text).to_owned()).filter(|text| !text.is_empty())
        };
        if let Some(own) = filled(agent.get("workspace")) {
            return self.path(&own);
        }
        let shared = filled(self.root.at(&["agents", "defaults", "workspace"]));
        match (id == self.default_id, shared) {
            (true, Some(shared)) => self.path(&shared),
            (true, None) => self.path("~/.openclaw/workspace"),
            (false, Some(shared)) => self.path(&shared).join(id),
            (false, None) => self.path(&format!("{}/workspace-{id}", self.state)),
        }
    }

    fn path(&self, text: &str) -> PathBuf {
        match below_home(text) {
            Some(rest) => normal(&self.home.join(rest)),
            None => normal(Path::new(text)),
        }
    }
}

/// Tailscale can publish only what listens on the loopback address.
fn tailscale(root: &Node<'_>) -> Vec<Issue> {
    let text = |keys: &[&str]| root.at(keys).and_then(Node::text);
    let Some(mode @ ("serve" | "funnel")) = text(&["gateway", "tailscale", "mode"]) else { return Vec::new() };
    let host = text(&["gateway", "customBindHost"]).and_then(|host| host.trim().parse::<std::net::Ipv4Addr>().ok());
    match text(&["gateway", "bind"]) {
        None | Some("loopback") => return Vec::new(),
        Some("custom") if host.is_some_and(|host| host.is_loopback()) => return Vec::new(),
        Some(_) => {}
    }
    let message = format!(
        "gateway.bind must resolve to loopback when gateway.tailscale.mode={mode} (use gateway.bind=\"loopback\" or \
         gateway.bind=\"custom\" with gateway.customBindHost=\"127.0.0.1\")"
    );
    vec![issue(root.at(&["gateway", "bind"]), &[Seg::Key("gateway"), Seg::Key("bind")], message)]
}

fn issue(node: Option<&Node<'_>>, at: &[Seg<'_>], message: String) -> Issue {
    let mut issue = Issue::new(Stage::PostSchema, Code::Rule, at, message);
    issue.span = node.map(Node::span);
    issue
}

/// OpenClaw's form of an agent's id: small letters, digits, `_` and `-`, at most 64. One that has this form already is only made
/// small; of another, each run of other characters becomes one `-`, and the `-` at its ends go.
fn normal_id(id: &str) -> String {
    let id = trim(id).to_lowercase();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if id.starts_with(|c: char| c.is_ascii_alphanumeric()) && id.len() <= 64 && id.chars().all(is_plain) {
        return id;
    }
    let mut out = String::new();
    let mut in_run = false;
    for c in id.chars() {
        let plain = is_plain(c);
        if plain || !in_run {
            out.push(if plain { c } else { '-' });
        }
        in_run = !plain;
    }
    let out: String = out.trim_matches('-').chars().take(64).collect();
    if out.is_empty() { "main".into() } else { out }
}

fn has_scheme(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let mut bytes = scheme.bytes();
    let good = bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'));
    good && !(scheme.len() == 1 && rest.starts_with(['/', '\\']))
}

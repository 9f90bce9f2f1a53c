//! The program that transcribes.

use super::Finding;
use super::text::is_safe_program;
use crate::config::issue::Seg;
use crate::config::tree::Node;

pub(crate) fn typed(command: &[String]) -> bool {
    command.first().is_some_and(|program| is_safe_program(program))
}

pub(crate) fn node(node: &Node<'_>) -> Vec<Finding<'static>> {
    if node.items().first().and_then(Node::text).is_some_and(is_safe_program) {
        return Vec::new();
    }
    vec![Finding { at: vec![Seg::Index(0)], message: "expected safe executable name or path".into() }]
}

//! How much the model is told to think: effort becomes `output_config.effort` with adaptive thinking, or a budget of
//! tokens for models that know only that.

use serde_json::{Value, json};

use super::models::{Known, Thinking, capabilities};
use crate::call::encode;
use crate::chat::{Effort, Request, Summary, Warning};

/// What is sent of it.
#[derive(Debug, Default)]
pub(super) struct Thought {
    /// `thinking`.
    pub(super) config: Option<Value>,
    /// `output_config.effort`.
    pub(super) effort: Option<Effort>,
    /// Whether the model thinks in this call.
    pub(super) on: bool,
    budget: bool,
}

/// The budget of an effort in tokens, for models that have no efforts of their own.
const fn budget(effort: Effort) -> u64 {
    match effort {
        Effort::None => 0,
        Effort::Minimal => LEAST_BUDGET,
        Effort::Low => 4_096,
        Effort::Medium => 8_192,
        Effort::High => 16_384,
        Effort::Xhigh => 24_576,
        Effort::Max => 32_768,
    }
}

/// The API refuses a smaller one.
const LEAST_BUDGET: u64 = 1_024;

/// What the request asks for, as far as the model has it. `forced`: it must call a tool, and does not think then.
pub(super) fn thinking(
    request: &Request,
    known: &Known,
    max_tokens: u64,
    forced: bool,
    notes: &mut Vec<Warning>,
) -> Thought {
    let model = &request.model;
    let efforts = capabilities(model).efforts;
    let effort = encode::effort(request.reasoning.effort, &efforts, model, notes);
    let mut drop = |why: &str| {
        let text = format!("{model} {why}: reasoning.effort is left out");
        notes.push(Warning::new("unsupported_setting", "reasoning.effort", text));
        Thought::default()
    };
    if let (None, Some(own)) = (effort, request.extra.get("thinking")) {
        // The host's own word.
        let on = own.get("type").and_then(Value::as_str) != Some("disabled");
        return Thought { on, ..Thought::default() };
    }
    match (known.thinking, effort) {
        (Thinking::Never | Thinking::Budget | Thinking::Asked, None) => Thought::default(),
        (Thinking::Never | Thinking::Budget, Some(Effort::None)) => Thought::default(),
        (Thinking::Never, Some(_)) => drop("cannot think"),
        (Thinking::Budget, Some(_)) if forced => drop("does not think when it must call a tool"),
        (Thinking::Budget, Some(effort)) => {
            // The rest is left for the answer.
            let most = max_tokens / 4 * 3;
            if most < LEAST_BUDGET {
                return drop(&format!("thinks in {LEAST_BUDGET} tokens or more, and the limit is {max_tokens}"));
            }
            let tokens = budget(effort).min(most);
            if tokens < budget(effort) {
                let text = format!("the effort {effort} is {} tokens; {tokens} fit into {max_tokens}", budget(effort));
                notes.push(Warning::new("clamped_setting", "reasoning.effort", text));
            }
            let config = json!({"type": "enabled", "budget_tokens": tokens});
            Thought { config: Some(config), effort: None, on: true, budget: true }
        }
        (Thinking::Asked | Thinking::Usual, Some(Effort::None)) => {
            Thought { config: Some(json!({"type": "disabled"})), ..Thought::default() }
        }
        (Thinking::Asked | Thinking::Usual, effort) if forced => Thought { effort, ..Thought::default() },
        (Thinking::Asked | Thinking::Usual, effort) => {
            let display = if request.reasoning.summary == Some(Summary::None) { "omitted" } else { "summarized" };
            let config = json!({"type": "adaptive", "display": display});
            Thought { config: Some(config), effort, on: true, budget: false }
        }
    }
}

impl Thought {
    /// With a budget, a turn that is not over must have begun with thinking of this model: after a switch it has not.
    pub(super) fn in_turn(self, thoughtless: bool) -> (Self, Option<Warning>) {
        if !(self.budget && thoughtless) {
            return (self, None);
        }
        let text = "thinking is off until the turn is over, because the turn began without thinking of this model";
        (Self::default(), Some(Warning::new("history_repaired", "reasoning.effort", text)))
    }
}

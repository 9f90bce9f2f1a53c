//! What goes into a call and what comes out: requests, items, events, responses, usage. No I/O, no provider.

mod event;
mod item;
mod limits;
mod request;
mod response;
mod usage;

pub use event::{Delta, Event, NextTry, RawEvent, Warning};
pub use item::{Content, Item, Message, Origin, RawItem, Reasoning, Role, ToolCall, ToolKind, ToolOutput, ToolResult};
pub use limits::{Credits, LimitFamily, LimitWindow, Quota, RateLimits};
pub use request::{Effort, ReasoningOptions, Request, Summary, TextOptions, Tool, ToolChoice, Verbosity};
pub use response::{FinishReason, Response, ResponseHead};
pub use usage::Usage;

//! Section `messages`: prefixes, queue, reactions.

use super::macros::{choice, shape};
use super::number::{Natural, Positive};
use super::shared::GroupChat;
use super::tts::Tts;
use super::value::Map;

shape! {
    /// Messages.
    #[derive(Default)]
    pub struct Messages {
        /// What stands before every message that an agent reads.
        pub message_prefix: Option<String>,
        /// What stands before every answer.
        pub response_prefix: Option<String>,
        /// How agents behave in groups.
        pub group_chat: Option<GroupChat>,
        /// What happens to messages that come while an agent works.
        pub queue: Option<MessageQueue>,
        /// How quick messages are joined.
        pub inbound: Option<InboundMessages>,
        /// The emoji with which a message is acknowledged.
        pub ack_reaction: Option<String>,
        /// Which messages are. Default `group-mentions`.
        pub ack_reaction_scope: Option<AckReactionScope>,
        /// Whether the emoji is removed after the answer.
        pub remove_ack_after_reply: Option<bool>,
        /// Emojis that show what an agent does.
        pub status_reactions: Option<StatusReactions>,
        /// Whether errors of tools are not sent.
        pub suppress_tool_errors: Option<bool>,
        /// Answers that are spoken.
        pub tts: Option<Tts>,
    }
}

shape! {
    /// What happens to messages that come while an agent works.
    #[derive(Default)]
    pub struct MessageQueue {
        /// What happens.
        pub mode: Option<QueueMode>,
        /// The same by channel.
        pub by_channel: Option<QueueByChannel>,
        /// Milliseconds of quiet that are waited.
        pub debounce_ms: Option<Natural>,
        /// The same by channel.
        pub debounce_ms_by_channel: Option<Map<Natural>>,
        /// Waiting messages, at most.
        pub cap: Option<Positive>,
        /// Which are dropped when there are more.
        pub drop: Option<QueueDrop>,
    }
}

choice! {
    /// What happens to a message that comes while an agent works.
    pub enum QueueMode {
        Steer = "steer",
        Followup = "followup",
        Collect = "collect",
        SteerBacklog = "steer-backlog",
        SteerPlusBacklog = "steer+backlog",
        Queue = "queue",
        Interrupt = "interrupt",
    }
}

shape! {
    /// What happens to messages that come while an agent works, by channel.
    #[derive(Default)]
    pub struct QueueByChannel {
        /// WhatsApp.
        pub whatsapp: Option<QueueMode>,
        /// Telegram.
        pub telegram: Option<QueueMode>,
        /// Discord.
        pub discord: Option<QueueMode>,
        /// IRC.
        pub irc: Option<QueueMode>,
        /// Slack.
        pub slack: Option<QueueMode>,
        /// Mattermost.
        pub mattermost: Option<QueueMode>,
        /// Signal.
        pub signal: Option<QueueMode>,
        /// iMessage.
        pub imessage: Option<QueueMode>,
        /// Microsoft Teams.
        pub msteams: Option<QueueMode>,
        /// The web chat.
        pub webchat: Option<QueueMode>,
    }
}

choice! {
    /// Which waiting messages are dropped.
    pub enum QueueDrop {
        Old = "old",
        New = "new",
        Summarize = "summarize",
    }
}

shape! {
    /// How quick messages of one sender are joined.
    #[derive(Default)]
    pub struct InboundMessages {
        /// Milliseconds of quiet that are waited.
        pub debounce_ms: Option<Natural>,
        /// The same by channel.
        pub by_channel: Option<Map<Natural>>,
    }
}

choice! {
    /// Which messages are acknowledged by an emoji.
    pub listed enum AckReactionScope {
        GroupMentions = "group-mentions",
        GroupAll = "group-all",
        Direct = "direct",
        All = "all",
        Off = "off",
        None = "none",
    }
}

shape! {
    /// Emojis that show what an agent does.
    #[derive(Default)]
    pub struct StatusReactions {
        /// Whether they are shown.
        pub enabled: Option<bool>,
        /// Which.
        pub emojis: Option<StatusEmojis>,
        /// When.
        pub timing: Option<StatusTiming>,
    }
}

shape! {
    /// The emoji of each state.
    #[derive(Default)]
    pub struct StatusEmojis {
        /// It reasons.
        pub thinking: Option<String>,
        /// It uses a tool.
        pub tool: Option<String>,
        /// It writes code or runs a command.
        pub coding: Option<String>,
        /// It looks at the web.
        pub web: Option<String>,
        /// It is done.
        pub done: Option<String>,
        /// It failed.
        pub error: Option<String>,
        /// Nothing has happened for a while.
        pub stall_soft: Option<String>,
        /// Nothing has happened for long.
        pub stall_hard: Option<String>,
        /// It sums up its context.
        pub compacting: Option<String>,
    }
}

shape! {
    /// When emojis of states are shown, in milliseconds.
    #[derive(Default)]
    pub struct StatusTiming {
        /// Milliseconds that a state must last.
        pub debounce_ms: Option<Natural>,
        /// Milliseconds of quiet after which nothing has happened for a while.
        pub stall_soft_ms: Option<Natural>,
        /// Milliseconds of quiet after which nothing has happened for long.
        pub stall_hard_ms: Option<Natural>,
        /// Milliseconds that "done" stays.
        pub done_hold_ms: Option<Natural>,
        /// Milliseconds that "failed" stays.
        pub error_hold_ms: Option<Natural>,
    }
}

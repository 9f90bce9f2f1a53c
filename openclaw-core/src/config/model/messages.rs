//! TODO file messages

use super::macros::{choice, shape};
use super::number::{Natural, Positive};
use super::shared::GroupChat;
use super::tts::Tts;
use super::value::Map;

shape! {
    /// TODO Messages
    #[derive(Default)]
    pub struct Messages {
        /// TODO Messages.messagePrefix
        pub message_prefix: Option<String>,
        /// TODO Messages.responsePrefix
        pub response_prefix: Option<String>,
        /// TODO Messages.groupChat
        pub group_chat: Option<GroupChat>,
        /// TODO Messages.queue
        pub queue: Option<MessageQueue>,
        /// TODO Messages.inbound
        pub inbound: Option<InboundMessages>,
        /// TODO Messages.ackReaction
        pub ack_reaction: Option<String>,
        /// TODO Messages.ackReactionScope
        pub ack_reaction_scope: Option<AckReactionScope>,
        /// TODO Messages.removeAckAfterReply
        pub remove_ack_after_reply: Option<bool>,
        /// TODO Messages.statusReactions
        pub status_reactions: Option<StatusReactions>,
        /// TODO Messages.suppressToolErrors
        pub suppress_tool_errors: Option<bool>,
        /// TODO Messages.tts
        pub tts: Option<Tts>,
    }
}

shape! {
    /// TODO MessageQueue
    #[derive(Default)]
    pub struct MessageQueue {
        /// TODO MessageQueue.mode
        pub mode: Option<QueueMode>,
        /// TODO MessageQueue.byChannel
        pub by_channel: Option<QueueByChannel>,
        /// TODO MessageQueue.debounceMs
        pub debounce_ms: Option<Natural>,
        /// TODO MessageQueue.debounceMsByChannel
        pub debounce_ms_by_channel: Option<Map<Natural>>,
        /// TODO MessageQueue.cap
        pub cap: Option<Positive>,
        /// TODO MessageQueue.drop
        pub drop: Option<QueueDrop>,
    }
}

choice! {
    /// TODO QueueMode
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
    /// TODO QueueByChannel
    #[derive(Default)]
    pub struct QueueByChannel {
        /// TODO QueueByChannel.whatsapp
        pub whatsapp: Option<QueueMode>,
        /// TODO QueueByChannel.telegram
        pub telegram: Option<QueueMode>,
        /// TODO QueueByChannel.discord
        pub discord: Option<QueueMode>,
        /// TODO QueueByChannel.irc
        pub irc: Option<QueueMode>,
        /// TODO QueueByChannel.slack
        pub slack: Option<QueueMode>,
        /// TODO QueueByChannel.mattermost
        pub mattermost: Option<QueueMode>,
        /// TODO QueueByChannel.signal
        pub signal: Option<QueueMode>,
        /// TODO QueueByChannel.imessage
        pub imessage: Option<QueueMode>,
        /// TODO QueueByChannel.msteams
        pub msteams: Option<QueueMode>,
        /// TODO QueueByChannel.webchat
        pub webchat: Option<QueueMode>,
    }
}

choice! {
    /// TODO QueueDrop
    pub enum QueueDrop {
        Old = "old",
        New = "new",
        Summarize = "summarize",
    }
}

shape! {
    /// TODO InboundMessages
    #[derive(Default)]
    pub struct InboundMessages {
        /// TODO InboundMessages.debounceMs
        pub debounce_ms: Option<Natural>,
        /// TODO InboundMessages.byChannel
        pub by_channel: Option<Map<Natural>>,
    }
}

choice! {
    /// TODO AckReactionScope
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
    /// TODO StatusReactions
    #[derive(Default)]
    pub struct StatusReactions {
        /// TODO StatusReactions.enabled
        pub enabled: Option<bool>,
        /// TODO StatusReactions.emojis
        pub emojis: Option<StatusEmojis>,
        /// TODO StatusReactions.timing
        pub timing: Option<StatusTiming>,
    }
}

shape! {
    /// TODO StatusEmojis
    #[derive(Default)]
    pub struct StatusEmojis {
        /// TODO StatusEmojis.thinking
        pub thinking: Option<String>,
        /// TODO StatusEmojis.tool
        pub tool: Option<String>,
        /// TODO StatusEmojis.coding
        pub coding: Option<String>,
        /// TODO StatusEmojis.web
        pub web: Option<String>,
        /// TODO StatusEmojis.done
        pub done: Option<String>,
        /// TODO StatusEmojis.error
        pub error: Option<String>,
        /// TODO StatusEmojis.stallSoft
        pub stall_soft: Option<String>,
        /// TODO StatusEmojis.stallHard
        pub stall_hard: Option<String>,
        /// TODO StatusEmojis.compacting
        pub compacting: Option<String>,
    }
}

shape! {
    /// TODO StatusTiming
    #[derive(Default)]
    pub struct StatusTiming {
        /// TODO StatusTiming.debounceMs
        pub debounce_ms: Option<Natural>,
        /// TODO StatusTiming.stallSoftMs
        pub stall_soft_ms: Option<Natural>,
        /// TODO StatusTiming.stallHardMs
        pub stall_hard_ms: Option<Natural>,
        /// TODO StatusTiming.doneHoldMs
        pub done_hold_ms: Option<Natural>,
        /// TODO StatusTiming.errorHoldMs
        pub error_hold_ms: Option<Natural>,
    }
}

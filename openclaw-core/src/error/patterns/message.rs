//! What the parsed message of an error says, as far as it may decide.

use super::{echo, holds, message_table::TABLE};
use crate::error::ErrorKind;

/// The first kind of the table that `may` allows and that one of the message's phrases names.
pub(in crate::error) fn kind_of(message: &str, may: impl Fn(ErrorKind) -> bool) -> Option<ErrorKind> {
    let text = echo::reason(message);
    if may(ErrorKind::ContextOverflow) && above_ceiling(&text) {
        return Some(ErrorKind::ContextOverflow);
    }
    let about_rate = holds(&text, "per min") || holds(&text, "tpm") || holds(&text, "tokens per");
    TABLE
        .iter()
        .filter(|(kind, _)| may(*kind) && !(about_rate && *kind == ErrorKind::ContextOverflow))
        .find(|(_, patterns)| patterns.iter().any(|pattern| whole_or_part(&text, pattern)))
        .map(|(kind, _)| *kind)
}

/// Whether a message is OpenAI's sentence for a prompt that a content rule caught; what follows it is not looked at.
pub(in crate::error) fn is_flagged(message: &str) -> bool {
    let head = crate::error::body::prefix(message, 200).to_lowercase();
    let said = head.strip_prefix("invalid prompt: ").unwrap_or(&head);
    [
        "your prompt was flagged",
        "your input was flagged",
        "your request was flagged",
        "this content was flagged",
        "this request was flagged",
    ]
    .iter()
    .any(|start| said.starts_with(start))
}

/// Whether the lower-cased reason of a message holds this phrase.
pub(in crate::error) fn says(message: &str, pattern: &str) -> bool {
    holds(&echo::reason(message), pattern)
}

/// `^x$` is the whole message, with or without a full stop.
fn whole_or_part(text: &str, pattern: &str) -> bool {
    match pattern.strip_prefix('^').and_then(|p| p.strip_suffix('$')) {
        Some(whole) => text.trim_end_matches(['.', '!']) == whole,
        None => holds(text, pattern),
    }
}

/// `Limit 30000, Requested 92013`: one request asks for more than a whole minute allows, so waiting never helps.
fn above_ceiling(text: &str) -> bool {
    let number = |label: &str| {
        let (_, tail) = text.split_once(label)?;
        let digits = tail.trim_start_matches([':', ' ', '=']);
        let end = digits.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(digits.len());
        digits.get(..end)?.replace(',', "").parse::<u64>().ok()
    };
    match (number("limit"), number("requested")) {
        (Some(limit), Some(requested)) => requested > limit && limit > 0 && holds(text, "token"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(message: &str) -> Option<ErrorKind> {
        kind_of(message, |_| true)
    }

    #[test]
    fn ceilings() {
        let wait = "Rate limit reached on tokens per min (TPM): Limit 1,000, Used 900, Requested 200.";
        assert_eq!(kind(wait), Some(ErrorKind::RateLimited));
        let never = "Request too large on tokens per min (TPM): Limit 1,000, Requested 2,000.";
        assert_eq!(kind(never), Some(ErrorKind::ContextOverflow));
    }

    #[test]
    fn every_phrase_is_lower_case_and_finds_itself() {
        for (kind, patterns) in TABLE {
            for pattern in *patterns {
                assert_eq!(*pattern, pattern.to_lowercase());
                let text = pattern.trim_start_matches('^').trim_end_matches('$').replace('*', " ");
                assert!(whole_or_part(&text, pattern), "{kind} {pattern}");
            }
        }
    }

    #[test]
    fn quotations_do_not_decide() {
        assert_eq!(kind("Unexpected thing: \"rate limit\""), None);
        assert_eq!(kind("Invalid value for input: my key was revoked, rate limit"), None);
    }
}

//! Durations, sizes and times of day, as OpenClaw reads them.

/// `500`, `30m`, `1.5h`, `1h30m`: whether this is a duration. The unit of a bare number is the reader's affair.
pub(crate) fn is_duration(text: &str) -> bool {
    let text = trim(text).to_ascii_lowercase();
    let Some(mut rest) = number(&text) else { return false };
    if rest.is_empty() {
        return true;
    }
    loop {
        let Some(after) = ["ms", "s", "m", "h", "d"].iter().find_map(|unit| rest.strip_prefix(unit)) else {
            return false;
        };
        if after.is_empty() {
            return true;
        }
        match number(after) {
            Some(next) => rest = next,
            None => return false,
        }
    }
}

/// `1024`, `10mb`, `1.5 GB` without the blank: whether this is a size.
pub(crate) fn is_size(text: &str) -> bool {
    let text = trim(text).to_ascii_lowercase();
    let units = ["", "b", "k", "kb", "m", "mb", "g", "gb", "t", "tb"];
    number(&text).is_some_and(|unit| units.contains(&unit))
}

/// What follows a number without sign and exponent.
fn number(text: &str) -> Option<&str> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    if whole == 0 {
        return None;
    }
    let rest = text.get(whole..)?;
    match rest.strip_prefix('.') {
        Some(fraction) if digits(fraction) > 0 => fraction.get(digits(fraction)..),
        _ => Some(rest),
    }
}

/// A number as JavaScript writes it, as far as durations and sizes care: `-1` and `1e21` are neither.
pub(crate) fn number_text(number: f64) -> String {
    if number == 0.0 {
        // JavaScript shows no sign of a zero.
        "0".to_owned()
    } else if number.abs() >= 1e21 || number.abs() < 1e-6 {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

/// `HH:MM`, hours to 24.
pub(crate) fn hour_and_minute(text: &str) -> Option<(u32, u32)> {
    let [a, b, b':', c, d] = text.as_bytes() else { return None };
    if ![a, b, c, d].iter().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value = |high: &u8, low: &u8| u32::from(high - b'0') * 10 + u32::from(low - b'0');
    let (hour, minute) = (value(a, b), value(c, d));
    (hour <= 24 && minute <= 59).then_some((hour, minute))
}

/// Without the blanks that JavaScript trims.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}')
}

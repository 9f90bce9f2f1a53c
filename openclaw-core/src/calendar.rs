//! Times as text, in UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `20261122T154943Z`, for names of files.
pub(crate) fn compact(time: SystemTime) -> String {
    let (Date { year, month, day }, seconds) = split(time);
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// `2026-11-22T15:49:43.123Z`, as JavaScript writes it.
pub(crate) fn iso(time: SystemTime) -> String {
    let (Date { year, month, day }, seconds) = split(time);
    let ms = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_millis());
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// `2026-11-22 15:49 UTC`, for a person.
pub(crate) fn minute(time: SystemTime) -> String {
    let (Date { year, month, day }, seconds) = split(time);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", seconds / 3_600, seconds / 60 % 60)
}

/// Reads what [`iso`] writes, with any number of digits behind the point.
pub(crate) fn parse_iso(text: &str) -> Option<SystemTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    let mut date = date.split('-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.split(':').map(number);
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    number(fraction)?;
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    let seconds = days(year, month, day)? * 86_400 + hour * 3_600 + minute * 60 + second;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?.checked_add(Duration::from_secs_f64(fraction))
}

struct Date {
    year: u64,
    month: u64,
    day: u64,
}

/// The day, and the seconds of the day. By Howard Hinnant's algorithm: days of the proleptic Gregorian calendar, counted
/// from 0000-03-01.
fn split(time: SystemTime) -> (Date, u64) {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let shifted = seconds / 86_400 + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (Date { year, month, day }, seconds % 86_400)
}

/// Days since 1970-01-01; the way back.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    (era * 146_097 + of_era).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (4_102_444_800, "2100-01-01T00:00:00.000Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(iso(time), text);
            assert_eq!(parse_iso(text), Some(time));
        }
        let time = UNIX_EPOCH + Duration::from_millis(1_795_362_583_250);
        assert_eq!(parse_iso(&iso(time)), Some(time));
        assert_eq!(compact(UNIX_EPOCH + Duration::from_secs(951_782_399)), "20000228T235959Z");
        for text in ["", "2026", "2026-11-22", "2026-13-22T00:00:00Z", "x-1-1T0:0:0Z", "2026-11-22T15:49:43+01:00"] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
        // What a file says of a time can be any number.
        for time in ["24:00:00", "00:60:00", "00:00:61", "2562047788015215:00:00", "18446744073709551615:0:0"] {
            assert_eq!(parse_iso(&format!("2026-11-22T{time}Z")), None, "{time}");
        }
    }
}

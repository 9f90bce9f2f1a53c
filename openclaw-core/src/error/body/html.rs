//! Pages: whether a body is one, its title, and the text that a person would see.

/// Whether this is a page, or the beginning of one: a doctype, a tag of a page's skeleton, or a comment before them.
pub(in crate::error) fn is_page(text: &str) -> bool {
    page_start(text) == Some(0)
}

/// Where a page begins in a text that may have a transport's own words before it (`403 <html>…`).
pub(in crate::error) fn page_start(text: &str) -> Option<usize> {
    /// How far a page may stand behind a transport's own words.
    const LEAD: usize = 200;
    let text_start = text.len() - text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
    let window = text.as_bytes().get(..text.len().min(text_start + LEAD))?;
    let at = memchr::memchr_iter(b'<', window).find(|&i| {
        let rest = text.as_bytes().get(i..).unwrap_or_default();
        SKELETON.iter().any(|tag| rest.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag.as_bytes())))
    })?;
    Some(if at == text_start { 0 } else { at })
}

/// What pages begin with.
const SKELETON: &[&str] =
    &["<!doctype", "<html", "<head", "<body", "<title", "<meta", "<script", "<!--", "<center>", "<h1", "<style"];

/// The text of the first `<title>`, in lower case.
pub(in crate::error) fn title(lower: &str) -> Option<&str> {
    let start = lower.find("<title")?;
    let (_, rest) = lower.get(start..)?.split_once('>')?;
    Some(rest.split('<').next().unwrap_or(rest).trim())
}

/// The visible text: no tags, scripts, styles or comments, entities decoded, white space collapsed. Text that is no
/// page comes out with collapsed white space only. Linear; at most `limit` bytes come out.
pub(in crate::error) fn visible(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() && out.len() < limit {
        let cut = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
        let (plain, tail) = rest.split_at(cut);
        push_text(&mut out, plain, limit);
        rest = after_tag(tail, &mut out);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Skips the tag, comment, script or style that the text begins with; a `<` that opens none is kept as it is.
fn after_tag<'a>(text: &'a str, out: &mut String) -> &'a str {
    let Some(inside) = text.strip_prefix('<') else { return text };
    if let Some(comment) = inside.strip_prefix("!--") {
        return comment.find("-->").and_then(|end| comment.get(end + 3..)).unwrap_or_default();
    }
    if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        out.push('<');
        return inside;
    }
    push_space(out);
    let Some((_, rest)) = inside.split_once('>') else { return "" };
    for raw in ["script", "style", "svg"] {
        let named = inside.get(..raw.len()).is_some_and(|head| head.eq_ignore_ascii_case(raw));
        if named && !inside.as_bytes().get(raw.len()).is_some_and(u8::is_ascii_alphanumeric) {
            return after_raw(rest, raw);
        }
    }
    rest
}

/// Behind the closing tag of an element whose content is no text. A cut page ends here.
fn after_raw<'a>(text: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("</")) {
        let close = text.get(from + at + 2..).unwrap_or_default();
        if close.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)) {
            return close.split_once('>').map(|(_, rest)| rest).unwrap_or_default();
        }
        from += at + 2;
    }
    ""
}

fn push_text(out: &mut String, text: &str, limit: usize) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if out.len() >= limit {
            return;
        }
        let (decoded, used) = if c == '&' { entity(rest) } else { (c, c.len_utf8()) };
        if decoded.is_whitespace() || decoded.is_control() || decoded == '\u{feff}' {
            push_space(out);
        } else {
            out.push(decoded);
        }
        rest = rest.get(used..).unwrap_or_default();
    }
}

fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// The character of an entity at the start, and how many bytes it takes. Brackets stay out: no tag comes back.
fn entity(text: &str) -> (char, usize) {
    let name = text.as_bytes().get(1..text.len().min(12)).and_then(|head| {
        let end = memchr::memchr(b';', head)?;
        text.get(1..1 + end)
    });
    let Some(name) = name else { return ('&', 1) };
    let decoded = match name {
        "amp" => Some('&'),
        "lt" | "gt" => Some(' '),
        "quot" => Some('"'),
        "apos" | "rsquo" | "lsquo" => Some('\''),
        "nbsp" => Some(' '),
        "bull" | "middot" => Some('·'),
        "hellip" => Some('…'),
        "ndash" | "mdash" => Some('–'),
        "copy" => Some('©'),
        _ => name.strip_prefix('#').and_then(numeric).map(|c| if matches!(c, '<' | '>') { ' ' } else { c }),
    };
    decoded.map_or(('&', 1), |c| (c, name.len() + 2))
}

fn numeric(digits: &str) -> Option<char> {
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_what_a_person_does_not_see() {
        let page = "<!-- x --><html><style>a{b:c}</style><SCRIPT>var dns=429</SCRIPT ><p>Tom &amp; Eve&nbsp;&#39;s &lt;b&gt;</p>";
        assert_eq!(visible(page, 1000), "Tom & Eve 's b");
        assert_eq!(visible("<p>a</p><script>cut here <b>bold", 1000), "a");
        assert_eq!(visible("1 < 2 && x<3", 1000), "1 < 2 && x<3");
        assert_eq!(visible("a &unknown; &; &#xZZ; b", 1000), "a &unknown; &; &#xZZ; b");
    }

    #[test]
    fn knows_a_page() {
        for page in
            ["<!DOCTYPE HTML PUBLIC \"x\">", "\u{feff}\n <Html>", "<!-- IE --><html>", "<script src=x></script>"]
        {
            assert!(is_page(page), "{page}");
        }
        for other in ["", "{\"a\":\"<html>\"}", "a < b", "<xml?>", "<think>"] {
            assert!(!is_page(other), "{other}");
        }
        assert_eq!(page_start("403 <html>"), Some(4));
    }

    #[test]
    fn reads_the_title() {
        assert_eq!(title("<title lang=x> just a moment...</title>"), Some("just a moment..."));
        assert_eq!(title("<title>cut"), Some("cut"));
        assert_eq!(title("<p>"), None);
    }
}

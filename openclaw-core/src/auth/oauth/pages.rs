//! The pages that the browser shows after a sign-in: self-contained, without a script, light or dark as the person likes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A page and its status.
#[derive(Debug, Clone)]
pub(super) struct Page<'a> {
    /// The program that the person goes back to.
    application: &'a str,
    say: Say<'a>,
}

/// What a page says.
#[derive(Debug, Clone)]
pub(super) enum Say<'a> {
    /// Signed in, as whom if that is known.
    Done { account: Option<&'a str> },
    /// The person, or the workspace, said no.
    Declined { why: &'a str },
    /// The code came, and the tokens did not; or the login server reported a fault.
    Failed { why: &'a str },
    /// The answer belongs to another sign-in.
    OtherSignIn,
    /// It has no code.
    Incomplete,
    /// The answer came already.
    Twice,
    /// Another sign-in on this machine takes over.
    Replaced,
    /// No page of ours.
    NotFound,
}

struct Words<'a> {
    status: &'static str,
    tone: &'static str,
    title: &'static str,
    text: String,
    detail: Option<&'a str>,
    next: String,
}

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

impl<'a> Page<'a> {
    pub(super) fn new(application: &'a str, say: Say<'a>) -> Self {
        Self { application, say }
    }

    /// The whole HTTP answer.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let words = self.words();
        let html = fill(&words, self.application);
        let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        format!(
            "HTTP/1.1 {status}\r\n\
             Content-Type: text/html; charset=utf-8\r\n\
             Content-Length: {length}\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
             Cache-Control: no-store\r\n\
             Referrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\n\
             Connection: close\r\n\r\n{html}",
            status = words.status,
            length = html.len(),
        )
        .into_bytes()
    }

    fn words(&self) -> Words<'a> {
        let name = escape(self.application);
        let back = format!("Go back to {name} to start the sign-in again.");
        let words = |status, tone, title, text: &str, next: String| Words {
            status,
            tone,
            title,
            text: text.to_owned(),
            detail: None,
            next,
        };
        match self.say {
            Say::Done { account } => {
                let text = match account {
                    Some(account) => format!("You are signed in as <b>{}</b>.", escape(account)),
                    None => "You are signed in.".to_owned(),
                };
                let next = format!("You can close this page and go back to {name}.");
                words("200 OK", "good", "Signed in", &text, next)
            }
            Say::Declined { why } => Words {
                detail: Some(why).filter(|why| !why.is_empty()),
                ..words("403 Forbidden", "calm", "Not signed in", "The sign-in was declined. Nothing was stored.", back)
            },
            Say::Failed { why } => Words {
                detail: Some(why).filter(|why| !why.is_empty()),
                ..words("502 Bad Gateway", "bad", "The sign-in did not finish", "You were not signed in.", back)
            },
            Say::OtherSignIn => words(
                "400 Bad Request",
                "bad",
                "This page belongs to another sign-in",
                "Its answer was not used: it may come from an older tab, or from a page that you did not mean to open.",
                format!("Use the newest address that {name} gave you."),
            ),
            Say::Incomplete => words(
                "400 Bad Request",
                "bad",
                "The answer is incomplete",
                "The sign-in page sent neither a code nor a reason.",
                format!("Open the address that {name} gave you once more."),
            ),
            Say::Twice => words(
                "409 Conflict",
                "calm",
                "This sign-in is done already",
                "Its answer came before and works only once.",
                format!("You can close this page and go back to {name}."),
            ),
            Say::Replaced => words(
                "200 OK",
                "calm",
                "This sign-in has ended",
                "Another sign-in was started on this computer and took its place.",
                "You can close this page.".to_owned(),
            ),
            Say::NotFound => words(
                "404 Not Found",
                "calm",
                "Nothing is here",
                "This address waits for the answer of a sign-in page.",
                format!("Open the address that {name} gave you."),
            ),
        }
    }
}

fn fill(words: &Words<'_>, application: &str) -> String {
    let icon = match words.tone {
        "good" => "M15 24.5l6.5 6.5L33.5 18",
        "bad" => "M17 17l14 14M31 17L17 31",
        _ => "M24 14v13M24 33.5v.5",
    };
    let detail = words.detail.map(|text| format!("<p class=\"detail\">{}</p>", escape(&sentence(text))));
    let detail = detail.unwrap_or_default();
    let name = escape(application);
    // In one pass: what is filled in is not searched for further places.
    let mut out = String::with_capacity(TEMPLATE.len() + STYLE.len() + 1024);
    let mut rest = TEMPLATE;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((place, after)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(match place {
            "title" => words.title,
            "style" => STYLE,
            "tone" => words.tone,
            "icon" => icon,
            "text" => &words.text,
            "detail" => &detail,
            "next" => &words.next,
            "application" => &name,
            _ => "",
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The same with a capital in front.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// Text as HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_whole_and_what_strangers_wrote_is_text() {
        let evil = "<script>alert(1)</script>{style}\"'&";
        let all = [
            Say::Done { account: Some(evil) },
            Say::Done { account: None },
            Say::Declined { why: evil },
            Say::Failed { why: evil },
            Say::OtherSignIn,
            Say::Incomplete,
            Say::Twice,
            Say::Replaced,
            Say::NotFound,
        ];
        for say in all {
            let text = String::from_utf8(Page::new("my <app>", say).bytes()).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("Content-Length: {}", body.len())), "{head}");
            assert!(body.starts_with("<!doctype html>") && body.trim_end().ends_with("</html>"), "{body}");
            assert!(!body.contains("<script") && !body.contains("<app>") && body.contains("my &lt;app&gt;"), "{body}");
            assert!(!body.contains("{t") && !body.contains("{n"), "{body}");
            assert!(body.matches("color-scheme: light dark").count() == 1, "the style stands once: {body}");
            assert!(!body.contains("http://") && !body.contains("https://"), "{body}");
        }
    }
}

//! The login server's pages: buttons for a browser to click.

use super::super::play::Reply;
use super::super::{Framing, Step};

const TEMPLATE: &str = include_str!("page.html");

/// "Continue" and "Deny" for a program that asks.
pub(super) fn sign_in(name: &str, person: &str, query: &str, sharing: bool) -> Reply {
    let wish = match sharing {
        true => "wants to use the ChatGPT plan of",
        false => "wants to sign in as",
    };
    let body = format!(
        "<h1>{name} {wish} {person}</h1>\
         <p>You are signed in as <b>{person}</b>. Nobody's password is asked for here.</p>\
         <form method=\"post\" action=\"?{query}\">\
         <button class=\"go\" id=\"continue\" name=\"decision\" value=\"continue\">Continue</button>\
         <button id=\"deny\" name=\"decision\" value=\"deny\">Deny</button></form>",
        name = escape(name),
        person = escape(person),
        query = escape(query),
    );
    html(200, "Sign in", &body)
}

/// The form for a device code; then whether the code was known.
pub(super) fn device(known: Option<bool>) -> Reply {
    let body = match known {
        Some(true) => "<h1>Done</h1><p>You can close this page and go back to the program.</p>",
        _ => {
            "<h1>Type the code</h1><p>It is shown by the program that you are signing in to.</p>\
             <form method=\"post\"><input name=\"user_code\" aria-label=\"Code\" placeholder=\"ABCD-12345\" autofocus>\
             <button class=\"go\" id=\"continue\" name=\"decision\" value=\"continue\">Continue</button>\
             <button id=\"deny\" name=\"decision\" value=\"deny\">Deny</button></form>"
        }
    };
    let missed = if known == Some(false) { "<p id=\"missed\">This code is not known.</p>" } else { "" };
    html(if known == Some(false) { 404 } else { 200 }, "Sign in with a code", &format!("{body}{missed}"))
}

/// A request that no client should make.
pub(super) fn wrong(what: &str) -> Reply {
    html(400, "This sign-in cannot start", &format!("<h1>This sign-in cannot start</h1><p>{}</p>", escape(what)))
}

fn html(status: u16, title: &str, body: &str) -> Reply {
    let text = TEMPLATE.replacen("{title}", title, 1).replacen("{body}", body, 1);
    let steps = vec![Step::Send { bytes: text.into(), times: 1 }];
    Reply::new(status, Framing::ContentLength, steps)
        .header("content-type", "text/html; charset=utf-8")
        .header("cache-control", "no-store")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

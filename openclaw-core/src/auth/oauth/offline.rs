//! What the fuzz targets call: a callback and a token response without a network.

use std::sync::OnceLock;

use secrecy::{ExposeSecret, SecretString};

use super::TokenResponse;
use super::callback::{Callback, Outcome};
use super::http::Answer;
use super::refusal::Asked;
use super::token_endpoint::{TokenEndpoint, read_tokens};
use crate::error::Result;
use crate::transport::Headers;

/// The code of a callback's query; a refusal is an error.
pub(crate) fn callback(query: &str) -> std::result::Result<String, String> {
    outcome(&Callback::of_query(query).map_err(str::to_owned)?)
}

/// The code of what a person pasted.
pub(crate) fn pasted(text: &str) -> std::result::Result<String, String> {
    outcome(&Callback::of_paste(text).map_err(|error| format!("{error:?}"))?)
}

fn outcome(callback: &Callback) -> std::result::Result<String, String> {
    assert!(callback.is_for(&SecretString::from("the state of this sign-in")) <= callback.has_state());
    match &callback.outcome {
        Outcome::Code(code) => Ok(code.expose_secret().to_owned()),
        Outcome::Refused(refused) => Err(format!("{:?}", refused.error())),
    }
}

/// What a refresh makes of an answer, when this token was sent.
pub(crate) fn refreshed(status: u16, content_type: &str, body: &[u8], sent: &SecretString) -> Result<TokenResponse> {
    static ENDPOINT: OnceLock<Result<TokenEndpoint>> = OnceLock::new();
    let endpoint = ENDPOINT.get_or_init(|| TokenEndpoint::builder().build()).as_ref().map_err(Clone::clone)?;
    let headers: Headers = [("content-type", content_type)].into_iter().collect();
    let answer = Answer::new(status, headers, body.to_vec(), "https://auth.openai.com/oauth/token");
    read_tokens(Asked::Refresh, &answer, &endpoint.http, &[sent])
}

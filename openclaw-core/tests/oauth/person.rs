//! A person with a browser: sees addresses, clicks, pastes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use openclaw_core::auth::oauth::{DeviceCode, Issuer, SignIn, SignInPrompt, SignInStep, TokenEndpoint};
use openclaw_core::auth::{Credential, OAuthCredential, Profile};
use openclaw_core::testing::{TestServer, VirtualAmbient};
use openclaw_core::{Error, Result};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

/// Sees what a sign-in shows, and pastes what it was given.
#[derive(Debug)]
pub struct Person {
    url: watch::Sender<Option<String>>,
    code: watch::Sender<Option<DeviceCode>>,
    pastes: Mutex<VecDeque<String>>,
    pub steps: Mutex<Vec<String>>,
    pub complaints: Mutex<Vec<String>>,
}

impl Person {
    pub fn new() -> Self {
        Self::pasting(&[])
    }

    pub fn pasting(texts: &[&str]) -> Self {
        Self {
            url: watch::Sender::new(None),
            code: watch::Sender::new(None),
            pastes: Mutex::new(texts.iter().map(|text| (*text).to_owned()).collect()),
            steps: Mutex::default(),
            complaints: Mutex::default(),
        }
    }

    /// The address of the sign-in page, once it is shown.
    pub async fn url(&self) -> String {
        self.url.subscribe().wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }

    pub async fn code(&self) -> DeviceCode {
        self.code.subscribe().wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }

    pub fn steps(&self) -> String {
        self.steps.lock().unwrap().join("; ")
    }
}

#[async_trait::async_trait]
impl SignInPrompt for Person {
    fn show_url(&self, url: &str) {
        self.url.send_replace(Some(url.to_owned()));
    }

    fn show_code(&self, code: &DeviceCode) {
        self.code.send_replace(Some(code.clone()));
    }

    async fn paste(&self, wrong: Option<&Error>) -> Result<SecretString> {
        self.complaints.lock().unwrap().extend(wrong.map(|error| error.message().to_owned()));
        let next = self.pastes.lock().unwrap().pop_front();
        match next {
            Some(text) if text == "PAGE" => {
                let url = self.url().await;
                Ok(answer_of(&url, "continue").await.into())
            }
            Some(text) => Ok(text.into()),
            None => std::future::pending().await,
        }
    }

    fn progress(&self, step: &SignInStep) {
        self.steps.lock().unwrap().push(format!("{step:?}"));
    }
}

pub fn endpoint(server: &TestServer) -> TokenEndpoint {
    let issuer = Issuer::new(&server.issuer_url()).unwrap();
    TokenEndpoint::builder().issuer(issuer).application("test-app/1.0").build().unwrap()
}

/// On a clock of its own.
pub fn endpoint_with(server: &TestServer, clock: &VirtualAmbient) -> TokenEndpoint {
    let issuer = Issuer::new(&server.issuer_url()).unwrap();
    TokenEndpoint::builder().issuer(issuer).ambient(Arc::new(clock.clone())).build().unwrap()
}

pub fn sign_in(server: &TestServer) -> SignIn {
    SignIn::new(endpoint(server)).callback_ports([0])
}

pub fn oauth(profile: &Profile) -> &OAuthCredential {
    match &profile.credential {
        Credential::OAuth(oauth) => oauth,
        other => panic!("{other:?}"),
    }
}

pub fn plain(secret: &Option<SecretString>) -> &str {
    secret.as_ref().unwrap().expose_secret()
}

/// Looks at the sign-in page and clicks: where the browser is sent then.
pub async fn answer_of(url: &str, decision: &str) -> String {
    let client = client();
    let page = client.get(url).send().await.unwrap();
    assert_eq!(page.status(), 200, "{}", page.text().await.unwrap());
    assert!(page.text().await.unwrap().contains("id=\"continue\""));
    let form = format!("decision={decision}");
    let form_type = "application/x-www-form-urlencoded";
    let answer = client.post(url).header("content-type", form_type).body(form).send().await.unwrap();
    answer.headers().get("location").expect("a redirect").to_str().unwrap().to_owned()
}

/// What the browser shows at this address: status and page.
pub async fn visit(url: &str) -> (u16, String) {
    let answer = client().get(url).send().await.unwrap();
    let policy = answer.headers().get("content-security-policy").expect("a policy").to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    (answer.status().as_u16(), answer.text().await.unwrap())
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap()
}

/// The address that the browser comes back to, and the state that belongs to it.
pub fn callback_of(url: &str) -> (String, String) {
    let url = reqwest::Url::parse(url).unwrap();
    let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    (value("redirect_uri"), value("state"))
}

//! One entry of the store: read as leniently as OpenClaw 2026.4.5 reads it, written as it writes it.

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::fields::Fields;
use super::profile::{ApiKeyCredential, Credential, OAuthCredential, Profile, TokenCredential};
use super::profiles::ProfileNote;
use super::secret::{Secret, SecretRef, SecretSource};
use super::stamp;
use crate::provider::ProviderId;

/// What an entry comes to.
pub(super) struct Read {
    pub profile: Option<Profile>,
    pub notes: Vec<ProfileNote>,
}

/// An entry, for its schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct Shape {
    /// The provider.
    provider: ProviderId,
    /// The e-mail address of the account.
    email: Option<String>,
    /// A name for people.
    display_name: Option<String>,
    #[schemars(flatten)]
    credential: Credential,
}

/// Reads an entry. One that cannot be used has a note that says why.
pub(super) fn read(id: &str, text: &str) -> Read {
    let mut notes = Vec::new();
    let mut note = |provider: Option<&ProviderId>, unusable: bool, reason: String| {
        notes.push(ProfileNote { profile: Some(id.into()), provider: provider.cloned(), unusable, reason });
    };
    let profile = match Head::read(text) {
        Err(reason) => {
            note(None, true, reason.to_owned());
            None
        }
        Ok(head) => {
            let (credential, bad_end) = head.credential();
            if bad_end {
                let reason = "expires is not a time in ms since 1970; the token's own end counts";
                note(Some(&head.provider), false, reason.to_owned());
            }
            match credential {
                Err(reason) => {
                    note(Some(&head.provider), true, reason);
                    None
                }
                Ok(credential) => Some(Profile {
                    id: id.into(),
                    credential,
                    email: head.text("email"),
                    display_name: head.text("displayName"),
                    provider: head.provider,
                }),
            }
        }
    };
    Read { profile, notes }
}

/// Whether `expires` stands there and can be no end: OpenClaw then takes a pasted token for unusable. A time beyond 2100, which
/// we do not read, is an end.
pub(super) fn has_invalid_end(text: &str) -> bool {
    let end = Fields::parse(text).ok().and_then(|fields| fields.get("expires")).filter(|end| !end.is_null());
    end.is_some_and(|end| end.as_f64().is_none_or(|end| !end.is_finite() || end <= 0.0))
}

/// The text of an entry. Unknown fields of the former one stay, if it is of the same type and provider.
pub(super) fn write(profile: &Profile, former: Option<&SecretString>) -> SecretString {
    let kind = Kind::of(&profile.credential);
    let former = former.and_then(|text| Head::read(text.expose_secret()).ok());
    let mut fields = match former {
        Some(head) if head.kind == kind && head.provider == profile.provider => head.fields,
        _ => Fields::default(),
    };
    // What could not be read is nothing that we know: it is replaced by a value, and not taken away for want of one.
    let unread: Vec<&str> = OPTIONAL.into_iter().filter(|key| !is_read(&fields, key)).collect();
    let mut put = |key: &str, value: Option<Value>| {
        if fields.get(key) != value && (value.is_some() || !unread.contains(&key)) {
            fields.put(key, value);
        }
    };
    let secret = |secret: &SecretString| Value::from(secret.expose_secret());
    put("type", Some(profile.credential.kind().into()));
    put("mode", None);
    if profile.provider.as_str() != "" {
        put("provider", Some(profile.provider.as_str().into()));
    }
    let end = match &profile.credential {
        Credential::OAuth(oauth) => {
            put("access", Some(secret(&oauth.access)));
            put("refresh", oauth.refresh.as_ref().map(secret));
            oauth.expires
        }
        Credential::Token(token) => {
            put_secret(&mut put, &token.token, "token", "tokenRef");
            token.expires
        }
        Credential::ApiKey(key) => {
            put_secret(&mut put, &key.key, "key", "keyRef");
            put("apiKey", None);
            None
        }
    };
    put("expires", end.and_then(stamp::number).map(Value::from));
    put("email", profile.email.clone().map(Value::from));
    put("displayName", profile.display_name.clone().map(Value::from));
    if let Credential::OAuth(oauth) = &profile.credential {
        put("accountId", oauth.account_id.clone().map(Value::from));
        put("clientId", oauth.client_id.clone().map(Value::from));
        put("issuer", oauth.issuer.clone().map(Value::from));
        put("idToken", oauth.id_token.as_ref().map(secret));
        put("scope", oauth.scope.clone().map(Value::from));
        put("earliestRefreshAt", oauth.earliest_refresh_at.and_then(stamp::number).map(Value::from));
    }
    fields.render(2)
}

/// The keys that an entry may lack.
const OPTIONAL: [&str; 10] = [
    "refresh",
    "expires",
    "email",
    "displayName",
    "accountId",
    "clientId",
    "issuer",
    "idToken",
    "scope",
    "earliestRefreshAt",
];

/// Whether the value of a key is one that [`read`] takes.
fn is_read(fields: &Fields, key: &str) -> bool {
    match key {
        "expires" | "earliestRefreshAt" => fields.get(key).is_some_and(|value| stamp::time(&value).is_some()),
        _ => fields.text(key).is_some(),
    }
}

/// OpenClaw drops the text when there is a reference.
fn put_secret(put: &mut impl FnMut(&str, Option<Value>), secret: &Secret, plain: &str, by_ref: &str) {
    match secret {
        Secret::Plain(text) => {
            put(plain, Some(text.expose_secret().into()));
            put(by_ref, None);
        }
        Secret::Ref(SecretRef { source, provider, id }) => {
            put(plain, None);
            put(by_ref, Some(json!({"source": source, "provider": provider, "id": id})));
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    OAuth,
    Token,
    ApiKey,
}

impl Kind {
    fn of(credential: &Credential) -> Self {
        match credential {
            Credential::OAuth(_) => Self::OAuth,
            Credential::Token(_) => Self::Token,
            Credential::ApiKey(_) => Self::ApiKey,
        }
    }
}

/// What an entry must have to be an entry.
struct Head {
    fields: Fields,
    kind: Kind,
    provider: ProviderId,
}

impl Head {
    fn read(text: &str) -> Result<Self, &'static str> {
        let fields = Fields::parse(text).map_err(|_| "not an object")?;
        let kind = match fields.text("type").or_else(|| fields.text("mode")).as_deref() {
            Some("oauth") => Kind::OAuth,
            Some("token") => Kind::Token,
            Some("api_key") => Kind::ApiKey,
            _ => return Err("type is not oauth, token or api_key"),
        };
        let provider = fields.text("provider").ok_or("provider is missing")?;
        Ok(Self { kind, provider: ProviderId::new(ProviderId::normal(&provider)), fields })
    }

    fn text(&self, key: &str) -> Option<String> {
        self.fields.text(key)
    }

    /// The credential, or why there is none; and whether its end cannot be read.
    fn credential(&self) -> (Result<Credential, String>, bool) {
        let end = self.fields.raw("expires").filter(|end| *end != "null" && self.kind != Kind::ApiKey);
        let expires = end.and_then(|_| stamp::time(&self.fields.get("expires")?));
        let credential = match self.kind {
            Kind::OAuth => self.oauth().map(|oauth| OAuthCredential { expires, ..oauth }.into()),
            Kind::Token => {
                let secret = self.secret(&["token"], "tokenRef");
                secret.map(|token| TokenCredential { token, expires }.into())
            }
            Kind::ApiKey => self.secret(&["key", "apiKey"], "keyRef").map(|key| ApiKeyCredential { key }.into()),
        };
        (credential, end.is_some() && expires.is_none())
    }

    fn oauth(&self) -> Result<OAuthCredential, String> {
        let Some(access) = self.text("access") else {
            return Err(if self.fields.raw("oauthRef").is_some() {
                "its tokens lie in a side file of a newer OpenClaw (oauthRef), which is not read".to_owned()
            } else {
                "access is missing; sign in again".to_owned()
            });
        };
        Ok(OAuthCredential {
            account_id: self.text("accountId"),
            client_id: self.text("clientId"),
            issuer: self.text("issuer"),
            id_token: self.text("idToken").map(SecretString::from),
            scope: self.text("scope"),
            earliest_refresh_at: self.fields.get("earliestRefreshAt").as_ref().and_then(stamp::time),
            ..OAuthCredential::new(access, self.text("refresh").map(SecretString::from))
        })
    }

    /// A secret that stands in the entry, or a reference to where it is; an object under the plain key is a reference too.
    fn secret(&self, plain: &[&str], by_ref: &str) -> Result<Secret, String> {
        let values = || plain.iter().filter_map(|key| self.fields.get(key));
        let reference = self.fields.get(by_ref).or_else(|| values().find(Value::is_object)).filter(Value::is_object);
        let Some(reference) = reference else {
            let text = plain.iter().find_map(|key| self.text(key));
            let name = plain.first().copied().unwrap_or_default();
            let secret = text.map(|text| Secret::Plain(text.into()));
            return secret.ok_or_else(|| format!("neither {name} nor {by_ref} is set"));
        };
        let field = |key: &str| reference.get(key).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        let Some(source) = SecretSource::from_name(field("source")) else {
            return Err(format!("{by_ref} has an unknown source; \"env\" can be used"));
        };
        let id = field("id").to_owned();
        if source == SecretSource::Env && id.is_empty() {
            return Err(format!("{by_ref} names no variable: its id is missing"));
        }
        Ok(Secret::Ref(SecretRef { source, provider: field("provider").to_owned(), id }))
    }
}

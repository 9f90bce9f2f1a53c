//! The machine-readable codes of providers, and what they mean.

use super::body::Code;
use super::{
    Advice,
    ErrorKind::{self, *},
};

/// How far a code decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It decides before the status does.
    Sure,
    /// Houses put it beside anything; the status decides first.
    Vague,
}

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub kind: ErrorKind,
    pub weight: Weight,
    pub advice: Option<Advice>,
}

/// The meaning of the first sure code, else of the first vague one.
pub(super) fn meaning<'c>(codes: impl IntoIterator<Item = &'c Code>, provider: &str) -> Option<Meaning> {
    let mut vague = None;
    for code in codes {
        let found = match code {
            Code::Name(name) => named(name),
            Code::Number(number) => numbered(*number, provider),
        };
        match found {
            Some(meaning) if meaning.weight == Weight::Sure => return Some(meaning),
            other => vague = vague.or(other),
        }
    }
    vague
}

fn named(name: &str) -> Option<Meaning> {
    let bare = canonical(name);
    let row = TABLE
        .iter()
        .find(|row| row.names.contains(&bare.as_str()))
        .or_else(|| PREFIXES.iter().find(|row| row.names.iter().any(|prefix| bare.starts_with(prefix))))?;
    Some(Meaning { kind: row.kind, weight: row.weight, advice: row.advice })
}

/// `rate_limit_exceeded`, `RateLimitExceeded` and `RATE_LIMIT_EXCEEDED_ERROR` are one name.
fn canonical(name: &str) -> String {
    // AWS puts an address behind the name: `ThrottlingException:http://…`.
    let name = name.split(':').next().unwrap_or(name);
    let mut bare: String = name.chars().take(80).filter(char::is_ascii_alphanumeric).collect();
    bare.make_ascii_lowercase();
    for suffix in ["exception", "error"] {
        if let Some(stem) = bare.strip_suffix(suffix).filter(|stem| !stem.is_empty()) {
            return stem.to_owned();
        }
    }
    bare
}

struct Row {
    kind: ErrorKind,
    weight: Weight,
    advice: Option<Advice>,
    names: &'static [&'static str],
}

const fn sure(kind: ErrorKind, names: &'static [&'static str]) -> Row {
    Row { kind, weight: Weight::Sure, advice: None, names }
}

const fn vague(kind: ErrorKind, names: &'static [&'static str]) -> Row {
    Row { kind, weight: Weight::Vague, advice: None, names }
}

const fn advised(kind: ErrorKind, advice: Advice, names: &'static [&'static str]) -> Row {
    Row { kind, weight: Weight::Sure, advice: Some(advice), names }
}

/// Names in canonical form: lower case, letters and digits only, without a trailing `error` or `exception`.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    // OpenAI and ChatGPT
    sure(
        ContextOverflow,
        &[
            "contextlengthexceeded", "contextwindowexceeded", "modelmaxprompttokensexceeded", "maxtokensexceeded",
            "requesttoolarge", "prompttoolong", "tokenlimitexceeded", "stringabovemaxlength", "inputtoolong",
            "contextoverflow", "exceedcontextsize", "contentlengthexceeded",
        ],
    ),
    sure(
        UsageLimit,
        &[
            "usagelimitreached", "usagelimitexceeded", "ratelimitreachedtype", "workspaceownercreditsdepleted",
            "workspacemembercreditsdepleted", "workspaceownerusagelimitreached", "workspacememberusagelimitreached",
            "usagelimit", "freeusagelimit", "gousagelimit", "monthlyusagelimit", "weeklyusagelimit", "budgetreached",
            "subscriptionquotaexceeded", "subscriptionsharingusagelimitexceeded",
        ],
    ),
    sure(
        Billing,
        &[
            "insufficientquota", "usagenotincluded", "creditbalanceexhausted", "organizationspendlimitexceeded",
            "projectspendlimitexceeded", "organizationusagelimitexceeded", "billinghardlimitreached",
            "billingnotactive", "insufficientbalance", "insufficientcredits", "billing", "paymentrequired",
            "billingdisabled", "arrearage", "credits", "exceededcurrentquota", "quotanotenough",
            "insufficientuserquota", "subscription", "invalidsubscription", "spendlimitexceeded", "insufficientfunds",
            "accountoverdue", "creditlimitexceeded",
        ],
    ),
    sure(
        RateLimited,
        &[
            "ratelimitexceeded", "ratelimit", "ratelimited", "toomanyrequests", "resourceexhausted", "throttled",
            "websocketconnectionlimitreached", "requestthrottled", "concurrencylimitexceeded", "limitrequests",
            "limitburstrate", "requestlimitexceeded", "toomanyconcurrentrequests", "modelcooldown",
            "servicequotaexceeded", "requestratetoohigh", "rpmlimitexceeded", "tpmlimitexceeded",
        ],
    ),
    sure(
        Overloaded,
        &[
            "serverisoverloaded", "slowdown", "overloaded", "engineoverloaded", "modelnotready", "capacityexceeded",
            "flexcapacityunavailable", "serveroverloaded", "nocapacity", "modeloverloaded", "insufficientcapacity",
            "overcapacity",
        ],
    ),
    sure(
        ServerError,
        &[
            "server", "internalserver", "internalfailure", "upstream", "dataresidencyprocessing", "badgateway",
            "modelerrored", "modelstream", "subscriptionsharingusageunavailable",
            "subscriptionsharinguserunavailable",
        ],
    ),
    sure(
        Timeout,
        &[
            "deadlineexceeded", "vectorstoretimeout", "modeltimeout", "gatewaytimeout", "requesttimeout",
            "upstreamtimeout",
        ],
    ),
    sure(
        ContentPolicy,
        &[
            "sensitivecontentdetected", "blocklist", "inputtextsensitivecontentdetected",
            "cyberpolicy", "biopolicy", "misalignmentpolicyviolation", "contentpolicyviolation", "contentpolicy",
            "contentfilter", "imagecontentpolicyviolation", "responsibleaipolicyviolation", "moderationblocked",
            "contentfiltered", "datainspectionfailed", "safety", "prohibitedcontent", "inputmoderation", "moderation",
            "contentmoderation", "policyviolation", "sensitivecontent", "invalidpromptpolicy",
        ],
    ),
    sure(
        ModelNotFound,
        &[
            "modelnotfound", "modelnotsupported", "invalidmodel", "unknownmodel", "modeldeprecated",
            "modeldeactivated", "deploymentnotfound", "unsupportedmodel", "modelunavailable", "modelnotavailable",
            "modelnotallowed", "modelnotexist", "modelnotopen", "modelterminated", "modelnotloaded",
            "operationnotsupported",
        ],
    ),
    // A refresh does not help these: the grant itself is gone.
    advised(
        AuthExpired,
        Advice::SignIn,
        &[
            "refreshtokenreused", "refreshtokenexpired", "refreshtokeninvalidated", "refreshtokenrevoked",
            "invalidgrant", "invalidrefreshtoken", "appsessionexpired", "sessionexpired", "sessionterminated",
            "loginrequired", "interactionrequired",
        ],
    ),
    sure(
        AuthExpired,
        &[
            "tokenexpired", "tokeninvalidated", "tokenrevoked", "expiredtoken", "accesstokenexpired",
            "oauthtokenexpired", "jwtexpired",
        ],
    ),
    sure(
        AuthInvalid,
        &[
            "invalidapikey", "incorrectapikey", "apikeyinvalid", "missingapikey", "apikeynotfound",
            "accountdeactivated", "deactivatedworkspace", "accountdisabled", "accountsuspended", "invalidclient",
            "invalidtoken", "unrecognizedclient", "invalidsignature", "incompletesignature",
            "missingauthenticationtoken", "apikeyservicebblocked", "invalidauthentication", "authentication",
            "unauthorized", "notauthenticated", "authorizationrequired", "accesskeyinvalid", "invalidcredentials",
            "keyrevoked", "keydisabled", "userdeactivated", "signaturedoesnotmatch", "apikeyexpired",
            "unauthorizedclient", "subscriptionsharinginvaliduser",
        ],
    ),
    advised(
        Forbidden,
        Advice::OtherProvider,
        &[
            "unsupportedcountryregionterritory", "unsupportedcountry", "unsupportedregion", "countrynotsupported",
            "regionnotsupported", "dataresidencymismatch", "locationnotsupported",
        ],
    ),
    // "Sign in with ChatGPT" on api.openai.com.
    advised(
        Forbidden,
        Advice::OtherProvider,
        &["subscriptionsharingroutenotsupported"],
    ),
    advised(
        Forbidden,
        Advice::SignIn,
        &["chatpassv2scopenotauthorized", "chatpassv2invalidauthorizationcontext"],
    ),
    sure(
        Forbidden,
        &[
            "subscriptionsharingusernoteligible", "invalidworkspaceselected", "permission", "permissiondenied", "accessdenied", "insufficientpermissions",
            "insufficientscope", "missingscope", "ipnotauthorized", "servicedisabled", "accessnotconfigured",
            "accesstokenscopeinsufficient", "iamcheckpolicydenied", "workspacepolicy", "inferencehookblocked",
            "modelaccessdenied", "organizationrestricted", "apikeyserviceblocked", "apikeyhttpreferrerblocked",
            "apikeyipaddressblocked",
        ],
    ),
    sure(
        InvalidRequest,
        &[
            "invalidprompt", "invalidvalue", "invalidtype", "invalidenum", "unknownparameter", "unsupportedparameter",
            "unsupportedvalue", "missingrequiredparameter", "invalidencryptedcontent", "previousresponsenotfound",
            "invalidfunctionparameters", "imagetoolarge", "imagetoosmall", "imageparse", "imagefiletoolarge",
            "unsupportedimagemediatype", "emptyimagefile", "failedtodownloadimage", "imagefilenotfound",
            "integerbelowminvalue", "integerabovemaxvalue", "decimalabovemaxvalue", "decimalbelowminvalue",
            "arrayabovemaxlength", "arraybelowminlength", "stringbelowminlength", "invalidjson", "invalidbase64",
            "jsonparse", "invalidscope", "subscriptionsharingunsupportedcapability", "unsupportedgranttype", "duplicateitem", "conversationlocked",
        ],
    ),
    // Anywhere
    vague(
        InvalidRequest,
        &[
            "invalidrequest", "invalidargument", "badrequest", "validation", "failedprecondition", "outofrange",
            "invalidparam", "invalidparams", "invalidparameter", "missingparameter", "unprocessableentity",
            "malformedrequest", "missing", "schemavalidation", "unprocessable",
        ],
    ),
    vague(
        ServerError,
        &["api", "internal", "unavailable", "serviceunavailable", "service", "unknown", "aborted", "dataloss"],
    ),
    vague(RateLimited, &["requests", "tokens", "quotaexceeded", "limitexceeded"]),
    vague(ModelNotFound, &["notfound", "resourcenotfound"]),
    vague(Timeout, &["timeout"]),
    vague(AuthInvalid, &["unauthenticated", "auth"]),
    vague(Forbidden, &["forbidden", "requestforbidden"]),
    vague(Timeout, &["cancelled"]),
];

/// Families that share a beginning.
#[rustfmt::skip]
const PREFIXES: &[Row] = &[
    sure(
        InvalidRequest,
        &[
            "invalidimage", "invalidbase64image", "invalidaudio", "invalidfile", "unsupportedfile",
            "unsupportedaudio", "imagefile",
        ],
    ),
    sure(RateLimited, &["throttling", "ratelimit", "toomany", "limitrequests", "concurrency"]),
    sure(Billing, &["insufficientbalance", "prepaidbill", "postpaidbill", "commoditynotpurchased"]),
    sure(ModelNotFound, &["modelnotfound", "modeldoesnotexist"]),
];

/// Providers that number their errors.
fn numbered(number: u64, provider: &str) -> Option<Meaning> {
    let lower = provider.to_ascii_lowercase();
    let (_, rows) = NUMBERS.iter().find(|(names, _)| names.iter().any(|name| lower.contains(name)))?;
    let (kind, _) = rows.iter().find(|(_, numbers)| numbers.contains(&number))?;
    Some(Meaning { kind: *kind, weight: Weight::Sure, advice: None })
}

type Numbers = &'static [(ErrorKind, &'static [u64])];

#[rustfmt::skip]
const NUMBERS: &[(&[&str], Numbers)] = &[
    (
        &["zai", "z.ai", "z-ai", "zhipu", "bigmodel", "glm"],
        &[
            (AuthInvalid, &[1000, 1001, 1002, 1004, 1110, 1111, 1112, 1120, 1121]),
            (AuthExpired, &[1003]),
            (Billing, &[1113, 1309, 1311]),
            (ModelNotFound, &[1211, 1221, 1222]),
            (InvalidRequest, &[1210, 1212, 1213, 1214, 1215]),
            (Forbidden, &[1220]),
            (ServerError, &[1200, 1230, 1234]),
            (ContextOverflow, &[1261]),
            (ContentPolicy, &[1301]),
            (RateLimited, &[1302, 1303, 1313]),
            (UsageLimit, &[1304, 1308, 1310]),
            (Overloaded, &[1305, 1312]),
        ],
    ),
    (
        &["minimax"],
        &[
            (Timeout, &[1001]),
            (RateLimited, &[1002, 1039, 1041]),
            (AuthInvalid, &[1004, 2049]),
            (Billing, &[1008, 2061]),
            (ServerError, &[1013, 1024, 1033]),
            (ContentPolicy, &[1026, 1027]),
            (UsageLimit, &[2056]),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_canonical_and_stand_once() {
        let mut seen = std::collections::HashSet::new();
        for row in TABLE {
            for name in row.names {
                assert_eq!(canonical(name), *name);
                assert!(seen.insert(name), "{name} twice");
            }
        }
    }

    #[test]
    fn spellings_are_one() {
        for name in
            ["rate_limit_exceeded", "RateLimitExceeded", "RATE_LIMIT_EXCEEDED", "rate_limit_error", "RateLimitError"]
        {
            assert_eq!(named(name).map(|m| m.kind), Some(RateLimited), "{name}");
        }
        assert_eq!(named("ThrottlingException:http://x/").map(|m| m.kind), Some(RateLimited));
        assert_eq!(named("error"), None);
        let codes = [Code::Name("invalid_request_error".into()), Code::Name("token_expired".into())];
        assert_eq!(meaning(&codes, "x").map(|m| m.kind), Some(AuthExpired));
    }
}

//! Pages that stand between a client and the provider: bot challenges, firewall and block pages, origin errors, web
//! filters, captive portals.
//!
//! Written for tests by this project; only the markers are those of real pages. Every function takes a seed: the same
//! seed gives the same page, another one gives other tokens, ray ids and nonces. None of them contains anything that
//! works against a real site.
//!
//! ```
//! let page = openclaw_core::testing::pages::challenge(7);
//! assert_eq!(page.status, 403);
//! assert_eq!(page.header("cf-mitigated"), Some("challenge"));
//! assert!(page.body.contains("Just a moment..."));
//! ```

use super::random::Seeded;

/// A page as it comes over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Page {
    fn new(status: u16, headers: &[(&str, &str)], body: String) -> Self {
        Self { status, headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(), body }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The same page with another status: the same challenge also comes with 429 and 503.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

const HTML: (&str, &str) = ("content-type", "text/html; charset=UTF-8");
const CLOUDFLARE: (&str, &str) = ("server", "cloudflare");

/// Words that a careless classifier falls for. Real tokens spell such things by chance; these pages do so on purpose.
const BAIT: &[&str] = &[
    "dns",
    "ENOTFOUND",
    "EAI_AGAIN",
    "getaddrinfo",
    "429",
    "rate_limit",
    "rate-limit",
    "quota",
    "401",
    "token_expired",
    "invalid_api_key",
    "unauthorized",
    "billing",
    "402",
    "timeout",
    "ETIMEDOUT",
    "overloaded",
    "503",
    "context_length_exceeded",
    "certificate",
];

/// Cloudflare's managed challenge in English: 403, `cf-mitigated: challenge`, about 5 kB of random tokens, some of which
/// spell words such as `dns` or `429`.
pub fn challenge(seed: u64) -> Page {
    challenge_page(seed, "en-US", "Just a moment...", "Enable JavaScript and cookies to continue")
}

/// The challenge in one of several languages, English among them, chosen by the seed.
pub fn challenge_localised(seed: u64) -> Page {
    const TEXTS: &[(&str, &str, &str)] = &[
        ("en-US", "Just a moment...", "Enable JavaScript and cookies to continue"),
        ("de-DE", "Nur einen Moment…", "Aktivieren Sie JavaScript und Cookies, um fortzufahren"),
        ("fr-FR", "Un instant…", "Activez JavaScript et les cookies pour continuer"),
        ("es-ES", "Un momento…", "Habilite JavaScript y las cookies para continuar"),
        ("ja-JP", "しばらくお待ちください...", "続行するには JavaScript と Cookie を有効にしてください"),
        ("ru-RU", "Один момент…", "Включите JavaScript и файлы cookie, чтобы продолжить"),
        ("zh-CN", "请稍候…", "请启用 JavaScript 和 Cookie 以继续"),
    ];
    let (lang, title, text) =
        Seeded::new(seed ^ 0x1a6).pick(TEXTS).copied().unwrap_or(("en-US", "Just a moment...", ""));
    challenge_page(seed, lang, title, text)
}

fn challenge_page(seed: u64, lang: &str, title: &str, text: &str) -> Page {
    let mut random = Seeded::new(seed);
    let ray = random.hex(16);
    let token = |random: &mut Seeded, length: usize| {
        let mut all = String::with_capacity(length + 32);
        while all.len() < length {
            let piece = random.below(160) + 20;
            all.push_str(&random.token(piece.min(length - all.len())));
            if let (true, Some(bait)) = (random.below(3) == 0, random.pick(BAIT)) {
                all.push_str(["-", ".", "_", ""].get(random.below(4)).copied().unwrap_or_default());
                all.push_str(bait);
            }
        }
        all
    };
    let nonce = random.token(22);
    let time = 1_777_000_000 + random.below(10_000_000);
    let (md, m_rc, fa, cookie) =
        (token(&mut random, 1900), token(&mut random, 1900), token(&mut random, 600), token(&mut random, 600));
    let body = format!(
        "<!DOCTYPE html><html lang=\"{lang}\"><head><title>{title}</title>\
         <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">\
         <meta http-equiv=\"X-UA-Compatible\" content=\"IE=Edge\"><meta name=\"robots\" content=\"noindex,nofollow\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta http-equiv=\"refresh\" content=\"360\">\
         <style>*{{box-sizing:border-box;margin:0;padding:0}}html{{line-height:1.15;color:#313131}}\
         .main-wrapper{{align-items:center;display:flex;flex-direction:column;min-height:100vh}}</style></head>\
         <body><div class=\"main-wrapper\" role=\"main\"><div class=\"main-content\"><noscript><div class=\"h2\">\
         <span id=\"challenge-error-text\">{text}</span></div></noscript></div></div>\
         <script nonce=\"{nonce}\">(function(){{window._cf_chl_opt={{cvId:'3',cZone:'chatgpt.com',cType:'managed',\
         cRay:'{ray}',cH:'{cookie}-{time}-1.2.1.1',cUPMDTk:\"\\/backend-api\\/codex\\/responses?__cf_chl_tk={fa}\",\
         md:'{md}',mdrd:'{m_rc}'}};var a=document.createElement('script');a.nonce='{nonce}';\
         a.src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray={ray}';\
         document.getElementsByTagName('head')[0].appendChild(a);}}());</script></body></html>"
    );
    Page::new(
        403,
        &[
            HTML,
            CLOUDFLARE,
            ("cf-mitigated", "challenge"),
            ("cf-ray", &format!("{ray}-FRA")),
            ("cache-control", "private, max-age=0, no-store, no-cache, must-revalidate, post-check=0, pre-check=0"),
            ("critical-ch", "Sec-CH-UA-Bitness, Sec-CH-UA-Arch, Sec-CH-UA-Full-Version, Sec-CH-UA-Mobile"),
            ("accept-ch", "Sec-CH-UA-Bitness, Sec-CH-UA-Arch, Sec-CH-UA-Full-Version, Sec-CH-UA-Mobile"),
            ("x-frame-options", "SAMEORIGIN"),
            ("referrer-policy", "same-origin"),
        ],
        body,
    )
}

/// Cloudflare's firewall page: 403, "Sorry, you have been blocked", no `cf-mitigated`.
pub fn waf(seed: u64) -> Page {
    let mut random = Seeded::new(seed);
    let ray = random.hex(16);
    let address = format!("203.0.113.{}", random.below(256));
    let body = format!(
        "<!DOCTYPE html>\n<!--[if lt IE 7]> <html class=\"no-js ie6 oldie\" lang=\"en-US\"> <![endif]-->\n\
         <html class=\"no-js\" lang=\"en-US\">\n<head>\n<title>Attention Required! | Cloudflare</title>\n\
         <meta charset=\"UTF-8\" />\n<meta name=\"robots\" content=\"noindex, nofollow\" />\n\
         <link rel=\"stylesheet\" id=\"cf_styles-css\" href=\"/cdn-cgi/styles/cf.errors.css\" />\n</head>\n<body>\n\
         <div id=\"cf-wrapper\"><div id=\"cf-error-details\" class=\"cf-error-details-wrapper\">\n\
         <h1 data-translate=\"block_headline\">Sorry, you have been blocked</h1>\n\
         <h2 class=\"cf-subheadline\"><span data-translate=\"unable_to_access\">You are unable to access</span> chatgpt.com</h2>\n\
         <h2 data-translate=\"blocked_why_headline\">Why have I been blocked?</h2>\n\
         <p data-translate=\"blocked_why_detail\">This website is using a security service to protect itself from online \
         attacks. The action you just performed triggered the security solution.</p>\n\
         <p class=\"cf-error-footer\">Cloudflare Ray ID: <strong>{ray}</strong> &bull; Your IP: {address} &bull; \
         Performance &amp; security by <a href=\"https://www.cloudflare.com/5xx-error-landing\">Cloudflare</a></p>\n\
         </div></div>\n</body>\n</html>\n"
    );
    Page::new(403, &[HTML, CLOUDFLARE, ("cf-ray", &format!("{ray}-AMS")), ("x-frame-options", "SAMEORIGIN")], body)
}

/// The short text form of a Cloudflare refusal: `error code: 1020` and its cousins. 1015 comes with 429, others with 403.
pub fn error_code(code: u16, seed: u64) -> Page {
    let ray = Seeded::new(seed).hex(16);
    let status = if code == 1015 { 429 } else { 403 };
    Page::new(
        status,
        &[("content-type", "text/plain; charset=UTF-8"), CLOUDFLARE, ("cf-ray", &format!("{ray}-LHR"))],
        format!("error code: {code}"),
    )
}

/// The block page of chatgpt.com itself: 403, no word of Cloudflare in the body. A wrong path such as
/// `/backend-api/responses` gets it.
pub fn chatgpt_block(seed: u64) -> Page {
    let mut random = Seeded::new(seed);
    let ray = random.hex(16);
    let delay = random.below(300) + 60;
    let body = format!(
        "<html>\n  <head>\n    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n    <style global>\
         body{{font-family:Arial,Helvetica,sans-serif}}.container{{align-items:center;display:flex;flex-direction:column;\
         gap:2rem;height:100%;justify-content:center;width:100%}}@keyframes enlarge-appear{{0%{{opacity:0;\
         transform:scale(75%) rotate(-90deg)}}to{{opacity:1;transform:scale(100%) rotate(0deg)}}}}.logo{{color:#8e8ea0}}\
         .scale-appear{{animation:enlarge-appear .4s ease-out}}.data:empty{{display:none}}</style>\n  \
         <meta http-equiv=\"refresh\" content=\"{delay}\"></head>\n  <body>\n    <div class=\"container\">\n      \
         <div class=\"logo blocked-icon\"><svg width=\"41\" height=\"41\" viewBox=\"0 0 41 41\" class=\"scale-appear\"></svg></div>\n      \
         <div class=\"data\">Unable to load site</div>\n    </div>\n  </body>\n</html>\n"
    );
    Page::new(403, &[HTML, CLOUDFLARE, ("cf-ray", &format!("{ray}-CDG"))], body)
}

/// The page that Cloudflare shows when the server behind it fails: 500, 502, 504, 520 to 527, 530.
pub fn origin_error(status: u16, seed: u64) -> Page {
    let ray = Seeded::new(seed).hex(16);
    let name = match status {
        500 => "Internal server error",
        502 => "Bad gateway",
        503 => "Service temporarily unavailable",
        504 => "Gateway time-out",
        520 => "Web server is returning an unknown error",
        521 => "Web server is down",
        522 => "Connection timed out",
        523 => "Origin is unreachable",
        524 => "A timeout occurred",
        525 => "SSL handshake failed",
        526 => "Invalid SSL certificate",
        530 => "Origin DNS error",
        _ => "Error",
    };
    let body = format!(
        "<!DOCTYPE html>\n<html class=\"no-js\" lang=\"en-US\">\n<head>\n<title>chatgpt.com | {status}: {name}</title>\n\
         <meta charset=\"UTF-8\" /><meta name=\"robots\" content=\"noindex, nofollow\" />\n\
         <link rel=\"stylesheet\" id=\"cf_styles-css\" href=\"/cdn-cgi/styles/main.css\" />\n</head>\n<body>\n\
         <div id=\"cf-wrapper\"><div id=\"cf-error-details\"><header><h1><span>{name}</span> \
         <span class=\"code-label\">Error code {status}</span></h1></header>\n\
         <div>Browser: Working. Frankfurt, Cloudflare: Working. chatgpt.com, Host: Error.</div>\n\
         <p>Cloudflare Ray ID: <strong>{ray}</strong></p></div></div>\n</body>\n</html>\n"
    );
    Page::new(status, &[HTML, CLOUDFLARE, ("cf-ray", &format!("{ray}-FRA"))], body)
}

/// A company's web filter that answers in the provider's place: 403 of Zscaler.
pub fn zscaler(seed: u64) -> Page {
    let mut random = Seeded::new(seed);
    let (user, transaction) = (random.hex(12), random.below(1_000_000_000));
    let body = format!(
        "<html><head><title>Access Denied (policy_denied)</title></head><body>\
         <img alt=\"Zscaler\" src=\"https://login.zscloud.net/img_logo_new1.png\">\
         <h2>Sorry, you don't have permission to visit this site.</h2>\
         <p>Your organization has selected Zscaler to protect you from internet threats. \
         Not allowed to browse AI and ML Applications category.</p>\
         <p>Transaction {transaction}, user {user}</p></body></html>"
    );
    Page::new(403, &[("content-type", "text/html"), ("server", "Zscaler/6.2"), ("cache-control", "no-cache")], body)
}

/// The refusal of a Squid proxy: 403 with `via` and `x-squid-error`.
pub fn squid(seed: u64) -> Page {
    let host = format!("proxy-{}.corp.example", Seeded::new(seed).hex(4));
    let body = format!(
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\">\n<html><head><title>ERROR: The requested URL could not be \
         retrieved</title></head><body id=\"ERR_ACCESS_DENIED\"><h1>ERROR</h1><h2>The requested URL could not be \
         retrieved</h2><p>Access Denied. Access control configuration prevents your request from being allowed at this \
         time.</p><p>Generated by {host} (squid/6.6)</p></body></html>\n"
    );
    let via = format!("1.1 {host} (squid/6.6)");
    Page::new(
        403,
        &[
            ("content-type", "text/html;charset=utf-8"),
            ("server", "squid/6.6"),
            ("x-squid-error", "ERR_ACCESS_DENIED 0"),
            ("via", &via),
        ],
        body,
    )
}

/// The login form of a hotel or a train: 200 with HTML, whatever was asked.
pub fn captive_portal(seed: u64) -> Page {
    let mut random = Seeded::new(seed);
    let (session, client) = (random.hex(32), random.below(254) + 1);
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Guest Wi-Fi: sign in</title></head>\n<body>\
         <h1>Welcome to Guest Wi-Fi</h1><p>Accept the terms of use to go online.</p>\n\
         <form method=\"post\" action=\"http://10.0.0.1/login?dst=chatgpt.com&amp;client=10.0.0.{client}\">\
         <input type=\"hidden\" name=\"session\" value=\"{session}\">\
         <label>Room <input name=\"username\"></label> <label>Last name <input type=\"password\" name=\"password\"></label>\
         <button type=\"submit\">Connect</button></form></body></html>\n"
    );
    Page::new(200, &[("content-type", "text/html"), ("server", "nginx"), ("cache-control", "no-store")], body)
}

/// The plain page that nginx makes of a status.
pub fn nginx(status: u16) -> Page {
    let name = match status {
        400 => "400 Bad Request",
        403 => "403 Forbidden",
        404 => "404 Not Found",
        413 => "413 Request Entity Too Large",
        429 => "429 Too Many Requests",
        502 => "502 Bad Gateway",
        503 => "503 Service Temporarily Unavailable",
        504 => "504 Gateway Time-out",
        _ => "500 Internal Server Error",
    };
    let body = format!(
        "<html>\r\n<head><title>{name}</title></head>\r\n<body>\r\n<center><h1>{name}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    Page::new(status, &[("content-type", "text/html"), ("server", "nginx")], body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides() {
        assert_eq!(challenge(1), challenge(1));
        assert_ne!(challenge(1).body, challenge(2).body);
        assert_ne!(waf(1), waf(2));
    }

    #[test]
    fn a_challenge_is_5_kb_and_baits() {
        let mut baited = 0;
        for seed in 0..200 {
            let page = challenge_localised(seed);
            assert!((5_000..9_000).contains(&page.body.len()), "{}", page.body.len());
            assert!(page.body.contains("/cdn-cgi/challenge-platform/") && page.body.contains("_cf_chl_opt"));
            baited += usize::from(page.body.contains("dns"));
        }
        assert!(baited > 10, "only {baited} of 200 pages spell `dns`");
    }

    #[test]
    fn markers_are_where_they_belong() {
        assert!(waf(3).body.contains("block_headline") && waf(3).header("cf-mitigated").is_none());
        assert!(!chatgpt_block(3).body.to_lowercase().contains("cloudflare"));
        assert_eq!(error_code(1015, 0).status, 429);
        assert_eq!(error_code(1010, 0).body, "error code: 1010");
        assert_eq!(captive_portal(1).status, 200);
        assert!(zscaler(1).header("cf-ray").is_none());
    }
}

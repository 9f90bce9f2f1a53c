//! A login server behind a proxy, with a certificate that only this machine's owner trusts.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openclaw_core::ErrorKind;
use openclaw_core::embed::{LoginSettings, Logins, SignInEvent, SignInHandle, SignInSettings};
use openclaw_core::testing::TestServer;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use tempfile::TempDir;

/// Where the login server is said to be. Nothing of that name exists.
const ISSUER: &str = "https://login.example";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oauth/tls").join(name)
}

/// A proxy that has one host behind it: `login.example`, which is the embedded login server behind TLS.
struct Proxy {
    addr: SocketAddr,
    /// What it was asked for: `CONNECT login.example:443`, and what went through.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start(server: &TestServer) -> Self {
        let certificate = CertificateDer::from_pem_file(file("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(file("server-key.pem")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let (config, behind, asked) = (Arc::new(config), server.addr(), Arc::new(Mutex::new(Vec::new())));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let log = asked.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (config, log) = (config.clone(), log.clone());
                // A client that does not like the certificate goes.
                std::thread::spawn(move || drop(tunnel(client, config, behind, &log)));
            }
        });
        Self { addr, asked }
    }

    fn asked(&self) -> String {
        self.asked.lock().unwrap().join("\n")
    }
}

fn tunnel(
    mut client: TcpStream,
    config: Arc<ServerConfig>,
    behind: SocketAddr,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let (head, _) = message(&mut client)?;
    log.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let mut tls = StreamOwned::new(ServerConnection::new(config).map_err(std::io::Error::other)?, client);
    loop {
        let (head, body) = message(&mut tls)?;
        log.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
        // The login server knows itself by its own address.
        let body = body.replace("https%3A%2F%2Flogin.example", &format!("http%3A%2F%2F127.0.0.1%3A{}", behind.port()));
        let kept =
            head.lines().filter(|line| !line.is_empty() && !line.to_ascii_lowercase().starts_with("content-length"));
        let head: Vec<&str> = kept.collect();
        let mut stream = TcpStream::connect(behind)?;
        write!(stream, "{}\r\ncontent-length: {}\r\n\r\n{body}", head.join("\r\n"), body.len())?;
        let (head, body) = message(&mut stream)?;
        write!(tls, "{head}{body}")?;
        tls.flush()?;
    }
}

/// One message of HTTP: its head with the empty line, and its body.
fn message(stream: &mut impl Read) -> std::io::Result<(String, String)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    Ok((head, String::from_utf8(body).unwrap()))
}

fn logins(folder: &TempDir, proxy: &str, authority: Option<&Path>) -> Logins {
    let settings = json!({"store": folder.path(), "issuer": ISSUER, "proxy": proxy, "ca_file": authority});
    Logins::new(LoginSettings::from_json(&settings.to_string()).unwrap()).unwrap()
}

/// Goes through a sign-in as a person does, whatever it asks for.
fn signed_in(server: &TestServer, sign_in: &SignInHandle) -> openclaw_core::Result<String> {
    let mut back = None;
    loop {
        match sign_in.next()?.blocking_take(Some(Duration::from_secs(30))).expect("a step in time")? {
            SignInEvent::OpenUrl { url } => {
                assert!(url.starts_with(ISSUER), "{url}");
                back = Some(server.decide_sign_in(&url.replace(ISSUER, &server.issuer_url()), true).unwrap());
            }
            SignInEvent::Ask { .. } => sign_in.answer(back.take().expect("an address first")),
            SignInEvent::ShowCode { url, code, .. } => {
                assert!(url.starts_with(ISSUER), "{url}");
                assert!(server.decide_device(&code, true));
            }
            SignInEvent::Done(done) => return Ok(done.profile.id.to_string()),
            _ => {}
        }
    }
}

#[test]
fn every_way_goes_through_the_proxy_and_trusts_the_extra_certificate() {
    let server = TestServer::start_blocking().unwrap();
    server.set_device_interval(Duration::from_secs(1));
    let proxy = Proxy::start(&server);
    let (url, authority) = (format!("http://{}", proxy.addr), file("authority.pem"));
    for settings in [
        json!({"method": "browser", "callback_ports": [0], "ask": true}),
        json!({"method": "paste"}),
        json!({"method": "device"}),
        json!({"provider": "openai", "ask": true}),
    ] {
        let folder = TempDir::new().unwrap();
        let logins = logins(&folder, &url, Some(&authority));
        let sign_in = logins.sign_in(SignInSettings::from_json(&settings.to_string()).unwrap()).unwrap();
        let outcome = signed_in(&server, &sign_in);
        if settings["provider"] == "openai" {
            // This login server names itself in the ID token, which must be the name that it was asked by.
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::AuthInvalid);
            assert!(proxy.asked().contains("POST /api/accounts/oauth/token"), "{}", proxy.asked());
            continue;
        }
        let id = outcome.unwrap_or_else(|e| panic!("{settings}: {e:?}"));
        let refreshed = logins.refresh(id.into(), false).unwrap().blocking_take(None).unwrap().unwrap();
        assert_eq!(refreshed.how.as_str(), "refreshed");
        assert!(logins.sign_out(None).unwrap().blocking_take(None).unwrap().unwrap().revoked);
    }
    let asked = proxy.asked();
    for part in ["CONNECT login.example:443 ", "POST /oauth/token", "deviceauth/usercode", "POST /oauth/revoke"] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
}

#[test]
fn a_certificate_that_nobody_named_and_a_proxy_that_refuses_are_told() {
    let server = TestServer::start_blocking().unwrap();
    let proxy = Proxy::start(&server);
    let refusing = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("http://me:hunter2@{}", refusing.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut client in refusing.incoming().flatten() {
            let _ = message(&mut client);
            let _ = client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
        }
    });
    for (url, kind) in [(format!("http://{}", proxy.addr), ErrorKind::Tls), (gone, ErrorKind::Proxy)] {
        for method in ["paste", "device"] {
            let folder = TempDir::new().unwrap();
            let logins = logins(&folder, &url, None);
            let settings = SignInSettings::from_json(&json!({"method": method}).to_string()).unwrap();
            let error = signed_in(&server, &logins.sign_in(settings).unwrap()).unwrap_err();
            assert_eq!(error.kind(), kind, "{error:?}");
            assert!(!format!("{error:?} {logins:?}").contains("hunter2"), "{error:?}");
        }
    }
    assert_eq!(server.issuer_counts().exchanges, 0);
}

//! Every way to sign in ends: by its time limit, and at once when its future is dropped.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openclaw_core::auth::Profile;
use openclaw_core::auth::oauth::{HostId, PlanSharing, SignIn};
use openclaw_core::testing::{TestServer, VirtualAmbient};
use openclaw_core::{Advice, ErrorKind, Result};
use tokio::net::TcpStream;

use super::person::{Person, callback_of, endpoint_with};

const WAYS: [&str; 4] = ["browser", "paste", "device", "plan sharing"];
const LIMIT: Duration = Duration::from_secs(90);

type Flow<'a> = Pin<Box<dyn Future<Output = Result<Profile>> + Send + 'a>>;

fn flow<'a>(way: &str, server: &TestServer, clock: &VirtualAmbient, person: &'a Person) -> Flow<'a> {
    let endpoint = endpoint_with(server, clock);
    if way == "plan sharing" {
        let host = HostId::parse("74a2cbb6-9561-46e9-9cd9-dc9535b0f2bb").unwrap();
        let sharing = PlanSharing::new(endpoint, "Test App", host).time_limit(LIMIT);
        return Box::pin(async move { sharing.sign_in(person).await });
    }
    let sign_in = SignIn::new(endpoint).callback_ports([0]).time_limit(LIMIT);
    match way {
        "browser" => Box::pin(async move { sign_in.browser(person).await }),
        "paste" => Box::pin(async move { sign_in.paste(person).await }),
        _ => Box::pin(async move { sign_in.device(person).await }),
    }
}

#[tokio::test]
async fn nobody_comes_within_the_time_limit() {
    for way in WAYS {
        let (server, person) = (TestServer::start().await.unwrap(), Person::new());
        // The questions for a device code are waits, which this clock skips; the others wait for the limit alone.
        let by_questions = way == "device";
        let clock = if by_questions { VirtualAmbient::new(5) } else { VirtualAmbient::new(5).manual() };
        let wait = async {
            if !by_questions {
                person.url().await;
                clock.until_sleeping(1).await;
                clock.advance(LIMIT);
            }
        };
        let (outcome, ()) = tokio::join!(flow(way, &server, &clock, &person), wait);
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.advice()), (ErrorKind::Timeout, Advice::SignIn), "{way}: {error:?}");
        assert!(error.message().contains("within 90 s"), "{way}: {error}");
        assert_eq!(server.issuer_counts().exchanges, 0, "{way}");
    }
}

#[tokio::test]
async fn whoever_drops_it_is_done_with_it() {
    for way in WAYS {
        let (server, person) = (TestServer::start().await.unwrap(), Person::new());
        let clock = VirtualAmbient::new(5).manual();
        let mut flow = flow(way, &server, &clock, &person);
        let shown = async {
            if way == "device" {
                drop(person.code().await);
            } else {
                drop(person.url().await);
            }
        };
        tokio::select! {
            outcome = &mut flow => panic!("{way}: {outcome:?}"),
            () = shown => {}
        }
        drop(flow);
        if matches!(way, "browser" | "plan sharing") {
            let back = reqwest::Url::parse(&callback_of(&person.url().await).0).unwrap();
            assert!(TcpStream::connect(("127.0.0.1", back.port().unwrap())).await.is_err(), "{way}: the port is free");
        }
        server.wait_for_connections(0).await.unwrap();
        assert_eq!(server.issuer_counts().exchanges, 0, "{way}");
    }
}

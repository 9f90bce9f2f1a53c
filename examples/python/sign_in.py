"""Sign in with ChatGPT and list what is stored: sign_in.py [--method browser|paste|device]."""

import argparse

from openclaw_core import CallCancelledError, OpenClawError, auth

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--method", choices=["browser", "paste", "device"], default="browser")
parser.add_argument("--issuer", help="another login server, such as that of openclaw_core.testing.Server")
parser.add_argument("--store", help="where logins are stored; OpenClaw's folder unless given")


def show_url(url: str) -> None:
    print(f"Open this address:\n\n  {url}\n", flush=True)


def show_code(code: auth.DeviceCode) -> None:
    print(f"Open {code.url} on any device and type {code.code} (good for {code.valid_for // 60} min)", flush=True)


def ask(wrong: str | None) -> str:
    if wrong:
        print(wrong)
    return input("Paste the address of the page that comes then: ")


def main() -> None:
    given = parser.parse_args()
    # With a browser of this machine Python opens the page by itself; elsewhere it is shown.
    on_url = None if given.method == "browser" else show_url
    try:
        done = auth.sign_in(
            method=given.method,
            on_url=on_url,
            on_code=show_code,
            ask=ask,
            issuer=given.issuer,
            store=given.store,
            application="sign-in-example/1.0",
        )
    except CallCancelledError as error:
        raise SystemExit(f"not signed in: {error}") from None
    except OpenClawError as error:
        raise SystemExit(f"{error.kind}: {error}") from None
    print(f"signed in: {done.profile.id}, stored in {done.store}")
    for profile in auth.logins(store=given.store):
        print(profile)


if __name__ == "__main__":
    main()

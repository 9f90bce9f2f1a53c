"""Says what is wrong on this machine, for a job that runs every hour: python examples/python/status.py [--probe]"""

from __future__ import annotations

import sys

from openclaw_core import diagnose


def main() -> int:
    found = diagnose(probe="--probe" in sys.argv[1:])
    if found.verdict.kind in ("fine", "not_probed") and found.check == "ok":
        return 0
    print(found)
    for login in found.profiles:
        if login.used and not login.usable:
            print(f"  {login.id}: {login.why}")
    return 1 if found.check == "nothing_usable" else 0


if __name__ == "__main__":
    sys.exit(main())

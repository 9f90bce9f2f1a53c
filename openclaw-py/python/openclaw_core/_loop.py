"""The event loop's side of waiting. Imported when a task first has to wait, so that `import openclaw_core` is cheap."""

from __future__ import annotations

import asyncio
import sys
import threading
import weakref

from ._native import Waker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_wakers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Waker] = weakref.WeakKeyDictionary()
#: The waker of each thread's last loop, which is the one that is asked for nearly always.
_last = threading.local()


def running() -> asyncio.AbstractEventLoop:
    """The running loop."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(_no_loop()) from None


def wait() -> tuple[Waker, asyncio.Future[None]]:
    """The waker of the running loop, and a future that the running task will yield."""
    loop = running()
    last: tuple[Any, Waker] | None = getattr(_last, "pair", None)
    if last is not None and last[0]() is loop:
        waker = last[1]
    else:
        waker = _wakers.get(loop) or _attach(loop)
        _last.pair = (weakref.ref(loop), waker)
    future: Any = loop.create_future()
    # What `Future.__await__` does before it yields.
    future._asyncio_future_blocking = True
    return waker, future


def still_waits(future: asyncio.Future[None]) -> bool:
    """Whether a task can still be woken by this future."""
    return not future.done() and not future.get_loop().is_closed()


def forget() -> None:
    """In the child of a fork: its descriptors are shared with the parent's loops."""
    _wakers.clear()
    _last.__dict__.clear()


def _attach(loop: asyncio.AbstractEventLoop) -> Waker:
    for old in [old for old in _wakers if old.is_closed()]:
        _wakers.pop(old).close()
    waker = Waker(True)
    try:
        if waker.fileno() < 0:
            raise NotImplementedError
        loop.add_reader(waker.fileno(), waker.wake)
    except NotImplementedError:
        # Windows' usual loop watches no descriptors: one thread wakes it, once per burst.
        waker = Waker(False)
        arguments = (weakref.ref(loop, lambda _: waker.close()), waker)
        threading.Thread(target=_carry, args=arguments, name="openclaw-waker", daemon=True).start()
    _wakers[loop] = waker
    return waker


def _carry(reference: weakref.ref[asyncio.AbstractEventLoop], waker: Waker) -> None:
    woken = threading.Event()

    def wake() -> None:
        waker.wake()
        woken.set()

    while waker.wait():
        loop = reference()
        if loop is None or loop.is_closed():
            return
        woken.clear()
        try:
            loop.call_soon_threadsafe(wake)
        except RuntimeError:  # closed in between
            return
        del loop
        woken.wait(1)


def _no_loop() -> str:
    trio = sys.modules.get("trio")
    try:
        under_trio = trio is not None and trio.lowlevel.in_trio_task()
    except Exception:
        under_trio = False
    if under_trio:
        return (
            "AsyncClient needs an asyncio event loop, and this task runs under trio: "
            "use Client with trio.to_thread.run_sync"
        )
    return "no asyncio event loop is running: use AsyncClient inside asyncio.run, or Client"

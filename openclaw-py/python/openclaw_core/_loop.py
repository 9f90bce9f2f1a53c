"""The event loop's side of waiting. Imported when a task first has to wait, so that `import openclaw_core` is cheap."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
import weakref

from ._native import Waker

_count = itertools.count(1)
_numbers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, int] = weakref.WeakKeyDictionary()
_loops: weakref.WeakValueDictionary[int, asyncio.AbstractEventLoop] = weakref.WeakValueDictionary()
_wakers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Waker] = weakref.WeakKeyDictionary()


def running() -> asyncio.AbstractEventLoop:
    """The running loop."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(_no_loop()) from None


def waker_of(loop: asyncio.AbstractEventLoop) -> Waker:
    """The waker of a running loop."""
    return _wakers.get(loop) or _attach(loop)


def number() -> int | None:
    """A number of the running loop, by which a thread finds it; `None` where none runs."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    found = _numbers.get(loop)
    if found is None:
        found = _numbers[loop] = next(_count)
        _loops[found] = loop
    return found


def numbered(number: int) -> asyncio.AbstractEventLoop | None:
    """The loop of a number, unless it is gone or closed."""
    loop = _loops.get(number)
    return None if loop is None or loop.is_closed() else loop


def forget() -> None:
    """In the child of a fork: its descriptors are shared with the parent's loops."""
    _wakers.clear()


def _attach(loop: asyncio.AbstractEventLoop) -> Waker:
    for old in [old for old in _wakers if old.is_closed()]:
        _wakers.pop(old).close()
    waker = Waker(loop, True)
    try:
        if waker.fileno() < 0:
            raise NotImplementedError
        loop.add_reader(waker.fileno(), waker.wake)
    except NotImplementedError:
        # Windows' usual loop watches no descriptors: one thread wakes it, once per burst.
        waker = Waker(loop, False)
        arguments = (weakref.ref(loop, lambda _: waker.close()), waker)
        threading.Thread(target=_carry, args=arguments, name="openclaw-waker", daemon=True).start()
    _wakers[loop] = waker
    return waker


def _carry(reference: weakref.ref[asyncio.AbstractEventLoop], waker: Waker) -> None:
    woken = threading.Event()

    def wake() -> None:
        try:
            waker.wake()
        finally:
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

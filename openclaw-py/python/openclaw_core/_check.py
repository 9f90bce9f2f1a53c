"""What an argument may be.

A wrong type is a `TypeError`, a wrong value a `ValueError`; both name the argument, what came, and what would be right. A
value that could be a secret is never shown. What only the library can judge, such as the name of an effort, it says itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from typing_extensions import TypeAlias

    #: Looks at a value that is not `None`, raises what is wrong with it, gives the form that the library takes.
    Kind: TypeAlias = Callable[[str, Any], Any]


def wrong(name: str, right: str, value: object) -> TypeError:
    """The error for a value of a wrong type."""
    return TypeError(f"{name} must be {right}, not {'None' if value is None else type(value).__name__}")


def text(name: str, value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise wrong(name, "a string", value)
    return value


def text_or_function(name: str, value: Any) -> object:
    """A string, or what can be called."""
    if not isinstance(value, str) and not callable(value):
        raise wrong(name, "a string, or a function that gives one", value)
    return value


def text_or_provider(name: str, value: Any) -> object:
    """A string, or an object with a method `stream`."""
    if not isinstance(value, str) and (isinstance(value, type) or not callable(getattr(value, "stream", None))):
        raise wrong(name, "a string, or an object with a method stream(request, options)", value)
    return value


def flag(name: str, value: object) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise wrong(name, "True or False", value)
    return value


def count(name: str, value: object, below: int = 2**32) -> int:
    """A whole number that is not negative."""
    found = whole(name, value)
    if not 0 <= found < below:
        raise ValueError(f"{name} must be a whole number from 0 to {below - 1}, not {found}")
    return found


def large_count(name: str, value: object) -> int:
    """The same with up to 63 bits, for times."""
    return count(name, value, 2**63)


def whole(name: str, value: object) -> int:
    """A whole number, also a negative one."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(name, "a whole number", value)
    return value


def number(name: str, value: object) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong(name, "a number", value)
    if not -(2**53) <= value <= 2**53:
        raise ValueError(f"{name} must be finite, not {value}")
    return value


def milliseconds(name: str, value: object) -> int:
    """A time: seconds, or a `timedelta`. Becomes milliseconds, at least 1 unless it is 0."""
    length = getattr(value, "total_seconds", None)
    seconds: Any = value if length is None or isinstance(value, type) else length()
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise wrong(name, "a number of seconds or a timedelta", value)
    if not 0 <= seconds < 2**43:
        raise ValueError(f"{name} must be at least 0 seconds and finite, not {seconds}")
    return max(round(seconds * 1000), int(seconds > 0))


def mapping(name: str, value: object) -> Mapping[str, Any]:
    """A dict, or what behaves like one, with strings as keys."""
    if isinstance(value, dict):
        found: Mapping[Any, Any] = value
    else:
        from collections.abc import Mapping as Like

        if not isinstance(value, Like):
            raise wrong(name, "a dict", value)
        found = value
    for key in found:
        if not isinstance(key, str):
            raise TypeError(f"{name} has a key of type {type(key).__name__}; keys are strings")
    return found


def sequence(name: str, value: object, of: str = "dicts") -> Iterable[Any]:
    """A list or a tuple, or what behaves like one; a string is none."""
    if isinstance(value, (list, tuple)):
        return value
    from collections.abc import Sequence

    if isinstance(value, (str, bytes, bytearray, memoryview)) or not isinstance(value, Sequence):
        raise wrong(name, f"a list of {of}", value)
    return value


def mappings(name: str, value: object) -> list[Mapping[str, Any]]:
    """A list of dicts."""
    return [mapping(f"{name}[{place}]", one) for place, one in enumerate(sequence(name, value))]


def texts(name: str, value: object) -> list[str]:
    """A list of strings."""
    return [text(f"{name}[{place}]", one) for place, one in enumerate(sequence(name, value, "strings"))]


def strings(name: str, value: object) -> dict[str, str]:
    """A dict of strings."""
    return {key: text(f"{name}[{key!r}]", one) for key, one in mapping(name, value).items()}


def word_or_mapping(name: str, value: object) -> object:
    """A string or a dict."""
    if isinstance(value, str):
        return value
    try:
        return mapping(name, value)
    except TypeError:
        if hasattr(value, "keys"):
            raise
        raise wrong(name, "a string or a dict", value) from None


def path(name: str, value: object) -> str:
    """A string, or a path of `pathlib`."""
    if isinstance(value, str):
        return value
    convert = getattr(type(value), "__fspath__", None)
    found = convert(value) if convert is not None else None
    if not isinstance(found, str):
        raise wrong(name, "a path: a string or a pathlib.Path", value)
    return found


def checked(kinds: Mapping[str, Kind], values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `kinds` that are given, each in the form that the library takes."""
    return {name: kind(name, values[name]) for name, kind in kinds.items() if values.get(name) is not None}

"""OpenClaw's configuration, `openclaw.json`: what is wrong with it and where, what repairs it, what a key means.

>>> report = check('{ gateway: { prot: 18789 } }', env={})
>>> print(report)
gateway: Unrecognized key: "prot"
>>> report.issues[0].line, report.issues[0].suggestion
(1, 'port')
>>> repair('{ gateway: { prot: 18789 } } // mine', env={}).text
'{ gateway: { } } // mine'

It is judged as OpenClaw 2026.4.5 does. Neither a report nor a diff ever shows a value that could be a secret.
"""

from __future__ import annotations

from . import _check, _native
from ._errors import ConfigError, Issue
from ._record import Record
from ._types import html_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Any, final

    from typing_extensions import TypeAlias

    #: The text of a configuration, or the path of one.
    Source: TypeAlias = str | os.PathLike[str]
else:

    def final(cls):
        return cls


__all__ = [
    "Change",
    "ConfigError",
    "Issue",
    "Repair",
    "Report",
    "Written",
    "check",
    "default_path",
    "explain",
    "repair",
    "schema",
    "validate",
]


@final
class Report(Record):
    """The judgement of a configuration. `str()` gives OpenClaw's own lines, `rendered` more.

    valid: whether OpenClaw accepts it: no issue is an error.
    rendered: the issues for a person, each with its line and a mark below it.
    path: the file, if it is one.
    """

    __slots__ = ()
    __match_args__ = ("valid", "rendered", "path")
    if TYPE_CHECKING:
        valid: bool
        rendered: str | None = None
        path: str | None = None

    @property
    def issues(self) -> list[Issue]:
        """Errors and warnings, in OpenClaw's order."""
        return [Issue.from_dict(issue) for issue in self._data["issues"]]

    @property
    def errors(self) -> list[Issue]:
        """The issues that make it invalid."""
        return [issue for issue in self.issues if issue.severity == "error"]

    @property
    def warnings(self) -> list[Issue]:
        """The issues that do not."""
        return [issue for issue in self.issues if issue.severity == "warning"]

    def __str__(self) -> str:
        return "\n".join(map(str, self.issues))

    def _repr_html_(self) -> str:
        rows = [(f"{issue.severity} {issue.path or '<root>'}", issue.message) for issue in self.issues]
        return html_table(f"{self.path or 'configuration'}: {'valid' if self.valid else 'invalid'}", rows)


@final
class Change(Record):
    """One repair.

    kind: which repair, a stable word such as `unknown_key`.
    path: where, as OpenClaw writes paths.
    pointer: the same as a JSON pointer.
    message: what is done and why. Never a secret.
    """

    __slots__ = ()
    __match_args__ = ("kind", "path", "pointer", "message")
    if TYPE_CHECKING:
        kind: str
        path: str
        pointer: str
        message: str


@final
class Written(Record):
    """A file that was written.

    path: the file.
    backup: where its former content is kept.
    """

    __slots__ = ()
    __match_args__ = ("path", "backup")
    if TYPE_CHECKING:
        path: str
        backup: str | None = None


@final
class Repair(Record):
    """What repairs a configuration, and what of it was done. `str()` gives it for a person.

    valid: whether it is valid after the repairs.
    diff: what changes, as a unified diff of every file; secrets are masked.
    withheld: unknown keys that stay, because a newer OpenClaw has written the file and may know them.
    rendered: all of this for a person.
    path: the file, if it is one.
    text: the repaired text, if it is not that of a file. May hold secrets.
    files: the repaired text of included files that change, if the configuration is not a file.
    """

    __slots__ = ()
    __match_args__ = ("valid", "diff", "withheld", "rendered", "path", "text", "files")
    if TYPE_CHECKING:
        valid: bool
        diff: str
        withheld: list[str]
        rendered: str
        path: str | None = None
        text: str | None = None
        files: dict[str, str] | None = None

    @property
    def changes(self) -> list[Change]:
        """The repairs, in the order in which they are made."""
        return [Change.from_dict(change) for change in self._data["changes"]]

    @property
    def before(self) -> Report:
        """How it is judged without them."""
        return Report.from_dict(self._data["before"])

    @property
    def after(self) -> Report:
        """How it is judged with them: what is left is for a person."""
        return Report.from_dict(self._data["after"])

    @property
    def written(self) -> list[Written]:
        """The files that were written."""
        return [Written.from_dict(file) for file in (self._data.get("repaired") or {}).get("written", ())]

    @property
    def kept_in(self) -> str | None:
        """The file with the values that were taken out, if any of them said something. May hold secrets."""
        kept: str | None = (self._data.get("repaired") or {}).get("keptIn")
        return kept

    def __str__(self) -> str:
        return self.rendered


def check(
    source: Source | None = None,
    *,
    path: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> Report:
    """Judges a configuration: everything that is wrong with it at once. Nothing is raised for what is wrong in it, not even
    for a file that cannot be read: that is an issue, too.

    source: the text of a configuration, or the path of one; the one that OpenClaw uses unless given. A string without a `{`
        is a path, for no configuration is without one; with `files` every string is a text.
    path: where a text is from: its includes are looked for there.
    env: the environment variables for `${NAME}`; those of this process unless given.
    files: the files that a text can include, by their path from its folder; those on the disk unless given.
    """
    return Report._of(_native.config_check(_asked(source, path, env, files))[0])


def validate(
    source: Source | None = None,
    *,
    path: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> Report:
    """The same, but raises `ConfigError` unless OpenClaw accepts it: its `issues` say why. A file that cannot be read is a
    `StoreError`. The report that is given holds warnings at most."""
    report, error = _native.config_check(_asked(source, path, env, files))
    if error is not None:
        raise error
    return Report._of(report)


def repair(
    source: Source | None = None,
    *,
    dry_run: bool = False,
    assume_version: str | None = None,
    path: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> Repair:
    """Repairs a configuration file and says what was done; of a text it gives the repaired one.

    Comments, order and formatting of what needs no repair stay as they are. The old file is kept as `openclaw.json.bak`,
    values that are taken out in a file of their own (`Repair.kept_in`).

    source, path, env, files: as in `check()`.
    dry_run: works the repair out and writes nothing.
    assume_version: `2026.4.5` treats a file that a newer OpenClaw has written as one of this version, so that keys unknown
        to it go.
    """
    asked = _asked(source, path, env, files)
    if assume_version is not None:
        asked["assume_version"] = _check.text("assume_version", assume_version)
    return Repair._of(_native.config_repair(asked, not _check.flag("dry_run", dry_run)))


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `openclaw.json`. It accepts all that OpenClaw accepts; rules over several keys are
    only in `check()`."""
    return _native.config_schema()


def explain(path: str = "") -> dict[str, Any] | None:
    """What a key means: `path`, `meaning`, `type`, `required`, and if they are known `default`, `allowed`, `rule`, `keys`.

    path: such as `agents.defaults.model` or `agents.list[].id`; empty for the whole. `None` if there is no such key.
    """
    return _native.config_explain(_check.text("path", path))


def default_path() -> str | None:
    """Where OpenClaw looks for its configuration, whether it is there or not. `None` if no home folder is known."""
    return _native.config_default_path()


def _asked(source: object, path: object, env: object, files: object) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    # Only a text has files to include.
    if isinstance(source, str) and ("{" in source or not source.strip() or files is not None):
        asked["text"] = source
    elif source is not None:
        try:
            asked["path"] = _check.path("source", source)
        except TypeError:
            raise _check.wrong("source", "the text or the path of a configuration", source) from None
        if path is not None:
            raise ValueError("source is a path already: path says where a text is from")
    if path is not None:
        asked["path"] = _check.path("path", path)
    if env is not None:
        asked["env"] = _check.strings("env", env)
    if files is not None:
        if "text" not in asked:
            raise ValueError("files are what a text includes, and source is none")
        asked["files"] = _check.strings("files", files)
    return asked

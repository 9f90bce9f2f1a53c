"""What the events and the other plain data are made of: a frozen view of a JSON object."""

from __future__ import annotations

from . import _check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, NoReturn, TypeVar

    from typing_extensions import Self, dataclass_transform

    _T = TypeVar("_T")
else:

    def dataclass_transform(**_):
        return lambda cls: cls


def _refuse(self: object, *_: object, **__: object) -> NoReturn:
    raise TypeError("this belongs to a frozen record and cannot be changed: take a copy, to_dict() or copy.deepcopy()")


if TYPE_CHECKING:
    _Dict = dict
    _List = list
else:

    class _Dict(dict):
        """A dict of a record: a `dict` in everything but that it cannot be changed."""

        __slots__ = ()
        __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

        def __reduce__(self):
            return dict, (dict(self),)

        def __deepcopy__(self, memo):
            return _copy(self)

        def __copy__(self):
            return dict(self)

    class _List(list):
        """A list of a record: a `list` in everything but that it cannot be changed."""

        __slots__ = ()
        __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
        append = extend = insert = pop = remove = clear = sort = reverse = _refuse

        def __reduce__(self):
            return list, (list(self),)

        def __deepcopy__(self, memo):
            return _copy(self)

        def __copy__(self):
            return list(self)


def frozen(value: Any) -> Any:
    """The same JSON value with dicts and lists that cannot be changed."""
    if type(value) is dict:
        return _Dict((k, frozen(v)) for k, v in value.items())
    if type(value) is list:
        return _List(map(frozen, value))
    return value


def _field(name: str, default: Any) -> property:
    if default is not None:
        default = frozen(default)

    def get(self: Record) -> Any:
        value = self._data.get(name)
        if value is None:
            return default
        if type(value) is dict or type(value) is list:
            value = self._data[name] = frozen(value)
        return value

    return property(get, doc=f"The field `{name}`; see the class.")


#: What a field may be, by the first word of its annotation; of anything else it may be anything.
_KINDS: dict[str, _check.Kind] = {
    "str": _check.text,
    "Literal": _check.text,
    "int": _check.whole,
    "float": _check.number,
    "bool": _check.flag,
    "dict": _check.mapping,
    "Item": _check.mapping,
    "list": _check.mappings,
    "list[str": _check.texts,
}


def _kind(annotation: str) -> _check.Kind | None:
    """What a field with this annotation may be, such as `list[str] | None`."""
    word = annotation.split("]")[0].split(" ")[0]
    return _KINDS.get(word) or _KINDS.get(word.split("[")[0])


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """A frozen view of a JSON object: attributes for its fields, `to_dict()` for the whole of it.

    Two records are equal when their classes and fields are; so are their hashes. They can be pickled, copied and matched;
    the dicts and lists in them cannot be changed either.
    """

    __slots__ = ("_data",)
    #: The fields that every one of the class has.
    _required: ClassVar[tuple[str, ...]] = ()
    #: What is written for fields that are left out; an empty dict or list is as good as none.
    _defaults: ClassVar[dict[str, Any]] = {}
    #: What the fields may be.
    _kinds: ClassVar[dict[str, _check.Kind]] = {}
    if TYPE_CHECKING:
        _data: dict[str, Any]
    else:
        __match_args__ = ()

        def __init__(self, **fields):
            name = type(self).__name__
            unknown = fields.keys() - set(self.__match_args__)
            if unknown:
                known = ", ".join(self.__match_args__)
                raise TypeError(f"{name} has no field {sorted(unknown)[0]!r}; it has {known}")
            lacking = [field for field in self._required if fields.get(field) is None]
            if lacking:
                raise TypeError(f"{name} needs {', '.join(self._required)}; not given: {', '.join(lacking)}")
            given = {k: v.to_dict() if isinstance(v, Record) else _copy(v) for k, v in fields.items() if v is not None}
            self._look_at(given, "{}")
            object.__setattr__(self, "_data", {**self._defaults, **given})

    def __init_subclass__(cls) -> None:
        """A field that is annotated has a default or is required; one that is not is the class's own business."""
        fields = {name for name, kind in cls.__annotations__.items() if not kind.startswith("ClassVar")}
        defaults = {name: cls.__dict__[name] for name in fields if name in cls.__dict__}
        cls._required = tuple(name for name in _names(cls) if name in fields - defaults.keys())
        cls._defaults = {name: default for name, default in defaults.items() if default}
        kinds = {name: _kind(annotation) for name, annotation in cls.__annotations__.items() if name in fields}
        cls._kinds = {name: kind for name, kind in kinds.items() if kind is not None}
        for name in _names(cls):
            if name in fields or name not in cls.__dict__:
                setattr(cls, name, _field(name, defaults.get(name)))

    @classmethod
    def _look_at(cls, data: Mapping[str, Any], name: str) -> None:
        """Raises what is wrong with a field; `name` says how a field is called in the error."""
        for field, kind in cls._kinds.items():
            value = data.get(field)
            if value is not None:
                kind(name.format(field), value)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The record of a JSON object. Fields that this version does not know are kept; `ValueError` when one is missing that
        every record of the class has, `TypeError` when one has a wrong type."""
        return cls._read("data", data)

    @classmethod
    def _read(cls, name: str, data: object) -> Self:
        """The same for an argument of another name."""
        found = _check.mapping(name, data)
        for field in cls._required:
            if found.get(field) is None:
                raise ValueError(f"{name} has no {field!r}, which every {cls.__name__} has")
        cls._look_at(found, f"{name}[{{!r}}]")
        return cls._copied({**cls._defaults, **found})

    @classmethod
    def _copied(cls, data: Mapping[str, Any]) -> Self:
        """The same for what was a record before, perhaps one of another version."""
        return cls._of(_copy(dict(data)))

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Self:
        """The same for a dict that nobody else has."""
        made = cls.__new__(cls)
        data.pop("type", None)
        object.__setattr__(made, "_data", data)
        return made

    def to_dict(self) -> dict[str, Any]:
        """The JSON form as a dict; a field that is not known is left out."""
        name = getattr(self, "type", None)
        data = {} if name is None else {"type": name}
        return _copy({**data, **self._data})

    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: object) -> NoReturn:
            raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be set")

        def __delattr__(self, name: str) -> NoReturn:
            raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._data == other._data

    def __hash__(self) -> int:
        return hash((type(self), _hashable(self._data)))

    def __repr__(self) -> str:
        known = _names(type(self))
        names = [*(name for name in known if name in self._data), *sorted(self._data.keys() - set(known))]
        fields = ", ".join(f"{name}={_short(self._data[name])}" for name in names)
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[Callable[[Mapping[str, Any]], Record], tuple[dict[str, Any]]]:
        return type(self)._copied, (self._data,)


def _names(cls: type[Record]) -> tuple[str, ...]:
    """The fields that a class knows."""
    names: tuple[str, ...] = getattr(cls, "__match_args__", ())
    return names


def _hashable(value: object) -> object:
    if isinstance(value, dict):
        return frozenset((k, _hashable(v)) for k, v in value.items())
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:197] + "..."


def _copy(value: _T) -> _T:
    if isinstance(value, dict):
        return {k: _copy(v) for k, v in value.items()}  # type: ignore[return-value]
    if isinstance(value, list):
        return [_copy(v) for v in value]  # type: ignore[return-value]
    return value

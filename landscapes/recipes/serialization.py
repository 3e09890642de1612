"""Plain values as text, in an address or a file, and back."""

from __future__ import annotations

from typing import Any

Value = bool | int | float | str


def text_of(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def value_of(text: str) -> Value:
    """A knob's value as written in a URL; its registry decides what it must be."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def number(name: str, value: Any) -> float:
    try:
        if isinstance(value, bool):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} = {str(value)[:40]!r} is not a number; give a number such as 0.01") from None


def as_type_of(name: str, value: Any, default: Value) -> Value:
    """The value in the type of the field's default."""
    if isinstance(default, str):
        return str(value)
    if isinstance(default, bool):
        if isinstance(flag := value_of(text_of(value)), bool):
            return flag
        raise ValueError(f"{name} = {value!r} is neither true nor false")
    result = number(name, value)
    if isinstance(default, int):
        if result != result or abs(result) > 2**53 or result != int(result):
            raise ValueError(f"{name} = {value} is not a whole number; give one such as {default}")
        return int(result)
    return result


def pair(text: str) -> tuple[str, str]:
    key, colon, value = text.partition(":")
    if not colon:
        raise ValueError(f"beside = {text!r} is not a setting; write it as key:value, such as split:test")
    return key, value

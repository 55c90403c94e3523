"""Slack's rules for blocks by its reference, implemented independently of first90."""

import re
from typing import Any

ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
LINK = re.compile(r"<https://[^<>|\s]+(\|[^<>|]+)?>")
BLOCK_TYPES = {"header", "section", "context", "actions"}
SELECTS = {"static_select", "users_select", "datepicker"}


def faults(blocks: Any) -> list[str]:
    """Return what is wrong; nothing if Slack would accept it."""
    if not isinstance(blocks, list):
        return ["blocks is no list"]
    told = ["more than 50 blocks"] if len(blocks) > 50 else []
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    told += ["block_id twice"] if len(ids) != len(set(ids)) else []
    told += ["block_id too long"] if any(len(one) > 255 for one in ids) else []
    for number, block in enumerate(blocks):
        told += [f"block {number}: {fault}" for fault in _block(block)]
    return told


def markup(text: str) -> list[str]:
    """Return what in a mrkdwn text would mention, link or break; only first90's own https links are allowed."""
    told = ["a bare ampersand"] if ENTITY.search(text) else []
    rest = LINK.sub("", text)
    return told + (["markup"] if "<" in rest or ">" in rest else [])


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _block(block: dict[str, Any]) -> list[str]:
    kind = block.get("type")
    if kind not in BLOCK_TYPES:
        return [f"type {kind}"]
    if kind == "header":
        return _text(block.get("text"), 150, {"plain_text"})
    if kind == "section":
        fields = block.get("fields")
        if fields is None:
            return _text(block.get("text"), 3000, {"mrkdwn", "plain_text"})
        told = ["no or too many fields"] if not 1 <= len(fields) <= 10 else []
        return told + [fault for one in fields for fault in _text(one, 2000, {"mrkdwn", "plain_text"})]
    elements = block.get("elements") or []
    if kind == "context":
        told = ["no or too many elements"] if not 1 <= len(elements) <= 10 else []
        return told + [fault for one in elements for fault in _text(one, 3000, {"mrkdwn", "plain_text"})]
    told = ["no or too many elements"] if not 1 <= len(elements) <= 25 else []
    names = [one.get("action_id") for one in elements]
    told += ["action_id missing or twice"] if None in names or len(set(names)) != len(names) else []
    return told + [fault for one in elements for fault in _element(one)]


def _element(one: dict[str, Any]) -> list[str]:
    told = ["action_id too long"] if len(one["action_id"]) > 255 else []
    if one["type"] == "button":
        told += _text(one.get("text"), 75, {"plain_text"})
        told += ["value too long"] if len(one.get("value", "")) > 2000 else []
        return told + (["url too long"] if len(one.get("url", "")) > 3000 else [])
    if one["type"] not in SELECTS:
        return [*told, f"element {one['type']}"]
    told += _text(one.get("placeholder"), 150, {"plain_text"})
    if one["type"] == "static_select":
        options = one.get("options") or []
        told += ["no or too many options"] if not 1 <= len(options) <= 100 else []
        for option in options:
            told += _text(option.get("text"), 75, {"plain_text"})
            told += ["option value"] if not 1 <= len(option.get("value", "")) <= 150 else []
        values = [option.get("value") for option in options]
        told += ["an option twice"] if len(set(values)) != len(values) else []
    if sure := one.get("confirm"):
        for part, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            told += _text(sure.get(part), most, {"plain_text", "mrkdwn"})
    return told


def _text(found: Any, most: int, kinds: set[str]) -> list[str]:
    if not isinstance(found, dict) or found.get("type") not in kinds or not isinstance(found.get("text"), str):
        return ["no text object of the right kind"]
    text = found["text"]
    told = [] if 1 <= units(text) <= most else [f"text of {units(text)} characters, at most {most}"]
    return told + (["a bare ampersand"] if ENTITY.search(text) else [])

"""Slack's rules for blocks by its reference, implemented independently of first90."""

import re
from typing import Any

ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
DAY, TIME = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"([01]\d|2[0-3]):[0-5]\d")
LINK = re.compile(r"<https://[^<>|\s]+(\|[^<>|]+)?>")
BLOCK_TYPES = {"header", "section", "context", "actions", "divider", "input"}
SELECTS = {"static_select", "users_select", "datepicker", "timepicker"}
INPUTS = SELECTS | {"plain_text_input", "number_input"}
VIEW_PARTS = {"type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close"}


def view_faults(view: Any) -> list[str]:
    """Return what is wrong with a modal or a home tab; nothing if Slack would accept it."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["no view"]
    modal = view["type"] == "modal"
    told = [f"unknown part {name}" for name in view.keys() - VIEW_PARTS]
    told += faults(view.get("blocks"), 100)
    asks = [block for block in view.get("blocks") or () if block.get("type") == "input"]
    if modal:
        for part, needed in (("title", True), ("submit", bool(asks)), ("close", False)):
            told += _text(view.get(part), 24, {"plain_text"}) if needed or part in view else []
    else:
        told += [f"{part} in a home tab" for part in ("title", "submit", "close") if part in view]
        told += ["input in a home tab"] if asks else []
    told += ["private_metadata too long"] if len(view.get("private_metadata", "")) > 3000 else []
    told += ["callback_id too long"] if len(view.get("callback_id", "")) > 255 else []
    shown = [part for block in view.get("blocks") or () for part in shown_by(block)]
    return told + [fault for one in shown if one.get("type") == "mrkdwn" for fault in markup(one["text"])]


def shown_by(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the text objects of a block."""
    return [one for one in (block.get("text"), *block.get("fields", ()), *block.get("elements", ())) if one]


def faults(blocks: Any, most: int = 50) -> list[str]:
    """Return what is wrong; nothing if Slack would accept it."""
    if not isinstance(blocks, list):
        return ["blocks is no list"]
    told = [f"more than {most} blocks"] if len(blocks) > most else []
    if most == 50 and any(block.get("type") == "input" for block in blocks):
        told.append("input in a message")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    told += ["block_id twice"] if len(ids) != len(set(ids)) else []
    told += ["block_id too long"] if any(len(one) > 255 for one in ids) else []
    for number, block in enumerate(blocks):
        told += [f"block {number}: {fault}" for fault in _block(block)]
    return told


MENTION = re.compile(r"\A<@U[A-Z0-9]+>")


def markup(text: str) -> list[str]:
    """Return what in a mrkdwn text would mention, link or break; only first90's own https links are allowed, and the
    mention of a user with which the text begins."""
    told = ["a bare ampersand"] if ENTITY.search(text) else []
    rest = LINK.sub("", MENTION.sub("", text, count=1))
    return told + (["markup"] if "<" in rest or ">" in rest else [])


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _block(block: dict[str, Any]) -> list[str]:
    kind = block.get("type")
    if kind not in BLOCK_TYPES:
        return [f"type {kind}"]
    if kind == "divider":
        return []
    if kind == "input":
        told = _text(block.get("label"), 2000, {"plain_text"})
        told += _text(block["hint"], 2000, {"plain_text"}) if "hint" in block else []
        element = block.get("element") or {}
        told += [] if element.get("type") in INPUTS else [f"input of {element.get('type')}"]
        return told + ([] if told else _element(element))
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
    if one["type"] in ("plain_text_input", "number_input"):
        most = one.get("max_length", 3000)
        told += [] if 1 <= most <= 3000 else ["max_length"]
        told += (
            ["number_input needs is_decimal_allowed"]
            if (one["type"] == "number_input") != ("is_decimal_allowed" in one)
            else []
        )
        return told + (["initial_value too long"] if len(one.get("initial_value", "")) > most else [])
    if one["type"] == "overflow":
        options = one.get("options") or []
        told += ["no or too many options"] if not 1 <= len(options) <= 5 else []
        return told + _options(options)
    if one["type"] not in SELECTS:
        return [*told, f"element {one['type']}"]
    told += _text(one["placeholder"], 150, {"plain_text"}) if "placeholder" in one else []
    if one["type"] == "static_select":
        told += _select(one)
    if "initial_date" in one and not DAY.fullmatch(one["initial_date"]):
        told.append("initial_date")
    if "initial_time" in one and not TIME.fullmatch(one["initial_time"]):
        told.append("initial_time")
    if sure := one.get("confirm"):
        for part, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            told += _text(sure.get(part), most, {"plain_text", "mrkdwn"})
    return told


def _select(one: dict[str, Any]) -> list[str]:
    if ("options" in one) == ("option_groups" in one):
        return ["options and option_groups"]
    groups = one.get("option_groups", [])
    told = ["too many groups"] if len(groups) > 100 else []
    for group in groups:
        told += _text(group.get("label"), 75, {"plain_text"})
    every = options_in(one)
    for some in [group.get("options") or [] for group in groups] or [one.get("options") or []]:
        told += ["no or too many options"] if not 1 <= len(some) <= 100 else []
    initial = one.get("initial_option")
    told += ["initial_option is none of the options"] if initial is not None and initial not in every else []
    return told + _options(every)


def options_in(one: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all options of a menu."""
    return [*one.get("options", ()), *(option for group in one.get("option_groups", ()) for option in group["options"])]


def _options(options: list[dict[str, Any]]) -> list[str]:
    told = [fault for option in options for fault in _text(option.get("text"), 75, {"plain_text"})]
    told += ["option value"] if not all(1 <= len(option.get("value", "")) <= 150 for option in options) else []
    values = [option.get("value") for option in options]
    return told + (["an option twice"] if len(set(values)) != len(values) else [])


def _text(found: Any, most: int, kinds: set[str]) -> list[str]:
    if not isinstance(found, dict) or found.get("type") not in kinds or not isinstance(found.get("text"), str):
        return ["no text object of the right kind"]
    text = found["text"]
    told = [] if 1 <= units(text) <= most else [f"text of {units(text)} characters, at most {most}"]
    return told + (["a bare ampersand"] if ENTITY.search(text) else [])

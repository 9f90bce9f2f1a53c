"""Logging into `logging.getLogger("openclaw_core")`, done where Python calls us and never by a thread of ours."""

from __future__ import annotations

import logging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

logger = logging.getLogger("openclaw_core")
# Whoever wants to see it says so; the last resort of `logging` stays quiet.
logger.addHandler(logging.NullHandler())


def event(data: dict[str, Any]) -> None:
    """Logs a warning or a retry."""
    if data["type"] == "warning":
        logger.warning("%s (%s): %s", data["code"], data["subject"], data["message"])
    else:
        logger.info("try %s failed (%s), next one in %s ms", data["attempt"], data["kind"], data["delay_ms"])


def error(text: str, request_id: str | None) -> None:
    """Logs the error that ends a stream. It is raised as well, so it is no more than an information here."""
    logger.info("call failed: %s (request id %s)", text, request_id)


def decision(level: str, message: str, fields: dict[str, Any]) -> None:
    """Logs what the library decided. A handler finds the fields in `record.openclaw_core`."""
    number = {"ERROR": logging.ERROR, "WARN": logging.WARNING}.get(level, logging.INFO)
    if logger.isEnabledFor(number):
        word = fields.get("decision") or fields.get("reason") or fields.get("failoverReason") or ""
        logger.log(number, "%s: %s (%s)", fields.get("event"), message, word, extra={"openclaw_core": fields})

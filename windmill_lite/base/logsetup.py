"""One log format: a line of text for people, or a JSON object a line for machines."""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from typing import Final, Literal

LogFormat = Literal["text", "json"]
#: What Python warns about in texts of strangers (message, where): scripts, patterns of schemas.
_OF_STRANGERS: Final = (
    ("", "<script>"),
    ("Possible (nested )?set", ""),
    ("bad character in group name", ""),
)


class TextFormatter(logging.Formatter):
    """`12:34:56.789 info worker.slot: message`"""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%H:%M:%S", time.localtime(record.created))
        name = record.name.removeprefix("windmill_lite.")
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + self.formatException(record.exc_info)
        millis = int(record.msecs)
        return f"{stamp}.{millis:03d} {record.levelname.lower():<7} {name}: {message}"


class JsonFormatter(logging.Formatter):
    """`{"at": RFC 3339, "level": …, "logger": …, "message": …, "error"?: traceback}`"""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry = {
            "at": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def configure(log_format: LogFormat, level: str) -> None:
    """Logs go to standard error; standard output is for what a person asked to see. Warnings about
    what strangers wrote are not for the log.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("asyncio", "aiosqlite", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # Once and for the process: to ignore them where they come up changes what all threads share.
    for message, where in _OF_STRANGERS:
        warnings.filterwarnings("ignore", message, module=where)

"""docs/channels.md: every command of the page, as it stands, against a running stack."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stack.stack import Stack

PAGE = Path(__file__).parents[2] / "docs/channels.md"
needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "openssl"))), reason="the page's commands need bash, curl and openssl"
)


def commands() -> str:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return "\n".join(blocks)


@needs_tools
def test_the_commands_of_the_page_connect_every_kind_of_channel(stack: Stack, clerk: Any) -> None:
    environment = os.environ | {"REDRESS": stack.public_url, "KEY": stack.admin_key}
    done = subprocess.run(  # noqa: S603 - our own page
        ["/usr/bin/env", "bash", "-eu", "-o", "pipefail", "-c", commands()],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    made = {one["channel_id"]: one for one in clerk.get("/v1/channels", limit=100)["items"]}
    by_hook = ("wechat", "wecom", "ding-robot", "whatsapp", "sms", "shop", "zendesk", "shopify", "slack")
    for name in (*by_hook, "gd-12315", "phone", "paper"):
        counts = {each["outcome"]: each["n"] for each in made[name]["counts"]}
        assert counts.get("registered", 0) >= 1, (name, counts, done.stdout[-3000:])
    assert {each["outcome"] for each in made["dingtalk"]["counts"]} == {"handshake"}
    assert all("-secret" not in str(one["secrets"]) for one in made.values())
    assert "1158201444" in done.stdout
    assert "<Response><Message>" in done.stdout

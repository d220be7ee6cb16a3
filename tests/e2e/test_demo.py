"""The demo on the project's own sample; runs before the tests that leave faults behind."""

from typing import Any

import pytest

CHANNEL_KINDS = (
    *("wechat_oa", "wecom", "dingtalk_robot", "whatsapp", "twilio_sms", "webhook"),
    *("phone", "paper", "authority_12315", "authority_12345", "heimao", "web_form"),
)


# Starts the stack and plays; on a machine where others work it takes its time.
@pytest.mark.timeout(600)
def test_the_demo_takes_complaints_all_the_way(played: dict[str, Any]) -> None:
    result = played
    assert (result["rejected"], result["verify"]) == (0, "clean")
    assert result["received"] == result["cases_opened"]
    assert result["rcas"] >= 5
    assert result["capas_closed"] >= 5
    assert result["knowledge_cases"] >= 5
    assert result["closed"] >= 40
    assert result["closed_fast_path"] >= 10
    # Who writes by chat, SMS or a public body leaves no address that a letter could go to.
    assert result["receipts_sent"] >= 55
    by_files_and_mail = {"csv": 60, "api": 2, "xlsx": 2, "ndjson": 2, "gbk": 2, "mail": 2, "parked": 2}
    assert result["entrances"] == by_files_and_mail | dict.fromkeys(CHANNEL_KINDS, 1)
    assert result["surveys_answered"] >= 20
    assert result["surveys_sent"] > result["surveys_answered"]
    assert result["kpis"]["csat[process]"]["n"] == result["surveys_answered"]
    for kpi in ("frt", "mttr", "repeat_rate", "fcr_gross", "fcr_net"):
        assert result["kpis"][kpi]["n"] > 0

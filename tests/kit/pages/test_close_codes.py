"""The pages explain close codes and the reasons of the service, in English and in Chinese.

Run it alone: ``nox -s kit -- tests/kit/pages/test_close_codes.py``.
"""

import re
from pathlib import Path

import pytest

from tests.kit.pages.test_chat import connect, online, wait_for_status

pytestmark = pytest.mark.timeout(180)
CLOSES = [  # close code, reason from the service, English explanation, Chinese explanation and reason
    (1000, "", "Normal Closure", ["正常关闭"]),
    (1001, "nothing was said for too long", "sent nothing for too long", ["离开", "太久没有发送消息（"]),
    (1003, "send text", "only text messages", ["只接受文本消息", "请发送文本（"]),
    (1006, "", "lost without a close frame", ["没有收到关闭帧"]),
    (1008, "send at most 5 messages a second", "Policy Violation", ["违反策略", "每秒最多发送 5 条消息（"]),
    (1009, "send at most 65536 bytes", "Message Too Big", ["消息过大", "每条消息最多 65536 字节（"]),
    (1011, "internal error", "the service failed", ["服务出错", "内部错误（"]),
    (1012, "as planned", "stopping or restarting", ["服务重启"]),
    (1013, "read faster", "read too slowly", ["读取得太慢", "请加快读取（"]),
    (4321, "", "no explanation for this close code", ["没有这个关闭码的说明"]),
]
SERVICE = Path(__file__).parents[3] / "service"
REASON = re.compile(r'(?:WS_\d{4}\w+|10\d\d), f?"([^"]+)"')  # after its close code, as a name or a number


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(("code", "reason", "english", "chinese"), CLOSES)
def test_a_close_is_explained(address, open_page, language, code, reason, english, chinese):
    """Status and log explain the close code and the reason, the list is empty, and the user can reconnect."""
    sockets = []
    page = open_page(address, language)
    page.route_web_socket("**/chat/ws*", lambda socket: sockets.append((socket, socket.connect_to_server())))
    page.reload()
    connect(page, "ada")
    socket, to_server = sockets.pop()
    to_server.close()
    socket.close(code=code, reason=reason)

    wait_for_status(page, str(code))
    for place in ("#status", "#log li:last-child"):
        for part in [str(code), reason, *([english] if language == "en" else chinese)]:
            assert part in page.inner_text(place)
    assert online(page) == []
    assert page.evaluate("document.activeElement.id") == "connect"
    connect(page, "ada")


def test_every_reason_of_the_service_is_translated():
    """The pages have a Chinese text for every close reason in the code of the service."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in SERVICE.glob("*.py"))
    reasons = {re.sub(r"{.+?}", "5", reason) for reason in REASON.findall(code)}
    script = (SERVICE / "static/common.js").read_text(encoding="utf-8")
    patterns = re.findall(r"^  \[/\^(.+)\$/", script, re.MULTILINE)

    assert {"send text", "send at most 5 bytes"} <= reasons
    assert [reason for reason in reasons if not any(re.fullmatch(p, reason) for p in patterns)] == []


@pytest.mark.parametrize(("language", "words"), [("en", "the handshake failed"), ("zh-CN", "握手失败")])
def test_the_playground_explains_a_refused_handshake(playground, open_page, language, words):
    """For an unknown token a browser reports 1006 without a reason, and the page explains that."""
    page = open_page(playground, language)
    page.fill("#token", "unknown")
    page.click("#connect")

    page.wait_for_function("document.querySelector('#status').innerText.includes('1006')")
    assert words in page.inner_text("#status")
    assert "HTTP 403" in page.inner_text("#status")
    assert [line for line in open_page.said if "403" not in line] == []


def test_the_playground_translates_a_reason(playground, open_page):
    """The Chinese page shows the reason of a close in Chinese, with the original after it."""
    page = open_page(playground, "zh-CN")
    page.click("#connect")
    page.click("#send-binary")

    page.wait_for_function("document.querySelector('#status').innerText.includes('1003')")
    assert "服务给出的原因：请发送文本（send text）" in page.inner_text("#status")
    page.click("#language")
    assert "Reason from the service: send text" in page.inner_text("#status")

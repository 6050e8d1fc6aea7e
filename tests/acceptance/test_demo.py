"""The demo as its visitor has it: one command, two addresses, a link and sign-in details that work."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.acceptance.installation import ROOT, Installation, wait_until_it_answers

INVENTED = re.compile("invented", re.IGNORECASE)


def test_the_demo_prints_what_opens_both_doors_and_ends_cleanly(tmp_path: Path, page: Page) -> None:
    ports = Installation(tmp_path)
    words = ["--chat-port", str(ports.chat_port), "--app-port", str(ports.app_port), "--data-dir", str(tmp_path / "it")]
    said = tmp_path / "said.txt"
    with said.open("w") as output:
        demo = subprocess.Popen(
            [Path(sys.executable).parent / "whatmatters", "demo", *words],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_it_answers(f"{ports.app}/_stcore/health", demo)
        wait_until_it_answers(f"{ports.chat}/healthz", demo)
        text = wait_for_the_last_line(said, demo)

        link = re.search(r"\(once\): (\S+)", text)
        assert link
        page.goto(link[1])
        expect(page.get_by_text(INVENTED)).to_be_visible()
        page.get_by_role("button", name=re.compile("start", re.IGNORECASE)).click()
        expect(page.get_by_role("button", name="Yes, I want to")).to_be_visible()
        expect(page.get_by_text(INVENTED)).to_be_visible()

        door = re.search(r"^  (team)\s+(\S+)", text, re.MULTILINE)
        assert door
        page.goto(ports.app)
        expect(page.get_by_text(INVENTED).first).to_be_visible()
        page.get_by_label("Username").fill(door[1])
        page.get_by_label("Password", exact=True).fill(door[2])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="What matters now")).to_be_visible()
        expect(page.get_by_role("heading", name="Minimum KPIs")).to_be_visible()
        expect(page.get_by_text(INVENTED).first).to_be_visible()
    finally:
        demo.send_signal(signal.SIGINT)
        assert demo.wait(20) == 0
    assert "Traceback" not in said.read_text()
    assert "Everything is kept" in said.read_text()


def wait_for_the_last_line(said: Path, demo: subprocess.Popen[bytes]) -> str:
    for _ in range(100):
        text = said.read_text()
        if "Ctrl-C ends it" in text:
            return text
        try:
            demo.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(said.read_text())

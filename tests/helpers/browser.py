"""A page as headless Chromium shows it, examined by axe-core for what shuts readers out.

axe-core is found through DENSEFIT_AXE, the path of its ``axe.min.js`` (``npm install axe-core``).
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import needs

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
RESULT = re.compile(r'<pre id="axe-result">(.*?)</pre>', re.DOTALL)
# Every rule of WCAG 2.2 A and AA, and axe's own best practices.
RUN = """
axe.run(document, {resultTypes: ["violations"]}).then(
  found => found.violations.map(
    v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html)})),
  error => [{id: "axe", help: String(error), nodes: []}]
).then(found => {
  const result = document.createElement("pre");
  result.id = "axe-result";
  result.textContent = JSON.stringify(found);
  document.documentElement.append(result);
});
"""


def need() -> str:
    """The browser's name; the calling test module is skipped without it or without axe-core."""
    needs.need_program("chromium")
    needs.need_file("DENSEFIT_AXE")
    return "chromium"


def chromium(*arguments: str) -> str:
    """What the browser prints."""
    call = [need(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *arguments]
    done = subprocess.run(call, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def violations(page: str, folder: Path, width: int = 1000, dark: bool = False) -> list[Any]:
    """What axe-core finds wrong with a page; the page's own policy would not let it in."""
    axe = Path(os.environ["DENSEFIT_AXE"]).read_text("utf-8")
    examined = POLICY.sub("", page).replace(
        "</body>", f"<script>{axe}</script><script>{RUN}</script></body>"
    )
    path = folder / "page.html"
    path.write_text(examined, "utf-8")
    colours = ["--blink-settings=preferredColorScheme=0"] if dark else []
    shown = chromium(
        *colours,
        f"--window-size={width},1000",
        "--virtual-time-budget=20000",
        "--dump-dom",
        path.as_uri(),
    )
    found = RESULT.search(shown)
    assert found is not None, "axe-core did not finish"
    result: list[Any] = json.loads(html.unescape(found[1]))
    return result

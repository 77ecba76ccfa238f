"""The course page of a platform: the tool in a frame, and platform storage beside it.

1EdTech's "LTI Client Side postMessages" and "LTI Postmessage Storage": values are kept by the
origin of the tool's window, and answered to that window only. Storage is the course page itself
(``_parent``), or a frame of its own beside the tool's, as Canvas has it.
"""

from __future__ import annotations

import html

STORAGE = """
const kept = {};
window.asked = [];
addEventListener("message", ({ data, source, origin }) => {
  if (!["lti.put_data", "lti.get_data"].includes(data?.subject)) return;
  asked.push(data.subject);
  const { subject, message_id, key } = data;
  const answer = { subject: subject + ".response", message_id, key };
  if (data.subject === "lti.put_data") kept[origin + data.key] = data.value;
  answer.value = kept[origin + data.key];
  if (answer.value === undefined) answer.error = { code: "not_found", message: "no such key" };
  source.postMessage(answer, origin);
});
"""
# Says the wrong thing: to the wrong question, and for an origin that is not the platform's.
LYING = """
addEventListener("message", ({ data, source }) => {
  if (data?.subject !== "lti.get_data") return;
  const answer = { subject: "lti.get_data.response", key: data.key, value: "forged" };
  source.postMessage({ ...answer, message_id: "another" }, "*");
  source.postMessage({ ...answer, message_id: data.message_id }, "*");
});
"""


FRAME = "post_message_forwarding"  # as Canvas calls it


def course_page(tool: str, target: str | None, *, lying: bool = False) -> str:
    """``target`` is where the platform says that it keeps things."""
    here = f"<script>{LYING if lying else STORAGE}</script>" if target != FRAME else ""
    beside = f'<iframe name="{FRAME}" src="/storage" hidden></iframe>' if target == FRAME else ""
    frame = f'<iframe id="tool" width="800" height="900" src="{html.escape(tool)}"></iframe>'
    return f"<!doctype html><title>Course</title>{here}{beside}{frame}"


def storage_page() -> str:
    return f"<!doctype html><script>{STORAGE}</script>"

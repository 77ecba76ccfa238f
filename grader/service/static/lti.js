// Platform storage (LTI Client Side postMessages): where cookies are blocked in frames, the platform
// keeps the state of a login for us. Messages go to its OIDC origin only, never to "*", and an
// answer counts only from there, with the number of the question.
"use strict";
(() => {
  const box = document.getElementById("lti-store") || document.getElementById("lti-confirm");
  const { key, target, platform } = box.dataset;
  const storing = box.id === "lti-store";
  const platformWindow = window.opener || window.parent;
  const frame = target === "_parent" ? platformWindow : named(target);
  const id = crypto.randomUUID();
  const subject = storing ? "lti.put_data" : "lti.get_data";

  // Asking another site's window for a frame that it does not have is an error.
  function named(name) {
    try { return platformWindow.frames[name] || platformWindow; } catch (error) { return platformWindow; }
  }

  function finish(value) {
    if (storing) return location.replace(box.dataset.forward);
    box.elements.stored.value = value || "-"; // "-": asked, and nothing was there
    box.submit();
  }

  const timer = setTimeout(() => finish(null), 2000);
  window.addEventListener("message", (event) => {
    if (event.origin !== platform || event.data?.message_id !== id) return;
    if (event.data.subject !== `${subject}.response`) return;
    clearTimeout(timer);
    finish(event.data.error ? null : event.data.value);
  });
  const message = { subject, message_id: id, key };
  if (storing) message.value = box.dataset.state;
  frame.postMessage(message, platform);
})();

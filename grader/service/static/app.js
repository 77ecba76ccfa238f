// What the pages do without a framework: upload with retries, live news, and moving on without
// cookies. Where a browser keeps none (a frame of the LMS), every page is fetched with a bearer
// token that lives in this window only, and its content is put in place of the old one.
"use strict";
(() => {
  let token = null;
  let leaving = null; // stops the news of the page that was left

  const authorized = (headers = {}) =>
    token ? { ...headers, Authorization: `Bearer ${token}`, "X-Language": document.documentElement.lang } : headers;

  async function show(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    document.body.replaceWith(document.adoptNode(page.body));
    window.scrollTo(0, 0);
    ready();
    document.getElementById("content")?.focus();
  }

  async function go(address, options = {}) {
    const response = await fetch(address, { ...options, headers: authorized(options.headers) });
    const type = response.headers.get("Content-Type") || "";
    if (type.startsWith("text/html")) return show(response);
    const link = document.createElement("a"); // a file: saved under its name
    link.href = URL.createObjectURL(await response.blob());
    link.download = (response.headers.get("Content-Disposition") || "").split('"')[1] || "result.json";
    link.click();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/']");
    if (!token || !link || link.target || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id === "upload") return upload(event, form);
    if (!token || new URL(form.action).origin !== location.origin) return;
    event.preventDefault();
    const fields = new FormData(form, event.submitter);
    if (form.getAttribute("action") === "/language") {
      document.documentElement.lang = fields.get("language");
      return go(fields.get("back"));
    }
    go(form.action, { method: "POST", body: fields });
  });

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  async function upload(event, form) {
    event.preventDefault();
    const news = document.getElementById("news");
    const button = document.getElementById("send");
    const body = new FormData(form);
    button.disabled = true;
    news.textContent = form.dataset.sending;
    // The same word each time: however often it is sent, it is one submission.
    for (let wait = 1000; ; wait = Math.min(wait * 1.5, 10000)) {
      try {
        const address = form.getAttribute("action") || currentAddress();
        const response = await fetch(address, { method: "POST", body, headers: authorized({ Accept: "application/json" }) });
        if (response.status === 201) return follow((await response.json()).location);
        if (response.status === 429) { news.textContent = form.dataset.often; break; }
        if (response.status < 500) { news.textContent = (await response.json()).error; break; }
      } catch (error) { /* no answer: try again */ }
      news.textContent = form.dataset.unreachable;
      await pause(wait);
    }
    button.disabled = false;
  }

  let address = location.pathname;
  const currentAddress = () => address;
  // A page that is left while the service starts again would end on the browser's own error page.
  async function answering() {
    for (let wait = 500; ; wait = Math.min(wait * 1.5, 5000)) {
      try { if ((await fetch("/healthz")).ok) return; } catch (error) { /* not yet */ }
      await pause(wait);
    }
  }

  async function follow(there) {
    await answering();
    if (token) go(there); else location.assign(there);
  }

  async function watch(box, signal) {
    const words = document.getElementById("standing-words");
    while (!signal.aborted) {
      try {
        const response = await fetch(box.dataset.events, { headers: authorized({ Accept: "text/event-stream" }), signal });
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        let text = "";
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          text += part.value;
          const events = text.split("\n\n");
          text = events.pop();
          for (const one of events) {
            const data = one.split("\n").find((line) => line.startsWith("data: "));
            if (!data) continue;
            const now = JSON.parse(data.slice(6));
            if (now.state !== "queued" && now.state !== "running") return reload();
            words.textContent = now.state === "running" ? box.dataset.running
              : now.ahead ? box.dataset.queued.replace("{ahead}", now.ahead) : box.dataset.next;
          }
        }
      } catch (error) { if (signal.aborted) return; }
      await pause(1500);
    }
  }

  function reload() { follow(document.getElementById("standing").dataset.events.replace("/events", "")); }

  function prepareUpload(form) {
    const drop = document.getElementById("drop");
    const input = drop.querySelector("input");
    const chosen = document.getElementById("chosen");
    const tell = () => {
      const names = [...input.files].map((file) => file.name);
      chosen.textContent = names.length ? `${form.dataset.chosen} ${names.join(", ")}` : "";
    };
    input.addEventListener("change", tell);
    for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
    for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.remove("over"); });
    drop.addEventListener("drop", (event) => { input.files = event.dataTransfer.files; tell(); });
  }

  function showTimes() { // in the reader's own zone; without script they are in UTC and say so
    const form = new Intl.DateTimeFormat(document.documentElement.lang,
      { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
    for (const time of document.querySelectorAll("time[datetime]")) {
      const when = new Date(time.dateTime);
      if (!Number.isNaN(when.getTime())) time.textContent = form.format(when);
    }
  }

  function ready() {
    leaving?.abort();
    leaving = new AbortController();
    const bearer = document.getElementById("bearer");
    if (bearer) { token = bearer.dataset.token; return go(bearer.dataset.there); }
    showTimes();
    const back = document.querySelector("input[name=back]");
    if (back) address = back.value;
    const form = document.getElementById("upload");
    if (form) prepareUpload(form);
    const standing = document.getElementById("standing");
    if (standing) watch(standing, leaving.signal);
    const join = document.querySelector("#join[data-fragment]");
    if (join && location.hash.length > 1) {
      join.elements.secret.value = location.hash.slice(1);
      history.replaceState(null, "", location.pathname);
      join.submit();
    }
    document.querySelector("form[data-autosubmit]")?.submit();
    document.getElementById("lti-close")?.addEventListener("click", () =>
      (window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*"));
  }

  ready();
})();

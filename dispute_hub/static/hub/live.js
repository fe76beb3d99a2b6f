// Live pages. One stream a browser (the tab that holds the lock shares what it hears) says what kind of thing
// changed; the page then asks for its content anew. While the stream is cut, pages ask by themselves.
//   data-live="push order.sent"        this element is fetched again (hx-trigger="live") on such a change
//   data-live-offer="push.issued"      on #hub-main: such changes are counted and offered, never swapped in
//   data-live-words="警情"              what is counted, in the words of the page
// Nothing that holds a form somebody is filling in is ever swapped: it is offered instead.
(() => {
  "use strict";

  const SILENT = 18000;
  const ASKS_EVERY = 15000;
  const PAUSE = 2000;
  const SPREAD = 3000;
  const TICK = 3000;

  const channel = "BroadcastChannel" in window ? new BroadcastChannel("hub-live") : null;
  const dirty = new WeakSet();
  const waiting = new Map();
  let source = null;
  let leads = false;
  let heardAt = Date.now();
  let askedAt = Date.now();
  let lookedAt = 0;
  let timer = 0;
  let offered = 0;

  const main = () => document.getElementById("hub-main");
  const bar = () => document.getElementById("hub-live-offer");

  const isTyped = (element) =>
    element.matches("textarea, select, input:not([type=hidden], [type=submit], [type=button])");

  // Being filled in: the cursor stands in a field, or a form was changed and not sent yet.
  const isBusy = (element) => {
    const at = document.activeElement;
    if (at && at !== element && element.contains(at) && isTyped(at)) return true;
    return [...element.querySelectorAll("form")].some((form) => dirty.has(form));
  };

  const fits = (topics, kind) =>
    kind === "*" || topics.some((topic) => kind === topic || kind.startsWith(`${topic}.`));

  const topicsOf = (text) => (text || "").split(/\s+/).filter(Boolean);

  const offer = (count) => {
    const box = bar();
    if (!box) return;
    offered += count;
    const words = main()?.dataset.liveWords || "内容";
    box.querySelector("[data-live-text]").textContent =
      offered ? `有 ${offered} 条新${words}，点此显示` : "本页内容可能已更新，点此显示";
    box.hidden = false;
  };

  const show = () => {
    const page = main();
    if (isBusy(page)) {
      window.hubToast?.("本页有没有提交的填写，已为您保留；请先提交，再点此显示新内容。");
      return;
    }
    bar().hidden = true;
    offered = 0;
    window.htmx.ajax("GET", location.pathname + location.search, {
      source: page, target: "#hub-main", select: "#hub-main", swap: "outerHTML",
    });
  };

  const refresh = (kinds) => {
    const names = [...kinds.keys()].map((kind) => kind.replace(/^own:/, ""));
    window.htmx.trigger(document.body, "hub:menu");
    document.querySelectorAll("[data-live]").forEach((element) => {
      const topics = topicsOf(element.dataset.live);
      if (!names.some((name) => fits(topics, name))) return;
      if (isBusy(element)) offer(1);
      else window.htmx.trigger(element, "live");
    });
    const topics = topicsOf(main()?.dataset.liveOffer);
    let fresh = 0;
    kinds.forEach((count, kind) => { if (kind !== "*" && fits(topics, kind)) fresh += count; });
    if (fresh) offer(fresh);
  };

  const run = () => {
    timer = 0;
    lookedAt = Date.now();
    const kinds = new Map(waiting);
    waiting.clear();
    refresh(kinds);
  };

  // At once, then at most once in two seconds: a flood of changes is one look.
  const look = (kinds, delay = 0) => {
    kinds.forEach((count, kind) => waiting.set(kind, (waiting.get(kind) || 0) + count));
    if (!timer) timer = setTimeout(run, Math.max(delay, lookedAt + PAUSE - Date.now(), 0));
  };

  const lookAtAll = (delay) => look(new Map([["*", 1]]), delay);

  const counted = (text) =>
    new Map(text.split(" ").filter(Boolean).map((part) => {
      const at = part.lastIndexOf("=");
      return [part.slice(0, at), Number(part.slice(at + 1)) || 1];
    }));

  const hear = ({ name, data }) => {
    heardAt = name === "cut" ? 0 : Date.now();
    document.body.dataset.liveState = name === "cut" ? "polling" : "streaming";
    if (name === "look") look(counted(data));
    if (name === "again") {
      lookAtAll(Math.random() * SPREAD);
      if (main()?.dataset.liveOffer !== undefined) offer(0);
    }
  };

  const open = () => {
    source?.close();
    const [entry] = performance.getEntriesByType("navigation");
    const age = Math.max(0, Math.round(performance.now() - (entry?.responseStart || 0)));
    source = new EventSource(`${document.body.dataset.liveUrl}?age=${age}`);
    ["open", "look", "again", "cut", "beat"].forEach((name) =>
      source.addEventListener(name, (event) => {
        // The browser's own "open" comes without data.
        if (event.data === undefined) return;
        const said = { name, data: event.data };
        channel?.postMessage(said);
        hear(said);
      }));
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) heardAt = 0; };
  };

  const lead = () => {
    leads = true;
    open();
  };

  const tick = () => {
    const now = Date.now();
    if (now - heardAt < SILENT) return;
    document.body.dataset.liveState = "polling";
    if (now - askedAt < ASKS_EVERY) return;
    askedAt = now;
    lookAtAll(0);
    // A refused or silent stream is tried again with each question.
    if (leads && (source.readyState === EventSource.CLOSED || heardAt)) open();
  };

  const stop = () => {
    source?.close();
    channel?.close();
    clearInterval(ticking);
    clearTimeout(timer);
    document.body.dataset.liveState = "over";
  };

  let ticking = 0;

  document.addEventListener("DOMContentLoaded", () => {
    if (!document.body.dataset.liveUrl) return;
    channel?.addEventListener("message", (event) => hear(event.data));
    // Six connections are all a browser has for one server: tabs share one stream where they can.
    if (navigator.locks) navigator.locks.request("hub-live", () => new Promise(lead));
    else lead();
    ticking = setInterval(tick, TICK);
    window.addEventListener("pagehide", () => source?.close());
    document.addEventListener("input", (event) => { if (event.target.form) dirty.add(event.target.form); });
    document.addEventListener("reset", (event) => dirty.delete(event.target));
    document.addEventListener("click", (event) => { if (event.target.closest("[data-live-show]")) show(); });
    document.body.addEventListener("htmx:afterRequest", (event) => {
      const form = event.detail.elt;
      if (form.matches("form") && event.detail.successful) dirty.delete(form);
      // 286: the log-in is over; there is nothing more to hear.
      if (event.detail.xhr?.status === 286) stop();
    });
  });
})();

// An officer's acts reach the server exactly once, in their order, over a network that comes and goes:
// each is sealed on the phone first (field-store.js) and carries a form token of its own, taken once.
(() => {
  "use strict";

  const store = window.hubFieldStore;
  if (!store?.able) return;

  const FIELD = "/pushes/_field/";
  const PATIENCE = 10000;
  const RETRY = 5000;
  const SHOWN_WITHIN = 10 * 60 * 1000;
  const MOST_TRIES = 5;
  const ONCE = new Set(["sign", "arrive", "feedback"]);
  const shell = () => document.querySelector("[data-hub-offline]");
  const say = (words) => window.hubToast?.(words);
  let csrf = "";
  let loggedOut = false;
  // From the log-out on, nothing is taken along any more, not even by an answer that is on its way.
  let leaving = false;
  let timer = 0;
  let sentWaiting = false;

  // The server: whose phone it is, fresh cards, a CSRF token of this session --------------------------------
  const ask = (url, options) =>
    fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE), ...options });

  const onPushes = () => location.pathname.startsWith("/pushes/");
  const greet = async () => {
    const answer = await ask(onPushes() ? FIELD : `${FIELD}?cards=0`, { redirect: "manual" });
    if (answer.status >= 500) throw new Error(String(answer.status));
    loggedOut = answer.status !== 200;
    if (loggedOut) return false;
    const told = await answer.json();
    if (leaving) return false;
    store.lend(told);
    csrf = told.csrf;
    await store.prune();
    if (told.cards) await store.keepCards(told.cards);
    return true;
  };

  // Sending ------------------------------------------------------------------------------------------------
  const reasonOf = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const found = page.querySelectorAll(".hub-field-error, [role=alert] strong, [role=alert] li");
    const words = [...found].map((one) => one.textContent.trim()).filter(Boolean);
    const said = words.filter((one, at) => !words.slice(0, at).some((before) => before.includes(one)));
    return said.slice(0, 3).join(" ") || "系统未受理，请打开警情核对";
  };

  // The server compares the owner with its session: an act of one post never goes out as another's.
  const send = async ({ owner, thing }, again = true) => {
    const answer = await ask(thing.url, {
      method: "POST", body: new URLSearchParams(thing.body), redirect: "manual",
      headers: { "HX-Request": "true", "X-CSRFToken": csrf, "X-Hub-Owner": owner },
    });
    // A redirect is how a page says done, also when the token tells that it was done before.
    if (answer.type === "opaqueredirect" || answer.ok) return { state: "done" };
    if (answer.status === 401) return { state: "waits", login: true };
    if (answer.status === 429 || answer.status === 408) throw new Error("later");
    if (answer.status >= 500) return { state: "waits", failed: answer.status };
    const words = reasonOf(await answer.text());
    const isExpired = answer.status === 403 && words.includes("页面已过期");
    if (answer.status === 409 || (isExpired && again)) {
      if (!(await greet())) return { state: "waits", login: true };
      if (store.owner() !== owner) return { state: "waits" };
      if (isExpired) return send({ owner, thing }, false);
    }
    return { state: "refused", why: words };
  };

  const became = new Map();
  const settle = async (item, result) => {
    became.set(item.id, result);
    sentWaiting = sentWaiting || Boolean(item.thing.waited);
    const isTold = item.thing.waited || result.state !== "done";
    await (isTold ? store.mark(item, result.state, result.why || "") : store.drop(item.id));
  };

  // 500 is the server that cannot take this one; 502 and 503 are a server that is not there, which is
  // waited for within the day.
  const failed = async (item, status) => {
    const isOverdue = store.isOverdue(item);
    const tries = (item.thing.tries || 0) + (status === 500 || isOverdue ? 1 : 0);
    if (tries < MOST_TRIES) await store.mark({ ...item, thing: { ...item.thing, tries } }, "waits", "");
    else if (isOverdue) await settle(item, { state: "expired" });
    else await settle(item, { state: "refused", why: "系统多次处理失败，请打开警情核对后重新提交" });
  };

  const flushAll = async () => {
    const owner = store.owner();
    const held = new Set();
    for (const item of await store.items()) {
      if (item.state !== "waits" || held.has(item.thing.push)) continue;
      if (!csrf && !(await greet())) return;
      if (store.owner() !== owner) return;
      const result = await send(item);
      if (result.login) { loggedOut = true; return; }
      if (store.owner() !== owner) return;
      if (result.failed) {
        // Acts of one push keep their order; those of the others need not wait for it.
        held.add(item.thing.push);
        await failed(item, result.failed);
      } else await settle(item, result);
    }
  };

  // One tab sends at a time; what cannot be sent now is tried again by itself.
  const flush = async () => {
    clearTimeout(timer);
    if (!store.owner()) return;
    let reached = true;
    try {
      await (navigator.locks ? navigator.locks.request("hub-field", flushAll) : flushAll());
    } catch {
      reached = false;
      csrf = "";
    }
    const waiting = (await store.items()).filter((item) => item.state === "waits");
    for (const item of waiting.filter((one) => !one.thing.waited)) {
      await store.mark({ ...item, thing: { ...item.thing, waited: true } }, "waits", "");
    }
    if (waiting.length && !loggedOut) timer = setTimeout(wake, RETRY);
    if (!waiting.length && reached) comeBack();
    await show();
  };

  const typing = () => Boolean(document.querySelector("form[data-hub-field][data-hub-typed]"));

  // The network is back and everything is told: the true page again, unless somebody is writing on this one.
  const comeBack = () => {
    if (sentWaiting || shell()) setTimeout(() => { if (!typing()) location.reload(); }, 1000);
    sentWaiting = false;
  };

  const wake = async () => {
    const had = (await store.items()).some((item) => item.state === "waits");
    clearTimeout(timer);
    try {
      await greet();
    } catch {
      if (had || shell()) timer = setTimeout(wake, RETRY);
      return;
    }
    await flush();
  };

  // Submitting ---------------------------------------------------------------------------------------------
  const OWN = new Set(["csrfmiddlewaretoken", "form_token"]);
  const contents = (form, submitter) => {
    const body = new URLSearchParams();
    new FormData(form, submitter).forEach((value, name) => {
      if (typeof value === "string" && !OWN.has(name)) body.append(name, value);
    });
    body.append("form_token", crypto.randomUUID());
    return body.toString();
  };

  // The next page, unless he already writes in another form of this one: then only the step just done goes.
  const goOn = (form, word, next) => {
    if (typing()) {
      say(`${word}：已提交`);
      const step = form.closest("[data-hub-step]");
      if (step && ONCE.has(form.dataset.hubField)) step.hidden = true;
      return;
    }
    document.getElementById("hub-main").inert = true;
    location.assign(next);
  };

  const submit = async (form, submitter) => {
    const { hubField: act, hubPush: push, hubWord: word, hubNext: next } = form.dataset;
    if (!store.owner()) await greet().catch(() => false);
    if (!store.owner()) {
      say("没有连上服务器，本机也未能加密保存；内容仍在本页，请用电台报告，联网后再提交。");
      return;
    }
    const owner = store.owner();
    const waiting = (await store.items()).filter((item) => item.state === "waits");
    if (ONCE.has(act) && waiting.some((item) => item.thing.act === act && item.thing.push === push)) return;
    const url = new URL(form.action).pathname;
    const id = await store.put({ url, act, push, word, body: contents(form, submitter) });
    await flush();
    const result = became.get(id);
    const isMine = store.owner() === owner;
    if (!result) say(isMine ? "已存，联网后自动提交。" : "本机岗位已切换；该项待原岗位登录后自动提交。");
    if (!result || result.state === "done") {
      form.reset();
      delete form.dataset.hubTyped;
    }
    if (result && !shell() && !waiting.length) {
      if (result.state === "done") {
        goOn(form, word, next);
        return;
      }
      // Refused in front of the person: the server's own page says why and keeps the text.
      await store.drop(id);
      form.submit();
      return;
    }
    if (result) comeBack();
    await show();
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-hub-field]");
    if (form) {
      event.preventDefault();
      if (form.dataset.hubBusy || !form.reportValidity()) return;
      form.dataset.hubBusy = "1";
      try { await submit(form, event.submitter); } finally { delete form.dataset.hubBusy; }
    } else if (event.target.action?.endsWith("/logout/")) {
      await leave(event);
    }
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-hub-field]");
    if (form) form.dataset.hubTyped = "1";
  });

  const leave = async (event) => {
    const form = event.target;
    if (form.dataset.hubWiped) return;
    event.preventDefault();
    const own = (await store.items()).filter((item) => item.state === "waits").length;
    const waiting = own + await store.others();
    const words = `还有 ${waiting} 项未提交，退出后将从本机清除。请先联网提交；仍要退出吗？`;
    if (waiting && !window.confirm(words)) return;
    leaving = true;
    await store.wipe();
    form.dataset.hubWiped = "1";
    form.requestSubmit();
  };

  // What is seen -------------------------------------------------------------------------------------------
  const WORDS = { waits: "已存，联网后自动提交", done: "已提交", refused: "未受理", expired: "未提交，已过期" };
  const element = (tag, text = "", name = "") => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (name) made.className = name;
    return made;
  };
  const HANDS = { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const clock = (at) => new Date(at).toLocaleTimeString("zh-CN", HANDS);

  const line = (item) => {
    const made = element("li");
    made.dataset.state = item.state;
    made.append(element("span", clock(item.at)), element("strong", item.thing.word));
    made.append(element("span", WORDS[item.state]));
    if (item.state === "waits") return made;
    if (item.state !== "done" && item.thing.push) {
      const open = element("a", "打开警情");
      open.href = `/pushes/${item.thing.push}/`;
      made.append(element("span", item.thing.why || "请核对后重新提交"), open);
      const text = new URLSearchParams(item.thing.body).get("text");
      if (text) made.append(element("span", `您写的内容：${text}`));
    }
    const known = element("button", "知道了", "btn btn-default btn-sm");
    known.type = "button";
    known.addEventListener("click", async () => { await store.drop(item.id); await show(); });
    made.append(known);
    return made;
  };

  const show = async () => {
    const now = Date.now();
    const all = await store.items();
    const isPast = (item) => item.state === "done" && now - item.at > SHOWN_WITHIN;
    for (const item of all.filter(isPast)) await store.drop(item.id);
    const items = all.filter((item) => !isPast(item));
    const foreign = await store.others();
    document.getElementById("hub-field-queue")?.remove();
    document.querySelectorAll(".field-waits").forEach((mark) => mark.remove());
    if (items.length || foreign) place(items, foreign);
    apply(items.filter((item) => item.state === "waits"));
  };

  const place = (items, foreign) => {
    const section = element("section", "", "hub-card field-queue");
    section.id = "hub-field-queue";
    section.setAttribute("aria-live", "polite");
    const waiting = items.filter((item) => item.state === "waits").length;
    section.append(element("strong", waiting ? `${waiting} 项已存本机，联网后自动提交` : "本机办理情况"));
    if (loggedOut && waiting) {
      const link = element("a", "登录已过期，内容已保留；请重新登录，登录后自动提交");
      link.href = `/login/?next=${encodeURIComponent(location.pathname)}`;
      section.append(element("br"), link);
    }
    const list = element("ul");
    list.append(...items.map(line));
    section.append(list);
    if (foreign) section.append(element("p", `另有 ${foreign} 项由本机其他岗位保存，其登录后自动提交。`, "hub-soft"));
    const cards = document.querySelector("[data-field-cards]");
    (cards || document.getElementById("hub-main").firstElementChild).before(section);
  };

  // What waits is as good as done for the next step: sign → arrive → report.
  const apply = (waiting) => {
    const waits = (push, act) => waiting.some(({ thing }) => thing.push === push && thing.act === act);
    document.querySelectorAll("[data-hub-step]").forEach((step) => {
      const form = step.querySelector("form[data-hub-field]");
      if (!form) return;
      const { hubPush: push, hubField: act, hubWord: word } = form.dataset;
      if (ONCE.has(act) && waits(push, act)) {
        step.hidden = true;
        step.before(element("p", `${word}：${WORDS.waits}`, "field-waits"));
      } else if (step.dataset.hubAfter) {
        step.hidden = !waits(push, step.dataset.hubAfter);
      }
    });
  };

  // The page without network -------------------------------------------------------------------------------
  const render = async () => {
    const room = document.querySelector("[data-field-cards]");
    if (!store.owner()) {
      room.replaceChildren(element("p", "本机内容已加密，须联网登录后才能打开；未提交的内容仍保留，登录后自动提交。"));
      return;
    }
    const kept = await store.cards();
    const wanted = Number(location.pathname.match(/^\/pushes\/(\d+)\//)?.[1] || 0);
    const found = kept.filter((card) => !wanted || card.push === wanted);
    room.replaceChildren(...found.map((card) => {
      const piece = element("div", "", "hub-stack");
      piece.innerHTML = card.html;
      if (!wanted) piece.replaceChildren(piece.querySelector(".field-card"));
      piece.prepend(element("p", `${clock(card.at)} 存在本机`, "hub-soft"));
      return piece;
    }));
    if (!found.length) room.replaceChildren(element("p", "本机没有保存这条警情，请联网后打开。"));
  };

  const start = async () => {
    if (shell()) await render();
    document.querySelector("[data-field-retry]")?.addEventListener("click", () => location.reload());
    await show();
    if (onPushes()) navigator.serviceWorker?.register("/pushes/worker.js").catch(() => {});
    await wake();
  };
  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(); });
  document.addEventListener("DOMContentLoaded", () => {
    start();
    document.body.addEventListener("htmx:afterSettle", (event) => {
      if (event.detail.target.id !== "push-cards") return;
      show();
      greet().catch(() => {});
    });
  });
})();

// Keeps a long form on the server while it is typed: <form data-hub-draft-url="…">. Nothing of it is
// written to the desk's own storage, because desks are shared between shifts.
(() => {
  "use strict";

  const QUIET = 800;
  const RETRY = 5000;
  const SKIPPED = new Set(["csrfmiddlewaretoken", "form_token"]);

  const contents = (form) => {
    const kept = new URLSearchParams();
    new FormData(form).forEach((value, name) => {
      const field = form.elements[name];
      if (typeof value !== "string" || SKIPPED.has(name) || field?.type === "password") return;
      kept.append(name, value);
    });
    return kept;
  };

  const token = (form) => form.querySelector('[name="csrfmiddlewaretoken"]')?.value || "";

  const watch = (form) => {
    const state = form.querySelector("[data-hub-draft-state]");
    const tell = (words) => { if (state) state.textContent = words; };
    let timer = 0;
    let sending = false;
    let changed = false;
    // Another tab is ahead: nothing is written over it.
    let stopped = false;

    const save = async (leaving) => {
      clearTimeout(timer);
      if (stopped || !changed || (sending && !leaving)) return;
      changed = false;
      sending = true;
      try {
        const answer = await fetch(form.dataset.hubDraftUrl, {
          method: "POST", body: contents(form), credentials: "same-origin", keepalive: leaving,
          headers: { "X-CSRFToken": token(form), "X-Requested-With": "XMLHttpRequest" },
        });
        if (answer.status === 409) {
          stopped = true;
          tell("另一页面已保存较新的草稿，本页不再自动保存；请刷新后继续");
          return;
        }
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        const edition = answer.headers.get("X-Draft-Edition");
        if (edition && form.elements.draft_edition) form.elements.draft_edition.value = edition;
        const clock = document.querySelector("[data-hub-beijing]");
        tell(`草稿已存 ${clock ? clock.textContent.slice(-5) : ""}`);
        form.dispatchEvent(new CustomEvent("hub:draft-saved", { bubbles: true }));
      } catch {
        changed = true;
        tell("草稿未存，正在重试；请不要关闭本页");
        timer = setTimeout(save, RETRY, false);
      } finally {
        sending = false;
        if (changed && !leaving) timer = timer || setTimeout(save, QUIET, false);
      }
    };

    const later = () => {
      changed = true;
      clearTimeout(timer);
      timer = setTimeout(save, QUIET, false);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("submit", () => { changed = false; clearTimeout(timer); });
    window.addEventListener("pagehide", () => save(true));
  };

  const seen = new WeakSet();
  const watchAll = () =>
    document.querySelectorAll("form[data-hub-draft-url]").forEach((form) => {
      if (seen.has(form)) return;
      seen.add(form);
      watch(form);
    });

  document.addEventListener("DOMContentLoaded", () => {
    watchAll();
    document.body.addEventListener("htmx:afterSettle", watchAll);
  });
})();

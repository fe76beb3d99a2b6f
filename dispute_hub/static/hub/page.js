// Small habits of every page: dialogs, side panel, menu on a phone, revealed values, print, filters.
(() => {
  "use strict";

  const frame = () => document.querySelector(".hub-frame");
  const byHash = (hash) => (hash ? document.querySelector(hash) : null);

  const unmarkRows = () =>
    document.querySelectorAll(".hub-row[aria-selected]").forEach((row) => { row.ariaSelected = "false"; });

  const drops = () => document.querySelectorAll("details.hub-drop[open], details[data-hub-drop][open]");

  const closePanel = () => {
    const panel = document.getElementById("hub-panel");
    if (!panel) return;
    panel.replaceChildren();
    frame().classList.remove("has-panel");
    unmarkRows();
  };

  // Without the clipboard's permission, or without TLS, the old way of a selected field still copies.
  const copyBySelecting = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.position = "fixed";
    field.style.left = "-9999px";
    field.readOnly = true;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyBySelecting(text);
    }
  };

  const clicks = {
    hubOpen: (element) => byHash(element.dataset.hubOpen)?.showModal(),
    hubClose: (element) => element.closest("dialog")?.close(),
    hubToggle: (element) => byHash(element.dataset.hubToggle)?.classList.toggle("is-open"),
    hubPanelClose: closePanel,
    // Back to the form's page as it is now, not as the browser remembers it.
    hubBack: () => location.assign(document.referrer || "/"),
    hubPrint: () => window.print(),
    hubCopy: (element) => copy(element.dataset.hubCopy).then((done) =>
      window.hubToast?.(done ? "已复制" : `请长按选取：${element.dataset.hubCopy}`)),
    hubPassword: (element) => {
      const field = byHash(element.dataset.hubPassword);
      const shows = field.type === "password";
      field.type = shows ? "text" : "password";
      element.setAttribute("aria-pressed", String(shows));
      element.setAttribute("aria-label", shows ? "隐藏密码" : "显示密码");
    },
    hubTickAll: (element) =>
      document.querySelectorAll(element.dataset.hubTickAll).forEach((box) => {
        if (!box.disabled) box.checked = element.checked;
      }),
  };

  document.addEventListener("click", (event) => {
    for (const [name, effect] of Object.entries(clicks)) {
      const attribute = `data-${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
      const element = event.target.closest(`[${attribute}]`);
      if (element) effect(element);
    }
    drops().forEach((drop) => {
      if (!drop.contains(event.target)) drop.open = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    drops().forEach((drop) => { drop.open = false; });
  });

  // A filter takes effect when chosen; the button stays for the keyboard and for text fields.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-hub-submits] select")) event.target.form.requestSubmit();
  });

  // Clear values go back behind their mask by themselves (one minute, by rule).
  const hideLater = (scope) =>
    scope.querySelectorAll("[data-hub-hide-within]").forEach((element) => {
      const seconds = Number(element.dataset.hubHideWithin);
      element.removeAttribute("data-hub-hide-within");
      setTimeout(() => { element.textContent = element.dataset.hubMasked; }, seconds * 1000);
    });

  const settle = (scope) => {
    hideLater(scope);
    scope.querySelector?.("[data-hub-focus]")?.focus();
  };

  document.addEventListener("DOMContentLoaded", () => {
    // htmx leaves the page's path in session storage; a shared desk keeps nothing.
    // Only the phone's key of field-store.js stays: it dies with the tab, and with the log-out.
    try {
      Object.keys(sessionStorage).filter((name) => name !== "hub-field-key")
        .forEach((name) => sessionStorage.removeItem(name));
    } catch { /* storage is switched off on some desks */ }
    settle(document);
    document.body.addEventListener("htmx:afterSwap", (event) => {
      const target = event.detail.target;
      if (target.id === "hub-panel") frame().classList.toggle("has-panel", target.childElementCount > 0);
    });
    document.body.addEventListener("htmx:afterSettle", (event) => settle(event.detail.target));
    document.body.addEventListener("htmx:beforeRequest", (event) => {
      const row = event.detail.elt.closest(".hub-row");
      if (!row || event.detail.target.id !== "hub-panel") return;
      unmarkRows();
      row.ariaSelected = "true";
    });
  });
})();

// Keys are declared on the element they act on: data-hub-key="F9" data-hub-key-name="先派警".
// A button or link is clicked, a field is focused. Nothing acts while an input method composes.
(() => {
  "use strict";

  const typing = (target) =>
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

  const shown = (element) => element.getClientRects().length > 0 && !element.disabled;

  const inReach = () => {
    const dialog = document.querySelector("dialog[open]");
    const scope = dialog || document;
    return [...scope.querySelectorAll("[data-hub-key]")].filter(shown);
  };

  const act = (element) => {
    if (typing(element) && !["radio", "checkbox"].includes(element.type)) {
      element.focus();
      if (element.select) element.select();
    } else {
      element.click();
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const field = event.target;
    // Enter confirms a word or ends a line; on a form marked so it moves on, and never sends half a call.
    const moves = field.tagName === "INPUT" && field.form?.hasAttribute("data-hub-enter-moves");
    if (event.key === "Enter" && moves) {
      event.preventDefault();
      const fields = [...field.form.elements].filter((e) => shown(e) && e.type !== "hidden");
      const next = fields[fields.indexOf(field) + 1];
      if (next) next.focus();
      return;
    }
    if (event.key.length === 1 && typing(field)) return;
    const element = inReach().find((candidate) => candidate.dataset.hubKey === event.key);
    if (!element) return;
    event.preventDefault();
    act(element);
  });

  const list = () => {
    const place = document.querySelector("[data-hub-keys]");
    if (!place) return;
    place.replaceChildren();
    document.querySelectorAll("[data-hub-key]").forEach((element) => {
      if (!shown(element)) return;
      const key = document.createElement("kbd");
      const term = document.createElement("dt");
      const words = document.createElement("dd");
      key.textContent = element.dataset.hubKey === "Escape" ? "Esc" : element.dataset.hubKey;
      words.textContent = element.dataset.hubKeyName || element.ariaLabel || element.textContent.trim();
      term.append(key);
      place.append(term, words);
    });
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-hub-open="#hub-keys"]')) list();
  }, true);
})();

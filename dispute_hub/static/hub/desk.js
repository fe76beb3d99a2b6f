// 接警台: what is chosen at the right is written into the call at the left, where drafts and preview see it.
(() => {
  "use strict";

  const call = () => document.getElementById("desk-call");

  const write = (name, value) => {
    const field = call()?.elements[name];
    if (!field || field.value === value) return;
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.deskSets;
    if (name && event.target.checked) write(name, event.target.value);
  });

  document.addEventListener("click", (event) => {
    const name = event.target.closest("[data-desk-clears]")?.dataset.deskClears;
    if (name) write(name, "");
  });

  // Enter sends a call only by its keys; a browser would take the first button for it.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    if (event.target.form === call() && event.target.matches("input")) event.preventDefault();
  }, true);
})();

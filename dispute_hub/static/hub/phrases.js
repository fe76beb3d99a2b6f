// Quick phrases: a tap writes the phrase behind its heading in a text field, so that thumbs type less.
(() => {
  "use strict";

  const insert = (field, after, phrase) => {
    const place = field.value.indexOf(after);
    if (place < 0) {
      field.value = `${field.value.trimEnd()}\n${after}${phrase}`.trimStart();
      return;
    }
    const lineEnd = field.value.indexOf("\n", place);
    const end = lineEnd < 0 ? field.value.length : lineEnd;
    field.value = field.value.slice(0, end) + phrase + field.value.slice(end);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-hub-phrase]");
    if (!button) return;
    const field = (button.form || document).querySelector(button.dataset.hubInto);
    insert(field, button.dataset.hubAfter, button.dataset.hubPhrase);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
})();

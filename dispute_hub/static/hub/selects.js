// Searchable selects: <select data-hub-select>. Options are text; nothing typed becomes markup.
(() => {
  "use strict";

  const dress = () =>
    document.querySelectorAll("select[data-hub-select]").forEach((select) => {
      if (select.tomselect) return;
      new window.TomSelect(select, {
        maxOptions: 300,
        render: { no_results: () => '<div class="no-results">没有匹配的选项</div>' },
      });
    });

  document.addEventListener("DOMContentLoaded", () => {
    dress();
    document.body.addEventListener("htmx:afterSettle", dress);
  });
})();

// The session's record and the agreement editor: time stamps, clauses, rows, the sum of instalments.
(() => {
  "use strict";

  const startedAt = performance.now();
  const beijing = new Intl.DateTimeFormat("zh-CN", {
    hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai",
  });

  // The server's clock counts; a desk's may be wrong.
  const nowThere = () => new Date(Date.parse(document.body.dataset.hubNow) + performance.now() - startedAt);

  const insertAt = (field, text) => {
    const start = field.selectionStart, before = field.value.slice(0, start);
    const glue = before && !before.endsWith("\n") ? "\n" : "";
    field.setRangeText(glue + text, start, field.selectionEnd, "end");
    field.focus();
  };

  const addRow = (button) => {
    const total = document.querySelector(`[name="${button.dataset.hubAddPrefix}-TOTAL_FORMS"]`);
    const template = document.querySelector(button.dataset.hubAddRow);
    const row = template.content.firstElementChild.cloneNode(true);
    for (const element of [row, ...row.querySelectorAll("*")])
      for (const name of ["id", "name", "for"])
        if (element.hasAttribute(name))
          element.setAttribute(name, element.getAttribute(name).replace("__prefix__", total.value));
    document.querySelector(button.dataset.hubAddInto).append(row);
    total.value = String(Number(total.value) + 1);
    row.querySelector("input:not([type=hidden]), select")?.focus();
  };

  // Money in whole fen: 0.1 + 0.2 must be 0.30.
  const fen = (field) => Math.round(Number(field.value || 0) * 100);

  const addUp = () => {
    const shown = document.querySelector("[data-hub-sum]");
    if (!shown) return;
    const sum = [...document.querySelectorAll("[data-hub-amount]")].reduce((all, one) => all + fen(one), 0);
    const total = document.querySelector("[data-hub-total]");
    const differs = total.value !== "" && sum !== 0 && sum !== fen(total);
    shown.textContent = `分期合计 ${(sum / 100).toFixed(2)} 元${differs ? "，与总金额不一致" : ""}`;
    shown.classList.toggle("hub-field-error", differs);
    shown.classList.toggle("hub-soft", !differs);
  };

  document.addEventListener("click", (event) => {
    const stamp = event.target.closest("[data-hub-stamp]");
    if (stamp) {
      const text = `${beijing.format(nowThere())} ${stamp.dataset.hubStampText || ""}`;
      insertAt(document.querySelector(stamp.dataset.hubStamp), text);
    }
    const clause = event.target.closest("[data-hub-clause]");
    if (clause) {
      const field = document.querySelector(clause.dataset.hubClauseInto);
      field.selectionStart = field.selectionEnd = field.value.length;
      insertAt(field, clause.dataset.hubClause);
    }
    const adder = event.target.closest("[data-hub-add-row]");
    if (adder) addRow(adder);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-hub-amount], [data-hub-total]")) addUp();
  });
  document.addEventListener("DOMContentLoaded", addUp);
})();

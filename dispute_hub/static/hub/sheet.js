// 每日汇总: the bar tells what will happen to whom; j k x and numbers as an extra to the mouse.
(() => {
  "use strict";

  const rows = () => [...document.querySelectorAll("tr[data-sheet-case]")];
  const ticked = () => [...document.querySelectorAll("tr[data-sheet-case] input[name=row]:checked")];
  const COLOURS = { red: "红", orange: "橙", yellow: "黄", blue: "蓝" };
  let currentId = "";

  const chosen = () => {
    const cases = new Map();
    ticked().forEach((box) => {
      const row = box.closest("tr");
      cases.set(row.dataset.sheetCase, row.dataset.colour);
    });
    return cases;
  };

  const count = () => {
    const bar = document.getElementById("sheet-bulk");
    if (!bar) return;
    const cases = chosen();
    const number = cases.size;
    bar.classList.toggle("is-used", number > 0);
    const parts = Object.entries(COLOURS)
      .map(([code, word]) => [word, [...cases.values()].filter((colour) => colour === code).length])
      .filter(([, many]) => many)
      .map(([word, many]) => `${word}${many}`);
    bar.querySelector("[data-sheet-count]").textContent = number
      ? `已选 ${number} 件${parts.length ? `（${parts.join(" ")}）` : ""}`
      : "未选中案件";
    const who = bar.querySelector("select[name=post]")?.selectedOptions[0]?.dataset.name || "所选民警";
    bar.querySelectorAll("[data-sheet-says]").forEach((says) => {
      says.dataset.sheetIdle ??= says.textContent;
      const said = says.dataset.sheetSays.replace("{n}", `${number} `).replace("{who}", who);
      says.textContent = number ? said : says.dataset.sheetIdle;
    });
    bar.querySelectorAll("[data-sheet-bulk]").forEach((button) => { button.disabled = !number; });
  };

  const mark = (row) => {
    rows().forEach((one) => one.removeAttribute("aria-current"));
    if (!row) return;
    row.setAttribute("aria-current", "true");
    currentId = row.id;
    row.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const all = rows();
    const place = all.findIndex((row) => row.id === currentId);
    mark(all[place < 0 ? 0 : Math.min(Math.max(place + by, 0), all.length - 1)]);
  };

  const act = (number) => {
    count();
    if (chosen().size) {
      const select = document.querySelector("#sheet-bulk select[name=post]");
      if (number === "1" && document.activeElement !== select) {
        select.focus();
        return;
      }
      // The list lets go, so that letters mean rows again.
      select.blur();
      document.querySelector(`[data-sheet-bulk="${number}"]`)?.click();
      return;
    }
    document.getElementById(currentId)?.querySelector(`[data-sheet-act="${number}"]`)?.click();
  };

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    x: () => document.getElementById(currentId)?.querySelector("input[name=row]")?.click(),
    a: () => document.getElementById(currentId)?.closest("table")
      .querySelector("[data-hub-tick-all]")?.click(),
    1: () => act("1"), 2: () => act("2"), 3: () => act("3"), 4: () => act("4"),
  };

  const typing = (target) => target.matches?.("textarea, input:not([type=checkbox])");

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    // Letters pick an officer while the list of officers has the focus.
    if (event.target.matches?.("select") && event.key !== "1") return;
    if (document.querySelector("dialog[open]") || !Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  const later = () => setTimeout(count, 0);
  document.addEventListener("DOMContentLoaded", () => {
    count();
    document.addEventListener("change", later);
    document.addEventListener("click", (event) => {
      later();
      const row = event.target.closest?.("tr[data-sheet-case]");
      if (row) { mark(row); }
    });
    // Rows come back as they are now; the place in the list is kept.
    document.body.addEventListener("htmx:afterSettle", () => {
      count();
      const row = document.getElementById(currentId);
      if (row && row.ariaCurrent !== "true") mark(row);
    });
  });
})();

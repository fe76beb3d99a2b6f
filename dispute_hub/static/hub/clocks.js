// Ticks every [data-hub-due-at] and the Beijing time from the server's clock, never from the desk's:
// station machines are minutes off, and a clock that lies costs a deadline.
(() => {
  "use strict";

  const NEAR = 0.8;
  let behind = 0;

  const serverNow = () => Date.now() + behind;

  const span = (milliseconds) => {
    const minutes = Math.floor(Math.abs(milliseconds) / 60000);
    const days = Math.floor(minutes / 1440);
    const hours = Math.floor(minutes / 60) % 24;
    const left = minutes % 60;
    if (days) return `${days}天${hours ? `${hours}小时` : ""}`;
    if (hours) return `${hours}小时${left ? `${left}分` : ""}`;
    return left ? `${left}分` : "不到1分钟";
  };

  const tick = (clock, now) => {
    const due = Date.parse(clock.dataset.hubDueAt);
    const starts = Date.parse(clock.dataset.hubStartsAt);
    const text = clock.querySelector(".hub-clock-text");
    if (!text || Number.isNaN(due)) return;
    const over = now >= due;
    const near = !over && !Number.isNaN(starts) && now - starts >= NEAR * (due - starts);
    const words = over ? `已超时 ${span(now - due)}` : `剩余 ${span(due - now)}`;
    if (text.textContent !== words) text.textContent = words;
    clock.classList.toggle("is-over", over);
    clock.classList.toggle("is-near", near);
    clock.classList.toggle("is-open", !over && !near);
  };

  const beijing = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });

  const beijingTime = (now) => {
    const part = Object.fromEntries(beijing.formatToParts(now).map((p) => [p.type, p.value]));
    return `${part.month}-${part.day} ${part.hour}:${part.minute}`;
  };

  const tickAll = () => {
    const now = serverNow();
    document.querySelectorAll("[data-hub-due-at]").forEach((clock) => tick(clock, now));
    document.querySelectorAll("[data-hub-beijing]").forEach((element) => {
      element.textContent = beijingTime(now);
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    const told = Date.parse(document.body.dataset.hubNow || "");
    if (!Number.isNaN(told)) behind = told - Date.now();
    tickAll();
    setInterval(tickAll, 10000);
    document.body.addEventListener("htmx:afterSettle", tickAll);
  });
})();

// Says what was done, and what a failed request means and leaves intact. Server toasts fade by themselves.
(() => {
  "use strict";

  const place = () => document.getElementById("hub-toasts");
  const fadeLater = (toast) => {
    const seconds = Number(toast.dataset.hubToastWithin || 6);
    toast.removeAttribute("data-hub-toast-within");
    toast.dataset.hubToastSeen = "";
    // Undo stays while the pointer or focus rests on it.
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
    setTimeout(leave, seconds * 1000);
  };

  const fadeAll = () => place()?.querySelectorAll(".hub-toast:not([data-hub-toast-seen])").forEach(fadeLater);

  const say = (text, link) => {
    const toast = document.createElement("div");
    const words = document.createElement("span");
    toast.className = "hub-toast";
    words.textContent = text;
    toast.append(words);
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = link.title;
      toast.append(anchor);
    }
    place()?.append(toast);
    fadeLater(toast);
  };
  window.hubToast = say;

  const here = () => encodeURIComponent(location.pathname + location.search);
  const failures = {
    401: () => say("登录已过期，内容已保留。", { href: `/login/?next=${here()}`, title: "重新登录" }),
    403: () => say("没有权限办理，或页面已过期；内容已保留，请刷新后重试。"),
    404: () => say("该内容不存在，或不在您的范围内。"),
    413: () => say("内容过大，未提交；请删减后重试。"),
    429: () => say("操作过于频繁，请稍后再试。"),
    503: () => say("系统暂时无法办理，内容已保留，请稍后重试。"),
  };

  document.addEventListener("DOMContentLoaded", () => {
    fadeAll();
    const body = document.body;
    body.addEventListener("htmx:afterSettle", fadeAll);
    body.addEventListener("htmx:oobAfterSwap", fadeAll);
    body.addEventListener("htmx:responseError", (event) => {
      const { status } = event.detail.xhr;
      const number = event.detail.xhr.getResponseHeader("X-Request-ID") || "";
      (failures[status] || (() => say(`没有办成，内容已保留。请重试；仍不行请报请求号 ${number}`)))();
    });
    body.addEventListener("htmx:sendError", () => say("网络不通，没有提交；内容已保留，联网后请重试。"));
    body.addEventListener("htmx:timeout", () => say("服务器没有及时答复；请先查看是否已办成，再决定是否重试。"));
    body.addEventListener("hub:toast", (event) => say(event.detail.value || event.detail.text || ""));
  });

  document.addEventListener("click", (event) => {
    event.target.closest("[data-hub-toast-close]")?.closest(".hub-toast")?.remove();
  });
})();

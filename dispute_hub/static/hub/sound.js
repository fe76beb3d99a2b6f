// New red: a short sound, from a background tab too, until somebody has seen it. A row or card with
// data-hub-unseen-red="id" is a red nobody has opened: opening it, or a server answer without the mark
// (somebody else has), ends the sound. An event hub:new-red {id} rings where no list shows the row.
(() => {
  "use strict";

  const EVERY = 15000;
  const told = new Set();
  const seen = new Set();
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("hub-red") : null;
  const title = document.title;
  let context = null;
  let timer = 0;

  // Browsers let a page sound only after somebody touched it once; the page says so instead of staying mute.
  const askForLeave = () => {
    const button = document.getElementById("hub-sound");
    if (button) button.hidden = context.state === "running" || !unseen().size;
  };

  const beep = () => {
    context = context || new AudioContext();
    context.resume();
    setTimeout(askForLeave, 300);
    [0, 0.22].forEach((offset) => {
      const tone = context.createOscillator();
      const loudness = context.createGain();
      const start = context.currentTime + offset;
      tone.frequency.value = 880;
      loudness.gain.setValueAtTime(0.25, start);
      loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.18);
      tone.connect(loudness).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.2);
    });
  };

  const unseen = () => {
    const ids = new Set(told);
    document.querySelectorAll("[data-hub-unseen-red]").forEach((row) => ids.add(row.dataset.hubUnseenRed));
    seen.forEach((id) => ids.delete(id));
    return ids;
  };

  let before = 0;
  const look = () => {
    const count = unseen().size;
    document.title = count ? `（新红警 ${count}）${title}` : title;
    if (!count) { clearInterval(timer); timer = 0; }
    if (count > before) beep();
    if (count && !timer) timer = setInterval(beep, EVERY);
    before = count;
  };

  const quiet = (ids) => {
    ids.forEach((id) => seen.add(id));
    look();
  };

  channel?.addEventListener("message", (event) => quiet(event.data));

  document.addEventListener("pointerdown", (event) => {
    // Browsers allow sound only after a first touch of the page.
    context = context || new AudioContext();
    context.resume().then(askForLeave);
    const element = event.target.closest("[data-hub-unseen-red]");
    const ids = [...told, ...(element ? [element.dataset.hubUnseenRed] : [])];
    if (!ids.length) return;
    told.clear();
    channel?.postMessage(ids);
    quiet(ids);
  });

  document.addEventListener("DOMContentLoaded", () => {
    look();
    document.body.addEventListener("htmx:afterSettle", look);
    document.body.addEventListener("hub:new-red", (event) => {
      const id = String(event.detail.value || event.detail.id || "");
      if (id && !seen.has(id)) told.add(id);
      look();
    });
  });
})();

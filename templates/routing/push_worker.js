// Keeps the frame of the officer's pages, without anybody's data: what is his lies sealed in IndexedDB.
"use strict";

const CACHE = "hub-field-@version";
const SHELL = "{% url 'push_offline' %}";
const FILES = [{% for file in files %}"{{ file|escapejs }}", {% endfor %}];
const PATIENCE = 8000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([SHELL, ...FILES])));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("hub-field-") && name !== CACHE);
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(old(names).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

const late = () => new Promise((_, reject) => { setTimeout(reject, PATIENCE); });

const page = async (request) => {
  try {
    const answer = await Promise.race([fetch(request), late()]);
    if (![502, 503, 504].includes(answer.status)) return answer;
  } catch { /* no network, or none worth the name */ }
  return (await caches.match(SHELL)) || Response.error();
};

const file = (request) => fetch(request).catch(async () => (await caches.match(request)) || Response.error());

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (FILES.includes(new URL(request.url).pathname)) event.respondWith(file(request));
});

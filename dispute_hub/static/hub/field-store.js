// What an officer's phone keeps while the network is gone: his open cards and what he did, sealed with
// AES-GCM. The key comes from the server for his post and lives in the tab's session storage only; a phone
// that was found holds sealed bytes.
(() => {
  "use strict";

  const NAME = "hub-field";
  const KEY = "hub-field-key";
  const HOUR = 3600 * 1000;
  // A session lasts twelve hours; what waits to be sent may be a report, which has a day.
  const CARDS_WITHIN = 12 * HOUR;
  const SENT_WITHIN = 24 * HOUR;
  // What another post left here waits for its log-in so long; then its contents go and the line stays.
  const OTHERS_WITHIN = 7 * 24 * HOUR;
  const able = window.isSecureContext && "indexedDB" in window && Boolean(window.crypto?.subtle);

  let opening = null;
  const opened = () => {
    opening = opening || new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("items", { keyPath: "id", autoIncrement: true });
        request.result.createObjectStore("cards", { keyPath: "push" });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opening;
  };

  const run = async (store, mode, act) => {
    const database = await opened();
    return new Promise((resolve, reject) => {
      const change = database.transaction(store, mode, { durability: "strict" });
      const request = act(change.objectStore(store));
      change.oncomplete = () => resolve(request.result);
      change.onabort = () => reject(change.error);
    });
  };

  // The key ------------------------------------------------------------------------------------------------
  const told = () => {
    try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; }
  };
  const owner = () => told()?.owner || "";
  const lend = ({ owner: whose, key }) => sessionStorage.setItem(KEY, JSON.stringify({ owner: whose, key }));

  const cipherKey = () => {
    const raw = Uint8Array.from(atob(told().key), (letter) => letter.charCodeAt(0));
    return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  };
  const bound = () => new TextEncoder().encode(owner());

  const seal = async (thing) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(thing));
    const way = { name: "AES-GCM", iv, additionalData: bound() };
    return { iv, sealed: await crypto.subtle.encrypt(way, await cipherKey(), plain) };
  };
  const unseal = async ({ iv, sealed }) => {
    const way = { name: "AES-GCM", iv, additionalData: bound() };
    const plain = await crypto.subtle.decrypt(way, await cipherKey(), sealed);
    return JSON.parse(new TextDecoder().decode(plain));
  };

  // What was done, in order --------------------------------------------------------------------------------
  const put = async (thing) => {
    const row = { owner: owner(), at: Date.now(), state: "waits", ...await seal(thing) };
    return run("items", "readwrite", (store) => store.add(row));
  };
  // Sealed for who wrote it or not at all: another post may have been lent this tab meanwhile.
  const mark = async (item, state, why) => {
    const sealed = await seal({ ...item.thing, why });
    if (item.owner !== owner()) return undefined;
    const row = { id: item.id, owner: item.owner, at: item.at, state, ...sealed };
    return run("items", "readwrite", (store) => store.put(row));
  };
  const drop = (id) => run("items", "readwrite", (store) => store.delete(id));
  const rows = () => run("items", "readonly", (store) => store.getAll());

  const items = async () => {
    const mine = (await rows()).filter((row) => row.owner === owner());
    return Promise.all(mine.map(async (row) => ({
      id: row.id, owner: row.owner, at: row.at, state: row.state,
      thing: row.sealed ? await unseal(row) : { word: "一项办理", body: "" },
    })));
  };
  const isOverdue = (item) => Date.now() - item.at > SENT_WITHIN;
  const others = async () => (
    (await rows()).filter((row) => row.owner !== owner() && row.state === "waits").length);

  // Open cards ---------------------------------------------------------------------------------------------
  const keepCards = async (cards) => {
    const sealed = await Promise.all(cards.map(async ({ push, title, html }) => (
      { push, owner: owner(), at: Date.now(), ...await seal({ title, html }) })));
    return run("cards", "readwrite", (store) => {
      store.clear();
      sealed.forEach((row) => store.put(row));
      return store.count();
    });
  };
  const cards = async () => {
    const kept = await run("cards", "readonly", (store) => store.getAll());
    const mine = kept.filter((row) => row.owner === owner());
    return Promise.all(mine.map(async (row) => ({ push: row.push, at: row.at, ...await unseal(row) })));
  };

  // The end of the shift, the log-out ----------------------------------------------------------------------
  const prune = async () => {
    const now = Date.now();
    const left = (await rows()).filter((row) => (
      row.owner !== owner() && row.sealed && now - row.at > OTHERS_WITHIN));
    await Promise.all(left.map(({ id, owner: whose, at }) => (
      run("items", "readwrite", (store) => store.put({ id, owner: whose, at, state: "expired" })))));
    const kept = await run("cards", "readonly", (store) => store.getAll());
    const stale = kept.filter((row) => now - row.at > CARDS_WITHIN || (owner() && row.owner !== owner()));
    await Promise.all(stale.map((row) => run("cards", "readwrite", (store) => store.delete(row.push))));
  };
  const wipe = async () => {
    sessionStorage.removeItem(KEY);
    await run("cards", "readwrite", (store) => store.clear());
    await run("items", "readwrite", (store) => store.clear());
  };

  window.hubFieldStore = {
    able, owner, lend, put, mark, drop, items, isOverdue, others, keepCards, cards, prune, wipe,
  };
})();

// The service worker of the stock pages: without a connection its own page stands in for the one that
// was asked for. It keeps that page and what it is made of, and nothing of anybody's. `self.setup` (the
// page, its files, a version) comes with the address that it is loaded from.
const PREFIX = "retailvision-stock-";
const CACHE = PREFIX + self.setup.version;
const ASSETS = new Set(self.setup.assets.map((asset) => new URL(asset, self.location).href));

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(self.setup.assets.map((asset) => new Request(asset, { cache: "no-cache" })));
  await cache.add(new Request(self.setup.page, { cache: "no-cache" }));
  await self.skipWaiting();
}

async function clean() {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function orKept(request, kept) {
  try {
    return await fetch(request);
  } catch (error) {
    const cache = await caches.open(CACHE);
    const found = await cache.match(kept);
    if (!found) throw error;
    return found;
  }
}

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(clean()));
// A page that was on its way while this one took over belongs to nobody until it asks.
self.addEventListener("message", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = request.url.split("#")[0]; // an icon is a part of its file
  if (request.mode === "navigate") event.respondWith(orKept(request, self.setup.page));
  else if (ASSETS.has(url)) event.respondWith(orKept(request, url));
});

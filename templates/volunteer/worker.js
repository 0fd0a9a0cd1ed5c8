// Answers a reload without a connection with a page that waits for it, kept when the visit began. Nothing else
// passes through here: no answer, no picture, no clip, and no page of the visit is kept.

const { name, prefix, page, files } = {{ kept }};
const known = new Set([page, ...files]);

async function keep() {
  const kept = await caches.open(name);
  await kept.addAll([...known].map((path) => new Request(path, { cache: "reload" })));
}

async function forgetOlder() {
  const names = await caches.keys();
  await Promise.all(names.filter((other) => other.startsWith(prefix) && other !== name).map((other) => caches.delete(other)));
}

async function fromHere(path) {
  const kept = await caches.open(name);
  return (await kept.match(path)) ?? Response.error();
}

addEventListener("install", (event) => {
  skipWaiting(); // it knows one page alone: a newer one is at odds with no open tab
  event.waitUntil(keep());
});
addEventListener("activate", (event) => event.waitUntil(forgetOlder()));
addEventListener("fetch", (event) => {
  const { pathname, search } = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => fromHere(page)));
  else if (known.has(pathname + search)) event.respondWith(fetch(event.request).catch(() => fromHere(pathname + search)));
});

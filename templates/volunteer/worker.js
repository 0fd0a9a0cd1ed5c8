// Answers a reload without a connection with a page that waits for it, which the visit's pages keep (standby.js).
// Nothing else passes through here: no answer, no picture, no clip, and no page of the visit is kept.

const scope = new URL(".", location.href).pathname;
const page = `${scope}offline/`;

async function fromHere(wanted) {
  const kept = await caches.open(scope);
  return (await kept.match(wanted)) ?? Response.error();
}

addEventListener("install", () => skipWaiting()); // it knows one page alone: a newer one is at odds with no open tab
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => fromHere(page)));
  else if (["script", "style"].includes(request.destination)) event.respondWith(fetch(request).catch(() => fromHere(request)));
});

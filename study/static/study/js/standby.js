// While a visit lasts, a worker of this study stands by with a page for a reload without a connection; at the end of
// the visit it goes, with what is kept. A browser without workers, or a site without https, has none.

// worker: the worker's address, whose folder it answers for; kept: the addresses of the page and of its files.
export async function standBy({ worker, kept, over }) {
  if (!worker || !navigator.serviceWorker) return;
  const scope = new URL(".", new URL(worker, location.href));
  try {
    if (over !== undefined) return await dismiss(scope);
    await navigator.serviceWorker.register(worker, { scope: scope.pathname, updateViaCache: "all" });
    await keep(scope, kept.split(" "));
  } catch {
    // A private window that allows no worker, or no connection any more: a reload then ends on the browser's own page.
  }
}

// In the language of the page that is open now; whatever an older version of the site needed goes.
async function keep(scope, [page, ...files]) {
  const cache = await caches.open(scope.pathname);
  await cache.addAll(files);
  const answer = await fetch(page, { credentials: "same-origin" });
  if (!answer.ok) return;
  const place = new URL("offline/", scope);
  await cache.put(place, answer);
  const needed = [place, ...files].map((address) => new URL(address, scope).href);
  const outdated = (await cache.keys()).filter(({ url }) => !needed.includes(url));
  await Promise.all(outdated.map((request) => cache.delete(request)));
}

async function dismiss(scope) {
  const found = await navigator.serviceWorker.getRegistration(scope.href);
  if (found?.scope === scope.href) await found.unregister();
  await caches.delete(scope.pathname);
}

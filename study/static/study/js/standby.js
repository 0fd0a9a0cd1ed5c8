// While a visit lasts, a worker of this study stands by with a page for a reload without a connection; at the end of
// the visit it goes, with what it kept. A browser without workers, or a site without https, has none.

export async function standBy({ worker, over }) {
  if (!worker || !navigator.serviceWorker) return;
  const scope = new URL(".", new URL(worker, location.href));
  try {
    if (over === undefined) await navigator.serviceWorker.register(worker, { scope: scope.pathname, updateViaCache: "all" });
    else await dismiss(scope);
  } catch {
    // A private window that allows no worker: a reload without a connection then ends on the browser's own page.
  }
}

async function dismiss(scope) {
  const found = await navigator.serviceWorker.getRegistration(scope.href);
  if (found?.scope === scope.href) await found.unregister();
  const names = (await caches.keys()).filter((name) => name.startsWith(`${scope.pathname} `));
  await Promise.all(names.map((name) => caches.delete(name)));
}

// Somebody has withdrawn: what this browser still kept of that visit, sent or not, is forgotten too.

import { Keeping } from "./keeping.js";

const { box } = document.body.dataset;
if (/^[0-9a-f]{16}$/.test(box ?? "")) {
  const keeping = new Keeping(box);
  for (const entry of await keeping.all()) await keeping.remove(entry.presentation);
}

// Clips, fetched whole: tried again when the network stumbles, and taken for clips only when they are sound.

const RETRY_WAITS_MS = [0, 700, 2000];
const PATIENCE_MS = 30000; // for one try: a clip has some 130 kB
const blobs = new Map(); // clip address -> Promise of an object URL
const ready = new Map(); // clip address -> object URL, once it is here

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function fetchBlob(url) {
  for (const pause of RETRY_WAITS_MS) {
    await wait(pause);
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), PATIENCE_MS);
    try {
      const answer = await fetch(url, { credentials: "same-origin", signal: controller.signal });
      const blob = answer.ok ? await answer.blob() : null;
      if (blob?.type.startsWith("audio/")) return blob; // not the sign-in page of a train's network
    } catch {
      // The network dropped or is too slow: the next round tries again.
    } finally {
      clearTimeout(timer);
    }
  }
  throw new Error("The clip did not load.");
}

// The clip as an object URL, fetched whole once: the only preload that every phone honours.
export function loadClip(url) {
  if (!blobs.has(url)) {
    const promise = fetchBlob(url).then((blob) => {
      ready.set(url, URL.createObjectURL(blob));
      return ready.get(url);
    });
    promise.catch(() => blobs.delete(url));
    blobs.set(url, promise);
  }
  return blobs.get(url);
}

// Forget a clip: it is not needed any more, or what came is no sound.
export function dropClip(url) {
  URL.revokeObjectURL(ready.get(url));
  ready.delete(url);
  blobs.delete(url);
}

// The clip's object URL, once it is here.
export const readyClip = (url) => ready.get(url);

// The page in place of one that could not be loaded: asks for it again and again, and loads it once the server answers.

const PAUSE_MS = 3000;

async function answers() {
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", credentials: "same-origin" }).catch(() => null);
  return answer !== null && answer.status < 500;
}

async function look() {
  if (await answers()) location.reload();
}

document.querySelector("h1").focus({ preventScroll: true });
if (location.pathname !== document.body.dataset.ownPath) {
  addEventListener("online", look);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
  setInterval(look, PAUSE_MS);
}

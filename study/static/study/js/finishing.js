// The end comes only when the server has counted every answer: it is asked, not assumed.

const PAUSE_MS = 3000;

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

function emptied(outbox) {
  if (!outbox.waiting) return Promise.resolve();
  return new Promise((done) => {
    const look = () => {
      if (outbox.waiting) return;
      outbox.removeEventListener("state", look);
      done();
    };
    outbox.addEventListener("state", look);
  });
}

// The step where the visit stands; "gone" for a visit that was deleted.
async function stepAt(url) {
  const answer = await fetch(url, { credentials: "same-origin", cache: "no-store" });
  const told = await answer.json();
  return told.step ?? (answer.status === 404 && told.error ? "gone" : "");
}

// Says on the server that all is answered. The answer leads on; where to is asked anew, so that no connection
// that breaks here leaves the volunteer on a page that cannot be loaded again.
function send(form) {
  const body = new URLSearchParams(new FormData(form));
  return fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
}

// Resolves when the page should be left: "reload" where the server lacks an answer, "onward" where all are in,
// "resume" where this browser has forgotten whose visit it is.
export async function counted(outbox, url, form) {
  for (;;) {
    await emptied(outbox);
    try {
      const step = await stepAt(url);
      if (step === "trial") return "reload";
      if (step === "finish" && (await send(form)).status === 403) return "resume";
      if (step) return "onward";
    } catch {
      // No network: the answers are safe, the end can wait.
    }
    await wait(PAUSE_MS);
  }
}

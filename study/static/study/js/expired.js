// The visit's time is over; answers that were given in time and waited on this device are still sent.

import { Outbox } from "./outbox.js";
import { SaveState } from "./save_state.js";
import "./visit.js";

const data = JSON.parse(document.getElementById("visit-data").textContent);
const line = document.getElementById("save-state");
const saveState = new SaveState(line);
const outbox = await Outbox.open(data.box, data.answers_url);

// An answer that was on its way while the server made this page is stored, but not counted on it.
async function countedSince() {
  const answer = await fetch(data.state_url, { credentials: "same-origin", cache: "no-store" });
  const { answered = 0 } = await answer.json();
  return answered > data.answered;
}

function sendWaiting() {
  let stored = false;
  line.hidden = false;
  outbox.addEventListener("stored", () => { stored = true; });
  outbox.addEventListener("refused", () => outbox.drop());
  outbox.addEventListener("state", ({ detail }) => {
    saveState.show(detail);
    line.hidden = !stored && !detail.waiting; // refused, every one: nothing to be called saved
    if (stored && !detail.waiting) location.reload(); // the page then says how many answers there are
  });
  outbox.flush();
}

document.querySelector("h1").focus({ preventScroll: true });
if (outbox.waiting) sendWaiting();
else if (await countedSince().catch(() => false)) location.reload();

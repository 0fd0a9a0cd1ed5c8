// Answers wait here until the server has them: stored on the device first, then sent, then sent again.
// The server knows each answer by its client id, so sending twice is safe.

import { newId } from "./ids.js";
import { Keeping } from "./keeping.js";
import { LANGUAGE } from "./words.js";

const SHORTEST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;
const TIMEOUT_MS = 15000;
const MOST_KEPT_ALIVE = 30000; // bytes that a browser goes on sending when its page is left

// Twice as long after each failure, and never in step with everybody else who lost the same connection.
function pauseAfter(failures, asked_ms) {
  const longest = Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** failures);
  return Math.max(asked_ms, longest * (0.5 + Math.random() / 2));
}

// AbortSignal.timeout is younger than many phones.
function patience() {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), TIMEOUT_MS);
  return controller.signal;
}

const ask = (url, options) => fetch(url, { credentials: "same-origin", redirect: "error", ...options });

export class Outbox extends EventTarget {
  // name: one outbox per visit; url: where the server takes its answers.
  static async open(name, url) {
    const outbox = new Outbox(name, url);
    outbox.entries = await outbox.keeping.all();
    outbox.entries.forEach((entry) => { entry.kept = true; });
    return outbox;
  }

  constructor(name, url) {
    super();
    this.url = url;
    this.keeping = new Keeping(name);
    this.entries = [];
    this.failures = 0;
    this.lost = false; // the server refused an answer of this page
    this.asked_ms = 0; // how long the server wants to be left alone
    this.#listen(name);
  }

  #listen(name) {
    addEventListener("online", () => this.flush());
    addEventListener("offline", () => this.#announce());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.flush());
    addEventListener("beforeunload", (event) => this.unkept && event.preventDefault());
    if (!window.BroadcastChannel) return;
    this.tabs = new BroadcastChannel(`earsight-${name}`);
    this.tabs.onmessage = ({ data }) => this.dispatchEvent(new CustomEvent("elsewhere", { detail: data }));
  }

  // Whether the page is the only place of an answer.
  get unkept() {
    return this.entries.some((entry) => entry.kept === false && !entry.refused);
  }

  get waiting() {
    return this.entries.length;
  }

  get(presentation) {
    return this.entries.find((entry) => entry.presentation === presentation);
  }

  // Keeps the answer, unless this presentation has one already: the first answer wins.
  async put(answer) {
    if (this.get(answer.presentation)) return;
    const entry = { ...answer, client_id: newId(), at: Date.now() };
    this.entries.push(entry);
    this.#announce();
    const first = await this.keeping.add(entry); // another tab's, perhaps, which this one has not heard of
    Object.assign(entry, first, { kept: Boolean(first) });
    this.tabs?.postMessage({ presentation: entry.presentation });
    await this.flush();
  }

  // Forgets the answers that the server refused.
  async drop() {
    const refused = this.entries.filter((entry) => entry.refused);
    this.entries = this.entries.filter((entry) => !entry.refused);
    await Promise.all(refused.map((entry) => this.keeping.remove(entry.presentation)));
  }

  // Sends what is waiting, oldest first; resolves when nothing more can be sent now.
  async flush() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    const open = () => this.entries.find((entry) => entry.kept !== undefined && !entry.refused);
    for (let entry = open(); entry && (await this.#send(entry)); entry = open());
    this.sending = false;
    this.#announce();
    if (open()) this.timer = setTimeout(() => this.flush(), pauseAfter(this.failures, this.asked_ms));
  }

  // True: the next one can be tried.
  async #send({ at, box, kept, ...answer }) {
    const entry = this.get(answer.presentation);
    const body = JSON.stringify({ ...answer, waited_ms: Math.max(0, Date.now() - (at ?? Date.now())) });
    const headers = { "Content-Type": "application/json", ...LANGUAGE };
    try {
      const reply = await ask(this.url, { method: "POST", headers, body, keepalive: body.length < MOST_KEPT_ALIVE, signal: patience() });
      this.asked_ms = 1000 * (Number(reply.headers.get("Retry-After")) || 0);
      return await this.#read(entry, reply, await reply.json());
    } catch {
      // No network, too slow, or somebody else's page, such as the sign-in of a train's network: kept.
    }
    this.failures += 1;
    return false;
  }

  // Only a receipt that names this very answer is the server's word that it is stored.
  async #read(entry, reply, told) {
    if (reply.ok && told.client_id === entry.client_id && told.presentation === entry.presentation) {
      await this.#done(entry, told);
      return true;
    }
    if (!told.error || reply.status === 429 || reply.status >= 500) throw new Error("later");
    entry.refused = true;
    this.lost = true;
    this.dispatchEvent(new CustomEvent("refused", { detail: told }));
    return true;
  }

  async #done(entry, receipt) {
    await this.keeping.remove(entry.presentation);
    this.entries = this.entries.filter((other) => other !== entry);
    this.failures = 0;
    this.dispatchEvent(new CustomEvent("stored", { detail: receipt }));
  }

  get state() {
    if (this.lost) return "refused";
    if (!this.waiting) return "saved";
    if (this.unkept) return "unkept";
    return this.failures || !navigator.onLine ? "offline" : "saving";
  }

  #announce() {
    this.dispatchEvent(new CustomEvent("state", { detail: { state: this.state, waiting: this.waiting } }));
  }
}

// Answers wait here until the server has them: stored on the device first, then sent, then sent again.
// The server knows each answer by its client id, so sending twice is safe.

import { newId } from "./ids.js";

const WAITS_MS = [1000, 2000, 4000, 8000, 15000, 30000];
const TIMEOUT_MS = 15000;

export class Outbox extends EventTarget {
  // name: one outbox per study; post: async (entry) => Response.
  constructor(name, post) {
    super();
    this.key = `earsight-outbox-${name}`;
    this.post = post;
    this.memory = this.#read();
    this.failures = 0;
    this.sending = false;
    addEventListener("online", () => this.flush());
    addEventListener("offline", () => this.#announce());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.flush());
  }

  get waiting() {
    return this.memory.length;
  }

  get(presentation) {
    return this.memory.find((entry) => entry.presentation === presentation);
  }

  // Keeps the answer, unless this presentation has one already: the first answer wins.
  put(entry) {
    if (this.get(entry.presentation)) return;
    this.memory.push({ ...entry, client_id: newId() });
    this.#write();
    this.#announce();
    this.flush();
  }

  // Sends what is waiting, oldest first; resolves when nothing more can be sent now.
  async flush() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    while (this.memory.length && (await this.#sendFirst()));
    this.sending = false;
    this.#announce();
    if (this.memory.length && !this.refusal) this.#later();
  }

  async #sendFirst() {
    const entry = this.memory[0];
    try {
      const answer = await this.post(entry, AbortSignal.timeout(TIMEOUT_MS));
      if (answer.ok) return this.#done(entry);
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return this.#refused(answer);
    } catch {
      // No network, or too slow: kept and tried again.
    }
    this.failures += 1;
    return false;
  }

  #done(entry) {
    this.memory = this.memory.filter((other) => other.client_id !== entry.client_id);
    this.failures = 0;
    this.refusal = "";
    this.#write();
    this.#announce();
    return true;
  }

  async #refused(answer) {
    const body = await answer.json().catch(() => ({}));
    this.refusal = body.detail || "The server did not take this answer. Reload the page and try again.";
    return false;
  }

  #later() {
    const pause = WAITS_MS[Math.min(this.failures, WAITS_MS.length - 1)];
    this.timer = setTimeout(() => this.flush(), pause);
  }

  #announce() {
    const state = this.refusal ? "refused" : !this.memory.length ? "saved" : this.failures || !navigator.onLine ? "offline" : "saving";
    this.dispatchEvent(new CustomEvent("state", { detail: { state, waiting: this.waiting, refusal: this.refusal } }));
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.key)) ?? [];
    } catch {
      return [];
    }
  }

  #write() {
    try {
      if (this.memory.length) localStorage.setItem(this.key, JSON.stringify(this.memory));
      else localStorage.removeItem(this.key);
    } catch {
      // Storage is full or forbidden: the answers stay in this page's memory and are still sent.
    }
  }
}

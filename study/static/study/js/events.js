// Tells the server what happened on the page (plays, pauses, errors, hidden): in small batches, idempotent by id.

import { newId } from "./ids.js";

const BATCH_MS = 4000;
const LARGEST_BATCH = 50;
const MOST_CARRIED = 100;
const PLAYS = ["play", "pause", "ended", "error"];

export class EventLog {
  constructor(url) {
    this.url = url;
    this.waiting = [];
    this.sent = []; // under way: the server has not said yet that it has them
    this.refused = []; // it did not take them; an answer may still need them
    this.presentation = null;
    this.since = performance.now();
    document.addEventListener("visibilitychange", () => {
      this.add(document.visibilityState === "hidden" ? "hidden" : "visible");
      if (document.visibilityState === "hidden") this.send();
    });
    addEventListener("offline", () => this.add("offline"));
    addEventListener("online", () => this.add("reconnected") ?? this.send());
    addEventListener("pagehide", () => this.send());
  }

  // Events from now on belong to this presentation; its clock starts at nought.
  show(presentation) {
    this.presentation = presentation;
    this.since = performance.now();
    this.add("shown");
  }

  get elapsed() {
    return Math.round(performance.now() - this.since);
  }

  // mark: names, at the beginning of the event's id, a sound that no presentation stands for.
  add(kind, seconds = null, mark = "") {
    const rounded = seconds === null ? null : Math.round(seconds * 1000) / 1000;
    const client_id = mark ? `${mark}-${newId()}` : newId();
    this.waiting.push({ client_id, presentation: this.presentation ?? "", kind, client_ms: this.elapsed, seconds: rounded });
    this.timer ??= setTimeout(() => this.send(), BATCH_MS);
  }

  // Follows a Player's plays; an end and an error are told at once.
  follow(player) {
    player.addEventListener("heard", ({ detail }) => {
      if (!PLAYS.includes(detail.kind)) return;
      this.add(detail.kind, detail.seconds, player.root.dataset.mark);
      if (detail.kind === "error" || detail.kind === "ended") this.send();
    });
  }

  // What the server may not know yet of a presentation: the answer carries it along.
  unknown(presentation) {
    return [...this.refused, ...this.sent, ...this.waiting].filter((event) => event.presentation === presentation).slice(-MOST_CARRIED);
  }

  async send() {
    clearTimeout(this.timer);
    this.timer = null;
    const batch = this.waiting.splice(0, LARGEST_BATCH);
    if (!batch.length) return;
    this.sent.push(...batch);
    const body = JSON.stringify({ events: batch });
    const headers = { "Content-Type": "application/json" };
    try {
      const answer = await fetch(this.url, { method: "POST", body, headers, keepalive: true, credentials: "same-origin" });
      if (answer.status >= 500 || answer.status === 429) throw new Error("later");
      await answer.json(); // the sign-in page of a train's network is no word of our server
      if (!answer.ok) this.refused.push(...batch);
    } catch {
      this.waiting.unshift(...batch);
      this.timer ??= setTimeout(() => this.send(), 4 * BATCH_MS);
    }
    this.sent = this.sent.filter((event) => !batch.includes(event));
  }
}

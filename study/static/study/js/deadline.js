// Warns before the visit's time is over and asks for more, without leaving the page.

import { LANGUAGE, say } from "./words.js";

const LOOK_MS = 5000; // a device that slept has missed its timers, but not its clock

class Deadline {
  constructor(box) {
    this.box = box;
    this.line = box.querySelector("[data-when]");
    this.form = box.querySelector("form");
    this.end(Number(box.dataset.seconds));
    this.form?.addEventListener("submit", (event) => this.#extend(event));
    setInterval(() => this.#look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => this.#look());
    this.#look();
  }

  end(seconds) {
    this.at = Date.now() + 1000 * seconds;
    this.warned = false;
    this.over = false;
  }

  #look() {
    const left = this.at - Date.now();
    if (left <= 0 && !this.over) this.#say(say("over"), { over: true });
    else if (left > 0 && left <= 1000 * this.box.dataset.warning && !this.warned) this.#warn();
  }

  #warn() {
    this.warned = true;
    const time = new Date(this.at).toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
    this.#say(say("ends_at", { time }));
  }

  #say(words, { over = false } = {}) {
    this.over = over;
    this.box.hidden = false;
    this.line.textContent = words;
    if (this.form) this.form.hidden = over;
  }

  async #extend(event) {
    event.preventDefault();
    const told = await this.#ask();
    if (!told) {
      this.line.textContent = say("no_time_yet");
      return;
    }
    if (told.error) {
      this.form.submit(); // the plain way says what is wrong
      return;
    }
    this.end(told.seconds);
    this.line.textContent = say("more_time");
    this.form.hidden = true;
    this.box.focus();
  }

  // The server's word; null without a connection, or where a server in trouble or somebody else's page answers.
  async #ask() {
    try {
      const answer = await fetch(this.box.dataset.extendUrl, { method: "POST", headers: LANGUAGE, credentials: "same-origin" });
      const told = await answer.json();
      return answer.ok || (told.error && answer.status < 500) ? told : null;
    } catch {
      return null;
    }
  }
}

export function wireDeadline() {
  const box = document.getElementById("deadline");
  if (box) new Deadline(box);
}

// The trials: answers go through the outbox, the next trial appears at once, its media are already here.
// Without this file every trial is a plain form; both ways meet in the same rows.

import { EventLog } from "./events.js";
import { Outbox } from "./outbox.js";
import { Player, loadClip, wireVolume } from "./sound.js";
import { LANGUAGE, say } from "./words.js";

const AHEAD = 4; // trials whose clip and images are fetched in advance
const PATIENCE_MS = 500;

const data = JSON.parse(document.getElementById("trial-data").textContent);
const page = {
  form: document.getElementById("trial-form"),
  heading: document.querySelector("h1"),
  steps: document.querySelectorAll("[data-steps] > *"),
  images: [...document.querySelectorAll("[data-option] img")],
  radios: [...document.querySelectorAll("[data-option] input")],
  error: document.getElementById("choice-error"),
  state: document.getElementById("save-state"),
  finishing: document.getElementById("finishing"),
  refused: document.getElementById("refused"),
  finish: document.getElementById("finish-form"),
};

const log = new EventLog(data.events_url);
const player = new Player(document.querySelector("[data-player]"));
const outbox = new Outbox(data.box, sendAnswer);
const images = new Map(); // image address -> Promise of an object URL
let current = null;
let stateTimer;

function sendAnswer(entry, signal) {
  const headers = { "Content-Type": "application/json", ...LANGUAGE };
  const body = JSON.stringify(entry);
  return fetch(data.answers_url, { method: "POST", headers, body, signal, keepalive: true, credentials: "same-origin" });
}

function loadImage(url) {
  if (!images.has(url)) {
    const promise = fetch(url).then(async (answer) => {
      if (!answer.ok) throw new Error("image");
      return URL.createObjectURL(await answer.blob());
    });
    promise.catch(() => images.delete(url));
    images.set(url, promise);
  }
  return images.get(url);
}

async function fetchAhead() {
  const ahead = data.trials.filter((trial) => trial.number >= (current?.number ?? 0) && !outbox.get(trial.presentation));
  for (const trial of ahead.slice(0, AHEAD + 1)) {
    await Promise.allSettled([loadClip(trial.clip), ...trial.images.map(loadImage)]);
  }
}

async function placeImage(img, url) {
  img.src = await loadImage(url).catch(() => url);
}

function setTitle(title, { error = false } = {}) {
  document.title = `${error ? `${say("error")} ` : ""}${title} – ${data.study}`;
}

function show(trial, { moveFocus }) {
  current = trial;
  const title = say("trial", { number: trial.number, total: data.total });
  setTitle(title);
  page.heading.textContent = title;
  page.steps.forEach((step, place) => {
    step.className = place + 1 < trial.number ? "done" : place + 1 === trial.number ? "now" : "";
  });
  page.form.elements.presentation.value = trial.presentation;
  page.radios.forEach((radio) => { radio.checked = false; });
  page.images.forEach((img, place) => placeImage(img, trial.images[place]));
  showError(false);
  player.use(trial.clip);
  log.show(trial.presentation);
  if (moveFocus) {
    scrollTo(0, 0);
    page.heading.focus();
  }
  fetchAhead();
}

function showError(shown) {
  page.error.hidden = !shown;
  page.radios.forEach((radio) => (shown ? radio.setAttribute("aria-invalid", "true") : radio.removeAttribute("aria-invalid")));
  if (!shown) return;
  setTitle(page.heading.textContent, { error: true });
  page.error.focus();
}

const nextOpen = () => data.trials.find((trial) => !outbox.get(trial.presentation) && !data.sent.has(trial.presentation));

function submit(event) {
  event.preventDefault();
  if (!current) return;
  const chosen = page.radios.find((radio) => radio.checked);
  if (!chosen) {
    showError(true);
    return;
  }
  const answered = current;
  current = null;
  player.stop();
  data.sent.add(answered.presentation);
  outbox.put({ presentation: answered.presentation, choice: Number(chosen.value), milliseconds: log.elapsed });
  advance({ moveFocus: true });
}

function advance({ moveFocus }) {
  const trial = nextOpen();
  if (trial) show(trial, { moveFocus });
  else finishWhenSaved(moveFocus);
}

// The end comes only when the server has every answer: the outbox is empty and the form goes the plain way.
function finishWhenSaved(moveFocus) {
  page.form.hidden = true;
  page.finishing.hidden = false;
  page.heading.textContent = say("saving_all");
  setTitle(page.heading.textContent);
  if (moveFocus) page.heading.focus();
  const finish = () => {
    if (outbox.waiting || page.finish.dataset.sent) return;
    page.finish.dataset.sent = "yes";
    log.send();
    page.finish.requestSubmit();
  };
  outbox.addEventListener("state", finish);
  finish();
}

// The study was closed, or the visit is gone: going on would only collect what nobody can keep.
function stopRefused(reason) {
  current = null;
  player.stop();
  page.form.hidden = true;
  page.finishing.hidden = true;
  page.refused.querySelector("[data-reason]").textContent = reason;
  page.refused.hidden = false;
  page.heading.textContent = say("not_saved");
  setTitle(page.heading.textContent, { error: true });
  page.heading.focus();
}

// "Saving…" is said only when it takes a while, or screen readers would hear it twenty times.
function sayState({ detail }) {
  clearTimeout(stateTimer);
  if (detail.state === "refused") stopRefused(detail.refusal);
  stateTimer = setTimeout(() => {
    const words = say(detail.state, { count: detail.waiting });
    page.state.dataset.state = detail.state;
    if (page.state.textContent !== words) page.state.textContent = words;
  }, detail.state === "saving" ? PATIENCE_MS : 0);
}

data.sent = new Set();
page.form.noValidate = true; // our own sentence, in the page's language of colours and for screen readers
page.form.addEventListener("submit", submit);
page.error.querySelector("a").addEventListener("click", (event) => {
  event.preventDefault();
  page.radios[0].focus();
});
page.radios.forEach((radio) => radio.addEventListener("change", () => showError(false)));
addEventListener("online", fetchAhead);
// Back from another page: what this page knew may be old, the server knows better.
addEventListener("pageshow", (event) => event.persisted && location.reload());
outbox.addEventListener("state", sayState);
wireVolume(document.querySelector("[data-volume]"));
log.follow(player);
advance({ moveFocus: true });
outbox.flush();

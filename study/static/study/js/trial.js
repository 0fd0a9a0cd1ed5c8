// The trials: answers go through the outbox, the next trial appears at once, its media are already here.
// Without this file every trial is a plain form; both ways meet in the same rows.

import { EventLog } from "./events.js";
import { counted } from "./finishing.js";
import { Outbox } from "./outbox.js";
import { Pictures, dropPictures, loadPicture } from "./pictures.js";
import { Rest } from "./rest.js";
import { SaveState } from "./save_state.js";
import { wireShortcuts } from "./shortcuts.js";
import { Player, dropClip, loadClip, wireVolume } from "./sound.js";
import "./visit.js";
import { say } from "./words.js";

const AHEAD = 4; // trials whose clip and pictures are fetched in advance
const LONGEST_MS = 24 * 60 * 60 * 1000; // the server takes no longer time to answer: a page may stand open for days
const ENDED = ["SessionEnded", "SessionExpired", "NoSuchSession"]; // this visit takes no answers any more

const data = JSON.parse(document.getElementById("trial-data").textContent);
const page = {
  form: document.getElementById("trial-form"),
  heading: document.querySelector("h1"),
  steps: document.querySelectorAll("[data-steps] > *"),
  descriptions: [...document.querySelectorAll("[data-option] [data-description]")],
  radios: [...document.querySelectorAll("[data-option] input")],
  errors: { choice: document.getElementById("choice-error"), listen: document.getElementById("listen-error") },
  state: document.getElementById("save-state"),
  elsewhere: document.getElementById("elsewhere"),
  finishing: document.getElementById("finishing"),
  refused: document.getElementById("refused"),
  finish: document.getElementById("finish-form"),
  link: document.getElementById("personal-link"),
};

const log = new EventLog(data.events_url);
const player = new Player(document.querySelector("[data-player]"));
const pictures = new Pictures([...document.querySelectorAll("[data-option] img")], document.getElementById("image-problem"));
const rest = new Rest(document.getElementById("rest"), data.rest);
const saveState = new SaveState(page.state);
const outbox = await Outbox.open(data.box, data.answers_url);
const answered = new Set(); // presentations with an answer, here or in another tab
let current = null;

async function fetchAhead() {
  const ahead = data.trials.filter((trial) => trial.number >= (current?.number ?? 0) && isOpen(trial));
  for (const trial of ahead.slice(0, AHEAD + 1)) {
    await Promise.allSettled([loadClip(trial.clip), ...trial.images.map(loadPicture)]);
  }
}

function setTitle(title, { error = false } = {}) {
  page.heading.textContent = title;
  document.title = `${error ? `${say("error")} ` : ""}${title} – ${data.study}`;
}

function show(trial, { moveFocus }) {
  current = trial;
  setTitle(say("trial", { number: trial.number, total: data.total }));
  page.steps.forEach((step, place) => {
    step.className = place + 1 < trial.number ? "done" : place + 1 === trial.number ? "now" : "";
  });
  // The trial that the server sent may have been answered already while this script was on its way.
  if (page.form.elements.presentation.value !== trial.presentation) page.radios.forEach((radio) => { radio.checked = false; });
  page.form.elements.presentation.value = trial.presentation;
  pictures.show(trial.images);
  page.descriptions.forEach((line, place) => { line.textContent = trial.descriptions[place]; });
  showError();
  player.use(trial.clip);
  log.show(trial.presentation);
  if (moveFocus) {
    scrollTo(0, 0);
    page.heading.focus();
  }
  fetchAhead();
}

function markInvalid(radio, isInvalid) {
  if (!isInvalid) ["aria-invalid", "aria-describedby"].forEach((name) => radio.removeAttribute(name));
  else Object.entries({ "aria-invalid": "true", "aria-describedby": page.errors.choice.id }).forEach((pair) => radio.setAttribute(...pair));
}

// name: "choice" or "listen", what is missing; without one all is well.
function showError(name) {
  Object.entries(page.errors).forEach(([other, box]) => { box.hidden = other !== name; });
  page.radios.forEach((radio) => markInvalid(radio, name === "choice"));
  setTitle(page.heading.textContent, { error: Boolean(name) });
  page.errors[name]?.focus();
}

// The server counts too; here it is said before an answer is on its way. A clip that did not load is let pass.
function isHeard(trial) {
  return trial.listens + player.plays >= data.minimum || trial.failed || player.failures > 0;
}

const isOpen = (trial) => !answered.has(trial.presentation) && !outbox.get(trial.presentation);

function submit(event) {
  event.preventDefault();
  if (!current) return;
  const chosen = page.radios.find((radio) => radio.checked);
  if (!chosen) {
    showError("choice");
    return;
  }
  if (!isHeard(current)) {
    showError("listen");
    return;
  }
  page.elsewhere.hidden = true;
  const { presentation } = current;
  const milliseconds = Math.min(log.elapsed, LONGEST_MS);
  player.stop();
  outbox.put({ presentation, choice: Number(chosen.value), milliseconds, events: log.unknown(presentation) });
  leave(current);
}

function leave(trial) {
  current = null;
  player.stop();
  answered.add(trial.presentation);
  dropPictures(trial.images);
  dropClip(trial.clip);
  advance({ moveFocus: true });
}

function advance({ moveFocus }) {
  const trial = data.trials.find(isOpen);
  if (!trial) finish(moveFocus);
  else if (rest.isDue(trial)) pause();
  else show(trial, { moveFocus });
}

async function pause() {
  page.form.hidden = true;
  setTitle(say("rest"));
  page.heading.focus();
  fetchAhead();
  await rest.take();
  page.form.hidden = false;
  advance({ moveFocus: true });
}

async function finish(moveFocus) {
  page.form.hidden = true;
  page.finishing.hidden = false;
  setTitle(say("saving_all"));
  if (moveFocus) page.heading.focus();
  log.send();
  const way = await counted(outbox, data.state_url, page.finish);
  if (way === "reload") location.reload();
  else location.assign(way === "resume" ? page.link.value : page.finish.action);
}

// The study was closed, or this visit has ended: going on would only collect what nobody can keep.
async function stop({ detail: told }) {
  if (ENDED.includes(told.error)) {
    await outbox.drop();
    location.assign(page.finish.action);
    return;
  }
  if (told.error === "NotHeard") { // the log got lost on its way: the trial is open still, and says what is missing
    await outbox.drop();
    location.reload();
    return;
  }
  if (told.error !== "StudyClosed") outbox.drop(); // kept, it would stand in the way at every new try
  current = null;
  player.stop();
  [page.form, page.finishing, rest.section].forEach((part) => { part.hidden = true; });
  page.refused.querySelector("[data-reason]").textContent = told.detail;
  page.refused.hidden = false;
  setTitle(say("not_saved"), { error: true });
  page.heading.focus();
}

// Another tab was quicker: its answer is the first, so this page goes on with the next trial and says why.
function follow({ detail }) {
  answered.add(detail.presentation);
  if (current?.presentation !== detail.presentation) return;
  page.elsewhere.hidden = false;
  leave(current);
}

// Back from another page: what this page knew may be old, the server knows better. But answers that no place on this
// device keeps would go with the page: they are sent first, and while they can't be, it stays.
async function comeBack({ persisted }) {
  if (!persisted) return;
  await outbox.flush();
  if (!outbox.unkept) location.reload();
}

page.form.noValidate = true; // our own sentence, in the page's language of colours and for screen readers
page.form.addEventListener("submit", submit);
function lead(box, target) {
  box.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    target.focus();
  });
}
lead(page.errors.choice, page.radios[0]);
lead(page.errors.listen, player.button);
page.radios.forEach((radio) => radio.addEventListener("change", () => showError()));
player.addEventListener("heard", ({ detail }) => detail.kind === "ended" && !page.errors.listen.hidden && showError());
addEventListener("online", fetchAhead);
addEventListener("pageshow", comeBack);
outbox.addEventListener("state", ({ detail }) => saveState.show(detail));
outbox.addEventListener("refused", stop);
outbox.addEventListener("elsewhere", follow);
wireVolume(document.querySelector("[data-volume]"));
wireShortcuts(document.querySelector("[data-shortcuts]"), {
  p: player.button,
  s: page.form.querySelector("button.onward"),
  ...Object.fromEntries(page.radios.flatMap((radio, place) => [["abcdef"[place], radio], [place + 1, radio]])),
});
log.follow(player);
advance({ moveFocus: true });
outbox.flush();

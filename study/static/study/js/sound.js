// Sound for every page: one clip sounds at a time, failures are said in words, plays are reported.
// The markup works without this file: each [data-player] holds a plain <audio controls>.

import { dropClip, loadClip, readyClip } from "./clips.js";
import { say } from "./words.js";

export { dropClip, loadClip };

const SILENT_MS = 700; // a wait that is not worth a word
const SEEKED_SECONDS = 0.5; // what a player jumps by itself
const VOLUME_KEY = "earsight-volume";
const tabs = window.BroadcastChannel ? new BroadcastChannel("earsight-sound") : null;
let sounding = null; // the Player that is playing now

if (tabs) tabs.onmessage = () => sounding?.pause(); // one clip at a time, in all tabs
addEventListener("pagehide", () => sounding?.stop(), { capture: true }); // before the log is sent for the last time

const ICONS = {
  play: "M8 5.2v13.6a1 1 0 0 0 1.5.86l11-6.8a1 1 0 0 0 0-1.72l-11-6.8A1 1 0 0 0 8 5.2z",
  pause: "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z",
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  path.setAttribute("fill", "currentColor");
  svg.append(path);
  return svg;
}

export function savedVolume() {
  try {
    const value = Number.parseFloat(localStorage.getItem(VOLUME_KEY));
    return value >= 0 && value <= 1 ? value : 1;
  } catch {
    return 1;
  }
}

export class Player extends EventTarget {
  // root: the [data-player] element; data-label names the clip in the button ("Play the music").
  constructor(root) {
    super();
    this.root = root;
    this.audio = root.querySelector("audio");
    this.plays = 0;
    this.failures = 0;
    this.at = 0; // how far this clip has sounded, in seconds
    this.skipped = false; // somebody jumped ahead, with a media key perhaps
    this.use(this.audio.dataset.clip ?? this.audio.getAttribute("src"));
    this.button = this.#makeButton();
    this.#listen();
    this.#show("play");
  }

  // Point the player at another clip; what was heard of the last one no longer counts.
  use(url, label = this.root.dataset.label) {
    this.stop();
    this.url = url;
    this.label = label;
    this.plays = 0;
    this.failures = 0;
    this.audio.removeAttribute("src");
    this.audio.preload = "none";
    this.#problem(false);
    this.#progress(0);
    if (!this.button) return;
    this.#show("play");
    this.#say("fresh");
  }

  async play() {
    if (sounding !== this) sounding?.stop(); // our own pause is gone on from
    sounding = this;
    tabs?.postMessage("playing");
    this.#problem(false);
    this.#loading();
    // Phones let a sound start only inside the tap itself: no waiting before the first try.
    try {
      await this.#start(readyClip(this.url) ?? this.url);
    } catch (error) {
      if (error.name === "AbortError") this.#callOff();
      else await this.#secondTry(error);
    }
  }

  async #secondTry(error) {
    try {
      if (error.name === "NotAllowedError") throw error;
      if (readyClip(this.url)) dropClip(this.url);
      const source = await loadClip(this.url);
      if (sounding === this) await this.#start(source);
    } catch (last) {
      if (last.name === "AbortError") this.#callOff();
      else this.#fail(last);
    }
  }

  // Paused before it was there, by a double click perhaps: the browser tells no pause of what has not sounded.
  #callOff() {
    if (!this.audio.paused || this.root.dataset.state !== "loading") return;
    if (sounding === this) sounding = null; // no second try starts it after all
    this.root.dataset.state = "paused";
    this.#show("play");
    this.#say("paused");
  }

  #start(source) {
    if (this.audio.getAttribute("src") !== source) this.audio.src = source;
    this.audio.volume = savedVolume();
    return this.audio.play();
  }

  pause() {
    this.audio.pause();
    this.#callOff();
  }

  stop() {
    if (sounding === this) sounding = null;
    if (!this.audio.paused && this.audio.currentTime) this.#tell("pause"); // the browser would tell it too late
    this.audio.pause();
    if (this.audio.currentTime) this.audio.currentTime = 0;
    this.#rewind();
    delete this.root.dataset.state;
  }

  #rewind() {
    this.at = 0;
    this.skipped = false;
  }

  #loading() {
    this.root.dataset.state = "loading";
    setTimeout(() => this.root.dataset.state === "loading" && this.#say("loading"), SILENT_MS);
  }

  toggle() {
    return this.audio.paused ? this.play() : this.pause();
  }

  #makeButton() {
    const button = this.root.querySelector("button[data-play]") ?? document.createElement("button");
    button.type = "button";
    button.dataset.play = "";
    if (!button.isConnected) this.audio.before(button);
    button.hidden = false;
    button.classList.add("play");
    this.audio.controls = false;
    this.audio.hidden = true;
    button.addEventListener("click", () => this.toggle());
    this.root.querySelector("[data-try-again]")?.addEventListener("click", () => {
      this.button.focus();
      this.play();
    });
    return button;
  }

  #listen() {
    const audio = this.audio;
    audio.addEventListener("playing", () => this.root.dataset.state === "playing" || this.#enter("playing", "pause")); // again after a stall
    audio.addEventListener("pause", () => audio.ended || !audio.currentTime || this.#enter("paused", "play"));
    audio.addEventListener("ended", () => {
      sounding = sounding === this ? null : sounding;
      if (this.skipped) this.#enter("paused", "play");
      else {
        this.plays += 1;
        this.#enter("ended", "play");
      }
      this.#rewind();
    });
    audio.addEventListener("seeking", () => { this.skipped ||= audio.currentTime > this.at + SEEKED_SECONDS; });
    audio.addEventListener("error", () => this.root.dataset.state === "playing" && this.#fail(audio.error));
    audio.addEventListener("timeupdate", () => {
      if (!audio.seeking) this.at = audio.currentTime;
      this.#progress(audio.currentTime / (audio.duration || Infinity));
    });
  }

  #enter(state, icon_name) {
    this.root.dataset.state = state;
    this.#show(icon_name);
    this.#say(state);
    if (state === "ended") this.#progress(1);
    this.#tell(state === "playing" ? "play" : state === "paused" ? "pause" : "ended");
  }

  #tell(kind) {
    const detail = { kind, url: this.url, seconds: this.audio.currentTime || 0, plays: this.plays };
    this.dispatchEvent(new CustomEvent("heard", { detail }));
  }

  #say(state) {
    const line = this.root.querySelector("[data-player-status]");
    if (!line) return;
    // While it sounds, a screen reader's voice would cover what is to be heard closely.
    const hushed = state === "playing" && "whole" in this.root.dataset;
    line.textContent = hushed ? "" : say(state, { count: this.plays });
  }

  #show(name) {
    const word = document.createElement("span");
    word.className = "play-word";
    word.textContent = say(name);
    this.button.setAttribute("aria-label", say(`${name}_clip`, { clip: this.label }));
    this.button.replaceChildren(icon(name), word);
  }

  #progress(share) {
    const cells = this.root.querySelectorAll("[data-roll] > *");
    cells.forEach((cell, place) => cell.classList.toggle("lit", share > 0 && place < Math.ceil(share * cells.length)));
  }

  #fail(error) {
    const refused = error?.name === "NotAllowedError"; // by the browser, until somebody presses a button
    if (sounding === this) sounding = null;
    if (!refused) this.failures += 1;
    this.root.dataset.state = "failed";
    this.#say("failed");
    this.#problem(true, refused);
    this.#tell(refused ? "refused" : "error");
  }

  #problem(shown, refused = false) {
    const box = this.root.querySelector("[data-player-problem]");
    if (!box) return;
    box.hidden = !shown;
    const line = box.querySelector("[data-problem-text]");
    if (line && shown) line.textContent = refused ? say("held_back") : box.dataset.text;
  }
}

// Every [data-player] on the page, as Players in page order.
export function allPlayers(scope = document) {
  return [...scope.querySelectorAll("[data-player]")].map((root) => new Player(root));
}

// Plays the players one after another until stopped; returns a function that stops.
export function playInTurn(players, onEnd) {
  let place = -1;
  const stop = () => {
    players.forEach((player) => player.removeEventListener("heard", step));
    if (sounding) sounding.stop();
    onEnd();
  };
  const next = () => {
    place += 1;
    if (place >= players.length) return stop();
    if (players[place + 1]) loadClip(players[place + 1].url).catch(() => {});
    return players[place].play();
  };
  function step(event) {
    if (event.target !== players[place]) {
      // A busy machine may tell late that the clip before is playing: only the one that sounds now counts.
      return event.detail.kind === "play" && sounding === event.target ? halt() : undefined;
    }
    if (event.detail.kind === "refused") return stop();
    if (event.detail.kind === "ended" || event.detail.kind === "error") next();
    return undefined;
  }
  // Somebody pressed another clip: leave that one playing and end the round.
  function halt() {
    players.forEach((player) => player.removeEventListener("heard", step));
    onEnd();
  }
  players.forEach((player) => player.addEventListener("heard", step));
  next();
  return stop;
}

// A volume slider: remembered on this device, hidden where the system alone decides (iPhones).
export function wireVolume(box) {
  if (!box) return;
  const probe = document.createElement("audio");
  probe.volume = 0.5;
  if (probe.volume !== 0.5) return;
  const slider = box.querySelector("input");
  slider.value = String(Math.round(savedVolume() * 100));
  box.hidden = false;
  slider.addEventListener("input", () => {
    const volume = Number(slider.value) / 100;
    document.querySelectorAll("audio").forEach((audio) => { audio.volume = volume; });
    try {
      localStorage.setItem(VOLUME_KEY, String(volume));
    } catch {
      // A full or forbidden storage only means that the next page starts loud again.
    }
  });
}

// Where answers lie on this device until the server has them: in IndexedDB; where a browser refuses that, in
// localStorage; where it refuses both (or the disk is full), in this page alone, which `add` then says.

const DATABASE = "earsight";
const STORE = "answers";
const PATIENCE_MS = 3000; // some browsers neither grant nor refuse, for ever

function openDatabase() {
  return new Promise((done, refuse) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: ["box", "presentation"] });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => refuse(asked.error);
  });
}

class Database {
  constructor(box) {
    this.box = box;
    this.silent = false;
  }

  // Gives up a database that does not answer, and from then on at once.
  async #within(mode, act) {
    if (this.silent) throw new Error("The storage does not answer.");
    const silence = new Promise((_, refuse) => {
      setTimeout(() => refuse(new DOMException("The storage does not answer.", "TimeoutError")), PATIENCE_MS);
    });
    try {
      return await Promise.race([this.#transact(mode, act), silence]);
    } catch (error) {
      this.opened = null; // phones close databases behind a page's back: the next time opens it anew
      this.silent = error.name === "TimeoutError";
      throw error;
    }
  }

  // Resolves with what `act` asked for, once the transaction is on the disk.
  async #transact(mode, act) {
    this.opened ??= openDatabase();
    const database = await this.opened;
    return new Promise((done, refuse) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = () => refuse(transaction.error ?? new Error("The storage gave up."));
    });
  }

  all() {
    return this.#within("readonly", (store) => store.getAll(IDBKeyRange.bound([this.box], [this.box, []])));
  }

  // The first answer stays: another tab may have been quicker. Resolves with that one, if there is one.
  add(entry) {
    const put = (store) => {
      const asked = store.get([this.box, entry.presentation]);
      asked.onsuccess = () => asked.result || store.add({ ...entry, box: this.box });
      return asked;
    };
    return this.#within("readwrite", put);
  }

  remove(presentation) {
    return this.#within("readwrite", (store) => store.delete([this.box, presentation]));
  }
}

class SmallStorage {
  constructor(box) {
    this.key = `earsight-outbox-${box}`;
  }

  #read() {
    return JSON.parse(localStorage.getItem(this.key)) ?? [];
  }

  async all() {
    return this.#read();
  }

  // As in the database. Nothing is waited for between reading and writing: no other tab comes between.
  async add(entry) {
    const entries = this.#read();
    const first = entries.find((other) => other.presentation === entry.presentation);
    if (!first) localStorage.setItem(this.key, JSON.stringify([...entries, entry]));
    return first;
  }

  async remove(presentation) {
    const rest = this.#read().filter((entry) => entry.presentation !== presentation);
    if (rest.length) localStorage.setItem(this.key, JSON.stringify(rest));
    else localStorage.removeItem(this.key);
  }
}

export class Keeping {
  // box: the name of one visit's answers.
  constructor(box) {
    this.places = [new Database(box), new SmallStorage(box)];
  }

  // The first answer to every presentation that waits in any place, oldest first.
  async all() {
    const found = await Promise.all(this.places.map((place) => place.all().catch(() => [])));
    const oldest = found.flat().sort((one, other) => (one.at ?? 0) - (other.at ?? 0));
    const isFirst = (entry, place) => oldest.findIndex(({ presentation }) => presentation === entry.presentation) === place;
    return oldest.filter(isFirst);
  }

  // Resolves with the answer that will outlive this page, this one or an earlier one of another tab; null for none.
  async add(entry) {
    for (const place of this.places) {
      try {
        return (await place.add(entry)) ?? entry;
      } catch {
        // Refused, full or silent: the next place.
      }
    }
    return null;
  }

  async remove(presentation) {
    await Promise.all(this.places.map((place) => place.remove(presentation).catch(() => {})));
  }
}

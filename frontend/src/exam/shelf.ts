/** Where the journal lies: IndexedDB, and when that fails memory with a copy in localStorage. Nothing here knows answers. */
import { wrap, type IDBPDatabase } from "idb";

export const STORES = ["lines", "answers", "chains", "notes"] as const;
export type StoreName = (typeof STORES)[number];

/** Reads and writes inside one all-or-nothing step. Keys are strings, so that order and prefixes mean something. */
export interface Step {
  get<T>(store: StoreName, key: string): Promise<T | undefined>;
  /** Every value whose key starts with `prefix`, in key order. */
  all<T>(store: StoreName, prefix: string): Promise<T[]>;
  put(store: StoreName, key: string, value: unknown): Promise<void>;
  remove(store: StoreName, key: string): Promise<void>;
}

/** "disk" survives everything but the machine; "copy" a reload, perhaps a crash; "memory" nothing. */
export type Durability = "disk" | "copy" | "memory";

export interface Shelf {
  readonly durability: Durability;
  /** Runs `work` as one step. May run it a second time when the disk fails, so `work` only reads and writes the step. */
  step<T>(work: (step: Step) => Promise<T>): Promise<T>;
}

interface Change { store: StoreName; key: string; value?: unknown; gone?: true }
type Contents = Record<StoreName, Map<string, unknown>>;

const empty = (): Contents => ({ lines: new Map(), answers: new Map(), chains: new Map(), notes: new Map() });

/** The first key after every key that starts with `prefix`. */
const after = (prefix: string): string => prefix + "\uffff";

function rejectAfter(ms: number, what: string): { promise: Promise<never>; cancel: () => void } {
  let timer: ReturnType<typeof setTimeout>;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not answer in ${ms} ms`)), ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}

/** IndexedDB has been seen to hang on a broken profile instead of failing; an answer may not hang with it. */
async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const alarm = rejectAfter(ms, what);
  try {
    return await Promise.race([work, alarm.promise]);
  } finally {
    alarm.cancel();
  }
}

/** Memory with transactions; `changed` is told what a finished step wrote. */
class Memory {
  readonly contents = empty();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly changed: () => void = () => undefined) {}

  step<T>(work: (step: Step) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      const changes: Change[] = [];
      const view = (store: StoreName): Map<string, unknown> => {
        const now = new Map(this.contents[store]);
        for (const change of changes) if (change.store === store) change.gone ? now.delete(change.key) : now.set(change.key, change.value);
        return now;
      };
      const result = await work({
        get: async <V>(store: StoreName, key: string) => view(store).get(key) as V | undefined,
        all: async <V>(store: StoreName, prefix: string) =>
          [...view(store)].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value as V),
        put: async (store, key, value) => { changes.push({ store, key, value }); },
        remove: async (store, key) => { changes.push({ store, key, gone: true }); },
      });
      this.apply(changes);
      return result;
    };
    const mine = this.turn.then(run, run);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  apply(changes: Change[]): void {
    for (const change of changes) {
      if (change.gone) this.contents[change.store].delete(change.key);
      else this.contents[change.store].set(change.key, change.value);
    }
    if (changes.length > 0) this.changed();
  }
}

/** One IndexedDB step; answers with what it wrote, so that the copy in memory can follow. */
async function diskStep<T>(db: IDBPDatabase, work: (step: Step) => Promise<T>): Promise<{ result: T; changes: Change[] }> {
  const changes: Change[] = [];
  // strict: the operating system is asked to write through, because school rooms lose their power, not only their browser
  const tx = db.transaction([...STORES], "readwrite", { durability: "strict" });
  const finished = tx.done;
  finished.catch(() => undefined); // reported below, by the first await that fails
  try {
    const result = await work({
      get: async (store, key) => tx.objectStore(store).get(key),
      all: async (store, prefix) => tx.objectStore(store).getAll(IDBKeyRange.bound(prefix, after(prefix))),
      put: async (store, key, value) => { changes.push({ store, key, value }); await tx.objectStore(store).put(value, key); },
      remove: async (store, key) => { changes.push({ store, key, gone: true }); await tx.objectStore(store).delete(key); },
    });
    await finished;
    return { result, changes };
  } catch (failure) {
    try { tx.abort(); } catch { /* already over */ }
    throw failure;
  }
}

export interface SafeShelfNeeds {
  /** null when the browser has none or forbids it. */
  indexedDB: IDBFactory | null;
  localStorage: Storage | null;
  name?: string;
  /** Told once, when the disk stops being usable. */
  onWeaker?: (durability: Durability) => void;
  /** How long the disk may take, milliseconds. */
  patience?: number;
}

/**
 * The shelf of the exam page. Every step runs on the disk and its writes are repeated in memory; when the disk fails the
 * same step is run on the memory, which from then on is copied to localStorage as a whole. The next opening puts
 * such a copy back on the disk. So a failing disk costs durability, never an answer.
 */
export class SafeShelf implements Shelf {
  private db: IDBPDatabase | null = null;
  private readonly memory = new Memory(() => this.copy());
  private copied = true;

  private constructor(private readonly needs: SafeShelfNeeds) {}

  static async open(needs: SafeShelfNeeds): Promise<SafeShelf> {
    const shelf = new SafeShelf(needs);
    const patience = needs.patience ?? 5_000;
    const left = shelf.readCopy();
    try {
      if (!needs.indexedDB) throw new Error("no IndexedDB");
      const request = needs.indexedDB.open(needs.name ?? "onex-exam", 1);
      request.onupgradeneeded = () => { for (const store of STORES) request.result.createObjectStore(store); };
      const db = await within(patience, "IndexedDB", wrap(request) as Promise<IDBPDatabase>);
      // the browser closed it under us (storage cleared, disk pulled): the next step falls to memory
      db.addEventListener("close", () => shelf.weaken());
      shelf.db = db;
      // What an earlier page could only keep in localStorage is the newer truth: it goes back to the disk first.
      await within(patience, "IndexedDB", diskStep(db, async (step) => {
        for (const { store, key, value } of left) await step.put(store, key, value);
      }));
      for (const store of STORES) {
        const [keys, values] = await within(patience, "IndexedDB", Promise.all([db.getAllKeys(store), db.getAll(store)]));
        keys.forEach((key, at) => shelf.memory.contents[store].set(String(key), values[at]));
      }
      shelf.dropCopy();
    } catch {
      shelf.db = null;
      for (const { store, key, value } of left) shelf.memory.contents[store].set(key, value);
      shelf.copy();
      needs.onWeaker?.(shelf.durability);
    }
    return shelf;
  }

  get durability(): Durability {
    return this.db ? "disk" : this.copied ? "copy" : "memory";
  }

  async step<T>(work: (step: Step) => Promise<T>): Promise<T> {
    const db = this.db;
    if (db) {
      try {
        const { result, changes } = await within(this.needs.patience ?? 5_000, "IndexedDB", diskStep(db, work));
        this.memory.apply(changes);
        return result;
      } catch (failure) {
        if (failure instanceof WorkFailed) throw failure;
        this.weaken();
      }
    }
    return this.memory.step(work);
  }

  private weaken(): void {
    if (!this.db) return;
    this.db = null;
    this.copy();
    this.needs.onWeaker?.(this.durability);
  }

  private get place(): string {
    return `${this.needs.name ?? "onex-exam"}.copy`;
  }

  private copy(): void {
    if (this.db) return;
    const all: Change[] = [];
    for (const store of STORES) for (const [key, value] of this.memory.contents[store]) all.push({ store, key, value });
    try {
      if (!this.needs.localStorage) throw new Error("no localStorage");
      this.needs.localStorage.setItem(this.place, JSON.stringify(all));
      this.copied = true;
    } catch {
      this.copied = false;
    }
  }

  private readCopy(): Change[] {
    try {
      const text = this.needs.localStorage?.getItem(this.place);
      return text ? (JSON.parse(text) as Change[]).filter((change) => STORES.includes(change.store)) : [];
    } catch {
      return [];
    }
  }

  private dropCopy(): void {
    try { this.needs.localStorage?.removeItem(this.place); } catch { /* nothing to drop */ }
  }
}

/** Thrown by `work` itself: the disk is not to blame. */
export class WorkFailed extends Error {}

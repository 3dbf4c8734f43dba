/** The shelf: a failing disk costs durability, never an answer. */
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, test } from "vitest";
import { Journal } from "../journal";
import { SafeShelf, type Durability } from "../shelf";

/** A localStorage that a test can fill up. */
class Box implements Storage {
  private readonly kept = new Map<string, string>();
  full = false;
  get length(): number { return this.kept.size; }
  key(at: number): string | null { return [...this.kept.keys()][at] ?? null; }
  getItem(key: string): string | null { return this.kept.get(key) ?? null; }
  setItem(key: string, value: string): void {
    if (this.full) throw new Error("QuotaExceededError");
    this.kept.set(key, value);
  }
  removeItem(key: string): void { this.kept.delete(key); }
  clear(): void { this.kept.clear(); }
}

/** An IndexedDB whose transactions fail from the moment the test says so, as a full or pulled disk does. */
function failing(): { factory: IDBFactory; fail: () => void } {
  const factory = new IDBFactory();
  let broken = false;
  const open = factory.open.bind(factory);
  factory.open = ((name: string, version?: number) => {
    const request = open(name, version);
    request.addEventListener("success", () => {
      const db = request.result;
      const transaction = db.transaction.bind(db);
      db.transaction = ((...given: Parameters<IDBDatabase["transaction"]>) => {
        if (broken) throw new DOMException("disk", "UnknownError");
        return transaction(...given);
      }) as typeof db.transaction;
    });
    return request;
  }) as typeof factory.open;
  return { factory, fail: () => { broken = true; } };
}

describe("the shelf", () => {
  test("keeps answers over a reload", async () => {
    const factory = new IDBFactory();
    await new Journal(await SafeShelf.open({ indexedDB: factory, localStorage: null })).write("a", 1, "s1", "B");
    const again = new Journal(await SafeShelf.open({ indexedDB: factory, localStorage: null }));
    expect(Object.fromEntries(await again.answers("a"))).toEqual({ s1: "B" });
    expect(await again.unsent("a", 1, 20)).toHaveLength(1);
  });

  test("goes on in localStorage when the disk fails in the middle, and comes back from there", async () => {
    const { factory, fail } = failing();
    const box = new Box();
    const told: Durability[] = [];
    const shelf = await SafeShelf.open({ indexedDB: factory, localStorage: box, onWeaker: (now) => told.push(now) });
    const journal = new Journal(shelf);
    await journal.write("a", 1, "s1", "A");
    fail();
    const line = await journal.write("a", 1, "s1", "B");
    expect(line).toMatchObject({ seq: 2 });
    await journal.write("a", 1, "s2", "C");
    expect(shelf.durability).toBe("copy");
    expect(told).toEqual(["copy"]);

    const healed = await SafeShelf.open({ indexedDB: factory, localStorage: box });
    // the same disk still fails: the copy alone must be enough
    expect(Object.fromEntries(await new Journal(healed).answers("a"))).toEqual({ s1: "B", s2: "C" });
    const elsewhere = await SafeShelf.open({ indexedDB: new IDBFactory(), localStorage: box });
    expect(elsewhere.durability).toBe("disk");
    expect(Object.fromEntries(await new Journal(elsewhere).answers("a"))).toEqual({ s1: "B", s2: "C" });
    expect(await new Journal(elsewhere).unsent("a", 1, 20)).toHaveLength(3);
    expect(box.length).toBe(0);
  });

  test("without IndexedDB and localStorage it still holds everything in the page, and says so", async () => {
    const box = new Box();
    box.full = true;
    const told: Durability[] = [];
    const shelf = await SafeShelf.open({ indexedDB: null, localStorage: box, onWeaker: (now) => told.push(now) });
    const journal = new Journal(shelf);
    await journal.write("a", 1, "s1", "A");
    await journal.write("a", 1, "s1", "B");
    expect(shelf.durability).toBe("memory");
    expect(told).toEqual(["memory"]);
    expect((await journal.unsent("a", 1, 20)).map((line) => line.body)).toEqual(['"A"', '"B"']);
  });

  test("a disk that never answers is given up after a moment", async () => {
    const factory = new IDBFactory();
    factory.open = (() => ({ addEventListener: () => undefined, removeEventListener: () => undefined })) as unknown as typeof factory.open;
    const shelf = await SafeShelf.open({ indexedDB: factory, localStorage: new Box(), patience: 20 });
    expect(shelf.durability).toBe("copy");
    await new Journal(shelf).write("a", 1, "s1", "A");
    expect((await new Journal(shelf).answers("a")).get("s1")).toBe("A");
  });

  test("a step that throws leaves nothing behind", async () => {
    const shelf = await SafeShelf.open({ indexedDB: null, localStorage: new Box() });
    await expect(shelf.step(async (step) => {
      await step.put("notes", "half", 1);
      throw new Error("no");
    })).rejects.toThrow("no");
    expect(await shelf.step((step) => step.get("notes", "half"))).toBeUndefined();
  });
});

/** The journal and the sender together: whatever the network does, the server ends with what was typed. */
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, test } from "vitest";
import { FIRST, lineHash } from "../chain";
import type { Gate } from "../gate";
import { Journal } from "../journal";
import type { Answer } from "../paper";
import { BATCH, backOff, Sender, type Halt } from "../sender";
import { SafeShelf } from "../shelf";
import { dice, fakeGate, FakeServer, noSleep, PAPERS, turn, until, type Weather } from "./fake-server";

const ATTEMPT = "attempt-theory";

async function openJournal(factory: IDBFactory): Promise<Journal> {
  return new Journal(await SafeShelf.open({ indexedDB: factory, localStorage: null }));
}

function openServer(): FakeServer {
  const server = new FakeServer(PAPERS);
  server.signIn = 1;
  const one = server.attempt("theory");
  one.opened_at = server.now;
  one.closes_at = server.now + 3_600_000;
  return server;
}

interface Page { journal: Journal; sender: Sender; halts: Halt[] }

function page(journal: Journal, gate: Gate, server: FakeServer, signIn: number, random = (): number => 0.5): Page {
  const halts: Halt[] = [];
  const sender = new Sender({
    journal, random, sleep: noSleep, monotonic: () => 0, changed: () => undefined, halted: (why) => halts.push(why),
    post: (attempt, lines) => gate.keep(`seat.${signIn}`, attempt, lines),
    serverEnd: async () => {
      const state = await gate.state(`seat.${signIn}`);
      return { last_seq: state.last_seq!["theory"]!, last_hash: state.last_hash!["theory"]! };
    },
  });
  sender.aim([{ attempt: ATTEMPT, signIn }]);
  void server;
  return { journal, sender, halts };
}

async function view(gate: Gate, signIn: number): Promise<Parameters<Journal["attach"]>[2]> {
  const state = await gate.state(`seat.${signIn}`);
  return { lines: state.lines!["theory"]!, last_seq: state.last_seq!["theory"]!, last_hash: state.last_hash!["theory"]!, open: true };
}

/** What the server holds, as values; cleared answers are no answers. */
function held(server: FakeServer): Record<string, unknown> {
  return Object.fromEntries([...server.current("theory")].map(([item, body]) => [item, JSON.parse(body) as unknown]).filter(([, value]) => value !== null));
}

/** The chain as a collector reads it: does every line link to a stored one, with its own hash right? */
function linksOf(server: FakeServer): "ok" | "gap" {
  const lines = server.attempt("theory").lines;
  const known = new Set([FIRST, ...lines.map((line) => line.hash)]);
  for (const line of lines) expect(line.hash).toBe(lineHash(line.prev, ATTEMPT, line.sign_in, line.seq, line.item, line.body));
  return lines.every((line) => known.has(line.prev)) ? "ok" : "gap";
}

describe("a line", () => {
  test("hashes as the gate hashes it", () => {
    // computed with Python's hashlib over the text of docs/exam-room.md, "A line"
    expect(lineHash(FIRST, "0190aaaa-0000-7000-8000-000000000001", 1, 1, "S1", '"B"')).toBe("cac0da0a64854ce1ead8b85ed1ac7f4e1cf46c9b0aa19ac6ed222a5533fee86a");
    expect(lineHash("ab".repeat(32), "0190aaaa-0000-7000-8000-000000000001", 2, 17, "T-3", '"直播𠅤"')).toBe("efcc6256ce74590f5f184df690854bd4e251abfcfc8050917ae873ae45617069");
  });

  test("is numbered from one and linked to the line before", async () => {
    const journal = await openJournal(new IDBFactory());
    const first = await journal.write(ATTEMPT, 1, "s1", "A");
    const second = await journal.write(ATTEMPT, 1, "s2", ["A", "C"]);
    expect(first).toMatchObject({ seq: 1, prev: FIRST, body: '"A"' });
    expect(second).toMatchObject({ seq: 2, prev: first!.hash, body: '["A","C"]' });
    expect(await journal.write(ATTEMPT, 2, "s1", "B")).toMatchObject({ seq: 1, prev: FIRST });
  });

  test("is not written for a value that is already the current one", async () => {
    const journal = await openJournal(new IDBFactory());
    expect(await journal.write(ATTEMPT, 1, "s1", null)).toBeNull();
    await journal.write(ATTEMPT, 1, "s1", "A");
    expect(await journal.write(ATTEMPT, 1, "s1", "A")).toBeNull();
    expect(await journal.unsent(ATTEMPT, 1, 20)).toHaveLength(1);
  });
});

describe("what the server says about a batch", () => {
  test("a line is forgotten only when its seq is named with its own hash", async () => {
    const journal = await openJournal(new IDBFactory());
    const one = (await journal.write(ATTEMPT, 1, "s1", "A"))!;
    const two = (await journal.write(ATTEMPT, 1, "s2", "B"))!;
    const settled = await journal.settle(ATTEMPT, 1, [one, two], { now: 1, kept: [{ seq: 1, hash: one.hash, receipt: "r" }, { seq: 2, hash: "0".repeat(64) }], open: true, current: true });
    expect(settled).toMatchObject({ confirmed: 1, conflict: true });
    expect((await journal.unsent(ATTEMPT, 1, 20)).map((line) => line.seq)).toEqual([2]);
    expect(await journal.chain(ATTEMPT, 1)).toMatchObject({ confirmed_seq: 1, receipt: "r" });
  });

  test("a late line is the server's own, marked late", async () => {
    const journal = await openJournal(new IDBFactory());
    const line = (await journal.write(ATTEMPT, 1, "s1", "A"))!;
    await journal.settle(ATTEMPT, 1, [line], { now: 1, late: [1], open: false, current: true });
    expect((await journal.waiting(ATTEMPT)).count).toBe(0);
    expect((await journal.chain(ATTEMPT, 1)).late_count).toBe(1);
  });

  test("a line called bad is written once more, then put aside without holding up its neighbours", async () => {
    const server = openServer();
    server.refused.add("s1");
    const gate = fakeGate(server, {});
    const { journal, sender } = page(await openJournal(new IDBFactory()), gate, server, 1);
    await journal.write(ATTEMPT, 1, "s1", "A");
    await journal.write(ATTEMPT, 1, "s2", "B");
    await sender.drained();
    expect(held(server)).toEqual({ s2: "B" });
    expect(await journal.waiting(ATTEMPT)).toEqual({ count: 0, stuck: ["s1"] });
    server.refused.clear();
    await journal.write(ATTEMPT, 1, "s1", "C");
    await sender.drained();
    expect(held(server)).toEqual({ s1: "C", s2: "B" });
    expect((await journal.waiting(ATTEMPT)).stuck).toEqual([]);
  });

  test("a number taken by another body is given up, and the value is written behind everything else", async () => {
    const server = openServer();
    const gate = fakeGate(server, {});
    // two pages that do not know of each other: separate storage, one sign-in
    const left = page(await openJournal(new IDBFactory()), gate, server, 1);
    const right = page(await openJournal(new IDBFactory()), gate, server, 1);
    await left.journal.write(ATTEMPT, 1, "s1", "A");
    await left.sender.drained();
    await right.journal.write(ATTEMPT, 1, "s2", "B");
    await right.journal.write(ATTEMPT, 1, "s3", "C");
    await right.journal.write(ATTEMPT, 1, "s3", "A");
    expect(await right.sender.drained()).toBe(true);
    expect(held(server)).toEqual({ s1: "A", s2: "B", s3: "A" });
    expect(server.quarrels).toBeGreaterThan(0); // whether it leaves a gap depends on what was in the batch
  });

  test("numbers are never used twice, so that a batch believed lost cannot win when it arrives after all", async () => {
    const journal = await openJournal(new IDBFactory());
    await journal.write(ATTEMPT, 1, "s1", "A");
    await journal.write(ATTEMPT, 1, "s1", "B");
    await journal.write(ATTEMPT, 1, "s2", "C");
    const theirs = "ab".repeat(32);
    await journal.renumber(ATTEMPT, 1, { last_seq: 1, last_hash: theirs });
    const lines = await journal.unsent(ATTEMPT, 1, 20);
    expect(lines.map(({ seq, item, body }) => [seq, item, body])).toEqual([[4, "s1", '"B"'], [5, "s2", '"C"']]);
    expect(lines[0]!.prev).toBe(theirs);
    expect(lines[1]!.prev).toBe(lines[0]!.hash);
  });

  test("lines refused for good stay on the shelf and are sent no more", async () => {
    const server = openServer();
    const { journal, sender } = page(await openJournal(new IDBFactory()), fakeGate(server, {}), server, 1);
    server.refuses = true;
    await journal.write(ATTEMPT, 1, "s1", "A");
    expect(await sender.drained()).toBe(true);
    expect(await journal.waiting(ATTEMPT)).toEqual({ count: 0, stuck: ["s1"] });
  });
});

describe("the sender", () => {
  test("backs off 1, 2, 4, 8, then 15 seconds", () => {
    expect([1, 2, 3, 4, 5, 6, 60].map(backOff)).toEqual([1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  });

  test("sends at most twenty lines at once and never two batches at a time", async () => {
    const server = openServer();
    const inner = fakeGate(server, {});
    let flying = 0;
    const sizes: number[] = [];
    const gate: Gate = {
      ...inner, keep: async (token, attempt, lines) => {
        flying += 1;
        expect(flying).toBe(1);
        sizes.push(lines.length);
        await turn();
        flying -= 1;
        return inner.keep(token, attempt, lines);
      },
    };
    const { journal, sender } = page(await openJournal(new IDBFactory()), gate, server, 1);
    for (let n = 0; n < 47; n += 1) {
      await journal.write(ATTEMPT, 1, `i${n}`, `v${n}`);
      sender.poke();
    }
    await sender.drained();
    expect(Math.max(...sizes)).toBeLessThanOrEqual(BATCH);
    expect(Object.keys(held(server))).toHaveLength(47);
  });

  test("sends less at once on a line that only carries little", async () => {
    const server = openServer();
    const inner = fakeGate(server, {});
    const { Silence } = await import("../gate");
    const gate: Gate = { ...inner, keep: (token, attempt, lines) => (lines.length > 3 ? Promise.reject(new Silence("timed out")) : inner.keep(token, attempt, lines)) };
    const { journal, sender } = page(await openJournal(new IDBFactory()), gate, server, 1);
    for (let n = 0; n < 30; n += 1) await journal.write(ATTEMPT, 1, `i${n}`, "A");
    expect(await sender.drained()).toBe(true);
    expect(Object.keys(held(server))).toHaveLength(30);
  });

  test("halves a batch that is too large, and puts aside a single line that is", async () => {
    const server = openServer();
    const inner = fakeGate(server, {});
    const { Refusal } = await import("../gate");
    const gate: Gate = {
      ...inner, keep: async (token, attempt, lines) => {
        if (lines.length > 2 || lines.some((line) => line.item === "huge")) throw new Refusal(413, "too_large", "", 0, null);
        return inner.keep(token, attempt, lines);
      },
    };
    const { journal, sender } = page(await openJournal(new IDBFactory()), gate, server, 1);
    for (const item of ["s1", "s2", "huge", "s3", "m1"]) await journal.write(ATTEMPT, 1, item, "A");
    await sender.drained();
    expect(Object.keys(held(server)).sort()).toEqual(["m1", "s1", "s2", "s3"]);
    expect((await journal.waiting(ATTEMPT)).stuck).toEqual(["huge"]);
  });

  test("keeps a batch below what the server reads at once", async () => {
    const server = openServer();
    const inner = fakeGate(server, {});
    const sizes: number[] = [];
    const gate: Gate = { ...inner, keep: (token, attempt, lines) => { sizes.push(JSON.stringify(lines).length); return inner.keep(token, attempt, lines); } };
    const { journal, sender } = page(await openJournal(new IDBFactory()), gate, server, 1);
    for (let n = 0; n < 12; n += 1) await journal.write(ATTEMPT, 1, "t1", `第 ${n} 稿${"直播".repeat(15_000)}`);
    await sender.drained();
    expect(Math.max(...sizes)).toBeLessThan(60_000);
    expect(held(server)["t1"]).toContain("第 11 稿");
  });

  test("stops when the seat has gone on at another machine, with everything still in the journal", async () => {
    const server = openServer();
    const { journal, sender, halts } = page(await openJournal(new IDBFactory()), fakeGate(server, {}), server, 1);
    server.signIn = 2;
    await journal.write(ATTEMPT, 1, "s1", "A");
    expect(await sender.drained()).toBe(false);
    expect(halts).toEqual(["moved"]);
    expect((await journal.waiting(ATTEMPT)).count).toBe(1);
  });

  test("keeps within its back-off while nobody answers, and a busy server's Retry-After", async () => {
    const server = openServer();
    let fail: "silent" | "busy" | null = "silent";
    const weather: Weather = { lose: () => fail === "silent", busy: () => fail === "busy" };
    const waits: number[] = [];
    const journal = await openJournal(new IDBFactory());
    const gate = fakeGate(server, weather);
    const sender = new Sender({
      journal, random: () => 0.5, monotonic: () => 0, changed: () => undefined, halted: () => undefined,
      sleep: (ms) => {
        waits.push(ms);
        if (waits.length === 5) fail = "busy";
        if (waits.length === 7) fail = null;
        return noSleep();
      },
      post: (attempt, lines) => gate.keep("seat.1", attempt, lines), serverEnd: async () => ({ last_seq: 0, last_hash: "" }),
    });
    await journal.write(ATTEMPT, 1, "s1", "A");
    sender.aim([{ attempt: ATTEMPT, signIn: 1 }]);
    await until("the line is with the server", () => held(server)["s1"] === "A");
    expect(waits.slice(1)).toEqual([1000, 2000, 4000, 8000, 15000, 15000]);
    await until("the sender rests", () => !sender.inFlight);
    fail = "silent"; // the next trouble is a new one
    const before = waits.length;
    await journal.write(ATTEMPT, 1, "s1", "B");
    sender.poke();
    await until("it tried again", () => waits.length >= before + 3);
    sender.stop();
    expect(waits.slice(before + 1, before + 3)).toEqual([1000, 2000]);
  });
});

describe("whatever happens between the candidate and the server", () => {
  const items = ["s1", "s2", "s3", "m1", "t1", "t2"];

  for (let seed = 1; seed <= 24; seed += 1) {
    test(`the server ends with what was typed (story ${seed})`, async () => {
      const random = dice(seed);
      const server = openServer();
      const factory = new IDBFactory();
      let storm = 0;
      const sometimes = (share: number) => (): boolean => random() < share * storm;
      const weather: Weather = { lose: sometimes(0.35), mute: sometimes(0.35), twice: sometimes(0.4), busy: sometimes(0.2), cut: sometimes(0.4) };
      const later: (() => void)[] = [];
      const gate = fakeGate(server, weather, later);
      const calm = fakeGate(server, {});
      const typed: Record<string, Answer> = {};
      let now = page(await openJournal(factory), gate, server, 1, random);
      for (let step = 0; step < 60; step += 1) {
        const roll = random();
        if (roll < 0.6) {
          const item = items[Math.floor(random() * items.length)]!;
          const value: Answer = random() < 0.12 ? null : random() < 0.5 ? "ABCD"[Math.floor(random() * 4)]! : { a: `第 ${step} 稿` };
          await now.journal.write(ATTEMPT, 1, item, value);
          typed[item] = value;
          now.sender.poke();
        } else if (roll < 0.75) {
          storm = random() < 0.4 ? 0 : 1;
        } else if (roll < 0.85) {
          server.locked = Math.floor(random() * 4);
        } else if (roll < 0.93) {
          // requests that were on their way arrive now, long after their page gave up on them
          for (const arrive of later.splice(0)) arrive();
        } else {
          // the browser is killed in mid-air and started again
          now.sender.stop();
          now = page(await openJournal(factory), gate, server, 1, random);
          if (random() < 0.7) {
            const { answers, setAside } = await now.journal.attach(ATTEMPT, 1, await view(calm, 1));
            expect(setAside).toEqual([]);
            expect(Object.fromEntries(answers)).toEqual(Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== null)));
          }
        }
        for (let n = Math.floor(random() * 4); n > 0; n -= 1) await turn();
      }
      storm = 0;
      expect(await now.sender.drained()).toBe(true);
      for (const arrive of later.splice(0)) arrive();
      expect(held(server)).toEqual(Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== null)));
      expect(await now.journal.waiting(ATTEMPT)).toEqual({ count: 0, stuck: [] });
      expect(linksOf(server)).toBe("ok");
    });
  }
});

describe("coming back", () => {
  test("an empty profile gets its answers from the server and goes on numbering behind them", async () => {
    const server = openServer();
    const gate = fakeGate(server, {});
    const before = page(await openJournal(new IDBFactory()), gate, server, 1);
    await before.journal.write(ATTEMPT, 1, "s1", "A");
    await before.journal.write(ATTEMPT, 1, "s2", "B");
    await before.sender.drained();
    const after = page(await openJournal(new IDBFactory()), gate, server, 1);
    const { answers } = await after.journal.attach(ATTEMPT, 1, await view(gate, 1));
    expect(Object.fromEntries(answers)).toEqual({ s1: "A", s2: "B" });
    expect(await after.journal.write(ATTEMPT, 1, "s1", "C")).toMatchObject({ seq: 3 });
    await after.sender.drained();
    expect(held(server)).toEqual({ s1: "C", s2: "B" });
    expect(linksOf(server)).toBe("ok");
  });

  test("what was typed before a new sign-in on the same machine is carried over under it", async () => {
    const server = openServer();
    const gate = fakeGate(server, {});
    const journal = await openJournal(new IDBFactory());
    const before = page(journal, gate, server, 1);
    await journal.write(ATTEMPT, 1, "s1", "A");
    await before.sender.drained();
    before.sender.stop();
    await journal.write(ATTEMPT, 1, "s1", "B"); // never sent
    await journal.write(ATTEMPT, 1, "s2", "C"); // never sent
    server.signIn = 2;
    const after = page(journal, gate, server, 2);
    const { answers, setAside } = await journal.attach(ATTEMPT, 2, await view(gate, 2));
    expect(Object.fromEntries(answers)).toEqual({ s1: "B", s2: "C" });
    expect(setAside).toEqual([]);
    expect((await journal.unsent(ATTEMPT, 2, 20)).map((line) => line.seq)).toEqual([1, 2]);
    await after.sender.drained();
    expect(held(server)).toEqual({ s1: "B", s2: "C" });
  });

  test("a later value from another machine beats what this one never sent, and ours is set aside, not destroyed", async () => {
    const server = openServer();
    const gate = fakeGate(server, {});
    const here = await openJournal(new IDBFactory());
    await here.write(ATTEMPT, 1, "s1", "A"); // the cable is out
    await here.write(ATTEMPT, 1, "s2", "A");
    server.signIn = 2;
    const there = page(await openJournal(new IDBFactory()), gate, server, 2);
    await there.journal.write(ATTEMPT, 2, "s1", "C");
    await there.sender.drained();
    server.signIn = 3; // back at the first machine
    const { answers, setAside } = await here.attach(ATTEMPT, 3, await view(gate, 3));
    expect(Object.fromEntries(answers)).toEqual({ s1: "C", s2: "A" });
    expect(setAside).toEqual(["s1"]);
    expect(await here.note(`aside|${ATTEMPT}|000001|00000001`)).toMatchObject({ body: '"A"' });
  });

  test("what the server once confirmed and no longer has is written again", async () => {
    const server = openServer();
    const gate = fakeGate(server, {});
    const { journal, sender } = page(await openJournal(new IDBFactory()), gate, server, 1);
    await journal.write(ATTEMPT, 1, "s1", "A");
    await journal.write(ATTEMPT, 1, "s2", "B");
    await journal.write(ATTEMPT, 1, "s1", "C");
    await sender.drained();
    server.attempt("theory").lines.splice(1); // restored from a copy that knew only the first line
    const { repeated } = await journal.attach(ATTEMPT, 1, await view(gate, 1));
    expect(repeated.sort()).toEqual(["s1", "s2"]);
    await sender.drained();
    expect(held(server)).toEqual({ s1: "C", s2: "B" });
  });

  test("finished attempts are wiped, unless a line was never confirmed", async () => {
    const journal = await openJournal(new IDBFactory());
    await journal.write(ATTEMPT, 1, "s1", "A");
    await journal.wipe([ATTEMPT]);
    expect((await journal.answers(ATTEMPT)).size).toBe(1);
    const [line] = await journal.unsent(ATTEMPT, 1, 1);
    await journal.settle(ATTEMPT, 1, [line!], { now: 1, kept: [{ seq: 1, hash: line!.hash }] });
    await journal.wipe([ATTEMPT]);
    expect((await journal.answers(ATTEMPT)).size).toBe(0);
  });
});

/** The room from sign-in to the end: stages, the hand-in, the end of time, coming back, another machine. */
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, test } from "vitest";
import { ServerClock } from "../clock";
import { Refusal } from "../gate";
import { Journal } from "../journal";
import { Room } from "../room";
import { SafeShelf } from "../shelf";
import { fakeGate, FakeServer, PAPERS, turn, until, type Weather } from "./fake-server";

/** Machine time that only a test moves; pauses end when their time has come. */
class Machine {
  ms = 1_000;
  private naps: { at: number; wake: () => void }[] = [];
  sleep = (ms: number): { done: Promise<void>; cancel: () => void } => {
    let wake = (): void => undefined;
    const done = new Promise<void>((resolve) => { wake = resolve; });
    const nap = { at: this.ms + ms, wake };
    this.naps.push(nap);
    return { done, cancel: () => { this.naps = this.naps.filter((one) => one !== nap); wake(); } };
  };
  async pass(ms: number, server?: FakeServer): Promise<void> {
    const until = this.ms + ms;
    for (;;) {
      for (let n = 0; n < 12; n += 1) await turn();
      const next = this.naps.filter((nap) => nap.at <= until).sort((a, b) => a.at - b.at)[0];
      const to = next ? Math.max(this.ms, next.at) : until;
      if (server) server.now += to - this.ms;
      this.ms = to;
      if (!next) break;
      this.naps = this.naps.filter((nap) => nap !== next);
      next.wake();
    }
    for (let n = 0; n < 12; n += 1) await turn();
  }
}

interface Seat { room: Room; machine: Machine; weather: Weather; factory: IDBFactory }

async function seat(server: FakeServer, factory = new IDBFactory(), weather: Weather = {}): Promise<Seat> {
  const machine = new Machine();
  const clock = new ServerClock(() => machine.ms);
  const shelf = await SafeShelf.open({ indexedDB: factory, localStorage: null });
  const inner = fakeGate(server, weather);
  const stamp = async <T extends { now?: number }>(call: Promise<T>): Promise<T> => {
    const sent = machine.ms;
    const reply = await call;
    if (typeof reply.now === "number") clock.sample(reply.now, sent, machine.ms);
    return reply;
  };
  const room = new Room({
    gate: {
      ...inner, signIn: (...given) => stamp(inner.signIn(...given)), state: (...given) => stamp(inner.state(...given)),
      pulse: (...given) => stamp(inner.pulse(...given)), start: (...given) => stamp(inner.start(...given)), handIn: (...given) => stamp(inner.handIn(...given)),
    },
    journal: new Journal(shelf), clock, durability: () => shelf.durability, monotonic: () => machine.ms, wallClock: () => 0,
    random: () => 0.5, sleep: machine.sleep, machine: "test",
  });
  return { room, machine, weather, factory };
}

const answersOf = (server: FakeServer, part: "theory" | "practical"): Record<string, unknown> =>
  Object.fromEntries([...server.current(part)].map(([item, body]) => [item, JSON.parse(body) as unknown]));

/** A candidate with the theory paper on the desk. */
async function atTheDesk(server: FakeServer, factory?: IDBFactory, weather?: Weather): Promise<Seat> {
  const here = await seat(server, factory, weather);
  await here.room.boot();
  await here.room.signIn("T1", "246810");
  await here.room.confirm();
  await here.room.start("theory");
  await until("the paper is on the desk", () => here.room.stage() === "paper");
  return here;
}

describe("from the door to the end", () => {
  test("a candidate signs in, waits to be admitted, answers, hands in, does the practical, and leaves", async () => {
    const server = new FakeServer(PAPERS);
    server.admitted = false;
    const { room, machine } = await seat(server);
    await room.boot();
    expect(room.stage()).toBe("sign-in");
    await expect(room.signIn("T1", "000000")).rejects.toMatchObject({ code: "unknown_seat" });
    await room.signIn("T1", "246810");
    expect(room.stage()).toBe("waiting");
    expect(room.mayStart(room.next()!)).toBe(false);
    await expect(room.start("theory")).rejects.toMatchObject({ code: "not_admitted" });

    server.admitted = true; // the invigilator admits: the pulse brings it
    server.changed();
    await machine.pass(2_000, server);
    expect(room.mayStart(room.next()!)).toBe(true);
    await room.start("theory");
    await until("the paper is on the desk", () => room.stage() === "paper");
    expect(room.current).toBe("s1");

    room.answer("s1", "B");
    room.answer("m1", ["A", "C"]);
    expect(room.save().state).toBe("here");
    await machine.pass(2_000, server);
    expect(room.save()).toMatchObject({ state: "confirmed", unsent: 0 });
    expect(answersOf(server, "theory")).toEqual({ s1: "B", m1: ["A", "C"] });

    room.answer("s2", "A");
    const handing = room.handIn(() => false);
    await machine.pass(3_000, server);
    expect(await handing).toBe(true);
    expect(room.stage()).toBe("between");
    expect(room.receipts.get("attempt-theory")).toMatchObject({ receipt: "abcdef0123456789", answered: 3 });
    expect(answersOf(server, "theory")).toEqual({ s1: "B", m1: ["A", "C"], s2: "A" });

    await room.start("practical");
    await until("the practical is on the desk", () => room.stage() === "paper" && room.paper?.part === "practical");
    room.answer("t1", "大家好", true);
    const second = room.handIn(() => false);
    await machine.pass(3_000, server);
    await second;
    expect(answersOf(server, "practical")).toEqual({ t1: "大家好" });
    expect(room.stage()).toBe("end");
    await room.signOut();
    expect(room.stage()).toBe("sign-in");
  });

  test("typing goes to the journal after a pause and never later than 1.3 seconds", async () => {
    const server = new FakeServer(PAPERS);
    const { room, machine } = await atTheDesk(server);
    for (let n = 1; n <= 13; n += 1) {
      room.answer("s1", "字".repeat(n), true);
      await machine.pass(100, server);
    }
    expect((await room.needs.journal.answers("attempt-theory")).get("s1")).toBe("字".repeat(13));
    await machine.pass(1_000, server);
    expect(answersOf(server, "theory")).toEqual({ s1: "字".repeat(13) });
  });

  test("an answer that is on the server within two seconds of the key", async () => {
    const server = new FakeServer(PAPERS);
    const { room, machine } = await atTheDesk(server);
    room.answer("s1", "大家", true);
    await machine.pass(2_000, server);
    expect(answersOf(server, "theory")).toEqual({ s1: "大家" });
  });
});

describe("the network goes", () => {
  test("answering goes on, one sentence says so, and everything arrives when it is back", async () => {
    const server = new FakeServer(PAPERS);
    let out = false;
    const { room, machine } = await atTheDesk(server, undefined, { lose: () => out });
    out = true;
    server.changed(); // ends the pulse that was open
    room.answer("s1", "A");
    await machine.pass(10_000, server);
    expect(room.offline).toBe(true);
    expect(room.stage()).toBe("paper");
    room.answer("s2", "C");
    await machine.pass(600_000, server); // ten minutes
    expect(room.save()).toMatchObject({ state: "here", unsent: 2 });
    out = false;
    await machine.pass(10_000 + 15_000 * 1.25, server);
    expect(room.offline).toBe(false);
    expect(room.save()).toMatchObject({ state: "confirmed", unsent: 0 });
    expect(answersOf(server, "theory")).toEqual({ s1: "A", s2: "C" });
  });

  test("a server that takes the answers and says nothing is told as what it is, and nothing is called confirmed", async () => {
    const server = new FakeServer(PAPERS);
    const { room, machine } = await atTheDesk(server);
    room.needs.gate.keep = () => new Promise(() => undefined);
    room.answer("s1", "A");
    await machine.pass(2_000, server);
    expect([room.save().state, room.offline]).toEqual(["sending", false]);
    await machine.pass(4_000, server);
    expect([room.save().state, room.offline]).toEqual(["sending", true]);
  });

  test("a reload without network shows the paper, the answers, the flags and the place", async () => {
    const server = new FakeServer(PAPERS);
    let out = false;
    const first = await atTheDesk(server, undefined, { lose: () => out });
    first.room.answer("s1", "A");
    await first.machine.pass(2_000, server);
    out = true;
    first.room.answer("s2", "B");
    first.room.flag("s3");
    first.room.goTo("s2");
    await first.machine.pass(100, server);
    first.room.stop();

    const again = await seat(server, first.factory, { lose: () => out });
    await again.room.boot();
    await until("the paper is back", () => again.room.stage() === "paper");
    expect(Object.fromEntries(again.room.answers)).toEqual({ s1: "A", s2: "B" });
    expect([again.room.current, [...again.room.flags]]).toEqual(["s2", ["s3"]]);
    // meanwhile the server has learnt something that this machine does not know
    server.attempt("theory").lines.push({ sign_in: 1, seq: 9, item: "m1", body: '["A"]', prev: "", hash: "cd".repeat(32) });
    out = false;
    await again.machine.pass(20_000, server);
    expect(answersOf(server, "theory")).toEqual({ s1: "A", s2: "B", m1: ["A"] });
    expect(again.room.answers.get("m1")).toEqual(["A"]);
  });

  test("starting and handing in wait for a busy server instead of failing", async () => {
    const server = new FakeServer(PAPERS);
    let busy = 0;
    const here = await seat(server, undefined, { busy: () => busy-- > 0 });
    await here.room.boot();
    await here.room.signIn("T1", "246810");
    busy = 3;
    const starting = here.room.start("theory");
    await here.machine.pass(30_000, server);
    await starting;
    await until("the paper is on the desk", () => here.room.stage() === "paper");
    here.room.answer("s1", "A");
    busy = 4;
    const handing = here.room.handIn(() => false);
    await here.machine.pass(60_000, server);
    expect(await handing).toBe(true);
    expect(answersOf(server, "theory")).toEqual({ s1: "A" });
  });

  test("a hand-in that waits for the network can be given up", async () => {
    const server = new FakeServer(PAPERS);
    let out = false;
    const { room, machine } = await atTheDesk(server, undefined, { lose: () => out });
    out = true;
    let cancelled = false;
    const handing = room.handIn(() => cancelled);
    await machine.pass(20_000, server);
    cancelled = true;
    await machine.pass(20_000, server);
    expect(await handing).toBe(false);
    expect(room.stage()).toBe("paper");
  });
});

describe("time", () => {
  test("at closes_at the screen stops, what was typed in the last second still counts, and the part is over", async () => {
    const server = new FakeServer(PAPERS);
    const { room, machine } = await atTheDesk(server);
    await machine.pass(60 * 60_000 - 500, server);
    await machine.pass(400, server);
    room.answer("s3", "最后一句", true);
    await machine.pass(200, server);
    room.tick();
    expect(room.stage()).toBe("stopping");
    await until("the last words are in the journal, without waiting for a pause", async () =>
      (await room.needs.journal.answers("attempt-theory")).get("s3") === "最后一句");
    room.answer("s3", "太晚", true);
    await machine.pass(6_000, server);
    expect(answersOf(server, "theory")).toEqual({ s3: "最后一句" });
    expect(room.stage()).toBe("between");
  });

  test("minutes granted during the exam reach the clock, and are told", async () => {
    const server = new FakeServer(PAPERS);
    const { room, machine } = await atTheDesk(server);
    const before = room.left();
    const one = server.attempt("theory");
    one.closes_at! += 300_000;
    one.granted_ms = 300_000;
    server.changed();
    await machine.pass(1_000, server);
    expect(room.left() - before).toBeGreaterThan(290_000);
    expect(room.notices).toContainEqual(expect.objectContaining({ kind: "granted", n: 5 }));
  });

  test("lines sent after the grace are kept as late by the server and do not bar the way to the practical", async () => {
    const server = new FakeServer(PAPERS);
    let out = false;
    const { room, machine } = await atTheDesk(server, undefined, { lose: () => out });
    out = true;
    room.answer("s1", "A");
    await machine.pass(61 * 60_000, server);
    room.tick();
    expect(room.stage()).toBe("stopping");
    out = false;
    await machine.pass(60_000, server);
    expect(server.attempt("theory").late.map((line) => line.item)).toEqual(["s1"]);
    expect(room.stage()).toBe("between");
    expect(room.save().unsent).toBe(0);
    await room.start("practical");
    await until("the practical is on the desk", () => room.stage() === "paper");
  });
});

describe("a forced hand-in", () => {
  test("ends the part here too, and what was being typed arrives as late instead of being lost", async () => {
    const server = new FakeServer(PAPERS);
    const { room, machine } = await atTheDesk(server);
    room.answer("s1", "A");
    await machine.pass(2_000, server);
    room.answer("s2", "说到一半", true);
    server.attempt("theory").handed_in_at = server.now;
    server.changed();
    await machine.pass(5_000, server);
    expect(room.stage()).toBe("between");
    expect(answersOf(server, "theory")).toEqual({ s1: "A" });
    expect(server.attempt("theory").late.map((line) => line.body)).toEqual(['"说到一半"']);
  });
});

describe("answers that cross on the line", () => {
  test("a state from before the start, coming late, does not take the paper away", async () => {
    const server = new FakeServer(PAPERS);
    const here = await seat(server);
    await here.room.boot();
    await here.room.signIn("T1", "246810");
    const stale = { ...server.state(1, false), now: server.now - 1 };
    await here.room.start("theory");
    await until("the paper is on the desk", () => here.room.stage() === "paper");
    let told = 0;
    here.room.needs.gate.pulse = async (_token, _since, signal) => {
      told += 1;
      if (told > 2) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return stale;
    };
    server.changed();
    await here.machine.pass(3_000, server);
    expect(told).toBeGreaterThan(1);
    expect(here.room.stage()).toBe("paper");
  });
});

describe("machines", () => {
  test("a machine whose seat has gone on elsewhere becomes read-only and says so", async () => {
    const server = new FakeServer(PAPERS);
    const here = await atTheDesk(server);
    here.room.answer("s1", "A");
    await here.machine.pass(2_000, server);
    const there = await seat(server);
    await there.room.boot();
    await expect(there.room.signIn("T1", "246810")).rejects.toMatchObject({ code: "seat_taken" });
    server.limit = 2; // 允许换机
    await there.room.signIn("T1", "246810");
    await until("the paper is on the other desk", () => there.room.stage() === "paper");
    expect(Object.fromEntries(there.room.answers)).toEqual({ s1: "A" });
    there.room.answer("s2", "B");
    await there.machine.pass(2_000, server);
    await here.machine.pass(2_000);
    expect(here.room.stage()).toBe("moved");
    here.room.answer("s1", "C");
    await here.machine.pass(5_000);
    expect(answersOf(server, "theory")).toEqual({ s1: "A", s2: "B" });
  });

  test("a reload on a machine that is no longer current concludes nothing from being shown no lines", async () => {
    const server = new FakeServer(PAPERS);
    const here = await atTheDesk(server);
    here.room.answer("s1", "A");
    await here.machine.pass(2_000, server);
    here.room.stop();
    server.limit = 2;
    const there = await seat(server);
    await there.room.boot();
    await there.room.signIn("T1", "246810");
    const again = await seat(server, here.factory);
    await again.room.boot();
    expect(again.room.stage()).toBe("moved");
    expect((await again.room.needs.journal.waiting("attempt-theory")).count).toBe(0);
    expect(server.attempt("theory").lines).toHaveLength(1);
  });

  test("a dead token leads to a new sign-in with everything that was typed", async () => {
    const server = new FakeServer(PAPERS);
    const here = await atTheDesk(server);
    here.room.answer("s1", "A");
    await here.machine.pass(2_000, server);
    const signIn = server.signIn;
    server.signIn = 0; // the server no longer knows the token
    here.room.answer("s2", "C");
    await here.machine.pass(3_000, server);
    expect([here.room.stage(), here.room.halted]).toEqual(["moved", "token"]);
    server.signIn = signIn;
    server.limit = 2;
    here.room.signInAgain();
    expect(here.room.stage()).toBe("sign-in");
    await here.room.signIn("T1", "246810");
    await until("the paper is back", () => here.room.stage() === "paper");
    await here.machine.pass(3_000, server);
    expect(answersOf(server, "theory")).toEqual({ s1: "A", s2: "C" });
  });

  test("a server that lost what it had confirmed gets it again before the hand-in", async () => {
    const server = new FakeServer(PAPERS);
    const { room, machine } = await atTheDesk(server);
    room.answer("s1", "A");
    room.answer("s2", "B");
    await machine.pass(2_000, server);
    server.attempt("theory").lines.splice(1); // a restored backup
    const handing = room.handIn(() => false);
    await machine.pass(10_000, server);
    expect(await handing).toBe(true);
    expect(answersOf(server, "theory")).toEqual({ s1: "A", s2: "B" });
  });

  test("a refusal to hand in is thrown for the screen, and the paper stays open", async () => {
    const server = new FakeServer(PAPERS);
    const { room, machine } = await atTheDesk(server);
    room.needs.gate.handIn = () => Promise.reject(new Refusal(409, "too_early", "", 0, null));
    const handing = room.handIn(() => false).catch((failure: unknown) => failure);
    await machine.pass(2_000, server);
    expect(await handing).toMatchObject({ code: "too_early" });
    expect(room.stage()).toBe("paper");
  });
});

/** The room's server of docs/exam-room.md in memory, and the weather between it and a candidate. */
import { lineHash } from "../chain";
import { Refusal, Silence, type Gate, type KeepReply, type PartState, type RoomState, type WireLine } from "../gate";
import type { Paper, PartName } from "../paper";

export interface StoredLine extends WireLine { sign_in: number }

export interface FakeAttempt extends PartState { lines: StoredLine[]; late: StoredLine[] }

/** Attempts, lines, sign-ins: the rules of the contract, nothing about networks. */
export class FakeServer {
  /** How often a line came under a number that another body had taken. */
  quarrels = 0;
  now = 1_800_000_000_000;
  signIn = 0;
  limit = 1;
  admitted = true;
  version = 1;
  wake: (() => void)[] = [];
  attempts: FakeAttempt[];
  /** Lines the server will never take, by item. */
  refused = new Set<string>();
  /** An attempt that takes nothing, not even late. */
  refuses = false;
  /** Seqs to answer "retry" once. */
  locked = 0;

  constructor(readonly papers: Record<PartName, Paper>, readonly rules: RoomState["session"]["rules"] = { earliest_hand_in_minutes: 0, grace_seconds: 10 }) {
    this.attempts = (["theory", "practical"] as const).map((part) => ({
      part, attempt: `attempt-${part}`, form: papers[part].id, minutes: 60, opens_at: part === "theory" ? this.now - 1000 : null,
      opened_at: null, closes_at: null, handed_in_at: null, granted_ms: 0, state: "waiting", lines: [], late: [],
    }));
  }

  attempt(part: PartName): FakeAttempt {
    return this.attempts.find((one) => one.part === part)!;
  }

  changed(): void {
    this.version += 1;
    for (const wake of this.wake.splice(0)) wake();
  }

  parts(): PartState[] {
    return this.attempts.map((one) => {
      const first = this.attempts[0]!;
      const opens = one.part === "theory" ? one.opens_at : (first.handed_in_at ?? (first.closes_at !== null && this.now >= first.closes_at ? first.closes_at : null));
      const state = one.handed_in_at !== null ? "handed_in" : one.closes_at !== null && this.now >= one.closes_at ? "closed"
        : one.opened_at !== null ? "open" : opens !== null && this.now >= opens ? "ready" : "waiting";
      const { lines: _lines, late: _late, ...plain } = one;
      return { ...plain, opens_at: opens, state };
    });
  }

  /** item → body of the current value, by highest (sign_in, seq). */
  current(part: PartName): Map<string, string> {
    const lines = [...this.attempt(part).lines].sort((a, b) => a.sign_in - b.sign_in || a.seq - b.seq);
    return new Map(lines.map((line) => [line.item, line.body]));
  }

  state(seat: number, withLines: boolean): RoomState {
    const base: RoomState = {
      now: this.now, candidate: { name: "欧阳晓雯", ticket_no: "T1", masked_id: "3201**********1234", room: "一号机房", seat_no: "03" },
      session: { title: "考核", certificate: "直播电商", level: "初级", site: "学校", rules: this.rules },
      admitted: this.admitted, current: seat === this.signIn, version: this.version, parts: this.parts(), sign_in: seat,
    };
    if (!withLines) return base;
    if (!base.current) return { ...base, lines: {}, last_seq: {}, last_hash: {} };
    const last = (one: FakeAttempt): StoredLine | undefined => one.lines.filter((line) => line.sign_in === seat).sort((a, b) => b.seq - a.seq)[0];
    const currentLines = (one: FakeAttempt): StoredLine[] => {
      const map = new Map<string, StoredLine>();
      for (const line of [...one.lines].sort((a, b) => a.sign_in - b.sign_in || a.seq - b.seq)) map.set(line.item, line);
      return [...map.values()];
    };
    return {
      ...base,
      lines: Object.fromEntries(this.attempts.map((one) => [one.part, currentLines(one).map(({ seq, item, body, hash }) => ({ seq, item, body, hash }))])),
      last_seq: Object.fromEntries(this.attempts.map((one) => [one.part, last(one)?.seq ?? 0])),
      last_hash: Object.fromEntries(this.attempts.map((one) => [one.part, last(one)?.hash ?? "0".repeat(64)])),
    };
  }

  keep(seat: number, attempt: string, lines: WireLine[]): KeepReply {
    const one = this.attempts.find((part) => part.attempt === attempt)!;
    const open = !this.refuses && this.parts().find((part) => part.attempt === attempt)!.state === "open";
    const reply = { now: this.now, kept: [], late: [], conflict: [], retry: [], bad: [], open, current: seat === this.signIn, closes_at: one.closes_at } as Required<Omit<KeepReply, "error" | "message">>;
    if (seat !== this.signIn) throw new Refusal(409, "not_current", "", 0, { ...reply, error: "not_current" });
    for (const line of lines) {
      const had = one.lines.find((stored) => stored.sign_in === seat && stored.seq === line.seq);
      if (line.hash !== lineHash(line.prev, attempt, seat, line.seq, line.item, line.body) || this.refused.has(line.item)) reply.bad.push({ seq: line.seq, why: "hash" });
      else if (had && had.hash !== line.hash) {
        reply.conflict.push(line.seq);
        this.quarrels += 1;
      }
      else if (!had && this.locked > 0) { this.locked -= 1; reply.retry.push(line.seq); }
      else if (!had && this.refuses) continue;
      else if (!had && (one.handed_in_at !== null || (one.closes_at !== null && this.now >= one.closes_at + (this.rules.grace_seconds ?? 0) * 1000))) { one.late.push({ ...line, sign_in: seat }); reply.late.push(line.seq); }
      else {
        if (!had) one.lines.push({ ...line, sign_in: seat });
        reply.kept.push({ seq: line.seq, hash: line.hash, at: this.now, receipt: `r${line.seq}`, key: "k" });
      }
    }
    return reply;
  }
}

/** What the network does to one call; the default is a good line. */
export interface Weather {
  /** The request never arrives. */
  lose?: () => boolean;
  /** It arrives, the answer does not. */
  mute?: () => boolean;
  /** It arrives a second time, later. */
  twice?: () => boolean;
  /** 503 before anything is read. */
  busy?: () => boolean;
  /** Only the first lines of a batch are read. */
  cut?: () => boolean;
}

/** A candidate's gate to `server` through `weather`; `later` collects calls that are still on their way. */
export function fakeGate(server: FakeServer, weather: Weather, later: (() => void)[] = []): Gate {
  const seatOf = (token: string): number => {
    const seat = Number(token.replace("seat.", ""));
    if (!token || seat > server.signIn) throw new Refusal(401, "token", "", 0, null);
    return seat;
  };
  async function through<T>(call: () => T): Promise<T> {
    await Promise.resolve();
    if (weather.lose?.()) throw new Silence("lost");
    if (weather.busy?.()) throw new Refusal(503, "busy", "考场服务器正忙。", 1000, null);
    if (weather.twice?.()) later.push(() => { try { call(); } catch { /* nobody hears it */ } });
    const reply = call();
    if (weather.mute?.()) throw new Silence("muted");
    return reply;
  }
  return {
    signIn: (ticketNo, seatCode) => through(() => {
      if (ticketNo !== "T1" || seatCode !== "246810") throw new Refusal(403, "unknown_seat", "", 0, null);
      if (server.signIn >= server.limit) throw new Refusal(409, "seat_taken", "", 0, null);
      server.signIn += 1;
      server.changed();
      return { token: `seat.${server.signIn}`, admitted: server.admitted, now: server.now };
    }),
    state: (token) => through(() => server.state(seatOf(token), true)),
    pulse: async (token, since, signal) => {
      if (since >= server.version) {
        await new Promise<void>((resolve) => { server.wake.push(resolve); signal.addEventListener("abort", () => resolve()); });
      }
      return through(() => server.state(seatOf(token), false));
    },
    start: (token, part) => through(() => {
      seatOf(token);
      const one = server.attempt(part);
      if (!server.admitted) throw new Refusal(409, "not_admitted", "", 0, null);
      if (one.opened_at === null) {
        if (server.parts().find((shown) => shown.part === part)!.state !== "ready") throw new Refusal(409, "not_yet", "", 0, null);
        one.opened_at = server.now;
        one.closes_at = server.now + one.minutes * 60_000;
        server.changed();
      }
      return { part: server.parts().find((shown) => shown.part === part)!, now: server.now };
    }),
    paper: (_token, part) => through(() => server.papers[part]),
    keep: (token, attempt, lines) => {
      const seat = seatOf(token);
      const read = weather.cut?.() ? lines.slice(0, Math.ceil(lines.length / 2)) : lines;
      return through(() => server.keep(seat, attempt, read));
    },
    handIn: (token, attempt, seq) => through(() => {
      const seat = seatOf(token);
      const one = server.attempts.find((part) => part.attempt === attempt)!;
      const most = Math.max(0, ...one.lines.filter((line) => line.sign_in === seat).map((line) => line.seq));
      if (seq > most) throw new Refusal(409, "behind", "", 0, null);
      if (one.handed_in_at === null) { one.handed_in_at = server.now; server.changed(); }
      return { now: server.now, handed_in_at: one.handed_in_at, receipt: "abcdef0123456789", key: "k", parts: server.parts() };
    }),
    events: async () => undefined,
  };
}

/** A small seeded generator (mulberry32): the same seed tells the same story. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A pause that takes no time: the next turn of the event loop. */
export const noSleep = (): { done: Promise<void>; cancel: () => void } => {
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => { finish = resolve; });
  setTimeout(finish, 0);
  return { done, cancel: () => finish() };
};

export const turn = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 0); });

/** Turns of the event loop until something is so; fails loudly when it never is. */
export async function until(what: string, is: () => boolean | Promise<boolean>): Promise<void> {
  for (let turns = 0; turns < 3_000; turns += 1) {
    if (await is()) return;
    await turn();
  }
  throw new Error(`it never came to be: ${what}`);
}

export const PAPERS: Record<PartName, Paper> = {
  theory: {
    id: "form-t", part: "theory", title: "理论", sections: [
      { id: "single", title: "单选题", points_each: 1, items: ["s1", "s2", "s3"].map((id) => ({ id, kind: "single", stem: `${id}？`, points: 1, options: ["A", "B", "C"].map((letter) => ({ id: letter, text: `${letter} 项` })) })) },
      { id: "multiple", title: "多选题", points_each: 2, items: [{ id: "m1", kind: "multiple", stem: "m1？", points: 2, options: ["A", "B", "C"].map((letter) => ({ id: letter, text: `${letter} 项` })) }] as never },
    ],
  },
  practical: {
    id: "form-p", part: "practical", title: "实训", sections: [
      { id: "1", title: "模块一", weight: 100, items: [{ id: "t1", kind: "text", title: "脚本", brief: "写", points: 10, min_chars: 1, max_chars: 100 }] as never },
    ],
  },
};

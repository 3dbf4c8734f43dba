/** Every answer goes here first: numbered, chained, on disk before the network is tried, forgotten only when the server named it. */
import { FIRST, lineHash } from "./chain";
import type { KeepReply, ServerLine, WireLine } from "./gate";
import type { Answer } from "./paper";
import type { Shelf, Step } from "./shelf";

/** A line that the server has not named yet (store `lines`). `over` is the hash of the value it replaced. */
export interface Line extends WireLine { attempt: string; sign_in: number; over: string; again?: boolean; stuck?: string }

/** The value of an item as this machine knows it (store `answers`). `seq` 0: it came from the server. */
export interface Kept { item: string; body: string; hash: string; sign_in: number; seq: number }

/** The end of a chain (store `chains`): the next line gets last_seq + 1 and this hash as prev. */
export interface Chain {
  last_seq: number; last_hash: string; confirmed_seq: number; late_count: number;
  receipt: string; receipt_at: number;
}

/** What the server knows of one attempt when the page attaches to it. */
export interface ServerView { lines: ServerLine[]; last_seq: number; last_hash: string; open: boolean }

export interface Attached {
  answers: Map<string, Answer>;
  /** Items typed here earlier for which another machine has a later value: the server's is shown, ours set aside. */
  setAside: string[];
  /** Items written again because the server had less than it once confirmed. */
  repeated: string[];
}

export interface Settled { confirmed: number; late: number; conflict: boolean; stuck: string[]; left: number }

const fresh = (): Chain => ({ last_seq: 0, last_hash: FIRST, confirmed_seq: 0, late_count: 0, receipt: "", receipt_at: 0 });

const chainKey = (attempt: string, signIn: number): string => `${attempt}|${String(signIn).padStart(6, "0")}`;
const lineKey = (attempt: string, signIn: number, seq: number): string => `${chainKey(attempt, signIn)}|${String(seq).padStart(8, "0")}`;
const answerKey = (attempt: string, item: string): string => `${attempt}|${item}`;

export class Journal {
  constructor(private readonly shelf: Shelf) {}

  /** Writes one answer; resolves when it is on the shelf. Answers null when the value is already the current one. */
  write(attempt: string, signIn: number, item: string, value: Answer): Promise<Line | null> {
    const body = JSON.stringify(value);
    return this.shelf.step(async (step) => {
      const before = await step.get<Kept>("answers", answerKey(attempt, item));
      if (before ? before.body === body : value === null) return null;
      return append(step, attempt, signIn, item, body, before?.hash ?? "");
    });
  }

  /** The oldest lines of this sign-in that the server may still take, in order. */
  async unsent(attempt: string, signIn: number, limit: number): Promise<Line[]> {
    const lines = await this.shelf.step((step) => step.all<Line>("lines", chainKey(attempt, signIn) + "|"));
    return lines.filter((line) => !line.stuck).slice(0, limit);
  }

  /** How many lines of the attempt the server has not named, of any sign-in; `stuck` are those it will not take. */
  async waiting(attempt: string): Promise<{ count: number; stuck: string[] }> {
    const lines = await this.shelf.step((step) => step.all<Line>("lines", attempt + "|"));
    return { count: lines.filter((line) => !line.stuck).length, stuck: lines.filter((line) => line.stuck).map((line) => line.item) };
  }

  async chain(attempt: string, signIn: number): Promise<Chain> {
    return (await this.shelf.step((step) => step.get<Chain>("chains", chainKey(attempt, signIn)))) ?? fresh();
  }

  /**
   * Takes the server's word on a batch. A line goes only when its seq was named with its own hash, or when the server says it
   * keeps it as late. A line called bad is written once more under a new number (a torn record heals that way); the
   * second time it is put aside as stuck, so that it does not hold up its neighbours, and stays on the shelf.
   */
  settle(attempt: string, signIn: number, sent: Line[], reply: KeepReply): Promise<Settled> {
    return this.shelf.step(async (step) => {
      const chain = (await step.get<Chain>("chains", chainKey(attempt, signIn))) ?? fresh();
      const settled: Settled = { confirmed: 0, late: 0, conflict: (reply.conflict ?? []).length > 0, stuck: [], left: 0 };
      const named = new Map((reply.kept ?? []).map((kept) => [kept.seq, kept]));
      const late = new Set(reply.late ?? []);
      const bad = new Map((reply.bad ?? []).map((one) => [one.seq, one.why]));
      const retry = new Set(reply.retry ?? []);
      const again: Line[] = [];
      for (const line of sent) {
        const key = lineKey(attempt, signIn, line.seq);
        const kept = named.get(line.seq);
        if (kept && kept.hash === line.hash) {
          await step.remove("lines", key);
          settled.confirmed += 1;
          if (line.seq > chain.confirmed_seq) {
            chain.confirmed_seq = line.seq;
            chain.receipt = kept.receipt ?? "";
            chain.receipt_at = kept.at ?? reply.now;
          }
        } else if (kept) {
          settled.conflict = true; // the number is taken by another body
        } else if (late.has(line.seq)) {
          await step.remove("lines", key);
          settled.late += 1;
          chain.late_count += 1;
        } else if (bad.has(line.seq)) {
          if (line.again) {
            await step.put("lines", key, { ...line, stuck: bad.get(line.seq) || "bad" });
            settled.stuck.push(line.item);
          } else {
            await step.remove("lines", key);
            again.push(line);
          }
        } else if (reply.open === false && reply.current !== false && !retry.has(line.seq)) {
          // closed for good and not even late: it stays here for the invigilator, and holds up nothing
          await step.put("lines", key, { ...line, stuck: "closed" });
          settled.stuck.push(line.item);
        }
      }
      await step.put("chains", chainKey(attempt, signIn), chain);
      for (const line of again) {
        const now = await step.get<Kept>("answers", answerKey(attempt, line.item));
        // a later line of the same item says all that this one could
        if (now && now.sign_in === signIn && now.seq > line.seq) continue;
        await append(step, attempt, signIn, line.item, line.body, line.over, true);
      }
      const rest = await step.all<Line>("lines", chainKey(attempt, signIn) + "|");
      settled.left = rest.filter((line) => !line.stuck).length;
      return settled;
    });
  }

  /** One line the server refuses even alone (too large, unreadable): put aside, kept on the shelf. */
  putAside(line: Line, why: string): Promise<void> {
    return this.shelf.step((step) => step.put("lines", lineKey(line.attempt, line.sign_in, line.seq), { ...line, stuck: why }));
  }

  /**
   * A number of ours is taken by another body (two pages, a lost profile): the current value of every unsent item is
   * written again behind everything either side has numbered. Numbers are never used twice, because a batch
   * believed lost may still arrive.
   */
  renumber(attempt: string, signIn: number, server: { last_seq: number; last_hash: string }): Promise<void> {
    return this.shelf.step(async (step) => {
      const lines = (await step.all<Line>("lines", chainKey(attempt, signIn) + "|")).filter((line) => !line.stuck);
      const chain = (await step.get<Chain>("chains", chainKey(attempt, signIn))) ?? fresh();
      chain.last_hash = server.last_hash || FIRST;
      chain.last_seq = Math.max(chain.last_seq, server.last_seq);
      await step.put("chains", chainKey(attempt, signIn), chain);
      for (const line of lines) await step.remove("lines", lineKey(attempt, signIn, line.seq));
      for (const item of new Set(lines.map((line) => line.item))) {
        const now = await step.get<Kept>("answers", answerKey(attempt, item));
        if (now) await append(step, attempt, signIn, item, now.body, now.hash);
      }
    });
  }

  /**
   * Joins this machine's journal with what the server has, after a reload, a sign-in or a quarrel.
   * Unsent lines of this sign-in win. Unsent lines of an earlier sign-in are carried over when the server's value is one
   * that we had seen or sent; otherwise another machine has gone on meanwhile and its value is the later one.
   * Everything else is the server's, except what it once confirmed to us and no longer has (a restored backup).
   */
  attach(attempt: string, signIn: number, server: ServerView): Promise<Attached> {
    return this.shelf.step(async (step) => {
      const key = chainKey(attempt, signIn);
      const chain = (await step.get<Chain>("chains", key)) ?? fresh();
      const serverHas = new Map(server.lines.map((line) => [line.item, line]));
      const local = new Map((await step.all<Kept>("answers", attempt + "|")).map((kept) => [kept.item, kept]));
      const lines = await step.all<Line>("lines", attempt + "|");
      const mine = new Set(lines.filter((line) => line.sign_in === signIn).map((line) => line.item));
      const older = lines.filter((line) => line.sign_in !== signIn);

      const lost = !server.open ? [] : [...local.values()].filter((kept) => !mine.has(kept.item) && !older.some((line) => line.item === kept.item)
        && kept.seq > 0 && kept.body !== "null"
        && (!serverHas.has(kept.item) || (kept.sign_in === signIn && kept.seq > server.last_seq && server.last_seq < chain.confirmed_seq)));

      if (server.last_seq > chain.last_seq) {
        chain.last_seq = server.last_seq;
        chain.last_hash = server.last_hash;
      }
      chain.confirmed_seq = mine.size === 0 ? Math.max(chain.confirmed_seq, server.last_seq) : chain.confirmed_seq;
      await step.put("chains", key, chain);

      for (const line of server.lines) {
        if (mine.has(line.item) || lost.some((kept) => kept.item === line.item)) continue;
        await step.put("answers", answerKey(attempt, line.item), { item: line.item, body: line.body, hash: line.hash, sign_in: signIn, seq: 0 } satisfies Kept);
      }

      const setAside: string[] = [];
      for (const item of new Set(older.map((line) => line.item))) {
        const ours = older.filter((line) => line.item === item);
        const last = ours[ours.length - 1]!;
        const theirs = serverHas.get(item);
        const seen = new Set(ours.flatMap((line) => [line.hash, line.over]));
        for (const line of ours) await step.remove("lines", lineKey(attempt, line.sign_in, line.seq));
        if (mine.has(item)) continue;
        if (!theirs || seen.has(theirs.hash)) {
          if (theirs?.body !== last.body) await append(step, attempt, signIn, item, last.body, theirs?.hash ?? "");
        } else if (theirs.body !== last.body) {
          await step.put("notes", `aside|${lineKey(attempt, last.sign_in, last.seq)}`, last);
          setAside.push(item);
        }
      }
      for (const kept of lost) await append(step, attempt, signIn, kept.item, kept.body, serverHas.get(kept.item)?.hash ?? "");
      return { answers: await answersIn(step, attempt), setAside, repeated: lost.map((kept) => kept.item) };
    });
  }

  /** The answers as this machine knows them, without the server: a reload while the room's network is down. */
  answers(attempt: string): Promise<Map<string, Answer>> {
    return this.shelf.step((step) => answersIn(step, attempt));
  }

  /** Removes what is left of finished attempts; lines that were never confirmed stay. */
  wipe(attempts: string[]): Promise<void> {
    return this.shelf.step(async (step) => {
      for (const attempt of attempts) {
        if ((await step.all<Line>("lines", attempt + "|")).length > 0) continue;
        for (const kept of await step.all<Kept>("answers", attempt + "|")) await step.remove("answers", answerKey(attempt, kept.item));
      }
    });
  }

  note<T>(key: string): Promise<T | undefined> {
    return this.shelf.step((step) => step.get<T>("notes", key));
  }

  setNote(key: string, value: unknown): Promise<void> {
    return this.shelf.step((step) => (value === undefined ? step.remove("notes", key) : step.put("notes", key, value)));
  }
}

async function append(step: Step, attempt: string, signIn: number, item: string, body: string, over: string, again = false): Promise<Line> {
  const key = chainKey(attempt, signIn);
  const chain = (await step.get<Chain>("chains", key)) ?? fresh();
  const seq = chain.last_seq + 1;
  const prev = chain.last_hash;
  const hash = lineHash(prev, attempt, signIn, seq, item, body);
  const line: Line = { attempt, sign_in: signIn, seq, item, body, prev, hash, over, ...(again ? { again } : {}) };
  // A fresh line speaks for its item: what was stuck before it is no longer needed.
  for (const old of await step.all<Line>("lines", key + "|")) {
    if (old.stuck && old.item === item) await step.remove("lines", lineKey(attempt, signIn, old.seq));
  }
  await step.put("lines", lineKey(attempt, signIn, seq), line);
  await step.put("answers", answerKey(attempt, item), { item, body, hash, sign_in: signIn, seq } satisfies Kept);
  await step.put("chains", key, { ...chain, last_seq: seq, last_hash: hash });
  return line;
}

async function answersIn(step: Step, attempt: string): Promise<Map<string, Answer>> {
  const kept = await step.all<Kept>("answers", attempt + "|");
  return new Map(kept.map((one) => [one.item, readBody(one.body)] as const).filter(([, value]) => value !== null));
}

function readBody(body: string): Answer {
  try {
    return JSON.parse(body) as Answer;
  } catch {
    return null; // a torn record: the server's copy or the candidate will mend it
  }
}

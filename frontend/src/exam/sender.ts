/** Sends what is unsent: one batch in flight, ≤ 20 lines, back-off with jitter; never decides that something arrived. */
import { Refusal, type KeepReply, type WireLine } from "./gate";
import type { Journal, Line } from "./journal";

export const BATCH = 20;

/** Characters of answers in one batch: a room's server reads at most 512,000 bytes at once, and a line of 64 kbit/s takes 20 s for these. */
export const BATCH_SIZE = 50_000;

/** How long a change may wait for company before it is sent, milliseconds. */
export const GATHER = 400;

/** 1, 2, 4, 8, 15, 15 … seconds. */
export function backOff(failures: number): number {
  return Math.min(15_000, 1_000 * 2 ** Math.max(0, failures - 1));
}

export type Halt = "moved" | "token";

export interface SenderNeeds {
  journal: Journal;
  post: (attempt: string, lines: WireLine[]) => Promise<KeepReply>;
  /** Resolves after `ms`, or as soon as the returned cancel is called. */
  sleep: (ms: number) => { done: Promise<void>; cancel: () => void };
  random: () => number;
  monotonic: () => number;
  /** The server's end of the chain, for renumbering after a conflict. */
  serverEnd: (attempt: string) => Promise<{ last_seq: number; last_hash: string }>;
  changed: () => void;
  halted: (why: Halt) => void;
  replied?: (attempt: string, reply: KeepReply) => void;
}

interface Target { attempt: string; signIn: number }

export class Sender {
  /** A batch is on the way. */
  inFlight = false;
  /** When the batch on the way left, of the machine's monotonic clock; null when none is. */
  sentAt: number | null = null;
  /** Attempts in a row that brought nothing; 0 means the last one worked. */
  failures = 0;
  /** The last failure was silence: nobody answered. */
  silent = false;

  private targets: Target[] = [];
  private running = false;
  private stopped = true;
  private poked = false;
  private hurried = false;
  private batch = BATCH;
  private nap: { cancel: () => void } | null = null;
  private idle: (() => void)[] = [];

  constructor(private readonly needs: SenderNeeds) {}

  /** What to send for; the first with unsent lines comes first. Starts or restarts the sender. */
  aim(targets: Target[]): void {
    this.targets = targets;
    this.stopped = false;
    this.poke();
  }

  stop(): void {
    this.stopped = true;
    this.nap?.cancel();
  }

  /** Something was written. */
  poke(): void {
    this.poked = true;
    if (!this.running && !this.stopped) void this.run();
  }

  /** Send now, without waiting for company or for the back-off: hand-in, end of time, the network is back. */
  hurry(): void {
    this.hurried = true;
    this.nap?.cancel();
    this.poke();
  }

  /** Resolves when nothing is left to send, or when the sender was stopped or halted; true means all is with the server. */
  async drained(): Promise<boolean> {
    this.hurry();
    while (this.running) await new Promise<void>((resolve) => this.idle.push(resolve));
    for (const target of this.targets) {
      if ((await this.needs.journal.unsent(target.attempt, target.signIn, 1)).length > 0) return false;
    }
    return true;
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      while (this.poked && !this.stopped) {
        this.poked = false;
        if (!this.hurried) await this.rest(GATHER * (0.5 + this.needs.random()));
        this.hurried = false;
        let after = await this.pass();
        while (after !== null && !this.stopped) {
          if (after > 0 && !this.hurried) await this.rest(after);
          this.hurried = false;
          if (this.stopped) break;
          after = await this.pass();
        }
      }
    } finally {
      this.running = false;
      for (const wake of this.idle.splice(0)) wake();
      this.needs.changed();
    }
  }

  private async rest(ms: number): Promise<void> {
    const nap = this.needs.sleep(ms);
    this.nap = nap;
    await nap.done;
    this.nap = null;
  }

  /** One batch. Answers how long to wait before the next, null when nothing is left. */
  private async pass(): Promise<number | null> {
    for (const target of this.targets) {
      const lines = await this.needs.journal.unsent(target.attempt, target.signIn, this.batch);
      if (lines.length > 0) return this.send(target, fitting(lines));
    }
    return null;
  }

  private async send(target: Target, lines: Line[]): Promise<number> {
    this.inFlight = true;
    this.sentAt = this.needs.monotonic();
    this.needs.changed();
    try {
      const wire = lines.map(({ seq, item, body, prev, hash }) => ({ seq, item, body, prev, hash }));
      let reply: KeepReply;
      try {
        reply = await this.needs.post(target.attempt, wire);
      } catch (failure) {
        if (!(failure instanceof Refusal)) {
          this.batch = Math.max(1, Math.floor(this.batch / 2)); // perhaps it was too much for this line
          return this.failed(true);
        }
        this.silent = false;
        if (failure.status === 401) return this.halt("token");
        const said = namesLines(failure.reply) ? failure.reply : null;
        if (said) reply = said;
        else if (failure.code === "not_current") return this.halt("moved");
        else if (failure.code === "closed") reply = { now: 0, open: false };
        else if (failure.status === 413 || failure.status === 400) return await this.smaller(lines, failure.code);
        else return this.failed(false, failure.retryAfterMs);
      }
      this.silent = false;
      const settled = await this.needs.journal.settle(target.attempt, target.signIn, lines, reply);
      this.needs.replied?.(target.attempt, reply);
      if (reply.current === false) return this.halt("moved");
      if (settled.conflict) {
        await this.needs.journal.renumber(target.attempt, target.signIn, await this.needs.serverEnd(target.attempt));
        return this.failed(false);
      }
      if (settled.confirmed + settled.late + settled.stuck.length > 0) {
        this.failures = 0;
        this.batch = Math.min(BATCH, this.batch * 2);
        return 0;
      }
      return this.failed(false); // everything was "retry", or nothing was said about our lines
    } catch {
      return this.failed(true); // serverEnd did not answer: the lines stay as they are
    } finally {
      this.inFlight = false;
      this.sentAt = null;
      this.needs.changed();
    }
  }

  /** The server cannot read a batch: half of it, then half again; a single line that it refuses is put aside. */
  private async smaller(lines: Line[], why: string): Promise<number> {
    if (lines.length === 1) await this.needs.journal.putAside(lines[0]!, why);
    else this.batch = Math.max(1, Math.floor(lines.length / 2));
    return this.failed(false);
  }

  private failed(silent: boolean, atLeast = 0): number {
    this.failures += 1;
    this.silent = silent;
    return Math.max(backOff(this.failures), atLeast) * (0.75 + this.needs.random() / 2);
  }

  private halt(why: Halt): number {
    this.stopped = true;
    this.needs.halted(why);
    return 0;
  }
}

/** The first lines that fit into one batch; at least one. */
function fitting(lines: Line[]): Line[] {
  let size = 0;
  const end = lines.findIndex((line) => (size += line.body.length) > BATCH_SIZE);
  return end < 0 ? lines : lines.slice(0, Math.max(1, end));
}

function namesLines(reply: unknown): reply is KeepReply {
  return typeof reply === "object" && reply !== null && ["kept", "late", "conflict", "retry", "bad"].some((key) => Array.isArray((reply as Record<string, unknown>)[key]));
}

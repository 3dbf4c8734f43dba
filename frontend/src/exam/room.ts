/** The candidate's room: what the server says, what this machine knows, and the stage that follows from both. */
import type { ServerClock } from "./clock";
import { bell } from "./clock";
import { Refusal, Silence, type Gate, type PartState, type RoomEvent, type RoomState } from "./gate";
import type { Chain, Journal, ServerView } from "./journal";
import { numbered, type Answer, type Paper, type PartName } from "./paper";
import { backOff, Sender, type Halt } from "./sender";
import type { Durability } from "./shelf";

export type Stage = "opening" | "sign-in" | "moved" | "waiting" | "paper" | "loading" | "stopping" | "between" | "end";

export interface SaveState {
  state: "here" | "sending" | "confirmed";
  /** Not yet on this machine's disk: a key was pressed a moment ago. */
  writing: boolean;
  unsent: number;
  /** Items the server will not take; the candidate should answer them again or call the invigilator. */
  stuck: string[];
  durability: Durability;
}

export interface Receipt { receipt: string; handed_in_at: number; answered: number }

export interface Notice { id: string; tone: "calm" | "good" | "warn"; kind: NoticeKind; n?: number }
export type NoticeKind = "granted" | "left" | "aside" | "storage" | "shortened";

interface Session { token: string; ticket_no: string }
interface Place { current: string; flags: string[] }

export interface RoomNeeds {
  gate: Gate; journal: Journal; clock: ServerClock;
  durability: () => Durability;
  monotonic: () => number;
  wallClock: () => number;
  random: () => number;
  sleep: (ms: number) => { done: Promise<void>; cancel: () => void };
  machine: string;
}

/** A pause in typing after which a text goes to the journal, and the longest it may wait, milliseconds. */
const PAUSE = 800;
const LONGEST = 1_300;

/** Silence shorter than this is not worth a sentence. */
const OFFLINE_AFTER = 4_000;

/** The gate hears as many events at once. */
const EVENTS = 20;

const FINISHED = new Set(["handed_in", "closed", "barred"]);

export class Room {
  session: Session | null = null;
  state: RoomState | null = null;
  halted: Halt | null = null;
  confirmed = false;
  /** The part on the desk: set when its paper is here. */
  part: PartState | null = null;
  paper: Paper | null = null;
  answers = new Map<string, Answer>();
  flags = new Set<string>();
  current = "";
  notices: Notice[] = [];
  receipts = new Map<string, Receipt>();
  chains = new Map<string, Chain>();
  booted = false;
  readonly sender: Sender;

  private readonly listeners = new Set<() => void>();
  private readonly typed = new Map<string, { value: Answer; since: number; pause: { done: Promise<void>; cancel: () => void } }>();
  private writing = 0;
  private unsent = 0;
  private stuck: string[] = [];
  private silentSince: number | null = null;
  private lastLeft = Infinity;
  private events: RoomEvent[] = [];
  private pulsing: AbortController | null = null;
  private life = 0;
  private views: Record<string, ServerView> = {};
  private entering: Promise<void> | null = null;
  private closing = false;
  private turn: Promise<void> = Promise.resolve();
  private wiped = false;

  constructor(readonly needs: RoomNeeds) {
    this.sender = new Sender({
      journal: needs.journal,
      post: (attempt, lines) => this.heard(needs.gate.keep(this.token, attempt, lines)),
      sleep: needs.sleep, random: needs.random, monotonic: needs.monotonic,
      serverEnd: async (attempt) => {
        const state = await this.heard(needs.gate.state(this.token));
        const part = state.parts.find((one) => one.attempt === attempt)?.part ?? "theory";
        return { last_seq: state.last_seq?.[part] ?? 0, last_hash: state.last_hash?.[part] ?? "" };
      },
      changed: () => void this.count(),
      halted: (why) => this.halt(why),
      replied: (attempt, reply) => {
        const part = this.state?.parts.find((one) => one.attempt === attempt);
        if (part && typeof reply.closes_at === "number") this.timeChanged(part, reply.closes_at);
      },
    });
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get token(): string {
    return this.session?.token ?? "";
  }

  now(): number {
    return this.needs.clock.now();
  }

  // ── opening, signing in and out ────────────────────────────────────────────────────────────────────────

  /** The page opens: with a kept session the candidate is where they were, with or without the network. */
  async boot(): Promise<void> {
    this.session = (await this.needs.journal.note<Session>("session")) ?? null;
    if (this.session) {
      this.confirmed = (await this.needs.journal.note<boolean>(`confirmed|${this.session.ticket_no}`)) ?? false;
      const cached = await this.needs.journal.note<{ state: RoomState; wall: number }>("state");
      if (cached) {
        this.needs.clock.guess(cached.state.now + Math.max(0, this.needs.wallClock() - cached.wall));
        this.state = cached.state;
      }
      this.event("reload", {});
      try {
        await this.absorb(await this.heard(this.needs.gate.state(this.token)));
      } catch (failure) {
        this.refused(failure);
        if (this.state && this.session) await this.follow();
      }
    }
    this.booted = true;
    if (this.session) void this.pulse();
    this.emit();
  }

  /** Throws Refusal (a sentence for the form) or Silence. */
  async signIn(ticketNo: string, seatCode: string, admission = ""): Promise<void> {
    const reply = await this.heard(this.needs.gate.signIn(ticketNo, seatCode, this.needs.machine, admission));
    this.forget();
    this.session = { token: reply.token, ticket_no: ticketNo };
    await this.needs.journal.setNote("session", this.session);
    await this.needs.journal.setNote("state", undefined);
    this.confirmed = (await this.needs.journal.note<boolean>(`confirmed|${ticketNo}`)) ?? false;
    await this.persist(async () => this.absorb(await this.heard(this.needs.gate.state(this.token))));
    void this.pulse();
    this.emit();
  }

  /** Back to the sign-in, with the journal left as it is: the next sign-in carries it over. */
  signInAgain(): void {
    void this.needs.journal.setNote("session", undefined);
    this.forget();
    this.emit();
  }

  /** Another page has the pen: nothing more is asked or sent from here. */
  stop(): void {
    this.life += 1;
    this.pulsing?.abort();
    this.sender.stop();
  }

  /** Leaves this machine for the next candidate. Unconfirmed lines stay on the shelf. */
  async signOut(): Promise<void> {
    const { journal } = this.needs;
    for (const part of this.state?.parts ?? []) {
      for (const kind of ["paper", "place", "receipt"]) await journal.setNote(`${kind}|${part.attempt}`, undefined);
    }
    await journal.wipe((this.state?.parts ?? []).map((part) => part.attempt));
    if (this.session) await journal.setNote(`confirmed|${this.session.ticket_no}`, undefined);
    await journal.setNote("session", undefined);
    await journal.setNote("state", undefined);
    this.forget();
    this.emit();
  }

  async confirm(): Promise<void> {
    if (!this.session) return;
    this.confirmed = true;
    await this.needs.journal.setNote(`confirmed|${this.session.ticket_no}`, true);
    this.emit();
  }

  private forget(): void {
    this.life += 1;
    this.pulsing?.abort();
    this.sender.stop();
    this.typed.clear(); // what was typed went to the journal when the room halted or the candidate left
    this.session = this.state = this.halted = this.part = this.paper = null;
    this.answers = new Map();
    this.flags = new Set();
    this.receipts = new Map();
    this.chains = new Map();
    this.views = {};
    this.notices = this.notices.filter((notice) => notice.kind === "storage");
    this.unsent = 0;
    this.stuck = [];
    this.confirmed = this.closing = this.wiped = false;
    this.lastLeft = Infinity;
  }

  // ── the stage ───────────────────────────────────────────────────────────────────────────────────────

  stage(): Stage {
    if (!this.booted) return "opening";
    if (!this.session) return "sign-in";
    if (this.halted) return "moved";
    if (!this.state) return "opening";
    const live = this.live();
    if (live) return this.part?.attempt === live.attempt && this.paper ? "paper" : "loading";
    if (this.overdue()) return "stopping";
    if (this.state.parts.every((part) => FINISHED.has(part.state))) return "end";
    if (this.state.parts.some((part) => FINISHED.has(part.state))) return "between";
    return "waiting";
  }

  /** The part that may be answered at this moment. */
  live(): PartState | null {
    const at = this.now();
    return this.state?.parts.find((part) => part.state === "open" && (part.closes_at === null || at < part.closes_at)) ?? null;
  }

  /** A part whose time is over here while the server has not said so yet. */
  overdue(): PartState | null {
    const at = this.now();
    return this.state?.parts.find((part) => part.state === "open" && part.closes_at !== null && at >= part.closes_at) ?? null;
  }

  /** The next part to start, if any. */
  next(): PartState | null {
    return this.state?.parts.find((part) => part.state === "waiting" || part.state === "ready") ?? null;
  }

  mayStart(part: PartState): boolean {
    return Boolean(this.state?.admitted) && (part.state === "ready" || (part.opens_at !== null && this.now() >= part.opens_at));
  }

  left(): number {
    const part = this.live() ?? this.overdue();
    return part?.closes_at ? Math.max(0, part.closes_at - this.now()) : 0;
  }

  /** Milliseconds until hand-in is allowed; 0 when it is. The server decides, this only says so beforehand. */
  earliestHandIn(): number {
    const part = this.live();
    const minutes = this.state?.session.rules.earliest_hand_in_minutes ?? 0;
    if (!part || part.opened_at === null) return 0;
    return Math.max(0, Math.min(part.opened_at + minutes * 60_000, part.closes_at ?? Infinity) - this.now());
  }

  get offline(): boolean {
    // nobody answers, or somebody takes longer over a batch than any healthy room does
    const since = this.silentSince ?? this.sender.sentAt;
    return since !== null && this.needs.monotonic() - since >= OFFLINE_AFTER;
  }

  save(): SaveState {
    const writing = this.typed.size + this.writing > 0;
    const state = writing ? "here" : this.sender.inFlight ? "sending" : this.unsent > 0 ? "here" : "confirmed";
    return { state, writing, unsent: this.unsent, stuck: this.stuck, durability: this.needs.durability() };
  }

  /** Once a second or more often: time passes, stages change, bells ring. */
  tick(): void {
    const overdue = this.overdue();
    if (overdue && !this.closing) void this.close();
    const left = this.left();
    if (this.live()) {
      const minutes = bell(this.lastLeft, left);
      if (minutes !== null) this.notice({ id: "left", kind: "left", tone: "warn", n: minutes });
      this.lastLeft = left;
    }
  }

  // ── answering ────────────────────────────────────────────────────────────────────────────────────────

  /** A change of an answer. `typing` waits for a pause in the typing, ≤ 1.3 s; a click goes to the journal at once. */
  answer(item: string, value: Answer, typing = false): void {
    if (this.stage() !== "paper" || this.halted) return;
    if (value === null) this.answers.delete(item);
    else this.answers.set(item, value);
    const at = this.needs.monotonic();
    const earlier = this.typed.get(item);
    const since = earlier?.since ?? at;
    const pause = this.needs.sleep(typing ? Math.max(0, Math.min(PAUSE, since + LONGEST - at)) : 0);
    this.typed.set(item, { value, since, pause });
    earlier?.pause.cancel();
    void pause.done.then(() => { if (this.typed.get(item)?.pause === pause) void this.flush(item); });
    if (!typing) void this.flush(item);
    this.emit();
  }

  /** Everything typed goes to the journal now: leaving an item, hiding the page, the end of time. */
  async flushAll(): Promise<void> {
    await Promise.all([...this.typed.keys()].map((item) => this.flush(item)));
  }

  private async flush(item: string): Promise<void> {
    const waiting = this.typed.get(item);
    if (!waiting || !this.part || !this.state) return;
    this.typed.delete(item);
    waiting.pause.cancel();
    this.writing += 1;
    try {
      const line = await this.needs.journal.write(this.part.attempt, this.state.sign_in, item, waiting.value);
      if (line) this.unsent += 1;
      this.sender.poke();
    } finally {
      this.writing -= 1;
      this.emit();
    }
  }

  goTo(item: string): void {
    if (item === this.current) return;
    void this.flushAll();
    this.current = item;
    void this.keepPlace();
    this.emit();
  }

  flag(item: string): void {
    if (!this.flags.delete(item)) this.flags.add(item);
    void this.keepPlace();
    this.emit();
  }

  private async keepPlace(): Promise<void> {
    if (!this.part) return;
    await this.needs.journal.setNote(`place|${this.part.attempt}`, { current: this.current, flags: [...this.flags] } satisfies Place);
  }

  // ── the parts ─────────────────────────────────────────────────────────────────────────────────────────

  /** Opens a part. Silence and a busy server are waited out; a refusal is thrown for the screen to say. */
  async start(part: PartName): Promise<void> {
    const life = this.life;
    const reply = await this.persist(() => this.heard(this.needs.gate.start(this.token, part)));
    if (life !== this.life || !reply || !this.state) return;
    await this.absorb({ ...this.state, now: reply.now, parts: this.state.parts.map((one) => (one.part === part ? reply.part : one)) });
  }

  /**
   * Hands in the live part: everything typed first reaches the server, then the part is closed by its own call.
   * Answers false when `cancelled` turned true while waiting for the network.
   */
  async handIn(cancelled: () => boolean): Promise<boolean> {
    const part = this.live();
    if (!part || !this.state) return false;
    const life = this.life;
    for (let round = 0; ; round += 1) {
      await this.flushAll();
      const all = await this.sender.drained();
      if (cancelled() || this.halted || life !== this.life) return false;
      if (!all) {
        await this.needs.sleep(300).done;
        continue;
      }
      try {
        const chain = await this.needs.journal.chain(part.attempt, this.state.sign_in);
        const reply = await this.persist(() => this.heard(this.needs.gate.handIn(this.token, part.attempt, chain.confirmed_seq)), cancelled);
        if (!reply) return false;
        const receipt: Receipt = { receipt: reply.receipt, handed_in_at: reply.handed_in_at, answered: this.answers.size };
        this.receipts.set(part.attempt, receipt);
        await this.needs.journal.setNote(`receipt|${part.attempt}`, receipt);
        await this.absorb({ ...this.state, now: reply.now, parts: reply.parts });
        return true;
      } catch (failure) {
        // "behind": the server lacks what it had confirmed. Compare with it, send again, try again.
        if (!(failure instanceof Refusal) || failure.code !== "behind" || round >= 3) throw failure;
        await this.absorb(await this.persistAlways(() => this.heard(this.needs.gate.state(this.token))));
      }
    }
  }

  /** The time is over: nothing more is typed, everything unsent goes out, and the server's word ends the part. */
  private async close(): Promise<void> {
    this.closing = true;
    const life = this.life;
    await this.flushAll();
    if (this.part && this.paper) {
      await this.needs.journal.setNote(`receipt|${this.part.attempt}`, { receipt: "", handed_in_at: 0, answered: this.answers.size } satisfies Receipt);
    }
    this.emit();
    this.sender.hurry();
    while (life === this.life && !this.halted && this.overdue()) {
      await this.needs.sleep(1_500 + this.needs.random() * 1_500).done;
      try {
        await this.absorb(await this.heard(this.needs.gate.state(this.token)));
      } catch (failure) {
        this.refused(failure);
      }
    }
    this.closing = false;
    await this.count();
  }

  // ── what the server says ──────────────────────────────────────────────────────────────────────────────

  /** Takes in a state, of whichever call; an older one than the last is dropped. */
  private absorb(next: RoomState): Promise<void> {
    // one after another: pulses, keeps and hand-ins answer in any order
    const mine = this.turn.then(() => this.absorbNow(next));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async absorbNow(next: RoomState): Promise<void> {
    if (!this.session) return;
    const before = this.state;
    if (before && next.now < before.now) return;
    // a machine that is not the current one is shown no lines: nothing may be concluded from their absence
    if (next.lines && next.current) {
      this.views = {};
      for (const part of next.parts) {
        if (part.opened_at === null) continue;
        this.views[part.part] = {
          lines: next.lines[part.part] ?? [], last_seq: next.last_seq?.[part.part] ?? 0,
          last_hash: next.last_hash?.[part.part] ?? "", open: part.state === "open",
        };
      }
    }
    const { lines: _, ...plain } = next;
    const times = new Map(before?.parts.map((part) => [part.attempt, part.closes_at]));
    this.state = plain;
    for (const part of next.parts) {
      const old = times.get(part.attempt);
      if (typeof old === "number" && part.state === "open" && part.closes_at !== null && part.closes_at !== old) this.timeNotice(part.closes_at - old);
    }
    if (next.current === false) this.halt("moved");
    await this.needs.journal.setNote("state", { state: plain, wall: this.needs.wallClock() });
    await this.follow();
    this.emit();
  }

  /** Brings desk, journal and sender in line with the state. */
  private async follow(): Promise<void> {
    const state = this.state;
    if (!state || !this.session) return;
    for (const part of state.parts) {
      const attached = this.views[part.part];
      const { count } = await this.needs.journal.waiting(part.attempt);
      if (attached && part.opened_at !== null && (part.state === "open" || count > 0)) {
        const result = await this.needs.journal.attach(part.attempt, state.sign_in, attached);
        delete this.views[part.part];
        if (this.part?.attempt === part.attempt) this.takeAnswers(result.answers);
        if (result.setAside.length > 0) {
          this.notice({ id: "aside", kind: "aside", tone: "warn", n: result.setAside.length });
          this.event("set_aside", { count: result.setAside.length });
        }
      }
      if (FINISHED.has(part.state)) {
        const receipt = await this.needs.journal.note<Receipt>(`receipt|${part.attempt}`);
        if (receipt) this.receipts.set(part.attempt, receipt);
        this.chains.set(part.attempt, await this.needs.journal.chain(part.attempt, state.sign_in));
      }
    }
    this.sender.aim(this.halted ? [] : state.parts.filter((part) => part.opened_at !== null).map((part) => ({ attempt: part.attempt, signIn: state.sign_in })));
    await this.count();
    const live = this.live();
    if (live) await this.enter(live);
    else {
      if (this.part && !this.overdue()) {
        await this.flushAll(); // handed in by the invigilator in the middle of a word: the word is late, not lost
        this.leaveDesk();
      }
      if (state.parts.every((part) => FINISHED.has(part.state)) && this.unsent === 0 && !this.wiped) {
        this.wiped = true;
        for (const part of state.parts) for (const kind of ["paper", "place"]) await this.needs.journal.setNote(`${kind}|${part.attempt}`, undefined);
        await this.needs.journal.wipe(state.parts.map((part) => part.attempt));
      }
    }
  }

  private leaveDesk(): void {
    this.part = this.paper = null;
    this.answers = new Map();
    this.flags = new Set();
    this.current = "";
    this.notices = this.notices.filter((notice) => notice.kind === "storage");
    this.lastLeft = Infinity;
  }

  /** The paper of an opened part comes on the desk: from this machine if it is here, else from the gate. */
  private async enter(part: PartState): Promise<void> {
    if (this.part?.attempt === part.attempt && this.paper) {
      this.part = part;
      return;
    }
    this.entering ??= this.fetchPaper(part).finally(() => { this.entering = null; });
    // not awaited: pulses go on while the paper is on its way
  }

  private async fetchPaper(part: PartState): Promise<void> {
    const life = this.life;
    const { journal } = this.needs;
    const key = `paper|${part.attempt}`;
    let paper = await journal.note<Paper>(key);
    if (!paper || paper.id !== part.form) {
      const got = await this.persist(() => this.heard(this.needs.gate.paper(this.token, part.part)), () => life !== this.life).catch((failure: unknown) => {
        this.refused(failure);
        return null;
      });
      if (!got || life !== this.life) return;
      paper = got;
      await journal.setNote(key, paper);
    }
    const place = await journal.note<Place>(`place|${part.attempt}`);
    const answers = await journal.answers(part.attempt);
    if (life !== this.life) return;
    this.part = part;
    this.paper = paper;
    this.answers = answers;
    this.flags = new Set(place?.flags ?? []);
    const items = numbered(paper).map((one) => one.item.id);
    this.current = place && items.includes(place.current) ? place.current : (items[0] ?? "");
    await this.count();
    this.emit();
  }

  /** Answers from the journal, without touching what is being typed this second. */
  private takeAnswers(answers: Map<string, Answer>): void {
    for (const [item, { value }] of this.typed) {
      if (value === null) answers.delete(item);
      else answers.set(item, value);
    }
    this.answers = answers;
  }

  private timeChanged(part: PartState, closesAt: number): void {
    if (!this.state || part.closes_at === null || part.closes_at === closesAt) return;
    this.timeNotice(closesAt - part.closes_at);
    this.state = { ...this.state, parts: this.state.parts.map((one) => (one.attempt === part.attempt ? { ...one, closes_at: closesAt } : one)) };
    this.emit();
  }

  private timeNotice(ms: number): void {
    const minutes = Math.round(Math.abs(ms) / 60_000);
    if (minutes > 0) this.notice({ id: "granted", kind: ms > 0 ? "granted" : "shortened", tone: ms > 0 ? "good" : "warn", n: minutes });
    this.lastLeft = Infinity;
  }

  private async pulse(): Promise<void> {
    const life = this.life;
    let failures = 0;
    while (life === this.life && this.session && !this.halted) {
      const began = this.needs.monotonic();
      try {
        this.pulsing = new AbortController();
        // Without a full state since the page opened, ask for one: the journal has to be joined with the server's lines.
        const full = !this.state || !this.needs.clock.known;
        const next = full ? await this.needs.gate.state(this.token) : await this.needs.gate.pulse(this.token, this.state!.version, this.pulsing.signal);
        if (life !== this.life) return;
        this.answered(failures > 0);
        failures = 0;
        await this.absorb(next);
        this.sendEvents();
        // a pulse that answers at once, again and again, may not become a busy loop
        if (this.needs.monotonic() - began < 500) await this.needs.sleep(500 + this.needs.random() * 500).done;
      } catch (failure) {
        if (life !== this.life) return;
        failures += 1;
        if (failure instanceof Silence) this.unanswered();
        this.refused(failure);
        await this.needs.sleep(backOff(failures) * (0.75 + this.needs.random() / 2)).done;
      }
    }
  }

  /** Watches whether anybody answers. */
  private async heard<T>(call: Promise<T>): Promise<T> {
    try {
      const reply = await call;
      this.answered(false);
      return reply;
    } catch (failure) {
      if (failure instanceof Silence) this.unanswered();
      else this.answered(false);
      throw failure;
    }
  }

  private answered(hurry: boolean): void {
    if (this.silentSince !== null) {
      const ms = Math.round(this.needs.monotonic() - this.silentSince);
      if (ms >= OFFLINE_AFTER) this.event("offline", { ms });
      this.silentSince = null;
      this.emit();
    }
    // the server is back: do not wait for the rest of a long back-off, but not all candidates in the same instant either
    if (hurry) void this.needs.sleep(this.needs.random() * 1_500).done.then(() => this.sender.hurry());
  }

  private unanswered(): void {
    this.silentSince ??= this.needs.monotonic();
    this.emit();
  }

  private refused(failure: unknown): void {
    if (!(failure instanceof Refusal)) return;
    if (failure.status === 401) this.halt("token");
    else if (failure.code === "not_current") this.halt("moved");
  }

  private halt(why: Halt): void {
    if (this.halted) return;
    this.halted = why;
    void this.flushAll();
    this.sender.stop();
    this.emit();
  }

  /** Repeats a call until somebody answers; a refusal is thrown, a busy server waited out. */
  private async persist<T>(call: () => Promise<T>, cancelled: () => boolean = () => false): Promise<T | null> {
    const life = this.life;
    for (let failures = 1; ; failures += 1) {
      try {
        return await call();
      } catch (failure) {
        const busy = failure instanceof Refusal && (failure.status === 503 || failure.status === 502 || failure.status === 429);
        if (!busy && !(failure instanceof Silence)) throw failure;
        const least = failure instanceof Refusal ? failure.retryAfterMs : 0;
        await this.needs.sleep(Math.max(backOff(failures), least) * (0.5 + this.needs.random() / 2)).done;
        if (cancelled() || life !== this.life) return null;
      }
    }
  }

  private async persistAlways<T>(call: () => Promise<T>): Promise<T> {
    const result = await this.persist(call);
    if (result === null) throw new Silence("left");
    return result;
  }

  // ── small things ───────────────────────────────────────────────────────────────────────────────────────

  notice(notice: Notice): void {
    this.notices = [...this.notices.filter((one) => one.id !== notice.id), notice];
    this.emit();
  }

  dismiss(id: string): void {
    this.notices = this.notices.filter((one) => one.id !== id);
    this.emit();
  }

  /** Evidence, best effort: never in the way of answers. */
  event(kind: string, data: Record<string, string | number>): void {
    this.events = [...this.events, { kind, data, t: Math.round(this.now()) }].slice(-50);
  }

  private sendEvents(): void {
    if (this.events.length === 0 || !this.token) return;
    const batch = this.events.slice(0, EVENTS);
    this.events = this.events.slice(EVENTS);
    this.needs.gate.events(this.token, batch).catch((failure: unknown) => {
      if (failure instanceof Silence) this.events = [...batch, ...this.events].slice(-50);
    });
  }

  /** Lines of any part not yet named by the server. */
  private async count(): Promise<void> {
    let unsent = 0;
    let stuck: string[] = [];
    for (const part of this.state?.parts ?? []) {
      const waiting = await this.needs.journal.waiting(part.attempt);
      unsent += waiting.count;
      stuck = [...stuck, ...waiting.stuck];
    }
    this.unsent = unsent;
    this.stuck = stuck;
    this.emit();
  }

  private emit(): void {
    for (const listener of this.listeners) listener();
  }
}

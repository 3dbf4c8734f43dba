/** The room's server as the client sees it: typed calls, one kind of failure each for "no" and for "no answer". */
import type { Paper, PartName } from "./paper";

export interface WireLine { seq: number; item: string; body: string; prev: string; hash: string }

export interface PartState {
  part: PartName; attempt: string; form: string; minutes: number;
  opens_at: number | null;
  /** The last moment to start the part; null or missing when there is none. */
  start_until?: number | null;
  opened_at: number | null; closes_at: number | null; handed_in_at: number | null; granted_ms: number;
  state: "waiting" | "ready" | "open" | "handed_in" | "closed" | "barred";
}

export interface Rules {
  theory_minutes?: number; practical_minutes?: number; check_in_opens_minutes?: number; latest_entry_minutes?: number;
  earliest_hand_in_minutes?: number; grace_seconds?: number; absent_theory_bars_practical?: boolean;
}

export interface ServerLine { seq: number; item: string; body: string; hash: string }

/** `GET /gate/state`; the pulse answers the same without `lines`. */
export interface RoomState {
  now: number;
  candidate: { name: string; ticket_no: string; masked_id: string; room: string; seat_no: string | number };
  session: { title: string; certificate: string; level: string; site: string; rules: Rules };
  admitted: boolean; current: boolean; version: number; parts: PartState[]; sign_in: number;
  lines?: Record<string, ServerLine[]>; last_seq?: Record<string, number>; last_hash?: Record<string, string>;
}

export interface KeepReply {
  now: number; kept?: { seq: number; hash: string; at?: number; receipt?: string; key?: string }[];
  late?: number[]; conflict?: number[]; retry?: number[]; bad?: { seq: number; why: string }[];
  open?: boolean; current?: boolean; closes_at?: number | null; error?: string; message?: string;
}

export interface HandInReply { now: number; handed_in_at: number; receipt: string; key: string; parts: PartState[] }

export interface RoomEvent { kind: string; data: Record<string, string | number>; t: number }

/** The server said no: `code` is the contract's word for it, `message` a Chinese sentence. */
export class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly retryAfterMs: number, readonly reply: unknown) {
    super(message);
  }
}

/** Nobody answered: cable, switch, server restart, time-out. What was sent may or may not have arrived. */
export class Silence extends Error {}

/** One moment of the server's clock between two of ours. */
export type ClockSample = (serverNow: number, sentAt: number, receivedAt: number) => void;

export interface Gate {
  /** `admission` is the signed code of the ticket, "" when only its number was typed. */
  signIn(ticketNo: string, seatCode: string, machine: string, admission: string): Promise<{ token: string; admitted: boolean; now: number }>;
  state(token: string): Promise<RoomState>;
  pulse(token: string, since: number, signal: AbortSignal): Promise<RoomState>;
  start(token: string, part: PartName): Promise<{ part: PartState; now: number }>;
  paper(token: string, part: PartName): Promise<Paper>;
  keep(token: string, attempt: string, lines: WireLine[]): Promise<KeepReply>;
  handIn(token: string, attempt: string, seq: number): Promise<HandInReply>;
  events(token: string, events: RoomEvent[]): Promise<void>;
}

type Fetch = (address: string, init: RequestInit) => Promise<Response>;

/**
 * The gate over HTTP. `monotonic` is performance.now: the wall clock of a school's machine may be anything.
 * `patience` bounds a call (a dead switch answers nothing at all); the pulse waits 25 s by design and gets more.
 */
export function httpGate(fetch: Fetch, monotonic: () => number, sample: ClockSample, base = "/gate", patience = 20_000): Gate {
  async function call<T>(method: "GET" | "POST", path: string, token: string, body?: unknown, limit = patience, signal?: AbortSignal): Promise<T> {
    const stop = new AbortController();
    const bell = setTimeout(() => stop.abort(), limit);
    const passOn = (): void => stop.abort();
    signal?.addEventListener("abort", passOn);
    const headers: Record<string, string> = { Accept: "application/json" };
    if (token) headers["Authorization"] = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const sentAt = monotonic();
    try {
      const response = await fetch(base + path, {
        method, headers, body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store", credentials: "omit", redirect: "error", signal: stop.signal,
      });
      const text = await response.text();
      const reply = asJson(text) as ({ now?: unknown; error?: unknown; message?: unknown } & T) | null;
      if (reply && typeof reply.now === "number") sample(reply.now, sentAt, monotonic());
      if (response.ok && reply) return reply;
      if (reply === null && response.ok) throw new Silence("not json");
      const retryAfter = Number(response.headers.get("Retry-After"));
      throw new Refusal(
        response.status,
        typeof reply?.error === "string" ? reply.error : `http_${response.status}`,
        typeof reply?.message === "string" ? reply.message : "",
        Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter * 1000 : 0,
        reply,
      );
    } catch (failure) {
      if (failure instanceof Refusal || failure instanceof Silence) throw failure;
      throw new Silence(failure instanceof Error ? failure.message : String(failure));
    } finally {
      clearTimeout(bell);
      signal?.removeEventListener("abort", passOn);
    }
  }

  return {
    signIn: (ticketNo, seatCode, machine, admission) =>
      call("POST", "/sign-in", "", { ...(admission ? { admission } : { ticket_no: ticketNo }), seat_code: seatCode, machine }),
    state: (token) => call("GET", "/state", token),
    pulse: (token, since, signal) => call("GET", `/pulse?since=${since}`, token, undefined, 40_000, signal),
    start: (token, part) => call("POST", "/start", token, { part }),
    paper: (token, part) => call("GET", `/paper/${part}`, token, undefined, 60_000),
    keep: (token, attempt, lines) => call("POST", "/keep", token, { attempt, lines }, 30_000),
    handIn: (token, attempt, seq) => call("POST", "/hand-in", token, { attempt, seq }),
    events: async (token, events) => { await call("POST", "/event", token, { events }); },
  };
}

function asJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

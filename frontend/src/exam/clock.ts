/** The server's clock, drawn here: each reply narrows where it can be, performance.now carries it in between. */

/** How far performance.now may drift from the server's clock, per millisecond (200 ppm: a poor quartz). */
const DRIFT = 0.0002;

/** A reply is written at the end of a long poll, not in its middle: never assume a longer way back than this. */
const HALF_TRIP = 500;

/**
 * Every reply says: when it was written, the server read `now`, somewhere between our sending and our receiving. So the
 * offset server − ours lies in [now − received, now − sent]. Intersecting such intervals gives the clock to a fraction
 * of the fastest round trip; a long poll (25 s wide) can only help, never hurt. An empty intersection means our
 * clock stood still (a sleeping laptop) or the server's was set: then the new sample alone counts.
 */
export class ServerClock {
  private low = -Infinity;
  private high = Infinity;
  private setAt = 0;
  private told = false;

  constructor(private readonly monotonic: () => number) {}

  /** True once the server has told the time (a guess after a reload without network does not count). */
  get known(): boolean {
    return this.told;
  }

  sample(serverNow: number, sentAt: number, receivedAt: number): void {
    const low = serverNow - receivedAt;
    const high = serverNow - sentAt;
    const age = Math.max(0, receivedAt - this.setAt) * DRIFT;
    const from = Math.max(low, this.low - age);
    const to = Math.min(high, this.high + age);
    [this.low, this.high] = from <= to && this.told ? [from, to] : [low, high];
    this.setAt = receivedAt;
    this.told = true;
  }

  /** A first idea from the machine's own wall clock, until the server answers. */
  guess(serverNow: number): void {
    if (this.told) return;
    const offset = serverNow - this.monotonic();
    this.low = this.high = offset;
    this.setAt = this.monotonic();
  }

  /** Milliseconds since the epoch, of the server. */
  now(): number {
    if (this.low === -Infinity) return Date.now();
    return this.monotonic() + this.low + Math.min((this.high - this.low) / 2, HALF_TRIP);
  }
}

/** The announcements before the end, in minutes: once each, and only those still ahead. */
export const BELLS = [15, 5, 1] as const;

/** Which bell rings when the rest goes from `before` to `after` milliseconds; null when none does. */
export function bell(before: number, after: number): number | null {
  for (const minutes of [...BELLS].reverse()) {
    const mark = minutes * 60_000;
    if (before > mark && after <= mark && after > mark - 60_000 && after > 0) return minutes;
  }
  return null;
}

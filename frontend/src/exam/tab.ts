/** One page of a browser writes; a second one only reads, and takes over when the first is gone. */

interface Word { from: string; says: "who" | "me" | "bye" | "mine" }

export interface Channel { postMessage(word: unknown): void; onmessage: ((event: { data: unknown }) => void) | null; close(): void }

export interface TabNeeds {
  /** null where BroadcastChannel is missing: then every page believes it is alone, and the journal's numbering still holds. */
  channel: Channel | null;
  id: string;
  wait: (ms: number) => Promise<void>;
  /** Told when this page may write from now on, or may no longer. */
  changed: (writer: boolean) => void;
}

/** How long a page listens for another before it takes the pen, milliseconds. Messages are not throttled in background pages. */
export const LISTEN = 400;

/**
 * Asks "who?" and writes when nobody answers "me". Two pages that ask at once: the smaller id answers the other.
 * `take` (the candidate's own wish) says "mine", and whoever writes puts the pen down.
 */
export class TabLock {
  writer = false;
  private asking = false;
  private heard = false;

  constructor(private readonly needs: TabNeeds) {
    if (needs.channel) needs.channel.onmessage = (event) => this.hear(event.data as Word);
  }

  /** Asks for the pen; true when this page has it. */
  async ask(): Promise<boolean> {
    if (this.writer) return true;
    if (this.needs.channel) {
      this.asking = true;
      this.heard = false;
      this.say("who");
      await this.needs.wait(LISTEN);
      this.asking = false;
    }
    if (!this.heard) this.hold();
    return this.writer;
  }

  /** Takes the pen from whoever has it. */
  take(): void {
    this.say("mine");
    this.hold();
  }

  /** The page goes away. */
  leave(): void {
    if (this.writer) this.say("bye");
    this.writer = false;
  }

  private hold(): void {
    if (this.writer) return;
    this.writer = true;
    this.say("me");
    this.needs.changed(true);
  }

  private hear(word: Word): void {
    if (!word || word.from === this.needs.id) return;
    if (word.says === "who" && (this.writer || (this.asking && this.needs.id < word.from))) this.say("me");
    if (word.says === "me") {
      this.heard = true;
      // Two writers (a page thawed after a long sleep): the smaller id keeps the pen, so that exactly one gives way.
      if (this.writer) {
        if (word.from < this.needs.id) this.yieldPen();
        else this.say("me");
      }
    }
    if (word.says === "mine" && this.writer) this.yieldPen();
    if (word.says === "bye" && !this.writer) void this.ask();
  }

  private yieldPen(): void {
    this.writer = false;
    this.needs.changed(false);
  }

  private say(says: Word["says"]): void {
    this.needs.channel?.postMessage({ from: this.needs.id, says } satisfies Word);
  }
}

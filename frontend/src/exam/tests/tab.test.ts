/** Two pages of one browser: exactly one may write. */
import { describe, expect, test } from "vitest";
import { TabLock, type Channel } from "../tab";
import { turn } from "./fake-server";

/** A BroadcastChannel between the pages of a test. */
class Air {
  private readonly ends: (Channel & { open: boolean })[] = [];
  join(): Channel & { open: boolean } {
    const end: Channel & { open: boolean } = {
      open: true, onmessage: null, close: () => { end.open = false; },
      postMessage: (word) => { for (const other of this.ends) if (other !== end && other.open) setTimeout(() => other.onmessage?.({ data: word }), 0); },
    };
    this.ends.push(end);
    return end;
  }
}

const page = (air: Air, id: string): { lock: TabLock; channel: Channel & { open: boolean }; told: boolean[] } => {
  const told: boolean[] = [];
  const channel = air.join();
  const wait = async (): Promise<void> => { for (let n = 0; n < 4; n += 1) await turn(); };
  return { lock: new TabLock({ channel, id, wait, changed: (writer) => told.push(writer) }), channel, told };
};

describe("the pen", () => {
  test("goes to a page that is alone", async () => {
    expect(await page(new Air(), "a").lock.ask()).toBe(true);
  });

  test("stays with the first page; a second one reads", async () => {
    const air = new Air();
    const first = page(air, "b");
    const second = page(air, "a");
    await first.lock.ask();
    expect(await second.lock.ask()).toBe(false);
    expect(first.lock.writer).toBe(true);
  });

  test("goes to exactly one of two pages that open together", async () => {
    const air = new Air();
    const [one, two] = [page(air, "a"), page(air, "b")];
    await Promise.all([one.lock.ask(), two.lock.ask()]);
    expect([one.lock.writer, two.lock.writer]).toEqual([true, false]);
  });

  test("passes on by itself when the writing page is closed", async () => {
    const air = new Air();
    const [one, two] = [page(air, "a"), page(air, "b")];
    await one.lock.ask();
    await two.lock.ask();
    one.lock.leave();
    one.channel.close();
    for (let n = 0; n < 8; n += 1) await turn();
    expect(two.lock.writer).toBe(true);
  });

  test("is taken when the candidate wants to go on here, and the other page is told", async () => {
    const air = new Air();
    const [one, two] = [page(air, "a"), page(air, "b")];
    await one.lock.ask();
    await two.lock.ask();
    two.lock.take();
    for (let n = 0; n < 4; n += 1) await turn();
    expect([one.lock.writer, two.lock.writer]).toEqual([false, true]);
    expect(one.told).toEqual([true, false]);
  });

  test("is held by one page again after a frozen one thaws", async () => {
    const air = new Air();
    const [one, two] = [page(air, "a"), page(air, "b")];
    await one.lock.ask();
    for (let n = 0; n < 4; n += 1) await turn();
    one.channel.open = false; // frozen: hears nothing
    expect(await two.lock.ask()).toBe(true);
    one.channel.open = true;
    await page(air, "c").lock.ask();
    for (let n = 0; n < 6; n += 1) await turn();
    expect([one.lock.writer, two.lock.writer].filter(Boolean)).toHaveLength(1);
  });
});

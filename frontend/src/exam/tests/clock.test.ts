/** The clock is the server's, whatever the machine's own clock and the network do. */
import { describe, expect, test } from "vitest";
import { bell, ServerClock } from "../clock";
import { countdown, dayAndTime, speak, timeOfDay } from "../i18n";
import { dice } from "./fake-server";

describe("the server's clock", () => {
  test("lies between sending and receiving, and stays there while time passes", () => {
    let mine = 10_000;
    const clock = new ServerClock(() => mine);
    clock.sample(1_000_000, 9_900, 10_000); // 100 ms there and back
    expect(clock.now()).toBe(1_000_050);
    mine += 5_000;
    expect(clock.now()).toBe(1_005_050);
  });

  test("gets better with a faster answer and is not spoilt by a slow one", () => {
    let mine = 0;
    const clock = new ServerClock(() => mine);
    const truth = (): number => 500_000 + mine;
    mine = 1_000;
    clock.sample(500_900, 0, 1_000); // stamped 100 ms before it came
    mine = 2_000;
    clock.sample(501_990, 1_980, 2_000); // 20 ms there and back
    expect(Math.abs(clock.now() - truth())).toBeLessThanOrEqual(20);
    mine = 30_000;
    clock.sample(529_990, 5_000, 30_000); // a long poll of 25 s
    expect(Math.abs(clock.now() - truth())).toBeLessThanOrEqual(20);
  });

  test("stays within a second of the server over two and a half hours of any weather", () => {
    const random = dice(7);
    let truth = 0;
    const quartz = 1.00015; // the machine runs fast
    const clock = new ServerClock(() => truth * quartz);
    while (truth < 9_000_000) {
      const sent = truth;
      const there = random() * 150;
      const back = random() * 150 + (random() < 0.05 ? 3_000 : 0);
      truth += there;
      const stamped = truth;
      truth += back;
      clock.sample(1_700_000_000_000 + stamped, sent * quartz, truth * quartz);
      truth += random() * 25_000;
      expect(Math.abs(clock.now() - 1_700_000_000_000 - truth)).toBeLessThan(1_000);
    }
  });

  test("follows the server after the machine slept and its own clock stood still", () => {
    let mine = 0;
    const clock = new ServerClock(() => mine);
    clock.sample(1_000_000, 0, 10);
    mine = 1_000; // an hour passed outside
    clock.sample(4_601_000, 990, 1_000);
    expect(Math.abs(clock.now() - 4_601_000)).toBeLessThanOrEqual(10);
  });

  test("is within half a second when all it has is the end of a long poll", () => {
    const clock = new ServerClock(() => 25_000);
    clock.sample(1_000_000, 0, 25_000);
    expect(clock.now()).toBeGreaterThanOrEqual(1_000_000);
    expect(clock.now()).toBeLessThanOrEqual(1_000_500);
  });

  test("takes a guess after a reload without network, and drops it for the first answer", () => {
    let mine = 50;
    const clock = new ServerClock(() => mine);
    clock.guess(900_000);
    expect(clock.known).toBe(false);
    mine = 1_050;
    expect(clock.now()).toBe(901_000);
    clock.sample(2_000_000, 1_040, 1_050);
    expect(clock.known).toBe(true);
    expect(Math.abs(clock.now() - 2_000_000)).toBeLessThanOrEqual(10);
    clock.guess(1);
    expect(Math.abs(clock.now() - 2_000_000)).toBeLessThanOrEqual(10);
  });
});

describe("the bells", () => {
  const minute = 60_000;
  test("ring once at fifteen, five and one minute", () => {
    const rung: number[] = [];
    for (let left = 20 * minute; left > 0; left -= 250) {
      const one = bell(left, left - 250);
      if (one !== null) rung.push(one);
    }
    expect(rung).toEqual([15, 5, 1]);
  });

  test("ring for who comes back within the minute, not for what is long past", () => {
    expect(bell(Infinity, 4.5 * minute)).toBe(5);
    expect(bell(Infinity, 3.5 * minute)).toBeNull();
    expect(bell(Infinity, 40 * minute)).toBeNull();
    expect(bell(2_000, 0)).toBeNull();
  });
});

describe("times for people", () => {
  test("count down in whole seconds and never below nothing", () => {
    expect(countdown(3_600_000)).toBe("1:00:00");
    expect(countdown(3_599_001)).toBe("1:00:00");
    expect(countdown(59_000)).toBe("00:59");
    expect(countdown(-5)).toBe("00:00");
  });

  test("are those of the exam, not of the machine's zone", () => {
    speak("zh");
    expect(timeOfDay(Date.UTC(2026, 10, 24, 1, 5))).toBe("09:05");
    expect(dayAndTime(Date.UTC(2026, 10, 23, 16, 30))).toMatch(/11月24日.*00:30/);
  });
});

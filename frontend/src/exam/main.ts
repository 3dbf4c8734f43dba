/** The exam client's start: browser in, room out. Everything that differs between browsers is handed in from here. */
import "./old-browser";
import { App } from "./app";
import { ServerClock } from "./clock";
import { httpGate } from "./gate";
import { Journal } from "./journal";
import { Room } from "./room";
import { applySettings, readSettings } from "./settings";
import { SafeShelf } from "./shelf";
import { TabLock, type Channel } from "./tab";

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null; // forbidden by policy
  }
}

function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9)); // available without a secure context, unlike randomUUID
  return [...bytes].map((byte) => byte.toString(36).padStart(2, "0")).join("");
}

/** A name of this machine's browser, so that an invigilator can see who sat where; kept when it can be. */
function machineName(): string {
  const place = "onex-exam.machine";
  const kept = storage()?.getItem(place);
  if (kept) return kept;
  const name = randomName();
  try { storage()?.setItem(place, name); } catch { /* a new name next time */ }
  return name;
}

function sleep(ms: number): { done: Promise<void>; cancel: () => void } {
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => { finish = resolve; });
  const timer = setTimeout(finish, ms);
  return { done, cancel: () => { clearTimeout(timer); finish(); } };
}

async function begin(): Promise<void> {
  const root = document.getElementById("exam")!;
  const settings = readSettings();
  applySettings(settings);
  const monotonic = (): number => performance.now();
  const clock = new ServerClock(monotonic);
  let room: Room | null = null;
  const shelf = await SafeShelf.open({
    indexedDB: window.indexedDB ?? null, localStorage: storage(),
    onWeaker: () => {
      room?.notice({ id: "storage", kind: "storage", tone: "warn" });
      room?.event("storage", { durability: shelf.durability });
    },
  });
  room = new Room({
    gate: httpGate((address, init) => fetch(address, init), monotonic, (now, sent, received) => clock.sample(now, sent, received)),
    journal: new Journal(shelf), clock, monotonic, sleep,
    durability: () => shelf.durability, wallClock: () => Date.now(), random: () => Math.random(), machine: machineName(),
  });
  const here = room;
  if (shelf.durability !== "disk") here.notice({ id: "storage", kind: "storage", tone: "warn" });

  let booted = false;
  const tab = new TabLock({
    channel: "BroadcastChannel" in window ? (new BroadcastChannel("onex-exam") as Channel) : null,
    id: `${Date.now().toString(36).padStart(10, "0")}${randomName()}`,
    wait: (ms) => sleep(ms).done,
    changed: (writer) => {
      // A page that lost the pen puts its last words on the shelf and stops; one that gets it starts from the shelf anew.
      if (!writer) void here.flushAll().then(() => here.stop());
      else if (booted) location.reload();
      app.show();
    },
  });
  const app = new App(root, here, settings, tab);

  await tab.ask();
  if (tab.writer) await here.boot();
  booted = true;
  app.show();

  setInterval(() => {
    here.tick();
    app.show();
  }, 250);
  setInterval(() => { if (!tab.writer) void tab.ask(); }, 3_000);

  let hiddenAt = 0;
  const away = (): void => {
    void here.flushAll();
    hiddenAt ||= monotonic();
  };
  const back = (): void => {
    if (hiddenAt) here.event("blur", { ms: Math.round(monotonic() - hiddenAt) });
    hiddenAt = 0;
  };
  window.addEventListener("blur", away);
  window.addEventListener("focus", back);
  document.addEventListener("visibilitychange", () => (document.hidden ? away() : back()));
  window.addEventListener("pagehide", () => {
    void here.flushAll();
    tab.leave();
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  window.addEventListener("online", () => here.sender.hurry());
  window.addEventListener("beforeunload", (event) => {
    const save = here.save();
    if (!tab.writer || (!save.writing && save.unsent === 0)) return;
    event.preventDefault();
    event.returnValue = "";
  });
  // a wrong key may not lose the page: Backspace as "back" is gone from browsers, Ctrl+R and F5 only reload, which is harmless
  window.addEventListener("dragover", (event) => event.preventDefault());
  window.addEventListener("drop", (event) => { if (!(event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement)) event.preventDefault(); });
}

void begin();

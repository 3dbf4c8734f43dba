/** Puts the right screen on the page for the room's stage, and keeps it current. */
import { replace } from "./dom";
import { TabLock } from "./tab";
import type { Screen, Stage } from "./parts/screen";
import type { Room } from "./room";
import { deskScreen } from "./screens/desk";
import { betweenScreen, endScreen, movedScreen, openingScreen, otherPageScreen, stoppingScreen } from "./screens/quiet";
import { signInScreen } from "./screens/sign-in";
import { waitingScreen } from "./screens/waiting";
import type { Settings } from "./settings";

export class App {
  private screen: Screen | null = null;
  private key = "";
  private readonly stage: Stage;

  constructor(private readonly root: HTMLElement, private readonly room: Room, settings: Settings, private readonly tab: TabLock) {
    this.stage = { room, settings, redraw: () => { void room.flushAll().then(() => this.show(true)); } };
    room.listen(() => this.show());
  }

  show(anew = false): void {
    const key = this.keyNow();
    if (anew || key !== this.key || !this.screen) {
      const first = this.key === "";
      this.screen?.destroy?.();
      this.key = key;
      this.screen = this.draw();
      replace(this.root, this.screen.element);
      if (this.screen.title) document.title = this.screen.title;
      // a new screen is announced by its heading; the very first page keeps the browser's own focus
      if (!first && !anew) this.root.querySelector<HTMLElement>("h1[tabindex]")?.focus({ preventScroll: true });
      const field = this.root.querySelector<HTMLElement>("[data-test=ticket-no]");
      if (field) field.focus();
    } else {
      this.screen.update();
    }
  }

  private keyNow(): string {
    if (!this.tab.writer) return "other-page";
    const stage = this.room.stage();
    const parts = this.room.state?.parts ?? [];
    if (stage === "paper") return `paper ${this.room.part?.attempt ?? ""}`;
    if (stage === "between" || stage === "end") return `${stage} ${parts.map((part) => part.state).join()} ${this.room.receipts.size}`;
    return stage;
  }

  private draw(): Screen {
    if (!this.tab.writer) return otherPageScreen(this.stage, () => this.tab.take());
    switch (this.room.stage()) {
      case "sign-in": return signInScreen(this.stage);
      case "waiting": return waitingScreen(this.stage);
      case "paper": return deskScreen(this.stage);
      case "stopping": return stoppingScreen(this.stage);
      case "between": return betweenScreen(this.stage);
      case "moved": return movedScreen(this.stage);
      case "end": return endScreen(this.stage);
      case "opening":
      case "loading": return openingScreen(this.stage);
    }
  }
}

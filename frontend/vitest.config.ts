/** One test run over both bundles; a file that needs a page says so in its first line (`@vitest-environment jsdom`). */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["src/**/*.test.ts"], testTimeout: 30_000, css: true },
});

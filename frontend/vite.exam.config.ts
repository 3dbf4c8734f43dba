/** Builds the exam client: frontend/exam/index.html → frontend/dist/exam/, for Chromium 86 and a strict CSP. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("./exam"),
  base: "/exam/",
  publicDir: false,
  build: {
    outDir: here("./dist/exam"),
    emptyOutDir: true,
    target: "chrome86",
    cssTarget: "chrome86",
    cssMinify: "lightningcss",
    modulePreload: { polyfill: false },
    // The CSP allows no data: addresses; everything is a file of its own.
    assetsInlineLimit: 0,
    sourcemap: false,
  },
});

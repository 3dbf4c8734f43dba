/** Builds the pages' bundle: frontend/src/site/main.ts → frontend/dist/site/ (hashed names and manifest.json). */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import { prune } from "./src/site/build/prune.ts";
import { staticColours } from "./src/site/build/staticColours.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tabler's colours, computed for Chrome 109 with our tokens on top. */
function tablerForOldChrome(): Plugin {
  const tokens = here("./src/site/tokens.css");
  return {
    name: "onex:static-colours",
    enforce: "pre",
    transform(code, id) {
      if (!/@tabler\/core\/dist\/css\/tabler(\.min)?\.css/.test(id)) return null;
      this.addWatchFile(tokens);
      return { code: staticColours(prune(code), readFileSync(tokens, "utf8")).css, map: null };
    },
  };
}

/** Compressed twins beside every asset: WhiteNoise serves them, so a school's line carries 60 KB of style, not 385. */
function compressed(): Plugin {
  return {
    name: "onex:compressed",
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle).filter((file) => /\.(js|css)$/.test(file))) {
        const path = join(options.dir ?? "", name);
        const body = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(body));
      }
    },
  };
}

export default defineConfig({
  root: here("./src/site"),
  base: "/static/site/",
  publicDir: false,
  plugins: [tablerForOldChrome(), compressed()],
  build: {
    outDir: here("./dist/site"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "chrome109",
    // Vite's own lowering of light-dark() gave a white side bar on white; nothing of that kind is left to lower.
    cssTarget: "chrome109",
    cssMinify: "lightningcss",
    modulePreload: { polyfill: false },
    // data: URIs only for what the strict CSP allows as images
    assetsInlineLimit: 4096,
    rollupOptions: { input: here("./src/site/main.ts") },
    chunkSizeWarningLimit: 800,
  },
});

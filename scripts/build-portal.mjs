// Builds the portal into packages/portal/dist. Runs on Node 24 with the dependencies installed; scripts/setup.mjs starts it when what
// was built is not what the sources say.

import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { portalDigest } from "./portal-digest.mjs";

const root = join(import.meta.dirname, "..");
const portal = join(root, "packages/portal");
const digest = portalDigest(root);
// Beside its place first: whoever reads it meanwhile reads the old one or the new one, and two builds do not meet.
const made = join(root, "node_modules/.cache", `countersign-portal-${process.pid}`);
try {
  await build({
    root: portal,
    configFile: false,
    base: "/portal/",
    logLevel: "warn",
    publicDir: false,
    build: {
      outDir: made,
      emptyOutDir: true,
      target: "es2023",
      // Nothing stands in the page itself: its policy forbids that.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        // "use client" means something to servers that render; here nothing renders but the browser.
        onwarn: (warning, tell) => (warning.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : tell(warning)),
      },
    },
  });
  writeFileSync(join(made, "built-from.txt"), `${digest}\n`);
  mkdirSync(portal, { recursive: true });
  rmSync(join(portal, "dist"), { recursive: true, force: true });
  renameSync(made, join(portal, "dist"));
} finally {
  rmSync(made, { recursive: true, force: true });
}

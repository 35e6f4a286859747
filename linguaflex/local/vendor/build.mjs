// Bundles each library into one minified ES module, with a comment that names its packages, and collects their licences.

import { readFile, writeFile, mkdir, copyFile } from "node:fs/promises";
import { build } from "esbuild";

const OUT = new URL("../static/demo/vendor/", import.meta.url);
const MODULES = {
  "preact.js": ["preact", "htm"],
  "uplot.js": ["uplot"],
  "supabase.js": ["@supabase/supabase-js"],
};
const read = (path) => readFile(new URL(`node_modules/${path}`, import.meta.url), "utf8");

await mkdir(OUT, { recursive: true });
const licences = [];
for (const [file, packages] of Object.entries(MODULES)) {
  const names = [];
  for (const name of packages) {
    const { version, license } = JSON.parse(await read(`${name}/package.json`));
    names.push(`${name} ${version} (${license})`);
    licences.push(`${name} ${version}\n\n${(await read(`${name}/LICENSE`)).trim()}\n`);
  }
  await build({
    entryPoints: [new URL(`entries/${file}`, import.meta.url).pathname],
    outfile: new URL(file, OUT).pathname,
    banner: { js: `/* ${names.join(", ")}; LICENSES.txt has the texts. */` },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
  });
}
await copyFile(new URL("node_modules/uplot/dist/uPlot.min.css", import.meta.url), new URL("uplot.css", OUT));
await writeFile(new URL("LICENSES.txt", OUT), licences.join(`\n${"-".repeat(80)}\n\n`));

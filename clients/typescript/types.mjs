// Writes src/schema.ts, the types of docs/openapi.yaml. With --check, fails if the file differs.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import ts from "typescript";

const DOCUMENT = new URL("../../docs/openapi.yaml", import.meta.url);
const TYPES = new URL("src/schema.ts", import.meta.url);
const BLOB = ts.factory.createTypeReferenceNode("Blob"); // a file is not sent as a string

const types = await openapiTS(DOCUMENT, {
  transform: (schema) => (schema.format === "binary" ? BLOB : undefined),
});
const text = COMMENT_HEADER + astToString(types);
if (!process.argv.includes("--check")) {
  await writeFile(TYPES, text);
} else if ((await readFile(TYPES, "utf-8")) !== text) {
  console.error("src/schema.ts is not of docs/openapi.yaml. Run: npm run types");
  process.exit(1);
}

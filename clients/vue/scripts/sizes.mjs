/* What a browser fetches, compressed: `npm run build && npm run sizes`. */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const sized = readdirSync(new URL("assets/", dist))
  .filter((name) => /\.(js|css)$/.test(name))
  .map((name) => ({ name, bytes: gzipSync(readFileSync(new URL(`assets/${name}`, dist)), { level: 9 }).length }));

const total = (files) => `${(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1000).toFixed(1)} kB`;
const kind = (files, ending) => files.filter(({ name }) => name.endsWith(ending));

console.log(`JavaScript  ${total(kind(sized, ".js"))}`);
console.log(`CSS         ${total(kind(sized, ".css"))}`);

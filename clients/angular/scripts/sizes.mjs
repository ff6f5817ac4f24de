/* What a browser fetches, compressed: `npm run build && npm run sizes`. */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const sized = readdirSync(dist)
  .filter((name) => /\.(js|css)$/.test(name))
  .map((name) => ({ name, bytes: gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length }));

const total = (ending) =>
  `${(sized.filter(({ name }) => name.endsWith(ending)).reduce((sum, { bytes }) => sum + bytes, 0) / 1000).toFixed(1)} kB`;

console.log(`JavaScript  ${total(".js")}`);
console.log(`CSS         ${total(".css")}`);

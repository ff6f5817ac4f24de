import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [vue()],
  // The API lets in the origins that CORS_ALLOWED_ORIGINS names, so this one is fixed.
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
  build: {
    // Small files become files too: a content policy need not allow data: scripts and styles.
    assetsInlineLimit: 0,
    // Every browser that the catalogue's pages work in knows modulepreload.
    modulePreload: { polyfill: false },
  },
});

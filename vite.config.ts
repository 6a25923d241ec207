import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { serviceWorker } from "./server/build-worker.ts";

/** In development Vite serves the screens and hands everything else to the api. */
const API = process.env.ATRIUM_API_URL ?? "http://127.0.0.1:3000";

export default defineConfig({
  root: "app",
  plugins: [react(), tailwindcss(), serviceWorker(import.meta.dirname)],
  build: {
    outDir: "../dist/app",
    emptyOutDir: true,
    target: "es2022",
    // The page's Content-Security-Policy allows no data: scripts; small icons may not be inlined as data: either.
    assetsInlineLimit: 0,
    // kB; the reader of PDFs, which comes when a PDF is opened, is one piece of 1.6 MB. What the app loads first has a test.
    chunkSizeWarningLimit: 1_700,
  },
  server: {
    proxy: {
      "/api": { target: API },
      "/parties": { target: API, ws: true },
    },
  },
});

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds a running server; its cookie stays same-origin through the proxy. */
const server = process.env.WINDMILL_LITE_URL ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [svelte()],
  resolve: { alias: { $lib: new URL('./src/lib', import.meta.url).pathname } },
  build: {
    // The oldest browsers that know light-dark(), which styles/tokens.css is written with.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // Nothing as a data: address; the server's Content-Security-Policy allows no inline scripts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 5000,
  },
  server: { proxy: { '/api': server } },
  preview: { proxy: { '/api': server } },
});

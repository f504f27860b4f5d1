import { defineConfig } from 'vite';

/** Where a hub runs that the development server sends API requests to. */
const hub = process.env['DAVIT_DEV_HUB'] ?? 'http://localhost:8000';

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Below this size Vite writes files into the page as data: addresses; the icon stays a file of its own.
    assetsInlineLimit: 0,
    // Its helper is an inline script, which the page's security policy forbids; all supported browsers preload by themselves.
    modulePreload: { polyfill: false },
    target: 'es2023',
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      // Libraries mark files for server rendering, which there is none of here.
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  server: { proxy: { '/api': { target: hub, ws: true } } },
});

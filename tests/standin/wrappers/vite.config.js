// Builds the pages of a few lines that use the npm wrappers, one script each.

import { readdirSync } from 'node:fs';

export default {
  logLevel: 'error',
  define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
  build: {
    emptyOutDir: true,
    minify: false,
    modulePreload: false,
    rollupOptions: {
      input: Object.fromEntries(readdirSync('src').map((name) => [name.replace('.js', ''), `src/${name}`])),
      output: { entryFileNames: '[name].js' },
    },
  },
};

import { mergeConfig, defineConfig } from 'vitest/config';
import vite from './vite.config.ts';

// Apart from vite.config.ts, because the product is built without the development dependencies.
export default mergeConfig(
  vite,
  defineConfig({ test: { include: ['src/**/*.test.ts', 'tests/**/*.test.ts'] } }),
);

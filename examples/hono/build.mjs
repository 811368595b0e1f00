// Bundles src/worker.js and its packages into dist/worker.js, which `mayfly serve` takes.
import esbuild from 'esbuild';

await esbuild.build({
  entryPoints: ['src/worker.js'],
  outfile: 'dist/worker.js',
  bundle: true,
  format: 'esm',
  target: 'es2024',
  platform: 'browser',
  conditions: ['workerd', 'worker', 'browser', 'import'],
  define: { 'process.env.NODE_ENV': '"production"' },
});

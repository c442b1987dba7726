import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { strongETag } from '../http/etag.ts'
import { publicPathOf } from '../http/public-path.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
}
const COMPRESSED = '.br'
/** The page says where the server and the console are: it is built without knowing. */
const SERVER = '<meta name="public-url" content="">'
const BASE = '<base href="/console/">'

/** One file of the built console. */
export interface ConsoleFile {
  readonly type: string
  readonly etag: string
  readonly body: Buffer
  /** The same, compressed with brotli; undefined where that is not worth it. */
  readonly compressed: Buffer | undefined
}

/** The built console: its page, and the files that the page loads, by their paths within it. */
export interface ConsoleFiles {
  readonly page: ConsoleFile
  readonly files: ReadonlyMap<string, ConsoleFile>
}

/**
 * Reads the built console into memory: two megabytes, and no path of a request ever names a file on disk.
 * @returns undefined when it has not been built
 */
export async function readConsoleFiles(folder: string, publicUrl: string): Promise<ConsoleFiles | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const names = entries
    .filter(entry => entry.isFile() && !entry.name.endsWith(COMPRESSED))
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  const files = new Map<string, ConsoleFile>()
  for (const name of names) {
    const body = await readFile(join(folder, name))
    const compressed = await readFile(join(folder, `${name}${COMPRESSED}`)).catch(() => undefined)
    files.set(name, consoleFile(name, body, compressed))
  }
  const template = files.get('index.html')
  if (!template) return undefined
  files.delete('index.html')
  // Neither has a character that means something in HTML: the settings take no such address.
  const html = template.body
    .toString('utf8')
    .replace(SERVER, `<meta name="public-url" content="${publicUrl}">`)
    .replace(BASE, `<base href="${publicPathOf(publicUrl)}/console/">`)
  return { page: consoleFile('index.html', Buffer.from(html), undefined), files }
}

function consoleFile(name: string, body: Buffer, compressed: Buffer | undefined): ConsoleFile {
  const etag = strongETag(createHash('sha256').update(body).digest('base64url'))
  return { type: TYPES[extname(name)] ?? 'application/octet-stream', etag, body, compressed }
}

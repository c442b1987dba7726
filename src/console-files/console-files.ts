import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { ConstantDocument } from '../http/constant-document.ts'
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
const PAGE = 'index.html'
/** The page says where the server and the console are: it is built without knowing. */
const SERVER = '<meta name="public-url" content="">'
const BASE = '<base href="/console/">'

/** The built console: its page, and the files that the page loads, by their paths within it. */
export interface ConsoleFiles {
  readonly page: ConstantDocument
  readonly files: ReadonlyMap<string, ConstantDocument>
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
  const files = new Map<string, ConstantDocument>()
  for (const name of names.filter(file => file !== PAGE)) {
    const body = await readFile(join(folder, name))
    const compressed = await readFile(join(folder, `${name}${COMPRESSED}`)).catch(() => undefined)
    files.set(name, new ConstantDocument(typeOf(name), body, compressed))
  }
  if (!names.includes(PAGE)) return undefined
  const template = await readFile(join(folder, PAGE), 'utf8')
  // Neither has a character that means something in HTML: the settings take no such address.
  const html = template
    .replace(SERVER, `<meta name="public-url" content="${publicUrl}">`)
    .replace(BASE, `<base href="${publicPathOf(publicUrl)}/console/">`)
  return { page: new ConstantDocument(typeOf(PAGE), html), files }
}

function typeOf(name: string): string {
  return TYPES[extname(name)] ?? 'application/octet-stream'
}

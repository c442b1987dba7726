import { readFile } from 'node:fs/promises'
import type Router from '@koa/router'
import type { RequestState } from '../http/context.ts'
import { notFound } from '../http/problems.ts'
import { publicPathOf } from '../http/public-path.ts'
import { createDocument } from './document.ts'
import { referencePage, SETUP_SCRIPT } from './reference-page.ts'

/** The contract as a document. */
export const DOCUMENT_PATH = '/openapi.json'

const DOCUMENT_MAX_AGE_SECONDS = 300
const FILE_MAX_AGE_SECONDS = 86_400

/** Everything the page loads comes from this server, and no script stands in the page itself. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const LIBRARY_FILES: ReadonlyMap<string, string> = new Map([
  ['swagger-ui-bundle.js', 'text/javascript'],
  ['swagger-ui.css', 'text/css'],
  ['favicon-32x32.png', 'image/png'],
])

/** The contract as a document (`/openapi.json`) and as a page to browse (`/docs`). */
export function referenceRoutes(router: Router<RequestState>, publicUrl: string): void {
  let document: string | undefined
  const files = new Map<string, Buffer>()

  router.get(DOCUMENT_PATH, async ctx => {
    document ??= JSON.stringify(createDocument(publicUrl))
    ctx.set('Cache-Control', `public, max-age=${DOCUMENT_MAX_AGE_SECONDS}`)
    ctx.type = 'application/json'
    ctx.body = document
  })

  router.get('/docs', async ctx => {
    ctx.set('Cache-Control', `public, max-age=${DOCUMENT_MAX_AGE_SECONDS}`)
    ctx.set('Content-Security-Policy', POLICY)
    ctx.set('Referrer-Policy', 'no-referrer')
    ctx.type = 'text/html'
    ctx.body = referencePage(publicPathOf(publicUrl))
  })

  router.get('/docs/:file', async ctx => {
    const { file = '' }: { file?: string } = ctx.params
    const type = file === 'setup.js' ? 'text/javascript' : LIBRARY_FILES.get(file)
    if (type === undefined) throw notFound()
    ctx.set('Cache-Control', `public, max-age=${FILE_MAX_AGE_SECONDS}`)
    ctx.type = type
    ctx.body = file === 'setup.js' ? SETUP_SCRIPT : await libraryFile(file)
  })

  async function libraryFile(file: string): Promise<Buffer> {
    const known = files.get(file)
    if (known) return known
    const read = await readFile(new URL(import.meta.resolve(`swagger-ui-dist/${file}`)))
    files.set(file, read)
    return read
  }
}

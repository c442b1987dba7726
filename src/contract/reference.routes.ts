import { readFile } from 'node:fs/promises'
import type Router from '@koa/router'
import { ConstantDocument } from '../http/constant-document.ts'
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

const SCRIPT = 'text/javascript; charset=utf-8'
const LIBRARY_FILES: ReadonlyMap<string, string> = new Map([
  ['swagger-ui-bundle.js', SCRIPT],
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['favicon-32x32.png', 'image/png'],
])

/** The contract as a document (`/openapi.json`) and as a page to browse (`/docs`). */
export function referenceRoutes(router: Router<RequestState>, publicUrl: string): void {
  let document: ConstantDocument | undefined
  const page = new ConstantDocument('text/html; charset=utf-8', referencePage(publicPathOf(publicUrl)))
  const files = new Map([['setup.js', new ConstantDocument(SCRIPT, SETUP_SCRIPT)]])

  router.get(DOCUMENT_PATH, async ctx => {
    document ??= new ConstantDocument('application/json', JSON.stringify(createDocument(publicUrl)))
    ctx.set('Cache-Control', `public, max-age=${DOCUMENT_MAX_AGE_SECONDS}`)
    await document.answer(ctx)
  })

  router.get('/docs', async ctx => {
    ctx.set('Cache-Control', `public, max-age=${DOCUMENT_MAX_AGE_SECONDS}`)
    ctx.set('Content-Security-Policy', POLICY)
    ctx.set('Referrer-Policy', 'no-referrer')
    await page.answer(ctx)
  })

  router.get('/docs/:file', async ctx => {
    const { file = '' }: { file?: string } = ctx.params
    const known = files.get(file) ?? (await libraryFile(file))
    ctx.set('Cache-Control', `public, max-age=${FILE_MAX_AGE_SECONDS}`)
    await known.answer(ctx)
  })

  async function libraryFile(file: string): Promise<ConstantDocument> {
    const type = LIBRARY_FILES.get(file)
    if (type === undefined) throw notFound()
    const body = await readFile(new URL(import.meta.resolve(`swagger-ui-dist/${file}`)))
    const read = new ConstantDocument(type, body)
    files.set(file, read)
    return read
  }
}

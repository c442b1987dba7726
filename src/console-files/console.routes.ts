import { fileURLToPath } from 'node:url'
import type Router from '@koa/router'
import type { ParameterizedContext } from 'koa'
import type { RequestState } from '../http/context.ts'
import { Problem } from '../http/problems.ts'
import { publicPathOf } from '../http/public-path.ts'
import { type ConsoleFiles, readConsoleFiles } from './console-files.ts'

const FOREVER = 'public, max-age=31536000, immutable'
const ASSETS = 'assets/'
/** Where `npm run console` puts it. */
const BUILT = fileURLToPath(new URL('../../dist/console', import.meta.url))

/** Nothing of another host, no script within the page, framed by nobody. Mantine writes styles into the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The web console: its files, and its page for every other address below `/console`, which is one of its own pages.
 * It is read when somebody asks for it first.
 */
export function consoleRoutes(router: Router<RequestState>, publicUrl: string): void {
  const basePath = publicPathOf(publicUrl)
  let reading: Promise<ConsoleFiles | undefined> | undefined
  const read = () => {
    reading ??= readConsoleFiles(BUILT, publicUrl)
    return reading
  }

  router.get('/', async ctx => {
    ctx.redirect(`${basePath}/console`)
  })

  router.get('/console', async ctx => answerPage(ctx, await read()))

  router.get('/console/*path', async ctx => {
    const { path = '' }: { path?: string } = ctx.params
    const built = await read()
    const file = built?.files.get(path)
    if (file) {
      // The name of an asset has the digest of what is in it.
      ctx.set('Cache-Control', path.startsWith(ASSETS) ? FOREVER : 'no-cache')
      await file.answer(ctx)
    } else if (path.startsWith(ASSETS)) {
      throw new Problem('not_found', 'The console has no such file. Load its page again: it was updated.')
    } else await answerPage(ctx, built)
  })
}

async function answerPage(
  ctx: ParameterizedContext<RequestState>,
  built: ConsoleFiles | undefined,
): Promise<void> {
  if (!built)
    throw new Problem('not_found', 'The console was not built. Whoever runs the server can: npm run console.')
  ctx.set('Content-Security-Policy', POLICY)
  ctx.set('Referrer-Policy', 'no-referrer')
  ctx.set('Cross-Origin-Opener-Policy', 'same-origin')
  ctx.set('Cache-Control', 'no-cache')
  await built.page.answer(ctx)
}

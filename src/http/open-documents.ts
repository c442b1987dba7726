import type { Middleware } from 'koa'

const PREFLIGHT_SECONDS = 86_400

/**
 * Lets pages of any origin read public documents (CORS, Fetch standard section 3.3). Nothing else is for them: an answer to a
 * credential has no such header, and `*` lets no cookie be sent.
 * @param paths of the documents, exact
 */
export function readableFromAnyOrigin(paths: readonly string[]): Middleware {
  const open = new Set(paths)
  return async (ctx, next) => {
    if (!open.has(ctx.path)) return next()
    ctx.set('Access-Control-Allow-Origin', '*')
    if (ctx.method !== 'OPTIONS') return next()
    ctx.set({
      'Access-Control-Allow-Methods': 'GET, HEAD',
      'Access-Control-Allow-Headers': '*',
      'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
    })
    ctx.status = 204
  }
}

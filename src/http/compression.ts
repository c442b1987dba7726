import { pipeline, Readable } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createGzip, gzip } from 'node:zlib'
import type { Middleware } from 'koa'
import type { Context, RequestState } from './context.ts'

const compress = promisify(gzip)

/** Bytes below which an answer fits in a packet or two anyway. */
export const WORTH_COMPRESSING = 1_024
export const COMPRESSIBLE =
  /^(?:text\/|image\/svg\+xml|application\/(?:json|jsonl|javascript|[\w.-]+\+json)\b)/

/**
 * Whether the caller takes gzip (RFC 9110 section 12.5.3). Whichever it is, the answer says that it depends on this:
 * who picks between two codings calls this first.
 */
export function takesGzip(ctx: Pick<Context, 'acceptsEncodings' | 'vary'>): boolean {
  ctx.vary('Accept-Encoding')
  return ctx.acceptsEncodings('gzip', 'identity') === 'gzip'
}

/**
 * Sends text in gzip to who takes it, streams a part at a time as they come. An answer with a strong entity tag is left as
 * it is: the tag stands for its bytes (RFC 9110 section 8.8.3.3), and changes are made on the condition of it.
 */
export function compressAnswers<State extends RequestState>(): Middleware<State> {
  return async (ctx, next) => {
    await next()
    const { body } = ctx
    if (!(body && COMPRESSIBLE.test(ctx.response.type)) || ctx.res.hasHeader('Content-Encoding')) return
    if (hasStrongTag(ctx) || !takesGzip(ctx)) return
    if (body instanceof Readable) {
      const flushed = createGzip({ flush: constants.Z_SYNC_FLUSH })
      // What fails ends both, and Koa hears of it from the one that it sends.
      ctx.body = pipeline(body, flushed, () => {})
    } else {
      const whole = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
      if (Buffer.byteLength(whole) < WORTH_COMPRESSING) return
      ctx.body = await compress(whole)
    }
    ctx.set('Content-Encoding', 'gzip')
  }
}

function hasStrongTag({ res }: Pick<Context, 'res'>): boolean {
  return String(res.getHeader('ETag') ?? '').startsWith('"')
}

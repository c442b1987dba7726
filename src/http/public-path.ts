import type { Middleware } from 'koa'

/**
 * The path of `PUBLIC_URL`, without a slash at its end; empty where it has none. A proxy takes it off what comes in, so
 * that routes stand at the root; what is handed out has to carry it.
 */
export function publicPathOf(publicUrl: string): string {
  return new URL(publicUrl).pathname.replace(/\/$/, '')
}

/** Lets the addresses of what was made, which routes give from the root, carry the path of `PUBLIC_URL`. */
export function publicLocations(publicUrl: string): Middleware {
  const publicPath = publicPathOf(publicUrl)
  return async (ctx, next) => {
    await next()
    const location = ctx.res.getHeader('Location')
    // A path that was asked with a slash at its end has its things below it all the same.
    if (typeof location === 'string') ctx.set('Location', publicPath + location.replaceAll(/\/{2,}/g, '/'))
  }
}

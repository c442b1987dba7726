import type { Middleware } from 'koa'

/**
 * Has caches tell callers apart. Answers to a credential are not to be kept, as `requestContext` has it for all; those
 * that may be, for a while and by the caller alone, must not be taken for another caller's.
 */
export const answersToCredentials: Middleware = (ctx, next) => {
  ctx.vary('Api-Key')
  ctx.vary('Authorization')
  return next()
}

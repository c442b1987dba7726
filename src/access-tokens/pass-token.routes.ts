import type Router from '@koa/router'
import type { Authorize } from '../access/authorize.ts'
import { projectOf } from '../access/place.ts'
import type { AccessState } from '../access/principal.ts'
import { uuidParameter } from '../http/ids.ts'
import { presentPage, shortList } from '../http/pagination.ts'
import { parseQuery } from '../http/validate.ts'
import { acting, idOf, PATH } from '../passes/pass.routes.ts'
import type { LiveToken } from './live-token.store.ts'
import type { AccessTokenResource } from './pass-token.schema.ts'
import type { PassTokenService } from './pass-token.service.ts'

/** The live access tokens of a pass, opaque and signed: never their values. */
export function passTokenRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  tokens: PassTokenService,
): void {
  router.get(`${PATH}/:id/tokens`, authorize('pass_tokens.list'), async ctx => {
    const query = parseQuery(shortList, ctx.query)
    const found = await tokens.list(projectOf(ctx), idOf(ctx), query.page, query.per_page)
    ctx.body = { data: found.items.map(presentToken), meta: presentPage(found) }
  })

  router.delete(`${PATH}/:id/tokens/:tokenId`, authorize('pass_tokens.delete'), async ctx => {
    const { tokenId }: { tokenId?: string } = ctx.params
    await tokens.end(acting(ctx), idOf(ctx), uuidParameter(tokenId))
    ctx.status = 204
  })
}

function presentToken({ id, scopes, audience, issuedAt, expiresAt }: LiveToken): AccessTokenResource {
  return {
    id,
    type: 'access_token',
    attributes: {
      scopes: [...scopes],
      resource: audience ?? null,
      issuedAt: issuedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    },
  }
}

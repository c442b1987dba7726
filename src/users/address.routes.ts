import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { organizationOf } from '../access/place.ts'
import type { AccessState } from '../access/principal.ts'
import { readJson } from '../http/body.ts'
import { parseBody } from '../http/validate.ts'
import type { AccountService } from './account.service.ts'
import { addressRelease } from './user.schema.ts'

/** What the owners of the instance say of addresses: there is no mail that could. */
export function addressRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  accounts: Pick<AccountService, 'releaseAddress'>,
): void {
  router.post('/v1/api/released_addresses', authorize('addresses.release'), async ctx => {
    const { email } = parseBody(addressRelease, await readJson(ctx)).data.attributes
    await accounts.releaseAddress(actorOf(ctx), organizationOf(ctx), email)
    ctx.status = 204
  })
}

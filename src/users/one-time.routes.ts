import type Router from '@koa/router'
import { readJson } from '../http/body.ts'
import type { RequestState } from '../http/context.ts'
import { parseBody } from '../http/validate.ts'
import type { AccountService } from './account.service.ts'
import type { InvitationService } from './invitation.service.ts'
import { presentMember } from './user.presenter.ts'
import { passwordRedemption } from './user.schema.ts'

/** What the secret of a one-time link opens, without being signed in. The secret comes in the body, never in a URL. */
export function oneTimeRoutes(
  router: Router<RequestState>,
  invitations: InvitationService,
  accounts: AccountService,
): void {
  router.post('/v1/api/invitations/accept', async ctx => {
    const member = await invitations.accept(await readJson(ctx), ctx.state.clientIp)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { data: presentMember(member, true) }
  })

  router.post('/v1/api/password_resets/redeem', async ctx => {
    const { secret, password } = parseBody(passwordRedemption, await readJson(ctx)).data.attributes
    await accounts.redeemReset(secret, password, ctx.state.clientIp)
    ctx.status = 204
  })
}

import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { userOf } from '../access/place.ts'
import type { AccessContext, AccessState } from '../access/principal.ts'
import { readJson } from '../http/body.ts'
import { uuidParameter } from '../http/ids.ts'
import { presentPage, shortList } from '../http/pagination.ts'
import { parseBody, parseQuery } from '../http/validate.ts'
import type { AccountService } from './account.service.ts'
import { presentAccount, presentSession } from './user.presenter.ts'
import {
  accountDeletion,
  accountUpdate,
  passwordChange,
  totpCode,
  totpEnrolment,
  totpRemoval,
} from './user.schema.ts'

const PATH = '/v1/api/me'

/** What a signed-in user does with their own account. */
export function meRoutes(router: Router<AccessState>, authorize: Authorize, accounts: AccountService): void {
  const answer = async (ctx: AccessContext) => {
    const { user, memberships } = await accounts.get(userOf(ctx).id)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { data: presentAccount(user, memberships) }
  }

  router.get(PATH, authorize('me.read'), async ctx => {
    await answer(ctx)
  })

  router.put(PATH, authorize('me.update'), async ctx => {
    const { name } = parseBody(accountUpdate, await readJson(ctx)).data.attributes
    await accounts.rename(actorOf(ctx), userOf(ctx).id, name)
    await answer(ctx)
  })

  router.delete(PATH, authorize('me.delete'), async ctx => {
    const { password } = parseBody(accountDeletion, await readJson(ctx)).data.attributes
    await accounts.delete(actorOf(ctx), proofOf(ctx, password), userOf(ctx).id)
    ctx.status = 204
  })

  router.put(`${PATH}/password`, authorize('me.change_password'), async ctx => {
    const { currentPassword, newPassword } = parseBody(passwordChange, await readJson(ctx)).data.attributes
    await accounts.changePassword(actorOf(ctx), proofOf(ctx, currentPassword), userOf(ctx).id, newPassword)
    ctx.status = 204
  })

  router.post(`${PATH}/sign_out_everywhere`, authorize('me.sign_out_everywhere'), async ctx => {
    await accounts.signOutEverywhere(actorOf(ctx), userOf(ctx).id)
    ctx.status = 204
  })

  router.get(`${PATH}/sessions`, authorize('me.sessions'), async ctx => {
    const { id, sessionId } = userOf(ctx)
    const found = await accounts.sessions(id, parseQuery(shortList, ctx.query))
    ctx.body = {
      data: found.items.map(session => presentSession(session, sessionId)),
      meta: presentPage(found),
    }
  })

  router.delete(`${PATH}/sessions/:id`, authorize('me.end_session'), async ctx => {
    await accounts.endSession(actorOf(ctx), userOf(ctx).id, uuidParameter(ctx.params.id))
    ctx.status = 204
  })

  router.post(`${PATH}/totp`, authorize('me.enrol_totp'), async ctx => {
    const { password } = parseBody(totpEnrolment, await readJson(ctx)).data.attributes
    const made = await accounts.enrolTotp(actorOf(ctx), proofOf(ctx, password), userOf(ctx).id)
    ctx.status = 201
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { meta: { totp: made } }
  })

  router.post(`${PATH}/totp/confirm`, authorize('me.confirm_totp'), async ctx => {
    const { code } = parseBody(totpCode, await readJson(ctx)).data.attributes
    const { id, sessionId } = userOf(ctx)
    await accounts.confirmTotp(actorOf(ctx), id, sessionId, code)
    ctx.status = 204
  })

  router.post(`${PATH}/totp/disable`, authorize('me.remove_totp'), async ctx => {
    const { password } = parseBody(totpRemoval, await readJson(ctx)).data.attributes
    await accounts.removeTotp(actorOf(ctx), proofOf(ctx, password), userOf(ctx).id)
    ctx.status = 204
  })
}

function proofOf(ctx: AccessContext, password: string) {
  return { email: userOf(ctx).name, password, clientIp: ctx.state.clientIp }
}

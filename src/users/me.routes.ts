import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { userOf } from '../access/place.ts'
import type { AccessContext, AccessState } from '../access/principal.ts'
import { mayFound } from '../access/rules.ts'
import { presentAuditEvent } from '../audit/audit.presenter.ts'
import { auditQuery } from '../audit/audit.schema.ts'
import type { AuditStore } from '../audit/audit.store.ts'
import { readJson } from '../http/body.ts'
import { uuidParameter } from '../http/ids.ts'
import { pageOfAll, presentPage, shortList } from '../http/pagination.ts'
import type { ReadGate } from '../http/read-gate.ts'
import { parseBody, parseQuery } from '../http/validate.ts'
import type { Config } from '../platform/config.ts'
import type { AccountService } from './account.service.ts'
import type { InvitationService } from './invitation.service.ts'
import { presentAccount, presentMember, presentSession, presentWaitingInvitation } from './user.presenter.ts'
import {
  accountDeletion,
  accountUpdate,
  passwordChange,
  totpCode,
  totpEnrolment,
  totpRemoval,
} from './user.schema.ts'

const PATH = '/v1/api/me'

export interface MeDeps {
  readonly accounts: AccountService
  readonly invitations: Pick<InvitationService, 'waitingFor' | 'acceptWaiting' | 'decline'>
  readonly reads: ReadGate
  readonly auditStore: Pick<AuditStore, 'list'>
  readonly config: Pick<Config, 'organizationCreation'>
}

/** What a signed-in user does with their own account. */
export function meRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  { accounts, invitations, auditStore: audit, reads, config }: MeDeps,
): void {
  const answer = async (ctx: AccessContext) => {
    const principal = userOf(ctx)
    const found = await accounts.get(principal.id)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = {
      data: presentAccount({ ...found, founder: mayFound(principal, config.organizationCreation) }),
    }
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

  router.get(`${PATH}/account_events`, authorize('me.account_events'), async ctx => {
    const query = parseQuery(auditQuery, ctx.query)
    const found = await reads.read(() => audit.list({ accountId: userOf(ctx).id }, query))
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { data: found.items.map(presentAuditEvent), meta: presentPage(found) }
  })

  router.get(`${PATH}/invitations`, authorize('me.invitations'), async ctx => {
    const query = parseQuery(shortList, ctx.query)
    const waiting = pageOfAll(query, await invitations.waitingFor(userOf(ctx).id))
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { data: waiting.items.map(presentWaitingInvitation), meta: presentPage(waiting) }
  })

  router.post(`${PATH}/invitations/:id/accept`, authorize('me.accept_invitation'), async ctx => {
    const id = uuidParameter(ctx.params.id)
    const member = await invitations.acceptWaiting(actorOf(ctx), userOf(ctx).id, id)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { data: presentMember(member, true) }
  })

  router.delete(`${PATH}/invitations/:id`, authorize('me.decline_invitation'), async ctx => {
    await invitations.decline(actorOf(ctx), userOf(ctx).id, uuidParameter(ctx.params.id))
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

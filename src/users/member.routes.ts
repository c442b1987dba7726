import type Router from '@koa/router'
import type { Middleware } from 'koa'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { ORGANIZATION_PATH, ORGANIZATIONS_PATH } from '../access/paths.ts'
import { organizationOf, userOf } from '../access/place.ts'
import type { AccessContext, AccessState } from '../access/principal.ts'
import { presentAuditEvent } from '../audit/audit.presenter.ts'
import { auditQuery } from '../audit/audit.schema.ts'
import type { AuditStore } from '../audit/audit.store.ts'
import { readJson } from '../http/body.ts'
import { uuidParameter } from '../http/ids.ts'
import { listByName, listByTime, presentPage } from '../http/pagination.ts'
import type { ReadGate } from '../http/read-gate.ts'
import { parseBody, parseQuery } from '../http/validate.ts'
import type { Member } from '../organizations/member.entity.ts'
import type { MemberService } from '../organizations/member.service.ts'
import type { InvitationService } from './invitation.service.ts'
import { presentInvitation, presentMember, presentOnce } from './user.presenter.ts'
import { memberUpdate, newInvitation, passwordReset } from './user.schema.ts'

const MEMBERS = `${ORGANIZATION_PATH}/members`
/** A reset that says nothing leaves the one-time codes. */
const NO_CHOICE = { dropTotp: false }
const INVITATIONS = `${ORGANIZATION_PATH}/invitations`

/** Who belongs to an organization, and who is asked to. */
export function memberRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  members: MemberService,
  invitations: InvitationService,
  audit: Pick<AuditStore, 'list'>,
  reads: ReadGate,
): void {
  /** A member as the caller sees them: how somebody signs in is shown to themselves and to who may reset them. */
  const presenterFor = async (ctx: AccessContext) => {
    const { kind, id } = ctx.state.principal
    const known = kind === 'user' ? await members.resettableBy(organizationOf(ctx), id) : new Set<string>()
    return (member: Member) => presentMember(member, member.user.id === id || known.has(member.user.id))
  }

  router.get(MEMBERS, authorize('members.list'), async ctx => {
    const found = await members.list(organizationOf(ctx), parseQuery(listByName, ctx.query))
    ctx.body = { data: found.items.map(await presenterFor(ctx)), meta: presentPage(found) }
  })

  const invite: Middleware<AccessState> = async ctx => {
    const { attributes } = parseBody(newInvitation, await readJson(ctx)).data
    const { invitation, once } = await invitations.create(organizationOf(ctx), actorOf(ctx), attributes)
    ctx.status = 201
    ctx.set('Location', `${ORGANIZATIONS_PATH}/${organizationOf(ctx)}/invitations/${invitation.id}`)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { data: presentInvitation(invitation), meta: { invitation: presentOnce(once) } }
  }

  // Nobody is made a member by somebody else: what is made is an invitation, whether there is an account or not.
  router.post(MEMBERS, authorize('members.create'), invite)

  router.delete(`${MEMBERS}/me`, authorize('members.leave'), async ctx => {
    await members.leave(organizationOf(ctx), actorOf(ctx), userOf(ctx).id)
    ctx.status = 204
  })

  router.put(`${MEMBERS}/:id`, authorize('members.update'), async ctx => {
    const { role } = parseBody(memberUpdate, await readJson(ctx)).data.attributes
    const userId = uuidParameter(ctx.params.id)
    const changed = await members.changeRole(organizationOf(ctx), actorOf(ctx), userId, role)
    ctx.body = { data: (await presenterFor(ctx))(changed) }
  })

  router.delete(`${MEMBERS}/:id`, authorize('members.delete'), async ctx => {
    await members.remove(organizationOf(ctx), actorOf(ctx), uuidParameter(ctx.params.id))
    ctx.status = 204
  })

  router.post(`${MEMBERS}/:id/password_reset`, authorize('members.reset_password'), async ctx => {
    const userId = uuidParameter(ctx.params.id)
    const body = await readJson(ctx)
    const { dropTotp } = body === undefined ? NO_CHOICE : parseBody(passwordReset, body).data.attributes
    const place = organizationOf(ctx)
    const once = await members.resetPassword(place, actorOf(ctx), userOf(ctx).id, userId, dropTotp)
    ctx.status = 201
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { meta: { passwordReset: presentOnce(once) } }
  })

  router.get(`${MEMBERS}/:id/account_events`, authorize('members.account_events'), async ctx => {
    const query = parseQuery(auditQuery, ctx.query)
    const userId = uuidParameter(ctx.params.id)
    await members.assertResettable(organizationOf(ctx), userOf(ctx).id, userId)
    const found = await reads.read(() => audit.list({ accountId: userId }, query))
    ctx.body = { data: found.items.map(presentAuditEvent), meta: presentPage(found) }
  })

  router.get(INVITATIONS, authorize('invitations.list'), async ctx => {
    const found = await invitations.list(organizationOf(ctx), parseQuery(listByTime, ctx.query))
    ctx.body = { data: found.items.map(presentInvitation), meta: presentPage(found) }
  })

  router.post(INVITATIONS, authorize('invitations.create'), invite)

  router.delete(`${INVITATIONS}/:id`, authorize('invitations.delete'), async ctx => {
    await invitations.delete(organizationOf(ctx), actorOf(ctx), uuidParameter(ctx.params.id))
    ctx.status = 204
  })
}

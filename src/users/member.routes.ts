import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { organizationOf, userOf } from '../access/place.ts'
import type { AccessState } from '../access/principal.ts'
import { readJson } from '../http/body.ts'
import { uuidParameter } from '../http/ids.ts'
import { listByName, listByTime, presentPage } from '../http/pagination.ts'
import { parseBody, parseQuery } from '../http/validate.ts'
import { ORGANIZATION_PATH } from '../organizations/organization.schema.ts'
import type { InvitationService } from './invitation.service.ts'
import type { MemberService } from './member.service.ts'
import { presentInvitation, presentMember, presentOnce } from './user.presenter.ts'
import { memberUpdate, newInvitation, newMember, passwordReset } from './user.schema.ts'

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
): void {
  router.get(MEMBERS, authorize('members.list'), async ctx => {
    const found = await members.list(organizationOf(ctx), parseQuery(listByName, ctx.query))
    ctx.body = { data: found.items.map(presentMember), meta: presentPage(found) }
  })

  router.post(MEMBERS, authorize('members.create'), async ctx => {
    const { attributes } = parseBody(newMember, await readJson(ctx)).data
    const made = await members.add(organizationOf(ctx), actorOf(ctx), userOf(ctx).id, attributes)
    ctx.status = 201
    ctx.set('Location', `${ctx.path}/${made.user.id}`)
    ctx.body = { data: presentMember(made) }
  })

  router.put(`${MEMBERS}/:id`, authorize('members.update'), async ctx => {
    const { role } = parseBody(memberUpdate, await readJson(ctx)).data.attributes
    const userId = uuidParameter(ctx.params.id)
    ctx.body = {
      data: presentMember(await members.changeRole(organizationOf(ctx), actorOf(ctx), userId, role)),
    }
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

  router.get(INVITATIONS, authorize('invitations.list'), async ctx => {
    const found = await invitations.list(organizationOf(ctx), parseQuery(listByTime, ctx.query))
    ctx.body = { data: found.items.map(presentInvitation), meta: presentPage(found) }
  })

  router.post(INVITATIONS, authorize('invitations.create'), async ctx => {
    const { attributes } = parseBody(newInvitation, await readJson(ctx)).data
    const { invitation, once } = await invitations.create(organizationOf(ctx), actorOf(ctx), attributes)
    ctx.status = 201
    ctx.set('Location', `${ctx.path}/${invitation.id}`)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { data: presentInvitation(invitation), meta: { invitation: presentOnce(once) } }
  })

  router.delete(`${INVITATIONS}/:id`, authorize('invitations.delete'), async ctx => {
    await invitations.delete(organizationOf(ctx), actorOf(ctx), uuidParameter(ctx.params.id))
    ctx.status = 204
  })
}

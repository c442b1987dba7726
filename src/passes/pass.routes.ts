import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { PROJECT_PATH } from '../access/paths.ts'
import { organizationOf, projectOf } from '../access/place.ts'
import type { AccessContext, AccessState } from '../access/principal.ts'
import { readJson } from '../http/body.ts'
import { ifNoneMatchKnows } from '../http/etag.ts'
import { isUuid } from '../http/ids.ts'
import { presentPage } from '../http/pagination.ts'
import { notFound } from '../http/problems.ts'
import { parseBody, parseQuery } from '../http/validate.ts'
import type { Answer, Idempotency } from '../idempotency/idempotency.service.ts'
import { keyedRequest, sendAnswer } from '../idempotency/keyed-request.ts'
import type { Clock } from '../platform/clock.ts'
import { passETag, presentPass } from './pass.presenter.ts'
import { isPassId, passQuery, revocation } from './pass.schema.ts'
import type { IssuedPass, PassService } from './pass.service.ts'
import type { PassView } from './pass.store.ts'
import type { Acting } from './pass-change.ts'
import type { PassUpdateService } from './pass-update.service.ts'

export const PATH = `${PROJECT_PATH}/sentinel_passes`

/** The passes of a project, over their whole life. */
export function passRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  passes: PassService,
  updates: PassUpdateService,
  idempotency: Idempotency,
  clock: Clock,
): void {
  const answer = (ctx: AccessContext, view: PassView): string => {
    const data = presentPass(view, clock.now())
    const etag = passETag(view, data)
    ctx.set('ETag', etag)
    ctx.body = { data }
    return etag
  }

  router.post(PATH, authorize('passes.create'), async ctx => {
    const body = await readJson(ctx)
    // As it is at the moment that made it: what is kept for a repetition is what is sent now.
    const answerOf = (issued: IssuedPass): Answer => {
      const { view } = issued
      const once = answerOnce(issued, view.pass.createdAt.getTime())
      return { ...once, status: 201, headers: { ...once.headers, Location: `${ctx.path}/${view.pass.id}` } }
    }
    const answered = await idempotency.once(keyedRequest(ctx, 'passes.create', body), async remember =>
      answerOf(
        await passes.create(acting(ctx), body, (em, issued) =>
          remember(em, answerOf(issued), issued.view.pass.id),
        ),
      ),
    )
    sendAnswer(ctx, answered)
  })

  router.get(PATH, authorize('passes.list'), async ctx => {
    const query = parseQuery(passQuery, ctx.query)
    const found = await passes.list(projectOf(ctx), query)
    ctx.body = { data: found.items.map(view => presentPass(view, clock.now())), meta: presentPage(found) }
  })

  router.get(`${PATH}/:id`, authorize('passes.read'), async ctx => {
    const etag = answer(ctx, await passes.get(projectOf(ctx), idOf(ctx)))
    if (ifNoneMatchKnows(ctx.get('if-none-match'), etag)) ctx.status = 304
  })

  router.put(`${PATH}/:id`, authorize('passes.update'), async ctx => {
    answer(ctx, await updates.update(acting(ctx), idOf(ctx), await readJson(ctx), ctx.get('if-match')))
  })

  router.delete(`${PATH}/:id`, authorize('passes.delete'), async ctx => {
    await passes.delete(acting(ctx), idOf(ctx), ctx.get('if-match'))
    ctx.status = 204
  })

  router.post(`${PATH}/:id/revoke`, authorize('passes.revoke'), async ctx => {
    const { revokeTokens } = parseBody(revocation, (await readJson(ctx)) ?? {})
    answer(ctx, await passes.revoke(acting(ctx), idOf(ctx), revokeTokens, ctx.get('if-match')))
  })

  router.post(`${PATH}/:id/activate`, authorize('passes.activate'), async ctx => {
    answer(ctx, await passes.activate(acting(ctx), idOf(ctx), ctx.get('if-match')))
  })
}

/** What makes or rotates a pass answers: its credentials, once. @param now milliseconds since the epoch */
export function answerOnce({ view, credentials }: IssuedPass, now: number): Answer {
  const data = presentPass(view, now)
  return {
    status: 200,
    headers: { 'Cache-Control': 'no-store', ETag: passETag(view, data) },
    body: { data, meta: { credentials } },
  }
}

/** Who acts, for the services of passes. */
export function acting(ctx: AccessContext): Acting {
  return {
    principal: ctx.state.principal,
    actor: actorOf(ctx),
    organizationId: organizationOf(ctx),
    projectId: projectOf(ctx),
  }
}

/** The pass of the path: its UUID or its `passId`; anything else names nothing. */
export function idOf(ctx: AccessContext): string {
  const { id = '' }: { id?: string } = ctx.params
  if (!isUuid(id) && !isPassId(id)) throw notFound()
  return id
}

import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { PROJECT_PATH } from '../access/paths.ts'
import { organizationOf, projectOf } from '../access/place.ts'
import type { AccessContext, AccessState } from '../access/principal.ts'
import { readJson } from '../http/body.ts'
import { ifNoneMatchKnows } from '../http/etag.ts'
import { uuidParameter } from '../http/ids.ts'
import { listByTime, presentPage } from '../http/pagination.ts'
import { parseQuery } from '../http/validate.ts'
import type { Answer, Idempotency } from '../idempotency/idempotency.service.ts'
import { keyedRequest, sendAnswer } from '../idempotency/keyed-request.ts'
import type { ResourceServer } from './resource-server.entity.ts'
import { presentResourceServer, resourceServerETag } from './resource-server.presenter.ts'
import type { ResourceServerService } from './resource-server.service.ts'

export const PATH = `${PROJECT_PATH}/resource_servers`

/** A project's resource servers. */
export function resourceServerRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  servers: ResourceServerService,
  idempotency: Idempotency,
): void {
  const answer = (ctx: AccessContext, server: ResourceServer) => {
    ctx.set('ETag', resourceServerETag(server))
    ctx.body = { data: presentResourceServer(server) }
  }
  const idOf = (ctx: AccessContext) => uuidParameter(ctx.params.id)

  router.post(PATH, authorize('resource_servers.create'), async ctx => {
    const body = await readJson(ctx)
    const owner = { organizationId: organizationOf(ctx), projectId: projectOf(ctx) }
    const answerOf = (made: ResourceServer): Answer => ({
      status: 201,
      headers: { ETag: resourceServerETag(made), Location: `${ctx.path}/${made.id}` },
      body: { data: presentResourceServer(made) },
    })
    const answered = await idempotency.once(
      keyedRequest(ctx, 'resource_servers.create', body),
      async remember =>
        answerOf(
          await servers.create(owner, actorOf(ctx), body, (em, made) =>
            remember(em, answerOf(made), made.id),
          ),
        ),
    )
    sendAnswer(ctx, answered)
  })

  router.get(PATH, authorize('resource_servers.list'), async ctx => {
    const found = await servers.list(projectOf(ctx), parseQuery(listByTime, ctx.query))
    ctx.body = { data: found.items.map(presentResourceServer), meta: presentPage(found) }
  })

  router.get(`${PATH}/:id`, authorize('resource_servers.read'), async ctx => {
    const server = await servers.get(projectOf(ctx), idOf(ctx))
    answer(ctx, server)
    if (ifNoneMatchKnows(ctx.get('if-none-match'), resourceServerETag(server))) ctx.status = 304
  })

  router.put(`${PATH}/:id`, authorize('resource_servers.update'), async ctx => {
    const body = await readJson(ctx)
    answer(ctx, await servers.update(projectOf(ctx), actorOf(ctx), idOf(ctx), body, ctx.get('if-match')))
  })

  router.delete(`${PATH}/:id`, authorize('resource_servers.delete'), async ctx => {
    await servers.delete(projectOf(ctx), actorOf(ctx), idOf(ctx), ctx.get('if-match'))
    ctx.status = 204
  })

  router.post(`${PATH}/:id/verify`, authorize('resource_servers.verify'), async ctx => {
    answer(ctx, await servers.verify(projectOf(ctx), actorOf(ctx), idOf(ctx)))
  })
}

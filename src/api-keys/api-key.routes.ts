import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { ORGANIZATION_PATH, PROJECT_PATH } from '../access/paths.ts'
import { organizationOf, projectOf } from '../access/place.ts'
import type { AccessContext, AccessState } from '../access/principal.ts'
import { readJson } from '../http/body.ts'
import { uuidParameter } from '../http/ids.ts'
import { listByTime, presentPage } from '../http/pagination.ts'
import { parseQuery } from '../http/validate.ts'
import type { Answer, Idempotency } from '../idempotency/idempotency.service.ts'
import { keyedRequest, sendAnswer } from '../idempotency/keyed-request.ts'
import { apiKeyETag, presentApiKey } from './api-key.presenter.ts'
import type { ApiKeyService, KeyActing, MadeApiKey } from './api-key.service.ts'
import type { KeyOwner } from './api-key.store.ts'

/** The API keys of projects, and those of organizations. */
export function apiKeyRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  apiKeys: ApiKeyService,
  idempotency: Idempotency,
): void {
  const ofProject = (ctx: AccessContext) => ({ projectId: projectOf(ctx) })
  const ofOrganization = (ctx: AccessContext) => ({ organizationId: organizationOf(ctx) })
  routesOf('api_keys', PROJECT_PATH, ofProject)
  routesOf('organization_api_keys', ORGANIZATION_PATH, ofOrganization)

  function routesOf(
    name: 'api_keys' | 'organization_api_keys',
    base: string,
    ownerOf: (ctx: AccessContext) => KeyOwner,
  ): void {
    const path = `${base}/api_keys`

    router.post(path, authorize(`${name}.create`), async ctx => {
      const body = (await readJson(ctx)) ?? {}
      const answered = await idempotency.once(keyedRequest(ctx, `${name}.create`, body), async remember =>
        newKeyAnswer(
          ctx,
          await apiKeys.create(ownerOf(ctx), acting(ctx), body, (em, made) =>
            remember(em, newKeyAnswer(ctx, made), made.apiKey.id),
          ),
        ),
      )
      sendAnswer(ctx, answered)
    })

    router.get(path, authorize(`${name}.list`), async ctx => {
      const found = await apiKeys.list(ownerOf(ctx), parseQuery(listByTime, ctx.query))
      ctx.body = { data: found.items.map(presentApiKey), meta: presentPage(found) }
    })

    router.get(`${path}/:id`, authorize(`${name}.read`), async ctx => {
      const apiKey = await apiKeys.get(ownerOf(ctx), uuidParameter(ctx.params.id))
      ctx.set('ETag', apiKeyETag(apiKey))
      ctx.body = { data: presentApiKey(apiKey) }
    })

    router.put(`${path}/:id`, authorize(`${name}.update`), async ctx => {
      const id = uuidParameter(ctx.params.id)
      const body = await readJson(ctx)
      const apiKey = await apiKeys.update(ownerOf(ctx), acting(ctx), id, body, ctx.get('if-match'))
      ctx.set('ETag', apiKeyETag(apiKey))
      ctx.body = { data: presentApiKey(apiKey) }
    })

    router.delete(`${path}/:id`, authorize(`${name}.delete`), async ctx => {
      await apiKeys.delete(ownerOf(ctx), actorOf(ctx), uuidParameter(ctx.params.id), ctx.get('if-match'))
      ctx.status = 204
    })
  }
}

function acting(ctx: AccessContext): KeyActing {
  return { principal: ctx.state.principal, actor: actorOf(ctx) }
}

/** The one answer that has the key itself. */
function newKeyAnswer(ctx: AccessContext, { apiKey, secretKey }: MadeApiKey): Answer {
  const { id, type, attributes } = presentApiKey(apiKey)
  return {
    status: 201,
    headers: { 'Cache-Control': 'no-store', Location: `${ctx.path}/${apiKey.id}`, ETag: apiKeyETag(apiKey) },
    body: { data: { id, type, attributes: { ...attributes, key: secretKey } }, meta: { secretKey } },
  }
}

import type Router from '@koa/router'
import { actorOf } from '../access/actor.ts'
import type { Authorize } from '../access/authorize.ts'
import { projectOf } from '../access/place.ts'
import type { AccessState } from '../access/principal.ts'
import { readJson } from '../http/body.ts'
import { uuidParameter } from '../http/ids.ts'
import { listByTime, presentPage } from '../http/pagination.ts'
import { parseQuery } from '../http/validate.ts'
import type { Answer, Idempotency } from '../idempotency/idempotency.service.ts'
import { keyedRequest, sendAnswer } from '../idempotency/keyed-request.ts'
import { PROJECT_PATH } from '../organizations/organization.schema.ts'
import { presentApiKey } from './api-key.presenter.ts'
import type { ApiKeyService, MadeApiKey } from './api-key.service.ts'

const PATH = `${PROJECT_PATH}/api_keys`

/** A project's API keys. */
export function apiKeyRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  apiKeys: ApiKeyService,
  idempotency: Idempotency,
): void {
  router.post(PATH, authorize('api_keys.create'), async ctx => {
    const body = (await readJson(ctx)) ?? {}
    const answerOf = ({ apiKey, secretKey }: MadeApiKey): Answer => ({
      status: 201,
      headers: { 'Cache-Control': 'no-store', Location: `${ctx.path}/${apiKey.id}` },
      body: { data: presentApiKey(apiKey), meta: { secretKey } },
    })
    const answered = await idempotency.once(keyedRequest(ctx, 'api_keys.create', body), async remember =>
      answerOf(
        await apiKeys.create(projectOf(ctx), actorOf(ctx), body, (em, made) =>
          remember(em, answerOf(made), made.apiKey.id),
        ),
      ),
    )
    sendAnswer(ctx, answered)
  })

  router.get(PATH, authorize('api_keys.list'), async ctx => {
    const found = await apiKeys.list(projectOf(ctx), parseQuery(listByTime, ctx.query))
    ctx.body = { data: found.items.map(presentApiKey), meta: presentPage(found) }
  })

  router.delete(`${PATH}/:id`, authorize('api_keys.delete'), async ctx => {
    await apiKeys.delete(projectOf(ctx), actorOf(ctx), uuidParameter(ctx.params.id))
    ctx.status = 204
  })
}

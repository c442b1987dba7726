import type Router from '@koa/router'
import type { Authorize } from '../access/authorize.ts'
import { projectOf } from '../access/place.ts'
import type { AccessState } from '../access/principal.ts'
import { readJson } from '../http/body.ts'
import { uuidParameter } from '../http/ids.ts'
import { pageOfAll, presentPage, shortList } from '../http/pagination.ts'
import { parseBody, parseQuery } from '../http/validate.ts'
import type { Answer, Idempotency } from '../idempotency/idempotency.service.ts'
import { keyedRequest, sendAnswer } from '../idempotency/keyed-request.ts'
import type { Clock } from '../platform/clock.ts'
import { presentSecrets } from './pass.presenter.ts'
import { acting, answerOnce, idOf, PATH } from './pass.routes.ts'
import { endOfSecret, rotation } from './pass.schema.ts'
import type { IssuedPass } from './pass.service.ts'
import type { LiveSecret, SecretResource } from './pass-answer.schema.ts'
import type { PassSecretService } from './pass-secret.service.ts'

/** The secrets of a pass: a new one, the live ones without their values, and the end of one. */
export function passSecretRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  secrets: PassSecretService,
  idempotency: Idempotency,
  clock: Clock,
): void {
  router.post(`${PATH}/:id/rotate_key`, authorize('passes.rotate'), async ctx => {
    const asked = parseBody(rotation, (await readJson(ctx)) ?? {})
    const { pass } = await secrets.of(projectOf(ctx), idOf(ctx))
    const answerOf = (issued: IssuedPass): Answer =>
      answerOnce(issued, issued.view.pass.lastRotatedAt?.getTime() ?? clock.now())
    // The key stands for the rotation of this pass, by whichever of its names.
    const request = keyedRequest(ctx, 'passes.rotate', { id: pass.id, ...asked })
    const answered = await idempotency.once(request, async remember =>
      answerOf(
        await secrets.rotate(acting(ctx), pass.id, asked, ctx.get('if-match'), (em, issued) =>
          remember(em, answerOf(issued), pass.id),
        ),
      ),
    )
    sendAnswer(ctx, answered)
  })

  router.get(`${PATH}/:id/secrets`, authorize('pass_secrets.list'), async ctx => {
    const query = parseQuery(shortList, ctx.query)
    const live = presentSecrets(await secrets.of(projectOf(ctx), idOf(ctx)), clock.now())
    const found = pageOfAll(query, live)
    ctx.body = { data: found.items.map(presentSecret), meta: presentPage(found) }
  })

  router.delete(`${PATH}/:id/secrets/:secretId`, authorize('pass_secrets.delete'), async ctx => {
    const { secretId }: { secretId?: string } = ctx.params
    const { revoke_tokens: revokeTokens } = parseQuery(endOfSecret, ctx.query)
    await secrets.end(acting(ctx), idOf(ctx), uuidParameter(secretId), revokeTokens)
    ctx.status = 204
  })
}

function presentSecret({ id, ...attributes }: LiveSecret): SecretResource {
  return { id, type: 'pass_secret', attributes }
}

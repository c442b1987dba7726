import { hash, timingSafeEqual } from 'node:crypto'
import type Router from '@koa/router'
import type { RequestState } from '../http/context.ts'
import { Problem } from '../http/problems.ts'
import type { ServerMetrics } from '../platform/metrics.ts'
import { within } from '../platform/redis.ts'
import type { ReadinessChecks } from './readiness.store.ts'

/** Whoever asks whether the server is ready is not left waiting for what does not answer at all. */
const ANSWERS_WITHIN_MS = 2_000

/** `/health` (the process is alive) and `/ready` (it can do its work). */
export function healthRoutes(router: Router<RequestState>, checks: ReadinessChecks): void {
  router.get('/health', async ctx => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { status: 'ok' }
  })

  router.get('/ready', async ctx => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        try {
          await within(ANSWERS_WITHIN_MS, check())
          return [name, 'ok'] as const
        } catch {
          return [name, 'failed'] as const
        }
      }),
    )
    const ready = results.every(([, result]) => result === 'ok')
    ctx.set('Cache-Control', 'no-store')
    ctx.status = ready ? 200 : 503
    ctx.body = { status: ready ? 'ready' : 'not_ready', checks: Object.fromEntries(results) }
  })
}

/** Whether the public port shows the metrics: with a token it does, to whoever shows that. */
export type MetricsAccess =
  | { readonly open: true }
  | { readonly open: false; readonly token: string | undefined }

/** `/metrics` in Prometheus' text format. */
export function metricsRoutes(
  router: Router<RequestState>,
  metrics: ServerMetrics,
  access: MetricsAccess,
): void {
  router.get('/metrics', async ctx => {
    if (!access.open && !showsToken(ctx.get('authorization'), access.token))
      throw new Problem(
        'unauthenticated',
        'The metrics are served here to Authorization: Bearer with METRICS_TOKEN, or openly on METRICS_PORT.',
        undefined,
        { presented: ctx.get('authorization') !== '' },
      )
    ctx.set('Cache-Control', 'no-store')
    ctx.type = metrics.registry.contentType
    ctx.body = await metrics.text()
  })
}

function showsToken(authorization: string, token: string | undefined): boolean {
  if (token === undefined) return false
  const digest = (value: string) => hash('sha256', value, 'buffer')
  return timingSafeEqual(digest(authorization), digest(`Bearer ${token}`))
}

import type Router from '@koa/router'
import type { Authorize } from '../access/authorize.ts'
import type { AccessState } from '../access/principal.ts'
import { parseQuery } from '../http/validate.ts'
import type { Clock } from '../platform/clock.ts'
import { presentActivity } from './activity.presenter.ts'
import { exportQuery, logQuery, metricsQuery } from './activity.schema.ts'
import type { ActivityService } from './activity.service.ts'
import { exportFileName, exportStream } from './export.ts'
import type { MetricsService } from './metrics.service.ts'

const PATH = '/v1/api/oauth/agent/activity'
const METRICS_MAX_AGE_SECONDS = 30

/** What an agent did: rows, files and figures. */
export function activityRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  activity: ActivityService,
  metrics: MetricsService,
  clock: Clock,
): void {
  router.get(`${PATH}/logs`, authorize('activity.logs'), async ctx => {
    const query = parseQuery(logQuery, ctx.query)
    await activity.visibleAgent(ctx.state.principal, query.agent_user_id)
    const found = await activity.logs(query)
    ctx.body = {
      logs: found.logs.map(presentActivity),
      page: found.page,
      per_page: found.perPage,
      total: found.total,
      ...(found.totalCapped ? { total_capped: true } : {}),
      total_pages: Math.ceil(found.total / found.perPage),
      next_cursor: found.nextCursor,
    }
  })

  router.get(`${PATH}/export`, authorize('activity.export'), async ctx => {
    const query = parseQuery(exportQuery, ctx.query)
    const agent = await activity.visibleAgent(ctx.state.principal, query.agent_user_id)
    const { stream, contentType } = exportStream(await activity.export(query), query.format)
    ctx.attachment(exportFileName(agent.passId, clock.date(), query.format))
    ctx.type = contentType
    ctx.set('Cache-Control', 'no-store')
    ctx.body = stream
  })

  router.get(`${PATH}/metrics`, authorize('activity.metrics'), async ctx => {
    const query = parseQuery(metricsQuery, ctx.query)
    await activity.visibleAgent(ctx.state.principal, query.agent_user_id)
    ctx.set('Cache-Control', `private, max-age=${METRICS_MAX_AGE_SECONDS}`)
    ctx.body = await metrics.metrics(query)
  })
}

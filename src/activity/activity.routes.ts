import type Router from '@koa/router'
import type { Authorize } from '../access/authorize.ts'
import { PROJECT_PATH } from '../access/paths.ts'
import { projectOf } from '../access/place.ts'
import type { AccessContext, AccessState } from '../access/principal.ts'
import { sendExport } from '../http/exports.ts'
import type { ReadGate } from '../http/read-gate.ts'
import { parseQuery } from '../http/validate.ts'
import type { Clock } from '../platform/clock.ts'
import { ACTIVITY_EXPORT, type PresentedActivity, presentActivity } from './activity.presenter.ts'
import {
  type AgentNames,
  type ExportQuery,
  exportQuery,
  type LogQuery,
  logQuery,
  type MetricsQuery,
  metricsQuery,
  projectExportQuery,
  projectLogQuery,
  projectMetricsQuery,
  rankedPassesQuery,
} from './activity.schema.ts'
import type { ActivityService } from './activity.service.ts'
import type { ActivityRow } from './activity.store.ts'
import type { MetricsService } from './metrics.service.ts'
import { rankPasses } from './ranked-passes.ts'

const PATH = '/v1/api/oauth/agent/activity'
const PROJECT = `${PROJECT_PATH}/activity`
const METRICS_MAX_AGE_SECONDS = 30

/** What an agent did, or all those of a project: rows, files and figures. */
export function activityRoutes(
  router: Router<AccessState>,
  authorize: Authorize,
  activity: ActivityService,
  metrics: MetricsService,
  reads: ReadGate,
  clock: Clock,
): void {
  const visible = (ctx: AccessContext, query: AgentNames) => activity.visibleAgent(ctx.state.principal, query)
  const agentsOfProject = async (ctx: AccessContext, query: Pick<AgentNames, 'pass_id'>): Promise<string[]> =>
    (await activity.passes(projectOf(ctx), query.pass_id)).map(pass => pass.agentUserId)

  const answerLogs = async (ctx: AccessContext, agents: readonly string[], query: LogQuery) => {
    const found = await reads.read(() => activity.logs(agents, query))
    ctx.body = {
      logs: found.logs.map(presentActivity),
      page: found.page,
      per_page: found.perPage,
      total: found.total,
      ...(found.totalCapped ? { total_capped: true } : {}),
      total_pages: Math.ceil(found.total / found.perPage),
      next_cursor: found.nextCursor,
    }
  }
  const answerExport = async (
    ctx: AccessContext,
    agents: readonly string[],
    of: string,
    query: ExportQuery,
  ) => {
    const chunks = await reads.read(() => activity.export(agents, query))
    const rows = presented(reads.parts(chunks))
    const file = { name: `sentinel-pass-activity-${of}`, at: clock.date() }
    sendExport(ctx, rows, ACTIVITY_EXPORT, query, file)
  }
  const answerMetrics = async (ctx: AccessContext, agents: readonly string[], query: MetricsQuery) => {
    ctx.body = await reads.read(() => metrics.metrics(agents, query))
    ctx.set('Cache-Control', `private, max-age=${METRICS_MAX_AGE_SECONDS}`)
  }

  router.get(`${PATH}/logs`, authorize('activity.logs'), async ctx => {
    const query = parseQuery(logQuery, ctx.query)
    const { agentUserId } = await visible(ctx, query)
    await answerLogs(ctx, [agentUserId], query)
  })

  router.get(`${PATH}/export`, authorize('activity.export'), async ctx => {
    const query = parseQuery(exportQuery, ctx.query)
    const { agentUserId, passId } = await visible(ctx, query)
    await answerExport(ctx, [agentUserId], passId, query)
  })

  router.get(`${PATH}/metrics`, authorize('activity.metrics'), async ctx => {
    const query = parseQuery(metricsQuery, ctx.query)
    const { agentUserId } = await visible(ctx, query)
    await answerMetrics(ctx, [agentUserId], query)
  })

  router.get(`${PROJECT}/logs`, authorize('project_activity.logs'), async ctx => {
    const query = parseQuery(projectLogQuery, ctx.query)
    await answerLogs(ctx, await agentsOfProject(ctx, query), query)
  })

  router.get(`${PROJECT}/export`, authorize('project_activity.export'), async ctx => {
    const query = parseQuery(projectExportQuery, ctx.query)
    await answerExport(ctx, await agentsOfProject(ctx, query), 'project', query)
  })

  router.get(`${PROJECT}/metrics`, authorize('project_activity.metrics'), async ctx => {
    const query = parseQuery(projectMetricsQuery, ctx.query)
    await answerMetrics(ctx, await agentsOfProject(ctx, query), query)
  })

  router.get(`${PROJECT}/passes`, authorize('project_activity.passes'), async ctx => {
    const query = parseQuery(rankedPassesQuery, ctx.query)
    const passes = await activity.passes(projectOf(ctx))
    const agents = passes.map(pass => pass.agentUserId)
    const { range, figures } = await reads.read(() => metrics.byAgent(agents, query))
    ctx.set('Cache-Control', `private, max-age=${METRICS_MAX_AGE_SECONDS}`)
    ctx.body = {
      passes: rankPasses(passes, figures, query),
      start_date: range.start.toISOString(),
      end_date: range.end.toISOString(),
      sort_by: query.sort_by,
    }
  })
}

async function* presented(chunks: AsyncIterable<ActivityRow[]>): AsyncGenerator<PresentedActivity[]> {
  for await (const rows of chunks) yield rows.map(presentActivity)
}

import { z } from 'zod'
import { describeRoutes } from '../http/operation.ts'
import { exportQuery, logQuery, metricsQuery } from './activity.schema.ts'
import { activityLog, activityMetrics, activityRow } from './activity-answer.schema.ts'

const PATH = '/v1/api/oauth/agent/activity'
const common = { method: 'get', tag: 'Activity', access: 'principal' } as const

/** The routes of the activity of agents. */
export const activityOperations = describeRoutes({
  'activity.logs': {
    ...common,
    path: `${PATH}/logs`,
    summary: 'What an agent did, a page of rows',
    query: logQuery,
    answers: { 200: { description: 'A page of rows', schema: activityLog } },
  },
  'activity.export': {
    ...common,
    path: `${PATH}/export`,
    summary: 'The same rows as a file, up to 10,000',
    query: exportQuery,
    answers: {
      200: {
        description: 'The file',
        content: {
          'application/json': z.array(activityRow),
          'application/jsonl': z.string(),
          'text/csv': z.string(),
        },
        headers: ['Content-Disposition', 'Cache-Control'],
      },
    },
    problems: ['too_many_rows'],
  },
  'activity.metrics': {
    ...common,
    path: `${PATH}/metrics`,
    summary: 'Six figures by hour, day or week, and for the whole range',
    query: metricsQuery,
    answers: { 200: { description: 'The figures', schema: activityMetrics, headers: ['Cache-Control'] } },
  },
})

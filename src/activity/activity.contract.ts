import { PROJECT_PATH } from '../access/paths.ts'
import { exportContent } from '../http/exports.ts'
import { describeRoutes, type Operation } from '../http/operation.ts'
import {
  exportQuery,
  logQuery,
  metricsQuery,
  projectExportQuery,
  projectLogQuery,
  projectMetricsQuery,
  rankedPassesQuery,
} from './activity.schema.ts'
import { activityLog, activityMetrics, activityRow, rankedPasses } from './activity-answer.schema.ts'

const PATH = '/v1/api/oauth/agent/activity'
const PROJECT = `${PROJECT_PATH}/activity`
const common = {
  method: 'get',
  tag: 'Activity',
  access: 'principal',
  problems: ['read_too_long'],
} as const

const logAnswers = { 200: { description: 'A page of rows', schema: activityLog } }
const exportAnswers = {
  200: {
    description: 'The file',
    content: exportContent(activityRow),
    headers: ['Content-Disposition', 'Cache-Control'],
  },
} satisfies Operation['answers']
const metricsAnswers = {
  200: { description: 'The figures', schema: activityMetrics, headers: ['Cache-Control'] },
} satisfies Operation['answers']

/** The routes of the activity of agents. */
export const activityOperations = describeRoutes({
  'activity.logs': {
    ...common,
    path: `${PATH}/logs`,
    summary: 'What an agent did, a page of rows',
    query: logQuery,
    answers: logAnswers,
  },
  'activity.export': {
    ...common,
    path: `${PATH}/export`,
    summary: 'The same rows as a file, up to 10,000',
    query: exportQuery,
    answers: exportAnswers,
    problems: ['too_many_rows', 'read_too_long'],
  },
  'activity.metrics': {
    ...common,
    path: `${PATH}/metrics`,
    summary: 'Six figures by hour, day or week, and for the whole range',
    description:
      'Exact for all that is older than a second; of what this server itself recorded, for all that was answered before. What a server that was killed had not added up yet is there within half a minute.',
    query: metricsQuery,
    answers: metricsAnswers,
  },
  'project_activity.logs': {
    ...common,
    path: `${PROJECT}/logs`,
    summary: 'What all agents of a project did, those of deleted passes too, a page of rows',
    query: projectLogQuery,
    answers: logAnswers,
  },
  'project_activity.export': {
    ...common,
    path: `${PROJECT}/export`,
    summary: 'The same rows of a project as a file, up to 10,000',
    query: projectExportQuery,
    answers: exportAnswers,
    problems: ['too_many_rows', 'read_too_long'],
  },
  'project_activity.metrics': {
    ...common,
    path: `${PROJECT}/metrics`,
    summary: 'The six figures of a project by hour, day or week, and for the whole range',
    query: projectMetricsQuery,
    answers: metricsAnswers,
  },
  'project_activity.passes': {
    ...common,
    path: `${PROJECT}/passes`,
    summary: 'The six figures of each pass that did something, the highest by one of them first',
    query: rankedPassesQuery,
    answers: {
      200: { description: 'The passes', schema: rankedPasses, headers: ['Cache-Control'] },
    },
  },
})

import { z } from 'zod'
import { describeRoutes } from '../http/operation.ts'

const common = { method: 'get', tag: 'Operations' } as const
const checked = z.enum(['ok', 'failed'])

function readiness(status: 'ready' | 'not_ready') {
  return z.object({ status: z.literal(status), checks: z.record(z.string(), checked) })
}

/** The routes for who operates the server. */
export const operationsOperations = describeRoutes({
  'operations.health': {
    ...common,
    path: '/health',
    access: 'anybody',
    summary: 'Whether the process is alive',
    answers: {
      200: {
        description: 'It is',
        schema: z.object({ status: z.literal('ok') }),
        headers: ['Cache-Control'],
      },
    },
  },
  'operations.ready': {
    ...common,
    path: '/ready',
    access: 'anybody',
    summary: 'Whether the server can do its work',
    answers: {
      200: { description: 'It can', schema: readiness('ready'), headers: ['Cache-Control'] },
      503: { description: 'It cannot', schema: readiness('not_ready'), headers: ['Cache-Control'] },
    },
  },
  'operations.metrics': {
    ...common,
    path: '/metrics',
    access: 'metrics_token',
    summary: 'Metrics of the server in the text format of Prometheus',
    answers: {
      200: { description: 'The metrics', content: { 'text/plain': z.string() }, headers: ['Cache-Control'] },
    },
    // With METRICS_PORT they are served there.
    problems: ['not_found'],
  },
})

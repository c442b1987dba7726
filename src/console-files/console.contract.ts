import { z } from 'zod'
import { describeRoutes, KNOWN } from '../http/operation.ts'

const common = { method: 'get', tag: 'Console', access: 'anybody' } as const
const page = {
  description: 'The page, which finds by its address what to show',
  content: { 'text/html': z.string() },
  headers: ['Cache-Control', 'ETag'],
} as const

/** The routes that serve the web console, which uses this API like anybody else. */
export const consoleOperations = describeRoutes({
  'console.root': {
    ...common,
    path: '/',
    summary: 'To the console',
    answers: {
      302: {
        description: 'To `/console`',
        content: { 'text/html': z.string(), 'text/plain': z.string() },
        headers: ['Location'],
      },
    },
  },
  'console.page': {
    ...common,
    path: '/console',
    summary: 'The web console',
    headers: ['If-None-Match'],
    answers: { 200: page, 304: KNOWN },
    problems: ['not_found'],
  },
  'console.file': {
    ...common,
    path: '/console/*path',
    parameters: {
      path: { description: 'A page of the console, or a file of it; with slashes', schema: z.string() },
    },
    summary: 'A page of the console, or a file that it is made of',
    headers: ['If-None-Match'],
    answers: {
      200: {
        ...page,
        description: 'The page or the file',
        content: {
          'text/html': z.string(),
          'text/javascript': z.string(),
          'text/css': z.string(),
          'image/svg+xml': z.string(),
          'font/woff2': z.string(),
        },
      },
      304: KNOWN,
    },
    problems: ['not_found'],
  },
})

import { z } from 'zod'
import { describeRoutes, KNOWN } from '../http/operation.ts'

const common = { method: 'get', tag: 'Reference', access: 'anybody', headers: ['If-None-Match'] } as const

/** The routes of the reference itself. */
export const referenceOperations = describeRoutes({
  'reference.document': {
    ...common,
    path: '/openapi.json',
    summary: 'This document',
    answers: {
      200: {
        description: 'OpenAPI 3.1',
        schema: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
        headers: ['Cache-Control', 'ETag', 'Access-Control-Allow-Origin'],
      },
      304: KNOWN,
    },
  },
  'reference.page': {
    ...common,
    path: '/docs',
    summary: 'This document as a page to browse',
    answers: {
      200: {
        description: 'The page',
        content: { 'text/html': z.string() },
        headers: ['Cache-Control', 'ETag'],
      },
      304: KNOWN,
    },
  },
  'reference.file': {
    ...common,
    path: '/docs/:file',
    parameters: { file: { description: 'A file of the page', schema: z.string() } },
    summary: 'What the page is made of',
    answers: {
      200: {
        description: 'The file',
        content: { 'text/javascript': z.string(), 'text/css': z.string(), 'image/png': z.string() },
        headers: ['Cache-Control', 'ETag'],
      },
      304: KNOWN,
    },
    problems: ['not_found'],
  },
})

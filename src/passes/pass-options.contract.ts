import { PROJECT_PATH } from '../access/paths.ts'
import { describeRoutes } from '../http/operation.ts'
import { passOptionsAnswer } from './pass-options.schema.ts'

/** The route of what a pass can be. */
export const passOptionsOperations = describeRoutes({
  'pass_options.read': {
    method: 'get',
    path: '/v1/api/pass_options',
    tag: 'Sentinel Passes',
    access: 'principal',
    summary:
      'What a pass can be: access levels with their limits, types, and the scopes that have a description',
    answers: { 200: { description: 'The options', schema: passOptionsAnswer } },
  },
  'pass_options.of_project': {
    method: 'get',
    path: `${PROJECT_PATH}/pass_options`,
    tag: 'Sentinel Passes',
    access: 'principal',
    summary: 'What a pass of this project can be: the same, and the resources that it may name',
    answers: { 200: { description: 'The options', schema: passOptionsAnswer } },
  },
})

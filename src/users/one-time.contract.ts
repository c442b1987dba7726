import { describeRoutes } from '../http/operation.ts'
import { acceptance, passwordRedemption } from './user.schema.ts'
import { memberAnswer } from './user-answer.schema.ts'

const common = { method: 'post', tag: 'Members and invitations', access: 'anybody' } as const

/** The routes that the secret of a one-time link opens. */
export const oneTimeOperations = describeRoutes({
  'invitations.accept': {
    ...common,
    path: '/v1/api/invitations/accept',
    summary: 'Join an organization by the secret of an invitation',
    description:
      'Somebody new sends `name` and a password of their choice, who has an account its password, with `code` where one-time codes are set up, and no name. Which faults are told depends on what is sent, not on whether there is an account. An organization that was not made by the owners of the server has only people with an account join.',
    body: { schema: acceptance, required: true },
    answers: { 200: { description: 'The member', schema: memberAnswer, headers: ['Cache-Control'] } },
    problems: ['not_found', 'password_refused', 'sign_in_slowed', 'already_member', 'rate_limited'],
  },
  'password_resets.redeem': {
    ...common,
    path: '/v1/api/password_resets/redeem',
    summary: 'Set a new password by the secret of a reset link; every session and token of the user ends',
    body: { schema: passwordRedemption, required: true },
    answers: { 204: { description: 'It is set' } },
    problems: ['not_found', 'rate_limited'],
  },
})

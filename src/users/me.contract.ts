import { auditQuery, auditResource } from '../audit/audit.schema.ts'
import { describeRoutes, pageOf } from '../http/operation.ts'
import { shortList } from '../http/pagination.ts'
import {
  accountDeletion,
  accountUpdate,
  passwordChange,
  totpCode,
  totpEnrolment,
  totpRemoval,
} from './user.schema.ts'
import {
  accountAnswer,
  memberAnswer,
  sessionList,
  totpAnswer,
  waitingInvitationList,
} from './user-answer.schema.ts'

const PATH = '/v1/api/me'
const common = { tag: 'Own account', access: 'principal' } as const

/** The routes of a signed-in user’s own account. */
export const meOperations = describeRoutes({
  'me.read': {
    ...common,
    method: 'get',
    path: PATH,
    summary: 'Who is signed in, and in which organizations as what',
    answers: { 200: { description: 'The account', schema: accountAnswer, headers: ['Cache-Control'] } },
  },
  'me.update': {
    ...common,
    method: 'put',
    path: PATH,
    summary: 'Change the name',
    body: { schema: accountUpdate, required: true },
    answers: { 200: { description: 'The account', schema: accountAnswer, headers: ['Cache-Control'] } },
  },
  'me.delete': {
    ...common,
    method: 'delete',
    path: PATH,
    summary: 'Delete the account; refused to the only owner of an organization, with `organizations`',
    body: { schema: accountDeletion, required: true },
    answers: { 204: { description: 'It is gone, with every session and token of the user' } },
    problems: ['password_refused', 'sign_in_slowed', 'last_owner'],
  },
  'me.account_events': {
    ...common,
    method: 'get',
    path: `${PATH}/account_events`,
    summary: 'What happened to the account, newest first: sign-ins, and how one signs in',
    query: auditQuery,
    answers: {
      200: { description: 'A page of events', schema: pageOf(auditResource), headers: ['Cache-Control'] },
    },
    problems: ['read_too_long'],
  },
  'me.invitations': {
    ...common,
    method: 'get',
    path: `${PATH}/invitations`,
    summary: 'The invitations that wait for the yes of the user',
    query: shortList,
    description:
      'Those to their address. Where only an organization’s invitation says that the address is theirs, those of that organization and of people whom they are in one with; others are accepted by their link.',
    answers: {
      200: { description: 'The invitations', schema: waitingInvitationList, headers: ['Cache-Control'] },
    },
  },
  'me.accept_invitation': {
    ...common,
    method: 'post',
    path: `${PATH}/invitations/:id/accept`,
    summary: 'Join the organization of an invitation',
    answers: { 200: { description: 'The member', schema: memberAnswer, headers: ['Cache-Control'] } },
  },
  'me.decline_invitation': {
    ...common,
    method: 'delete',
    path: `${PATH}/invitations/:id`,
    summary: 'Decline an invitation; the organization is not told',
    answers: { 204: { description: 'It waits no more' } },
  },
  'me.change_password': {
    ...common,
    method: 'put',
    path: `${PATH}/password`,
    summary: 'Set a new password; every session and token of the user ends',
    body: { schema: passwordChange, required: true },
    answers: { 204: { description: 'It is set' } },
    problems: ['password_refused', 'sign_in_slowed'],
  },
  'me.sign_out_everywhere': {
    ...common,
    method: 'post',
    path: `${PATH}/sign_out_everywhere`,
    summary: 'End every session and token of the user',
    answers: { 204: { description: 'They have ended' } },
  },
  'me.sessions': {
    ...common,
    method: 'get',
    path: `${PATH}/sessions`,
    summary: 'The browsers that the user is signed in with, that used last first',
    query: shortList,
    answers: { 200: { description: 'The sessions', schema: sessionList } },
  },
  'me.end_session': {
    ...common,
    method: 'delete',
    path: `${PATH}/sessions/:id`,
    summary: 'End a session of the user; its tokens end with it',
    answers: { 204: { description: 'It has ended' } },
  },
  'me.enrol_totp': {
    ...common,
    method: 'post',
    path: `${PATH}/totp`,
    summary:
      'Make a secret for one-time codes (RFC 6238); it counts once a code of it is confirmed, within ten minutes',
    body: { schema: totpEnrolment, required: true },
    answers: {
      201: { description: 'The secret, once', schema: totpAnswer, headers: ['Cache-Control'] },
    },
    problems: ['totp_enrolled', 'password_refused', 'sign_in_slowed'],
  },
  'me.confirm_totp': {
    ...common,
    method: 'post',
    path: `${PATH}/totp/confirm`,
    summary:
      'Confirm the secret with a code of it: from then on signing in needs one, and other sessions have ended',
    body: { schema: totpCode, required: true },
    answers: { 204: { description: 'One-time codes are set up' } },
  },
  'me.remove_totp': {
    ...common,
    method: 'post',
    path: `${PATH}/totp/disable`,
    summary: 'Sign in without one-time codes again',
    body: { schema: totpRemoval, required: true },
    answers: { 204: { description: 'They are asked for no more' } },
    problems: ['password_refused', 'sign_in_slowed'],
  },
})

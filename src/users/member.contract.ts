import { ORGANIZATION_PATH } from '../access/paths.ts'
import { auditQuery, auditResource } from '../audit/audit.schema.ts'
import { describeRoutes, pageOf } from '../http/operation.ts'
import { listByName, listByTime } from '../http/pagination.ts'
import { memberUpdate, newInvitation, passwordReset } from './user.schema.ts'
import {
  invitationList,
  memberAnswer,
  memberList,
  newInvitationAnswer,
  passwordResetAnswer,
} from './user-answer.schema.ts'

const MEMBERS = `${ORGANIZATION_PATH}/members`
const INVITATIONS = `${ORGANIZATION_PATH}/invitations`
const common = { tag: 'Members and invitations', access: 'principal' } as const
const gone = { 204: { description: 'It is gone' } } as const

const inviting = {
  body: { schema: newInvitation, required: true },
  answers: {
    201: {
      description: 'The invitation, and its link, once',
      schema: newInvitationAnswer,
      headers: ['Location', 'Cache-Control'],
    },
  },
  problems: ['already_member'],
} as const

/** The routes of members and invitations. */
export const memberOperations = describeRoutes({
  'members.list': {
    ...common,
    method: 'get',
    path: MEMBERS,
    summary: 'The members of an organization, by email',
    query: listByName,
    answers: { 200: { description: 'The members', schema: memberList } },
  },
  'members.create': {
    ...common,
    method: 'post',
    path: MEMBERS,
    summary: 'Invite somebody to become a member: the same as making an invitation',
    description:
      'Nobody is made a member by somebody else, nor does the answer tell whether there is an account.',
    ...inviting,
  },
  'members.update': {
    ...common,
    method: 'put',
    path: `${MEMBERS}/:id`,
    summary: 'Give a member another role',
    body: { schema: memberUpdate, required: true },
    answers: { 200: { description: 'The member', schema: memberAnswer } },
    problems: ['last_owner'],
  },
  'members.delete': {
    ...common,
    method: 'delete',
    path: `${MEMBERS}/:id`,
    summary: 'Take a member out of the organization; their account stays',
    answers: gone,
    problems: ['last_owner'],
  },
  'members.leave': {
    ...common,
    method: 'delete',
    path: `${MEMBERS}/me`,
    summary: 'Leave the organization; its only owner names another one first, or deletes it',
    answers: gone,
    problems: ['last_owner'],
  },
  'members.account_events': {
    ...common,
    method: 'get',
    path: `${MEMBERS}/:id/account_events`,
    summary: 'What happened to the account of a member, newest first: sign-ins, and how they sign in',
    description:
      'For owners who may reset the password of the member: who own every organization that the member is in.',
    query: auditQuery,
    answers: { 200: { description: 'A page of events', schema: pageOf(auditResource) } },
    problems: ['read_too_long'],
  },
  'members.reset_password': {
    ...common,
    method: 'post',
    path: `${MEMBERS}/:id/password_reset`,
    summary: 'Make a link by which the member sets a new password; an earlier one stops',
    description: 'For owners of every organization that the member is in: it would open the others to them.',
    body: { schema: passwordReset, required: false },
    answers: {
      201: { description: 'The link, once', schema: passwordResetAnswer, headers: ['Cache-Control'] },
    },
  },
  'invitations.list': {
    ...common,
    method: 'get',
    path: INVITATIONS,
    summary: 'The invitations to an organization, newest first',
    query: listByTime,
    answers: { 200: { description: 'The invitations, without their links', schema: invitationList } },
  },
  'invitations.create': {
    ...common,
    method: 'post',
    path: INVITATIONS,
    summary: 'Invite somebody to an organization, by a link that is good once',
    description:
      'It waits for their yes: by the link, or, where they have an account, in the list of their own invitations. It takes the place of an earlier one to the same address.',
    ...inviting,
  },
  'invitations.delete': {
    ...common,
    method: 'delete',
    path: `${INVITATIONS}/:id`,
    summary: 'Withdraw an invitation: its link is good for nothing from then on',
    answers: gone,
  },
})
